"""The canary over the command line: no secret is an argument, and none shows in what is said, logged or kept."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from invite_sdk import Hub, InviteClient, RetryPolicy, Scope
from invite_sdk._model.installed import BUILT_IN
from invite_sdk.cli import choosing
from invite_sdk.cli.app import COMMANDS, app
from invite_sdk.cli.codes import Code
from invite_sdk.services import connection_class
from tests.cli.conftest import Ground
from tests.docs import ROOT
from tests.reliability.canary import IN_RESULTS, TRUST
from tests.reliability.echoes import ECHOES, echoing
from tests.reliability.leaks import Secret, found_in
from tests.reliability.subjects import UUID, Called, Subject, calls, secrets, subjects
from tests.support.rings import BACKEND
from tests.support.wire import serve

SUBJECTS = [pytest.param(subject, id=subject.kind) for subject in subjects()]
FORMS = ((), ("--json",), ("--jsonl", "--verbose"), ("--csv", "--fields", "all", "--verbose"), ("--verbose",))
ROLES = {
    "waldur": f"{UUID},Ann,project,{UUID}",
    "cloudtruth": "VIEWER,,,",
    "zenml": "member,,,",
    "enhance": "Support,Ann,,",
}
SECRET_ARGUMENTS = {"password": "--ask-password", "session": "--ask-session"}


def variables_of(subject: Subject, url: str) -> dict[str, str]:
    """The variables by which the command connects as a subject."""
    setting = subject.kind.removeprefix(f"{subject.service} ")
    settings = {"url": url, setting: subject.secrets[0].value}
    if subject.service == "enhance":
        settings["organization"] = UUID
    if setting == "client_secret":
        settings |= {"client_id": UUID, "audience": "https://audience.example"}
    return {f"INVITE_{subject.service}_{name}".upper(): value for name, value in settings.items()}


def lines(service: str, url: str, people: Path) -> Iterator[tuple[list[str], str]]:
    """Command lines for every call of the SDK's canary, and for what the command adds; each with what is on stdin."""
    for called in calls(service, url):
        if called.operation != "native" and all(isinstance(one, str) for one in called.given):
            yield line(called)
    yield ["cancel", UUID, UUID], ""
    yield ["find", "ann@example.org"], ""
    yield ["offboard", "ann@example.org", "--yes"], ""
    yield ["overview"], ""
    yield ["doctor"], ""
    yield ["apply", str(people), "--yes", "--report", str(people.with_suffix(".report.csv"))], ""


def line(called: Called) -> tuple[list[str], str]:
    """A call as a command line, and what is on stdin: there a secret is, and never among the arguments."""
    words, stdin = [called.operation], ""
    if called.operation in ("approve", "reject"):
        stdin = called.given[0]
    else:
        words += called.given
    for name, value in called.named.items():
        if name in SECRET_ARGUMENTS:
            words, stdin = [*words, SECRET_ARGUMENTS[name]], value
        elif isinstance(value, Scope):
            where = ("--organization", value.organization) if value.organization else ()
            words += ["--scope", str(value.id), "--scope-type", value.type, *where]
        else:
            words += [f"--{name}", value] if value is not False else [f"--no-{name}"]
    return words, f"{stdin}\n"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be tried again is tried twice, at once."""
    options: dict[str, Any] = {"retry": RetryPolicy(attempts=2, base=0), "verify": TRUST}

    class Quick:
        from_env = partial(InviteClient.from_env, **options)

    monkeypatch.setattr(choosing, "InviteClient", Quick)
    monkeypatch.setattr(Hub, "from_env", partial(Hub.from_env, **options))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_secret_shows_whatever_a_server_repeats(subject: Subject, tmp_path: Path) -> None:
    """Nor does a key that was given whole: of that only the end shows. Each echo meets every second command line."""
    ground = Ground(tmp_path, {}, {})
    people, log = tmp_path / "people.csv", tmp_path / "log.jsonl"
    people.write_text(f"email,role,name,scope_type,scope\nann@example.org,{ROLES[subject.service]}\n")
    leaks: list[str] = []
    codes: Counter[int] = Counter()
    for place, (name, made) in enumerate(ECHOES.items()):
        with serve(echoing(made, secrets(subject))) as server:
            every = list(lines(subject.service, server.url, people))
            for number, (words, stdin) in enumerate(every[place % 2 :: 2]):
                form = FORMS[(place + number) % len(FORMS)]
                done = ground.run(
                    *words, *form, "--log-json", str(log), stdin=stdin, variables=variables_of(subject, server.url)
                )
                said = [("stdout", "" if name in IN_RESULTS else done.out), ("stderr", done.err)]
                leaks += [f"{leak} of {words[0]}, {name}" for leak in found_in(said, secrets(subject))]
                codes[done.code] += 1
    credentials = [secret for secret in secrets(subject) if secret.is_credential]

    assert leaks == []
    assert codes[Code.UNAVAILABLE] > len(ECHOES)
    assert codes[Code.CONFIGURATION] > 0
    assert found_in(kept(tmp_path), credentials) == []
    assert found_in([("the log", log.read_text())], secrets(subject)) == []


def kept(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file of a folder, a journal too, as text."""
    for file in folder.rglob("*"):
        if file.is_file():
            yield file.name, (whole := file.read_bytes()).decode("utf-8", "replace") + whole.decode("latin-1")


SPY = """#!/bin/sh
for process in $$ $PPID; do cat /proc/$process/cmdline /proc/$process/environ; done >> "{seen}"
cat "{secret}"
"""
"""A command that prints a secret, and writes down what `ps` shows of itself and of who called it."""
NEW = {
    "waldur": {"role": "PROJECT.ADMIN", "scope-type": "project", "scope": "Apollo"},
    "cloudtruth": {"role": "VIEWER"},
    "zenml": {"role": "member"},
    "enhance": {"role": "Owner", "name": "Ann"},
}
"""Whom to invite, as options and as the columns of a list."""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="what ps shows is read from /proc")
@pytest.mark.parametrize(
    ("ground", "way"),
    [((service,), ("keyring", "command")[place % 2]) for place, service in enumerate(BUILT_IN)],
    indirect=["ground"],
)
def test_a_profiles_secret_is_neither_said_nor_kept_nor_shown_by_ps(ground: Ground, way: str, tmp_path: Path) -> None:
    (service,) = ground.fakes
    settings = {
        name.removeprefix(f"INVITE_{service.upper()}_").lower(): value for name, value in ground.variables.items()
    }
    setting = next(name for name in settings if name in connection_class(service).secrets)
    ground.home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (ground.home, elsewhere):
        folder.mkdir()
    (elsewhere / "secret").write_text(settings[setting])
    spy = elsewhere / "spy"
    spy.write_text(SPY.format(seen=elsewhere / "seen", secret=elsewhere / "secret"))
    spy.chmod(0o700)
    people = ground.home / "people.csv"
    header, row = ",".join(NEW[service]).replace("-", "_"), ",".join(NEW[service].values())
    people.write_text(f"email,{header}\nben@example.org,{row}\n")
    ground.variables = {
        "INVITE_CONFIG": str(ground.home / "config.toml"),
        "RING": str(elsewhere / "ring.json"),
        "PYTHONPATH": str(ROOT),
        **BACKEND,
    }
    given = [word for name in settings if name != setting for word in ("--set", f"{name}={settings[name]}")]
    source = ["--from-command", str(spy)] if way == "command" else []
    said = [ground.process("profile", "add", "acme", "--service", service, *given, *source, stdin=settings[setting])]
    assert said[0].code == 0, said[0].err

    for words in (
        ["profile", "show"],
        ["profile", "check"],
        ["doctor"],
        ["list", "-v", "--json"],
        [
            "create",
            "ann@example.org",
            *(f"--{name}={value}" for name, value in NEW[service].items()),
            "-v",
            "--fields",
            "all",
        ],
        ["get", UUID, "-v", "--json"],
        ["apply", str(people), "--yes", "-v", "--report", str(ground.home / "report.csv")],
    ):
        log = [] if words[0] == "profile" else ["--log-json", str(ground.home / "log.jsonl")]
        said.append(ground.process(*words, *log))
    credentials = [header.split()[-1] for header in ground[service].credentials.values()]
    texts = [("output", f"{said}"), *kept(ground.home)]
    if way == "command":
        texts.append(("ps", (elsewhere / "seen").read_text()))

    assert found_in(texts, [Secret(setting, value) for value in {*credentials, settings[setting]}]) == []
    assert said[-1].code == (2 if service == "zenml" else 0), said[-1].err
    assert len([name for name, _ in texts if name in ("config.toml", "log.jsonl")]) == 2
    if service != "zenml":
        assert stat.S_IMODE((ground.home / "people.csv.journal").stat().st_mode) == 0o600


@pytest.mark.parametrize("ground", [("enhance",)], indirect=True)
def test_a_key_is_found_by_this_search_where_it_is_asked_for(ground: Ground) -> None:
    shown = [
        ground.run("create", f"{name}@example.com", "--role", "Support", "--name", "Ann", *option).out
        for name, option in (("ann", ()), ("ben", ("--show-keys",)))
    ]
    keys = [Secret("key", invitation.id) for invitation in ground["enhance"].invitations]

    assert found_in(zip(("masked", "shown"), shown, strict=True), keys) == ["key in shown"]


def test_no_option_takes_a_secret() -> None:
    """What is an argument shows in `ps`, and in the history of the shell."""
    words = {
        "password",
        "session",
        "token",
        *(name for service in BUILT_IN for name in connection_class(service).secrets),
    }
    group: Any = get_command(app)
    commands = {name: group.commands[name] for name in COMMANDS}
    commands |= commands.pop("profile").commands
    options = [(name, option) for name, command in commands.items() for option in command.params]

    assert len(options) > 300
    assert [
        (name, option.name)
        for name, option in options
        if any(option.name.endswith(word) for word in words) and not getattr(option, "is_flag", False)
    ] == []
