"""Where a listing over numbered pages stands: which page is next, and when every row has been met.

Whoever removes a row pulls those behind it forward: the next page begins later than it did, and the rows in between are
on a page that was read already. So the walk keeps a *front*: a page up to whose end every row has been met, and the
moment before that page was asked for. What was written since, and how far the service's total has fallen since, says
by how many rows those behind may have come forward, and so on which page the first of them is at the earliest.

- Where nothing was written, the next page is the next front.
- Where all writes are over before a page is asked for, the walk steps back to that earliest page and reads on.
- Where writes were under way while a page was made, nobody knows which was first. The walk has gone forward all the
  same, so that rows come early, and now looks *behind*: it reads the pages before once more, the last of them first.
  What is pulled forward meanwhile only comes towards it, so it need not wait for the writes to end.
- Where rows may be pushed back at the same time, as a `create` does, they may pass by whoever looks behind. Then the
  walk waits a little and reads forward again from the earliest page, which nothing that is pushed back can pass.
- Where a row may have been moved before it was met, as a `resend` does, the walk begins again at its end.

Rows are known by their ids and come once. A page read too often costs a request; one too few would lose rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol

from invite_clients._values import value_class
from invite_sdk._errors.tree import ResponseParseError
from invite_sdk._flows.writes import Watch, Write
from invite_sdk._model.ids import canonical_id
from invite_sdk._model.records import Problem

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from invite_sdk._model.invitation import Invitation

    Row = TypeVar("Row", bound="Identified", default=Invitation)
else:  # Python has defaults from 3.13 on
    from typing import TypeVar

    Row = TypeVar("Row")

_REMEMBERED = 20_000
_MAX_EMPTY = 20
_MAX_STALE = 3
_MAX_RESTARTS = 50
_MAX_SEARCHES = 10
_PAUSE = 0.05
_MAX_PAUSE = 1.0
_TOO_FAST = "the client's own writes move rows as fast as they are read; list when there are fewer"


class Identified(Protocol):
    """A row with an id, by which it is known again."""

    @property
    def id(self) -> str | None:
        """The id, or `None` where it has none."""
        ...


@value_class
class Reading(Generic[Row]):
    """One page as a service gave it."""

    rows: list[Row]
    problems: list[Problem] = field(default_factory=list[Problem])
    total: int | None = None
    """How many rows there are over all pages, where the service says."""
    next_page: int | None = None
    """The number of the next page; `None` at the end, or where the page does not say whether there is one."""
    asked: int | None = None
    """How many rows were asked for, 0 where that is not known, if the page does not say whether there is another.

    Then the next is asked for, until the total is reached, or a page is empty, is not there or brings nothing new.
    A page with as many rows as were asked for is followed even where the total ends with it: it may count this page
    alone.
    """


class _Place(NamedTuple):
    """A page that was read."""

    page: int
    tick: int
    """The moment before it was asked for."""
    falls: int = 0
    """How far the total had fallen when it came."""
    following: int | None = None
    """The page that it named as the next."""
    ids: frozenset[str] = frozenset()
    """The ids of its rows, where something was written before it came."""


_START = _Place(0, 0)


class Walk:
    """Where a listing stands."""

    watch: Watch
    patience: float
    """Seconds that it may wait, pause after pause, without getting any further."""
    page: int | None = 1
    """The page to ask for next; `None` when every row has been met."""
    pause: float = 0.0
    """Seconds to wait before that."""
    front: _Place = _START
    """Every row up to the end of this page has been met."""
    high: _Place | None = None
    """While looking behind: the page from which that began."""
    size: int = 0
    """Rows on a full page, as far as seen."""
    total: int | None = None
    falls: int = 0
    """How far the total has fallen, all falls together."""
    rises: int = 0
    width: int = 2
    """How many pages the next window may have; the first one always has one."""
    trusts_total: bool = True
    """Whether the pages that the total promises have been there so far."""
    has_total: bool = True
    """Whether the total has been no less than the pages themselves prove."""
    beyond: int = 0
    """The page after the latest one with which the total was reached; it may be asked for all the same."""
    following: int | None = None
    """What the latest page names as the next, or what may be there although it names none."""
    is_named: bool = True
    """Whether it names it."""
    asked: int | None = None
    """As the latest page has it."""
    missing: int = 0
    """The latest page that was not there."""
    shown: Sequence[object] = ()
    """The rows of the latest page, where it does not say whether there is another."""
    is_repeated: bool = False
    """Whether the page before had the very same."""
    turns: bool = False
    """Whether a page beyond the first brought rows that were not there before."""

    # The latest window.

    left: int = 0
    """The moment before it was asked for."""
    came: int = 0
    """The moment after it had come."""
    between: list[Write]
    """What may have taken effect between the front and then."""
    begun_at: tuple[int, int] = (0, 0)
    """The falls when its first page was read; while looking behind, `left` and the rises of the page before."""
    fresh: int = 0
    """Its rows that were not yielded before."""
    held: int = 0
    """Its rows."""
    ids: frozenset[str] = frozenset()
    """As in a place: of its last page."""
    ids_before: frozenset[str] = frozenset()
    """While looking behind: the like of the page before."""

    # What ends a walk in a circle.

    reached: int = 0
    """The highest page seen; up to there repeated rows are no wonder."""
    first: list[str]
    """The ids of the first page."""
    empty: int = 0
    stale: int = 0
    lost: int = 0
    """Pages in a row without a row that could be read, of a service that says nothing of its pages."""
    restarts: int = 0
    waited: float = 0.0

    searches: int = 0
    """How often it has begun again for rows that may have been moved."""
    sought: frozenset[str | None] = frozenset()
    sought_since: int = 0

    order: deque[str]
    """The ids in `watch.met`, the oldest first."""

    def __init__(self, watch: Watch, patience: float) -> None:
        self.watch = watch
        self.patience = patience
        self.between, self.first, self.order = [], [], deque()

    def window(self, max_window: int, wanted: int | None) -> list[int]:
        """The numbers of the pages to ask for next."""
        first = self.page or 1
        last = first
        is_known = self.trusts_total and (self.is_named or self.asked is not None)
        if first > 1 and self.size and self.total is not None and is_known and self.high is None:
            rows = self.total if wanted is None else min(self.total, (first - 1) * self.size + wanted)
            known = -(-rows // self.size)
            last = max(first, min(first + min(self.width, max_window) - 1, known))
            self.width = min(self.width * 2, max_window)
        self.left = self.watch.tick()
        return list(range(first, last + 1))

    def arrived(self, now: float) -> None:
        """Notes that the pages of a window have come: what is written later cannot have moved their rows.

        Args:
            now: the moment on the monotonic clock.
        """
        self.fresh = self.held = 0
        self.pause = 0.0
        if self.watch.look(now):
            self.front = _Place(0, self.front.tick, self.falls)
        self.watch.forget(self.front.tick)
        self.between = self.watch.since(self.front.tick)
        self.came = self.watch.tick()

    def took(self, number: int, reading: Reading[Row]) -> None:
        """Notes the size and the total of a page, and that it moves forward."""
        rows = len(reading.rows) + len(reading.problems)
        self.held += rows
        self.size = max(self.size, rows)
        self.asked = reading.asked
        place = (number - 1) * self.size + rows
        total = self._counted(place, reading)
        if total is not None:
            if self.total is not None:
                self.falls += max(0, self.total - total)
                self.rises += max(0, total - self.total)
            self.total = total
        if number == self.page and self.high is None:
            self.begun_at = (self.falls, self.rises)
        self.ids = frozenset(row.id for row in reading.rows if row.id) if self.watch.is_active else frozenset()
        if reading.next_page is not None and reading.next_page <= number:
            raise _circle(f"page {number} names page {reading.next_page} as the next")
        self.is_named = reading.next_page is not None
        # No page is passed over, whatever the named one is.
        goes_on = self.is_named or self._may_go_on(number, rows, place, total)
        self.following = number + 1 if goes_on else None
        is_lost = reading.asked is not None and bool(reading.problems) and not reading.rows
        self.lost = self.lost + 1 if is_lost else 0
        shown: Sequence[object] = () if reading.asked is None else reading.rows
        self.is_repeated = bool(shown) and shown == self.shown
        self.shown = shown
        self._check_start(number, reading)

    def _counted(self, place: int, reading: Reading[Row]) -> int | None:
        """The total, unless this page or one before proves more rows than it: then it is none, and stays none."""
        total, met = reading.total, self.watch.met
        if total is not None and total < place and any(row.id not in met for row in reading.rows):
            self.has_total = False
            self.total = None
        return total if self.has_total else None

    def _check_start(self, number: int, reading: Reading[Row]) -> None:
        """Raises where the pages begin again after so many rows that those of the first page were forgotten."""
        if self.watch.is_blind and self.first and number > self.reached and not self.is_repeated:
            is_forgotten = not self.watch.met.issuperset(self.first) and not self.watch.is_active
            if is_forgotten and self.first == [row.id for row in reading.rows]:
                raise _circle(f"page {number} is the first page again")

    def _may_go_on(self, number: int, rows: int, place: int, total: int | None) -> bool:
        """Whether there may be a page after one that names none."""
        if self.asked is None or not rows:
            is_more = self.trusts_total and total is not None and total > place
            return is_more and (rows > 0 or number == 1)
        if place != total:
            return True
        # A total that only counts the rows of the first page may be no total.
        self.beyond = number + 1
        return number == 1 and 0 < self.asked <= rows and self.beyond != self.missing

    def unseen(self, rows: list[Row]) -> list[Row]:
        """The rows that were not yielded yet."""
        seen, order = self.watch.met, self.order
        if self.searches and self.watch.is_blind:
            # What was forgotten came already.
            rows = [row for row in rows if canonical_id(row.id) in self.sought]
        ids = [key for row in rows if (key := row.id)]
        if len(ids) == len(rows) and seen.isdisjoint(ids):
            before = len(seen)
            seen.update(ids)
            if len(seen) - before == len(ids):
                # So it is with nearly every page, and takes less time than row by row.
                self.first = self.first or ids
                order.extend(ids)
                self._met(len(ids))
                return rows
            # One id stands on this page twice.
            seen.difference_update(ids)
        self.first = self.first or [key for key in ids if not key.isspace()]
        fresh: list[Row] = []
        for row in rows:
            key = row.id
            if key and not key.isspace():
                if key in seen:
                    continue
                seen.add(key)
                order.append(key)
            else:
                self.watch.is_blind = True
            fresh.append(row)
        self._met(len(fresh))
        return fresh

    def unmet(self, problems: list[Problem]) -> list[Problem]:
        """The problems that no page before reported; an unreadable row has no id to know it by."""
        if not problems:
            return problems
        self.watch.is_blind = True
        seen = self.watch.met
        keys = [f"unreadable {hash(repr(problem.row))}" for problem in problems]
        # On one page, rows that read the same are as many rows.
        fresh = [problem for problem, key in zip(problems, keys, strict=True) if key not in seen]
        new = set(keys) - seen
        seen |= new
        self.order.extend(new)
        self._met(len(new))
        return fresh

    def _met(self, fresh: int) -> None:
        """Counts new rows. While nothing is written, the oldest ids beyond as many as are remembered are forgotten."""
        if self.is_repeated and fresh:
            raise _circle("a page is the one before it, and its rows cannot be told apart")
        self.fresh += fresh
        if len(self.order) > _REMEMBERED and not self.watch.is_active:
            self.watch.is_blind = True
            while len(self.order) > _REMEMBERED:
                self.watch.met.discard(self.order.popleft())

    def advance(self, asked: Sequence[int]) -> None:
        """Chooses the next page, when those of a window have been read."""
        self._guard(asked)
        if self.high is not None:
            self._behind(asked[0])
        else:
            self._ahead(asked[0], _Place(asked[-1], self.left, self.falls, self.following, self.ids))

    def shrank(self, asked: Sequence[int]) -> None:
        """Chooses the next page, when one is not there: the list became shorter, or the total promised too much."""
        self.ids = frozenset()
        if self.high is not None:
            self._behind(asked[0])
            return
        self.trusts_total = False
        if len(asked) > 1:
            self.page = asked[0]
        elif self.watch.pulls(self.between) or self._is_past_the_end(asked[0]):
            self._ahead(asked[0], _Place(asked[0], self.left, self.falls))
        else:
            self.missing = asked[0]
            self._back(min(asked[0] - 1, self._earliest(self.size)))

    def _is_past_the_end(self, page: int) -> bool:
        """Whether a page that is not there was never promised, or not by what is still so."""
        if self.is_named:
            return False
        return self.asked is None or self.total is None or page in (self.missing, self.beyond)

    def _guard(self, asked: Sequence[int]) -> None:
        """Ends a walk that a service leads in a circle."""
        self.empty = 0 if self.held or self.high is not None else self.empty + 1
        is_stale = self.held > 0 and not self.fresh and asked[-1] > self.reached
        if self.held:  # an empty page between two that repeat rows brings nothing either
            self.stale = self.stale + 1 if is_stale else 0
        if is_stale and not self.is_named and asked[0] == self.beyond:
            self.following = None
        self.turns = self.turns or (self.fresh > 0 and asked[0] > 1)
        self.reached = max(self.reached, asked[-1])
        if self.fresh:
            self.restarts = 0
            self.waited = 0.0
        if self.empty > _MAX_EMPTY:
            raise _circle(f"{self.empty} pages in a row were empty and named another")
        if self.lost > _MAX_STALE:
            raise _circle(f"{self.lost} pages in a row held no row that can be read, and none tells of another")
        if self.stale > _MAX_STALE + self.watch.total + self.rises:
            if not self._has_all():
                raise _circle(f"{self.stale} pages in a row repeated what was there already")
            self.following = None

    def _has_all(self) -> bool:
        """Whether a service that says nothing of its pages, and repeats what was there, has shown all that it has.

        The last page again is what some give past the end. The first one again may be the only one of a service that
        knows no pages, but not where it has as many rows as were asked for: then there may be others.
        """
        if self.asked is None or self.total is not None:
            return False
        return self.turns or (self.asked > 0 and self.size != self.asked)

    def _ahead(self, first: int, last: _Place) -> None:
        """Pages from `first` to `last` were read: either they are the next front, or rows may have slipped past."""
        pulled = self.watch.pulls(self.between)
        shift = max(pulled, self.falls - self.front.falls)
        # The rows by which the first page begins before the end of the front.
        spare = (self.front.page + 1 - first) * self.size
        meanwhile = last.page > first and self._has_changed_within()
        goes_on = first == 1 or ((shift == 0 or shift <= spare) and not meanwhile)
        if goes_on or (first == last.page == self.front.page + 1 and self._shares(self.front.ids)):
            if last.page > first:
                self.watch.count(_later(self.between, last.tick))
            self._settle(last)
        elif (not pulled and not self.restarts) or self.watch.pushes(_under_way(self.between)):
            self._back(self._earliest(shift))
        elif last.following is not None and (last.page - self.front.page) * self.size < pulled:
            # Many writes are under way: one look behind a longer way costs less than many.
            self.page = last.following
            self.width = 1
        else:
            self.high = last
            self.begun_at = (self.left, self.rises)
            self.ids_before = last.ids
            self.page = last.page - 1
            self._restarted()

    def _has_changed_within(self) -> bool:
        """Whether rows may have moved between the pages of a window, of which nobody knows which was made first."""
        writes = _later(self.between, self.left)
        changes = (self.falls, self.rises)
        return changes != self.begun_at or self.watch.pulls(writes) > 0 or self.watch.pushes(writes)

    def _behind(self, page: int) -> None:
        """A page behind was read: either that was the earliest, or the one before it is next."""
        left, rises = self.begun_at
        earliest = self._earliest(max(self.watch.pulls(self.between), self.falls - self.front.falls))
        pushed = self.rises > rises or self.watch.pushes(_later(self.between, left))
        if pushed and not self._shares(self.ids_before):
            self._back(earliest)
        elif page <= earliest and self.high is not None:
            self.watch.count(_later(self.between, self.high.tick))
            self._settle(self.high)
        else:
            self.begun_at = (self.left, self.rises)
            self.ids_before = self.ids
            self.page = page - 1

    def _shares(self, ids: frozenset[str]) -> bool:
        """Whether the latest page holds a row of another one that nothing was written to: then none is between them."""
        written = [one for one in self.between if one.kind != "adds"]
        rows = {one.row for one in written}
        return None not in rows and any(canonical_id(key) not in rows for key in self.ids & ids)

    def _earliest(self, shift: int) -> int:
        """The page on which the first row that was not met can be, when it has come forward by so many."""
        return max(1, self.front.page + 1 - -(-shift // max(1, self.size)))

    def _back(self, page: int) -> None:
        """Reads on from a page before which all rows have been met; waits a little for writes that are under way."""
        self.high = None
        self.page = page
        self._restarted()
        if not self.between:
            return
        self.width = 1
        if not self.fresh:
            self.pause = min(_MAX_PAUSE, max(_PAUSE, self.waited))
            self.waited += self.pause
        if self.waited > self.patience:
            raise _circle(_TOO_FAST)

    def _restarted(self) -> None:
        """Counts turns back that brought nothing; the client's own writes are waited for instead."""
        self.restarts += 1
        if self.restarts > _MAX_RESTARTS and not self.between:
            raise _circle("the list changes faster than it can be read")

    def _settle(self, place: _Place) -> None:
        """A page is the next front: goes onward, or back by as many rows as have come forward since."""
        self.front = place
        self.high = None
        if place.page >= self.reached:
            self.waited = 0.0
        if place.following is None or (self.searches and not self._lost()):
            self._finish()
            return
        self.page = place.following
        if self.watch.is_quiet:
            return
        self.watch.look(0.0)
        written = self.watch.since(place.tick)
        shift = self.watch.pulls(written)
        if _under_way(written):
            self.width = 1
        elif shift and not self.restarts:
            self.page = min(place.following, self._earliest(shift))
            self.restarts += 1

    def _finish(self) -> None:
        """The end was reached: begins again where rows may have been moved to where the walk had been."""
        self.page = None
        lost = self._lost() if self.reached > 1 else {}
        if self.searches:
            # To be missed once more, a row must have been moved once more.
            lost = {
                row: moves
                for row, moves in lost.items()
                if row and len(moves) > self.searches and _later(moves, self.sought_since)
            }
        if lost:
            self.searches += 1
            if self.searches > _MAX_SEARCHES:
                raise _circle(_TOO_FAST)
            self.sought = frozenset(lost)
            self.sought_since = self.came
            self.front = _Place(0, self.came, self.falls)
            self.page = 1

    def _lost(self) -> dict[str | None, list[Write]]:
        """The rows that may have been moved without being met, with what moved them."""
        if not self.watch.is_active:
            return {}
        self.watch.look(0.0)
        moved = self.watch.moved()
        return {row: moved[row] for row in self.sought & moved.keys()} if self.searches else moved


def _later(writes: list[Write], tick: int) -> list[Write]:
    """Those that may have taken effect after a moment."""
    return [write for write in writes if write.ended is None or write.ended > tick]


def _under_way(writes: list[Write]) -> list[Write]:
    return [write for write in writes if write.ended is None]


def _circle(reason: str) -> ResponseParseError:
    return ResponseParseError(f"the service's paging does not come to an end: {reason}", status=200)
