"""How the floors above the clients call them: written once, as coroutines, for clients of both kinds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from anyio import CapacityLimiter, create_task_group, to_thread
from anyio.from_thread import start_blocking_portal

from invite_sdk import AsyncInviteClient

if TYPE_CHECKING:
    from invite_sdk import AsyncPager, InviteClient, Page, Pager

AnyClient: TypeAlias = "InviteClient | AsyncInviteClient"
T = TypeVar("T")


async def call(limiter: CapacityLimiter, client: AnyClient, operation: str, *args: object, **options: object) -> object:
    """What an operation of a client brings, of whichever kind the client is.

    A synchronous one runs in a thread; a cancellation waits for it, since what was sent cannot be called back.

    Args:
        limiter: how many threads there may be.
        client: the client.
        operation: one that is no listing, such as `create`.
        *args: for the operation.
        **options: for the operation.
    """
    method = partial(getattr(client, operation), *args, **options)
    if isinstance(client, AsyncInviteClient):
        return await cast("Awaitable[object]", method())
    return await to_thread.run_sync(method, limiter=limiter)


async def pages(limiter: CapacityLimiter, pager: Pager | AsyncPager) -> AsyncIterator[Page]:
    """A listing page by page, each read in the client's own way."""
    steps: Iterator[Page] | AsyncIterator[Page] = pager.pages()
    if isinstance(steps, AsyncIterator):
        async for page in steps:
            yield page
        return
    more = partial(next, steps, None)
    while (page := await to_thread.run_sync(more, limiter=limiter)) is not None:
        yield page


async def gathered(jobs: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
    """The results of jobs that run at once, in the order of the jobs."""
    begun = list(jobs)
    results: dict[int, T] = {}

    async def run(place: int, job: Callable[[], Awaitable[T]]) -> None:
        results[place] = await job()

    async with create_task_group() as group:
        for place, job in enumerate(begun):
            group.start_soon(run, place, job)
    return [results[place] for place in range(len(begun))]


def run(begin: Callable[[], Awaitable[T]]) -> T:
    """Runs a coroutine to its end, from code that cannot await, also where an event loop runs: as in a notebook.

    The loop is one of its own, in a thread of its own. What interrupts the caller cancels the coroutine, and is raised
    when that has ended.
    """
    with start_blocking_portal() as portal:
        return portal.start_task_soon(begin).result()
