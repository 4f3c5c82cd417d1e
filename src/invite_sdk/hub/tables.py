"""Rows of plain cells as a table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from invite_sdk._html import plain

_WIDEST = 80
"""How much of a cell a terminal shows."""
_WHOLE = 5000
"""How much of a cell is shown where there is room."""


def text_table(rows: Sequence[Mapping[str, object]]) -> str:
    """The rows below their headings, aligned, with the columns that say something."""
    columns = _columns(rows)
    lines = [columns, *([_cut(_cell(row[name])) for name in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _columns(rows: Sequence[Mapping[str, object]]) -> list[str]:
    return [name for name in rows[0] if any(row[name] is not None for row in rows)] if rows else []


def _cell(value: object) -> str:
    return plain("" if value is None else " ".join(str(value).split()), _WHOLE)


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 3] + "..."
