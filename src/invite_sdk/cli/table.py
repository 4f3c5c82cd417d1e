"""A table for a terminal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_STYLES = {
    **dict.fromkeys(("pending", "requested", "scheduled", "unknown", "unsupported", "stale", "left"), "yellow"),
    **dict.fromkeys(("accepted", "done", "found", "created"), "green"),
    **dict.fromkeys(("failed", "cannot", "rejected"), "red"),
    **dict.fromkeys(("canceled", "expired", "declined", "nothing", "skip"), "dim"),
}


def table(rows: Sequence[Sequence[str]], columns: Sequence[str], *, color: bool) -> str:
    """Rows below their headings. Nothing is cut, wrapped or left out, so lines may be longer than the terminal is wide.

    Args:
        rows: cells, which hold nothing but what can be seen.
        columns: the headings.
        color: whether there may be colours; NO_COLOR has the last word.
    """
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    whole = 0
    for name, cells in zip(columns, zip(*rows, strict=True), strict=True):
        made.add_column(Text(name), no_wrap=True)
        whole += max(map(cell_len, (name, *cells))) + 2
    for row in rows:
        made.add_row(*(Text(text, style=_STYLES.get(text, "")) for text in row))
    written = StringIO()
    no_color = not color or bool(os.environ.get("NO_COLOR"))
    # In the terminal's own width columns would be cut or dropped, and people type what stands in them.
    console = Console(
        file=written,
        width=whole,
        height=len(rows) + 1,  # without which a dumb terminal has 80 columns, whatever the width is
        force_terminal=not no_color,
        no_color=no_color,
        highlight=False,
        legacy_windows=False,
    )
    console.print(made)
    return "\n".join(line.rstrip() for line in written.getvalue().rstrip("\n").split("\n"))
