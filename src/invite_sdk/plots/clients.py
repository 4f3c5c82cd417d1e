"""What each client of a hub has, as bars that lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from invite_sdk import Hub, InvalidArgumentError
from invite_sdk.hub import ClientResult, HubResult
from invite_sdk.plots.becoming import stacked
from invite_sdk.plots.canvas import blank, foot, legend, lying, nothing, paper
from invite_sdk.plots.counting import Group, fitting, incomplete, is_one, kind, many, told_apart, topped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COUNTED = "counted"


def overview(hub: Hub | Iterable[ClientResult]) -> Figure:
    """How many invitations each client of a hub has, by status.

    A client that did not answer as asked says so in its name, and below: it does not look as if it had nothing.

    Args:
        hub: a hub, whose invitations are listed, all of them, in one request a page; or what a hub answered to `list`,
            `find` or `count`. Of a count no status is known. With an `AsyncHub`: `overview(await hub.list())`.

    Returns:
        The figure; what it could not count stands below.

    Raises:
        InvalidArgumentError: something else was given.
        ImportError: matplotlib is not installed; `pip install 'invite-sdk[plots]'` brings it.
    """
    result = _answer(hub)
    with paper():
        return _drawn(result)


def _drawn(result: HubResult) -> Figure:
    names = told_apart(map(_name, result))
    groups = topped([_of(one, name) for one, name in zip(result, names, strict=True)])
    title = f"{many(result.total, 'invitation')} at {many(len(result), 'client')}, by status"
    figure, axes = blank(title, bars=max(len(groups), 5))
    if groups:
        parts = stacked(groups)
        counted = [group.counts.get(_COUNTED, 0) for group in groups]
        if any(counted):
            parts[_COUNTED] = counted
        ends = [_told(group.total, known=not group.missing) for group in groups]
        lying(axes, [group.name for group in groups], parts, ends, "client")
        legend(axes)
    else:
        nothing(axes, "no clients")
    return foot(figure, incomplete(result))


def _answer(hub: Hub | Iterable[ClientResult]) -> HubResult:
    if isinstance(hub, Hub):
        return hub.list()
    if is_one(hub) or not isinstance(hub, Iterable):
        raise _refused(hub)
    results = tuple(hub)
    for one in results:
        if not isinstance(one, ClientResult):
            raise _refused(hub)
    return HubResult(results)


def _refused(given: object) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"overview takes a Hub, or what a hub answered; not {kind(given)}. Of an AsyncHub: await hub.list()"
    )


def _of(result: ClientResult, name: str) -> Group:
    counts: Counter[str] = Counter(one.status for one in result.invitations)
    if more := max(0, (result.count or 0) - len(result.invitations)):
        counts[_COUNTED] = more
    return Group(name, counts, "" if result.ok else result.outcome)


def _name(result: ClientResult) -> str:
    name = fitting(result.client)
    return name if result.ok else f"{name} ({result.outcome})"


def _told(total: int, *, known: bool) -> str:
    if known:
        return f"{total:,}"
    return f"at least {total:,}" if total else "not known"
