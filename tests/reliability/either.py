"""A client of either kind in the same lines: what the one returns and the other's awaitable are taken alike."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

import anyio

from invite_sdk import AsyncInviteClient, InviteClient

if TYPE_CHECKING:
    from invite_sdk.services.connection import Connection
    from tests.reliability.moved_time import MovedTime

T = TypeVar("T")
Client = InviteClient | AsyncInviteClient


def play(way: str, steps: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Takes steps with clients of one way: on the event loop that it names, or `sync`, where nothing ever waits."""
    if way != "sync":
        return anyio.run(steps, backend=way)
    try:
        steps().send(None)
    except StopIteration as end:
        return cast("T", end.value)
    raise AssertionError("a synchronous client waited")


@asynccontextmanager
async def opened(way: str, connection: Connection, time: MovedTime, **options: Any) -> AsyncIterator[Client]:
    """A client of one way on a clock that only what happens moves, closed at the end."""
    client = (InviteClient if way == "sync" else AsyncInviteClient)(connection, **options)
    time.drive(client)
    try:
        yield client
    finally:
        await result_of(client.close())


async def result_of(made: Any) -> Any:
    """What a call of either kind of client comes to."""
    return await made if inspect.isawaitable(made) else made
