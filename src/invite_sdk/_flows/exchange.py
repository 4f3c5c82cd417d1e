"""From a call to its result: credentials, limits, the one repetition after a renewed token, and errors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import quote, urlencode

from invite_clients._runtime import Call, Response
from invite_sdk._errors import tree as errors
from invite_sdk._errors.classify import error_from, kept_headers
from invite_sdk._flows.attempts import NOW, attempts, now, rested
from invite_sdk._flows.auth import LoginAuth, NewToken, StaticAuth, TokenKeeper
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Clock, Flow, Outcome, Outgoing, Token, TransportFailure
from invite_sdk._flows.options import is_header, merged
from invite_sdk._flows.retry import verdict
from invite_sdk._privacy.masking import mask_in_text
from invite_sdk._privacy.scrubbing import cleaned

if TYPE_CHECKING:
    from pydantic import ValidationError as PydanticError

T = TypeVar("T")

_MAX_FAULTS = 100
_PATH = re.compile(r"/[!\"$->@-\[\]-~]*")
"""A path without the beginning of a query or a fragment, and without a backslash."""
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
"""A segment that leads upward."""
_METHOD = re.compile(r"[A-Z]{1,20}")
_ADVICE = "read the invitation, or list the open ones, before trying again"


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
    ctx.attempts, ctx.unpaid = 0, ()
    try:
        outcomes = yield from _outcomes(ctx, calls, clock)
    except (errors.ConfigurationError, errors.RateLimitedError) as error:
        # Between two attempts the client was closed, the process forked, or the service asked for too long a wait.
        if not ctx.may_have_taken or ctx.is_reading:
            raise
        raise _never_repeated(error, ctx.attempts) from error
    if not all(isinstance(found, Response) and 200 <= found.status < 300 for found in outcomes):
        clock = yield from now()
    answers = [_answer(ctx, call, outcome, clock) for call, outcome in zip(calls, outcomes, strict=True)]
    ctx.was_confirmed = ctx.was_confirmed or not ctx.is_reading
    return answers


def _outcomes(ctx: Context, calls: Sequence[Call[T]], clock: Clock) -> Flow[list[Outcome]]:
    """What the calls brought, those that an old token was refused for asked once more with a new one."""
    if isinstance(ctx.auth, StaticAuth) or all(call.public for call in calls):
        return (yield from attempts(ctx, calls, _leaving(ctx, calls, None), clock))
    if ctx.pause.until > clock.monotonic:
        # Before the token, for which others wait: they would learn too late that they wait in vain.
        yield from rested(ctx, clock)
    token = yield from _token(None)
    outcomes = yield from attempts(ctx, calls, _leaving(ctx, calls, token), (yield from now()))
    refused = [i for i, outcome in enumerate(outcomes) if _is_refused_token(outcome, calls[i])]
    if refused:
        token = yield from _token(token)
        once_more = [calls[i] for i in refused]
        again = yield from attempts(ctx, once_more, _leaving(ctx, once_more, token), (yield from now()))
        for i, outcome in zip(refused, again, strict=True):
            outcomes[i] = outcome
    return outcomes


def renew(ctx: Context, keeper: TokenKeeper, refused: str | None) -> Flow[str]:
    """A usable token: one that somebody else has just brought, or else a new one. One such flow runs at a time.

    Raises:
        AuthenticationError: the service refuses the login (400, 401, 403 or 422).
    """
    found = keeper.usable((yield from now()).monotonic, refused)
    if found is not None:
        return found
    keeper.raise_refusal(ctx.refusals or 0)
    try:
        new = yield from _log_in(ctx, cast("LoginAuth", ctx.auth))
    except errors.APIError as error:
        # A wait that is too long for one caller's deadline may be short enough for another's.
        if error.retry_after is None or not isinstance(error, (errors.RateLimitedError, errors.ServerError)):
            keeper.refuse(error)
        raise
    return keeper.keep(new, (yield from now()).monotonic)


def _log_in(ctx: Context, auth: LoginAuth) -> Flow[NewToken]:
    try:
        return (yield from perform(ctx, replace(auth.login(), repeat="safe")))
    except errors.ResponseParseError as error:
        # What could not be read may hold a token all the same.
        error.body = b""
        raise
    except errors.APIError as error:
        if error.status in (400, 403, 422):
            raise _refused_login(error) from None
        raise


def _refused_login(error: errors.APIError) -> errors.AuthenticationError:
    words = f"the login was refused: {error.message}"
    return errors.remade(error, errors.AuthenticationError(words, status=error.status))


def read(call: Call[T], response: Response) -> T:
    """The result in an answer.

    Raises:
        ResponseParseError: the body is not what the specification says.
    """
    try:
        return call.reader(response)
    except (ValueError, RecursionError, errors.ConfigurationError) as error:
        raise parse_error(response, error) from None


def parse_error(response: Response, error: Exception) -> errors.ResponseParseError:
    """The error for an answer that cannot be read: says where, repeats none of the values."""
    from pydantic import ValidationError as PydanticError

    if isinstance(error, PydanticError):
        reason = faults(error, "body")
    else:
        reason = str(error) if str(error).startswith("expected") else "it is not what the specification says"
    kept = mask_in_text(response.body[: errors.MAX_KEPT_BODY].decode("utf-8", "replace")).encode()
    made = errors.ResponseParseError(
        f"the answer ({response.status}, {len(response.body)} bytes) could not be read: {reason}",
        status=response.status,
        body=kept,
    )
    made.headers, made.request_id = kept_headers(response), response.header("x-request-id")
    return made


def faults(error: PydanticError, whole: str) -> str:
    """What pydantic found, without the values: the first three.

    Args:
        error: what it raised.
        whole: what the value is called where no part of it is named.
    """
    count = error.error_count()
    if count > _MAX_FAULTS:  # it makes all of them or none
        return f"{whole}: {count} values are not what the specification says"
    found = error.errors(include_input=False, include_url=False, include_context=False)[:3]
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or whole}: {item['msg']}" for item in found)


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
    return "?" + urlencode(query, quote_via=quote) if query else ""


def _is_refused_token(outcome: Outcome, call: Call[T]) -> bool:
    return not call.public and isinstance(outcome, Response) and outcome.status == 401


def _answer(ctx: Context, call: Call[T], outcome: Outcome, clock: Clock) -> Response:
    earlier = ctx.may_have_taken and call.repeat != "safe"
    if isinstance(outcome, TransportFailure):
        error: errors.InviteError = transport_error(call, outcome, earlier=earlier)
        error.attempts = ctx.attempts
        _tell_attempts(error, is_unpaid=_is_unpaid(ctx, outcome))
        raise error from outcome.cause
    is_success = 200 <= outcome.status < 300
    if is_success and call.repeat == "safe":
        return outcome
    found = verdict(outcome, call.success)
    if found == "done":
        return outcome
    if is_success:
        raise not_the_service(cleaned(outcome, ctx.sent), ctx.attempts)
    error = error_from(
        cleaned(outcome, ctx.sent), call.operation, ctx.rules, clock.unix, asked=ctx.operation, title=ctx.title
    )
    error.attempts = ctx.attempts
    if isinstance(error, (errors.RateLimitedError, errors.ServerError)):
        # Another call may have been told of a longer wait meanwhile.
        left = ctx.pause.left(clock.monotonic)
        error.retry_after = max(left, error.retry_after or 0.0) or error.retry_after
    _tell_attempts(error, is_unpaid=_is_unpaid(ctx, outcome))
    if (found == "sick" and call.repeat != "safe") or (found == "untouched" and earlier):
        raise unsettled(error) from error
    raise error


def _is_unpaid(ctx: Context, outcome: Outcome) -> bool:
    return any(outcome is one for one in ctx.unpaid)


def _tell_attempts(error: errors.InviteError, *, is_unpaid: bool) -> None:
    """Adds to the words about a failing network or service how often it was tried, and what may help."""
    words = error.message
    if error.attempts > 1 and isinstance(error, (errors.TransportError, errors.ServerError, errors.RateLimitedError)):
        words = f"{words.rstrip('.')} after {error.attempts} attempts"
    if is_unpaid:
        words = words.rstrip(".") + "; the client's retry budget is used up, see RetryPolicy.budget"
    if isinstance(error, errors.ConnectError):
        words += "; check the URL setting"
    error.message = words
    error.args = (words,)


def not_the_service(page: Response, attempts: int) -> errors.OutcomeUnknownError:
    """The error for a write that a web page answered with success: it is no confirmation, so it has no status."""
    words = f"a web page with status {page.status} came in place of the service's answer"
    text = f"{words}; the write may or may not have taken effect"
    made = errors.OutcomeUnknownError(text, known=words, advice=_ADVICE)
    made.headers, made.request_id = kept_headers(page), page.header("x-request-id")
    made.attempts = attempts
    return made


def _never_repeated(error: errors.InviteError, attempts: int) -> errors.OutcomeUnknownError:
    """The error for a write that may have taken effect and whose next attempt could not be made."""
    known = f"an attempt may have taken effect, and the next could not be made: {error.message}"
    made = errors.OutcomeUnknownError(known, known=known, advice=_ADVICE)
    made.attempts = max(1, attempts - 1)
    return made


def unsettled(error: errors.APIError) -> errors.OutcomeUnknownError:
    """The error for a write that may have taken effect, and after which no answer tells."""
    words = f"the last answer to the write was {error.message.rstrip('.')}; it may or may not have taken effect"
    made = errors.OutcomeUnknownError(words, known=f"the answer was {error.status}", advice=_ADVICE)
    return errors.remade(error, made)


def transport_error(call: Call[T], failure: TransportFailure, *, earlier: bool = False) -> errors.InviteError:
    """The error for a request that brought no answer. A write that may have arrived has an unknown outcome.

    Args:
        call: what was sent.
        failure: what happened to its last attempt.
        earlier: whether an attempt before may have arrived.
    """
    if (failure.sent == "maybe" or earlier) and call.repeat != "safe":
        return errors.OutcomeUnknownError(
            f"the request was sent and its answer lost ({failure.detail}); it may or may not have taken effect",
            known=failure.detail,
            advice=_ADVICE,
            status=failure.status,
        )
    classes: dict[str, type[errors.TransportError]] = {
        "connect": errors.ConnectError,
        "timeout": errors.TimeoutError,
        "deadline": errors.DeadlineExceededError,
    }
    return classes.get(failure.kind, errors.TransportError)(failure.detail)
