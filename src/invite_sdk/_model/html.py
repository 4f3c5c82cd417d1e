"""How invitations look in a notebook: escaped, with invite keys and links masked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, cast

from invite_clients._times import datetime

if TYPE_CHECKING:
    from invite_sdk._model.invitation import Invitation

_COLUMNS = ("service", "status", "email", "role", "organization_name", "scope_name", "expires_at", "delivery", "id")
_MAX_ROWS = 100


def record_html(invitation: Invitation) -> str:
    """One invitation as a table of its fields, without those that are unknown."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{_cell(value)}</td></tr>"
        for name, value in invitation.to_dict(mask=True).items()
        if value is not None and value is not False and value != ()
    )
    return f"<table><caption>Invitation</caption><tbody>{rows}</tbody></table>"


def table_html(invitations: Sequence[Invitation]) -> str:
    """Many invitations as a table: the columns that say something, the first hundred rows."""
    dicts = [invitation.to_dict(mask=True) for invitation in invitations[:_MAX_ROWS]]
    columns = [name for name in _COLUMNS if any(row[name] is not None for row in dicts)]
    head = "".join(f"<th style='text-align:left'>{escape(name)}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td style='text-align:left'>{_cell(row[name])}</td>" for name in columns) + "</tr>"
        for row in dicts
    )
    count = f"{len(invitations)} invitation{'' if len(invitations) == 1 else 's'}"
    more = f", the first {_MAX_ROWS} shown" if len(invitations) > _MAX_ROWS else ""
    return f"<table><caption>{count}{more}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return escape(f"{value:%Y-%m-%d %H:%M %Z}")
    if isinstance(value, tuple):
        return escape(", ".join(map(str, cast("tuple[object, ...]", value))))
    return escape(str(value))
