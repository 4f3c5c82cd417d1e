"""Makes a plan true: each write at most once, noted before and after, as many at once as the service bears."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import anyio
from anyio import CancelScope, CapacityLimiter, Semaphore, create_task_group, to_thread

from invite_sdk import InviteError, RateLimitedError
from invite_sdk.hub.calling import AnyClient
from invite_sdk.roster.deciding import WRITES
from invite_sdk.roster.journal import Entry, Journal, JournalError, State
from invite_sdk.roster.journal_file import UNCHANGED, Changed
from invite_sdk.roster.judging import MAILS, RECREATE, Case, ToDo, is_done_by, judge
from invite_sdk.roster.notes import Notes
from invite_sdk.roster.pace import Pace
from invite_sdk.roster.plan import Plan, PlannedRow
from invite_sdk.roster.planning import Place, Reading, Wanted, decided, place_of, read, still_open
from invite_sdk.roster.report import Kind, Report, RowEvent, RowOutcome, tell
from invite_sdk.roster.writing import failed, is_about_the_row, reach, write

_MOST_IN_A_ROW = 10
"""After so many failures in a row that are not about the rows' own values, a service is left alone."""
_NO_NAMED_WAIT = 5.0
"""Seconds to wait where a service is throttling and does not say how long."""
_AHEAD = 8
"""How many rows' intents are noted before it is their turn, so that no turn waits for the disk."""
_FRESH = 1.0
"""Seconds until an intent that still waits for its turn is noted anew: a request may be on its way from then on."""
_STATES: Mapping[str, State] = {"unknown": "unknown", **dict.fromkeys(("failed", "left", "stale", "cannot"), "failed")}


@dataclass(frozen=True, slots=True)
class Options:
    """How a plan is applied."""

    max_concurrency: int = 32
    max_rate: float | None = None
    max_wait: float = 300.0
    settle: float = 10.0
    repeat_unknown: bool = False
    on_event: Callable[[RowEvent], object] | None = None
    changed: Changed = UNCHANGED
    stop_file: str | None = None
    """A file that ends the run between two rows when it is there, for whoever cannot be interrupted otherwise."""


class Task(NamedTuple):
    """What a run works with."""

    plan: Plan
    clients: Mapping[str, AnyClient]
    journal: Journal
    options: Options
    limiter: CapacityLimiter
    is_kept: bool = True
    """Whether the next run finds the journal."""


async def applied(task: Task) -> Report:
    """Makes a plan true.

    Raises:
        JournalError: the journal could not be written; nothing was sent after that. Its `report` has what was done.
        InviteError: nothing could be read at all.
        BaseException: what a watcher ended the run with, such as KeyboardInterrupt.
    """
    run = _Run(task)
    entries = await to_thread.run_sync(task.journal.entries)
    todos = await run.sort_out(entries)
    with run.scope:
        async with run.notes.kept(), create_task_group() as group:
            for name, lane in todos.items():
                group.start_soon(run.lane, name, lane)
    if run.interrupt is not None:
        raise run.interrupt
    report = run.report()
    if (error := run.notes.error) is not None:
        error.report = report
        raise error
    return report


class _Run:
    """One application of a plan."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self.notes = Notes(task.journal)
        self.scope = CancelScope()
        self.interrupt: BaseException | None = None
        """What a watcher ended the run with."""
        self._before: Mapping[str, Entry] = {}
        self._outcomes: dict[str, RowOutcome] = {}
        self._stopped: dict[tuple[str, Place | None], str] = {}
        self._unsupported: dict[tuple[str, str], str] = {}
        self._half_done: dict[str, str] = {}
        self._failures: dict[str, int] = {}
        self._paces: dict[str, Pace] = {}

    async def sort_out(self, entries: Mapping[str, Entry]) -> dict[str, list[ToDo]]:
        """The writes that are to be made, by client; the other rows have their outcomes then."""
        plan = self._task.plan
        self._before = entries
        wanted = Wanted(
            [planned.row for planned in plan.rows if not planned.is_pruned], self._task.clients, plan.policy, 0, entries
        )
        concerned = [planned for planned in plan.rows if _concerns(planned, entries.get(planned.key), plan)]
        await self._settle(entries, concerned)
        places = {place_of(planned.row) for planned in concerned}
        readings = await read(wanted, self._task.limiter, places)
        if readings and all(reading.error is not None for reading in readings.values()):
            raise next(reading.error for reading in readings.values() if reading.error is not None)
        todos: dict[str, list[ToDo]] = {}
        ended: list[Entry] = []
        for planned in plan.rows:
            found = self._judged(planned, wanted, readings, entries.get(planned.key))
            if isinstance(found, ToDo):
                todos.setdefault(found.planned.row.client or "", []).append(found)
                self._tell(RowEvent("planned", planned))
            else:
                self._settled(found)
                entry = entries.get(planned.key)
                if entry is not None and entry.state in ("sent", "unknown") and found.kind in ("done", "unknown"):
                    ended.append(self._entry(found, entry.action, _STATES.get(found.kind, "done"), at=entry.at))
        if ended:
            await to_thread.run_sync(self._task.journal.write, ended)
        return todos

    async def _settle(self, entries: Mapping[str, Entry], concerned: Sequence[PlannedRow]) -> None:
        """Waits until what a former run has sent last must have arrived, so that it can be seen."""
        seen = [planned for planned in concerned if self._task.clients[planned.row.client or ""].supports("list")]
        known = [entries[planned.key] for planned in seen if planned.key in entries]
        open_ends = [entry.at for entry in known if entry.state in ("sent", "unknown")]
        if open_ends and (wait := max(open_ends) + self._task.options.settle - time.time()) > 0:
            await anyio.sleep(min(wait, self._task.options.settle))

    def _judged(
        self, planned: PlannedRow, wanted: Wanted, readings: Mapping[Place, Reading], entry: Entry | None
    ) -> ToDo | RowOutcome:
        reading = readings.get(place_of(planned.row))
        if reading is None:
            reading = Reading()
            fresh = planned
        elif reading.error is not None:
            return RowOutcome(planned, "left", f"what is there could not be read: {reading.error}", error=reading.error)
        elif planned.is_pruned:
            fresh = still_open(planned, reading)
        else:
            fresh = decided(wanted, planned.row, reading)
        return judge(
            Case(
                planned,
                fresh,
                entry,
                reading.can_look,
                self._task.plan.id,
                self._task.options.repeat_unknown,
            )
        )

    async def lane(self, name: str, todos: Sequence[ToDo]) -> None:
        """Makes the writes of one client."""
        options = self._task.options
        pace = self._paces[name] = Pace(options.max_concurrency, options.max_rate)
        client = self._task.clients[name].with_options(hooks=[pace.heard])
        ahead = Semaphore(_AHEAD)
        async with create_task_group() as group:
            for todo in todos:
                await ahead.acquire()
                if self._left(todo):
                    ahead.release()
                else:
                    group.start_soon(self._row, client, todo, pace, ahead)

    def _left(self, todo: ToDo) -> bool:
        """Whether a row is not tried, since it would fail as others did."""
        row = todo.planned.row
        client = row.client or ""
        if self._is_stopped_by_file():
            self._stopped.setdefault((client, None), "the run was interrupted; run again")
        why = None if self.notes.error is None else str(self.notes.error)
        why = why or self._stopped.get((client, None)) or self._stopped.get((client, place_of(row)))
        if why is None and todo.action == "replace":
            why = self._half_done.get(client)
        kind: Kind = "left"
        if why is None:
            kind, why = "cannot", self._unsupported.get((client, todo.action))
        if why is not None:
            reason = f"not tried after a failure that it would share: {why}"
            self._settled(self._whole(todo, RowOutcome(todo.planned, kind, reason)))
        return why is not None

    def _is_stopped_by_file(self) -> bool:
        file = self._task.options.stop_file
        return file is not None and os.path.exists(file)  # noqa: PTH110 - once a row, so it is to be cheap

    def _whole(self, todo: ToDo, outcome: RowOutcome) -> RowOutcome:
        """An outcome; that of the second half of a replacement says what the first one did."""
        if todo.action != RECREATE or outcome.is_good or outcome.kind == "stale":
            return outcome
        is_unknown = outcome.kind == "unknown"
        gone = f"the old invitation was canceled, and the new one is {'perhaps' if is_unknown else 'not'} there"
        then = f"the next run with this journal {'looks for it' if is_unknown else 'makes it'}"
        if not self._task.is_kept:
            then = 'look there, or plan again with Policy(again={"canceled"})'
        kind: Kind = "unknown" if is_unknown else "failed"
        return replace(outcome, kind=kind, reason=f"{gone}; {then}: {outcome.reason}", id=None)

    async def _row(self, client: AnyClient, todo: ToDo, pace: Pace, ahead: Semaphore) -> None:
        """Makes one row's writes. Once sent they are ended and noted, whatever cancels the run."""
        refused_at: float | None = None
        # Where nobody can look afterwards, whoever was noted and not sent would be unknown: it is noted in its turn.
        is_ahead = client.supports("list")
        try:
            noted_at = await self._intend(todo) if is_ahead else 0.0
            await pace.take()
        except JournalError as error:
            self._settled(self._whole(todo, RowOutcome(todo.planned, "left", str(error))))
            return
        except BaseException:
            if is_ahead:
                self._take_back(todo)
            raise
        finally:
            ahead.release()
        while True:
            if self._left(todo):
                pace.give_back()
                if noted_at:
                    self._take_back(todo)
                return
            outcome = RowOutcome(todo.planned, "unknown", "no answer has come")
            try:
                with CancelScope(shield=True):
                    outcome = await self._written(client, todo, noted_at)
                    if todo.action == "replace" and outcome.kind == "done":
                        todo = ToDo(todo.planned, RECREATE)
                        outcome = await self._written(client, todo)
            finally:
                pace.give_back()
            if not isinstance(outcome.error, RateLimitedError):
                break
            # It was refused, so it may be repeated; the service's wait holds for all.
            named = outcome.error.retry_after
            wait = _NO_NAMED_WAIT if named is None else named
            refused_at = anyio.current_time() if refused_at is None else refused_at
            if anyio.current_time() + wait - refused_at > self._task.options.max_wait:
                self._stopped.setdefault((todo.planned.row.client or "", None), outcome.reason)
                break
            pace.pause(wait)
            noted_at = 0.0
            await pace.take()
        self._settled(self._whole(todo, outcome))

    async def _intend(self, todo: ToDo) -> float:
        """Notes that a write is about to be made, and returns when.

        Raises:
            JournalError: it could not be noted.
        """
        about, now = todo.planned.about, time.time()
        sent = RowOutcome(todo.planned, "unknown", "", None if about is None else about.id)
        await self.notes.add_and_wait(self._entry(sent, todo.action, "sent", at=now))
        return now

    def _take_back(self, todo: ToDo) -> None:
        """Notes that nothing was sent after all: what was known of the row before is what is known of it."""
        nothing = self._entry(RowOutcome(todo.planned, "left", ""), todo.action, "failed", at=time.time())
        self.notes.add(self._before.get(todo.planned.key, nothing))

    async def _written(self, client: AnyClient, todo: ToDo, noted_at: float = 0.0) -> RowOutcome:
        """What came of one write, with its notes before and after it; the first may be there."""
        try:
            if not 0 <= time.time() - noted_at < _FRESH:
                await self._intend(todo)
        except JournalError as error:
            return RowOutcome(todo.planned, "left", str(error))
        self._tell(RowEvent("sent", todo.planned))
        try:
            outcome = await write(client, todo, self._task.limiter)
        except RateLimitedError as error:
            outcome = RowOutcome(todo.planned, "left", str(error), error=error)
        except InviteError as error:
            outcome = failed(todo, error)
            self._learn(todo, error)
        else:
            if todo.action != "replace" or outcome.kind != "done":
                self._failures[todo.planned.row.client or ""] = 0
        if todo.action != "replace" or outcome.kind != "done":
            # Half a replacement is not done: its second half notes an intent of its own.
            self.notes.add(self._entry(outcome, todo.action, _STATES.get(outcome.kind, "done"), at=time.time()))
        return outcome

    def _learn(self, todo: ToDo, error: InviteError) -> None:
        """Whom else a failure stops."""
        row = todo.planned.row
        name = row.client or ""
        far = reach(error)
        if todo.action == RECREATE:
            why = f"no further invitation is canceled to be replaced, as a new one was not made: {error}"
            self._half_done.setdefault(name, why)
        if far == "action":
            self._unsupported.setdefault((name, todo.action), str(error))
        elif far != "row":
            self._stopped.setdefault((name, place_of(row) if far == "place" else None), str(error))
        elif not is_about_the_row(error):
            self._failures[name] = self._failures.get(name, 0) + 1
            if self._failures[name] >= _MOST_IN_A_ROW:
                self._stopped.setdefault((name, None), f"{_MOST_IN_A_ROW} failures in a row, the last one: {error}")

    def _entry(self, outcome: RowOutcome, action: str, state: State, *, at: float) -> Entry:
        """What is noted of a row."""
        error = None if outcome.error is None else f"{type(outcome.error).__name__}: {outcome.error}"
        # Not of an intent: one that is refused has mailed nobody.
        mailed_at = at if action in MAILS and state in ("done", "unknown") else None
        return Entry(outcome.planned.key, action, state, at, outcome.id, error, mailed_at, self._task.plan.id)

    def _settled(self, outcome: RowOutcome) -> None:
        self._outcomes[outcome.planned.key] = outcome
        self._tell(RowEvent(outcome.kind, outcome.planned, outcome))

    def _tell(self, event: RowEvent) -> None:
        if self.interrupt is None:
            try:
                tell(self._task.options.on_event, event)
            except BaseException as error:  # noqa: BLE001 - it is raised when what is under way has been noted
                self.interrupt = error
                self.scope.cancel()

    def report(self) -> Report:
        """What became of every row, in the plan's order."""
        plan = self._task.plan
        outcomes = tuple(self._outcomes[planned.key] for planned in plan.rows)
        left = any(outcome.kind == "left" for outcome in outcomes)
        reasons = dict.fromkeys([*self._stopped.values(), *(self._half_done.values() if left else ())])
        return Report(outcomes, plan.duplicates, "; ".join(reasons), plan.clients)


def _concerns(planned: PlannedRow, entry: Entry | None, plan: Plan) -> bool:
    """Whether the service must be asked about a row before it is known what to do."""
    if is_done_by(plan.id, entry):
        return False
    return planned.action in WRITES or (entry is not None and entry.state != "done")
