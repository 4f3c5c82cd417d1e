"""How the floors above the clients call them: written once, as coroutines, for clients of both kinds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from anyio import CapacityLimiter, create_task_group, get_cancelled_exc_class, to_thread
from anyio.from_thread import start_blocking_portal

from invite_sdk import AsyncInviteClient

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

    The loop is one of its own, in a thread of its own. What interrupts the caller cancels the coroutine, and is raised
    when that has ended; what interrupts it once more waits as well.
    """
    results: list[T] = []
    raised: list[BaseException] = []
    ended = Event()

    async def begun() -> None:
        try:
            results.append(await begin())
        except get_cancelled_exc_class():
            raise
        except BaseException as error:  # noqa: BLE001 - whatever ends it is the caller's, and not the loop's
            raised.append(error)
        finally:
            ended.set()

    with start_blocking_portal() as portal:
        future = portal.start_task_soon(begun)
        interrupts: list[BaseException] = []
        while not ended.is_set():
            try:
                if interrupts:
                    future.cancel()
                ended.wait(_LISTENS)
            except BaseException as error:  # noqa: BLE001 - it is raised below
                interrupts.append(error)
    try:
        if interrupts or raised:
            raise (interrupts or raised)[0]
    finally:
        # An error and a frame that it went through, which knows it, would wait for the garbage collector.
        raised.clear()
        interrupts.clear()
    return results[0]
