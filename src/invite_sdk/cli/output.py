"""Rows on stdout: a table on a terminal, the same as TSV in a pipe, or JSON, JSON Lines or CSV when asked for."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from io import StringIO
from typing import Literal, TextIO

import typer

from invite_sdk.cli.cells import cell, json_line, spreadsheet

Form = Literal["table", "tsv", "json", "jsonl", "csv"]
Row = Mapping[str, object]


class Output:
    """Where rows go. A reader that goes away ends it quietly: `is_closed` says so.

    Args:
        form: how rows are written; `None` for a table on a terminal and TSV elsewhere.
        fields: the fields that were asked for, or nothing for a command's own choice.
        color: whether a table may have colours.
        stream: where to; stdout unless given.
    """

    def __init__(
        self, form: Form | None, fields: Sequence[str] = (), *, color: bool = True, stream: TextIO | None = None
    ) -> None:
        self._stream = sys.stdout if stream is None else stream
        self.is_terminal = self._stream.isatty()
        self.form: Form = form or ("table" if self.is_terminal else "tsv")
        self._fields = fields
        self._color = color
        self.is_closed = False
        self.failure: OSError | None = None
        """Why what was done could not be told."""
        self.untold: list[Row] = []
        """What was not, with its ids."""

    def columns(self, usual: Sequence[str], every: Sequence[str] = ()) -> tuple[str, ...]:
        """The fields that are shown: those that were asked for, else the usual ones.

        Args:
            usual: what the command shows unless asked otherwise.
            every: all that there are; the usual ones where there are no more.

        Raises:
            typer.BadParameter: one was asked for that is not there.
        """
        there = tuple(every or usual)
        if self._fields == ("all",):
            return there
        if unknown := [name for name in self._fields if name not in there]:
            near = get_close_matches(unknown[0].lower(), there, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(there)}, or all alone"
            raise typer.BadParameter(f"there is no field {unknown[0]!r}; {hint}", param_hint="--fields")
        return tuple(dict.fromkeys(self._fields or usual))

    def write(self, rows: Iterable[Row], columns: Sequence[str], *, whole: bool = True) -> int:
        """Writes rows, each as soon as it is there where the form allows it.

        Args:
            rows: the rows, with at least these columns.
            columns: what is shown of them, in order.
            whole: with JSON write all or nothing, so that half an array is never taken for all. False for what was
                written to a service: that is told in any case, and is `untold` where it could not be.

        Returns:
            How many rows there were.

        Raises:
            OSError: nothing more can be written, as on a full disk, and all or nothing was wanted.
        """
        kept: list[Row] = []
        lost: list[Row] = []
        number = 0
        line = self._line()
        complete = False
        try:
            for row in rows:
                if number == 0:
                    with self._kept(whole):
                        self._head(columns)
                number += 1
                shown = {name: row.get(name) for name in columns}
                if line is None:
                    kept.append(shown)
                else:
                    with self._kept(whole):
                        self.text(line(shown))
                if not whole and (line is None or self.failure is not None):
                    lost.append({**shown, "id": row.get("id")})
                if self.is_closed and whole:
                    break
            if number == 0:
                with self._kept(whole):
                    self._head(columns)
            complete = True
        finally:
            if line is None and (complete or not whole or self.form == "table"):
                with self._kept(whole):
                    self._all(kept, columns)
            if self.failure is not None:
                self.untold += lost
        return number

    def text(self, line: str) -> None:
        """Writes a line.

        Raises:
            OSError: it cannot be written, and its reader has not just gone away.
        """
        if self.is_closed:
            return
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except OSError as error:
            self.is_closed = True
            # What is buffered still would fail once more at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            if not isinstance(error, BrokenPipeError):
                raise

    @contextmanager
    def _kept(self, whole: bool) -> Generator[None]:
        """Keeps a failure for later where what was done must be told: there may be more to do."""
        try:
            yield
        except OSError as error:
            if whole:
                raise
            self.failure = error

    def _line(self) -> Callable[[Row], str] | None:
        """What makes a line of a row; `None` where all rows must be known first."""
        match self.form:
            case "tsv":
                return lambda row: "\t".join(map(cell, row.values()))
            case "csv":
                return lambda row: _csv(map(spreadsheet, row.values()))
            case "jsonl":
                return json_line
            case _:
                return None

    def _head(self, columns: Sequence[str]) -> None:
        if self.form == "tsv":
            self.text("\t".join(columns))
        elif self.form == "csv":
            self.text(_csv(columns))

    def _all(self, rows: Sequence[Row], columns: Sequence[str]) -> None:
        if self.form == "json":
            self.text("[" + ",".join(f"\n{json_line(row)}" for row in rows) + "\n]" if rows else "[]")
        elif rows:
            from invite_sdk.cli.table import table

            self.text(table([[cell(row[name]) for name in columns] for row in rows], columns, color=self._color))


def _csv(cells: Iterable[str]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
