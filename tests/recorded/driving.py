"""Puts a recorded answer before a real client, sync or async, and asks for it."""

from __future__ import annotations

from contextlib import closing

import httpx

from invite_sdk import NO_RETRIES, Waldur
from invite_sdk.testing.suite.ways import Way
from tests.recorded.exchanges import ORIGIN, Recorded


class Replies:
    """Answers the first request with a recorded answer, and any further one, which reads back, with an empty list."""

    def __init__(self, exchange: Recorded) -> None:
        self._exchange = exchange
        self.requests: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append((request.method, request.url.path))
        if len(self.requests) > 1:
            return httpx.Response(200, headers={"X-Result-Count": "0"}, json=[])
        return httpx.Response(
            self._exchange.status, headers=list(self._exchange.headers), content=self._exchange.body.encode()
        )


def ask(way: Way, replies: Replies, name: str, *arguments: object, **options: object) -> object:
    """The result of a client's method; of a listing, its first page. Raises what the method raises."""
    transport = httpx.MockTransport(replies)
    with closing(way.open(Waldur(ORIGIN, token="0" * 40), transport, retry=NO_RETRIES)) as client:
        found = getattr(client, name)(*arguments, **options)
        return next(found.pages()) if name == "list" else found
