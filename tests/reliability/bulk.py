"""Bulk runs on a clock of their own: many workers of one client against a service that lets so many requests in.

Each worker waits on that clock, for its pauses as for the answers. When all of them wait, the clock moves to the end
of the first wait. So only one worker runs at a time, nothing really waits, and everything follows from the seed.
"""

from __future__ import annotations

import heapq
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import anyio
import httpx

from invite_sdk import AsyncInviteClient, InviteClient, InviteError
from invite_sdk._http.sync import SyncHttp

if TYPE_CHECKING:
    from invite_sdk.testing import FakeService, FakeTransport


class Gate(Protocol):
    """What decides whether a request gets in."""

    def wait(self, now: float) -> float | None:
        """Seconds that a request must wait, as the answer names them, or `None` to let it in."""
        ...


@dataclass(slots=True)
class Sixth:
    """Every sixth request is told to wait a second."""

    met: int = 0

    def wait(self, now: float) -> float | None:
        self.met += 1
        return None if self.met % 6 else 1.0


@dataclass(frozen=True, slots=True)
class Never:
    """Nothing gets in."""

    seconds: float = 1.0

    def wait(self, now: float) -> float | None:
        return self.seconds


@dataclass(slots=True)
class Window:
    """So many requests a second, and the others are told when the next second begins, in whole seconds."""

    most: int
    seconds: float = 1.0
    began: float = field(default=0.0, repr=False)
    met: int = field(default=0, repr=False)

    def wait(self, now: float) -> float | None:
        if now - self.began >= self.seconds:
            self.began, self.met = now - (now % self.seconds), 0
        self.met += 1
        return None if self.met <= self.most else float(math.ceil(self.began + self.seconds - now))


@dataclass(slots=True)
class Bucket:
    """A bucket of so many requests, which fills at a rate; the others are told how long it takes for one more."""

    rate: float
    most: float
    left: float = field(default=1.0, repr=False)
    at: float = field(default=0.0, repr=False)

    def wait(self, now: float) -> float | None:
        self.left = min(self.most, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left >= 1:
            self.left -= 1
            return None
        return max(0.01, round((1 - self.left) / self.rate, 3))


class BulkTime:
    """The clock. Threads wait for their turn with a condition, tasks with events."""

    def __init__(self, seed: int) -> None:
        self.now = 0.0
        self.luck = Random(f"bulk:{seed}")
        self.awake = 0
        """How many workers do not wait."""
        self._waiting: list[tuple[float, int, Callable[[], object]]] = []
        self._turns = count()
        self._change = threading.Condition()

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self.now

    def drive(self, client: InviteClient | AsyncInviteClient) -> None:
        """Puts a client on this clock."""
        http = client._http
        http.monotonic, http.unix, http.luck = self.monotonic, self.monotonic, self.luck.random
        if isinstance(http, SyncHttp):
            http.sleep = self.sleep
        else:
            http.sleep = self.sleep_async

    def ended(self) -> None:
        """One worker waits, or has come to its end."""
        with self._change:
            self._falls_asleep()

    def sleep(self, seconds: float) -> None:
        """Waits in a thread."""
        turn: list[bool] = []
        with self._change:
            heapq.heappush(self._waiting, (self.now + seconds, next(self._turns), lambda: turn.append(True)))
            self._falls_asleep()
            assert self._change.wait_for(lambda: turn, 60), "the clock stands still"

    async def sleep_async(self, seconds: float) -> None:
        """Waits in a task."""
        turn = anyio.Event()
        heapq.heappush(self._waiting, (self.now + seconds, next(self._turns), turn.set))
        self.ended()
        await turn.wait()

    def _falls_asleep(self) -> None:
        self.awake -= 1
        if not self.awake and self._waiting:
            moment, _, wake = heapq.heappop(self._waiting)
            self.now = max(self.now, moment)
            self.awake += 1
            wake()
            self._change.notify_all()


class Limited(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A way to a fake through a gate. An answer takes its time."""

    def __init__(self, inner: FakeTransport, gate: Gate, time: BulkTime, *, status: int, names_wait: bool) -> None:
        self._inner = inner
        self._gate = gate
        self._time = time
        self._status = status
        self._names_wait = names_wait
        self.refused: list[float] = []
        """When requests were told to wait."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._time.sleep(self._way())
        answer = self._refusal() or self._inner.handle_request(request)
        self._time.sleep(self._way())
        return answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._time.sleep_async(self._way())
        answer = self._refusal() or await self._inner.handle_async_request(request)
        await self._time.sleep_async(self._way())
        return answer

    def _way(self) -> float:
        return 0.01 + 0.02 * self._time.luck.random()

    def _refusal(self) -> httpx.Response | None:
        seconds = self._gate.wait(self._time.now)
        if seconds is None:
            return None
        self.refused.append(self._time.now)
        headers = {"Retry-After": f"{seconds:g}"} if self._names_wait else {}
        return httpx.Response(self._status, headers=headers, json={"detail": "slow down"})


Make: TypeAlias = Callable[[Any], Any]
"""Makes one call with a client: a result, or with an asynchronous one what is awaited for it."""


@dataclass(slots=True)
class Told:
    """What came of the calls."""

    done: int = 0
    errors: list[InviteError] = field(default_factory=list[InviteError])
    longest: float = 0.0
    """Seconds that the longest call took."""

    @contextmanager
    def noting(self, time: BulkTime) -> Iterator[None]:
        """Notes what comes of a call that is made meanwhile."""
        began = time.now
        try:
            yield
            self.done += 1
        except InviteError as error:
            self.errors.append(error)
        self.longest = max(self.longest, time.now - began)


def run_threads(client: InviteClient, time: BulkTime, calls: Sequence[Make], workers: int) -> Told:
    """Makes calls, so many at a time, in threads."""
    told, left = Told(), iter(calls)
    time.drive(client)

    def work(left: Iterable[Make]) -> None:
        # Only one thread is awake at a time, after the first waits.
        for call in left:
            with told.noting(time):
                call(client)
        time.ended()

    # A login is no part of the run: threads would wait for it without the clock's knowing.
    time.awake = 1
    work([next(left)])
    time.awake = workers
    threads = [threading.Thread(target=work, args=(left,), daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), "a call does not come to its end"
    return told


async def run_tasks(client: AsyncInviteClient, time: BulkTime, calls: Sequence[Make], workers: int) -> Told:
    """The same in tasks."""
    told, left = Told(), iter(calls)
    time.drive(client)

    async def work(left: Iterable[Make]) -> None:
        for call in left:
            with told.noting(time):
                await call(client)
        time.ended()

    time.awake = 1
    await work([next(left)])
    time.awake = workers
    async with anyio.create_task_group() as tasks:
        for _ in range(workers):
            tasks.start_soon(work, left)
    return told


class Bulk(NamedTuple):
    """A run: what came of the calls, what the service saw, and the clock."""

    told: Told
    line: Limited
    time: BulkTime


def run(
    way: str,
    fake: FakeService,
    user: str,
    gate: Gate,
    calls: Sequence[Make],
    *,
    workers: int = 32,
    status: int = 429,
    names_wait: bool = True,
    **options: Any,
) -> Bulk:
    """Makes calls of one client in a way: `sync`, `asyncio` or `trio`. The first is made alone.

    Args:
        way: the way.
        fake: the service.
        user: whose client it is.
        gate: what lets its requests in.
        calls: what is asked for.
        workers: how many calls are made at a time.
        status: with which status the others are refused.
        names_wait: whether they are told how long to wait.
        **options: the client's.
    """
    time = BulkTime(1)
    line = Limited(fake.transport(), gate, time, status=status, names_wait=names_wait)
    connection = fake.connection(user)
    if way == "sync":
        with InviteClient(connection, transport=line, **options) as client:
            return Bulk(run_threads(client, time, calls, workers), line, time)

    async def main() -> Told:
        async with AsyncInviteClient(connection, transport=line, **options) as client:
            return await run_tasks(client, time, calls, workers)

    return Bulk(anyio.run(main, backend=way), line, time)
