"""What can be watched: an event before and after every attempt, for hooks and for the `invite_sdk` logger."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias
from urllib.parse import urlsplit

from invite_clients._runtime import Response
from invite_sdk._errors.bodies import moment_of
from invite_sdk._flows.effects import AttemptEvent, Outcome, Outgoing, TransportFailure
from invite_sdk._flows.retry import Stop
from invite_sdk._privacy.masking import mask_in_text
from invite_sdk._privacy.scrubbing import Cleaner, cleaned

logger = logging.getLogger("invite_sdk")
logger.addHandler(logging.NullHandler())

_SHOWN_HEADERS = frozenset({"accept", "content-type", "user-agent", "retry-after", "x-request-id", "x-result-count"})
"""The headers that may be logged. Everything else stays out, whatever it is called."""

_MOST_SHOWN = 200

_STOPPED: dict[Stop, str] = {
    "attempts": "no attempts are left",
    "deadline": "the next would come after the deadline",
    "budget": "the client's retry budget is used up",
}


Hook: TypeAlias = Callable[[AttemptEvent], object]
"""Called with every event. What it raises is logged and goes no further: a hook cannot lose an answer."""

AsyncHook: TypeAlias = Callable[[AttemptEvent], Awaitable[object] | object]
"""The same for the asynchronous client; what it returns is awaited where that is possible."""


def before(service: str, operation: str, outgoing: Outgoing, attempt: int) -> AttemptEvent:
    """The event before an attempt."""
    return AttemptEvent(
        phase="before",
        service=service,
        operation=operation,
        native_operation=outgoing.operation,
        method=outgoing.method,
        path=mask_in_text(urlsplit(outgoing.url).path),
        attempt=attempt,
    )


def after(
    event: AttemptEvent,
    outgoing: Outgoing,
    outcome: Outcome,
    seconds: float,
    retry_in: float | None,
    stopped_by: Stop | None = None,
) -> AttemptEvent:
    """The event after it."""
    came = None if isinstance(outcome, TransportFailure) else outcome
    server = None if came is None else came.header("server")
    return replace(
        event,
        phase="after",
        status=None if came is None else came.status,
        failure=outcome.detail if isinstance(outcome, TransportFailure) else None,
        answered_at=None if came is None else moment_of(came.header("date") or ""),
        server=None if server is None else shown_text(server, outgoing),
        seconds=seconds,
        retry_in=retry_in,
        stopped_by=stopped_by,
    )


def shown_text(text: str, outgoing: Outgoing) -> str:
    """What an answer says, cut, and without the secrets of its request."""
    return Cleaner.of((outgoing,)).text(text)[:_MOST_SHOWN]


def log(event: AttemptEvent, outgoing: Outgoing, outcome: Outcome | None) -> None:
    """Writes an event to the `invite_sdk` logger, for debugging; a repetition, and one that cannot be, as a warning."""
    if event.phase == "before":
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug(
                "%s %s: %s %s, attempt %d, headers %s",
                event.service,
                event.operation,
                event.method,
                event.path,
                event.attempt,
                shown_headers(outgoing.headers),
            )
        return
    level = logging.DEBUG if event.retry_in is None and event.stopped_by != "budget" else logging.WARNING
    if not logger.isEnabledFor(level):
        return
    said = event.failure if event.status is None else f"status {event.status}"
    again = "" if event.stopped_by is None else f"; not tried again: {_STOPPED[event.stopped_by]}"
    if event.retry_in is not None:
        again = f"; trying again in {event.retry_in:.2f} s"
    headers: dict[str, str] = {}
    if isinstance(outcome, Response) and level == logging.DEBUG:
        headers = shown_headers(cleaned(replace(outcome, body=b""), (outgoing,)).headers)
    logger.log(
        level,
        "%s %s: %s %s brought %s after %.3f s%s%s",
        event.service,
        event.operation,
        event.method,
        event.path,
        said,
        event.seconds or 0.0,
        again,
        f", headers {headers}" if headers else "",
    )


def log_rest(service: str, operation: str, seconds: float) -> None:
    """Writes that a call waits before it is sent, since the service asked its client to wait."""
    logger.debug("%s %s: waiting %.2f s, as the service asked this client to", service, operation, seconds)


def shown_headers(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The headers that may be shown, by an allow-list."""
    return {name.lower(): value for name, value in headers if name.lower() in _SHOWN_HEADERS}
