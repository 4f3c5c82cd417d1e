"""One cell of the fault matrix: one operation of one service in one way, with faults on its way, and what must hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from http.cookies import SimpleCookie
from typing import Any

from invite_sdk import (
    DeadlineExceededError,
    Invitation,
    InviteClient,
    InviteError,
    OutcomeUnknownError,
    RateLimitedError,
    RoleInfo,
    ScopeInfo,
)
from invite_sdk._flows.effects import AttemptEvent
from invite_sdk.testing import Exchange, FakeZenML, Fault
from invite_sdk.testing.suite.calling import LISTED
from invite_sdk.testing.suite.plain import plain
from tests.behaviour.worlds import WORLDS, Case, World, declared
from tests.behaviour.worlds.enhance import PASSWORD, EnhanceWorld
from tests.reliability.either import Client, opened, play, result_of
from tests.reliability.leaks import Secret, found_in, said_by
from tests.reliability.moved_time import MovedTime
from tests.reliability.truth import untruths

DEADLINE = 60.0
"""Seconds: the default of the clients."""
DRIP = 0.5
"""Seconds between two bytes of a dripped body. The end may be late by two of them: the fake cannot be interrupted."""
MAX_BODY = 60_000
"""Bytes that the clients take; oversized bodies have more."""
BY_NAME = " by name"
"""What follows an operation whose role and place are given by name."""
REPEATABLE = frozenset({"updated", "logged_in", "deleted", "canceled"})
"""Effects that happen again without harm: the state is the same afterwards."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Which operation, and which of its requests meet which faults."""

    world: str
    operation: str
    faults: tuple[tuple[int, Fault], ...] = ()
    """The number of the request, from 1, and what goes wrong with it."""
    lasts: bool = False
    """Whether every request after that goes wrong too."""

    def __str__(self) -> str:
        met = ", ".join(f"{fault} on request {number}" for number, fault in self.faults) or "no fault"
        return f"{self.world} {self.operation}: {met}{' and on' if self.lasts else ''}"


@dataclass(slots=True)
class Seen:
    """What a cell showed."""

    cell: Cell
    wrong: list[str] = field(default_factory=list)
    """What did not hold; nothing, as a rule."""
    outcome: str = "result"
    """`result`, `unknown`, or the error's class."""
    took: bool = False
    """Whether the write took effect."""
    visible: int = 0
    """How many of the faults that its requests met could be noticed."""
    seconds: float = 0.0


async def run(cell: Cell, way: str, heard: list[str]) -> Seen:
    """Carries a cell out and says what did not hold. `way` is `sync`, or else an event loop that runs."""
    world = start(cell.world)
    fake = world.fake
    with InviteClient(world.connection(), transport=fake.transport()) as prepare:
        case = _case(world, cell.operation, prepare)
    heard.clear()
    before = Counter(fake.effects)
    for number, fault in cell.faults:
        fake.faults.plan(fault, nth=number, times=None if cell.lasts else 1)
    time = MovedTime(fake.clock)
    events: list[AttemptEvent] = []
    seen = Seen(cell)
    told: object = None
    error: BaseException | None = None
    options = {"transport": fake.transport(), "max_body": MAX_BODY, "hooks": [events.append]}
    async with opened(way, world.connection(case.user), time, **options) as client:
        try:
            told = await _called(client, cell.operation, case)
        except Exception as raised:  # noqa: BLE001 - whatever it is, it is looked at
            error = raised
    seen.seconds = time.monotonic()
    seen.visible = sum(injected.visible for injected in fake.faults.injected)
    _check(seen, world, case, Counter(fake.effects) - before, told, error)
    secrets = tuple(secrets_of(world, case))
    said = [("events", repr(events)), ("logs", "\n".join(heard)), ("client", repr(client))]
    if isinstance(error, InviteError):
        said += said_by(error)
    else:
        page = getattr(told, "_repr_html_", str)
        said.append(("result", f"{told!r} {told} {page()}"))
    seen.wrong += [f"leaked {found}" for found in found_in(said, secrets)]
    return seen


def _case(world: World, operation: str, client: InviteClient) -> Case:
    plainly = operation.removesuffix(BY_NAME)
    case = world.case(plainly, client)
    if plainly == operation:
        return case
    names = world.names()
    by_name = {"role": names.role} if plainly == "update" else names.named
    return replace(case, named={**case.named, **by_name})


async def _called(client: Client, operation: str, case: Case) -> object:
    made: Any = getattr(client, operation.removesuffix(BY_NAME))(*case.given, **case.named)
    if operation in LISTED:
        return [*await result_of(made.all()), *made.problems]
    return await result_of(made)


def _check(
    seen: Seen, world: World, case: Case, effects: Mapping[str, int], told: object, error: BaseException | None
) -> None:
    faults = tuple(fault for _, fault in seen.cell.faults)
    usual = baseline(seen.cell.world, seen.cell.operation).effects if faults else effects
    seen.wrong += [
        f"{name} {count} times" for name, count in effects.items() if count > usual[name] and name not in REPEATABLE
    ]
    seen.took = case.effect is not None and effects.get(case.effect, 0) > 0
    if seen.seconds > DEADLINE + 2 * DRIP:
        seen.wrong.append(f"took {seen.seconds} s")
    if error is None:
        if case.effect and not seen.took:
            seen.wrong.append("told of success, and nothing happened")
        else:
            seen.wrong += untruths(_plain(told), _true(world, case, told), faults)
        return
    if not isinstance(error, InviteError):
        seen.outcome = "escaped"
        seen.wrong.append(f"{type(error).__name__} escaped: {error}")
        return
    seen.outcome = type(error).__name__
    if (error.service, error.operation) != (world.service, seen.cell.operation.removesuffix(BY_NAME)):
        seen.wrong.append(f"the error is of {error.service} {error.operation}")
    held_back = isinstance(error, RateLimitedError) and "nothing was sent" in error.message
    if error.attempts < 1 and not held_back and not isinstance(error, DeadlineExceededError):
        seen.wrong.append("the error counts no attempt")
    if isinstance(error, OutcomeUnknownError):
        seen.outcome = "unknown"
        if not case.effect:
            seen.wrong.append("a read has an unknown outcome")
        if not (error.known and error.advice):
            seen.wrong.append("the error does not say what is known and what to do")
    elif seen.took:
        seen.wrong.append(f"told of failure ({seen.outcome}: {error}), and it took effect")


_READ = (Invitation, RoleInfo, ScopeInfo)
"""What a row is that could be read."""


def _plain(told: object) -> object:
    """A result in plain types; of a list, a row that could not be read is `None`."""
    if isinstance(told, list):
        return [plain(row) if isinstance(row, _READ) else None for row in told]
    return plain(told)


def _true(world: World, case: Case, told: object) -> object:
    expected = case.expected()
    if isinstance(expected, dict):
        return {name: value for name, value in expected.items() if value is not None}
    if not isinstance(told, list) or not isinstance(expected, list):
        return expected
    # A row that could not be read is reported last, so that only the others can be compared.
    ids = {row.id for row in told if isinstance(row, _READ)}
    kept: list[object] = [row for row in expected if row["id"] in ids]
    return kept + [None] * (len(expected) - len(kept))


def start(name: str) -> World:
    """A world at its start."""
    world = WORLDS[name]()
    return _PatientEnhance(world.answer) if isinstance(world, EnhanceWorld) else world


class _PatientEnhance(EnhanceWorld):
    """Finds the session wherever among the answers it is, if anywhere."""

    def session(self) -> str | None:  # type: ignore[override]
        return next(sessions_in(self.fake.requests), None)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What an operation does when nothing goes wrong."""

    requests: tuple[str | None, ...]
    effects: Counter[str]
    write: int | None
    """The number of the request that takes effect."""


@cache
def baseline(world: str, operation: str) -> Baseline:
    """An operation without faults, synchronously."""
    made = start(world)
    fake = made.fake
    with InviteClient(made.connection(), transport=fake.transport()) as prepare:
        case = _case(made, operation, prepare)
    before, begun = Counter(fake.effects), len(fake.requests)
    counts: list[int] = []
    respond = fake.respond

    def counted(request: Any) -> Any:
        answer = respond(request)
        counts.append(fake.effects.get(case.effect or "", 0))
        return answer

    fake.respond = counted  # type: ignore[method-assign]
    with InviteClient(made.connection(case.user), transport=fake.transport()) as client:
        play("sync", partial(_called, client, operation, case))
    first = before[case.effect or ""]
    write = next((number for number, count in enumerate(counts, 1) if count > first), None)
    done = tuple(exchange.operation for exchange in fake.requests[begun:])
    return Baseline(done, Counter(fake.effects) - before, write)


def secrets_of(world: World, case: Case) -> Iterator[Secret]:
    """Every secret of a world and of a call: those that are sent, and those that answers bring."""
    for name, line in world.fake.credentials.items():
        value = line.partition(": ")[2].partition(" ")[2] or line.partition("=")[2]
        yield Secret(f"credential of {name}", value or line)
    if isinstance(world, EnhanceWorld):
        yield Secret("password", PASSWORD)
        for row in world.fake.invitations:
            yield Secret("invite key", row.id, is_credential=False)
    if isinstance(world.fake, FakeZenML):
        for token in world.fake._world.tokens:
            yield Secret("login token", token)
    if case.effect in ("approved", "rejected"):
        yield Secret("approval token", str(case.given[0]), is_credential=False)
    for session in sessions_in(world.fake.requests):
        yield Secret("session", session)


def sessions_in(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """The sessions that answers brought, as cookies."""
    for exchange in exchanges:
        for name, value in exchange.response.headers:
            if name.lower() == "set-cookie":
                yield SimpleCookie(value)["id0"].value


LACKING = frozenset({("waldur-7.0.7", "update")})
"""What a server of that age refuses, whatever the network does."""


def operations(world: str) -> list[str]:
    """The operations that a server has and that ask it something, and those that take names once more by name."""
    found = [name for name in declared(world) if declared(world).supports(name) and (world, name) not in LACKING]
    if start(world).takes_names:
        found += [f"{name}{BY_NAME}" for name in ("create", "ensure", "update") if name in found]
    return [name for name in found if baseline(world, name).requests]
