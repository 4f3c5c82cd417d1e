"""Lazy listings: iterate over invitations, over pages, or take them all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from invite_sdk._flow import Effect, Emit, Flow, Page
from invite_sdk._models import Invitation, InvitationList, Problem


class _Listing:
    """What both pagers share: a way to start the listing, and what went wrong with its rows."""

    def __init__(self, start: Callable[[], Flow[None]]) -> None:
        self._start = start
        self._problems: list[Problem] = []

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The rows of the latest iteration that could not be used: unreadable, or without a field that a filter needs."""
        return tuple(self._problems)


class Pager(_Listing):
    """A listing that asks for each page when it is needed. Iterating again starts again.

    Writing while iterating is fine: every invitation is met once, also when cancelling shifts the pages.
    """

    def __init__(self, start: Callable[[], Flow[None]], interpret: Callable[[Effect], object]) -> None:
        super().__init__(start)
        self._interpret = interpret

    def __iter__(self) -> Iterator[Invitation]:
        for page in self.pages():
            yield from page.invitations

    def pages(self) -> Iterator[Page]:
        """The listing page by page, with each page's number, problems and the service's total."""
        self._problems = []
        flow = self._start()
        try:
            effect = next(flow, None)
            while effect is not None:
                if isinstance(effect, Emit):
                    self._problems.extend(effect.page.problems)
                    yield effect.page
                    result = None
                else:
                    result = self._interpret(effect)
                effect = _send(flow, result)
        finally:
            flow.close()

    def all(self) -> InvitationList:
        """Every invitation, in one list."""
        return InvitationList(self)

    def first(self) -> Invitation | None:
        """The first invitation, or `None`. Asks for one page at the most when that page has a fitting row."""
        return next(iter(self), None)


class AsyncPager(_Listing):
    """A listing that asks for each page when it is needed. Iterating again starts again.

    Writing while iterating is fine: every invitation is met once, also when cancelling shifts the pages.
    """

    def __init__(self, start: Callable[[], Flow[None]], interpret: Callable[[Effect], Awaitable[object]]) -> None:
        super().__init__(start)
        self._interpret = interpret

    async def __aiter__(self) -> AsyncIterator[Invitation]:
        async for page in self.pages():
            for invitation in page.invitations:
                yield invitation

    async def pages(self) -> AsyncIterator[Page]:
        """The listing page by page, with each page's number, problems and the service's total."""
        self._problems = []
        flow = self._start()
        try:
            effect = next(flow, None)
            while effect is not None:
                if isinstance(effect, Emit):
                    self._problems.extend(effect.page.problems)
                    yield effect.page
                    result = None
                else:
                    result = await self._interpret(effect)
                effect = _send(flow, result)
        finally:
            flow.close()

    async def all(self) -> InvitationList:
        """Every invitation, in one list."""
        return InvitationList([invitation async for invitation in self])

    async def first(self) -> Invitation | None:
        """The first invitation, or `None`. Asks for one page at the most when that page has a fitting row."""
        async for invitation in self:
            return invitation
        return None


def _send(flow: Flow[None], result: object) -> Effect | None:
    try:
        return flow.send(result)
    except StopIteration:
        return None
