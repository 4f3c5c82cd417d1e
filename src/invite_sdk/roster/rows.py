"""The rows of a list, what is wrong with some, and when two are about the same person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from invite_sdk import InvalidArgumentError, Scope
from invite_sdk._html import plain
from invite_sdk.services import address_form, canonical_id, is_uuid

_MOST_TOLD = 10
_REMEMBERED = 2**14
"""How many rows' keys are remembered: few enough to cost little, and enough for most lists."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person to be invited, as the list says it.

    What is empty in the list is `None` here. Two rows are equal where they say the same on the same line.
    """

    email: str
    role: str | tuple[str, ...]
    """Several only where the list names several."""
    organization: str | None = None
    """Its name or id; `None` where a scope is given, which then has it."""
    scope: Scope | str | None = None
    """What the role is granted in: `Scope(type, name or id, organization)`, or a URL."""
    name: str | None = None
    message: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)
    """Further fields by the service's own names."""
    client: str | None = None
    """Which client of a hub invites."""
    line: int = 0
    """The line of the file on which it begins, or its place among rows from Python; both from 1."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a list, and where."""

    line: int
    """The line, or the place among rows from Python, from 1; 0 where it is about the list as a whole."""
    column: str | None
    """The column, where it is about one."""
    reason: str
    """What is wrong and what to do, without the row's values."""

    def __str__(self) -> str:
        where = ", ".join(([f"line {self.line}"] if self.line else []) + ([self.column] if self.column else []))
        return plain(f"{where}: {self.reason}" if where else self.reason)


class RosterError(InvalidArgumentError):
    """A list cannot be used as it is. Nothing was sent.

    Attributes:
        problems: everything that is wrong, in the order of the lines; empty where the error was rebuilt from its
            message alone.
    """

    def __init__(self, message: str, *, problems: tuple[RowProblem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Checked:
    """A list in which each person stands once for each place."""

    rows: tuple[Row, ...]
    duplicates: Mapping[int, int] = field(default_factory=dict[int, int], hash=False)
    """The lines that say again what an earlier one says, each with that earlier line."""


def refused(problems: Iterable[RowProblem], name: str = "the list") -> RosterError:
    """The error that tells what is wrong: the first ten problems in words, all of them as its `problems`."""
    told = tuple(sorted(problems, key=lambda problem: problem.line))
    more = len(told) - _MOST_TOLD
    lines = [*map(str, told[:_MOST_TOLD]), *([f"and {more} more"] if more > 0 else [])]
    count = "a problem" if len(told) == 1 else f"{len(told)} problems"
    return RosterError(f"{name} has {count}; nothing was sent\n" + "\n".join(lines), problems=told)


def checked(rows: Sequence[Row], problems: Iterable[RowProblem] = (), *, name: str = "the list") -> Checked:
    """The rows with each person once for each place. What only a later one says, such as a name, is added to the first.

    Args:
        rows: the rows, each with a line of its own.
        problems: what is known to be wrong already, to be told together with what is found here.
        name: what the list is called in an error.

    Raises:
        RosterError: there are problems, rows contradict each other, or there is none: an empty list, made true, would
            cancel everybody's invitation.
    """
    found = list(problems)
    first: dict[str, Row] = {}
    duplicates: dict[int, int] = {}
    for row in rows:
        key = row_key(row)
        other = first.setdefault(key, row)
        if other is row:
            continue
        contradicted = _contradicted(other, row)
        found += (RowProblem(row.line, column, reason) for column, reason in contradicted)
        if not contradicted:
            duplicates[row.line] = other.line
            if (row.name, row.message, row.extra) != (other.name, other.message, other.extra):
                extra = {**row.extra, **other.extra}
                first[key] = replace(
                    other, name=other.name or row.name, message=other.message or row.message, extra=extra
                )
    if not rows and not found:
        found.append(RowProblem(0, None, "it has no rows; give at least one"))
    if found:
        raise refused(found, name)
    return Checked(tuple(first.values()), duplicates)


def at_home(row: Row, only: str | None, defaults: Mapping[str, Mapping[str, str]]) -> Row:
    """The row with what it takes from elsewhere: the only client there is, and the organization of its connection."""
    client = row.client or only
    organization = row.organization
    if organization is None and row.scope is None:
        organization = defaults.get(client or "", {}).get("organization")
    if client == row.client and organization == row.organization:
        return row
    return replace(row, client=client, organization=organization)


@lru_cache(_REMEMBERED)
def row_key(row: Row) -> str:
    """Who is invited into what, as text that is the same for all spellings: a JSON array, in ASCII.

    Journals keep it, so it never changes from version to version. A run asks for it a dozen times for each row.
    """
    return json.dumps([row.client, address_form(row.email), canonical_id(row.organization), _scope_key(row.scope)])


def place_key(row: Row) -> str:
    """Into what a row invites, as text that is the same for all spellings of an id."""
    return json.dumps([canonical_id(row.organization), _scope_key(row.scope)])


def fingerprint(rows: Sequence[Row]) -> str:
    """What the rows say as a SHA-256 in hex: the same for the same rows in another order or on other lines."""
    said = sorted(
        json.dumps([row_key(row), sorted(_roles(row)), row.name, row.message, row.extra], sort_keys=True)
        for row in rows
    )
    return hashlib.sha256("\n".join(said).encode("ascii")).hexdigest()


def role_form(role: str) -> str:
    """A role in the form that all its spellings share: names without regard to case, ids in one form."""
    folded = role.casefold()
    return canonical_id(folded) or folded


def _contradicted(first: Row, row: Row) -> list[tuple[str, str]]:
    """The columns in which a row contradicts an earlier one about the same person, each with what to do."""
    if _roles(first) != _roles(row):
        return [
            ("role", f"the same person with two roles in one scope: line {first.line} says another one; keep one line")
        ]
    columns = [
        column
        for column, one, other in (("name", first.name, row.name), ("message", first.message, row.message))
        if one and other and one != other
    ]
    columns += (f"extra.{key}" for key, value in row.extra.items() if first.extra.get(key, value) != value)
    return [
        (column, f"the same person and role as line {first.line}, which says another {column}; keep one line")
        for column in columns
    ]


def _roles(row: Row) -> set[str]:
    return {role_form(role) for role in ((row.role,) if isinstance(row.role, str) else row.role)}


def _scope_key(scope: Scope | str | None) -> str | list[str | None] | None:
    if not isinstance(scope, Scope):
        return scope
    # An organization tells scopes of one name apart; beside an id it is idle.
    organization = None if is_uuid(scope.id) else canonical_id(scope.organization)
    return [scope.type, canonical_id(scope.id), organization]
