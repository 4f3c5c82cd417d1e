"""Which requests of a fake go wrong, and how: planned or at random from a seed, and on record."""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from invite_sdk.testing.faults.acts import Stage
from invite_sdk.testing.faults.kinds import Fault
from invite_sdk.testing.faults.record import Exchange, FakeReply
from invite_sdk.testing.messages import FakeRequest

if TYPE_CHECKING:
    from invite_sdk.testing.faults.acts import Faulty

Predicate = Callable[[FakeRequest], bool]


@dataclass(slots=True)
class Plan:
    """A fault that waits for its request. `Faults.plan` makes one."""

    fault: Fault
    on: tuple[str, ...] = ()
    """The operations that it may meet; any when empty."""
    nth: tuple[int, ...] = ()
    """Which of their requests, counted from 1 and from the planning on; the next ones when empty."""
    when: Predicate | None = field(default=None, repr=False)
    times: int | None = 1
    """How many requests in a row it meets; all of them when `None`."""
    seen: int = 0
    """How many requests fitted so far, met or not."""
    met: int = 0
    """How many requests met it so far."""

    @property
    def left(self) -> float:
        """How many requests it still has to meet: 0 when all is done, infinity when it has no end and met none."""
        if self.times is None:
            return 0 if self.met else math.inf
        if not self.nth:
            return self.times - self.met
        wanted, end = 0, 0
        for start in sorted(self.nth):
            wanted += max(0, start + self.times - max(start, end))
            end = start + self.times
        return wanted - self.met

    def __str__(self) -> str:
        where = " or ".join(self.on) or "any operation"
        which = f", request {' and '.join(map(str, self.nth))}" if self.nth else ""
        often = {1: "", None: ", every time"}.get(self.times, f", {self.times} times")
        return f"{self.fault} on {where}{which}{often}"

    def fits(self, request: FakeRequest, operation: str | None) -> bool:
        """Whether a request is of the kind that it waits for."""
        return (not self.on or operation in self.on) and (self.when is None or self.when(request))

    def wants(self) -> bool:
        """Whether it is the turn of the request that was seen last."""
        if not self.nth:
            return self.times is None or self.met < self.times
        return any(start <= self.seen < (math.inf if self.times is None else start + self.times) for start in self.nth)


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault that a request met."""

    fault: Fault
    request: FakeRequest
    operation: str | None
    exchange: Exchange | None
    """Its place in `fake.requests`; `None` where the request never arrived."""
    visible: bool = True
    """Whether the caller can notice. An answer without a body cannot be cut, nor one without the field lack it."""


class Faults:
    """The faults of one fake. A request meets one at most: planned ones in the order of their planning, then random.

    All is repeatable: the same plans and seeds, and the same requests in the same order, meet the same faults.
    """

    def __init__(self, fake: Faulty) -> None:
        self._fake = fake
        self._lock = threading.RLock()
        self._plans: list[Plan] = []
        self._chances: list[_Chance] = []
        self._injected: list[Injected] = []

    def __repr__(self) -> str:
        said = f"{len(self.planned)} planned, {len(self.unused)} unused, {len(self.injected)} injected"
        return f"<Faults of {self._fake.service}: {said}>"

    @property
    def planned(self) -> tuple[Plan, ...]:
        """Every plan, done or not, in order."""
        return tuple(self._plans)

    @property
    def unused(self) -> tuple[Plan, ...]:
        """The plans that have not met all the requests that they were made for."""
        return tuple(plan for plan in self._plans if plan.left)

    @property
    def injected(self) -> tuple[Injected, ...]:
        """What went wrong so far, in order."""
        return tuple(self._injected)

    def plan(
        self,
        fault: Fault,
        *,
        on: str | Collection[str] | None = None,
        nth: int | Collection[int] | None = None,
        when: Predicate | None = None,
        times: int | None = 1,
    ) -> Plan:
        """Plans a fault.

        Args:
            fault: what goes wrong.
            on: the operationId that it meets, or several; any when left out, and requests of no operation too.
            nth: which of the requests that fit, counted from 1 and from now on. When left out, the next ones that
                meet no other fault: two plans for one operation then meet its next two requests.
            when: whether a request fits, beside its operation.
            times: how many in a row, from each `nth` on; `None` for all.

        Raises:
            ValueError: an operation that the service does not have, or a number below 1.
        """
        positions = () if nth is None else (nth,) if isinstance(nth, int) else tuple(nth)
        for number in positions:
            _count("nth", number)
        _count("times", 1 if times is None else times)
        plan = Plan(fault, self._named(on), positions, when, times)
        with self._lock:
            self._plans.append(plan)
        return plan

    def random(
        self,
        *,
        seed: int,
        rate: float,
        faults: Sequence[Fault],
        on: str | Collection[str] | None = None,
        when: Predicate | None = None,
        times: int | None = None,
    ) -> None:
        """Lets requests go wrong at random.

        Args:
            seed: which ones, and how, follows from it.
            rate: the share of the requests that fit, from 0 to 1.
            faults: what goes wrong, each as likely as the others.
            on: the operationId, or several; any when left out.
            when: whether a request fits, beside its operation.
            times: how many at most; no limit when left out.

        Raises:
            ValueError: a rate out of range, no faults, a number of times below 1, or an operation that the service does
                not have.
        """
        if not 0 <= rate <= 1 or not faults:
            msg = f"a rate is from 0 to 1 and needs faults to choose from: {rate}, {len(faults)} faults"
            raise ValueError(msg)
        _count("times", 1 if times is None else times)
        limit = math.inf if times is None else times
        chance = _Chance(random.Random(f"faults:{seed}"), rate, tuple(faults), self._named(on), when, limit)
        with self._lock:
            self._chances.append(chance)

    def clear(self) -> None:
        """Forgets the plans, the random faults, and what went wrong."""
        with self._lock:
            self._plans.clear()
            self._chances.clear()
            self._injected.clear()

    def meet(self, request: FakeRequest) -> Fault | None:
        """The fault that a request meets. Asking counts the request."""
        if not self._plans and not self._chances:
            return None
        operation = self._fake.operation_of(request)
        chosen: Fault | None = None
        with self._lock:
            for plan in self._plans:
                if plan.fits(request, operation):
                    plan.seen += 1
                    if chosen is None and plan.wants():
                        plan.met += 1
                        chosen = plan.fault
            for chance in self._chances:
                drawn = chance.draw(request, operation, free=chosen is None)
                chosen = chosen or drawn
        return chosen

    def inject(self, fault: Fault, request: FakeRequest) -> FakeReply:
        """Answers a request that meets a fault, and puts both on record."""
        stage = Stage(self._fake, request)
        answer = fault.act(stage)
        if answer is None:
            self.lose(fault, request)
            return FakeReply(None, fault.wire, fault)
        answer = answer.to(request)
        exchange = Exchange(request, answer, stage.operation, fault)
        self._fake.requests.append(exchange)
        same = stage.answered is not None and answer == stage.answered.to(request)
        visible = fault.effect == "none" or not same or fault.wire.shows(answer.body)
        with self._lock:
            self._injected.append(Injected(fault, request, stage.operation, exchange, visible))
        return FakeReply(answer, fault.wire, fault)

    def lose(self, fault: Fault, request: FakeRequest) -> None:
        """Puts on record that a request was lost on its way to the service."""
        with self._lock:
            self._injected.append(Injected(fault, request, self._fake.operation_of(request), None))

    def _named(self, on: str | Collection[str] | None) -> tuple[str, ...]:
        names = () if on is None else (on,) if isinstance(on, str) else tuple(on)
        known = self._fake.operations
        for name in names:
            if known and name not in known:
                near = get_close_matches(name, known, 1) or [f"one of {', '.join(known)}"]
                msg = f"{self._fake.service} has no operation {name!r}; did you mean {near[0]}?"
                raise ValueError(msg)
        return names


def _count(name: str, number: int) -> None:
    if not number >= 1:
        msg = f"{name}: requests are counted from 1, not {number}"
        raise ValueError(msg)


@dataclass(slots=True)
class _Chance:
    """Faults at random."""

    source: random.Random
    rate: float
    faults: tuple[Fault, ...]
    on: tuple[str, ...]
    when: Predicate | None
    left: float

    def draw(self, request: FakeRequest, operation: str | None, *, free: bool) -> Fault | None:
        if (self.on and operation not in self.on) or (self.when is not None and not self.when(request)):
            return None
        # Two numbers for each request that fits, so that what one meets does not depend on the others' luck.
        hit, which = self.source.random() < self.rate, self.source.randrange(len(self.faults))
        if not (hit and free and self.left > 0):
            return None
        self.left -= 1
        return self.faults[which]
