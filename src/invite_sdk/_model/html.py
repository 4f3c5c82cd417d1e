"""How invitations look in a notebook: escaped, with invite keys and links masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import cast

from invite_clients._times import datetime

_COLUMNS = ("service", "status", "email", "role", "organization_name", "scope_name", "expires_at", "delivery", "id")
MAX_ROWS = 100
"""How many rows of a table are shown."""


def record_html(row: Mapping[str, object]) -> str:
    """One invitation as a table of its fields, without those that are unknown."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{_cell(value)}</td></tr>"
        for name, value in row.items()
        if value is not None and value is not False and value != ()
    )
    return f"<table><caption>Invitation</caption><tbody>{rows}</tbody></table>"


def table_html(rows: Sequence[Mapping[str, object]], total: int) -> str:
    """The first of so many invitations as a table: the columns that say something."""
    columns = [name for name in _COLUMNS if any(row[name] is not None for row in rows)]
    head = "".join(f"<th style='text-align:left'>{escape(name)}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td style='text-align:left'>{_cell(row[name])}</td>" for name in columns) + "</tr>"
        for row in rows
    )
    count = f"{total} invitation{'' if total == 1 else 's'}"
    more = f", the first {len(rows)} shown" if total > len(rows) else ""
    return f"<table><caption>{count}{more}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return escape(f"{value:%Y-%m-%d %H:%M %Z}")
    if isinstance(value, tuple):
        return escape(", ".join(map(str, cast("tuple[object, ...]", value))))
    return escape(str(value))
