"""What a test did to a fake that it hardly meant: requests for no operation that the service has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from invite_sdk.testing.base.fake import Fake
    from invite_sdk.testing.faults.record import Exchange
    from invite_sdk.testing.messages import FakeRequest

_SHOWN_REQUESTS: Final = 5
_SHOWN_BODY: Final = 500


def unexpected(fake: Fake) -> list[Exchange]:
    """The requests so far for which the service has no operation.

    One that a fake of this version or era lacks is not among them: how a program takes that is worth a test. Nor is one
    that met a fault, which somebody planned for it.
    """
    return [
        exchange
        for exchange in fake.requests
        if exchange.operation is None and exchange.fault is None and fake.operation_of(exchange.request) is None
    ]


def describe(fake: Fake, exchanges: Sequence[Exchange]) -> str:
    """What was asked and sent, what the answer was, and what was probably meant."""
    what = "a request" if len(exchanges) == 1 else f"{len(exchanges)} requests"
    lines = [f"{type(fake).__name__} got {what} for no operation of the service:"]
    for exchange in exchanges[:_SHOWN_REQUESTS]:
        request = exchange.request
        lines += [f"  {request.method} {request.target}", *_sent(request)]
        lines.append(f"    answered {exchange.response.status}; {_meant(fake, request)}")
    if len(exchanges) > _SHOWN_REQUESTS:
        lines.append(f"  and {len(exchanges) - _SHOWN_REQUESTS} more")
    return "\n".join(lines)


def _sent(request: FakeRequest) -> Iterator[str]:
    if not request.body:
        return
    text = request.body.decode("utf-8", "backslashreplace")
    more = f"... ({len(request.body)} bytes)" if len(text) > _SHOWN_BODY else ""
    yield f"    sent {request.header('Content-Type') or 'without a content type'}: {text[:_SHOWN_BODY]}{more}"


def _meant(fake: Fake, request: FakeRequest) -> str:
    known = [(name, methods.split()[0], path) for name, methods, path in fake.routes]
    likest = max(known, key=lambda one: _likeness(request, *one[1:]), default=None)
    if likest is None:
        return "no operation of it is known"
    name, method, path = likest
    return f"the nearest known operation is {name}: {method} {path}"


def _likeness(request: FakeRequest, method: str, path: str) -> float:
    """How like an operation a request is, from 0 to 1. What stands in the place of an id says nothing."""
    asked, known = request.path.strip("/").split("/"), path.strip("/").split("/")
    ends = (_filled(known, asked), _filled(known[::-1], asked[::-1])[::-1])
    text = " ".join((request.method, *asked))
    return max(SequenceMatcher(None, text, " ".join((method, *parts)), autojunk=False).ratio() for parts in ends)


def _filled(known: Sequence[str], asked: Sequence[str]) -> list[str]:
    # The longer one may begin or end with something more, such as `/api`, so this is done from both ends.
    return [asked[place] if part == "*" and place < len(asked) else part for place, part in enumerate(known)]
