"""Puts a recorded answer before a real client, sync or async, and asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import anyio
import httpx

from invite_sdk import NO_RETRIES, AsyncInviteClient, AsyncPager, InviteClient, Pager, Waldur
from tests.recorded.exchanges import ORIGIN, Recorded

DOORS: Final = ("sync", "asyncio", "trio")
"""The ways into the SDK."""


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


def ask(door: str, replies: Replies, name: str, *arguments: object, **options: object) -> object:
    """The result of a client's method; of a listing, its first page. Raises what the method raises."""
    connection = Waldur(ORIGIN, token="0" * 40)
    transport = httpx.MockTransport(replies)
    if door == "sync":
        with InviteClient(connection, transport=transport, retry=NO_RETRIES) as client:
            method: Callable[..., Any] = getattr(client, name)
            found: object = method(*arguments, **options)
            return next(found.pages()) if isinstance(found, Pager) else found

    async def run() -> object:
        async with AsyncInviteClient(connection, transport=transport, retry=NO_RETRIES) as client:
            method: Callable[..., Any] = getattr(client, name)
            found = method(*arguments, **options)
            return await anext(found.pages()) if isinstance(found, AsyncPager) else await found

    return anyio.run(run, backend=door)
