"""A table for a terminal."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_WHOLE = ("id", "email", "url", "client", "status", "outcome", "action")
"""What is never cut, whatever the width: people copy it, or decide by it."""
_NARROWEST = 12
_STYLES = {
    **dict.fromkeys(("pending", "requested", "scheduled", "unknown", "unsupported", "stale", "left"), "yellow"),
    **dict.fromkeys(("accepted", "done", "found", "created"), "green"),
    **dict.fromkeys(("failed", "cannot", "rejected"), "red"),
    **dict.fromkeys(("canceled", "expired", "declined", "nothing", "skip"), "dim"),
}


def table(rows: Sequence[Sequence[str]], columns: Sequence[str], *, color: bool) -> str:
    """Rows below their headings. What does not fit is cut with a mark, but ids and addresses never are, nor wrapped.

    Args:
        rows: cells, which hold nothing but what can be seen.
        columns: the headings.
        color: whether there may be colours; NO_COLOR has the last word.
    """
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    least = 0
    for name, cells in zip(columns, zip(*rows, strict=True), strict=True):
        width = max(map(cell_len, (name, *cells)))
        narrowest = width if _is_whole(name) else min(width, max(_NARROWEST, cell_len(name)))
        made.add_column(Text(name), no_wrap=True, overflow="ellipsis", min_width=narrowest, max_width=width)
        least += narrowest + 2
    for row in rows:
        made.add_row(*(Text(text, style=_STYLES.get(text, "")) for text in row))
    written = StringIO()
    no_color = not color or bool(os.environ.get("NO_COLOR"))
    Console(
        file=written,
        width=max(shutil.get_terminal_size().columns, least),
        force_terminal=not no_color,
        no_color=no_color,
        highlight=False,
        legacy_windows=False,
    ).print(made)
    return "\n".join(line.rstrip() for line in written.getvalue().rstrip("\n").split("\n"))


def _is_whole(name: str) -> bool:
    return name in _WHOLE or name.endswith(("_id", "_at"))
