"""Lazy listings: iterate over invitations, over pages, or take them all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, cast

from invite_sdk._errors.tree import ConfigurationError, InviteError
from invite_sdk._flows.effects import Effect, Emit, Flow, LookupPage, Page
from invite_sdk._flows.turns import Turns
from invite_sdk._model.lists import InvitationList

if TYPE_CHECKING:
    from invite_sdk._clients.progress import Told
    from invite_sdk._model.invitation import Invitation  # noqa: F401 - of the bases of the pagers
    from invite_sdk._model.lookups import LookupList, RoleInfo, ScopeInfo
    from invite_sdk._model.records import Problem

Item = TypeVar("Item")
Row = TypeVar("Row")
Found = TypeVar("Found", bound="RoleInfo | ScopeInfo")
Given = TypeVar("Given")
_FAILED = "this listing has failed, and rows may be missing; begin again: client.list(...)"
_INTERRUPTED = "a step of this listing was interrupted, and rows may be lost; begin again: client.list(...)"


class _Lazy:
    """What is read row by row, and must not pass for a list: such as an empty one, or one that equals another."""

    __slots__ = ()
    _advice = "iterate over it"
    """What to do instead."""
    _counted = ""
    """What else tells how many rows there are."""

    def __bool__(self) -> NoReturn:
        raise TypeError(f"whether there are rows is not known before they are asked for: {self._advice}")

    __hash__ = object.__hash__

    if not TYPE_CHECKING:
        # Type checkers refuse these by themselves.

        def __eq__(self, other):
            raise TypeError(f"a listing is not read yet and equals nothing: {self._advice}")

        __ne__ = __eq__

        def __len__(self):
            raise TypeError(f"a listing has no length before it is read: {self._advice}{self._counted}")

        def __getitem__(self, index):
            raise TypeError(f"a listing is read in order and has no indexes or slices: {self._advice}")

        def __contains__(self, item):
            raise TypeError(f"`in` does not search a listing, its filters do; or {self._advice}")

        def __reversed__(self):
            raise TypeError(f"a listing is read in its own order only: {self._advice}")


class _Listing(_Lazy):
    """What both pagers share: a way to start the listing, and what was read of it."""

    _how = "iterate, or .all(), .first(), .pages()"
    """How to read it, in short."""

    def __init__(self, start: Callable[[], Flow[None]], about: object) -> None:
        self._start = start
        self._about = about
        self._seen = _Seen()

    def __repr__(self) -> str:
        about = str(self._about)
        seen = self._seen.told()
        return f"<{type(self).__name__}{about and ' '}{about}: {seen}{seen and '; '}{self._how}>"

    def _repr_html_(self) -> str:
        from invite_sdk._html import html_record

        said = {"asks for": str(self._about), "so far": self._seen.told() or "nothing is read", "to read it": self._how}
        return html_record(type(self).__name__, said)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The rows of the latest iteration that could not be used: unreadable, or without a field to filter by."""
        return tuple(self._seen.problems)

    def _bar(self, *, shown: bool) -> AbstractContextManager[Told]:
        """What is told of each page that comes."""
        if not shown:
            return nullcontext(_ignore)
        from invite_sdk._clients.progress import bar

        return bar(str(self._about))

    def _begin(self) -> _Walk:
        self._seen = _Seen()
        return _Walk(self._start(), self._seen)


class _Seen:
    """What one iteration has read so far."""

    __slots__ = ("_end", "_rows", "_total", "problems")

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._rows: int | None = None
        self._total: int | None = None
        self._end = ""

    def add(self, page: Page | LookupPage[Any]) -> None:
        """One more page."""
        self.problems.extend(page.problems)
        self._rows = (self._rows or 0) + len(page.rows)
        self._total = page.total

    def end(self, how: str) -> None:
        """There is no more. What failed ends once more when it is asked again, so the first word holds."""
        self._end = self._end or how

    def told(self) -> str:
        """In words; nothing before the first page."""
        read = f"{self._rows or 'no'} row{'' if self._rows == 1 else 's'} read"
        if self._end:
            return f"{read}, {self._end}"
        if self._rows is None:
            return ""
        return f"{read} so far" + ("" if self._total is None else f", the service counts {self._total} before filters")


class _Walk:
    """One iteration: the flow, and the effect that it waits for."""

    __slots__ = ("_flow", "_has_failed", "_seen", "effect")

    def __init__(self, flow: Flow[None], seen: _Seen) -> None:
        self._flow = flow
        self._has_failed = False
        self._seen = seen
        self.effect: Effect | None = None

    def go_on(self) -> None:
        """Runs to the first effect, or on from a page, which was handed out in the step before.

        Raises:
            ConfigurationError: it has failed. It would look as if it had come to its end.
        """
        if self._has_failed:
            raise ConfigurationError(_FAILED)
        if self.effect is None or isinstance(self.effect, Emit):
            self._go(self._flow.send, None)

    def send(self, result: object) -> None:
        """Answers the effect and runs to the next one."""
        self._go(self._flow.send, result)

    def throw(self, error: InviteError) -> None:
        """Raises in the place of an answer."""
        self._go(self._flow.throw, error)

    def _go(self, advance: Callable[[Given], Effect], given: Given) -> None:
        self.effect = None
        try:
            self.effect = advance(given)
        except StopIteration:
            self._seen.end("all that it asks for")
            return
        except Exception:
            self._has_failed = True
            self._seen.end("then it failed")
            raise
        if isinstance(self.effect, Emit):
            self._seen.add(self.effect.page)


class _SyncPager(_Listing, Generic[Row]):
    """A listing that asks for each page when it is needed. Iterating again starts again."""

    _advice = "use .first(), which is None where there is none, or .all(), which is a list"

    def __init__(
        self, start: Callable[[], Flow[None]], interpret: Callable[[Effect], object], about: object = ""
    ) -> None:
        super().__init__(start, about)
        self._interpret = interpret

    def __iter__(self) -> Iterator[Row]:
        return _Rows(_Steps(self._begin, self._interpret, _rows_of))

    def first(self) -> Row | None:
        """The first row, or `None`. Asks for one page at the most when that page has a fitting row."""
        return next(iter(self), None)


class Pager(_SyncPager["Invitation"]):
    """A listing that asks for each page when it is needed. Iterating again starts again.

    Writing while iterating is fine: every invitation is met once, also when cancelling shifts the pages.
    """

    _counted = ", or client.count(...)"

    def pages(self) -> Iterator[Page]:
        """The listing page by page, with each page's number, problems and the service's total."""
        return _Steps(self._begin, self._interpret, _page)

    def all(self, *, progress: bool = False) -> InvitationList:
        """Every invitation, in one list.

        Args:
            progress: Whether a bar shows how many have come, of how many where the service says so: in a notebook or on
                standard error. tqdm draws it; where that is not installed, nothing is shown.
        """
        rows = InvitationList()
        with self._bar(shown=progress) as tell:
            for page in self.pages():
                rows += page.invitations
                tell(page)
        return rows


class LookupPager(_SyncPager[Found]):
    """A listing of roles or scopes that asks for each page when it is needed. Iterating again starts again."""

    def __init__(
        self, start: Callable[[], Flow[None]], interpret: Callable[[Effect], object], about: object, kind: type[Found]
    ) -> None:
        super().__init__(start, interpret, about)
        self._kind = kind

    def pages(self) -> Iterator[LookupPage[Found]]:
        """The listing page by page, with each page's number, problems and the service's total."""
        return _Steps(self._begin, self._interpret, _lookup_page)

    def all(self, *, progress: bool = False) -> LookupList[Found]:
        """Every row, in one list.

        Args:
            progress: Whether a bar shows how many have come, of how many where the service says so: in a notebook or on
                standard error. tqdm draws it; where that is not installed, nothing is shown.
        """
        rows = _found(self._kind)
        with self._bar(shown=progress) as tell:
            for page in self.pages():
                rows += page.rows
                tell(page)
        return rows


def _found(kind: type[Found]) -> LookupList[Found]:
    from invite_sdk._model.lookups import LookupList

    return LookupList(kind)


def _ignore(_page: Page | LookupPage[Any]) -> None:
    """Shows nothing."""


def _rows_of(page: Page | LookupPage[Any]) -> Iterator[Any]:
    return iter(page.rows)


def _page(page: Page | LookupPage[Any]) -> Page:
    return cast("Page", page)


def _lookup_page(page: Page | LookupPage[Any]) -> LookupPage[Any]:
    return cast("LookupPage[Any]", page)


class _Steps(_Lazy, Iterator[Item]):
    """An iteration that one thread at a time may take a step of, a page each.

    An interrupt may hit any instruction, also between a page's coming and its being handed out. An iteration that went
    on after it could miss rows and look complete, so it does not go on.
    """

    __slots__ = ("_begin", "_hand_out", "_interpret", "_is_going", "_turns", "_walk")

    def __init__(
        self,
        begin: Callable[[], _Walk],
        interpret: Callable[[Effect], object],
        hand_out: Callable[[Page | LookupPage[Any]], Item],
    ) -> None:
        self._begin = begin
        self._walk: _Walk | None = None
        self._interpret = interpret
        self._hand_out = hand_out
        self._turns = Turns()
        self._is_going = False

    def __next__(self) -> Item:
        running = Lock()
        with running:
            if not self._turns.take("step", running):
                raise ConfigurationError("two threads iterate over one listing; give each its own: client.list(...)")
            if self._is_going:
                raise ConfigurationError(_INTERRUPTED)
            self._is_going = True
            try:
                item = self._hand_out(self._step())
            except Exception:
                self._is_going = False
                raise
        # No call comes after this, and only at calls is an interrupt raised.
        self._is_going = False
        return item

    def _step(self) -> Page | LookupPage[Any]:
        walk = self._walk
        if walk is None:
            walk = self._walk = self._begin()
        walk.go_on()
        while (effect := walk.effect) is not None:
            if isinstance(effect, Emit):
                return effect.page
            try:
                result = self._interpret(effect)
            except InviteError as error:
                walk.throw(error)
            else:
                walk.send(result)
        raise StopIteration


class _Rows(_Lazy, Iterator[Row]):
    """An iteration over rows. No iterator of C's own: those do not bear to be asked again while they ask for a page."""

    __slots__ = ("_pages", "_rows")

    def __init__(self, pages: Iterator[Iterator[Row]]) -> None:
        self._pages = pages
        self._rows: Iterator[Row] = iter(())

    def __next__(self) -> Row:
        for row in self._rows:
            return row
        for rows in self._pages:
            # Nothing is called in between: an interrupt would lose a page.
            self._rows = rows
            for row in rows:
                return row
        raise StopIteration


class _AnyAsyncPager(_Listing, Generic[Row]):
    """A listing that asks for each page when it is needed. Iterating again starts again."""

    _how = "async for, or await .all(), .first(); async for .pages()"
    _advice = "use `async for`, `await pager.first()`, which is None where there is none, or `await pager.all()`"

    if not TYPE_CHECKING:

        def __iter__(self):
            raise TypeError(f"this listing is asynchronous: {self._advice}")

    def __init__(
        self, start: Callable[[], Flow[None]], interpret: Callable[[Effect], Awaitable[object]], about: object = ""
    ) -> None:
        super().__init__(start, about)
        self._interpret = interpret

    def __aiter__(self) -> AsyncIterator[Row]:
        return _AsyncRows(_AsyncPages[Any](self._begin, self._interpret))

    async def first(self) -> Row | None:
        """The first row, or `None`. Asks for one page at the most when that page has a fitting row."""
        return await anext(aiter(self), None)


class AsyncPager(_AnyAsyncPager["Invitation"]):
    """A listing that asks for each page when it is needed. Iterating again starts again.

    Writing while iterating is fine: every invitation is met once, also when cancelling shifts the pages.
    """

    _counted = ", or client.count(...)"

    def pages(self) -> AsyncIterator[Page]:
        """The listing page by page, with each page's number, problems and the service's total."""
        return _AsyncPages[Page](self._begin, self._interpret)

    async def all(self, *, progress: bool = False) -> InvitationList:
        """Every invitation, in one list.

        Args:
            progress: Whether a bar shows how many have come, of how many where the service says so: in a notebook or on
                standard error. tqdm draws it; where that is not installed, nothing is shown.
        """
        rows = InvitationList()
        with self._bar(shown=progress) as tell:
            async for page in self.pages():
                rows += page.invitations
                tell(page)
        return rows


class AsyncLookupPager(_AnyAsyncPager[Found]):
    """A listing of roles or scopes that asks for each page when it is needed. Iterating again starts again."""

    def __init__(
        self,
        start: Callable[[], Flow[None]],
        interpret: Callable[[Effect], Awaitable[object]],
        about: object,
        kind: type[Found],
    ) -> None:
        super().__init__(start, interpret, about)
        self._kind = kind

    def pages(self) -> AsyncIterator[LookupPage[Found]]:
        """The listing page by page, with each page's number, problems and the service's total."""
        return _AsyncPages["LookupPage[Found]"](self._begin, self._interpret)

    async def all(self, *, progress: bool = False) -> LookupList[Found]:
        """Every row, in one list.

        Args:
            progress: Whether a bar shows how many have come, of how many where the service says so: in a notebook or on
                standard error. tqdm draws it; where that is not installed, nothing is shown.
        """
        rows = _found(self._kind)
        with self._bar(shown=progress) as tell:
            async for page in self.pages():
                rows += page.rows
                tell(page)
        return rows


# No async generators: one that is broken off is ended by a task of the event loop's own, later.


class _AsyncPages(_Lazy, AsyncIterator[Item]):
    """An iteration over pages. A step that was canceled is taken again by the next one, so that no row is lost."""

    __slots__ = ("_begin", "_interpret", "_turns", "_walk")

    def __init__(self, begin: Callable[[], _Walk], interpret: Callable[[Effect], Awaitable[object]]) -> None:
        self._begin = begin
        self._walk: _Walk | None = None
        self._interpret = interpret
        self._turns = Turns()

    async def __anext__(self) -> Item:
        running = Lock()
        with running:
            if not self._turns.take("step", running):
                raise ConfigurationError("two tasks iterate over one listing; give each its own: client.list(...)")
            return await self._step()

    async def _step(self) -> Item:
        walk = self._walk
        if walk is None:
            walk = self._walk = self._begin()
        walk.go_on()
        while (effect := walk.effect) is not None:
            if isinstance(effect, Emit):
                return cast("Item", effect.page)
            try:
                result = await self._interpret(effect)
            except InviteError as error:
                walk.throw(error)
            else:
                walk.send(result)
        raise StopAsyncIteration


class _AsyncRows(_Lazy, AsyncIterator[Row]):
    """An iteration over rows."""

    __slots__ = ("_pages", "_rows")

    def __init__(self, pages: AsyncIterator[Page | LookupPage[Any]]) -> None:
        self._pages = pages
        self._rows: Iterator[Row] = iter(())

    async def __anext__(self) -> Row:
        while (row := next(self._rows, None)) is None:
            self._rows = _rows_of(await anext(self._pages))
        return row
