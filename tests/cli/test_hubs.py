"""Several services at once: one that cannot be asked stops no other, and the code says what all have ended with."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Sequence

import pytest

from invite_sdk.cli.codes import Code, together
from invite_sdk.testing import Fault
from tests.cli.conftest import Ground

BROKEN = {
    "a variable that is not set": 'service = "waldur"\ntoken = { env = "NOWHERE" }',
    "a command that fails": 'service = "waldur"\ntoken = { command = "false" }',
    "a file that is not there": 'service = "waldur"\ntoken = { file = "nowhere.txt" }',
    "a setting that there is not": 'service = "waldur"\ntokn = "x"',
    "a service that there is not": 'service = "nope"',
    "no service": 'url = "https://waldur.example.org"',
    "a wrong URL": 'service = "waldur"\nurl = "waldur"\ntoken = { env = "TOKEN" }',
}
ASKING = [("find", "ana@example.com"), ("offboard", "ana@example.com", "--yes"), ("overview",)]

asking = pytest.mark.parametrize("arguments", ASKING, ids=lambda arguments: arguments[0])


def profiles(ground: Ground, **tables: str) -> dict[str, str]:
    """The variables of a run with these profiles, in which `campus` is the Waldur of the ground."""
    url = ground.variables["INVITE_WALDUR_URL"]
    good = f'service = "waldur"\nurl = "{url}"\ntoken = {{ env = "TOKEN" }}'
    file = ground.home / "profiles.toml"
    file.write_text("".join(f"[profiles.{name}]\n{table or good}\n" for name, table in tables.items()))
    return {"INVITE_CONFIG": str(file), "TOKEN": ground.variables["INVITE_WALDUR_TOKEN"]}


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@asking
def test_a_profile_that_cannot_be_used_stops_no_other(ground: Ground, arguments: Sequence[str], broken: str) -> None:
    ground["waldur"].invite("ana@example.com")
    variables = profiles(ground, lab=broken, campus="")

    done = ground.run(*arguments, "--jsonl", variables=variables)

    lab, campus = rows(done.out)
    assert (lab["client"], lab["outcome"], campus["client"]) == ("lab", "failed", "campus")
    assert "lab" in str(lab["error"])
    assert campus["outcome"] in ("found", "taken back")
    assert done.code == Code.FAILED


@asking
def test_where_no_profile_can_be_used_the_settings_are_to_blame(ground: Ground, arguments: Sequence[str]) -> None:
    variables = profiles(ground, **dict(zip("abcdefg", BROKEN.values(), strict=True)))

    done = ground.run(*arguments, "--jsonl", variables=variables)

    assert [(row["client"], row["outcome"]) for row in rows(done.out)] == [(name, "failed") for name in "abcdefg"]
    assert done.code == Code.CONFIGURATION


@asking
def test_a_profile_that_was_mistyped_is_told_before_anything_is_done(ground: Ground, arguments: Sequence[str]) -> None:
    ground["waldur"].invite("ana@example.com")
    variables = profiles(ground, campus="")

    done = ground.run(*arguments, "--profile", "campus", "--profile", "campsu", variables=variables)

    assert (done.code, done.out) == (Code.CONFIGURATION, "")
    assert "did you mean campus?" in done.err
    assert [row.state for row in ground["waldur"].invitations] == ["pending"]


@asking
def test_a_service_that_was_mistyped_is_told_before_anything_is_done(ground: Ground, arguments: Sequence[str]) -> None:
    ground["waldur"].invite("ana@example.com")

    done = ground.run(*arguments, "--service", "waldur", "--service", "waldru")

    assert (done.code, done.out) == (Code.USAGE, "")
    assert [row.state for row in ground["waldur"].invitations] == ["pending"]


@pytest.mark.parametrize("ground", [("waldur", "enhance")], indirect=True)
@asking
def test_what_a_service_cannot_do_is_told_and_is_no_failure_of_every_run(
    ground: Ground, arguments: Sequence[str]
) -> None:
    ground["waldur"].invite("ana@example.com")

    every = ground.run(*arguments, "--jsonl")
    quiet = ground.run(*arguments, "--quiet")
    named = ground.run(*arguments, "--service", "waldur", "--service", "enhance")
    alone = ground.run(*arguments, "--service", "enhance")

    assert next((row["client"], row["outcome"]) for row in rows(every.out)) == ("enhance", "unsupported")
    assert every.code == Code.DONE
    assert (quiet.code, quiet.err) == (Code.DONE, "")
    assert named.code == Code.FAILED
    assert alone.code == Code.USAGE


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.status(401), Code.CREDENTIALS),
        (Fault.status(403), Code.CREDENTIALS),
        (Fault.status(404), Code.NOT_FOUND),
        (Fault.redirect(), Code.CONFIGURATION),
        (Fault.status(503), Code.UNAVAILABLE),
    ],
    ids=lambda value: str(value),
)
@asking
def test_what_all_have_ended_with_is_the_code(
    ground: Ground, arguments: Sequence[str], fault: Fault, code: Code
) -> None:
    ground["waldur"].faults.plan(fault, on="user_invitations_list", times=9)

    assert ground.run(*arguments, "--deadline", "1").code == code


@pytest.mark.parametrize("ground", [("waldur", "cloudtruth")], indirect=True)
@asking
def test_where_some_have_failed_the_code_is_1(ground: Ground, arguments: Sequence[str]) -> None:
    ground["waldur"].faults.plan(Fault.status(401), on="user_invitations_list", times=9)

    assert ground.run(*arguments).code == Code.FAILED


def test_an_offboarding_of_which_nobody_can_tell_says_so(ground: Ground) -> None:
    ground["waldur"].invite("ana@example.com")
    ground["waldur"].faults.plan(Fault.drop_reply(), on="user_invitations_cancel", times=9)
    ground["waldur"].faults.plan(Fault.status(503), on="user_invitations_retrieve", times=99)

    done = ground.run("offboard", "ana@example.com", "--yes", "--deadline", "2")

    assert done.code == Code.UNKNOWN, done.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_offboarding_that_is_interrupted_tells_what_was_taken_back(
    ground: Ground, number: signal.Signals, code: int
) -> None:
    for role in ("PROJECT.ADMIN", "PROJECT.MEMBER", "PROJECT.MANAGER"):
        ground["waldur"].invite("ana@example.com", role=role)
    asked = threading.Event()
    ground["waldur"].faults.plan(
        Fault.slow_headers(1),
        on="user_invitations_cancel",
        when=lambda request: not asked.set(),  # type: ignore[func-returns-value]
    )

    with ground.started("offboard", "ana@example.com", "--yes", "--jsonl") as process:
        assert asked.wait(60)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)

    told = [(row["outcome"], row["id"]) for row in rows(out)]
    became = {"canceled": "taken back", "pending": "left"}
    assert process.returncode == code
    assert sorted(told) == sorted((became[row.state], row.uuid) for row in ground["waldur"].invitations)
    assert [outcome for outcome, _ in told] == ["taken back", "left", "left"]
    assert "run it again, and it takes back what is left" in err
    assert "Traceback" not in err


def test_the_question_shows_a_table_of_what_is_open(ground: Ground) -> None:
    ground["waldur"].invite("ana@example.com", role="PROJECT.ADMIN")

    done = ground.terminal("offboard", "ana@example.com", typed="n\n")

    assert "Invitation(" not in done.out
    assert [line.split()[:4] for line in done.out.splitlines() if "ana@example.com" in line] == [
        ["waldur", "pending", "ana@example.com", "PROJECT.ADMIN"]
    ]
    assert "nothing was done" in done.out
    assert done.code == Code.FAILED


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([], Code.DONE),
        ([Code.DONE, Code.DONE], Code.DONE),
        ([Code.CREDENTIALS, Code.CREDENTIALS], Code.CREDENTIALS),
        ([Code.CREDENTIALS, Code.DONE], Code.FAILED),
        ([Code.CREDENTIALS, Code.UNAVAILABLE], Code.FAILED),
        ([Code.DONE, Code.UNKNOWN, Code.FAILED], Code.UNKNOWN),
    ],
)
def test_several_parts_have_one_code(codes: list[Code], code: Code) -> None:
    assert together(codes) == code


@pytest.mark.parametrize(("state", "code"), [("pending", Code.DONE), ("accepted", Code.FAILED)])
@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["done", "dry"])
def test_offboarding_tells_by_its_code_that_something_is_left_where_that_is_asked(
    ground: Ground, state: str, code: Code, dry: tuple[str, ...]
) -> None:
    ground["waldur"].invite("ana@example.com", state=state)

    assert ground.run("offboard", "ana@example.com", "--yes", *dry, "--exit-code").code == code
    assert ground.run("offboard", "ana@example.com", "--yes", *dry).code == Code.DONE
