"""The paper: figures that a notebook shows, texts that are taken literally, and how each status looks.

The one file that imports matplotlib when it is loaded.
"""

# matplotlib names the types of its positional parameters only.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from textwrap import wrap
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from invite_clients._times import real_classes
from invite_sdk import Status

try:
    with real_classes():
        from matplotlib import rcParams, style
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator, StrMethodFormatter
except ModuleNotFoundError as error:
    # One that is there and does not load says why by itself.
    if error.name != "matplotlib":
        raise
    raise ImportError("invite_sdk.plots needs matplotlib: pip install 'invite-sdk[plots]'") from None

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.container import BarContainer

_WIDTH, _LINE, _FRAME = 9.0, 0.36, 1.4
"""Inches: of a figure, of a bar that lies, and of what is above and below the bars."""
_ROOM = 0.05
"""The part of the longest bar that has room for a number."""
_PATCH: Final = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
"""What makes a number readable on any colour."""
_FOOT = 118
"""How many characters of a foot note go into a line."""
_FOOT_LINE = 0.17
"""Inches: of a line of the foot notes."""
_ONE_AT_A_TIME = RLock()


class Drawing(Figure):
    """A figure that a notebook shows: a bare one has no picture of itself before pyplot has been set up."""

    def savefig(self, fname: Any, **kwargs: Any) -> None:
        """As matplotlib's, but with the figure's own ground in every style, and without a word about missing glyphs."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from")
            warnings.filterwarnings("ignore", "Matplotlib currently does not support")
            ground: dict[str, Any] = {"facecolor": self.get_facecolor(), "edgecolor": "none"}
            super().savefig(fname, **ground | kwargs)

    def _repr_png_(self) -> bytes:
        written = BytesIO()
        self.savefig(written, format="png")
        return written.getvalue()


@dataclass(frozen=True, slots=True)
class Look:
    """How the bars of one kind look: told apart by the colour, and by the pattern where colours are not."""

    colour: str
    pattern: str = ""


# The colours of Okabe and Ito, which people of every colour vision can tell apart.
LOOKS: Final[Mapping[str, Look]] = {
    Status.ACCEPTED: Look("#009E73"),
    Status.PENDING: Look("#56B4E9", "//"),
    Status.SCHEDULED: Look("#CC79A7", "++"),
    Status.REQUESTED: Look("#F0E442", ".."),
    Status.DECLINED: Look("#D55E00", "\\\\"),
    Status.REJECTED: Look("#000000"),
    Status.CANCELED: Look("#E69F00", "xx"),
    Status.EXPIRED: Look("#0072B2", "--"),
    Status.UNKNOWN: Look("#FFFFFF", "oo"),
}
"""By status, in the order in which they are stacked."""

PLAIN: Final = Look("#BBBBBB")
"""Of what has no status, such as sums."""

LITERAL: Final[dict[str, Any]] = {"parse_math": False, "usetex": False}
"""For every text: what a service said is no formula, whatever signs are in it."""


@contextmanager
def paper() -> Generator[None]:
    """Draws in matplotlib's own style whatever style is set, such as a dark one; fonts are the caller's.

    The style belongs to the whole process: who draws in several threads waits here, and nothing is read meanwhile.
    """
    with _ONE_AT_A_TIME:
        fonts: dict[str, Any] = {str(name): rcParams[name] for name in rcParams if name.startswith("font.")}
        with style.context(["default", fonts]):
            yield


def blank(title: str, *, bars: int = 8) -> tuple[Figure, Axes]:
    """A figure with a title, tall enough for so many bars that lie."""
    figure = Drawing(figsize=(_WIDTH, _FRAME + _LINE * bars), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", **LITERAL)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def counts_along(axis: Axis) -> None:
    """Makes whole numbers of an axis, written out."""
    axis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
    axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def lying(
    axes: Axes, names: Sequence[str], parts: Mapping[str, Sequence[int]], ends: Sequence[str], called: str
) -> None:
    """A bar for each name, the first on top, of parts one behind the other, with a text at its end.

    Args:
        axes: where.
        names: what the bars are for; `called` says what that is.
        parts: the numbers of each kind, one for each name.
        ends: the texts at the ends.
        called: the label of the axis.
    """
    starts = [0] * len(names)
    totals = [sum(counts) for counts in zip(*parts.values(), strict=True)] or starts
    longest = max(totals, default=0)
    for kind, counts in parts.items():
        filled = [place for place, count in enumerate(counts) if count]
        look = LOOKS.get(kind, PLAIN)
        bars = axes.barh(
            filled,
            [counts[place] for place in filled],
            left=[starts[place] for place in filled],
            label=kind,
            color=look.colour,
            hatch=look.pattern,
            edgecolor="black",
            linewidth=0.6,
        )
        # A bar of one part has its number at its end.
        said = [f"{counts[place]:,}" if longest * _ROOM <= counts[place] < totals[place] else "" for place in filled]
        # Not by bar_label, whose figures do not pickle.
        for bar, text in zip(bars.patches, said, strict=True):
            if text:
                middle = (bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height() / 2)
                axes.annotate(text, middle, ha="center", va="center", fontsize="small", bbox=_PATCH, **LITERAL)
        starts = [start + count for start, count in zip(starts, counts, strict=True)]
    for place, end, told in zip(range(len(names)), starts, ends, strict=True):
        axes.annotate(told, (end, place), xytext=(4, 0), textcoords="offset points", va="center", **LITERAL)
    axes.set_yticks(range(len(names)), labels=names, **LITERAL)
    axes.set_ylim(len(names) - 0.4, -0.6)
    # Room for the texts at the ends.
    axes.set_xlim(0, longest * (1.1 + 0.03 * max(map(len, ends), default=0)) or 1)
    axes.set_xlabel("invitations", **LITERAL)
    axes.set_ylabel(called, **LITERAL)
    counts_along(axes.xaxis)


def tell_heights(axes: Axes, bars: BarContainer, said: Iterable[str]) -> None:
    """Writes a text above each bar that stands."""
    for bar, text in zip(bars.patches, said, strict=True):
        top = (bar.get_x() + bar.get_width() / 2, bar.get_height())
        axes.annotate(
            text, top, xytext=(0, 2), textcoords="offset points", ha="center", va="bottom", fontsize="small", **LITERAL
        )


def legend(axes: Axes) -> None:
    """Tells beside the axes what looks how, where there is something to tell."""
    if axes.get_legend_handles_labels()[1]:
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, title="status")


def nothing(axes: Axes, said: str) -> None:
    """Says in the middle why nothing is drawn."""
    axes.text(0.5, 0.5, said, transform=axes.transAxes, ha="center", va="center", **LITERAL)
    axes.set_axis_off()


def foot(figure: Figure, notes: Iterable[str]) -> Figure:
    """The figure with what it does not show told below it."""
    lines = [line for note in notes for line in wrap(note, _FOOT)]
    if lines:
        figure.set_figheight(figure.get_figheight() + _FOOT_LINE * len(lines))
        figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize="small", **LITERAL)
    return figure
