"""Flows: what an operation does, step by step, without doing any I/O itself.

A flow is a generator. It yields an effect, is sent the effect's result and returns the operation's result. A driver
interprets the effects over a synchronous or an asynchronous HTTP client and decides nothing. Nothing runs between two
steps: no task or thread outlives the step that started it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import field
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from invite_clients._runtime import Response
from invite_clients._values import frozen_class, value_class
from invite_sdk._model.lists import InvitationList
from invite_sdk._model.records import Problem

if TYPE_CHECKING:
    from invite_sdk._model.invitation import Invitation

Sent = Literal["no", "maybe"]
"""Whether any byte of a failed request may have reached the service."""


Kind = Literal["connect", "timeout", "deadline", "broken", "too_large"]
"""How a request failed."""


@value_class
class Outgoing:
    """A request as it leaves: with its origin, its credentials and its time limits."""

    operation: str
    """The operationId of the service's specification."""
    method: str
    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes | None = field(repr=False)
    timeout: float | None
    """Seconds for each wait on the network; `None` leaves it to the HTTP client that the caller brought."""
    deadline: float | None
    """The moment, on the driver's monotonic clock, after which nothing is waited for."""
    max_body: int
    """How many bytes an answer may have, after decompression."""
    public: bool = False


@value_class
class TransportFailure:
    """A request that brought no answer."""

    sent: Sent
    kind: Kind
    detail: str
    """What happened, in words that give no secret away."""
    status: int | None = None
    """The status of the answer that broke off, where one had begun."""
    cause: BaseException | None = field(default=None, repr=False, compare=False)
    answer: Response | None = field(default=None, repr=False, compare=False)
    """The answer that came and says nothing of what became of the write, or the beginning of the one that broke off."""
    advice: str = ""
    """What to do where no connection was made; nothing: to look at the URL."""
    is_final: bool = False
    """Whether it would fail the same way again."""


@value_class
class Throttled(Response):
    """A refusal by which the service says that too much was asked, whatever its status: nothing was done."""

    wait: float = 0.0
    """Seconds after which it asks to come back; 0 where it names no time."""


@value_class
class Refused(Response):
    """An answer of success that refuses all the same, as the service's own signs say: nothing was done."""


@value_class
class Begun(Response):
    """The beginning of an answer that broke off: its body may end in the middle of a word."""


Row = TypeVar("Row")

Outcome: TypeAlias = "Response | TransportFailure"


class Send(NamedTuple):
    """Send these; several run at once. The result is their outcomes, in order."""

    requests: tuple[Outgoing, ...]


class Sleep(NamedTuple):
    """Wait so many seconds. The result is `None`."""

    seconds: float


class Now:
    """The result is the driver's clock: `Clock`."""

    __slots__ = ()


class Clock(NamedTuple):
    """Two readings of the time, and a little luck."""

    monotonic: float
    unix: float
    luck: float = 0.5
    """A number drawn evenly from 0 to 1: pauses are spread with it."""


class Token(NamedTuple):
    """The result is a token for the Authorization header, logging in where needed; one login serves all that wait."""

    refused: str | None = None
    """A token that the service has just refused: any other will do."""


@frozen_class
class AttemptEvent:
    """One attempt, before it is made or after it has ended. It holds no credential and no whole invite key."""

    phase: Literal["before", "after"]
    service: str
    operation: str
    """The unified operation, for example `create`."""
    native_operation: str
    """The operationId of the service's specification."""
    method: str
    path: str
    """The path without its query, invite keys masked."""
    attempt: int
    """The number of the attempt, from 1."""
    status: int | None = None
    """The answer's status; `None` before, and where none came."""
    failure: str | None = None
    """Why no answer came."""
    seconds: float | None = None
    """How long it took."""
    retry_in: float | None = None
    """Seconds until the next attempt, where there is one."""
    stopped_by: Literal["attempts", "deadline", "budget"] | None = None
    """Why there is none, where there could be one: no `attempts` are left, it would come after the `deadline`, or the
    client's retry `budget` is used up."""
    answered_at: float | None = None
    """When the service says that it answered, as a Unix time: the `Date` of its answer."""
    server: str | None = None
    """What the answer says that it was made by: its `Server`."""


class Notify(NamedTuple):
    """Hand an event to the hooks. The result is `None`."""

    event: AttemptEvent


class Claim(NamedTuple):
    """Wait until nobody else in this process works on the key. The result is whether it was got in time.

    It is the operation's until its end, however that comes. Not in listings, which stand still between two pages.
    """

    key: tuple[str, ...]
    seconds: float


@frozen_class
class Page:
    """One page of a listing, after the filters."""

    invitations: InvitationList
    number: int
    total: int | None
    """How many rows the service says there are, before our own filters; `None` where it does not say."""
    problems: tuple[Problem, ...] = ()

    @property
    def rows(self) -> list[Invitation]:
        """The invitations."""
        return self.invitations


@frozen_class
class LookupPage(Generic[Row]):
    """One page of roles or scopes, after the filters."""

    rows: list[Row]
    number: int
    total: int | None
    """How many rows the service says there are, before our own filters; `None` where it does not say."""
    problems: tuple[Problem, ...] = ()


class Emit(NamedTuple):
    """Only in listings: hands a page to the caller and goes on when the next one is asked for."""

    page: Page | LookupPage[Any]


class Alone(NamedTuple):
    """Run a flow while nobody else in this process works on the key. The result is the flow's.

    Unlike a claim it is over with the flow. Where it is not got in time that is a DeadlineExceededError.
    """

    key: object
    seconds: float
    begin: Callable[[], Flow[object]]
    """Makes the flow: anew each time, since a step that was broken off may be taken again."""


Effect: TypeAlias = "Send | Sleep | Now | Token | Notify | Claim | Alone | Emit"

T = TypeVar("T")
Flow: TypeAlias = Generator[Effect, object, T]
"""An operation, as steps: it yields what is to be done, is sent what came of it, and returns the result."""
