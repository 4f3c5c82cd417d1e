"""Attempts: sends calls, and sends them again where that is safe, until every outcome stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar, cast

from invite_clients._runtime import Call
from invite_sdk import _events as events
from invite_sdk._flow import Clock, Flow, Notify, Now, Outcome, Outgoing, Send, Sleep
from invite_sdk._retry import Verdict, Wait, is_repeatable, next_step, verdict

if TYPE_CHECKING:
    from invite_sdk._exchange import Context

T = TypeVar("T")

NOW = Now()


def attempts(ctx: Context, calls: Sequence[Call[T]], requests: Sequence[Outgoing], began: Clock) -> Flow[list[Outcome]]:
    """The outcomes of calls, in order, after as many attempts as the policy, the budget and the deadline allow.

    Args:
        ctx: the operation's.
        calls: what is asked for.
        requests: the same as they leave.
        began: the time now.
    """
    settled: dict[int, Outcome] = {}
    pending: Sequence[int] = range(len(calls))
    attempt = 0
    while pending:
        attempt += 1
        ctx.attempts = attempt
        leaving = [requests[i] for i in pending]
        if ctx.is_watched:
            yield from _tell_before(ctx, leaving, attempt)
            began = yield from now()
        ctx.writes.count += sum([calls[i].repeat != "safe" for i in pending])
        outcomes = cast("Sequence[Outcome]", (yield Send(tuple(leaving))))
        verdicts: list[Verdict] = [
            verdict(outcome, calls[i].success) for i, outcome in zip(pending, outcomes, strict=True)
        ]
        # Where all went well there is nothing to decide or to tell that would need the time.
        needs_clock = ctx.is_watched or verdicts.count("done") < len(verdicts)
        ended = (yield from now()) if needs_clock else began
        waits: dict[int, Wait] = {}
        for i, outcome, found in zip(pending, outcomes, verdicts, strict=True):
            settled[i] = outcome
            wait = _next(ctx, calls[i], outcome, found, ended, attempt)
            if ctx.is_watched or wait is not None:
                yield from _tell_after(ctx, requests[i], outcome, attempt, ended.monotonic - began.monotonic, wait)
            if wait is not None:
                waits[i] = wait
        pending = list(waits)
        if waits:
            yield Sleep(max(wait.seconds for wait in waits.values()))
            began = yield from now()
    return [settled[i] for i in range(len(calls))]


def _tell_before(ctx: Context, requests: Sequence[Outgoing], attempt: int) -> Flow[None]:
    for request in requests:
        event = events.before(ctx.service, ctx.operation, request, attempt)
        events.log(event, request, None)
        yield Notify(event)


def _next(ctx: Context, call: Call[T], outcome: Outcome, found: Verdict, clock: Clock, attempt: int) -> Wait | None:
    """The pause before this call's next attempt. Notes a write that may have taken effect already."""
    if found == "done":
        ctx.budget.earn()
        return None
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


def _tell_after(
    ctx: Context, request: Outgoing, outcome: Outcome, attempt: int, seconds: float, wait: Wait | None
) -> Flow[None]:
    begun = events.before(ctx.service, ctx.operation, request, attempt)
    event = events.after(begun, outcome, seconds, None if wait is None else wait.seconds)
    events.log(event, request, outcome)
    yield Notify(event)


def now() -> Flow[Clock]:
    """The driver's clock."""
    return cast("Clock", (yield NOW))
