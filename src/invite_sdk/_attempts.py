"""Attempts: sends calls, and sends them again where that is safe, until every outcome stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from invite_clients._runtime import Call
from invite_sdk import _events as events
from invite_sdk._flow import Clock, Flow, Notify, Now, Outcome, Outgoing, Send, Sleep
from invite_sdk._retry import Wait, is_repeatable, next_step, verdict

if TYPE_CHECKING:
    from invite_sdk._exchange import Context

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Tried:
    """What one round of attempts brought."""

    outcomes: list[Outcome]
    clock: Clock
    """The time after it."""
    seconds: float


def attempts(ctx: Context, calls: Sequence[Call[T]], requests: Sequence[Outgoing]) -> Flow[list[Outcome]]:
    """The outcomes of calls, in order, after as many attempts as the policy, the budget and the deadline allow."""
    outcomes: dict[int, Outcome] = {}
    pending = list(range(len(calls)))
    attempt = 0
    while pending:
        attempt += 1
        ctx.attempts = attempt
        tried = yield from _round(ctx, [calls[i] for i in pending], [requests[i] for i in pending], attempt)
        waits: dict[int, Wait] = {}
        for i, outcome in zip(pending, tried.outcomes, strict=True):
            outcomes[i] = outcome
            wait = _next(ctx, calls[i], outcome, tried.clock, attempt)
            yield from _tell_after(ctx, requests[i], outcome, attempt, tried.seconds, wait)
            if wait is not None:
                waits[i] = wait
        if waits:
            yield Sleep(max(wait.seconds for wait in waits.values()))
        pending = list(waits)
    return [outcomes[i] for i in range(len(calls))]


def _round(ctx: Context, calls: Sequence[Call[T]], requests: Sequence[Outgoing], attempt: int) -> Flow[_Tried]:
    for request in requests:
        yield from _tell_before(ctx, request, attempt)
    ctx.writes.count += sum(call.repeat != "safe" for call in calls)
    began = yield from now()
    outcomes = cast("tuple[Outcome, ...]", (yield Send(tuple(requests))))
    ended = yield from now()
    return _Tried(list(outcomes), ended, ended.monotonic - began.monotonic)


def _next(ctx: Context, call: Call[T], outcome: Outcome, clock: Clock, attempt: int) -> Wait | None:
    """The pause before this call's next attempt. Notes a write that may have taken effect already."""
    found = verdict(outcome, call.success)
    if found == "done":
        ctx.budget.earn()
    wait = next_step(
        ctx.options.retry,
        outcome,
        call.success,
        call.repeat,
        attempt=attempt,
        remaining=ctx.time_left(clock.monotonic),
        unix=clock.unix,
        luck=clock.luck,
    )
    if wait is None or not is_repeatable(found, call.repeat) or not ctx.budget.spend():
        return None
    if found in ("unsure", "sick") and call.repeat != "safe":
        ctx.may_have_taken = True
    return wait


def _tell_before(ctx: Context, request: Outgoing, attempt: int) -> Flow[None]:
    if not ctx.is_watched:
        return
    event = events.before(ctx.service, ctx.operation, request, attempt)
    events.log(event, request, None)
    yield Notify(event)


def _tell_after(
    ctx: Context, request: Outgoing, outcome: Outcome, attempt: int, seconds: float, wait: Wait | None
) -> Flow[None]:
    if not ctx.is_watched and wait is None:
        return
    begun = events.before(ctx.service, ctx.operation, request, attempt)
    event = events.after(begun, outcome, seconds, None if wait is None else wait.seconds)
    events.log(event, request, outcome)
    yield Notify(event)


def now() -> Flow[Clock]:
    """The driver's clock."""
    return cast("Clock", (yield Now()))
