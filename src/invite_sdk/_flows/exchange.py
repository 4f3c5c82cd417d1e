"""From a call to its answer: credentials, as many attempts as are allowed, and one more after a renewed token."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, cast
from urllib.parse import quote, urlencode

from invite_clients._runtime import Call, Response
from invite_sdk._errors import tree as errors
from invite_sdk._errors.bodies import is_page
from invite_sdk._errors.classify import error_from
from invite_sdk._flows import events
from invite_sdk._flows.auth import StaticAuth
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import (
    Clock,
    Flow,
    Notify,
    Now,
    Outcome,
    Outgoing,
    Refused,
    Send,
    Sleep,
    Throttled,
    Token,
    TransportFailure,
)
from invite_sdk._flows.options import is_header, merged
from invite_sdk._flows.outcomes import UNREADABLE, answer_in, never_repeated, read
from invite_sdk._flows.retry import THROTTLED, Stop, Verdict, Wait, named_wait, next_step, rest, verdict
from invite_sdk._flows.writes import Write
from invite_sdk._privacy.scrubbing import cleaned

T = TypeVar("T")

_PATH = re.compile(r"/[!\"$->@-\[\]-~]*")
"""A path without the beginning of a query or a fragment, and without a backslash."""
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
"""A segment that leads upward."""
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch
_METHOD = re.compile(r"[A-Z]{1,20}")
_MARKED = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
"""How a body begins that has a byte order mark."""
NOW = Now()


def perform(ctx: Context, call: Call[T]) -> Flow[T]:
    """Sends a call and reads its result."""
    found = yield from exchange_all(ctx, (call,))
    return read(call, found[0])


def exchange(ctx: Context, call: Call[T]) -> Flow[Response]:
    """Sends a call and returns the answer when it carries a result, else raises what the refusal means."""
    found = yield from exchange_all(ctx, (call,))
    return found[0]


def exchange_all(ctx: Context, calls: Sequence[Call[T]]) -> Flow[list[Response]]:
    """Sends several calls at once and returns their answers in order; raises for the first that brought no result."""
    clock = cast("Clock", (yield NOW))
    if ctx.deadline_at is None:
        ctx.deadline_at = clock.monotonic + ctx.options.deadline
    ctx.is_reading = all(call.repeat == "safe" for call in calls)
    if not ctx.is_reading:
        ctx.may_have_taken = ctx.was_confirmed = ctx.was_looked_up = False
        ctx.answer = None
    ctx.attempts, ctx.unpaid = 0, ()
    try:
        outcomes = yield from _outcomes(ctx, calls, clock)
    except (
        errors.ConfigurationError,
        errors.RateLimitedError,
        errors.TransportError,
        errors.ResponseParseError,
    ) as error:
        # Between two attempts the client was closed, the process forked, the service asked for too long a wait, or
        # nobody could tell whether the write may still be made.
        if not ctx.may_have_taken or ctx.is_reading:
            raise
        raise never_repeated(error, ctx.attempts) from error
    if not all(type(found) is Response and 200 <= found.status < 300 for found in outcomes):
        clock = yield from now()
    if not ctx.is_reading:
        ctx.answer = _success_in(outcomes[-1])
    answers = [answer_in(ctx, call, outcome, clock) for call, outcome in zip(calls, outcomes, strict=True)]
    ctx.was_confirmed = ctx.was_confirmed or not ctx.is_reading
    return answers


def _success_in(outcome: Outcome) -> Response | None:
    """The answer of success, or the beginning of one that broke off."""
    if isinstance(outcome, TransportFailure):
        is_success = outcome.status is not None and 200 <= outcome.status < 300
        return plain(outcome.answer) if is_success and outcome.answer is not None else None
    return outcome if 200 <= outcome.status < 300 else None


def _outcomes(ctx: Context, calls: Sequence[Call[T]], clock: Clock) -> Flow[list[Outcome]]:
    """What the calls brought, those that an old token was refused for asked once more with a new one."""
    if isinstance(ctx.auth, StaticAuth) or all(call.public for call in calls):
        return (yield from attempts(ctx, calls, _leaving(ctx, calls, None), clock))
    if ctx.pause.until > clock.monotonic:
        # Before the token, for which others wait: they would learn too late that they wait in vain.
        yield from rested(ctx, clock)
    token = yield from _token(None)
    outcomes = yield from attempts(ctx, calls, _leaving(ctx, calls, token), (yield from now()))
    refused = [i for i, outcome in enumerate(outcomes) if _is_refused_token(ctx, outcome, calls[i])]
    if refused:
        token = yield from _token(token)
        once_more = [calls[i] for i in refused]
        again = yield from attempts(ctx, once_more, _leaving(ctx, once_more, token), (yield from now()))
        for i, outcome in zip(refused, again, strict=True):
            outcomes[i] = outcome
    return outcomes


def _token(refused: str | None) -> Flow[str]:
    return cast("str", (yield Token(refused)))


def _leaving(ctx: Context, calls: Sequence[Call[T]], token: str | None) -> list[Outgoing]:
    requests = [outgoing(ctx, call, token) for call in calls]
    ctx.sent = (*(request for request in ctx.sent if request.body is not None), *requests)
    return requests


def outgoing(ctx: Context, call: Call[T], token: str | None) -> Outgoing:
    """A call as it leaves: the only place where credentials meet a request.

    Raises:
        InvalidArgumentError: the call was changed by hand so that it would not go where the connection says, or cannot
            be sent.
    """
    request = call.request
    query = _checked_query(call)
    headers = [*merged({"User-Agent": ctx.user_agent}, ctx.options.headers).items(), *request.headers]
    if not call.public:
        if isinstance(ctx.auth, StaticAuth):
            headers.append((ctx.auth.header, ctx.auth.value.get_secret_value()))
        elif token is not None:
            headers.append(("Authorization", f"Bearer {token}"))
    return Outgoing(
        operation=call.operation,
        method=request.method,
        url=ctx.base_url + request.path + query,
        headers=tuple(headers),
        body=request.body,
        timeout=ctx.options.timeout,
        deadline=ctx.deadline_at,
        max_body=ctx.options.max_body,
        public=call.public,
    )


def _checked_query(call: Call[T]) -> str:
    """The query of a call that can be sent."""
    request = call.request
    path = request.path
    if not _PATH.fullmatch(path) or (("/." in path or "/%2" in path) and _DOTS.search(path)):
        raise errors.InvalidArgumentError(
            "the path of a call must begin with a slash and hold neither a query nor dot segments, quoted as in a URL"
        )
    if not _METHOD.fullmatch(request.method):
        raise errors.InvalidArgumentError("the method of a call must be a word such as GET")
    for name, value in request.headers:
        if not is_header(name, value):
            raise errors.InvalidArgumentError("a header of the call holds a character that no header can carry")
    try:
        return encode_query(request.query)
    except UnicodeError:
        raise errors.InvalidArgumentError("a parameter of the call is no text that a URL can carry") from None


def encode_query(query: Sequence[tuple[str, str]]) -> str:
    """Query parameters as they stand in a URL, `?` included; nothing for none."""
    if all(_PLAIN(name) and _PLAIN(value) for name, value in query):  # nearly always, and much faster
        return "?" + "&".join([f"{name}={value}" for name, value in query]) if query else ""
    return "?" + urlencode(query, quote_via=quote)


def _is_refused_token(ctx: Context, outcome: Outcome, call: Call[T]) -> bool:
    if call.public or not isinstance(outcome, Response):
        return False
    if not isinstance(outcome, Refused):
        return outcome.status == 401
    refusal = error_from(outcome, call.operation, ctx.rules, 0.0, body=ctx.error_body(outcome))
    return isinstance(refusal, errors.AuthenticationError)


@dataclass(slots=True, eq=False, repr=False)
class _Tally:
    """What the repetitions of one call came to."""

    cost: int = 0
    """What they took from the budget, in tenths."""
    named: int = 0
    """After how many attempts the service named a wait."""


def attempts(ctx: Context, calls: Sequence[Call[T]], requests: Sequence[Outgoing], began: Clock) -> Flow[list[Outcome]]:
    """The outcomes of calls, in order, after as many attempts as the policy, the budget and the deadline allow.

    Args:
        ctx: the operation's.
        calls: what is asked for.
        requests: the same as they leave.
        began: the time now.

    Raises:
        RateLimitedError: the service asked the client to wait until after the deadline; nothing was sent.
    """
    settled: dict[int, Outcome] = {}
    tallies: dict[int, _Tally] = {}
    pending: Sequence[int] = range(len(calls))
    written: list[tuple[int, Write]] = []
    attempt = cost = 0
    has_waited = False
    while pending:
        if ctx.pause.until > began.monotonic:
            has_waited = True
            began, is_over = yield from _rest(ctx, began, cost)
            if not is_over:
                ctx.budget.give_back(cost)
                break
        if has_waited and ctx.recheck is not None and not ctx.is_reading:
            began = yield from _rechecked(ctx, ctx.recheck, cost)
        if not attempt:
            written = [
                (i, ctx.writes.begin(ctx.operation, call.request, ctx.deadline_at, began.monotonic))
                for i, call in enumerate(calls)
                if call.repeat != "safe"
            ]
        attempt += 1
        ctx.attempts = attempt
        leaving = [requests[i] for i in pending]
        if ctx.is_watched:
            yield from _tell_before(ctx, leaving, attempt)
            began = yield from now()
        came = cast("Sequence[Outcome]", (yield Send(tuple(leaving))))
        outcomes = [_seen(ctx, calls[i], one, began.unix) for i, one in zip(pending, came, strict=True)]
        verdicts: list[Verdict] = [
            verdict(outcome, calls[i].success) for i, outcome in zip(pending, outcomes, strict=True)
        ]
        # Where all went well there is nothing to decide or to tell that would need the time.
        needs_clock = ctx.is_watched or verdicts.count("done") < len(verdicts)
        ended = (yield from now()) if needs_clock else began
        waits: dict[int, Wait] = {}
        for i, outcome, found in zip(pending, outcomes, verdicts, strict=True):
            settled[i] = outcome
            step = _next(ctx, calls[i], outcome, found, ended, attempt, tallies.get(i))
            if ctx.is_watched or isinstance(step, Wait) or step == "budget":
                yield from _tell_after(ctx, requests[i], outcome, attempt, ended.monotonic - began.monotonic, step)
            if isinstance(step, Wait):
                waits[i] = step
                tally = tallies.setdefault(i, _Tally())
                tally.cost += step.cost
                tally.named += step.is_named
        pending = list(waits)
        if waits:
            cost = sum(wait.cost for wait in waits.values())
            began = yield from _slept(ctx, max(wait.seconds for wait in waits.values()), cost)
            has_waited = True
    if pending and not settled:
        raise _held_back(ctx, began.monotonic)
    for i, write in written:
        ctx.writes.end(write, verdict(settled[i], calls[i].success), earlier=ctx.may_have_taken)
    return [settled[i] for i in range(len(calls))]


def _seen(ctx: Context, call: Call[T], outcome: Outcome, unix: float) -> Outcome:
    """An outcome as the service's own signs have it: a refusal that means a limit, a success that means a refusal."""
    if isinstance(outcome, TransportFailure):
        return outcome
    outcome = plain(outcome)
    is_success = 200 <= outcome.status < 300
    if is_success:
        is_refused = _asked(ctx, ctx.refused, outcome)
        if is_refused is None and call.repeat != "safe" and not is_page(outcome):
            words = f"an answer with status {outcome.status} confirmed nothing"
            return TransportFailure("maybe", "broken", words, answer=cleaned(outcome, ctx.sent))
        if not is_refused:
            return outcome
    wait = _asked(ctx, ctx.throttled, outcome, unix)
    if wait is not None:
        return Throttled(outcome.status, outcome.headers, outcome.body, wait)
    return Refused(outcome.status, outcome.headers, outcome.body) if is_success else outcome


def plain(response: Response) -> Response:
    """An answer as its readers take it: in UTF-8 and without a byte order mark, whichever way a server wrote it."""
    body = response.body
    if not body.startswith(_MARKED) and b"\0" not in body[:2]:
        return response
    try:
        return replace(response, body=body.decode(json.detect_encoding(body)).encode())
    except UnicodeError:
        return response


def _asked(ctx: Context, hook: Callable[..., T], *said: object) -> T | None:
    """What the file of a service says of an answer; nothing where it fails over it, since the answer has come."""
    try:
        return hook(*said)
    except UNREADABLE as error:  # not everything: a time limit may be an exception too
        name = getattr(hook, "__name__", "a hook")
        events.logger.warning("%s: %s failed with %s", ctx.service, name, type(error).__name__)
        return None


def rested(ctx: Context, clock: Clock) -> Flow[None]:
    """Waits until the service lets this client ask.

    Raises:
        RateLimitedError: that is not before the deadline; nothing was sent.
    """
    clock, is_over = yield from _rest(ctx, clock, 0)
    if not is_over:
        raise _held_back(ctx, clock.monotonic)


def _rest(ctx: Context, clock: Clock, cost: int) -> Flow[tuple[Clock, bool]]:
    """Waits until the service lets this client ask again.

    Args:
        ctx: the operation's.
        clock: the time now.
        cost: what was paid for the attempt that comes.

    Returns:
        The time then, and whether the pause is over: it is not where the deadline comes before its end.
    """
    while (left := ctx.pause.until - clock.monotonic) > 0:
        remaining = ctx.time_left(clock.monotonic)
        share = remaining / ctx.options.deadline
        seconds = rest(ctx.options.retry, left, remaining=remaining, luck=clock.luck, share=share)
        if seconds is None:
            return clock, False
        events.log_rest(ctx.service, ctx.operation, seconds)
        clock = yield from _slept(ctx, seconds, cost)
    return clock, True


def _slept(ctx: Context, seconds: float, cost: int) -> Flow[Clock]:
    """The time after a pause. What breaks it off gets back what was paid for the attempt that does not come."""
    try:
        yield Sleep(seconds)
    except BaseException:
        ctx.budget.give_back(cost)
        raise
    return (yield from now())


def _rechecked(ctx: Context, recheck: Callable[[], Flow[None]], cost: int) -> Flow[Clock]:
    """The time after a look whether the attempt may still be made. What forbids it gets back what was paid for it."""
    try:
        yield from recheck()
    except BaseException:
        ctx.budget.give_back(cost)
        raise
    return (yield from now())


def _held_back(ctx: Context, moment: float) -> errors.RateLimitedError:
    """The error for a call that was not sent."""
    left = ctx.pause.left(moment)
    return errors.RateLimitedError(
        f"{ctx.title or 'the service'} asked this client to wait, for {math.ceil(left)} s more, "
        "which is not over before the deadline; nothing was sent",
        status=ctx.pause.status,
        retry_after=left,
    )


def _tell_before(ctx: Context, requests: Sequence[Outgoing], attempt: int) -> Flow[None]:
    for request in requests:
        event = events.before(ctx.service, ctx.operation, request, attempt)
        events.log(event, request, None)
        yield Notify(event)


def _next(
    ctx: Context,
    call: Call[T],
    outcome: Outcome,
    found: Verdict,
    clock: Clock,
    attempt: int,
    tally: _Tally | None,
) -> Wait | Stop | None:
    """The pause before this call's next attempt, or why there is none.

    Notes a write that may have taken effect already, and a wait that the service names.
    """
    if found in ("done", "refused"):
        # Either way the service has answered: it is not down. Only a success pays for what others took.
        paid = 0 if tally is None else tally.cost
        ctx.budget.give_back(paid or int(found == "done"))
        return None
    asked = named_wait(outcome, found, clock.unix)
    if asked and isinstance(outcome, Response) and (outcome.status in THROTTLED or isinstance(outcome, Throttled)):
        ctx.pause.ask(outcome.status, asked, clock.monotonic)
    remaining = ctx.time_left(clock.monotonic)
    step = next_step(
        ctx.options.retry,
        outcome,
        found,
        call.repeat,
        asked=asked,
        attempt=attempt,
        remaining=remaining,
        luck=clock.luck,
        share=remaining / ctx.options.deadline,
        named=0 if tally is None else tally.named,
    )
    if not isinstance(step, Wait):
        return step
    if step.cost and not ctx.budget.spend(step.cost, ctx.options.retry.budget):
        ctx.unpaid = (*ctx.unpaid, outcome)
        return "budget"
    if found in ("unsure", "sick") and call.repeat != "safe":
        ctx.may_have_taken = True
    return step


def _tell_after(
    ctx: Context, request: Outgoing, outcome: Outcome, attempt: int, seconds: float, step: Wait | Stop | None
) -> Flow[None]:
    begun = events.before(ctx.service, ctx.operation, request, attempt)
    retry_in, stopped_by = (step.seconds, None) if isinstance(step, Wait) else (None, step)
    event = events.after(begun, request, outcome, seconds, retry_in, stopped_by)
    events.log(event, request, outcome)
    yield Notify(event)


def now() -> Flow[Clock]:
    """The driver's clock."""
    return cast("Clock", (yield NOW))
