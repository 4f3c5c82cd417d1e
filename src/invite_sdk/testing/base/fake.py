"""What every fake service shares: a request in, a response out, no I/O, everything deterministic and on record."""

from __future__ import annotations

import json
import random
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qsl, unquote
from uuid import UUID

from invite_clients._times import DateTime, datetime, utc_now
from invite_sdk.testing.faults.wire import PLAIN, Wire

if TYPE_CHECKING:
    from respx.models import Route
    from respx.router import Router

    from invite_sdk.services.connection import Connection
    from invite_sdk.testing.faults.kinds import Fault
    from invite_sdk.testing.faults.plans import Faults
    from invite_sdk.testing.ways.transport import FakeTransport

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FakeRequest:
    """A request as a server sees it. `target` is the raw path and query, as on the request line."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path, percent-decoded."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's pairs, decoded, in order."""
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def param(self, name: str) -> str | None:
        """The last value of a query parameter (as Django takes it), or `None`."""
        values = self.params(name)
        return values[-1] if values else None

    def params(self, name: str) -> list[str]:
        """Every value of a query parameter, in order."""
        return [value for key, value in self.query if key == name]


@dataclass(frozen=True, slots=True)
class FakeResponse:
    """A response as a server sends it; the server below adds Content-Length."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    @classmethod
    def json(cls, status: int, value: object, headers: Headers = ()) -> FakeResponse:
        """A JSON response in the compact form that the real services use."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, (("Content-Type", "application/json"), *headers), body)

    @classmethod
    def html(cls, status: int, text: str, headers: Headers = ()) -> FakeResponse:
        """An HTML page."""
        return cls(status, (("Content-Type", "text/html; charset=utf-8"), *headers), text.encode())

    def to(self, request: FakeRequest) -> FakeResponse:
        """The answer as this request gets it: without a body to HEAD."""
        return FakeResponse(self.status, self.headers) if request.method == "HEAD" else self


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what the fake answered."""

    request: FakeRequest
    response: FakeResponse
    operation: str | None
    """The operationId in the service's specification, or `None` for an unknown path or method."""
    fault: Fault | None = None
    """What went wrong with it, on purpose. The response is the one that left the service; a lost one is here too."""


@dataclass(frozen=True, slots=True)
class FakeReply:
    """An answer and the way that it travels. What leads into a fake carries it out."""

    response: FakeResponse | None
    """`None` where the request never arrived."""
    wire: Wire = PLAIN
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that the service would have sent."""

    to: str
    kind: str
    """What the mail is: `invitation`, `approval`, …"""
    link: str
    invitation_id: str
    sent_at: DateTime


def _this_moment() -> datetime:
    return utc_now().replace(microsecond=0)


_CLOCK_YEARS = range(1000, 9000)
"""Far enough from the ends of the calendar that lifetimes fit."""


@dataclass
class FakeClock:  # without slots, so that tests can replace its methods
    """A clock that only the test moves. It starts at the time of this machine, by which `is_overdue` goes."""

    current: DateTime = field(default_factory=lambda: _this_moment())  # noqa: PLW0108 - found when it is called

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return self.current

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Moves the clock forward and returns the new time.

        Raises:
            ValueError: the step is no finite number, or leads out of the years 1000 to 8999.
        """
        try:
            moved = self.current + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        except (OverflowError, ValueError):
            moved = None
        if moved is None or moved.year not in _CLOCK_YEARS:
            raise ValueError("the clock cannot go that far; it stays within the years 1000 to 8999")
        self.current = moved
        return self.current


@dataclass(slots=True)
class FakeState:
    """What every fake counts and records."""

    requests: list[Exchange] = field(default_factory=list)
    outbox: list[Mail] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)
    """How often something took effect: `created`, `mailed`, `accepted`, `declined`, `canceled`, `deleted`, …"""


class FakeService(ABC):
    """One stateful service without I/O: `handle` takes a request and returns the response.

    Args:
        seed: every id and token follows from it.
        clock: the service's time; a clock of its own when left out.
        base_url: the origin that absolute links in answers carry, without a trailing slash. A server that serves the
            fake sets it to its own.
    """

    service: ClassVar[str]

    def __init__(self, *, seed: int = 0, clock: FakeClock | None = None, base_url: str | None = None) -> None:
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

    @property
    def operations(self) -> tuple[str, ...]:
        """The operationIds of the service; none where the fake does not tell."""
        from invite_sdk.testing.faults.operations import operations_of

        return operations_of(self.service)

    def operation_of(self, request: FakeRequest) -> str | None:
        """The operationId that a request addresses, told by its method and path alone.

        A fake of a service that is not among the four overrides this and `operations`, so that faults can name them.
        """
        from invite_sdk.testing.faults.operations import operation_of

        return operation_of(self.service, request)

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

    @abstractmethod
    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        """The operation that a request addresses, and the answer."""

    def mail(self, to: str, kind: str, link: str, invitation_id: str) -> None:
        """Puts a mail into the outbox and counts it."""
        self._state.outbox.append(Mail(to, kind, link, invitation_id, self.clock.now()))
        self._state.effects["mailed"] += 1

    def count(self, effect: str) -> None:
        """Counts one effect."""
        self._state.effects[effect] += 1

    def transport(self, *, on_wait: Callable[[float], object] | None = None) -> FakeTransport:
        """An httpx transport, sync and async, that answers from this fake without a socket.

        It never waits. Where an answer is slow, the fake's clock moves on instead.

        Args:
            on_wait: told of each wait, in seconds, so that a clock of the test's can move along.
        """
        from invite_sdk.testing.ways.transport import FakeTransport

        return FakeTransport(self, on_wait=on_wait)

    def mount(self, router: Router) -> Route:
        """Answers for this fake's base URL in a respx router, such as `respx_mock` or `respx.mock`.

        The router's own routes go first, whenever they are added. As any other route it must be called where the router
        asserts that all are: one request to the base URL is enough.

        Returns:
            the route, whose `calls` are those that the fake answered.
        """
        from invite_sdk.testing.ways.respx import mount

        return mount(self, router)

    def serve(
        self, *, port: int = 0, control: bool = True, control_hosts: Iterable[str] = ()
    ) -> AbstractContextManager[str]:
        """Serves the fake over HTTP on loopback while the context lasts, and yields the base URL.

        Absolute links in answers carry that URL meanwhile.

        Args:
            port: the port on 127.0.0.1; any free one when 0.
            control: whether `/_fake/` answers: state, reset, request log, outbox, clock, faults, the fake's methods.
            control_hosts: names by which `/_fake/` may be reached, and whose pages may use it, beside localhost,
                127.0.0.0/8 and [::1]. All others get a 403, so that no page somewhere reads or drives the fake.

        Raises:
            ImportError: uvicorn is missing; the extra `invite-sdk[testing]` brings it.
            OSError: the port is taken.
            ValueError: a name that no host can have.
        """
        from invite_sdk.testing.ways.server import serve

        return serve(self, port=port, control=control, control_hosts=control_hosts)

    def connection(self, user: str | None = None) -> Connection:
        """The SDK's connection to this fake, as one of its users.

        Args:
            user: a name of `credentials`; the first one when left out.

        Raises:
            KeyError: no such user.
        """
        from invite_sdk.testing.base.connections import connection

        return connection(self, user)

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
                "world": self._dump_world(),
            }

    def load(self, state: Mapping[str, object]) -> None:
        """Takes over a state that `dump` gave, and forgets the request log. A key left out keeps what is there.

        Raises:
            ValueError: the state is of another service, or not in the form that `dump` gives.
        """
        from invite_sdk.testing.base.dump import from_plain

        service = state.get("service", self.service)
        if service != self.service:
            msg = f"this state is of {service}, the fake is of {self.service}"
            raise ValueError(msg)
        with self._lock:
            # All of it is read before any of it is taken over.
            clock = from_plain(FakeClock, {"current": state.get("clock", self.clock.current)}).current
            luck = random.Random()
            luck.setstate(
                from_plain(tuple[int, tuple[int, ...], float | None], state.get("random", self._random.getstate()))
            )
            outbox = from_plain(list[Mail], state.get("outbox", self._state.outbox))
            effects = from_plain(dict[str, int], state.get("effects", self._state.effects))
            if "world" in state:
                self._load_world(state["world"])
            self.clock.current = clock if clock.tzinfo else clock.replace(tzinfo=UTC)
            self._random = luck
            self._state.outbox[:] = outbox
            self._state.effects = Counter(effects)
            self._state.requests.clear()

    def _dump_world(self) -> object:
        """The service's own state as JSON types."""
        msg = f"{type(self).__name__} does not say how to dump its state"
        raise NotImplementedError(msg)

    def _load_world(self, world: object) -> None:
        """Takes over what `_dump_world` gave."""
        msg = f"{type(self).__name__} does not say how to load a state"
        raise NotImplementedError(msg)
