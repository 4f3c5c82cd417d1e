"""A plan: what would be done to whom, to be read, kept, and applied."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, get_args
from uuid import uuid4

from invite_clients._times import DateTime, real_classes
from invite_sdk import InvalidArgumentError, InviteError
from invite_sdk._framed import Framed
from invite_sdk._html import MAX_ROWS, html_table, plain
from invite_sdk.roster.deciding import WRITES, Action, Known
from invite_sdk.roster.policy import Policy
from invite_sdk.roster.rows import Row, fingerprint, row_key

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from invite_sdk._frames import Columns, Rows

FORMAT = 1
"""The version of a plan's JSON."""

_COLUMNS: Columns = {
    "line": "number",
    **dict.fromkeys(("client", "email", "role", "where"), "text"),
    "action": get_args(Action),
    "reason": "text",
}
_PRUNES = ("cancel", "cannot", "nothing")
"""What can be done about an invitation that the list does not have."""
_SHOWN = 20
_REST = ".to_dicts() or .to_pandas() has all"


class PruneLimitError(InviteError):
    """More open invitations are not in the list than `max_prune` allows to cancel. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of the list, or an open invitation that it does not have, and what is to be done."""

    row: Row
    action: Action
    reason: str
    about: Known | None = None
    """The invitation that the action is about, where one is there."""

    @property
    def key(self) -> str:
        """What journals know this row by; a pruned invitation by its id."""
        if self.is_pruned and self.about is not None:
            return f"prune {json.dumps([self.row.client, self.about.id])}"
        return row_key(self.row)

    @property
    def is_pruned(self) -> bool:
        """Whether this is no row of the list."""
        return self.row.line == 0


@dataclass(frozen=True, slots=True, repr=False, weakref_slot=True)
class Plan(Framed):
    """What would be done about each row of a list. Nothing has been done yet."""

    rows: tuple[PlannedRow, ...]
    clients: Mapping[str, str]
    """The clients by name, and which server each one asks."""
    policy: Policy
    read_at: DateTime
    """When the services began to be asked."""
    duplicates: Mapping[int, int] = field(default_factory=dict[int, int])
    """Lines that say once more what another one says, by that one."""
    defaults: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """What rows have taken from the connections of their clients, such as an organization."""
    max_prune: int | None = None
    """How many open invitations that the list does not have may be canceled; `None` where it was not asked for."""
    format: int = FORMAT
    id: str = field(default_factory=lambda: uuid4().hex)
    """What journals know it by: what was done by this plan is not done by it again."""

    def __iter__(self) -> Iterator[PlannedRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def roster(self) -> str:
        """The fingerprint of the list that the plan is for."""
        return fingerprint([planned.row for planned in self.rows if not planned.is_pruned])

    @property
    def counts(self) -> dict[Action, int]:
        """How many rows there are of each action, the most frequent first."""
        counted: Counter[Action] = Counter(planned.action for planned in self.rows)
        return dict(counted.most_common())

    @property
    def writes(self) -> tuple[PlannedRow, ...]:
        """The rows that would change something."""
        return tuple(planned for planned in self.rows if planned.action in WRITES)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be changed."""
        return not any(planned.action in WRITES for planned in self.rows)

    def to_dicts(self) -> list[dict[str, object]]:
        """A row of a table for each planned row."""
        return [_shown(planned) for planned in self.rows]

    def _table(self, *, mask: bool) -> tuple[Columns, Rows]:  # noqa: ARG002 - no key is in it
        return _COLUMNS, self.to_dicts()

    def to_json(self) -> str:
        """The whole plan, to be kept and applied later, on another machine too. Ids stand in it as they are."""
        return _adapter().dump_json(self, indent=1).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Plan:
        """A plan that was kept.

        Raises:
            InvalidArgumentError: this is none, one of another version, or one that was changed by hand into what no
                plan says. One whose rows were changed otherwise is refused by `apply`.
        """
        try:
            plan = _adapter().validate_json(text)
        except ValueError as error:
            raise InvalidArgumentError(f"this is no plan as Plan.to_json() writes it: {_first(error)}") from None
        if plan.format != FORMAT:
            raise InvalidArgumentError(f"this plan is of format {plan.format}, and this version reads {FORMAT}")
        lines = {planned.row.line for planned in plan.rows if not planned.is_pruned}
        for planned in plan.rows:
            if planned.is_pruned and planned.action not in _PRUNES:
                raise InvalidArgumentError(
                    f"this plan was changed: what has no line in the list can only be one of {', '.join(_PRUNES)}"
                )
        if not lines.issuperset(plan.duplicates.values()):
            raise InvalidArgumentError("this plan was changed: duplicates names lines that it does not have")
        return plan

    def __repr__(self) -> str:
        said = ", ".join(f"{number} {action}" for action, number in self.counts.items()) or "no rows"
        lines = [f"Plan of {self.read_at:%Y-%m-%d %H:%M} UTC: {said}"]
        lines += [_line(planned) for planned in self.writes[:_SHOWN]]
        lines += [_line(planned) for planned in self.rows if planned.action == "cannot"][:_SHOWN]
        hidden = len(self.writes) - _SHOWN
        return "\n".join(lines) + (f"\n  ... and {hidden} more that would be changed" if hidden > 0 else "")

    __str__ = __repr__

    def _repr_html_(self) -> str:
        said = ", ".join(f"{number} {action}" for action, number in self.counts.items()) or "no rows"
        rows = [_shown(planned) for planned in self._by_weight()[:MAX_ROWS]]
        return html_table(f"Plan of {self.read_at:%Y-%m-%d %H:%M} UTC: {said}", rows, len(self.rows), _REST)

    def _by_weight(self) -> list[PlannedRow]:
        """What would be changed first, then what cannot be, then the rest."""
        return sorted(self.rows, key=lambda planned: (planned.action not in WRITES, planned.action != "cannot"))

    def part(self, rows: Sequence[PlannedRow]) -> Plan:
        """The same plan of some of its rows only."""
        return replace(self, rows=tuple(rows), duplicates={})


def where(row: Row) -> str:
    """The organization or scope of a row, as people write it."""
    scope = row.scope
    if scope is None or isinstance(scope, str):
        return scope or row.organization or ""
    return f"{scope.type} {scope.id}" + (f" of {scope.organization}" if scope.organization else "")


def role(row: Row) -> str:
    """The role of a row, as one text."""
    return row.role if isinstance(row.role, str) else ", ".join(row.role)


def _shown(planned: PlannedRow) -> dict[str, object]:
    row = planned.row
    said: dict[str, object] = {"line": row.line or None, "client": row.client, "email": row.email, "role": role(row)}
    return {**said, "where": where(row), "action": planned.action, "reason": planned.reason}


def _line(planned: PlannedRow) -> str:
    told = _shown(planned)
    place = f"line {told['line']}" if told["line"] else "pruned"
    who, client = plain(told["email"], 100), plain(told["client"], 100)
    return f"  {planned.action:<8} {who} ({client}, {place}): {plain(planned.reason)}"


def _first(error: ValueError) -> str:
    """Where pydantic met the first thing that is wrong, and what; without the values."""
    details: list[Any] = getattr(error, "errors", list)()
    if not details:
        return "it cannot be read"
    return f"{'.'.join(map(str, details[0]['loc'])) or 'at its beginning'}: {details[0]['msg']}"


@cache
def _adapter() -> TypeAdapter[Plan]:
    with real_classes():
        from pydantic import TypeAdapter

        return TypeAdapter(Plan)
