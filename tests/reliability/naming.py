"""Schedules by name: clients that invite by name while what the names mean changes, step by step, lookups included.

Whatever a call that succeeded returned has the role and the scope that were asked for, by their names after the write;
a call that failed leaves nothing open, unless it says that it does not know; and none makes two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random
from threading import Lock
from typing import Any

from invite_sdk import EnsureResult, InviteError, OutcomeUnknownError, Scope
from invite_sdk._flows.claims import claims
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Alone, Claim, Effect, Flow, Send
from invite_sdk.testing import FakeWaldur, Fault
from tests.reliability.moved_time import MovedTime
from tests.reliability.stateful import StepClient

ROLES = ("PROJECT.ADMIN", "PROJECT.MEMBER")
PROJECTS = ("Apollo", "Beta", "Zeus")
FAULTS = (
    Fault.refuse_connection(),
    Fault.drop_reply(),
    Fault.drop_request(),
    Fault.status(500),
    Fault.status(500, after_effect=True),
    Fault.slow_headers(5),
    Fault.invalid_json(),
    Fault.truncated_body(),
)
_OPEN = frozenset({"requested", "project", "pending"})
_BLOCKED, _BEGUN = object(), object()


@dataclass
class Figures:
    """What many schedules showed."""

    calls: int = 0
    made: int = 0
    """Calls that returned an invitation of their own."""
    found: int = 0
    """Calls that returned one that was there."""
    refused: int = 0
    unknown: int = 0
    partial: int = 0
    """Calls that made one whose id nobody could read."""
    withdrawn: int = 0
    """Invitations that were canceled by the call that had made them."""
    changes: int = 0
    waits: int = 0
    """Steps in which a call waited for another one's lookup, or for another one that was about the same person."""
    wrong: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Call:
    """A call on its way."""

    words: str
    role: str
    project: str
    client: StepClient
    ctx: Context
    flows: list[tuple[Flow[Any], Lock]]
    """The call's, and within it the lookup that it makes alone."""
    named: set[tuple[str, str]]
    """Projects by UUID, and what they were called at some moment since it began."""
    effect: Effect | None = None
    made: list[str] = field(default_factory=list[str])
    since: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """The same since it made one: what got its name back before the call was over is what was asked for."""


class Schedule:
    """One schedule."""

    def __init__(self, seed: int, figures: Figures) -> None:
        self.seed = seed
        self.figures = figures
        self.luck = Random(f"naming:{seed}")
        self.fake = FakeWaldur(self.luck.choice(("7.0.7", "2025", "2026")), seed=seed)
        self.time = MovedTime(self.fake.clock)
        shared = self._client()
        self.clients = [shared, self._client(), self._child(shared)]
        self.running: list[Call] = []
        self.people = 0
        self.pace = self.luck.choice((0.02, 0.05, 0.1))
        """How often anything changes."""
        if self.luck.random() < 0.6:
            self.fake.faults.random(seed=seed, rate=self.luck.choice((0.05, 0.2)), faults=FAULTS)

    def _client(self) -> StepClient:
        made = StepClient(self.fake.connection("owner"), transport=self.fake.transport())
        made.runs = False
        self.time.drive(made)
        return made

    def _child(self, parent: StepClient) -> StepClient:
        """Another client with the same memory, as a child of `with_options` has."""
        made = self._client()
        made._facade.shared = replace(made._facade.shared, names=parent._facade.shared.names)
        return made

    def run(self) -> None:
        """Runs it to its end."""
        left = self.luck.randint(8, 16)
        while left or self.running:
            if self.luck.random() < self.pace:
                self._change()
            if left and len(self.running) < 3 and self.luck.random() < 0.5:
                left -= 1
                self._start()
            elif self.running:
                self._advance(self.luck.choice(self.running))
        for client in self.clients:
            client.close()
        if claims.held():
            self._wrong("something stays held")

    # What changes meanwhile.

    def _change(self) -> None:
        self.figures.changes += 1
        self.luck.choices((self._swap, self._rename, self._renew, self._switch), (4, 1, 2, 1))[0]()
        for call in self.running:
            call.named |= self._names()
            if call.made:
                call.since |= self._names()

    def _names(self) -> set[tuple[str, str]]:
        return {(project.uuid, project.name) for project in self.fake.projects.values()}

    def _live(self) -> list[Any]:
        return [project for project in self.fake.projects.values() if not project.removed]

    def _swap(self) -> None:
        one, other = self.luck.sample(self._live(), 2)
        self.fake.rename(one, other.name)
        self.fake.rename(other, one.name)

    def _rename(self) -> None:
        name = self.luck.choice(PROJECTS)
        self.fake.rename(self.luck.choice(self._live()), self.luck.choice((name, name.upper())))

    def _renew(self) -> None:
        old = self.luck.choice(self._live())
        self.fake.remove_project(old)
        self.fake.add_project(old.name, key=f"{old.key}+")

    def _switch(self) -> None:
        off = next((role for role in ROLES if not self.fake.roles[role].is_active), None)
        self.fake.set_role_active(off or self.luck.choice(ROLES), active=off is not None)

    # Calls.

    def _start(self) -> None:
        self.figures.calls += 1
        operation = self.luck.choice(("create", "ensure"))
        if operation == "create" or self.luck.random() < 0.5:
            self.people += 1
        role, project = self.luck.choice(ROLES), self.luck.choice(PROJECTS)
        email = f"{operation}{self.people}@example.org"
        client = self.luck.choice(self.clients)
        organization = self.luck.choice((None, "Acme Org"))
        given = {"role": self.luck.choice((role, role.lower())), "scope": Scope("project", project, organization)}
        getattr(client, operation)(email, **given)
        ctx, flow = client.begun
        words = f"{operation}({email}, {role}, {project})"
        call = Call(words, role, project, client, ctx, [(flow, _locked())], self._names())
        self.running.append(call)

    def _advance(self, call: Call) -> None:
        """One effect of a call."""
        flow, holder = call.flows[-1]
        try:
            if call.effect is None:
                call.effect = next(flow)
                return
            result = self._interpret(call, call.effect, holder)
            if result is _BEGUN:
                call.effect = None
            elif result is not _BLOCKED:
                call.effect = flow.send(result)
        except StopIteration as end:
            self._leave(call, end.value)
        except InviteError as error:
            self._raised(call, error)

    def _raised(self, call: Call, error: InviteError) -> None:
        """Gives an error to the innermost flow, unless it came out of that."""
        while call.flows:
            flow, holder = call.flows[-1]
            try:
                call.effect = flow.throw(error)
            except StopIteration as end:
                self._leave(call, end.value)
            except InviteError as thrown:
                error = thrown
                call.flows.pop()
                holder.release()
                continue
            return
        self._end(call, error)

    def _leave(self, call: Call, value: object) -> None:
        _, holder = call.flows.pop()
        holder.release()
        if not call.flows:
            self._end(call, value)
            return
        try:
            call.effect = call.flows[-1][0].send(value)
        except StopIteration as end:
            self._leave(call, end.value)
        except InviteError as error:
            call.flows.pop()[1].release()
            self._raised(call, error)

    def _interpret(self, call: Call, effect: Effect, holder: Lock) -> object:
        if isinstance(effect, Claim):
            return self._taken(effect.key, holder)
        if isinstance(effect, Alone):
            alone = _locked()
            if self._taken(effect.key, alone) is _BLOCKED:
                return _BLOCKED
            call.flows.append((effect.begin(), alone))
            return _BEGUN
        rows = {row.uuid for row in self.fake.invitations}
        call.client.runs = True
        try:
            return call.client._interpret(effect, call.ctx)
        finally:
            call.client.runs = False
            if isinstance(effect, Send):
                self._note(call, rows)

    def _taken(self, key: object, holder: Lock) -> object:
        if claims.take(key, holder):
            return True
        self.figures.waits += 1
        return _BLOCKED

    def _note(self, call: Call, before: set[str]) -> None:
        for row in self.fake.invitations:
            if row.uuid not in before:
                call.made.append(row.uuid)
                call.since = self._names()

    def _role(self, row: Any) -> str:
        return next(role.name for role in self.fake.roles.values() if role.uuid == row.role)

    # What must hold.

    def _end(self, call: Call, outcome: object) -> None:
        self.running.remove(call)
        rows = {row.uuid: row for row in self.fake.invitations}
        opened = [key for key in call.made if rows[key].state in _OPEN]
        self.figures.withdrawn += len(call.made) - len(opened)
        if len(call.made) > 1:
            self._wrong(f"{call.words} made {len(call.made)}")
        if isinstance(outcome, InviteError):
            is_unknown = isinstance(outcome, OutcomeUnknownError)
            self.figures.unknown += is_unknown
            self.figures.refused += not is_unknown
            if opened and not is_unknown:
                self._wrong(f"{call.words} says {outcome}, and left {opened[0]} open")
            return
        found: Any = outcome.invitation if isinstance(outcome, EnsureResult) else outcome
        if found.id is not None and [key for key in opened if key != found.id]:
            self._wrong(f"{call.words} made another one than it returned")
        asked = (call.role, call.project.casefold())
        if call.made and found.id in (None, *call.made):
            self.figures.made += 1
            self.figures.partial += found.id is None
            row = rows[call.made[0]]
            names = {(self._role(row), name.casefold()) for uuid, name in call.since if uuid == row.scope}
            if asked not in names:
                self._wrong(f"{call.words} made one for {names}")
            return
        self.figures.found += 1
        row = rows[found.id]
        called = {name.casefold() for uuid, name in call.named if uuid == row.scope}
        if self._role(row) != call.role or asked[1] not in called:
            self._wrong(f"{call.words} found one for {self._role(row)} in {called}")

    def _wrong(self, words: str) -> None:
        self.figures.wrong.append(f"schedule {self.seed}: {words}")


def _locked() -> Lock:
    made = Lock()
    made.acquire()
    return made


def run(seeds: Iterable[int]) -> Figures:
    """Runs schedules."""
    figures = Figures()
    for seed in seeds:
        Schedule(seed, figures).run()
    return figures
