"""A disk that is full: what was done is told all the same, and nothing ends with a traceback."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, Done, Ground

FULL = Path("/dev/full")
PLACE = ("--role", "PROJECT.ADMIN", "--scope", "Apollo", "--scope-type", "project")

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="a device of Linux")


def into_full(ground: Ground, *arguments: str, within: tuple[str, ...] = ()) -> Done:
    with FULL.open("w") as full:
        done = subprocess.run(
            [*within, *COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=ground.environment(),
            timeout=60,
            check=False,
        )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return Done(done.returncode, "", done.stderr)


def test_what_was_created_is_told_on_stderr_with_its_id(ground: Ground) -> None:
    done = into_full(ground, "create", "ana@example.com", *PLACE, "--fields", "outcome,email")

    (made,) = ground["waldur"].invitations
    assert done.code == 1
    assert done.err.startswith("error: stdout cannot be written (No space left on device); what was done stands here")
    assert f"outcome=created, email=ana@example.com, id={made.uuid}" in done.err


def test_the_object_of_the_error_has_what_was_created(ground: Ground) -> None:
    done = into_full(ground, "create", "ana@example.com", *PLACE, "--json")

    (made,) = ground["waldur"].invitations
    said = json.loads(done.err)
    assert (said["exit_code"], [row["id"] for row in said["rows"]]) == (1, [made.uuid])


@pytest.mark.parametrize("ground", [("enhance",)], indirect=True)
@pytest.mark.parametrize("is_shown", [True, False])
def test_a_key_is_told_only_where_it_was_asked_for(ground: Ground, is_shown: bool) -> None:
    keys = ["--show-keys"] if is_shown else []

    done = into_full(ground, "create", "ana@example.com", "--role", "Owner", "--name", "Ana", *keys)

    (made,) = ground["enhance"].invitations
    assert (done.code, made.id in done.err, made.id[-4:] in done.err) == (1, is_shown, True)


@pytest.mark.parametrize("form", [(), ("--csv",), ("--jsonl",)], ids=["tsv", "csv", "jsonl"])
def test_several_go_on_and_each_is_told(ground: Ground, form: tuple[str, ...]) -> None:
    ids = [ground["waldur"].invite(f"{name}@example.com").uuid for name in ("ana", "ben", "cleo")]

    done = into_full(ground, "cancel", *ids, *form)

    assert {row.state for row in ground["waldur"].invitations} == {"canceled"}
    assert [uuid in done.err for uuid in ids] == [True, True, True]
    assert ("3 canceled, 0 not" in done.err, done.code) == (True, 1)


def test_a_list_is_made_true_with_its_report_and_its_summary(ground: Ground) -> None:
    people, report = ground.home / "people.csv", ground.home / "report.csv"
    people.write_text("email,role,scope_type,scope\nana@example.com,PROJECT.ADMIN,project,Apollo\n")

    done = into_full(ground, "apply", str(people), "--yes", "--report", str(report))

    assert (done.code, "1 done\n" in done.err, "outcome=done" in done.err) == (1, True, True)
    assert "ana@example.com" in report.read_text()


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("list", "--help"), ("list",), ("count",)])
def test_what_is_read_fails_with_a_sentence(ground: Ground, arguments: tuple[str, ...]) -> None:
    done = into_full(ground, *arguments)

    assert (done.code, "No space left on device" in done.err) == (1, True)


def test_the_script_for_a_shell_fails_with_a_sentence(ground: Ground) -> None:
    # The shell is the one that has called it, so there has to be one.
    done = into_full(ground, "--show-completion", within=("bash", "-c", '"$@"; exit $?', "bash"))

    assert (done.code, "No space left on device" in done.err) == (1, True)


def test_a_log_that_is_full_ends_alone(ground: Ground) -> None:
    done = ground.process("create", "ana@example.com", *PLACE, "--log-json", str(FULL))

    (made,) = ground["waldur"].invitations
    assert (done.code, made.uuid in done.out) == (1, True)
    assert done.err == f"error: {FULL}: No space left on device; the log is not whole\n"
