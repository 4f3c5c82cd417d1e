"""Listings over numbered pages: windows of requests, the end signal, guards against circles, and rows that shift.

Whoever cancels inside the loop shifts the rows behind: the next page begins later than it did. So before each step the
flow looks at what its client has written since it last asked, and at how far the service's total has fallen; it steps
back by as many rows and drops what it has yielded already. A step too far costs a request, one too short loses rows.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

from invite_clients._runtime import Call, Response
from invite_sdk._errors import NotFoundError, ResponseParseError
from invite_sdk._exchange import Context, exchange_all, faults, parse_error
from invite_sdk._filters import Check, sift
from invite_sdk._flow import Emit, Flow, Page
from invite_sdk._records import InvitationList, Problem

if TYPE_CHECKING:
    from pydantic import BaseModel

    from invite_sdk._models import Invitation

MAX_WINDOW = 8
"""How many pages are asked for at once, at the most."""
_REMEMBERED = 20_000
_MAX_PROBLEMS = 1_000
"""Unreadable rows of one page after which the page is none."""
_MAX_EMPTY = 20
_MAX_STALE = 3
_MAX_RESTARTS = 50

Row = TypeVar("Row", bound="BaseModel")


@dataclass(frozen=True, slots=True)
class Reading:
    """One page as a service gave it."""

    rows: list[Invitation]
    problems: list[Problem] = field(default_factory=list[Problem])
    total: int | None = None
    """How many rows there are over all pages, where the service says."""
    next_page: int | None = None
    """The number of the next page; `None` at the end."""


class Pages(Protocol):
    """What a service's file says about its listing."""

    def call(self, page: int) -> Call[object]:
        """The request for one page, numbered from 1."""
        ...

    def read(self, response: Response, page: int) -> Reading:
        """What the page holds."""
        ...


def listing(
    ctx: Context, pages: Pages, checks: Mapping[str, Check], limit: int | None, max_window: int = MAX_WINDOW
) -> Flow[None]:
    """Emits the pages of a listing, each row once, until the service says that there are no more."""
    walk = _Walk()
    left = limit
    while walk.page is not None and left != 0:
        # Rows that a check drops would make a limit ask for too few pages at once, which only costs time.
        asked = walk.window(max_window, left)
        ctx.renew_deadline()
        writes = ctx.writes.count
        try:
            responses = yield from exchange_all(ctx, [pages.call(number) for number in asked])
        except NotFoundError:
            if asked[0] == 1:
                raise
            walk.shrank(asked)
            continue
        walk.begin()
        for number in asked:
            # One page at a time is held in full, however many were asked for at once.
            reading = pages.read(responses.pop(0), number)
            walk.took(number, reading)
            fitting, untold = sift(walk.unseen(reading.rows), checks)
            if left is not None:
                fitting = fitting[:left]
                left -= len(fitting)
            problems = [*walk.unmet(reading.problems), *(Problem(reason, row, number) for row, reason in untold)]
            yield Emit(Page(InvitationList(fitting), number, reading.total, tuple(problems)))
            if left == 0:
                return
        walk.advance(asked, ctx.writes.count - writes)


@dataclass(slots=True)
class _Walk:
    """Where a listing stands."""

    page: int | None = 1
    size: int = 0
    """Rows on a full page, as far as seen."""
    total: int | None = None
    width: int = 2
    """How many pages the next window may have; the first one always has one."""
    trusts_total: bool = True
    """Whether the pages that the total promises have been there so far."""
    fallen: int = 0
    """By how many rows the total fell, beyond what the client's own writes explain, until the last window came."""
    expected: int = 0
    """By how many rows the client's own writes may have made it fall: the walk has stepped back for those already."""
    reached: int = 0
    """The highest page seen; up to there repeated rows are no wonder."""
    empty: int = 0
    stale: int = 0
    restarts: int = 0
    fresh: int = 0
    """Rows of the window that were not yielded before."""
    held: int = 0
    """Rows of the window."""
    following: int | None = None
    """What the latest page names as the next."""
    seen: set[str] = field(default_factory=set[str])
    order: deque[str] = field(default_factory=deque[str])

    def window(self, max_window: int, left: int | None) -> list[int]:
        """The numbers of the pages to ask for next."""
        first = self.page or 1
        last = first
        if first > 1 and self.size and self.total is not None and self.trusts_total:
            wanted = self.total if left is None else min(self.total, (first - 1) * self.size + left)
            known = -(-wanted // self.size)
            last = max(first, min(first + min(self.width, max_window) - 1, known))
            self.width = min(self.width * 2, max_window)
        return list(range(first, last + 1))

    def begin(self) -> None:
        """Begins with the pages of a window."""
        self.fallen = self.fresh = self.held = 0

    def took(self, number: int, reading: Reading) -> None:
        """Notes the size and the total of a page, and that it moves forward."""
        rows = len(reading.rows) + len(reading.problems)
        self.held += rows
        self.size = max(self.size, rows)
        self.following = reading.next_page
        if reading.total is not None:
            if self.total is not None:
                self.fallen += max(0, self.total - reading.total - self.expected)
                self.expected = 0
            self.total = reading.total
        if reading.next_page is not None and reading.next_page <= number:
            raise _circle(f"page {number} names page {reading.next_page} as the next")

    def unseen(self, rows: list[Invitation]) -> list[Invitation]:
        """The rows that were not yielded yet."""
        seen, order = self.seen, self.order
        fresh: list[Invitation] = []
        for row in rows:
            key = row.id
            if key is not None:
                if key in seen:
                    continue
                seen.add(key)
                order.append(key)
            fresh.append(row)
        self._took(len(fresh))
        return fresh

    def unmet(self, problems: list[Problem]) -> list[Problem]:
        """The problems that no page before reported; an unreadable row has no id to know it by."""
        if not problems:
            return problems
        keys = [f"unreadable {hash(repr(problem.row))}" for problem in problems]
        # On one page, rows that read the same are as many rows.
        fresh = [problem for problem, key in zip(problems, keys, strict=True) if key not in self.seen]
        new = set(keys) - self.seen
        self.seen |= new
        self.order.extend(new)
        self._took(len(new))
        return fresh

    def _took(self, fresh: int) -> None:
        """Counts new rows, and forgets the oldest ids beyond as many as are remembered."""
        self.fresh += fresh
        while len(self.order) > _REMEMBERED:
            self.seen.discard(self.order.popleft())

    def advance(self, asked: Sequence[int], writes: int) -> None:
        """Chooses the next page: onward, or back by as many rows as may have shifted."""
        self.empty = 0 if self.held else self.empty + 1
        self.stale = self.stale + 1 if self.held and not self.fresh and asked[-1] > self.reached else 0
        self.reached = max(self.reached, asked[-1])
        if self.fresh:
            self.restarts = 0
        if self.empty > _MAX_EMPTY:
            raise _circle(f"{self.empty} pages in a row were empty and named another")
        if self.stale > _MAX_STALE:
            raise _circle(f"{self.stale} pages in a row repeated what was there already")
        if self.fallen:
            self._back(asked[0], self.fallen)
        elif self.following is None:
            self.page = None
        elif writes:
            self._back(self.following, writes)
            self.expected = writes
        else:
            self.page = self.following

    def shrank(self, asked: Sequence[int]) -> None:
        """A page is not there: the list became shorter, or the total promised too much."""
        self.trusts_total = False
        if len(asked) > 1:
            self.page = asked[0]
        else:
            self._back(asked[0], max(1, self.size))

    def _back(self, page: int, rows: int) -> None:
        self.restarts += 1
        if self.restarts > _MAX_RESTARTS:
            raise _circle("the list changes faster than it can be read")
        self.page = max(1, page - -(-rows // max(1, self.size)))


def _circle(reason: str) -> ResponseParseError:
    return ResponseParseError(f"the service's paging does not come to an end: {reason}", status=200)


def page_in(url: str | None, current: int) -> int | None:
    """The page number in a `next` link; nothing else of the link is used. A link without one means the page after."""
    if not url:
        return None
    try:
        number = dict(parse_qsl(urlsplit(url).query)).get("page", "")
    except ValueError:  # such as brackets in the host that hold no address
        return current + 1
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else current + 1


def read_rows(response: Response, rows: object, model: type[Row], page: int) -> tuple[list[Row], list[Problem]]:
    """The rows of a page that did not validate as a whole, one by one: a bad row becomes a problem, no more.

    Args:
        response: the answer, for the error.
        rows: the decoded JSON that should be the array of rows.
        model: the wire model of a row.
        page: the page's number, for the problems.

    Raises:
        ResponseParseError: it is no array at all, or more than a thousand of its rows cannot be read.
    """
    from pydantic import ValidationError as PydanticError

    if not isinstance(rows, list):
        raise parse_error(response, ValueError(f"expected an array of rows, got {type(rows).__name__}"))
    good: list[Row] = []
    problems: list[Problem] = []
    for row in cast("list[object]", rows):
        try:
            # As JSON again, so that a row alone may hold no more than it may within a page: no half of a character.
            good.append(model.model_validate_json(json.dumps(row)))
        except PydanticError as error:
            problems.append(Problem(faults(error, "row"), row, page))
        except (ValueError, RecursionError):
            problems.append(Problem("row: it is nested too deeply", row, page))
        if len(problems) > _MAX_PROBLEMS:
            raise parse_error(response, ValueError(f"expected rows; more than {_MAX_PROBLEMS} cannot be read"))
    return good, problems


def decoded(response: Response) -> object:
    """The JSON of an answer.

    Raises:
        ResponseParseError: it is no JSON.
    """
    try:
        return cast("object", json.loads(response.body))
    except (ValueError, RecursionError):
        raise parse_error(response, ValueError("expected JSON")) from None
