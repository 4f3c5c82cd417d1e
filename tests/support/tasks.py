"""Flows that run at once, driven by hand: when a request leaves, takes effect and is answered are three separate steps.

A seed decides which step is next, so any order of them can be had, and had again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from invite_clients._runtime import Call, Repeat, Request, Response
from invite_sdk import Invitation, InviteError, Status
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import (
    Clock,
    Effect,
    Emit,
    Flow,
    Notify,
    Now,
    Outcome,
    Outgoing,
    Send,
    Sleep,
    TransportFailure,
)
from invite_sdk._flows.exchange import perform
from invite_sdk._flows.options import Options
from invite_sdk._flows.paging import listing
from invite_sdk._flows.walk import Reading
from invite_sdk._flows.writes import Writes
from tests.support.flows import answer, context


def letter_id(number: int) -> str:
    """The id of the letter with this number."""
    return f"{number:08x}-d9cb-469f-a165-70867728950e"


@dataclass
class Letters:
    """A service whose newest rows come first, on numbered pages. `has_total` and `only_open` are how it is asked."""

    count: int
    size: int = 3
    has_total: bool = False
    only_open: bool = False
    is_silent: bool = False
    """Whether its pages do not say whether there are others."""
    refuses: int | None = None
    """The status with which it refuses every write."""

    def __post_init__(self) -> None:
        self.rows: dict[str, str] = {letter_id(number): "open" for number in range(self.count)}
        """The state of each letter by its id, in the order of the listing."""
        self.owed = set(self.listed)
        """The letters that were there at the start, and have been listed ever since."""
        self.made = self.count

    @property
    def listed(self) -> list[str]:
        """What a listing shows, in order."""
        return [key for key, state in self.rows.items() if state == "open" or not self.only_open]

    # What a listing needs to know of the service.

    def call(self, page: int) -> Call[object]:
        """The request for a page."""
        request = Request("GET", "/letters", (("page", str(page)),))
        return Call("postbox", "letters", request, frozenset({200}), False, "safe", lambda _: None)

    def read(self, response: Response, page: int) -> Reading:
        """What the page holds."""
        said = json.loads(response.body)
        rows = [Invitation.from_fields("postbox", None, {"id": key, "status": Status.PENDING}) for key in said["ids"]]
        if self.is_silent:
            return Reading(rows, [], said.get("total"), asked=self.size)
        return Reading(rows, [], said.get("total"), page + 1 if said["more"] else None)

    # What it does.

    def handle(self, sent: Outgoing) -> Outcome:
        """Answers a request, or takes a write."""
        path, _, query = sent.url.removeprefix("https://postbox.example/v1").partition("?")
        if sent.method == "GET":
            return self._page(int(query.partition("=")[2]))
        if self.refuses is not None:
            return answer(self.refuses, {"detail": "No."})
        _, _, key, action, *_ = [*path.split("/"), "", ""]
        if not key:
            new = letter_id(self.made)
            self.made += 1
            self.rows = {new: "open", **self.rows}
            return answer(201, {})
        if key == "approve":
            return answer(200, {})
        if key not in self.rows:
            return answer(404, {"detail": "Not found."})
        if sent.method == "DELETE":
            del self.rows[key]
        elif action == "cancel":
            self.rows[key] = "canceled"
        elif action == "send":
            del self.rows[key]
            self.rows = {key: "open", **self.rows}
        self.owed &= set(self.listed)
        return answer(200, {})

    def _page(self, page: int) -> Outcome:
        listed = self.listed
        ids = listed[(page - 1) * self.size : page * self.size]
        if page > 1 and not ids:
            return answer(404, {"detail": "Invalid page."})
        said: dict[str, object] = {"ids": ids, "more": page * self.size < len(listed)}
        return answer(200, said | ({"total": len(listed)} if self.has_total else {}))


@dataclass(eq=False)
class Task:
    """A flow on its way."""

    flow: Flow[object]
    may_fail: bool
    effect: Effect | None = None
    outcomes: list[Outcome | None] = field(default_factory=list)
    """What the requests of its effect brought so far."""
    waits_for: list[Task] = field(default_factory=list)
    """What must be over before it goes on."""
    is_over: bool = False


class Tasks:
    """A listing and writes of one client, at once."""

    def __init__(self, letters: Letters, seed: int, *, lost: float = 0.0) -> None:
        self.letters = letters
        self.luck = Random(seed)
        self.lost = lost
        """How often the answer to a write is lost."""
        self.writes = Writes()
        self.moment = 1000.0
        self.asked: list[int] = []
        """The pages that were asked for."""
        self.met: list[str] = []
        self.late: list[Outgoing] = []
        """Writes whose answers were lost before they took effect."""
        self._tasks: list[Task] = []
        self.each: Callable[[str], list[Task]] = lambda _: []

    def context(self, operation: str) -> Context:
        """What a flow of the client needs to know."""
        return context(operation=operation, writes=self.writes, options=Options())

    def write(self, operation: str, key: str = "") -> Task:
        """Begins a write."""
        method, path, repeat = _CALLS[operation]
        request = Request(method, path.format(key))
        call: Call[object] = Call("postbox", operation, request, frozenset({200, 201}), False, repeat, lambda _: None)
        return self.begin(perform(self.context(operation), call), may_fail=True)

    def begin(self, flow: Flow[object], *, may_fail: bool = False) -> Task:
        """Begins a flow."""
        task = Task(flow, may_fail)
        self._tasks.append(task)
        return task

    def list(
        self,
        each: Callable[[str], list[Task]] = lambda _: [],
        *,
        beside: Callable[[], object] = lambda: None,
        window: int = 8,
    ) -> None:
        """Runs a listing to its end: `met` has the ids.

        Args:
            each: told of each row; it returns the tasks that the loop waits for.
            beside: called before each step.
            window: how many pages the listing asks for at once, at the most.
        """
        self.each = each
        walk = self.begin(listing(self.context("list"), self.letters, {}, None, window))
        while not walk.is_over:
            beside()
            self.step()

    def step(self) -> None:
        """One step of one of them."""
        if self.late and self.luck.random() < 0.1:
            self.letters.handle(self.late.pop(0))
        ready = [task for task in self._tasks if all(one.is_over for one in task.waits_for)]
        task = self.luck.choice(ready)
        effect = task.effect
        if isinstance(effect, Send):
            waiting = [i for i, outcome in enumerate(task.outcomes) if outcome is None]
            if waiting:
                i = self.luck.choice(waiting)
                task.outcomes[i] = self._handle(effect.requests[i])
                return
        self._advance(task)

    def _handle(self, sent: Outgoing) -> Outcome:
        if sent.method == "GET":
            self.asked.append(int(sent.url.rpartition("=")[2]))
        elif self.luck.random() < self.lost:
            if self.luck.random() < 0.5:
                self.late.append(sent)
            else:
                self.letters.handle(sent)
            return TransportFailure("maybe", "broken", "lost")
        return self.letters.handle(sent)

    def _advance(self, task: Task) -> None:
        try:
            task.effect = task.flow.send(self._result(task)) if task.effect is not None else next(task.flow)
        except StopIteration:
            self._end(task)
        except InviteError:
            self._end(task)
            if not task.may_fail:
                raise
        else:
            if isinstance(task.effect, Send):
                task.outcomes = [None] * len(task.effect.requests)
            elif isinstance(task.effect, Emit):
                ids = [str(row.id) for row in task.effect.page.rows]
                self.met += ids
                task.waits_for = [one for key in ids for one in self.each(key)]

    def _end(self, task: Task) -> None:
        task.is_over = True
        self._tasks.remove(task)

    def _result(self, task: Task) -> object:
        effect = task.effect
        if isinstance(effect, Send):
            return tuple(task.outcomes)
        if isinstance(effect, Now):
            return Clock(self.moment, 1_800_000_000.0)
        if isinstance(effect, Sleep):
            self.moment += effect.seconds
            return None
        assert isinstance(effect, (Emit, Notify)), effect
        return None

    def cancel(self, task: Task) -> None:
        """Breaks a task off, wherever it is; what it has sent may still take effect."""
        if task.is_over:
            return
        if isinstance(task.effect, Send):
            self.late += [sent for sent, out in zip(task.effect.requests, task.outcomes, strict=True) if out is None]
        task.flow.close()
        self._end(task)


_CALLS: dict[str, tuple[str, str, Repeat]] = {
    "create": ("POST", "/letters", "once"),
    "delete": ("DELETE", "/letters/{}", "idempotent"),
    "cancel": ("POST", "/letters/{}/cancel", "idempotent"),
    "resend": ("POST", "/letters/{}/send", "once"),
    "update": ("PATCH", "/letters/{}", "idempotent"),
    "native": ("DELETE", "/letters/{}", "idempotent"),
    "approve": ("POST", "/letters/approve", "once"),
}
WRITES = tuple(_CALLS)
