"""Plain text for a terminal: headings, and tables of invitations."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from datetime import datetime

from invite_sdk import Invitation

COLUMNS = ("service", "status", "email", "role", "organization_name", "expires_at", "delivery", "id")
HEADINGS = {"organization_name": "organization", "expires_at": "expires"}
WIDTH = 110


def heading(text: str) -> None:
    print(f"\n{text}\n{'-' * len(text)}")


def wrapped(text: str) -> str:
    return textwrap.indent(textwrap.fill(text, WIDTH, break_on_hyphens=False), "    ")


def table(invitations: Iterable[Invitation]) -> None:
    """One line an invitation. Masked, since Enhance's ids are the keys that accept its invites."""
    dicts = [invitation.to_dict(mask=True) for invitation in invitations]
    rows = [[HEADINGS.get(name, name) for name in COLUMNS]]
    rows += [[_cell(name, row[name]) for name in COLUMNS] for row in dicts]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cell(name: str, value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    text = str(value)
    return f"{text[:8]}..." if name == "id" and len(text) > 9 else text
