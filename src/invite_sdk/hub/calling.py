"""How the floors above the clients call them: written once, as coroutines, for clients of both kinds."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from contextvars import Context, copy_context
from functools import partial
from threading import Lock, Thread
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar, cast

from anyio import CancelScope, CapacityLimiter, create_task_group, get_cancelled_exc_class, to_thread

from invite_sdk import AsyncInviteClient, ConfigurationError
from invite_sdk._threads import start

if TYPE_CHECKING:
    from invite_sdk import AsyncPager, InviteClient, Page, Pager

AnyClient: TypeAlias = "InviteClient | AsyncInviteClient"
T = TypeVar("T")

_LISTENS = 0.2
"""Seconds after which a waiting thread looks for signals: on Windows, or where another got one, none wakes it."""


async def call(limiter: CapacityLimiter, client: AnyClient, operation: str, *args: object, **options: object) -> object:
    """What an operation of a client brings, of whichever kind the client is.

    A synchronous one runs in a thread; a cancellation waits for it, since what was sent cannot be called back.

    Args:
        limiter: how many calls may be under way, over all clients.
        client: the client.
        operation: one that is no listing, such as `create`.
        *args: for the operation.
        **options: for the operation.
    """
    method = partial(getattr(client, operation), *args, **options)
    if isinstance(client, AsyncInviteClient):
        async with limiter:
            return await cast("Awaitable[object]", method())
    return await to_thread.run_sync(method, limiter=limiter)


async def pages(limiter: CapacityLimiter, pager: Pager | AsyncPager) -> AsyncIterator[Page]:
    """A listing page by page, each read in the client's own way. To read one is a call that the limiter counts."""
    steps: Iterator[Page] | AsyncIterator[Page] = pager.pages()

    async def more() -> Page | None:
        if isinstance(steps, AsyncIterator):
            async with limiter:
                return await anext(steps, None)
        return await to_thread.run_sync(partial(next, steps, None), limiter=limiter)

    while (page := await more()) is not None:
        yield page


async def gathered(jobs: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
    """The results of jobs that run at once, in the order of the jobs. One error alone is raised as it is."""
    begun = list(jobs)
    results: dict[int, T] = {}

    async def run(place: int, job: Callable[[], Awaitable[T]]) -> None:
        results[place] = await job()

    raised: BaseException | None = None
    try:
        async with create_task_group() as group:
            for place, job in enumerate(begun):
                group.start_soon(run, place, job)
    except BaseExceptionGroup as several:
        raised = several.exceptions[0] if len(several.exceptions) == 1 else several
    if raised is not None:
        raise raised
    return [results[place] for place in range(len(begun))]


def run(begin: Callable[[], Awaitable[T]]) -> T:
    """Runs a coroutine to its end, from code that cannot await, also where an event loop runs: as in a notebook.

    The loop is one of its own, in a thread of its own. What interrupts the caller, at whatever instruction, cancels the
    coroutine, and is raised when that has ended, or at once where it comes between two steps of this wait; what
    interrupts it once more waits as well.

    Raises:
        ConfigurationError: no further thread can be started: the process has as many as it may, or ends.
    """
    work = _Work(begin)
    thread = Thread(target=_context().run, args=(work.run,), daemon=True)
    interrupts: list[BaseException] = []
    is_there = True
    try:
        try:
            is_there = start(thread)
        except BaseException as error:  # noqa: BLE001 - it is raised below
            work.is_left = True
            interrupts.append(error)
        if not is_there:
            raise ConfigurationError(_THREADLESS)
        # A thread that was interrupted before it did anything never does.
        while not work.is_over and (work.has_begun or not interrupts):
            try:
                if interrupts:
                    work.leave()
                work.going_on.acquire(timeout=_LISTENS)
            except BaseException as error:  # noqa: BLE001 - it is raised below
                interrupts.append(error)
        if work.is_over:
            thread.join()
        if interrupts or work.raised:
            raise (interrupts or work.raised)[0]
        return work.results[0]
    finally:
        # Between two instructions above, what interrupts comes straight here.
        if not work.is_over:
            work.leave()
        # An error and a frame that it went through, which knows it, would wait for the garbage collector.
        work.raised.clear()
        interrupts.clear()


class _Work(Generic[T]):
    """A coroutine in an event loop of its own, which another thread may leave."""

    def __init__(self, begin: Callable[[], Awaitable[T]]) -> None:
        self._begin = begin
        self._cancel: Callable[[], object] | None = None
        self.has_begun = self.is_left = self.is_over = False
        # A lock and no event: waiting for it is one step, of which an interrupt leaves no half.
        self.going_on = Lock()
        self.going_on.acquire()
        self.results: list[T] = []
        self.raised: list[BaseException] = []

    def run(self) -> None:
        """Runs it to its end, in this thread."""
        # First the one, then the other, and who leaves does it the other way round: one of the two sees the other.
        self.has_begun = True
        try:
            if not self.is_left:
                # Not `asyncio.run`, which notebooks may have replaced.
                with asyncio.Runner() as runner:
                    runner.run(self._run())
        except BaseException as error:  # noqa: BLE001 - it is the caller's
            self.raised.append(error)
        finally:
            self.is_over = True
            self.going_on.release()

    def leave(self) -> None:
        """Cancels it, from another thread, wherever it stands."""
        self.is_left = True
        if (cancel := self._cancel) is not None:
            with suppress(RuntimeError):  # the loop has ended
                cancel()

    async def _run(self) -> None:
        with CancelScope() as scope:
            loop = asyncio.get_running_loop()
            self._cancel = lambda: loop.call_soon_threadsafe(scope.cancel)
            if self.is_left:
                scope.cancel()
            try:
                self.results.append(await self._begin())
            except get_cancelled_exc_class():
                raise
            except RuntimeError as error:
                self.raised.append(ConfigurationError(_THREADLESS) if "new thread" in str(error) else error)
            except BaseException as error:  # noqa: BLE001 - whatever ends it is the caller's, and not the loop's
                self.raised.append(error)


_THREADLESS = "a hub and a roster need threads, and Python starts no further one: it has too many, or is about to end"


def _context() -> Context:
    """The caller's, but for the event loop in which it may be."""
    context = copy_context()
    if (sniffio := sys.modules.get("sniffio")) is not None:
        context.run(sniffio.current_async_library_cvar.set, "asyncio")
    return context
