"""What the command says speaks of options and commands, and never of Python."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from invite_sdk.cli.wording import in_words
from invite_sdk.testing import Fault
from tests.cli.conftest import Ground

PYTHON = re.compile(
    r"\w+=(?:True|False|None|\.\.\.)|\b\w+\(\.\.\.|\bScope\(|\bPolicy\(|\w\(\)|(?<!\w)\.existing|\bawait\b|\bclient\."
    r"|\bcall ensure\b|\bgive \w+=|\bssl\.|\btimedelta\b|the Invitation that|\bPlan\."
)
NOBODY = "0" * 32
PLACE = ("--scope", "Apollo", "--scope-type", "project")
CREATE = ("create", "ana@example.com", "--role", "PROJECT.ADMIN", *PLACE)

SENTENCES = {
    "an open invitation for this invitee is there already; see .existing": (
        "an open invitation for this invitee is there already"
    ),
    "use https, or say allow_http=True": "use https, or say --allow-http",
    "call ensure: it finds the invitation or makes it": "run 'invite ensure': it finds the invitation or makes it",
    "Policy(other_role='replace') would do": "--other-role replace would do",
    "canceled: Policy(again=...) would invite again": "canceled: --again would invite again",
    'plan again with Policy(again={"canceled"})': "plan again with --again canceled",
    "say changed_list=True: where": "say --changed-list: where",
    "say same_accounts=['cloud', 'my panel']: where": "say --same-account cloud --same-account 'my panel': where",
    "apply with repeat_unknown=True": "apply with --repeat-unknown",
    "only a journal knows: give journal=...": "only a journal knows: give --journal",
    "Enhance needs the invitee's name: give name=": "Enhance needs the invitee's name: give --name",
    "give organization=, here or to the connection": "give --organization, or set it in the profile",
    'if it is UTF-16, give encoding="utf-16"': "if it is UTF-16, give --encoding utf-16",
    "names none: Enhance(..., organization=...)": "names none: set its organization",
    "or its organization: Scope(type, name, organization=...)": (
        "or its organization: --scope-type, --scope and --organization"
    ),
    "A URL, or `Scope(type, name or UUID)`.": "A URL, or --scope-type and its name or UUID.",
    "chase_after must be a timedelta above zero": "--chase-after must be a time above zero",
    "max_prune allows 3": "--max-prune allows 3",
    "give verify=ssl.create_default_context(cafile=...), or set SSL_CERT_FILE": "set SSL_CERT_FILE",
    "keep the Invitation that create returned": "keep the id that 'invite create' wrote",
    "this is no plan as Plan.to_json() writes it": "this is no plan as 'invite plan --out' writes it",
    "see problems, and look in the service": "look in the service",
    "--max-prune stays as it is": "--max-prune stays as it is",
}


@pytest.mark.parametrize(("said", "shown"), SENTENCES.items())
def test_a_sentence_speaks_of_options(said: str, shown: str) -> None:
    assert in_words(said) == shown
    assert in_words(shown) == shown


def fault(kind: Fault, operation: str) -> Callable[[Any], None]:
    return lambda fake: fake.faults.plan(kind, on=operation, times=99)


def lost(fake: Any) -> None:
    fake.faults.plan(Fault.drop_reply(), on="user_invitations_create", times=9)
    fake.faults.plan(Fault.status(503), on="user_invitations_list", times=99)


def invited(fake: Any) -> None:
    fake.invite("ana@example.com", role="PROJECT.ADMIN")


def accepted(fake: Any) -> None:
    fake.invite("ana@example.com", role="PROJECT.ADMIN", state="accepted")


FAILURES: dict[str, tuple[tuple[str, ...], Callable[[Any], None] | None]] = {
    "invited already": (CREATE, invited),
    "accepted already": (("ensure", *CREATE[1:]), accepted),
    "an answer that was lost": ((*CREATE, "--deadline", "2"), lost),
    "a scope that is no URL": (("list", "--scope", "https://elsewhere.example.org/x"), None),
    "no scope": (("create", "ana@example.com", "--role", "PROJECT.ADMIN"), None),
    "an extra field that there is not": ((*CREATE, "--extra", "job_titel=x"), None),
    "a native filter that there is not": (("list", "--native-filter", "nope=1"), None),
    "a span that is none": (("plan", "FILE", "--chase-after", "0d"), None),
    "too much at once": (("apply", "FILE", "--yes", "--max-concurrency", "9999"), None),
    "another encoding": (("plan", "FILE", "--encoding", "utf-16"), None),
    "no plan": (("apply", "PLAN", "--journal", "j", "--yes"), None),
    "what the service cannot do": (("decline", NOBODY), None),
    "401": (("list",), fault(Fault.status(401), "user_invitations_list")),
    "a redirect": (("list",), fault(Fault.redirect(), "user_invitations_list")),
    "what it can do": (("capabilities", "waldur"), None),
    "what another can do": (("capabilities", "enhance"), None),
}


@pytest.mark.parametrize("form", ["--csv", "--json"])
@pytest.mark.parametrize(("arguments", "prepare"), FAILURES.values(), ids=FAILURES)
def test_no_failure_speaks_python(
    ground: Ground, arguments: tuple[str, ...], prepare: Callable[[Any], None] | None, form: str
) -> None:
    if prepare is not None:
        prepare(ground["waldur"])
    files = {"FILE": ground.home / "people.csv", "PLAN": ground.home / "plan.json"}
    files["FILE"].write_text("email,role,scope_type,scope\nana@example.com,PROJECT.ADMIN,project,Apollo\n")
    files["PLAN"].write_text('{"rows": 1, "policy": 2}')

    done = ground.run(*(str(files.get(word, word)) for word in arguments), form)

    said = done.out + done.err
    assert said.strip()
    assert PYTHON.findall(said) == []


@pytest.mark.parametrize("ground", [("enhance",)], indirect=True)
@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "ana@example.com", "--role", "Owner"),
        ("resend", NOBODY),
        ("list",),
        ("scopes",),
        ("roles", "--name", "x"),
    ],
    ids=" ".join,
)
def test_no_failure_of_enhance_speaks_python(ground: Ground, arguments: tuple[str, ...]) -> None:
    done = ground.run(*arguments, variables={"INVITE_ENHANCE_ORGANIZATION": ""})

    assert PYTHON.findall(done.out + done.err) == []


def test_plain_http_names_the_option(ground: Ground) -> None:
    done = ground.run("list", variables={"INVITE_WALDUR_URL": "http://waldur.example.org"})

    assert (done.code, "--allow-http" in done.err) == (3, True)


def test_what_is_in_the_way_is_named(ground: Ground) -> None:
    uuid = ground["waldur"].invite("ana@example.com", role="PROJECT.ADMIN").uuid

    assert f"see 'invite get {uuid}'" in ground.run(*CREATE).err


def test_a_report_speaks_of_options_too(ground: Ground, tmp_path: Path) -> None:
    ground["waldur"].invite("ana@example.com", role="PROJECT.ADMIN", state="canceled")
    people, report = tmp_path / "people.csv", tmp_path / "report.csv"
    people.write_text("email,role,scope_type,scope\nana@example.com,PROJECT.ADMIN,project,Apollo\n")

    done = ground.run("apply", str(people), "--yes", "--report", str(report))

    assert "--again would invite again" in report.read_text()
    assert PYTHON.findall(done.out + done.err + report.read_text()) == []


def test_a_usage_names_its_arguments_without_braces(ground: Ground) -> None:
    assert ground.run("get", "--help").out.startswith("Usage: invite get [OPTIONS] ID\n")
    assert ground.run("profile", "add", "--help").out.startswith("Usage: invite profile add [OPTIONS] NAME\n")
    assert "completion" not in ground.run("profile", "--help").out


@pytest.mark.parametrize("ground", [("zenml",)], indirect=True)
def test_who_looks_for_an_address_is_not_told_to_leave_it_out(ground: Ground) -> None:
    done = ground.run("find", "ana@example.com")

    assert "takes no email" in done.out + done.err
    assert "leave it out" not in done.out + done.err


@pytest.mark.parametrize("ground", [("enhance",)], indirect=True)
def test_a_wrong_password_is_not_taken_for_the_connections(ground: Ground) -> None:
    fake = ground["enhance"]
    fake.invite("ana@example.com")
    fake.faults.plan(Fault.status(401), on="accept_invite", times=9)
    words = ("accept", fake.invitations[-1].id, "--email", "ana@example.com", "--ask-password")

    done = ground.run(*words, variables={"INVITE_PASSWORD": "wrong-password"})

    assert (done.code, "check the email and the password of the login" in done.err) == (4, True)
    assert "the connection" not in done.err


def test_resends_of_which_nobody_can_tell_are_counted_as_such(ground: Ground) -> None:
    ids = [ground["waldur"].invite(f"{name}@example.com").uuid for name in ("ana", "ben")]
    ground["waldur"].faults.plan(Fault.drop_reply(), on="user_invitations_send", times=9)

    assert "0 resent, 2 unknown\n" in ground.run("resend", *ids).err
