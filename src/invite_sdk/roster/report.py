"""What became of each row, while it happens and in the end."""

from __future__ import annotations

import csv
import json
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from invite_sdk import InviteError
from invite_sdk.hub.tables import frame, html_table
from invite_sdk.roster.plan import PlannedRow, role, where

if TYPE_CHECKING:
    import pandas

logger = logging.getLogger("invite_sdk")

Kind = Literal["done", "nothing", "skip", "cannot", "failed", "unknown", "stale", "left"]
"""What became of a row: done now, nothing to do, skipped or not possible as the plan says, refused by the service, sent
without an answer, not done since the service has changed since the plan, or left for the next run."""

_GOOD = frozenset({"done", "nothing", "skip"})
_COLUMNS: Sequence[str] = ("line", "client", "email", "role", "where", "action", "outcome", "id", "reason", "error")
_SHOWN = 20
_SHOWN_IN_HTML = 100


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
class Report:
    """What became of every line of a list."""

    outcomes: tuple[RowOutcome, ...]
    duplicates: Mapping[int, int] = field(default_factory=dict[int, int])
    """Lines that say once more what another one says, by that one."""
    stopped: str = ""
    """Why the run ended before the rows that are `left`."""

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

    def to_dicts(self) -> list[dict[str, object]]:
        """A row of a table for each input line, in their order; then one for each pruned invitation."""
        by_line = {outcome.planned.row.line: outcome for outcome in self.outcomes}
        rows = [_told(outcome) for outcome in self.outcomes]
        for line, first in self.duplicates.items():
            rows.append({**_told(by_line[first]), "line": line, "reason": f"the same as line {first}"})
        return sorted(rows, key=lambda row: (not row["line"], row["line"]))

    def to_pandas(self) -> pandas.DataFrame:
        """A DataFrame of `to_dicts()`.

        Raises:
            ImportError: pandas is not installed; `pip install invite-sdk[pandas]` brings it.
        """
        return frame(self.to_dicts(), _COLUMNS, ("line",))

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Writes them as CSV in UTF-8, with a header. What a spreadsheet would take for a formula begins with a '."""
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, _COLUMNS)
            writer.writeheader()
            writer.writerows({name: _harmless(cell) for name, cell in row.items()} for row in self.to_dicts())

    def to_json_lines(self, path: str | os.PathLike[str]) -> None:
        """Writes them as JSON, one object a line."""
        with Path(path).open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in self.to_dicts())

    def __repr__(self) -> str:
        lines = [f"Report: {self._said()}"]
        bad = [outcome for outcome in self.outcomes if not outcome.is_good]
        lines += [
            f"  {one.kind:<8} {one.planned.row.email} ({one.planned.row.client}, line {one.planned.row.line or '-'}): "
            f"{_why(one)}"
            for one in bad[:_SHOWN]
        ]
        if len(bad) > _SHOWN:
            lines.append(f"  ... and {len(bad) - _SHOWN} more")
        return "\n".join(lines)

    __str__ = __repr__

    def _said(self) -> str:
        said = ", ".join(f"{number} {kind}" for kind, number in self.counts.items()) or "no rows"
        return f"{said}; stopped: {self.stopped}" if self.stopped else said

    def _repr_html_(self) -> str:
        first = sorted(self.outcomes, key=lambda one: one.is_good)[:_SHOWN_IN_HTML]
        more = f", the first {_SHOWN_IN_HTML} shown" if len(self.outcomes) > _SHOWN_IN_HTML else ""
        return html_table(self._said() + more, [{**_told(one), "id": None} for one in first])


def _told(outcome: RowOutcome) -> dict[str, object]:
    planned, row = outcome.planned, outcome.planned.row
    said: dict[str, object] = {"line": row.line or None, "client": row.client, "email": row.email, "role": role(row)}
    said |= {"where": where(row), "action": planned.action, "outcome": outcome.kind, "id": outcome.id}
    error = outcome.error
    return {**said, "reason": outcome.reason, "error": None if error is None else type(error).__name__}


def _why(outcome: RowOutcome) -> str:
    return outcome.reason if outcome.error is None else f"{type(outcome.error).__name__}: {outcome.reason}"


def _as_error(outcome: RowOutcome) -> InviteError:
    """An error of this row's own: one failure may be that of many rows, and a report may be asked twice."""
    cause, row = outcome.error, outcome.planned.row
    error = InviteError(f"{outcome.kind}: {outcome.reason}") if cause is None else copy(cause)
    # The copy would share the list of notes, and has no traceback.
    error.__notes__ = [*getattr(cause, "__notes__", ())]
    error.add_note(f"line {row.line or '-'}: {row.email} ({row.client}), to {outcome.planned.action}")
    if cause is not None:
        error.__cause__, error.__suppress_context__ = cause.__cause__, cause.__suppress_context__
        error.__traceback__ = cause.__traceback__
    return error


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
