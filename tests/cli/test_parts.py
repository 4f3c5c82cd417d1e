"""What has several parts, ids or rows of a list: the code that they have together."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from invite_sdk.cli.codes import Code
from invite_sdk.testing import Fault
from tests.cli.conftest import Ground

NOBODY = "0" * 32
CREATE, CANCEL = "user_invitations_create", "user_invitations_cancel"


@pytest.fixture
def people(ground: Ground) -> Path:
    file = ground.home / "people.csv"
    rows = (f"{name}@example.com,PROJECT.ADMIN,project,Apollo\n" for name in ("ana", "ben"))
    file.write_text("email,role,scope_type,scope\n" + "".join(rows))
    return file


def planned(kind: Fault, on: str, times: int | None = None) -> Callable[[Any], None]:
    return lambda fake: fake.faults.plan(kind, on=on, times=times)


def nothing(fake: Any) -> None:
    """All goes well."""


def there(fake: Any) -> None:
    for name in ("ana", "ben"):
        fake.invite(f"{name}@example.com", role="PROJECT.ADMIN")


def taken_back(fake: Any) -> None:
    for name in ("ana", "ben"):
        fake.invite(f"{name}@example.com", role="PROJECT.ADMIN", state="canceled")


ROWS: list[tuple[str, Callable[[Any], None], Code]] = [
    ("all are done", nothing, Code.DONE),
    ("all are there", there, Code.DONE),
    ("the policy skips all", taken_back, Code.DONE),
    ("all are refused", planned(Fault.status(400), CREATE), Code.FAILED),
    ("one is refused", planned(Fault.status(400), CREATE, 1), Code.FAILED),
    ("the credential is refused for all", planned(Fault.status(401), CREATE), Code.CREDENTIALS),
    ("all conflict", planned(Fault.status(409), CREATE), Code.CONFLICT),
    ("one conflicts", planned(Fault.status(409), CREATE, 1), Code.FAILED),
    ("the server fails", planned(Fault.status(503), "user_invitations_list"), Code.UNAVAILABLE),
]


@pytest.mark.parametrize(("prepare", "code"), [each[1:] for each in ROWS], ids=[each[0] for each in ROWS])
def test_the_rows_of_a_list_have_one_code(
    ground: Ground, people: Path, prepare: Callable[[Any], None], code: Code
) -> None:
    prepare(ground["waldur"])

    done = ground.run("apply", str(people), "--yes", "--max-concurrency", "1", "--deadline", "2")

    assert done.code == code, done.out + done.err


@pytest.mark.parametrize("ground", [("enhance",)], indirect=True)
def test_a_row_of_which_nobody_can_tell_comes_before_all_others(ground: Ground) -> None:
    people = ground.home / "people.csv"
    people.write_text("email,role,name\nana@example.com,Owner,Ana\nben@example.com,Owner,Ben\n")
    ground["enhance"].faults.plan(Fault.drop_reply(), times=1)

    done = ground.run("apply", str(people), "--yes", "--max-concurrency", "1", "--fields", "email,outcome")

    assert sorted(line.split("\t")[1] for line in done.out.splitlines()[1:]) == ["done", "unknown"]
    assert done.code == Code.UNKNOWN


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (planned(Fault.status(401), CANCEL), Code.CREDENTIALS),
        (planned(Fault.status(409), CANCEL), Code.CONFLICT),
        (planned(Fault.status(400), CANCEL, 1), Code.FAILED),
        (nothing, Code.DONE),
    ],
    ids=["401", "409", "one", "none"],
)
def test_several_ids_have_one_code(ground: Ground, prepare: Callable[[Any], None], code: Code) -> None:
    ids = [ground["waldur"].invite(f"{name}@example.com").uuid for name in ("ana", "ben")]
    prepare(ground["waldur"])

    assert ground.run("cancel", *ids, "--no-refetch").code == code


def test_ids_that_nobody_knows_are_not_found(ground: Ground) -> None:
    assert ground.run("cancel", NOBODY, "1" * 32).code == Code.NOT_FOUND


@pytest.mark.parametrize("command", ["cancel", "resend"])
@pytest.mark.parametrize("stdin", ["", "\n \n"], ids=["empty", "blank"])
def test_where_a_pipe_brings_no_id_there_is_nothing_to_do(ground: Ground, command: str, stdin: str) -> None:
    done = ground.process(command, "-", "--fields", "outcome,id", stdin=stdin)

    assert (done.code, done.out) == (Code.DONE, "outcome\tid\n")
    assert done.err == "stdin had no id: there is nothing to do\n"
    assert ground.process(command, "-", "--json", "--quiet", stdin=stdin) == (Code.DONE, "[]\n", "")


def test_a_journal_that_another_run_has_is_tried_later(ground: Ground, people: Path) -> None:
    assert ground.run("apply", str(people), "--yes").code == Code.DONE
    with closing(sqlite3.connect(f"{people}.journal")) as other:
        other.execute("BEGIN EXCLUSIVE")

        done = ground.run("apply", str(people), "--yes")

    assert (done.code, done.out) == (Code.UNAVAILABLE, "")
    assert "another run or program uses it; wait until that has ended" in done.err
