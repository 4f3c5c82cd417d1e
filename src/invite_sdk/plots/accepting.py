"""How soon invitations were accepted, as bars that stand."""

# matplotlib names the types of its positional parameters only.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING

from invite_clients._times import datetime
from invite_sdk import InvalidArgumentError, Invitation, Status
from invite_sdk.plots.canvas import LITERAL, LOOKS, blank, counts_along, foot, nothing, paper, tell_heights
from invite_sdk.plots.counting import Given, kind, many, taken, zoned

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BARS = 20
"""How many bars there are at most."""
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_FEW_HOURS, _FEW_DAYS = 2, 3
"""Up to so many hours are shown in minutes, and up to so many days in hours."""
_FAR = 5
"""Up to a tenth of all share the last bar where they took so many times as long as all others."""


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
        InvalidArgumentError: something else was given, or `accepted_at` is no function, or does not give a datetime or
            `None`.
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
        with paper():
            figure, axes = blank(f"Time to accept: not known for {many(len(accepted), 'accepted invitation')}", bars=1)
            nothing(axes, "No service says when an invitation was accepted.\naccepted_at= takes the times from you.")
            return foot(figure, notes)

    seconds: list[float] = []
    undated = before = 0
    for one in accepted:
        then = _known(accepted_at(one))
        if then is None or one.created_at is None:
            undated += 1
            continue
        took = then - zoned(one.created_at)
        if took.total_seconds() < 0:
            before += 1
        else:
            seconds.append(took.total_seconds())
    if undated:
        notes.append(f"Not shown: {undated:,} without a time of creation or of acceptance.")
    if before:
        notes.append(f"Not shown: {before:,} accepted before the time of creation.")
    with paper():
        if seconds:
            return _drawn(seconds, notes)
        figure, axes = blank("Time to accept: 0 invitations", bars=1)
        nothing(axes, "no accepted invitations with both times" if accepted else "no accepted invitations")
        return foot(figure, notes)


def _drawn(seconds: list[float], notes: list[str]) -> Figure:
    longest, usual = max(seconds), sorted(seconds)[-1 - len(seconds) // 10]
    reach = usual if longest > max(usual, 1) * _FAR else longest
    unit, length = _unit(reach)
    half = median(seconds) / length
    within = "" if len(seconds) == 1 else "half of them "
    figure, axes = blank(f"Time to accept: {many(len(seconds), 'invitation')}, {within}within {half:.1f} {unit}")
    wide = int(reach // length) // _BARS + 1
    end = int(reach // length) // wide + 1
    counts = Counter(min(int(one // length) // wide, end) for one in seconds)
    places = sorted(counts)
    said = [f"{counts[place]:,}" for place in places]
    if counts[end]:
        said[-1] += " and longer"
        name, much = _unit(longest)
        most = f"{longest / much:,.1f} {name}"
        notes.append(f"The last bar has {counts[end]:,} that took {end * wide:,} {unit} or longer, up to {most}.")
    look = LOOKS[Status.ACCEPTED]
    bars = axes.bar(
        [place * wide for place in places],
        [counts[place] for place in places],
        width=wide,
        align="edge",
        color=look.colour,
        edgecolor="black",
        linewidth=0.6,
    )
    tell_heights(axes, bars, said)
    axes.axvline(half, color="black", linestyle="--")
    axes.set_xlim(0, (max(places) + 1) * wide)
    axes.set_xlabel(f"{unit} from creation to acceptance", **LITERAL)
    axes.set_ylabel("invitations", **LITERAL)
    counts_along(axes.xaxis)
    counts_along(axes.yaxis)
    return foot(figure, notes)


def _unit(seconds: float) -> tuple[str, int]:
    if seconds < _FEW_HOURS * _HOUR:
        return "minutes", _MINUTE
    return ("hours", _HOUR) if seconds < _FEW_DAYS * _DAY else ("days", _DAY)


def _known(then: object) -> datetime | None:
    """The time that the caller found."""
    if then is None:
        return None
    if not isinstance(then, datetime):
        raise InvalidArgumentError(f"accepted_at must give a datetime or None, not {kind(then)}")
    # NaT of pandas is no time, and unlike itself.
    return None if then != then else zoned(then)  # noqa: PLR0124
