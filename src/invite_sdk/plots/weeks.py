"""When invitations were created, as bars that stand."""

# matplotlib names the types of its positional parameters only.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import UTC
from typing import TYPE_CHECKING

from invite_clients._times import date, datetime, utc_now
from invite_sdk import Invitation
from invite_sdk.plots.canvas import LITERAL, LOOKS, blank, counts_along, foot, legend, nothing, paper
from invite_sdk.plots.counting import Given, fitting, listed, taken, zoned

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_WEEKS = 156
"""Three years: more bars than that are none any more."""
_DATES = 8
"""How many of the weeks have their date below them."""


def timeline(invitations: Given) -> Figure:
    """How many invitations were created in each week, and what became of them.

    Weeks begin on Monday, in UTC, as times without an offset are. The newest 156 are shown, and none in the future.
    Waldur says when an invitation was created; of the others it is not known, and how many these are stands below.

    Args:
        invitations: any iterable of them, such as a list or a pager, or a hub's result.

    Returns:
        The figure; what it could not count stands below.

    Raises:
        InvalidArgumentError: something else was given.
        ImportError: matplotlib is not installed; `pip install 'invite-sdk[plots]'` brings it.
    """
    rows, notes = taken(invitations)
    with paper():
        return _drawn(rows, notes)


def _drawn(rows: list[Invitation], notes: list[str]) -> Figure:
    counts: dict[str, Counter[int]] = {status: Counter() for status in LOOKS}
    undated: Counter[str] = Counter()
    last = _week(utc_now()) + 1
    future = 0
    for one in rows:
        if one.created_at is None:
            undated[fitting(one.service)] += 1
        elif _week(one.created_at) > last:
            # One such date would leave no room for all others.
            future += 1
        else:
            counts[one.status][_week(one.created_at)] += 1
    weeks = {week for counted in counts.values() for week in counted}
    newest = max(weeks, default=0)
    first = max(min(weeks, default=0), newest - _MOST_WEEKS + 1)
    early = sum(counted[week] for counted in counts.values() for week in counted if week < first)
    dated = len(rows) - undated.total() - future

    figure, axes = blank(f"Invitations by the week of their creation: {dated - early:,}", bars=8 if dated else 1)
    if undated:
        told = listed([f"{service} {count:,}" for service, count in undated.most_common()])
        notes.append(f"Not shown: {undated.total():,} without a date of creation ({told}).")
    if future:
        notes.append(f"Not shown: {future:,} with a date of creation in the future.")
    if early:
        notes.append(f"Not shown: {early:,} created before {_monday(first)}.")
    if not dated:
        nothing(axes, "no invitations with a date of creation" if rows else "no invitations")
        return foot(figure, notes)

    below: Counter[int] = Counter()
    for status, look in LOOKS.items():
        shown = sorted(week for week in counts[status] if week >= first)
        if not shown:
            continue
        axes.bar(
            [week - first for week in shown],
            [counts[status][week] for week in shown],
            bottom=[below[week] for week in shown],
            label=status,
            color=look.colour,
            hatch=look.pattern,
            edgecolor="black",
            linewidth=0.6,
            width=0.9,
        )
        below.update({week: counts[status][week] for week in shown})
    step = (newest - first) // _DATES + 1
    ticks = range(0, newest - first + 1, step)
    axes.set_xticks(ticks, labels=[str(_monday(first + place)) for place in ticks], rotation=30, ha="right", **LITERAL)
    axes.set_xlim(-0.7, max(newest - first, 3) + 0.7)
    axes.set_xlabel("week from Monday (UTC)", **LITERAL)
    axes.set_ylabel("invitations", **LITERAL)
    counts_along(axes.yaxis)
    legend(axes)
    return foot(figure, notes)


def _week(time: datetime) -> int:
    """The number of a week. The first day of all was a Monday."""
    # At the ends of the calendar there may be no such time in UTC.
    with suppress(OverflowError):
        time = zoned(time).astimezone(UTC)
    return (time.toordinal() - 1) // 7


def _monday(week: int) -> date:
    return date.fromordinal(week * 7 + 1)
