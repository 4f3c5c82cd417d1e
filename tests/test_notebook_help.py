"""What a notebook and an editor tell of our names: documentation, and parameters by their real names."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from enum import Enum
from importlib import import_module
from typing import Any, Final

import pytest

from invite_sdk.services.capabilities import PARAMETERS
from tests.support.programs import run

PACKAGES: Final = ("invite_sdk", "invite_sdk.hub", "invite_sdk.roster", "invite_sdk.services", "invite_sdk.testing")
OURS: Final = ("invite_sdk", "invite_clients", "pytest_invite_sdk")
OF_PYDANTIC: Final = ("model_dump", "model_dump_json")
"""They take as it is whatever pydantic's take."""


def public(package: str) -> Iterator[tuple[str, Any]]:
    """The public classes and functions of a package, and what callers use of the classes."""
    module = import_module(package)
    for name in module.__all__:
        found: Any = getattr(module, name)
        if name.startswith("__") or not (inspect.isclass(found) or inspect.isfunction(found)):
            continue
        yield name, found
        if inspect.isclass(found):
            yield from ((f"{name}.{member}", one) for member, one in _members(found))


def _members(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    for name in dir(kind):
        home = next((base for base in kind.__mro__ if name in vars(base)), object)
        member = inspect.getattr_static(kind, name)
        is_ours = home.__module__.startswith(OURS) and not name.startswith("_")
        if is_ours and (isinstance(member, property) or callable(getattr(kind, name))):
            yield name, member if isinstance(member, property) else getattr(kind, name)


@pytest.mark.parametrize("package", PACKAGES)
def test_whatever_can_be_called_has_documentation_of_its_own(package: str) -> None:
    undocumented = [name for name, found in public(package) if not inspect.getdoc(found)]

    assert undocumented == []


@pytest.mark.parametrize("package", PACKAGES)
def test_whatever_can_be_called_names_its_parameters(package: str) -> None:
    """Options by keyword are those of a `TypedDict`, and names one by one are what they are called."""
    nameless: list[str] = []
    for name, found in public(package):
        # Neither a mapping, nor a protocol, nor a further member of an enum is made by calling it.
        kinds = {dict, Enum} & {*getattr(found, "__mro__", ())}
        is_made = not kinds and not getattr(found, "_is_protocol", False)
        if isinstance(found, property) or not is_made or name.endswith(OF_PYDANTIC):
            continue
        for one in inspect.signature(found).parameters.values():
            is_many = one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
            if one.name in ("args", "kwargs") or (is_many and one.annotation is one.empty):
                nameless.append(f"{name}: {one}")

    assert nameless == []


@pytest.mark.parametrize("kind", ["InviteClient", "AsyncInviteClient"])
@pytest.mark.parametrize("operation", PARAMETERS)
def test_an_operation_has_every_parameter_that_its_capabilities_tell_of(kind: str, operation: str) -> None:
    method = getattr(getattr(import_module("invite_sdk"), kind), operation)

    assert set(PARAMETERS[operation]) <= set(inspect.signature(method).parameters)


HELP: Final = """
    import json, sys, warnings
    # What IPython itself does with modules that are deprecated is not ours.
    warnings.simplefilter("ignore")
    from traitlets.config import Config
    from IPython.core.completer import provisionalcompleter
    from IPython.core.interactiveshell import InteractiveShell

    wanted = json.loads(sys.argv[1])
    settings = Config()
    settings.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=settings)
    shell.colors = "NoColor"
    shell.Completer.use_jedi = wanted["jedi"]
    shell.user_ns["sys"] = sys
    shell.run_cell(wanted["before"]).raise_error()

    def completed(text):
        with provisionalcompleter():
            return [one.text.lstrip(".") for one in shell.Completer.completions(text, len(text))]

    def shown(text):
        return shell.display_formatter.format(eval(text, shell.user_ns))[0]

    print(json.dumps({
        "completed": {text: completed(text) for text in wanted.get("complete", ())},
        "told": {name: shell.object_inspect_mime(name)["text/plain"] for name in wanted.get("inspect", ())},
        "shown": {text: shown(text) for text in wanted.get("show", ())},
    }))
"""
BEGIN: Final = "import invite_sdk"
CLIENT: Final = """
import invite_sdk
from invite_sdk.testing import FakeWaldur
fake = FakeWaldur()
client = invite_sdk.InviteClient(fake.connection(), transport=fake.transport())
asynchronous = invite_sdk.AsyncInviteClient(fake.connection(), transport=fake.transport())
hub = invite_sdk.Hub({"first": client, "second": client, "third": client})
one = invite_sdk.Hub({"first": client})
"""


@pytest.fixture
def notebook(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, dict[str, Any]]]:
    """A new IPython, which is asked to complete, to inspect and to show."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def asked(before: str, *, use_jedi: bool = True, **wanted: list[str]) -> dict[str, dict[str, Any]]:
        said = run(HELP, json.dumps({"before": before, "jedi": use_jedi, **wanted}))
        found: dict[str, dict[str, Any]] = json.loads(said.splitlines()[-1])
        return found

    return asked


Notebook = Callable[..., dict[str, dict[str, Any]]]
JEDI: Final = pytest.mark.parametrize("use_jedi", [True, False], ids=["jedi", "without jedi"])


@JEDI
@pytest.mark.tools
def test_names_that_are_not_loaded_yet_are_completed(notebook: Notebook, use_jedi: bool) -> None:
    texts = ["invite_sdk.InviteCl", "from invite_sdk import AsyncInviteCl", "invite_sdk.Rost", "invite_sdk.Wal"]

    found = notebook(BEGIN, use_jedi=use_jedi, complete=texts)["completed"]

    assert found == {
        "invite_sdk.InviteCl": ["InviteClient"],
        "from invite_sdk import AsyncInviteCl": ["AsyncInviteClient"],
        "invite_sdk.Rost": ["Roster", "RosterError"],
        "invite_sdk.Wal": ["Waldur"],
    }


KEYWORDS: Final = {
    "client.list(": ("status", "email", "role", "organization", "scope", "native_filters", "limit", "page_size"),
    "client.count(": ("status", "email", "role", "organization", "scope", "native_filters"),
    "asynchronous.list(": ("status", "email", "role", "organization", "scope", "native_filters", "limit", "page_size"),
    "client.create(": ("role", "organization", "scope", "name", "message", "extra"),
    "client.ensure(": ("role", "organization", "scope", "name", "message", "extra", "reinvite"),
    "client.with_options(": ("timeout", "deadline", "emulate", "resolve", "headers", "retry", "max_body", "hooks"),
    "hub.list(": ("status", "email", "role", "organization", "scope", "native_filters", "limit", "page_size"),
    "hub.count(": ("status", "email", "role", "organization", "scope", "native_filters"),
    "hub.offboard(": ("dry_run",),
    "invite_sdk.InviteClient(": ("timeout", "deadline", "retry", "hooks", "proxy", "transport", "http_client"),
    "invite_sdk.Waldur(": ("token", "bearer", "allow_http"),
    "invite_sdk.RetryPolicy(": ("attempts", "base", "cap", "budget"),
    "invite_sdk.Roster.from_csv(": ("encoding", "defaults"),
}


@JEDI
@pytest.mark.tools
def test_a_call_is_completed_with_the_keywords_that_it_takes(notebook: Notebook, use_jedi: bool) -> None:
    found = notebook(CLIENT, use_jedi=use_jedi, complete=list(KEYWORDS))["completed"]

    missing = {text: {f"{name}=" for name in KEYWORDS[text]} - set(found[text]) for text in KEYWORDS}
    assert {text: names for text, names in missing.items() if names} == {}


@JEDI
@pytest.mark.tools
def test_the_methods_of_a_client_are_completed_and_nothing_private_is(notebook: Notebook, use_jedi: bool) -> None:
    found = notebook(CLIENT, use_jedi=use_jedi, complete=["client.", "hub."])["completed"]

    assert set(found["client."]) >= {*PARAMETERS, "capabilities", "with_options", "close", "validate"}
    assert set(found["hub."]) >= {"find", "list", "count", "offboard", "clients"}
    assert [name for names in found.values() for name in names if name.startswith("_")] == []


@pytest.mark.tools
def test_what_a_call_returns_is_completed(notebook: Notebook) -> None:
    texts = ["client.list().al", "client.list().all().to_d", "client.get('1').expi", "hub.find('a@b').raise_"]

    assert notebook(CLIENT, complete=texts)["completed"] == {
        "client.list().al": ["all"],
        "client.list().all().to_d": ["to_dicts"],
        "client.get('1').expi": ["expires_at"],
        "hub.find('a@b').raise_": ["raise_for_failures"],
    }


@pytest.mark.tools
def test_a_question_mark_tells_the_signature_and_the_documentation_also_before_a_name_is_loaded(
    notebook: Notebook,
) -> None:
    told = notebook(CLIENT, inspect=["invite_sdk.Roster", "invite_sdk.InviteClient", "client.create", "hub.list"])[
        "told"
    ]

    assert "connection: 'Connection'" in told["invite_sdk.InviteClient"]
    assert "connection: which server, and who asks" in told["invite_sdk.InviteClient"]
    assert "organization: 'str | None' = None" in told["client.create"]
    assert "Invites somebody." in told["client.create"]
    assert "status: 'Status | StatusName" in told["hub.list"]
    assert "A list of people" in told["invite_sdk.Roster"]
    for said in told.values():
        assert "kwargs" not in said


SHOWN: Final = {
    "client": "InviteClient(Waldur('https://waldur.example'))",
    "client.list(status='pending')": "<Pager waldur status=pending: iterate, or .all(), .first(), .pages()>",
    "client.list().all()": "[]",
    "one": "Hub({'first': InviteClient(Waldur('https://waldur.example'))})",
    "hub": (
        "Hub({'first': InviteClient(Waldur('https://waldur.example')),\n"
        "     'second': InviteClient(Waldur('https://waldur.example')),\n"
        "     'third': InviteClient(Waldur('https://waldur.example'))})"
    ),
    "hub.count()": (
        "client  service  outcome  count\n"
        "first   waldur   nothing  0\n"
        "second  waldur   nothing  0\n"
        "third   waldur   nothing  0"
    ),
}


@pytest.mark.tools
def test_each_object_shows_itself_in_few_lines(notebook: Notebook) -> None:
    shown = notebook(CLIENT, show=list(SHOWN))["shown"]

    assert {text: said["text/plain"] for text, said in shown.items()} == SHOWN


@pytest.mark.tools
def test_showing_and_asking_about_a_pager_sends_nothing(notebook: Notebook) -> None:
    before = CLIENT + "pager = client.list()\n"

    found = notebook(
        before, inspect=["pager"], complete=["pager.", "pager.first().em"], show=["pager", "fake.requests"]
    )

    assert "text/html" in found["shown"]["pager"]
    assert found["shown"]["fake.requests"]["text/plain"] == "[]"
    assert "<Pager waldur: iterate" in found["told"]["pager"]


STATIC: Final = {
    "import invite_sdk\ninvite_sdk.InviteClient(": ("connection", "timeout"),
    "from invite_sdk import InviteClient\nInviteClient.from_env('waldur').list(": ("status", "email"),
    "from invite_sdk import AsyncInviteClient\nAsyncInviteClient.from_env('waldur').create(": ("email", "role"),
    "from invite_sdk import Hub\nHub.from_env('waldur').list(": ("status", "email"),
    "from invite_sdk import Roster\nRoster.from_csv(": ("source", "encoding"),
    "from invite_sdk.testing import FakeWaldur\nFakeWaldur().invite(": ("email", "role"),
}


@pytest.mark.tools
@pytest.mark.parametrize("code", STATIC)
def test_an_editor_tells_the_parameters_and_the_documentation_without_running_anything(
    code: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It has no types of its own.
    jedi: Any = import_module("jedi")
    monkeypatch.setattr(jedi.settings, "cache_directory", str(tmp_path))
    (found,) = jedi.Script(code).get_signatures()
    names = [parameter.name for parameter in found.params]

    assert tuple(name for name in names if name not in ("self", "cls"))[:2] == STATIC[code]
    assert len(found.docstring(raw=True)) > 20


def test_asking_for_help_works_on_every_package() -> None:
    printed = run(
        f"""
        import pydoc
        for name in {PACKAGES}:
            text = pydoc.render_doc(name, renderer=pydoc.plaintext)
            print(len(text) > 5000, "InviteClient" in text)
        """
    )

    assert printed.split()[::2] == ["True"] * len(PACKAGES)
    assert printed.split()[1] == "True"
