"""Every command in every form of its output: as rows for machines, in a pipe and on a terminal."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest

from invite_sdk.cli.app import COMMANDS
from tests.cli.conftest import Ground

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
PLACE = ("--scope", "Apollo", "--scope-type", "project")


@dataclass(frozen=True)
class Case:
    """A command line that works, and what a row of its output has to say."""

    arguments: Callable[[Any], list[str]]
    says: dict[str, str]
    service: str = "waldur"
    stdin: str = ""


def _invited(fake: Any, email: str = "ana@example.com", **fields: Any) -> str:
    return str(fake.invite(email, **fields).uuid)


def _listed(fake: Any) -> list[str]:
    _invited(fake)
    return ["list", "--status", "pending"]


CASES: dict[str, Case] = {
    "list": Case(_listed, {"email": "ana@example.com", "status": "pending"}),
    "count": Case(lambda fake: ["count", "--status", "pending"], {"count": "0"}),
    "get": Case(lambda fake: ["get", _invited(fake)], {"email": "ana@example.com"}),
    "create": Case(
        lambda fake: ["create", "ana@example.com", "--role", "PROJECT.ADMIN", *PLACE],
        {"outcome": "created", "email": "ana@example.com", "status": "pending"},
    ),
    "ensure": Case(
        lambda fake: ["ensure", "ana@example.com", "--role", "PROJECT.ADMIN", *PLACE],
        {"outcome": "created", "email": "ana@example.com"},
    ),
    "update": Case(
        lambda fake: ["update", _invited(fake), "--email", "ana@example.org"],
        {"outcome": "updated", "email": "ana@example.org"},
    ),
    "delete": Case(lambda fake: ["delete", _invited(fake)], {"outcome": "deleted"}),
    "cancel": Case(lambda fake: ["cancel", _invited(fake)], {"outcome": "canceled", "status": "canceled"}),
    "resend": Case(lambda fake: ["resend", _invited(fake)], {"outcome": "resent", "status": "pending"}),
    "accept": Case(
        lambda fake: ["accept", fake.invite("ana@example.com").id], {"outcome": "accepted"}, service="zenml"
    ),
    "decline": Case(
        lambda fake: ["decline", fake.invite("ana@example.com").id], {"outcome": "declined"}, service="zenml"
    ),
    "approve": Case(lambda fake: ["approve", "--dry-run"], {"outcome": "would approve"}, stdin="token\n"),
    "reject": Case(lambda fake: ["reject", "--dry-run"], {"outcome": "would reject"}, stdin="token\n"),
    "check": Case(lambda fake: ["check", _invited(fake)], {"valid": "true"}),
    "preview": Case(lambda fake: ["preview", _invited(fake)], {"role": "PROJECT.MEMBER"}),
    "roles": Case(lambda fake: ["roles", "--name", "PROJECT.ADMIN"], {"name": "PROJECT.ADMIN"}),
    "scopes": Case(lambda fake: ["scopes", "--name", "Apollo"], {"name": "Apollo", "type": "project"}),
    "find": Case(lambda fake: ["find", _invited(fake) and "ana@example.com"], {"client": "waldur"}),
    "offboard": Case(
        lambda fake: ["offboard", _invited(fake) and "ana@example.com", "--yes"], {"outcome": "taken back"}
    ),
    "overview": Case(lambda fake: ["overview"], {"client": "waldur", "open": "0"}),
    "plan": Case(lambda fake: ["plan", "FILE"], {"line": "2", "action": "create"}),
    "apply": Case(lambda fake: ["apply", "FILE", "--yes"], {"line": "2", "outcome": "done"}),
}


def case_of(ground: Ground, name: str) -> tuple[list[str], Case]:
    case = CASES[name]
    people = ground.home / "people.csv"
    people.write_text("email,role,scope_type,scope\nana@example.com,PROJECT.ADMIN,project,Apollo\n")
    arguments = [str(people) if word == "FILE" else word for word in case.arguments(ground[case.service])]
    return arguments, case


def test_every_command_is_tried_here() -> None:
    assert set(COMMANDS) == set(CASES) | {"profile", "capabilities", "serve-fakes", "doctor"} & set(COMMANDS)


SERVICES = [pytest.param((case.service,), name, id=name) for name, case in CASES.items()]


@pytest.mark.parametrize("form", ["tsv", "json", "jsonl", "csv"])
@pytest.mark.parametrize(("ground", "name"), SERVICES, indirect=["ground"])
def test_each_form_has_the_same_rows_with_the_same_fields(ground: Ground, name: str, form: str) -> None:
    arguments, case = case_of(ground, name)

    done = ground.run(*arguments, *([] if form == "tsv" else [f"--{form}"]), stdin=case.stdin)

    assert done.code == 0, done.err
    rows = read(done.out, form, name)
    assert len(rows) == 1
    assert {field: rows[0][field] for field in case.says} == case.says


@pytest.mark.parametrize(("ground", "name"), SERVICES, indirect=["ground"])
def test_a_process_in_a_pipe_writes_tsv_with_the_fields_of_json(ground: Ground, name: str) -> None:
    arguments, case = case_of(ground, name)

    done = ground.process(*arguments, stdin=case.stdin)

    assert done.code == 0, done.err
    assert "\x1b" not in done.out
    (row,) = read(done.out, "tsv", name)
    assert {field: row[field] for field in case.says} == case.says


@pytest.mark.parametrize(("ground", "name"), SERVICES, indirect=["ground"])
def test_a_process_on_a_terminal_writes_a_table(ground: Ground, name: str) -> None:
    arguments, case = case_of(ground, name)

    done = ground.terminal(*arguments, typed=case.stdin)

    assert done.code == 0, done.out
    shown = ANSI.sub("", done.out)
    assert "\t" not in shown
    for field, value in case.says.items():
        assert value in shown
        assert name == "count" or field in shown


def read(text: str, form: str, name: str) -> list[dict[str, str]]:
    """The rows, with each value as a cell has it."""
    if name == "count" and form == "tsv":
        return [{"count": text.strip()}]
    if form in ("json", "jsonl"):
        found: list[dict[str, Any]] = (
            json.loads(text) if form == "json" else [json.loads(line) for line in text.splitlines()]
        )
        return [{key: plain(value) for key, value in row.items()} for row in found]
    return list(csv.DictReader(StringIO(text), delimiter="\t" if form == "tsv" else ","))


def plain(value: object) -> str:
    if isinstance(value, list):
        return "|".join(value)
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
