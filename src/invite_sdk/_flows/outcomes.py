"""What became of a request: an answer that carries a result, or the error that it means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from invite_clients._runtime import Call, Response
from invite_sdk._errors import tree as errors
from invite_sdk._errors.bodies import read_error_body, unasked_encoding
from invite_sdk._errors.classify import error_from, kept_headers
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Begun, Clock, Flow, Outcome, Outgoing, Refused, Throttled, TransportFailure
from invite_sdk._flows.retry import verdict
from invite_sdk._privacy.masking import mask_in_text
from invite_sdk._privacy.scrubbing import cleaned

if TYPE_CHECKING:
    from pydantic import ValidationError as PydanticError

T = TypeVar("T")

UNREADABLE = (ValueError, LookupError, ArithmeticError, AttributeError, TypeError)
"""What the reader of a record may raise, where the service said something that its author did not expect."""

_MAX_FAULTS = 100
_ADVICE = "read the invitation, or list the open ones, before trying again"


def answer_in(ctx: Context, call: Call[T], outcome: Outcome, clock: Clock) -> Response:
    """The answer, when it carries a result; else raises what the outcome means."""
    earlier = ctx.may_have_taken and call.repeat != "safe"
    if isinstance(outcome, TransportFailure):
        error: errors.InviteError = transport_error(call, outcome, earlier=earlier)
        error.attempts = ctx.attempts
        if isinstance(error, errors.OutcomeUnknownError) and outcome.answer is not None:
            error.body = told(outcome.answer, ctx.sent)
        _tell_attempts(error, is_unpaid=_is_unpaid(ctx, outcome), advice=outcome.advice)
        if isinstance(error, errors.OutcomeUnknownError) and outcome.answer is not None:
            error.body = told(outcome.answer, ctx.sent)
        raise error from outcome.cause
    is_success = 200 <= outcome.status < 300 and not isinstance(outcome, (Refused, Throttled))
    if is_success and call.repeat == "safe":
        return outcome
    found = verdict(outcome, call.success)
    if found == "done":
        return outcome
    if is_success:
        raise not_the_service(cleaned(outcome, ctx.sent), ctx.attempts)
    refusal = cleaned(outcome, ctx.sent)
    error = error_from(
        refusal,
        call.operation,
        ctx.rules,
        clock.unix,
        asked=ctx.operation,
        title=ctx.title,
        body=ctx.error_body(refusal),
        wait=refusal.wait if isinstance(refusal, Throttled) else None,
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


def _tell_attempts(error: errors.InviteError, *, is_unpaid: bool, advice: str = "") -> None:
    """Adds to the words about a failing network or service how often it was tried, and what may help."""
    words = error.message
    if error.attempts > 1 and isinstance(error, (errors.TransportError, errors.ServerError, errors.RateLimitedError)):
        words = f"{words.rstrip('.')} after {error.attempts} attempts"
    if is_unpaid:
        words = words.rstrip(".") + "; the client's retry budget is used up, see RetryPolicy.budget"
    if isinstance(error, errors.ConnectError):
        words += f"; {advice or 'check the URL setting'}"
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


def never_repeated(error: errors.InviteError, attempts: int) -> errors.OutcomeUnknownError:
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
        unknown = errors.OutcomeUnknownError(
            f"the request was sent and its answer lost ({failure.detail}); it may or may not have taken effect",
            known=failure.detail,
            advice=_ADVICE,
            status=failure.status,
        )
        if failure.answer is not None:
            unknown.headers, unknown.request_id = kept_headers(failure.answer), failure.answer.header("x-request-id")
        return unknown
    classes: dict[str, type[errors.TransportError]] = {
        "connect": errors.ConnectError,
        "timeout": errors.TimeoutError,
        "deadline": errors.DeadlineExceededError,
    }
    return classes.get(failure.kind, errors.TransportError)(failure.detail)


def read(call: Call[T], response: Response) -> T:
    """The result in an answer.

    Raises:
        ResponseParseError: the body is not what the specification says.
    """
    try:
        return call.reader(response)
    except (ValueError, RecursionError, errors.ConfigurationError) as error:
        raise parse_error(response, error) from None


def readable(ctx: Context, flow: Flow[T]) -> Flow[T]:
    """A flow in which what the file of a service fails to read is an answer that cannot be read.

    Raises:
        ResponseParseError: it failed so after something was sent.
    """
    try:
        return (yield from flow)
    except errors.InviteError:
        raise
    except UNREADABLE as error:
        if not ctx.attempts:
            raise
        raise errors.ResponseParseError(f"the answer could not be read ({type(error).__name__})", status=200) from error


def parse_error(response: Response, error: Exception) -> errors.ResponseParseError:
    """The error for an answer that cannot be read: says where, repeats none of the values."""
    from pydantic import ValidationError as PydanticError

    is_page = read_error_body(response).shape == "html"
    if unasked := unasked_encoding(response):
        reason = f"it {unasked}"
    elif isinstance(error, PydanticError):
        reason = faults(error, "body")
    else:
        reason = str(error) if str(error).startswith("expected") else "it is not what the specification says"
    if is_page:
        reason += "; it is a web page: is this the address of the service's API? check the URL setting"
    kept = mask_in_text(response.body[: errors.MAX_KEPT_BODY].decode("utf-8", "replace")).encode()
    made = errors.ResponseParseError(
        f"the answer ({response.status}, {len(response.body)} bytes) could not be read: {reason}",
        status=response.status,
        body=kept,
    )
    made.is_url_doubtful = is_page
    made.headers, made.request_id = kept_headers(response), response.header("x-request-id")
    return made


def told(response: Response, sent: Iterable[Outgoing]) -> str:
    """The text of an answer, bounded, without what only its asker may know and with the keys in links masked."""
    text = mask_in_text(cleaned(response, sent, is_cut=isinstance(response, Begun)).body.decode("utf-8", "replace"))
    return text[: errors.MAX_KEPT_BODY]


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
