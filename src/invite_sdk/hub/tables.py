"""Rows of plain cells as a table, for a terminal and for a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

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


def html_table(caption: str, rows: Sequence[Mapping[str, object]]) -> str:
    """The same in HTML, escaped, with whole cells."""
    columns = _columns(rows)
    body = "".join(_html_row("td", [_cell(row[name]) for name in columns]) for row in rows)
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead>{_html_row('th', columns)}</thead><tbody>{body}</tbody></table>"
    )


def _columns(rows: Sequence[Mapping[str, object]]) -> list[str]:
    return [name for name in rows[0] if any(row[name] is not None for row in rows)] if rows else []


def _html_row(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag} style='text-align:left'>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def plain(value: object, most: int = 1000) -> str:
    """A value as text that stays on its line, cut where it is endless.

    What a service or a file said may hold anything, and must neither move a terminal's cursor nor turn a line around:
    control and format characters are written out.
    """
    text = "" if value is None else str(value)
    told = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[:most])
    return told if len(text) <= most else f"{told}..."


def _cell(value: object) -> str:
    return plain("" if value is None else " ".join(str(value).split()), _WHOLE)


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 3] + "..."
