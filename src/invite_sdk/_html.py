"""How what is ours looks in a notebook: one style of tables, in which nothing is markup and no invite key is whole.

No colours, scripts, ids or style sheets: so it takes on the notebook's theme, light or dark, and stays as it is in what
was exported or is viewed by others. Every room uses it, and it stands under all of them.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, cast

from invite_clients._times import datetime
from invite_sdk._privacy.masking import mask_in_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_ROWS = 100
"""How many rows of a table are shown."""
_WIDE = 120
"""How much of a cell is shown in a table of many; the rest is told where the pointer rests."""
_LONG = 600
"""The same of a cell that has a line to itself."""
_WHOLE = 2_000
"""How much of a cell is told at the most."""
_READ = 20_000
"""How much of a text is looked at: nobody reads more, and some are endless."""

_INVITATION = ("service", "status", "email", "role", "organization_name", "scope_name", "expires_at", "delivery", "id")

_LEFT = 'style="text-align:left"'
_CAPTION = '<caption style="caption-side:top;text-align:left">'


def plain(value: object, most: int = 1000) -> str:
    """A value as text that stays on its line, cut where it is endless.

    What a service or a file said may hold anything, and must neither move a terminal's cursor nor turn a line around:
    control and format characters are written out.
    """
    text = "" if value is None else str(value)
    told = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[:most])
    return told if len(text) <= most else f"{told}..."


def counted(number: int, what: str) -> str:
    """So many of something, in words: `1 client`, `2 clients`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def in_brief(row: Mapping[str, object]) -> dict[str, object]:
    """What a table of many invitations shows of a row, which was masked."""
    return {name: row[name] for name in _INVITATION}


def in_words(row: Mapping[str, object]) -> dict[str, object]:
    """A row in which a no is told as a yes is; in others only what holds is."""
    return {name: ("no", "yes")[value] if isinstance(value, bool) else value for name, value in row.items()}


def html_table(caption: str, rows: Sequence[Mapping[str, object]], total: int | None = None, rest: str = "") -> str:
    """Rows below their headings, in the order of their cells, with the columns that say something.

    Args:
        caption: what the rows are.
        rows: cells by heading, the same headings in each; those beyond `MAX_ROWS` are only counted.
        total: how many rows there are, where not all are given.
        rest: where the others are to be found.
    """
    shown = rows[:MAX_ROWS]
    columns = [name for name in (shown[0] if shown else ()) if any(not _is_empty(row[name]) for row in shown)]
    head = "".join(f'<th scope="col" {_LEFT}>{_text(name)}</th>' for name in columns)
    body = "".join(f"<tr>{''.join(_cell(row[name], _WIDE) for name in columns)}</tr>" for row in shown)
    hidden = (len(rows) if total is None else total) - len(shown)
    foot = ""
    if hidden > 0:
        told = f"... and {hidden} more{rest and ': '}{rest}"
        foot = f'<tfoot><tr><td colspan="{len(columns) or 1}" {_LEFT}>{_text(told)}</td></tr></tfoot>'
    header = f"<thead><tr>{head}</tr></thead>" if columns else ""
    return f"<table>{_CAPTION}{_text(caption)}</caption>{header}<tbody>{body}</tbody>{foot}</table>"


def html_record(caption: str, row: Mapping[str, object]) -> str:
    """One thing as a table, a line for each of its fields that says something."""
    body = "".join(
        f'<tr><th scope="row" {_LEFT}>{_text(name)}</th>{_cell(value, _LONG)}</tr>'
        for name, value in row.items()
        if not _is_empty(value)
    )
    return f"<table>{_CAPTION}{_text(caption)}</caption><tbody>{body}</tbody></table>"


def html_all(parts: Iterable[str]) -> str:
    """Several of these, one below the other."""
    return f"<div>{''.join(parts)}</div>"


def _is_empty(value: object) -> bool:
    return value is None or value is False or value in ("", ())


def _cell(value: object, wide: int) -> str:
    """A cell; what does not fit is cut, and the whole is its title."""
    text = _said(value)
    if len(text) <= wide:
        return f"<td {_LEFT}>{escape(text)}</td>"
    return f'<td {_LEFT} title="{escape(text)}">{escape(text[: wide - 3])}...</td>'


def _text(text: str) -> str:
    return escape(plain(mask_in_text(text[:_READ]), _WHOLE))


def _said(value: object) -> str:
    """What a value says on one line, with the keys in its links masked."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M %Z}"
    if isinstance(value, tuple):
        value = ", ".join(map(str, cast("tuple[object, ...]", value)))
    return plain(" ".join(mask_in_text(str(value)[:_READ]).split()), _WHOLE)
