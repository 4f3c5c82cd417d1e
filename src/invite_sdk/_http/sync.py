"""Sends over httpx synchronously, for any number of threads."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import copy_context
from threading import Lock
from typing import cast

import httpx

from invite_sdk._errors.tree import ConfigurationError
from invite_sdk._flows import clocks as time
from invite_sdk._flows.effects import Outcome, Outgoing, TransportFailure
from invite_sdk._flows.options import DEFAULT_DEADLINE
from invite_sdk._flows.turns import Turns
from invite_sdk._http.base import CLOSED, Http
from invite_sdk._http.brought import lent
from invite_sdk._http.pools import MAX_CUTS, Pool, unstick, wake
from invite_sdk._http.silence import silence
from invite_sdk._http.step import FAILURES, PROXY_REFUSED, SPENT, Step
from invite_sdk._threads import start

_LOOK = 0.05
"""Seconds that an interrupt may wait at the most."""
_PAUSE = 0.01
_LOOKS = 50
"""How often closing looks for requests under way, with a pause of so many seconds after each."""


class SyncHttp(Http[httpx.Client]):
    """A pool of connections, made when first used, shared between threads; a forked process gets a new one."""

    _client_kind = httpx.Client
    _transport_kind = httpx.BaseTransport
    _way_kind = httpx.HTTPTransport

    def __init__(
        self,
        client: httpx.Client | None,
        transport: httpx.BaseTransport | None,
        proxy: str | None,
        verify: ssl.SSLContext | None,
        loopback: str | None = None,
    ) -> None:
        super().__init__(client, transport, proxy, verify, loopback)
        self.sleep: Callable[[float], object] = time.sleep
        self._turns = Turns()

    def _current(self) -> Pool[httpx.Client]:
        if self.is_closed:
            raise ConfigurationError(CLOSED)
        pool = self._pool
        if pool is None or pool.process != os.getpid() or pool.is_doubtful():
            pool = self._renewed()
        self._check_open()
        return pool

    def _renewed(self) -> Pool[httpx.Client]:
        holder = Lock()
        with holder:
            self._turns.wait("pool", holder, DEFAULT_DEADLINE)
            pool = self._pool
            if pool is not None and pool.process != os.getpid():
                if self._is_brought:
                    raise ConfigurationError(
                        "the http_client or transport was used before the process forked, and connections cannot be "
                        "shared between processes; make a client in each process"
                    )
                self._old.clear()
            elif pool is not None:
                if not pool.is_doubtful():
                    return pool
                self._old.append(pool)
            # One who interrupts synchronous code may have left anything half done, so one is enough.
            made = self._make()
            if not self._is_brought:
                unstick(made)
            pool = self._pool = Pool(made, 0 if self._is_brought else MAX_CUTS)
        self._sweep()
        if self.is_closed:
            self.close()
            raise ConfigurationError(CLOSED)
        return pool

    def _sweep(self) -> None:
        """Closes the pools that were replaced and whose last request has ended."""
        for pool in self._old.copy():
            if not pool.is_used():
                pool.client.close()
                with suppress(ValueError):  # another thread was here
                    self._old.remove(pool)

    def close(self) -> None:
        """Closes our own pools; a client that the caller brought stays open."""
        self.is_closed = True
        for pool in self._pools() if self.given is None else ():
            if pool.process == os.getpid():
                self._wake(pool)
                pool.client.close()

    def _wake(self, pool: Pool[httpx.Client]) -> None:
        """Ends the waits of the requests under way. One that is opening its connection has it a little later."""
        for _ in range(1 if self._is_brought else _LOOKS):
            if not pool.is_used():
                return
            wake(pool.client)
            time.sleep(_PAUSE)

    def send(self, requests: Sequence[Outgoing]) -> tuple[Outcome, ...]:
        """Sends one request, or several at once, and returns their outcomes in order. Never raises for the network."""
        outcomes = (self._one(requests[0]),) if len(requests) == 1 else self._together(requests)
        if self._old:
            self._sweep()
        return outcomes

    def _together(self, requests: Sequence[Outgoing]) -> tuple[Outcome, ...]:
        """Several at once. One that interrupts this does not wait for the threads: their own time limits end them."""
        from queue import Empty, SimpleQueue
        from threading import Thread

        ended: SimpleQueue[tuple[int, Outcome | BaseException]] = SimpleQueue()

        def run(number: int, request: Outgoing) -> None:
            try:
                ended.put((number, self._one(request)))
            except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread
                ended.put((number, error))

        threads = [
            Thread(target=copy_context().run, args=(run, number, request), daemon=True)
            for number, request in enumerate(requests)
        ]
        started: list[Thread] = []
        for number, thread in enumerate(threads):
            if start(thread):
                started.append(thread)
            else:  # one after the other, then
                run(number, requests[number])
        found: dict[int, Outcome | BaseException] = {}
        while len(found) < len(threads):
            is_over = not any(thread.is_alive() for thread in started)
            # A signal that comes just before a wait does not end it.
            try:
                number, outcome = ended.get(timeout=0 if is_over else _LOOK)
                found[number] = outcome
            except Empty:
                if is_over:  # a thread was ended by force, before it could tell
                    break
        for thread in started:
            thread.join()
        lost = TransportFailure("maybe", "broken", "the thread that sent the request was ended")
        outcomes = [found.get(number, lost) for number in range(len(requests))]
        for one in outcomes:
            if isinstance(one, BaseException):
                raise one
        return tuple(cast("list[Outcome]", outcomes))

    def _one(self, outgoing: Outgoing) -> Outcome:
        step = Step(outgoing, self.monotonic)
        if step.is_over():
            return step.too_late("no")
        running = Lock()
        with running:
            pool = self._held(running)
            try:
                with silence(running):
                    outcome = self._answer(pool.client, step)
            except FAILURES as error:
                outcome = step.closed() if self.is_closed else step.failure(error, self.way(pool.client, step.url))
                pool.doubts += isinstance(error, httpx.PoolTimeout)
            except RuntimeError:
                if pool.client.is_closed:
                    raise ConfigurationError(CLOSED) from None
                raise
            # Not `finally`: who is ended by force stays.
            pool.users.discard(running)
        return outcome

    def _answer(self, client: httpx.Client, step: Step) -> Outcome:
        request = step.request(client)
        sending = client if self.given is None else lent(client, httpx.Client, request, step.came)
        try:
            answer = sending.send(request, stream=True, auth=None, follow_redirects=False)
        except httpx.HTTPStatusError as error:
            answer = step.refusal(error, request)
        try:
            body = step.begin(answer)
            if answer.status_code == PROXY_REFUSED and (way := self.way(client, step.url)).proxy is not None:
                return way.refused(f"{PROXY_REFUSED} Proxy Authentication Required")
            if (found := step.read_already(answer)) is not None:
                return found
            for chunk in cast("httpx.SyncByteStream", answer.stream):
                body.add(chunk)
                if step.is_over():
                    return step.too_late("maybe")
            return step.whole(answer, body.whole())
        finally:
            answer.close()
            answer.stream = SPENT
