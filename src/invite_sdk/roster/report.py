"""What became of each row, while it happens and in the end."""

from __future__ import annotations

import csv
import json
import logging
import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TextIO, get_args

from invite_sdk import Invitation, InviteError, Status
from invite_sdk._framed import Framed
from invite_sdk._html import MAX_ROWS, html_table, plain
from invite_sdk.roster.deciding import Action
from invite_sdk.roster.plan import PlannedRow, role, where

if TYPE_CHECKING:
    from invite_sdk._frames import Columns, Rows

logger = logging.getLogger("invite_sdk")

Kind = Literal["done", "nothing", "skip", "cannot", "failed", "unknown", "stale", "left"]
"""What became of a row: done now, nothing to do, skipped or not possible as the plan says, refused by the service, sent
without an answer, not done since the service has changed since the plan, or left for the next run."""

_GOOD = frozenset({"done", "nothing", "skip"})
_COLUMNS: Columns = {
    "line": "number",
    **dict.fromkeys(("client", "email", "role", "where"), "text"),
    "action": get_args(Action),
    "outcome": get_args(Kind),
    **dict.fromkeys(("id", "reason", "error"), "text"),
}
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_MOST_IN_CELL = 5000
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row."""

    planned: PlannedRow
    kind: Kind
    reason: str
    id: str | None = field(default=None, repr=False)
    """The invitation's id, where it is known. Enhance's are invite keys."""
    error: InviteError | None = None

    @property
    def is_good(self) -> bool:
        """Whether the row is as the list wants it, or was left alone on purpose."""
        return self.kind in _GOOD


@dataclass(frozen=True, slots=True)
class RowEvent:
    """What happens to a row while a plan is applied."""

    kind: Literal["planned", "sent"] | Kind
    """`planned` and `sent` come before what became of it; rows without a write have only the latter."""
    planned: PlannedRow
    outcome: RowOutcome | None = None


def tell(on_event: Callable[[RowEvent], object] | None, event: RowEvent) -> None:
    """Tells a watcher, whose failures are only logged: they must not lose an outcome."""
    if on_event is not None:
        try:
            on_event(event)
        except Exception as error:  # noqa: BLE001 - whatever a watcher raises
            logger.warning("a watcher of a run failed with %s", type(error).__name__)


@dataclass(frozen=True, slots=True, repr=False)
class Report(Framed):
    """What became of every line of a list."""

    outcomes: tuple[RowOutcome, ...]
    duplicates: Mapping[int, int] = field(default_factory=dict[int, int])
    """Lines that say once more what another one says, by that one."""
    stopped: str = ""
    """Why the run ended before the rows that are `left`."""
    clients: Mapping[str, str] = field(default_factory=dict[str, str])
    """The clients by name, and which server each one asked."""

    def __iter__(self) -> Iterator[RowOutcome]:
        return iter(self.outcomes)

    def __len__(self) -> int:
        return len(self.outcomes)

    @property
    def ok(self) -> bool:
        """Whether every row is as the list wants it, or was left alone on purpose."""
        return all(outcome.is_good for outcome in self.outcomes)

    @property
    def counts(self) -> dict[Kind, int]:
        """How many rows there are of each kind, the most frequent first."""
        counted: Counter[Kind] = Counter(outcome.kind for outcome in self.outcomes)
        return dict(counted.most_common())

    def raise_for_failures(self) -> None:
        """Raises what went wrong, if anything did.

        Raises:
            ExceptionGroup: an `InviteError` for each row that is not good, with a note that says which.
        """
        failed = [_as_error(outcome) for outcome in self.outcomes if not outcome.is_good]
        if failed:
            raise ExceptionGroup(f"{len(failed)} of {len(self.outcomes)} rows are not as the list wants them", failed)

    def to_dicts(self, *, mask: bool = False) -> list[dict[str, object]]:
        """A row of a table for each input line, in their order; then one for each pruned invitation.

        Ids are whole, and Enhance's are invite keys; `mask=True` masks those.
        """
        by_line = {outcome.planned.row.line: outcome for outcome in self.outcomes}
        rows = [self._told(outcome, mask=mask) for outcome in self.outcomes]
        for line, first in self.duplicates.items():
            rows.append({**self._told(by_line[first], mask=mask), "line": line, "reason": f"the same as line {first}"})
        return sorted(rows, key=lambda row: (not row["line"], row["line"]))

    def _table(self, *, mask: bool) -> tuple[Columns, Rows]:
        return _COLUMNS, self.to_dicts(mask=mask)

    def to_csv(self, path: str | os.PathLike[str], *, mask: bool = False) -> None:
        """Writes `to_dicts()` as CSV in UTF-8, with a header; a new file is readable by its owner only.

        What a spreadsheet would take for a formula begins with a '. Control and format characters are written out, and
        what is endless is cut.
        """
        with _for_its_owner(path) as file:
            writer = csv.DictWriter(file, _COLUMNS)
            writer.writeheader()
            writer.writerows({name: _harmless(cell) for name, cell in row.items()} for row in self.to_dicts(mask=mask))

    def to_json_lines(self, path: str | os.PathLike[str], *, mask: bool = False) -> None:
        """Writes `to_dicts()` as JSON, one object a line; a new file is readable by its owner only."""
        with _for_its_owner(path) as file:
            file.writelines(json.dumps(row) + "\n" for row in self.to_dicts(mask=mask))

    def __repr__(self) -> str:
        lines = [f"Report: {self._said()}"]
        bad = [outcome for outcome in self.outcomes if not outcome.is_good]
        lines += [
            f"  {one.kind:<8} {plain(one.planned.row.email, 100)} ({plain(one.planned.row.client, 100)}, "
            f"line {one.planned.row.line or '-'}): {plain(_why(one))}"
            for one in bad[:_SHOWN]
        ]
        if len(bad) > _SHOWN:
            lines.append(f"  ... and {len(bad) - _SHOWN} more")
        return "\n".join(lines)

    __str__ = __repr__

    def _said(self) -> str:
        said = ", ".join(f"{number} {kind}" for kind, number in self.counts.items()) or "no rows"
        return f"{said}; stopped: {plain(self.stopped)}" if self.stopped else said

    def _repr_html_(self) -> str:
        first = sorted(self.outcomes, key=lambda one: one.is_good)[:MAX_ROWS]
        rows = [{**self._told(one), "id": None} for one in first]
        return html_table(f"Report: {self._said()}", rows, len(self.outcomes), ".to_dicts() or .to_pandas() has all")

    def _told(self, outcome: RowOutcome, *, mask: bool = False) -> dict[str, object]:
        planned, row = outcome.planned, outcome.planned.row
        known_id = self._masked(outcome) if mask else outcome.id
        said: dict[str, object] = {"line": row.line or None, "client": row.client, "email": row.email}
        said |= {"role": role(row), "where": where(row), "action": planned.action, "outcome": outcome.kind}
        error = outcome.error
        name = None if error is None else type(error).__name__
        return {**said, "id": known_id, "reason": outcome.reason, "error": name}

    def _masked(self, outcome: RowOutcome) -> object:
        """The id as its service's invitations show it; of a service that is not known as a key."""
        service = self.clients.get(outcome.planned.row.client or "", "").partition(" ")[0]
        return Invitation(service=service, id=outcome.id, status=Status.UNKNOWN).to_dict(mask=True)["id"]


def _why(outcome: RowOutcome) -> str:
    return outcome.reason if outcome.error is None else f"{type(outcome.error).__name__}: {outcome.reason}"


def _as_error(outcome: RowOutcome) -> InviteError:
    """An error of this row's own: one failure may be that of many rows, and a report may be asked twice."""
    cause, row = outcome.error, outcome.planned.row
    error = InviteError(f"{outcome.kind}: {plain(outcome.reason)}") if cause is None else copy(cause)
    # The copy would share the list of notes, and has no traceback.
    error.__notes__ = [*getattr(cause, "__notes__", ())]
    error.add_note(
        f"line {row.line or '-'}: {plain(row.email, 100)} ({plain(row.client, 100)}), to {outcome.planned.action}"
    )
    if cause is not None:
        error.__cause__, error.__suppress_context__ = cause.__cause__, cause.__suppress_context__
        error.__traceback__ = cause.__traceback__
    return error


@contextmanager
def _for_its_owner(path: str | os.PathLike[str]) -> Generator[TextIO]:
    """A file to be written; a new one is readable by its owner only, since ids may be invite keys."""

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    with open(path, "w", encoding="utf-8", newline="", opener=opener) as file:
        yield file


def _harmless(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula, also behind blanks, which some of them skip."""
    if not isinstance(cell, str):
        return cell
    return f"'{plain(cell, _MOST_IN_CELL)}" if cell.lstrip().startswith(_FORMULA) else plain(cell, _MOST_IN_CELL)
