"""Sends over httpx asynchronously, on asyncio and trio, for one event loop."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from threading import Lock
from typing import cast

import httpx

from invite_sdk._errors.tree import ConfigurationError
from invite_sdk._flows.effects import Outcome, Outgoing
from invite_sdk._http.base import CLOSED, Http
from invite_sdk._http.brought import forget_location, lent
from invite_sdk._http.pools import Pool, is_open, remember
from invite_sdk._http.silence import silence
from invite_sdk._http.step import FAILURES, GRACE, PROXY_REFUSED, SPENT, Step

_CLOSING = 5.0
"""Seconds that closing connections may take; TLS says goodbye."""


class AsyncHttp(Http[httpx.AsyncClient]):
    """A pool of connections for one event loop, made when first used."""

    _client_kind = httpx.AsyncClient
    _transport_kind = httpx.AsyncBaseTransport
    _way_kind = httpx.AsyncHTTPTransport

    def __init__(
        self,
        client: httpx.AsyncClient | None,
        transport: httpx.AsyncBaseTransport | None,
        proxy: str | None,
        verify: ssl.SSLContext | None,
        loopback: str | None = None,
    ) -> None:
        super().__init__(client, transport, proxy, verify, loopback)
        self._forget = _forget_location_async
        self.sleep: Callable[[float], Awaitable[object]] = _sleep
        self._process: int | None = None
        self._loop: object = None

    def _current(self) -> Pool[httpx.AsyncClient]:
        if self.is_closed:
            raise ConfigurationError(CLOSED)
        self._settle()
        self._check_open()
        pool = self._pool
        if pool is None or pool.is_doubtful():
            made = self._make()
            if pool is not None:
                self._old.append(pool)
            pool = self._pool = Pool(made, 0 if self._is_brought else 1)
            if not self._is_brought:
                remember(pool)
        return pool

    def _settle(self) -> None:
        here = os.getpid()
        if self._process is None:
            self._process, self._loop = here, _loop()
        if self._process != here:
            raise ConfigurationError(
                "this AsyncInviteClient was used before the process forked; make one in each process"
            )
        if self._loop != _loop():
            raise ConfigurationError(
                "this AsyncInviteClient was first used in another event loop; make one inside each loop, "
                "for example with `async with AsyncInviteClient(...) as client:`"
            )

    async def close(self) -> None:
        """Closes our own pools; a client that the caller brought stays open.

        Raises:
            ConfigurationError: the pool belongs to another event loop or process.
        """
        if self._pool is not None and self.given is None:
            self._settle()
        self.is_closed = True
        if self.given is None:
            pools = self._pools()
            self._old, self._pool = [], None
            await _end_all(pools)

    async def send(self, requests: Sequence[Outgoing]) -> tuple[Outcome, ...]:
        """Sends one request, or several at once, and returns their outcomes in order. Never raises for the network."""
        try:
            if len(requests) == 1:
                return (await self._one(requests[0]),)
            return await self._together(requests)
        finally:
            if self._old:
                await self._sweep()

    async def _sweep(self) -> None:
        """Closes the pools that were replaced and whose last request has ended."""
        ended = [pool for pool in self._old if not pool.is_used()]
        if ended:
            self._old = [pool for pool in self._old if pool not in ended]
            await _end_all(ended)

    async def _together(self, requests: Sequence[Outgoing]) -> tuple[Outcome, ...]:
        import anyio

        outcomes: list[Outcome | None] = [None] * len(requests)

        raised: list[Exception] = []

        async with anyio.create_task_group() as tasks:

            async def run(index: int) -> None:
                try:
                    outcomes[index] = await self._one(requests[index])
                except Exception as error:  # noqa: BLE001 - the group would wrap it in another
                    raised.append(error)
                    tasks.cancel_scope.cancel()

            for index in range(len(requests)):
                tasks.start_soon(run, index)
        if raised:
            raise raised[0]
        return tuple(outcome for outcome in outcomes if outcome is not None)

    async def _one(self, outgoing: Outgoing) -> Outcome:
        import anyio

        step = Step(outgoing, self.monotonic)
        if step.is_over():
            return step.too_late("no")
        left = step.left
        running = Lock()
        outcome: Outcome | None = None
        with running:
            pool = self._held(running)
            try:
                with anyio.move_on_after(None if left is None else left + GRACE), silence(running):
                    outcome = await self._answer(pool.client, step)
            except FAILURES as error:
                outcome = step.closed() if self.is_closed else step.failure(error, self.way(pool.client, step.url))
                pool.doubts += isinstance(error, httpx.PoolTimeout)
            except RuntimeError:
                if pool.client.is_closed:
                    raise ConfigurationError(CLOSED) from None
                raise
            if outcome is None:
                outcome = step.too_late("maybe")
                pool.doubts += 1
            # Not `finally`: who is canceled stays.
            pool.users.discard(running)
        return outcome

    async def _answer(self, client: httpx.AsyncClient, step: Step) -> Outcome:
        request = step.request(client)
        sending = client if self.given is None else lent(client, httpx.AsyncClient, request, step.came)
        try:
            answer = await sending.send(request, stream=True, auth=None, follow_redirects=False)
        except httpx.HTTPStatusError as error:
            answer = step.refusal(error, request)
        try:
            body = step.begin(answer)
            if answer.status_code == PROXY_REFUSED and (way := self.way(client, step.url)).proxy is not None:
                return way.refused(f"{PROXY_REFUSED} Proxy Authentication Required")
            if (found := step.read_already(answer)) is not None:
                return found
            chunks = aiter(cast("httpx.AsyncByteStream", answer.stream))
            is_whole = False
            try:
                async for chunk in chunks:
                    body.add(chunk)
                    if step.is_over():
                        return step.too_late("maybe")
                is_whole = True
            finally:
                if not is_whole:
                    await _end(chunks)
            return step.whole(answer, body.whole())
        finally:
            await answer.aclose()
            answer.stream = SPENT


async def _forget_location_async(answer: httpx.Response) -> None:
    forget_location(answer)


async def _end(chunks: AsyncIterator[bytes]) -> None:
    """Ends an iteration that may have been left: else a task of the event loop's would do it, some time later."""
    import anyio

    with anyio.CancelScope() as scope:
        scope.cancel()
        async for _ in chunks:
            pass


async def _end_all(pools: Sequence[Pool[httpx.AsyncClient]]) -> None:
    """Closes pools. Tasks do it that nobody can cancel: whoever is canceled in the middle would leave sockets open."""
    import anyio

    async def close(pool: Pool[httpx.AsyncClient]) -> None:
        pool.is_over = True
        with anyio.move_on_after(_CLOSING, shield=True), suppress(Exception):
            await pool.client.aclose()
        for stream in filter(is_open, pool.opened):
            with anyio.move_on_after(_CLOSING, shield=True), suppress(Exception):
                await stream.aclose()

    async with anyio.create_task_group() as tasks:
        for pool in pools:
            tasks.start_soon(close, pool)


async def _sleep(seconds: float) -> None:
    import anyio

    await anyio.sleep(seconds)


def _loop() -> object:
    """What tells one event loop from another, on asyncio and on trio."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return cast("object", trio.lowlevel.current_trio_token())
    import asyncio

    return asyncio.get_running_loop()
