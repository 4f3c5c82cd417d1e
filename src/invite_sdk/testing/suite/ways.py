"""The ways to use the SDK behind one interface: synchronously, and asynchronously on asyncio and on trio."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from invite_sdk import AsyncInviteClient, InviteClient

if TYPE_CHECKING:
    import httpx
    from anyio.from_thread import BlockingPortal

    from invite_sdk import Invitation, InvitationList, Page, Problem
    from invite_sdk.services.connection import Connection
T = TypeVar("T")

WAYS = ("sync", "asyncio", "trio")


class Way:
    """How a test's client is made and driven; an event loop runs behind the asynchronous ones."""

    def __init__(self, name: str, portal: BlockingPortal | None) -> None:
        self.name = name
        self.portal = portal

    def open(self, connection: Connection, transport: httpx.BaseTransport | None, **options: Any) -> InviteClient:
        """A client, or what stands for the asynchronous one and is called alike. The transport is one for both."""
        if self.portal is None:
            return InviteClient(connection, transport=transport, **options)
        made = AsyncInviteClient(connection, transport=cast("httpx.AsyncBaseTransport | None", transport), **options)
        return cast("InviteClient", Bridged(made, partial(_run, self.portal)))


Run = Callable[[Callable[[], Awaitable[Any]]], Any]


def _run(portal: BlockingPortal, call: Callable[[], Awaitable[T]]) -> T:
    return portal.call(call)


class Bridged:
    """An `AsyncInviteClient` whose operations wait for their result."""

    def __init__(self, client: AsyncInviteClient, run: Run) -> None:
        self.client = client
        self._run = run

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.client, name)
        if inspect.iscoroutinefunction(found):
            return partial(self._wait, found)
        return found

    def _wait(self, call: Callable[..., Awaitable[Any]], *given: Any, **named: Any) -> Any:
        return self._run(partial(call, *given, **named))

    def list(self, **named: Any) -> BridgedPager:
        return BridgedPager(self.client.list(**named), self._run)

    def roles(self, **named: Any) -> BridgedPager:
        return BridgedPager(self.client.roles(**named), self._run)

    def scopes(self, **named: Any) -> BridgedPager:
        return BridgedPager(self.client.scopes(**named), self._run)

    def with_options(self, **named: Any) -> Bridged:
        return Bridged(self.client.with_options(**named), self._run)


class BridgedPager:
    """A pager of the asynchronous client that is iterated over without `async`."""

    def __init__(self, pager: Any, run: Run) -> None:
        self._pager = pager
        self._run = run

    @property
    def problems(self) -> tuple[Problem, ...]:
        return cast("tuple[Problem, ...]", self._pager.problems)

    def all(self, *, progress: bool = False) -> InvitationList:
        return cast("InvitationList", self._run(partial(self._pager.all, progress=progress)))

    def first(self) -> Invitation | None:
        return cast("Invitation | None", self._run(self._pager.first))

    def pages(self) -> Iterator[Page]:
        return self._walk(self._pager.pages())

    def __iter__(self) -> Iterator[Invitation]:
        return self._walk(self._pager.__aiter__())

    def _walk(self, steps: Any) -> Iterator[Any]:
        async def step() -> tuple[Any, bool]:
            try:
                return await anext(steps), True
            except StopAsyncIteration:
                return None, False

        while True:
            found, more = self._run(step)
            if not more:
                return
            yield found
