"""What became of invitations, as bars that lie."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, get_args

from invite_sdk import InvalidArgumentError, Invitation, Status
from invite_sdk.plots.canvas import LOOKS, blank, foot, legend, lying, nothing, paper
from invite_sdk.plots.counting import By, Given, Group, grouped, many, percent, taken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SENT: Final = (Status.ACCEPTED, Status.PENDING, Status.DECLINED, Status.CANCELED, Status.EXPIRED)
_ALWAYS: Final = (Status.ACCEPTED, Status.PENDING, Status.EXPIRED)


def funnel(invitations: Given, by: By | None = None) -> Figure:
    """What became of invitations: how many there are, were sent, accepted, expired and so on.

    Sent are those that are accepted, pending, declined, canceled or expired. A service does not tell whether one that
    is canceled had been sent. Statuses are the service's: one that is overdue is pending until the service expires it.

    Args:
        invitations: any iterable of them, such as a list or a pager, or a hub's result.
        by: a bar for each `"service"`, `"organization"`, `"role"` or `"scope"`, the largest first, with how many of
            those that were sent are accepted; those behind the twelfth are one bar. Without it, a bar for each status.

    Returns:
        The figure; what it could not count stands below.

    Raises:
        InvalidArgumentError: something else was given.
        ImportError: matplotlib is not installed; `pip install 'invite-sdk[plots]'` brings it.
    """
    if by is not None and by not in get_args(By):
        raise InvalidArgumentError('by must be "service", "organization", "role" or "scope", or left out')
    rows, notes = taken(invitations)
    with paper():
        return _drawn(rows, notes, by)


def _drawn(rows: list[Invitation], notes: list[str], by: By | None) -> Figure:
    title = f"What became of {many(len(rows), 'invitation')}"
    if not rows:
        figure, axes = blank(title, bars=1)
        nothing(axes, "no invitations")
        return foot(figure, notes)
    if by is None:
        return foot(_stages(title, Counter(one.status for one in rows)), notes)
    groups = grouped(rows, by)
    figure, axes = blank(f"{title}, by {by}", bars=max(len(groups), 5))
    lying(axes, [one.name for one in groups], stacked(groups), [_told(one) for one in groups], by)
    legend(axes)
    return foot(figure, notes)


def stacked(groups: list[Group]) -> dict[str, list[int]]:
    """The numbers of each group by status, in the order of the bars' parts; no status that none has."""
    parts: dict[str, list[int]] = {status: [group.counts.get(status, 0) for group in groups] for status in LOOKS}
    return {status: counts for status, counts in parts.items() if any(counts)}


def _stages(title: str, counts: Counter[Status]) -> Figure:
    sent = sum(counts[status] for status in _SENT)
    stages = {"all": counts.total(), "sent": sent}
    stages |= {status: counts[status] for status in Status if counts[status] or status in _ALWAYS}
    order = ["all", "sent", *(status for status in LOOKS if status in stages)]
    figure, axes = blank(title, bars=len(order))
    lying(
        axes,
        order,
        {stage: [stages[stage] if stage == other else 0 for other in order] for stage in order},
        [f"{stages[one]:,}" + (f" ({percent(stages[one], sent)} of sent)" if one in _SENT else "") for one in order],
        "status",
    )
    return figure


def _told(group: Group) -> str:
    sent = sum(group.counts.get(status, 0) for status in _SENT)
    accepted = group.counts.get(Status.ACCEPTED, 0)
    return f"{group.total:,} ({percent(accepted, sent)} accepted)"
