"""Lists are read from CSV, from JSON Lines and from Python, each with everything that is wrong told at once."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import TextIO, cast

from invite_sdk import InvalidArgumentError
from invite_sdk.roster.columns import Report, Rows, column_of
from invite_sdk.roster.rows import Row, RowProblem, refused
from invite_sdk.roster.texts import text_of
from invite_sdk.roster.values import Unfit
from invite_sdk.services import shown

_DELIMITERS = (",", ";", "\t")
_BETWEEN_ROLES = "|"
_FIELDS = ("email", "role", "organization", "scope", "name", "message", "extra", "client")
"""Of a `Row` all but its line."""


def read_csv(
    source: str | os.PathLike[str] | TextIO,
    *,
    encoding: str = "utf-8",
    defaults: Mapping[str, object] | None = None,
) -> list[Row]:
    """The rows of a CSV file, whose first line names the columns.

    The columns are email, role, organization, scope, scope_type, name, message, client and `extra.<field>`, in any
    order and capitals. Whether commas, semicolons or tabs are between them, the first line tells.

    Args:
        source: a path, or a stream of text.
        encoding: of the file; it is never guessed. A stream has its own.
        defaults: values, by column, for what a row leaves empty; several roles as a list.

    Returns:
        The rows in their order, each with the line on which it begins; whoever is listed twice is there twice.

    Raises:
        RosterError: the list cannot be used; `problems` has every problem, with line and column.
    """
    rows = Rows(defaults)
    text, name = text_of(source, encoding)
    records = _records(text)
    columns = _header(records, rows, name)
    for line, cells in records:
        report = rows.reports(line)
        if isinstance(cells, str):
            report(None, cells)
        elif len(cells) > len(columns):
            report(None, f"has {len(cells)} cells for {len(columns)} columns; quote a cell that holds a separator")
        else:
            rows.add(line, _given(columns, cells, report))
    return rows.done(name)


def read_json_lines(
    source: str | os.PathLike[str] | TextIO,
    *,
    encoding: str = "utf-8",
    defaults: Mapping[str, object] | None = None,
) -> list[Row]:
    """The rows of a file in which each line is a JSON object, with the columns of `read_csv` as its keys.

    Several roles are a list. `extra` may be an object, and so may `scope`, with type, id and organization.

    Args:
        source: a path, or a stream of text.
        encoding: of the file; it is never guessed. A stream has its own.
        defaults: values, by column, for what a row leaves empty.

    Returns:
        The rows in their order, each with its line; whoever is listed twice is there twice.

    Raises:
        RosterError: the list cannot be used; `problems` has every problem, with line and column.
    """
    rows = Rows(defaults)
    text, name = text_of(source, encoding)
    for line, record in enumerate(StringIO(text, newline=""), 1):
        if not record.strip():
            continue
        try:
            rows.add(line, _object(record))
        except Unfit as unfit:
            rows.reports(line)(None, str(unfit))
    return rows.done(name)


def rows_from(
    items: Iterable[Row | Mapping[str, object]], *, defaults: Mapping[str, object] | None = None
) -> list[Row]:
    """The rows of a list that was made in Python, checked as those of a file are.

    Args:
        items: rows, or mappings with the keys that `read_json_lines` takes.
        defaults: values, by column, for what a row leaves empty.

    Returns:
        The rows in their order, numbered from 1.

    Raises:
        RosterError: the list cannot be used; `problems` has every problem, with place and column.
        InvalidArgumentError: it is no list of rows at all.
    """
    given: object = items
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        kind = type(items).__name__
        raise InvalidArgumentError(f"rows are given as a list of Row or of mappings, not {kind}")
    rows = Rows(defaults)
    for place, item in enumerate(cast("Iterable[object]", given), 1):
        if isinstance(item, Row):
            rows.add(place, {name: getattr(item, name) for name in _FIELDS})
        elif isinstance(item, Mapping):
            rows.add(place, cast("Mapping[object, object]", item))
        else:
            rows.reports(place)(None, f"must be a Row or a mapping, not {type(item).__name__}")
    return rows.done("the list")


def _records(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """The records that are not blank, each with the line on which it begins; in place of a broken one the reason."""
    lines = StringIO(text, newline="")
    first = next((line for line in lines if line.strip("".join(_DELIMITERS) + " \r\n")), None)
    if first is None:
        return
    lines.seek(0)
    # Strict: else a quote that is never closed would swallow all that follows as one cell.
    reader = csv.reader(lines, delimiter=max(_DELIMITERS, key=first.count), skipinitialspace=True, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"cannot be read: {error}; is a quote not closed? A quote within a quoted cell is written twice"
        else:
            if any(map(str.strip, cells)):
                yield line, cells


def _header(records: Iterator[tuple[int, list[str] | str]], rows: Rows, name: str) -> list[str]:
    """The columns, in their order; one without a name is empty."""
    line, names = next(records, (1, "no names of columns"))
    problems: list[RowProblem] = []
    columns: list[str] = []
    if isinstance(names, str):
        raise refused([RowProblem(line, None, names)], name)
    for given in names:
        try:
            column = column_of(given) if given.strip() else ""
        except Unfit as unfit:
            problems.append(RowProblem(line, None, str(unfit)))
            continue
        if column and column in columns:
            problems.append(RowProblem(line, column, "two columns have this name; keep one"))
        columns.append(column)
    problems += (
        RowProblem(line, column, "no column has this name, and there is no default; the first line names the columns")
        for column in rows.lacking(columns)
    )
    if problems:
        raise refused(problems, name)
    return columns


def _given(columns: list[str], cells: list[str], report: Report) -> dict[object, object]:
    """What the cells of a record that are not empty say, by column."""
    given: dict[object, object] = {}
    for place, (column, cell) in enumerate(zip(columns, cells, strict=False), 1):
        if not cell.strip():
            continue
        if not column:
            report(None, f"cell {place} is in a column without a name; name it in the first line, or empty the cell")
        given[column] = cell.split(_BETWEEN_ROLES) if column == "role" and _BETWEEN_ROLES in cell else cell
    given.pop("", None)
    return given


def _object(record: str) -> dict[object, object]:
    try:
        found: object = json.loads(
            record, object_pairs_hook=_without_doubles, parse_constant=_finite, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        raise Unfit(f"no JSON: {error.msg}, at character {error.colno}; each line is an object of its own") from None
    except ValueError:
        raise Unfit("holds a number of too many digits") from None
    except RecursionError:
        raise Unfit("nested too deeply") from None
    if not isinstance(found, dict):
        raise Unfit(f"must be a JSON object, not {type(found).__name__}; each line is an object of its own")
    return cast("dict[object, object]", found)


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise Unfit(f"an object has the key {shown(key)} twice; keep one")
        found[key] = value
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unfit(f"{shown(text)} is no number that JSON can hold")
    return number
