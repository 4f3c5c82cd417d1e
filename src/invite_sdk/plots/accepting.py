"""How soon invitations were accepted, as bars that stand."""

# matplotlib names the types of its positional parameters only.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC
from statistics import median
from typing import TYPE_CHECKING

from invite_clients._times import datetime
from invite_sdk import InvalidArgumentError, Invitation, Status
from invite_sdk.plots.canvas import LITERAL, LOOKS, blank, counts_along, foot, nothing
from invite_sdk.plots.counting import Given, kind, many, taken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BARS = 20
"""How many bars there are at most."""
_HOUR, _DAY = 3_600, 86_400
_FEW_DAYS = 3
"""Up to so many days are shown in hours."""


def time_to_accept(invitations: Given, accepted_at: Callable[[Invitation], datetime | None] | None = None) -> Figure:
    """How long it took until invitations were accepted.

    None of the four services says when one was accepted: Waldur says when it was created and when it expires, the
    others one of these or neither. So the times come from you, and without them the figure says that nobody knows.

    Args:
        invitations: any iterable of them, such as a list or a pager, or a hub's result.
        accepted_at: finds when an invitation was accepted, for example by its address in records of your own; `None`
            where that is not known. A time without an offset is UTC. Only accepted invitations are asked about.

    Returns:
        The figure; what it could not count stands below.

    Raises:
        InvalidArgumentError: something else was given, or `accepted_at` is no function.
        ImportError: matplotlib is not installed; `pip install 'invite-sdk[plots]'` brings it.
    """
    if accepted_at is not None and not callable(accepted_at):
        raise InvalidArgumentError(
            "accepted_at must be a function that takes an invitation and returns when it was accepted, or None, not "
            f"{kind(accepted_at)}; of a dict with addresses it is: lambda one: times.get(one.email)"
        )
    rows, notes = taken(invitations)
    accepted = [one for one in rows if one.status is Status.ACCEPTED]
    if accepted_at is None:
        figure, axes = blank(f"Time to accept: not known for {many(len(accepted), 'accepted invitation')}", bars=1)
        nothing(axes, "No service says when an invitation was accepted.\naccepted_at= takes the times from you.")
        return foot(figure, notes)

    seconds: list[float] = []
    undated = before = 0
    for one in accepted:
        then = accepted_at(one)
        if then is None or one.created_at is None:
            undated += 1
            continue
        took = _in_utc(then) - _in_utc(one.created_at)
        if took.total_seconds() < 0:
            before += 1
        else:
            seconds.append(took.total_seconds())
    if undated:
        notes.append(f"Not shown: {undated:,} without a time of creation or of acceptance.")
    if before:
        notes.append(f"Not shown: {before:,} accepted before the time of creation.")
    if not seconds:
        figure, axes = blank("Time to accept: 0 invitations", bars=1)
        nothing(axes, "no accepted invitations with both times" if accepted else "no accepted invitations")
        return foot(figure, notes)

    unit, length = ("hours", _HOUR) if max(seconds) < _FEW_DAYS * _DAY else ("days", _DAY)
    half = median(seconds) / length
    figure, axes = blank(f"Time to accept: {many(len(seconds), 'invitation')}, half of them within {half:.1f} {unit}")
    wide = int(max(seconds) // length) // _BARS + 1
    counts = Counter(int(one // length) // wide for one in seconds)
    look = LOOKS[Status.ACCEPTED]
    bars = axes.bar(
        [place * wide for place in sorted(counts)],
        [counts[place] for place in sorted(counts)],
        width=wide,
        align="edge",
        color=look.colour,
        edgecolor="black",
        linewidth=0.6,
    )
    axes.bar_label(bars, fontsize="small")
    axes.axvline(half, color="black", linestyle="--")
    axes.set_xlim(0, (max(counts) + 1) * wide)
    axes.set_xlabel(f"{unit} from creation to acceptance", **LITERAL)
    axes.set_ylabel("invitations", **LITERAL)
    counts_along(axes.xaxis)
    counts_along(axes.yaxis)
    return foot(figure, notes)


def _in_utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time
