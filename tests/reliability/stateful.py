"""Schedules: random operations of several clients, interleaved, under faults, against a plain model of the truth.

`python -m tests.reliability.stateful --schedules 2000 --seed 1` prints the figures as JSON; `--only SEED` replays one.
Everything follows from the seed. Nothing sleeps, and no clock but the fakes' own is read.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random
from threading import Lock
from typing import Any

import httpx

from invite_sdk import (
    Acceptance,
    AlreadyInvitedError,
    DeadlineExceededError,
    EnsureResult,
    Invitation,
    InviteClient,
    InviteError,
    OutcomeUnknownError,
    RateLimitedError,
)
from invite_sdk._clients.facade import Wanted, located
from invite_sdk._flows.claims import claims
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Claim, Effect, Emit, Flow, Send
from invite_sdk._flows.writes import Writes
from tests.reliability.grounds import GONE, GROUNDS, OPEN, EnhanceGround, Ground, Row, Step
from tests.reliability.moved_time import MovedTime
from tests.reliability.stateful_figures import POOLS, Figures

DEADLINE = 60.0
GRACE = 1.0
"""Seconds by which a dripped body may outlast a deadline."""


class StepClient(InviteClient):
    """A client whose calls do not run: each leaves its flow here, to be taken step by step."""

    __slots__ = ("begun", "runs")
    runs: bool
    begun: tuple[Context, Flow[Any]]

    def _run(self, ctx: Context, flow: Flow[Any]) -> Any:
        # What a step needs in between, such as a login, runs to its end.
        if self.runs:
            return super()._run(ctx, flow)
        self.begun = (ctx, located(ctx, flow))
        return None


@dataclass(slots=True)
class Running:
    """A call on its way."""

    step: Step
    client: StepClient
    ctx: Context
    flow: Flow[Any]
    began: float
    effect: Effect | None = None
    holder: Lock = field(default_factory=Lock)
    """Locked while the call runs."""
    claimed_at: float | None = None
    made: list[str] = field(default_factory=list[str])
    """The ids that appeared on the server during its requests."""
    effects: Counter[str] = field(default_factory=Counter[str])
    faults: int = 0
    overlapped: bool = False
    """Whether another call was about the same invitation meanwhile, or something happened to it."""
    listed: list[str] = field(default_factory=list[str])
    """The ids that a listing has brought."""
    owed: set[str] = field(default_factory=set[str])
    """The ids that were there when it began."""
    writes: int = 0
    """How many writes there had been then."""


class Schedule:
    """One schedule: a world, a few clients, steps one after the other or interleaved, and what must hold after each."""

    def __init__(self, seed: int, figures: Figures, *, told: list[str] | None = None) -> None:
        self.seed = seed
        self.figures = figures
        self.told = told
        self.luck = Random(f"schedule:{seed}")
        name = list(GROUNDS)[seed % len(GROUNDS)]
        self.ground: Ground = GROUNDS[name](self.luck)
        self.name = name
        self.fake = self.ground.fake
        self.time = MovedTime(self.fake.clock)
        self.clients: dict[tuple[str, int], StepClient] = {}
        self.width = self.luck.choice((1, 1, 2, 3, 4))
        self.is_crowded = bool(self.ground.remover) and self.width > 1 and self.luck.random() < 0.4
        """Whether it begins with a listing of several pages."""
        if self.is_crowded:
            self.ground.crowd(self.luck.randint(5, 10))
        self.lines = self.luck.choice((1, 2, 3))
        """How many clients each user has."""
        self.model: dict[str, set[str]] = {key: {row.state} for key, row in self.ground.rows().items()}
        """The states in which each invitation may be, by what callers were told."""
        self.running: list[Running] = []
        pool = self.luck.choice(POOLS)
        if getattr(self.fake, "answer", None) == "text":
            # Half of a plain text is a plain text: nobody can tell.
            pool = tuple(fault for fault in pool if fault.kind != "invalid_json")
        self.writes = Writes()
        """Every client knows of every write here, as children of one client do."""
        self.is_terse = self.luck.random() < 0.5
        """Whether pages do not say how many rows there are."""
        rate = self.luck.choice((0.05, 0.15, 0.3, 0.6))
        self.fake.faults.random(seed=seed, rate=rate, faults=pool)

    def run(self) -> None:
        """Runs it to its end."""
        self.figures.schedules += 1
        self.figures.interleaved += self.width > 1
        left = self.luck.randint(6, 14)
        while left or self.running:
            if left and len(self.running) < self.width and (not self.running or self.luck.random() < 0.5):
                left -= 1
                if self.luck.random() < 0.1:
                    self._event()
                self._start(self._next())
            elif self.running:
                self._advance(self.luck.choice(self.running))
        self._settle()
        for client in self.clients.values():
            client.close()
        self.figures.requests += len(self.fake.requests)
        injected = self.fake.faults.injected
        self.figures.faults += sum(one.visible for one in injected)
        self.figures.kinds.update(str(one.fault) for one in injected)

    def _next(self) -> Step:
        """The next step; beside a listing, as a rule one that removes what it has brought."""
        if self.is_crowded and not self.clients:
            return Step("list", self.ground.remover)
        brought = [key for call in self.running for key in call.listed if key in self.ground.rows()]
        if brought and self.ground.remover and self.luck.random() < 0.6:
            return self.ground.removal(self.luck.choice(brought))
        return self.ground.step()

    # Calls.

    def _client(self, user: str) -> StepClient:
        key = (user, self.luck.randrange(self.lines))
        if key not in self.clients:
            transport = Terse(self.fake.transport()) if self.is_terse else self.fake.transport()
            made = StepClient(self.fake.connection(user), transport=transport, max_body=60_000)
            made.runs = False
            made._facade.shared = replace(made._facade.shared, writes=self.writes)
            self.time.drive(made, luck=self.luck.random())
            self.clients[key] = made
        return self.clients[key]

    def _start(self, step: Step) -> None:
        self.figures.calls += 1
        client = self._client(step.user)
        call = self._listing(step, client) if step.operation == "list" else self._operation(step, client)
        call.holder.acquire()
        for other in self.running:
            if step.target is not None and other.step.target == step.target:
                call.overlapped = other.overlapped = True
        self.running.append(call)
        self._advance(call)

    def _operation(self, step: Step, client: StepClient) -> Running:
        getattr(client, step.operation)(*step.given, **step.named)
        return Running(step, client, *client.begun, self.time.monotonic())

    def _listing(self, step: Step, client: StepClient) -> Running:
        """A listing of small pages, where the service has such; others write between its pages."""
        page_size = self.luck.choice((1, 2, 3)) if client.supports("list", "page_size") else None
        ctx = client._facade.context("list", {})
        start, _ = client._facade.list(ctx, Wanted(), None, page_size)
        call = Running(step, client, ctx, located(ctx, start()), self.time.monotonic())
        call.owed, call.writes = set(self.ground.rows()), self.writes.count
        return call

    def _advance(self, call: Running) -> None:
        """One effect of a call."""
        try:
            if call.effect is None:
                call.effect = next(call.flow)
                return
            try:
                result = self._interpret(call, call.effect)
            except InviteError as error:
                call.effect = call.flow.throw(error)
                return
            if result is not _BLOCKED:
                call.effect = call.flow.send(result)
        except StopIteration as end:
            self._end(call, end.value)
        except InviteError as error:
            self._end(call, error)

    def _interpret(self, call: Running, effect: Effect) -> object:
        if isinstance(effect, Claim):
            if claims.take(effect.key, call.holder):
                return True
            call.claimed_at = self.time.monotonic() if call.claimed_at is None else call.claimed_at
            return False if self.time.monotonic() - call.claimed_at > effect.seconds else _BLOCKED
        if isinstance(effect, Emit):
            call.listed += [row.id or "" for row in effect.page.rows]
            return None
        before = Counter(self.fake.effects)
        rows = set(self.ground.rows()) if isinstance(effect, Send) else set[str]()
        met = len(self.fake.faults.injected)
        call.client.runs = True
        try:
            return call.client._interpret(effect, call.ctx)
        finally:
            call.client.runs = False
            call.faults += len(self.fake.faults.injected) - met
            if isinstance(effect, Send):
                call.effects.update(Counter(self.fake.effects) - before)
                call.made += [key for key in self.ground.rows() if key not in rows]

    def _listed(self, call: Running) -> None:
        """What a listing must have brought: every row that was there all the time, and none twice."""
        self.figures.listings += 1
        self.figures.beside += self.writes.count > call.writes
        for key in call.listed:
            self._need(self._was_there(key) or key in self.model, f"listed {key}, which is not there")
        self._need(len(set(call.listed)) == len(call.listed), "a row was listed twice")
        if not call.faults and self.ground.ensured:
            missing = (call.owed & set(self.ground.rows())) - set(call.listed)
            self._need(not missing, f"{len(missing)} rows were not listed")

    def _end(self, call: Running, outcome: object) -> None:
        self.running.remove(call)
        call.holder.release()
        if self.told is not None:
            self.told.append(f"{call.step} → {_words(outcome)} {dict(call.effects)} made {call.made}")
        if isinstance(outcome, OutcomeUnknownError):
            self.figures.unknown += 1
            self.figures.unknown_taken += bool(call.effects)
            self._need(call.faults > 0, f"{call.step} has an unknown outcome without a fault")
        elif isinstance(outcome, InviteError):
            self.figures.refused += 1
        else:
            self.figures.results += 1
            found = _invitation(outcome)
            self.figures.partial += found is not None and found.partial
        if call.step.operation == "list":
            if isinstance(outcome, InviteError):
                # The waits of others move the clock on which its deadline passes.
                late = self.width > 1 and isinstance(outcome, DeadlineExceededError)
                # A client that was told to wait sends nothing until then.
                late = late or (isinstance(outcome, RateLimitedError) and "nothing was sent" in outcome.message)
                self._need(call.faults > 0 or late, f"a listing failed without a fault: {_words(outcome)}")
            else:
                self._listed(call)
            return
        if self.width == 1:
            took = self.time.monotonic() - call.began
            self._need(took <= DEADLINE + GRACE, f"{call.step} took {took:.1f} s")
        self._at_most_once(call)
        if call.step.operation in ("create", "ensure") or (
            call.step.operation == "resend" and isinstance(self.ground, EnhanceGround)
        ):
            self._invited(call, outcome)
        else:
            self._need(not call.made, f"{call.step} made an invitation")
            self._changed(call, outcome)
        if isinstance(self.ground, EnhanceGround) and isinstance(outcome, Invitation) and call.made:
            self.ground.known.append(outcome)
        self._compare()

    # What must hold.

    def _at_most_once(self, call: Running) -> None:
        for effect in self.ground.once:
            if call.effects.get(effect, 0) > 1:
                self._wrong(self.figures.duplicates, f"{call.step} {effect} {call.effects[effect]} times")
        if len(call.made) > 1:
            self._wrong(self.figures.duplicates, f"{call.step} made {len(call.made)} invitations")
        for email in self.ground.ensured:
            rows = [row for row in self.ground.rows().values() if row == Row(email, OPEN)]
            if len(rows) > 1:
                self._wrong(self.figures.duplicates, f"{len(rows)} open invitations for {email} after {call.step}")

    def _invited(self, call: Running, outcome: object) -> None:
        """A call that invites: what it made is what it returned, or it says that it cannot tell."""
        there = self.ground.rows()
        if isinstance(outcome, OutcomeUnknownError):
            self._adopt(call)
        elif isinstance(outcome, InviteError):
            if call.made:
                self._wrong(self.figures.lost, f"{call.step} made {call.made[0]} and says {_words(outcome)}")
            if isinstance(outcome, AlreadyInvitedError) and outcome.existing is not None:
                self._need(self._was_there(outcome.existing.id), f"{call.step}: .existing is not there")
        else:
            found = _invitation(outcome)
            assert found is not None
            if found.id is None:
                self._need(found.partial, f"{call.step} returned no id and is not partial")
                self._exists(bool(call.made), call)
            else:
                self._exists(self._was_there(found.id), call)
                row = there.get(found.id)
                if row is not None and found.email is not None and not call.overlapped:
                    self._need(row.email == call.step.email or row.email.startswith("moved"), f"{call.step}: wrong row")
                # One that somebody else has taken back meanwhile cannot be found any more, and need not be.
                still = [key for key in call.made if key in there and there[key].state == OPEN]
                if any(key != found.id for key in still):
                    self._wrong(self.figures.lost, f"{call.step} made {call.made} and returned {found.id}")
            self._adopt(call)

    def _changed(self, call: Running, outcome: object) -> None:
        """A call that changes one invitation: the model believes what it is told."""
        target, leaves = call.step.target, call.step.leaves
        if target is None or leaves is None:
            return
        if isinstance(outcome, OutcomeUnknownError) or call.overlapped:
            if not isinstance(outcome, InviteError) or isinstance(outcome, OutcomeUnknownError):
                self.model.setdefault(target, {GONE}).add(leaves)
        elif not isinstance(outcome, InviteError):
            self.model[target] = {leaves}

    def _compare(self) -> None:
        """Every invitation on the server is known, and in a state that somebody was told of."""
        there = self.ground.rows()
        busy = {call.step.target for call in self.running}
        fresh = {key for call in self.running for key in call.made}
        for key in there:
            if key not in self.model and key not in fresh:
                self._wrong(self.figures.lost, f"{key} for {there[key].email} is on the server, and nobody was told")
                self.model[key] = {there[key].state}
        # A new key of a panel ends the ones before it, and so does the acceptance of another one.
        is_replacing = isinstance(self.ground, EnhanceGround)
        for key, states in self.model.items():
            state = there[key].state if key in there else GONE
            if key not in busy | fresh and state not in states and not is_replacing:
                self._wrong(self.figures.untrue, f"{key} is {state}, not {' or '.join(sorted(states))}")
                self.model[key] = {state}

    def _settle(self) -> None:
        """At the end nothing is claimed, and the model holds all there is."""
        if claims.held():
            self._wrong(self.figures.untrue, "something stays claimed")
        self._compare()

    def _adopt(self, call: Running) -> None:
        there = self.ground.rows()
        for key in call.made:
            # Others may have had it in hands already, having found it before its maker came back.
            states = self.model.setdefault(key, set())
            states.add(OPEN)
            if call.overlapped or self.running:
                states.add(there[key].state if key in there else GONE)

    def _was_there(self, key: str | None) -> bool:
        return key in self.ground.rows() or GONE in self.model.get(key or "", set()) or bool(self.running)

    def _exists(self, exists: bool, call: Running) -> None:
        if not exists:
            self._wrong(self.figures.lost, f"{call.step} returned an invitation that is not on the server")

    def _event(self) -> None:
        before = self.ground.rows()
        self.ground.event()
        for key, row in self.ground.rows().items():
            if before.get(key) != row:
                self.model.setdefault(key, set()).add(row.state)
                for call in self.running:
                    if call.step.target == key:
                        call.overlapped = True

    def _need(self, holds: bool, words: str) -> None:
        if not holds:
            self._wrong(self.figures.untrue, words)

    def _wrong(self, kind: list[str], words: str) -> None:
        kind.append(f"schedule {self.seed} ({self.name}): {words}")


_BLOCKED = object()


def _invitation(outcome: object) -> Invitation | None:
    if isinstance(outcome, (Acceptance, EnsureResult)):
        return outcome.invitation
    return outcome if isinstance(outcome, Invitation) else None


def _words(outcome: object) -> str:
    if isinstance(outcome, InviteError):
        return f"{type(outcome).__name__}: {outcome.message}"
    found = _invitation(outcome)
    return repr(outcome) if found is None else f"{type(outcome).__name__} {found.id} {found.status}"


class Terse(httpx.BaseTransport):
    """A way to a fake whose pages do not say how many rows there are, which no service promises."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        said = self._inner.handle_request(request)
        if request.method != "GET" or said.status_code != 200:
            return said
        headers = [(name, value) for name, value in said.headers.multi_items() if name != "x-result-count"]
        stream = said.stream
        if type(stream) is httpx.ByteStream:
            stream = httpx.ByteStream(re.sub(rb'"count":\s*\d+,\s*', b"", b"".join(stream), count=1))
            headers = [(name, value) for name, value in headers if name != "content-length"]
        return httpx.Response(200, headers=headers, stream=stream, request=request)


def run(seeds: Iterable[int], *, told: list[str] | None = None) -> Figures:
    """Runs schedules."""
    figures = Figures()
    for seed in seeds:
        Schedule(seed, figures, told=told).run()
    return figures


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.stateful", description=__doc__)
    parser.add_argument("--schedules", type=int, default=2000, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--only", type=int, help="replay this one and tell what it does")
    given = parser.parse_args(arguments)
    told: list[str] = []
    seeds = range(given.seed, given.seed + given.schedules) if given.only is None else [given.only]
    figures = run(seeds, told=None if given.only is None else told)
    for line in told:
        sys.stderr.write(line + "\n")
    sys.stdout.write(json.dumps(figures.as_dict(), indent=2) + "\n")
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
