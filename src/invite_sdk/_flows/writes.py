"""The writes of a client and its children, as its listings need to know them: what each is about, and when it was over.

A page is made at some moment between its request and its answer, and a write takes effect at some moment between its
own. So of two pages read one after the other, every write that was under way between the first one's request and the
second one's answer may have moved rows from the one to the other. Whether it can have done so depends on the row that
it is about: whoever removes a row that the listing has not reached moves none across the place that it has reached.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Literal, TypeAlias

from invite_sdk._model.ids import canonical_id, forms_of, is_uuid

if TYPE_CHECKING:
    from invite_clients._runtime import Request
    from invite_sdk._flows.retry import Verdict

MAX_KEPT = 10_000
"""Writes between two pages that a listing keeps in mind; after more it begins again."""
_MAX_OPEN = 100
Kind: TypeAlias = Literal["adds", "closes", "moves", "any"]
"""What a write can do to a listing that goes by an order and filters of our own: bring a new row in; take its row out;
change its row, which may thereby come to the front; anything."""

_KINDS: Mapping[str, Kind] = {
    "create": "adds",
    "ensure": "adds",
    "delete": "closes",
    "cancel": "closes",
    "accept": "closes",
    "decline": "closes",
    "reject": "closes",
    "resend": "moves",
    "update": "moves",
    "approve": "any",
}


def kind_of(operation: str, method: str) -> Kind:
    """What a request of an operation can do to a listing."""
    if method == "DELETE":
        return "closes"
    kind = _KINDS.get(operation, "any")
    return kind if kind != "adds" or method == "POST" else "any"


@dataclass(slots=True, eq=False, repr=False)
class Write:
    """One write. Where its answer was lost, it may take effect until its deadline."""

    path: str
    kind: Kind
    until: float
    """The moment on the monotonic clock from which it is over in any case."""
    ended: int | None = None
    """When it was over, as `Writes.tick` counts."""
    is_void: bool = False
    """Whether it had no effect."""

    _names: tuple[str | None, frozenset[str]] | None = None

    @property
    def row(self) -> str | None:
        """The id of the row that it is about, where the path tells that by itself."""
        return self._told()[0]

    def is_about(self, ids: set[str]) -> bool:
        """Whether it is about one of these rows."""
        return not ids.isdisjoint(self._told()[1])

    def _told(self) -> tuple[str | None, frozenset[str]]:
        """The id, and everything in the path that may be one, in each form in which a service may write it."""
        if self._names is None:
            segments = [segment for segment in self.path.split("/") if segment]
            found = [segment for segment in segments if is_uuid(segment)]
            names = frozenset(form for one in segments for form in forms_of(one))
            self._names = (canonical_id(found[-1]) if found else None, names)
        return self._names


class Writes:
    """The writes of a client and its children. Threads may share it: nothing here takes a lock, or needs one."""

    __slots__ = ("_open", "_ticks", "_watches", "count")

    def __init__(self) -> None:
        self.count = 0
        """How many there were, each once, however often it was attempted."""
        self._ticks = count(1)
        self._open: set[Write] = set()
        self._watches: list[Watch] = []

    def tick(self) -> int:
        """A moment: later than whatever has happened, earlier than whatever will."""
        return next(self._ticks)

    def begin(self, operation: str, request: Request, until: float | None, now: float) -> Write:
        """Notes a write that is about to be sent.

        Args:
            operation: the client's.
            request: what is sent.
            until: the operation's deadline on the monotonic clock.
            now: the moment on the same clock.
        """
        if len(self._open) > _MAX_OPEN:
            self._open.difference_update([one for one in list(self._open) if one.until <= now])
        write = Write(
            request.path,
            kind_of(operation, request.method),
            math.inf if until is None else until,
        )
        self.count += 1
        self._open.add(write)
        for watch in list(self._watches):
            watch.incoming.append(write)
        return write

    def end(self, write: Write, found: Verdict, *, earlier: bool) -> None:
        """Notes what became of a write. One whose answer was lost may still take effect.

        Args:
            write: what `begin` returned.
            found: what its last attempt brought.
            earlier: whether an attempt before may have taken effect.
        """
        if found == "done" or (found in ("refused", "untouched") and not earlier):
            write.is_void = found != "done"
            write.ended = self.tick()
            self._open.discard(write)

    def watch(self) -> Watch:
        """What a listing learns of the writes under way, and of all to come, until it leaves."""
        watch = Watch(self)
        self._watches.append(watch)
        watch.incoming.extend(list(self._open))
        return watch

    def leave(self, watch: Watch) -> None:
        """Tells a listing of no more."""
        if watch in self._watches:
            self._watches.remove(watch)


class Watch:
    """The writes during one listing, and what each can have done to its rows.

    Rows stand in an order, and the listing has reached some place in it. A write may *pull* the rows behind that place
    forward, across it, so that reading on misses them. It may *push* rows back, so that reading backward misses them.
    And it may *move* its own row from what was not read to what was.
    """

    __slots__ = (
        "_all_count",
        "_counting",
        "_known",
        "_moved",
        "_times",
        "_writes",
        "gains",
        "incoming",
        "is_blind",
        "met",
        "narrows",
        "total",
    )

    def __init__(self, writes: Writes) -> None:
        self._writes = writes
        self.incoming: deque[Write] = deque(maxlen=MAX_KEPT)
        self.met: set[str] = set()
        """The ids of the rows that the listing has met."""
        self.is_blind = False
        """Whether it has met rows that it could not know again."""
        self.gains = False
        """Whether any write may bring a row into what is listed, or move it there, by what was asked for."""
        self.narrows = False
        """Whether a change of a row may take it out of what is listed."""
        self.total = 0
        """How many writes there were."""
        self._known: list[Write] = []
        self._times: dict[str, int] = {}
        """How often each row was written."""
        self._moved: dict[str | None, list[Write]] = {}
        self._counting: set[Write] = set()
        self._all_count = False
        """Whether rows may have come that the listing did not meet, so that any removal may pull."""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has been written for as long as it matters."""
        return not self.incoming and not self._known

    @property
    def is_active(self) -> bool:
        """Whether anything has been written since the listing began."""
        return bool(self.incoming or self.total)

    def tick(self) -> int:
        """The moment now."""
        return self._writes.tick()

    def look(self, now: float) -> bool:
        """Takes in what was begun. Says whether that was more than can be kept in mind."""
        flooded = len(self.incoming) == MAX_KEPT
        if flooded:
            self.incoming.append(Write("", "any", until=now))
        while self.incoming:
            write = self.incoming.popleft()
            self._known.append(write)
            self.total += 1
            row = write.row
            if write.kind == "adds":
                self._all_count = True
                continue
            if row is not None:
                self._times[row] = self._times.get(row, 0) + 1
            if write.kind != "closes" or self.gains:
                self._moved.setdefault(row, []).append(write)
        for write in self._known:
            if write.ended is None and write.until <= now:
                write.ended = self.tick()
        return flooded

    def since(self, tick: int) -> list[Write]:
        """The writes that may have taken effect since a moment."""
        return [one for one in self._known if not one.is_void and (one.ended is None or one.ended > tick)]

    def forget(self, tick: int) -> None:
        """Forgets the writes that were over before a moment."""
        if self._known:
            self._known = self.since(tick)

    def pulls(self, writes: Sequence[Write]) -> int:
        """By how many rows these may have pulled what was not read yet."""
        changing = self.gains or self.narrows
        taking = [one for one in writes if one.kind in ("closes", "any") or (changing and one.kind == "moves")]
        if self.is_blind or self._all_count:
            return len(taking)
        return sum(
            one.row is None or one in self._counting or self._times.get(one.row, 0) > 1 or one.is_about(self.met)
            for one in taking
        )

    def count(self, writes: Sequence[Write]) -> None:
        """Holds these for writes to rows that were passed, although they were never met: they went before."""
        self._counting.intersection_update(self._known)
        self._counting.update(writes)

    def pushes(self, writes: Sequence[Write]) -> bool:
        """Whether any of these may have pushed what was not read yet."""
        return any(one.kind != "closes" or self.gains for one in writes)

    def moved(self) -> dict[str | None, list[Write]]:
        """The rows that may have moved unmet, with what was written to each; `None` where nobody can tell which."""
        unmet = {row: [one for one in writes if not one.is_void] for row, writes in self._moved.items()}
        return {row: writes for row, writes in unmet.items() if writes and not writes[0].is_about(self.met)}
