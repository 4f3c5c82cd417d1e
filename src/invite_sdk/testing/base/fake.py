"""What every fake service shares: a request in, a response out, no I/O, everything deterministic and on record."""

from __future__ import annotations

import copy
import random
import threading
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, ClassVar, cast
from uuid import UUID

from invite_clients._times import datetime
from invite_sdk.testing.base.wire import Refused
from invite_sdk.testing.faults.operations import ROUTES, Routes, operation_of
from invite_sdk.testing.faults.record import Exchange, FakeReply
from invite_sdk.testing.messages import FakeClock, FakeRequest, FakeResponse, Mail, within_years

if TYPE_CHECKING:
    from invite_sdk.services.connection import Connection
    from invite_sdk.testing.faults.plans import Faults


@dataclass(slots=True)
class FakeState:
    """What every fake counts and records."""

    requests: list[Exchange] = field(default_factory=list)
    outbox: list[Mail] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)
    """How often something took effect: `created`, `mailed`, `accepted`, `declined`, `canceled`, `deleted`, …"""


class Fake:
    """What `FakeService` is, but for the ways in."""

    service: ClassVar[str]
    routes: ClassVar[Routes] = ()
    """The service's operations, each as `("get_guest", "GET", "/api/guests/*")`: faults find them by these."""
    keeps: ClassVar[tuple[str, ...]] = ()
    """The attributes that hold the service's own state, in JSON types; else `dump_world` and `load_world` know it."""
    connects_with: ClassVar[tuple[str, ...]] = ()
    """The connection's settings beside the URL, for `serve`: attributes of the first of `users`, or of the fake."""
    shared_names: ClassVar[frozenset[str]] = frozenset()
    """What every fake has. Anything else a program in another language may call."""

    def __init__(self, *, seed: int = 0, clock: FakeClock | None = None, base_url: str | None = None) -> None:
        if not hasattr(self, "service"):
            msg = f"Can't instantiate abstract class {type(self).__name__}: it names no service"
            raise TypeError(msg)
        self.clock = clock or FakeClock()
        self.base_url = (base_url or f"https://{self.service}.example").rstrip("/")
        self._random = random.Random(f"{self.service}:{seed}")
        self._state = FakeState()
        self._lock = threading.RLock()
        self._faults: Faults | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.base_url}: {len(self.requests)} requests, {len(self.outbox)} mails>"

    @property
    def faults(self) -> Faults:
        """What is to go wrong, and what did: `fake.faults.plan(Fault.status(520), on="…")`."""
        from invite_sdk.testing.faults.plans import Faults

        with self._lock:
            if self._faults is None:
                self._faults = Faults(self)
            return self._faults

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.routes = cls.routes or ROUTES.get(getattr(cls, "service", ""), ())

    @property
    def operations(self) -> tuple[str, ...]:
        """The operationIds of the service; none where the fake does not tell."""
        return tuple(name for name, _, _ in self.routes)

    def operation_of(self, request: FakeRequest) -> str | None:
        """The operationId that a request addresses, told by its method and path alone."""
        return operation_of(self.routes, request)

    def user_of(self, request: FakeRequest) -> str | None:
        """The user whose line of `credentials` a request shows; `None` where it is nobody's."""
        for name, line in self.credentials.items():
            header, _, value = line.partition(": ")
            if request.header(header) == value:
                return name
        return None

    @property
    def requests(self) -> list[Exchange]:
        """Every exchange so far, oldest first."""
        return self._state.requests

    @property
    def outbox(self) -> list[Mail]:
        """Every mail so far, oldest first."""
        return self._state.outbox

    @property
    def effects(self) -> Mapping[str, int]:
        """How often each kind of effect took place."""
        return self._state.effects

    def new_uuid(self) -> UUID:
        """The next id: a version 4 UUID that follows from the seed."""
        return UUID(int=self._random.getrandbits(128), version=4)

    def new_integer(self) -> int:
        """The next id: a whole number of ten digits that follows from the seed."""
        return self._random.randrange(10**9, 10**10)

    def handle(self, request: FakeRequest) -> FakeResponse:
        """Answers one request as the service would, without faults, and records the exchange."""
        with self._lock:
            operation, response = self.respond(request)
            response = response.to(request)
            self._state.requests.append(Exchange(request, response, operation))
            return response

    def reply(self, request: FakeRequest) -> FakeReply:
        """Answers one request as `handle` does, unless it meets a fault. Every way into a fake leads here."""
        with self._lock:
            fault = None if self._faults is None else self._faults.meet(request)
            return FakeReply(self.handle(request)) if fault is None else self.faults.inject(fault, request)

    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        """The operation that a request addresses, and the answer."""
        operation = self.operation_of(request)
        try:
            return operation, self.answer_to(operation, request)
        except Refused as refused:
            return operation, refused.response

    def answer_to(self, operation: str | None, request: FakeRequest) -> FakeResponse:
        """The answer to a request for an operation of `routes`, or for none of them. `Refused` ends it early."""
        raise NotImplementedError

    def mail(self, to: str, kind: str, link: str, invitation_id: str, message: str = "") -> None:
        """Puts a mail into the outbox and counts it."""
        self._state.outbox.append(Mail(to, kind, link, invitation_id, self.clock.now(), message))
        self._state.effects["mailed"] += 1

    def count(self, effect: str) -> None:
        """Counts one effect."""
        self._state.effects[effect] += 1

    def connection(self, user: str | None = None) -> Connection:
        """The SDK's connection to this fake, as one of its users.

        Args:
            user: a name of `credentials`; the first one when left out.

        Raises:
            KeyError: no such user.
        """
        msg = f"{type(self).__name__} does not say how to connect to it: it has no `connection` of its own"
        raise NotImplementedError(msg)

    @property
    def credentials(self) -> Mapping[str, str]:
        """For each user name, the header line that authenticates it, such as `Authorization: Bearer …`."""
        return {}

    def dump(self) -> dict[str, object]:
        """The state as JSON types: the world, the clock, what was mailed and counted. Not the request log."""
        from invite_sdk.testing.base.dump import to_plain

        with self._lock:
            return {
                "service": self.service,
                "clock": to_plain(self.clock.now()),
                "random": to_plain(self._random.getstate()),
                "outbox": to_plain(self._state.outbox),
                "effects": dict(self._state.effects),
                "world": self.dump_world(),
            }

    def load(self, state: Mapping[str, object], *, at: datetime | None = None) -> None:
        """Takes over a state that `dump` gave, and forgets the request log. A key left out keeps what is there.

        Args:
            state: in the form that `dump` gives.
            at: the moment that its clock is to show: every time and date in it moves along, so that what was open for
                six days more then is so now. Unless given, all stay as they were.

        Raises:
            ValueError: the state is of another service, or not in the form that `dump` gives.
        """
        from invite_sdk.testing.base.dump import from_plain, moved, require_known

        require_known(state, ("service", "clock", "random", "outbox", "effects", "world"))
        service = state.get("service", self.service)
        if service != self.service:
            msg = f"service: this state is of {service}, the fake is of {self.service}"
            raise ValueError(msg)
        with self._lock:
            # All of it is read before any of it is taken over.
            with _naming("clock"):
                clock = from_plain(FakeClock, {"current": state.get("clock", self.clock.current)}).current
            clock = clock if clock.tzinfo else clock.replace(tzinfo=UTC)
            if at is not None:
                at = at if at.tzinfo else at.replace(tzinfo=UTC)
                state = cast("Mapping[str, object]", moved(dict(state), at - clock))
                clock = at
            within_years("clock", clock)
            luck = random.Random()
            with _naming("random"):
                given = state.get("random", self._random.getstate())
                luck.setstate(from_plain(tuple[int, tuple[int, ...], float | None], given))
            with _naming("outbox"):
                outbox = from_plain(list[Mail], state.get("outbox", self._state.outbox))
            with _naming("effects"):
                effects = from_plain(dict[str, int], state.get("effects", self._state.effects))
            if "world" in state:
                with _naming("world"):
                    self.load_world(state["world"])
            self.clock.current = clock
            self._random = luck
            self._state.outbox[:] = outbox
            self._state.effects = Counter(effects)
            self._state.requests.clear()

    def dump_world(self) -> object:
        """The service's own state as JSON types."""
        if not self.keeps:
            msg = f"{type(self).__name__} does not say how to dump its state"
            raise NotImplementedError(msg)
        return copy.deepcopy({name: getattr(self, name) for name in self.keeps})

    def load_world(self, world: object) -> None:
        """Takes over what `dump_world` gave.

        Raises:
            ValueError: it is not in that form.
        """
        if not self.keeps:
            msg = f"{type(self).__name__} does not say how to load a state"
            raise NotImplementedError(msg)
        given = cast("dict[str, object]", world) if isinstance(world, dict) else {}
        if set(given) != set(self.keeps):
            msg = f"the world must be an object with {', '.join(self.keeps)}"
            raise ValueError(msg)
        for name, value in given.items():
            if type(value) is not type(getattr(self, name)):
                msg = f"{name}: this is no {type(getattr(self, name)).__name__}"
                raise ValueError(msg)
            setattr(self, name, copy.deepcopy(value))


@contextmanager
def _naming(part: str) -> Generator[None]:
    """Says in an error which part of a state it is about."""
    try:
        yield
    except (OverflowError, ValueError) as error:
        msg = f"{part}: {error}"
        raise ValueError(msg) from None
