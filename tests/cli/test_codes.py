"""Each code with which the command can end, produced by each of its causes."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

import invite_sdk
from invite_sdk.cli.codes import Code
from invite_sdk.cli.failing import code_of
from invite_sdk.testing import Fault
from tests.cli.conftest import Ground

NOBODY = "0" * 32
PLACE = ("--scope", "Apollo", "--scope-type", "project")
CREATE = ("create", "ana@example.com", "--role", "PROJECT.ADMIN", *PLACE)


def fault(kind: Fault, operation: str) -> Callable[[Any], None]:
    return lambda fake: fake.faults.plan(kind, on=operation, times=9)


def invited(fake: Any) -> None:
    fake.invite("ana@example.com", role="PROJECT.ADMIN")


@pytest.mark.parametrize(
    ("arguments", "anchor"),
    [(("get", NOBODY), "notfounderror"), (("list", "--service", "zenml"), "configurationerror")],
)
def test_a_failure_says_where_more_is_told_of_it_where_more_is_asked_for(
    ground: Ground, arguments: tuple[str, ...], anchor: str
) -> None:
    said = f"More about it, in the pages of the project: docs/errors.md#{anchor}"

    assert said in ground.run(*arguments, "--verbose").err
    assert said not in ground.run(*arguments).err
    assert said not in ground.run(*arguments, "--verbose", "--json").err


CAUSES: list[tuple[str, Code, tuple[str, ...], Callable[[Any], None] | None]] = [
    ("all went well", Code.DONE, ("count",), None),
    ("nothing fits", Code.DONE, ("list", "--status", "pending"), None),
    ("a condition is not met", Code.FAILED, ("count", "--exit-code"), None),
    ("the service refuses a value", Code.FAILED, CREATE, fault(Fault.status(400), "user_invitations_create")),
    ("some of several failed", Code.FAILED, ("cancel", "ID", NOBODY), None),
    ("there is nothing to do", Code.DONE, ("cancel", "-"), None),
    ("there is no such command", Code.USAGE, ("lst",), None),
    ("there is no such option", Code.USAGE, ("list", "--nope"), None),
    ("there is no such field", Code.USAGE, ("list", "--fields", "nope"), None),
    ("two forms", Code.USAGE, ("list", "--csv", "--json"), None),
    ("an argument that cannot be right", Code.USAGE, ("get", "nope"), None),
    ("a list that cannot be read", Code.USAGE, ("plan", "/nowhere.csv"), None),
    ("what the service cannot do", Code.USAGE, ("decline", NOBODY), None),
    ("a service that there is not", Code.USAGE, ("list", "--service", "nope"), None),
    ("capabilities of none", Code.USAGE, ("capabilities", "nope"), None),
    ("an overview of none", Code.USAGE, ("overview", "--service", "nope"), None),
    ("settings that are missing", Code.CONFIGURATION, ("list", "--service", "zenml"), None),
    ("a redirect", Code.CONFIGURATION, ("list",), fault(Fault.redirect(), "user_invitations_list")),
    ("401", Code.CREDENTIALS, ("list",), fault(Fault.status(401), "user_invitations_list")),
    ("403", Code.CREDENTIALS, ("list",), fault(Fault.status(403), "user_invitations_list")),
    ("404", Code.NOT_FOUND, ("get", NOBODY), None),
    ("invited already", Code.CONFLICT, CREATE, invited),
    ("409", Code.CONFLICT, CREATE, fault(Fault.status(409), "user_invitations_create")),
    ("429", Code.UNAVAILABLE, ("list", "--deadline", "1"), fault(Fault.retry_after(after=99), "user_invitations_list")),
    ("a web page of a proxy", Code.UNAVAILABLE, ("list",), fault(Fault.html(), "user_invitations_list")),
    ("a web page in the place of rows", Code.CONFIGURATION, ("list",), fault(Fault.html(200), "user_invitations_list")),
    ("a web page that is not there", Code.CONFIGURATION, ("list",), fault(Fault.html(404), "user_invitations_list")),
    ("no page of roles", Code.CONFIGURATION, ("roles",), fault(Fault.html(404), "roles_list")),
    (
        "a page in the place of one",
        Code.CONFIGURATION,
        ("get", NOBODY),
        fault(Fault.html(200), "user_invitations_retrieve"),
    ),
    ("503", Code.UNAVAILABLE, ("list", "--deadline", "1"), fault(Fault.status(503), "user_invitations_list")),
    ("a lost answer", Code.UNKNOWN, ("resend", "ID"), fault(Fault.drop_reply(), "user_invitations_send")),
    ("a report that cannot be written", Code.FAILED, ("list", "--log-json", "/nowhere/log.jsonl"), None),
]


@pytest.mark.parametrize(
    ("code", "arguments", "prepare"), [cause[1:] for cause in CAUSES], ids=[cause[0] for cause in CAUSES]
)
def test_a_cause_has_its_code(
    ground: Ground, code: Code, arguments: tuple[str, ...], prepare: Callable[[Any], None] | None
) -> None:
    fake = ground["waldur"]
    if prepare is not None:
        prepare(fake)
    if "ID" in arguments:
        uuid = fake.invite("ana@example.com").uuid
        arguments = tuple(uuid if word == "ID" else word for word in arguments)

    done = ground.run(*arguments)

    assert done.code == code, done.err
    if code not in (Code.DONE, Code.FAILED):
        assert done.out == ""
        assert done.err.startswith(("error: ", "{")), done.err
        assert "Traceback" not in done.err


def test_a_server_that_is_not_there_is_tried_later(ground: Ground) -> None:
    done = ground.run("list", "--deadline", "1", variables={"INVITE_WALDUR_URL": "http://127.0.0.1:9"})

    assert done.code == Code.UNAVAILABLE
    assert "127.0.0.1" in done.err


@pytest.mark.parametrize("ground", [()], indirect=True)
def test_without_any_setting_it_says_how_to_name_a_service(ground: Ground) -> None:
    done = ground.process("list")

    assert (done.code, done.out) == (Code.CONFIGURATION, "")
    assert "invite profile add" in done.err
    assert "INVITE_WALDUR_TOKEN" in done.err


def test_without_the_extra_it_says_what_to_install(ground: Ground) -> None:
    (ground.home / "typer.py").write_text("raise ModuleNotFoundError(name='typer')")

    done = ground.process("list", variables={"PYTHONPATH": str(ground.home)})

    assert (done.code, done.out) == (Code.CONFIGURATION, "")
    assert done.err == "error: the command line is an extra of its own: install 'invite-sdk[cli]'\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, Code.INTERRUPTED), (signal.SIGTERM, Code.TERMINATED)])
def test_a_signal_ends_it_in_order(ground: Ground, number: signal.Signals, code: Code) -> None:
    asked = threading.Event()
    ground["waldur"].faults.plan(
        Fault.slow_headers(30),
        on="user_invitations_list",
        when=lambda request: not asked.set(),  # type: ignore[func-returns-value]
    )

    with ground.started("list") as process:
        assert asked.wait(60)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)

    assert process.returncode == code
    assert "Traceback" not in err
    assert "list" not in out


def test_errors_are_objects_where_machines_read(ground: Ground) -> None:
    done = ground.run("get", NOBODY, "--json")

    error = json.loads(done.err)
    assert {name: error[name] for name in ("class", "service", "operation", "status", "exit_code")} == {
        "class": "NotFoundError",
        "service": "waldur",
        "operation": "get",
        "status": 404,
        "exit_code": 5,
    }
    assert error["message"].startswith("404 ")
    assert "request_id" in error


def test_a_conflict_says_what_is_in_the_way(ground: Ground) -> None:
    there = ground["waldur"].invite("ana@example.com", role="PROJECT.ADMIN")

    done = ground.run(*CREATE, "--json")

    assert json.loads(done.err)["existing"] == there.uuid


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--nope"),
        ("lst",),
        ("get",),
        ("list", "--status", "nope"),
        ("list", "--csv"),
        ("list", "--fields", "nope"),
        ("cancel",),
        ("plan", "/nowhere.csv"),
        ("list", "--log-json", "/nowhere/log.jsonl"),
    ],
    ids=" ".join,
)
def test_whatever_is_wrong_is_an_object_with_the_same_fields(ground: Ground, arguments: tuple[str, ...]) -> None:
    refused = json.loads(ground.run("get", NOBODY, "--json").err)

    done = ground.run(*arguments, "--json")

    said = json.loads(done.err)
    assert set(said) == set(refused)
    assert said["exit_code"] == done.code
    assert said["class"]
    assert said["message"]


def test_every_error_of_the_sdk_has_a_code() -> None:
    kinds = [getattr(invite_sdk, name) for name in invite_sdk.__all__]
    errors = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, invite_sdk.InviteError)]

    codes = {kind.__name__: code_of(kind("it failed")) for kind in errors}

    assert {name for name, code in codes.items() if code == Code.FAILED} == {
        "APIError",
        "InviteError",
        "JournalError",
        "PlanLimitError",
        "PruneLimitError",
        "ValidationError",
    }
    assert codes["RosterError"] == Code.USAGE
    assert codes["AlreadyInvitedError"] == codes["InvalidStateError"] == Code.CONFLICT
    assert codes["DeadlineExceededError"] == codes["ConnectError"] == Code.UNAVAILABLE


def test_the_help_has_the_table(ground: Ground) -> None:
    done = ground.process("--help")

    assert done.code == 0
    for code in Code:
        assert f"{code.value:>3}  {code.meaning}" in done.out


@pytest.mark.parametrize("form", ["--csv", "--json"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, Code.INTERRUPTED), (signal.SIGTERM, Code.TERMINATED)])
@pytest.mark.parametrize(
    ("arguments", "on"),
    [
        (CREATE, "user_invitations_create"),
        (("update", "ID", "--email", "ana@example.org"), "user_invitations_partial_update"),
        (("resend", "ID"), "user_invitations_send"),
    ],
    ids=["create", "update", "resend"],
)
def test_a_write_that_a_signal_cut_off_may_have_been_carried_out(
    ground: Ground, arguments: tuple[str, ...], on: str, number: signal.Signals, code: Code, form: str
) -> None:
    if "ID" in arguments:
        uuid = ground["waldur"].invite("ana@example.com").uuid
        arguments = tuple(uuid if word == "ID" else word for word in arguments)
    asked = threading.Event()
    ground["waldur"].faults.plan(
        Fault.slow_headers(30),
        on=on,
        when=lambda request: not asked.set(),  # type: ignore[func-returns-value]
    )

    with ground.started(*arguments, form) as process:
        assert asked.wait(60)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)

    said = json.loads(err) if form == "--json" else {"message": err.strip(), "exit_code": process.returncode}
    assert (process.returncode, said["exit_code"], out) == (code, code, "")
    assert said["message"] == "interrupted: the request may have been carried out; look before doing it again"


def test_a_read_that_a_signal_cut_off_is_only_interrupted(ground: Ground) -> None:
    asked = threading.Event()
    ground["waldur"].faults.plan(
        Fault.slow_headers(30),
        on="user_invitations_list",
        when=lambda request: not asked.set(),  # type: ignore[func-returns-value]
    )

    with ground.started("list") as process:
        assert asked.wait(60)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)

    assert err == "interrupted\n"


def test_who_asks_too_often_is_told_when_to_come_back(ground: Ground) -> None:
    ground["waldur"].faults.plan(Fault.retry_after(after=99), on="user_invitations_list", times=9)

    said = ground.run("list", "--deadline", "1").err
    machines = json.loads(ground.run("list", "--deadline", "1", "--json").err)

    assert said.rstrip().endswith("; try again in 99 s")
    assert (machines["class"], machines["retry_after"]) == ("RateLimitedError", 99)


@pytest.mark.parametrize(
    "arguments", [("overview",), ("doctor",), ("cancel", NOBODY, "1" * 32), ("find", "a@b.example")]
)
def test_a_failure_that_has_a_row_is_an_object_too_where_machines_read(
    ground: Ground, arguments: tuple[str, ...]
) -> None:
    for on in ("user_invitations_list", "user_invitations_cancel"):
        ground["waldur"].faults.plan(Fault.status(401), on=on, times=9)

    done = ground.run(*arguments, "--json")

    objects = [json.loads(line) for line in done.err.splitlines() if line.startswith("{")]
    assert (done.code, json.loads(done.out) != []) == (Code.CREDENTIALS, True)
    assert {said["class"] for said in objects} == {"AuthenticationError"}


def test_an_overview_tells_on_stderr_who_could_not_be_asked(ground: Ground) -> None:
    ground["waldur"].faults.plan(Fault.status(401), on="user_invitations_list", times=9)

    assert ground.run("overview").err.startswith("waldur: failed: ")


def test_the_end_of_what_is_typed_is_no(ground: Ground) -> None:
    ground["waldur"].invite("ana@example.com")

    done = ground.terminal("cancel", "--all", typed="\x04")

    assert (done.code, "nothing was done" in done.out) == (Code.FAILED, True)
    assert [row.state for row in ground["waldur"].invitations] == ["pending"]


def test_an_invitation_of_which_the_service_says_nothing_is_to_be_looked_for(ground: Ground) -> None:
    ground["waldur"].faults.plan(Fault.empty_body(), on="user_invitations_create")

    done = ground.run(*CREATE)

    assert (done.code, "created" in done.out) == (Code.DONE, True)
    assert "sent nothing about it: look by 'invite list --email ana@example.com'" in done.err
