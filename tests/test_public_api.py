"""What users may rely on: the names, their signatures, the same on both clients, and what importing them costs."""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
from dataclasses import fields, is_dataclass
from typing import Any, Final, get_type_hints

import pytest

import invite_sdk
from invite_sdk import AsyncInviteClient, InviteClient
from invite_sdk.services.capabilities import OPERATIONS, PARAMETERS
from invite_sdk.services.registry import supporting
from tests.public_api import SNAPSHOT, render
from tests.support import programs

NOT_AWAITED: Final = {
    "account",
    "base_url",
    "capabilities",
    "defaults",
    "from_env",
    "from_profile",
    "list",
    "roles",
    "scopes",
    "service",
    "supports",
    "validate",
    "with_options",
}


def test_the_public_api_is_the_one_that_was_committed() -> None:
    before = SNAPSHOT.read_text(encoding="utf-8")
    difference = "".join(
        difflib.unified_diff(before.splitlines(True), render().splitlines(True), "committed", "now", n=1)
    )
    assert not difference, f"if this is meant, run python -m tests.public_api\n{difference}"


def test_the_names_are_sorted_and_say_each_thing_once() -> None:
    names = invite_sdk.__all__
    constants = [name for name in names if name.isupper()]
    classes = [name for name in names if name[0].isupper() and name not in constants]
    assert names == [*sorted(constants), *sorted(classes), "__version__", "preload"]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", invite_sdk.__all__)
def test_every_name_can_be_imported_and_is_explained(name: str) -> None:
    value = getattr(invite_sdk, name)
    assert name in dir(invite_sdk)
    if isinstance(value, type):
        assert value.__name__ == name
        assert value.__doc__
        assert value.__module__.startswith("invite_sdk.")


def test_every_name_is_declared_for_type_checkers_and_has_a_home() -> None:
    homes = {name: module for module, names in vars(invite_sdk)["_HOMES"].items() for name in names.split()}
    assert set(homes) == set(invite_sdk.__all__)
    for name, module in homes.items():
        assert getattr(importlib.import_module(module), name) is getattr(invite_sdk, name)
    source = inspect.getsource(invite_sdk)
    declared = source.partition("if TYPE_CHECKING:")[2].partition("_HOMES = {")[0]
    for name in invite_sdk.__all__:
        assert f" {name}" in declared, name


@pytest.mark.parametrize("name", [name for name in invite_sdk.__all__ if is_dataclass(getattr(invite_sdk, name))])
def test_the_hints_of_every_record_can_be_resolved(name: str) -> None:
    record = getattr(invite_sdk, name)
    assert set(get_type_hints(record)) == {field.name for field in fields(record)}


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Invitations'"):
        _ = invite_sdk.Invitations
    with pytest.raises(ImportError):
        exec("from invite_sdk import Invitations")


def members(cls: type) -> dict[str, Any]:
    return {name: getattr(cls, name) for name in dir(cls) if not name.startswith("_")}


SYNC: Final = members(InviteClient)
ASYNC: Final = members(AsyncInviteClient)
TRANSLATED: Final = {
    "AsyncLookupPager": "LookupPager",
    "AsyncPager": "Pager",
    "AsyncHook": "Hook",
    "AsyncTransport": "SyncTransport",
    "AsyncClient": "SyncClient",
}


def signature(value: Any) -> list[tuple[str, str, str, str]]:
    """Names, kinds, defaults and annotations of the parameters, then what is returned."""
    found = inspect.signature(value)

    def plain(annotation: str) -> str:
        for ours, theirs in TRANSLATED.items():
            annotation = annotation.replace(ours, theirs)
        return annotation

    parameters = [
        (one.name, one.kind.name, repr(one.default), plain(str(one.annotation))) for one in found.parameters.values()
    ]
    return [*parameters, ("return", "", "", plain(str(found.return_annotation)))]


def test_both_clients_have_every_operation_and_the_same_members() -> None:
    assert {*SYNC, "aclose"} == set(ASYNC)
    assert set(SYNC) == {*OPERATIONS, "native", "close", *NOT_AWAITED}


@pytest.mark.parametrize("name", SYNC)
def test_both_clients_have_the_same_signatures(name: str) -> None:
    if isinstance(SYNC[name], property):
        assert signature(SYNC[name].fget) == signature(ASYNC[name].fget)
    else:
        assert signature(SYNC[name]) == signature(ASYNC[name])


def test_both_clients_are_made_alike() -> None:
    assert signature(InviteClient) == signature(AsyncInviteClient)


@pytest.mark.parametrize("name", SYNC)
def test_the_async_client_is_awaited_and_the_sync_one_is_not(name: str) -> None:
    assert not inspect.iscoroutinefunction(SYNC[name])
    assert inspect.iscoroutinefunction(ASYNC[name]) is (name not in NOT_AWAITED)


@pytest.mark.parametrize("name", SYNC)
def test_both_clients_explain_themselves_alike(name: str) -> None:
    assert SYNC[name].__doc__
    assert SYNC[name].__doc__ == ASYNC[name].__doc__


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_services_that_a_docstring_names_are_those_that_have_it(name: str) -> None:
    summary, _, rest = (inspect.getdoc(SYNC[name]) or "").partition("\n")
    told = {None: summary, **dict(re.findall(r"^    (\w+): ((?:.+\n)(?: {8}.+\n)*)", f"{rest}\n", re.MULTILINE))}
    for parameter in (None, *PARAMETERS[name]):
        having = [title.split()[0] for title in supporting(name, parameter)]
        named = re.findall(r"\(([A-Z]\w+)\)|(?<!\()\b([A-Z]\w+):", told.get(parameter, ""))
        may_be_silent = parameter is not None or len(having) > 1
        assert ["".join(one) for one in named] in ([having, []] if may_be_silent else [having]), parameter


def explained(cls: type) -> dict[str, str]:
    """What a client's docstring says about each argument, and after them."""
    parts = re.split(r"^(?: {4})?(\w+):(?=[ \n])", inspect.getdoc(cls) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_both_clients_explain_their_arguments_alike() -> None:
    sync, awaited = explained(InviteClient), explained(AsyncInviteClient)
    assert list(sync) == ["Args", *inspect.signature(InviteClient).parameters, "Raises", "ConfigurationError"]
    # Only a synchronous client of one's own has forks to fear.
    assert {**sync, "http_client": ""} == {**awaited, "http_client": ""}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_has_the_parameters_that_the_capabilities_speak_of(name: str) -> None:
    parameters = inspect.signature(SYNC[name]).parameters.values()
    named = tuple(one.name for one in parameters if one.kind is one.KEYWORD_ONLY)
    assert named == PARAMETERS[name]
    assert [one.name for one in parameters if one.kind is one.VAR_KEYWORD] == ["call"]


# What importing costs.

SERVICES: Final = {
    "waldur": "Waldur('https://w.example', token='x')",
    "cloudtruth": "CloudTruth(api_key='x')",
    "zenml": "ZenML(api_key='x')",
    "enhance": "Enhance('https://p.example', token='x')",
}
OTHERS: Final = {"anyio", "httpcore", "httpx", "numpy", "pandas", "pydantic", "starlette", "trio", "uvicorn"}


def loaded_by(code: str) -> set[str]:
    """What a fresh interpreter has loaded in addition after some code."""
    printed = programs.run(f"import sys; before = set(sys.modules)\n{code}\nprint(*set(sys.modules) - before)")
    return set(printed.split())


ROOMS = {
    f"invite_sdk.{name}"
    for name in ("_clients", "_http", "_flows", "_errors", "_model", "_privacy", "_forks", "_lazy", "services")
}


def ours(modules: set[str]) -> set[str]:
    """Our modules, but for the rooms themselves, which hold nothing, and what makes packages lazy."""
    return {name for name in modules if name.split(".")[0] in ("invite_sdk", "invite_clients")} - ROOMS


def test_importing_the_package_loads_nothing_but_the_package() -> None:
    loaded = loaded_by("import invite_sdk; invite_sdk.__all__; dir(invite_sdk)")
    assert ours(loaded) == {"invite_sdk"}
    assert not loaded & {*OTHERS, "asyncio", "email", "http", "importlib.metadata", "json.decoder", "logging", "ssl"}


def test_an_error_is_as_cheap() -> None:
    loaded = loaded_by("from invite_sdk import InviteError, NotFoundError")
    assert ours(loaded) == {"invite_sdk", "invite_sdk._errors.tree"}
    assert not loaded & OTHERS


def test_the_model_loads_pydantic_and_no_service() -> None:
    loaded = loaded_by("from invite_sdk import Invitation, InvitationList, Status")
    assert ours(loaded) == {
        "invite_clients",
        "invite_clients._times",
        "invite_clients._values",
        "invite_clients._wire",
        "invite_sdk",
        "invite_sdk._framed",
        "invite_sdk._model.ids",
        "invite_sdk._model.installed",
        "invite_sdk._model.invitation",
        "invite_sdk._model.lists",
        "invite_sdk._model.records",
        "invite_sdk._privacy.masking",
    }
    assert loaded & OTHERS == {"pydantic"}


def test_what_needs_no_pydantic_does_not_load_it() -> None:
    loaded = loaded_by("from invite_sdk import Delivery, InvitationCheck, InvitationList, Problem, Scope, Status")
    assert ours(loaded) == {
        "invite_clients",
        "invite_clients._times",
        "invite_clients._values",
        "invite_sdk",
        "invite_sdk._framed",
        "invite_sdk._model.lists",
        "invite_sdk._model.records",
    }
    assert not loaded & OTHERS


@pytest.mark.parametrize("service", SERVICES)
def test_a_connection_loads_its_own_service_and_no_http(service: str) -> None:
    loaded = loaded_by(
        f"from invite_sdk import *; {SERVICES[service]}".replace("*", SERVICES[service].partition("(")[0])
    )
    named = {part for name in ours(loaded) for part in name.split(".")} & set(SERVICES)
    assert named == {service}
    assert not loaded & OTHERS
    assert not any(
        name.startswith(("invite_sdk.testing", "invite_sdk._http", "invite_sdk._clients")) for name in loaded
    )


@pytest.mark.parametrize("client", ["InviteClient", "AsyncInviteClient"])
def test_a_client_loads_httpx_and_no_service_but_its_own(client: str) -> None:
    loaded = loaded_by(f"from invite_sdk import {client}, ZenML\nrepr({client}(ZenML(api_key='x')))")
    named = {part for name in ours(loaded) for part in name.split(".")} & set(SERVICES)
    assert named == {"zenml"}
    assert loaded & {"pandas", "numpy", "uvicorn", "starlette", "pytest"} == set()
    assert not any(name.startswith("invite_sdk.testing") for name in loaded)
    assert ("invite_sdk._clients.aio" in loaded) is (client == "AsyncInviteClient")
    assert ("invite_sdk._clients.sync" in loaded) is (client == "InviteClient")


def test_a_record_that_is_read_back_loads_its_own_service_only() -> None:
    text = '{"service": "cloudtruth", "id": "1", "status": "pending", "native": {"a": 1}}'
    loaded = loaded_by(f"from invite_sdk import Invitation\nrepr(Invitation.model_validate_json({text!r}))")
    named = {part for name in ours(loaded) for part in name.split(".")} & set(SERVICES)
    assert named == {"cloudtruth"}
    assert loaded & OTHERS == {"pydantic"}
