"""What the suite must know of a service: how to set its fake up, what to ask of it, and by hand what comes back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from invite_sdk.services.registry import capabilities
from invite_sdk.testing.suite.meddling import After, Before, Meddler

if TYPE_CHECKING:
    from invite_clients._runtime import Call
    from invite_sdk import Capabilities, InviteClient, InviteError
    from invite_sdk.services.connection import Connection
    from invite_sdk.testing import Exchange, FakeRequest, FakeResponse, FakeService
    from invite_sdk.testing.suite.ways import Transport


@dataclass(frozen=True)
class Case:
    """One call that works: who makes it, with what, and what comes back and happens."""

    given: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    expected: Callable[[], object] = lambda: None
    """The result, in the form of `plain`, told from the fake's own records after the call."""
    user: str | None = None
    """A user of the fake; the world's usual one when left out."""
    effect: str | None = None
    """What the fake must have counted exactly once more."""
    error: type[InviteError] | None = None
    """On a server that is too old for it: what is raised instead."""


@dataclass(frozen=True)
class Sample:
    """A value for one parameter, and how it shows in a request when it arrives."""

    value: object
    shows: str
    without: tuple[str, ...] = ()
    """Parameters that do not go with it."""


@dataclass(frozen=True)
class Filtered:
    """Filters, and the names of the rows of `populate` that fit them."""

    named: Mapping[str, Any]
    fitting: frozenset[str]
    counted_by_server: bool = False
    """Whether `count` may take the service's word for it."""


@dataclass(frozen=True)
class NativeCase:
    """A call of the generated client, and what its result must look like."""

    call: Call[Any]
    expected: Callable[[Any], bool]
    user: str | None = None


class World(ABC):
    """One service with its fake."""

    service: ClassVar[str]
    fake: FakeService
    sender: ClassVar[str]
    """The user of the fake who calls unless a case says otherwise."""
    client_package: ClassVar[str] = ""
    """The generated client of a service from another distribution; ours is found by the service's name."""
    id_key: ClassVar[str] = "id"
    """Where a row has its id on the wire."""
    public: ClassVar[frozenset[str]] = frozenset()
    """The operations, by operationId, that are asked without credentials."""
    private_operation: ClassVar[str] = "get"
    """A unified operation that needs credentials."""
    opaque_ids: ClassVar[bool] = False
    """Whether an id may be any text that is one segment of a path; else it is a UUID."""
    check_tells_settled: ClassVar[bool] = True
    """Whether `check` says of a settled invitation that it is not valid; else it is answered as if it were unknown."""
    check_tells_unknown: ClassVar[bool] = True
    """Whether `check` raises for an unknown id; else it says that it is not valid."""
    second_open: bool = False
    """Whether the server makes a second open invitation for the same invitee, role and scope."""
    inbox: bool = False
    """Whether a listing shows what the caller received."""
    outbox: bool = False
    """Whether a listing shows what was sent."""

    @property
    def capabilities(self) -> Capabilities:
        """What the service declares."""
        return capabilities(self.service)

    def connection(self, user: str | None = None) -> Connection:
        """The connection of a user, by default of the one whose part the world plays."""
        return self.fake.connection(user or self.sender)

    def transport(self, before: Before | None = None, after: After | None = None) -> Transport:
        """The way to the fake, with somebody in between where there is something to do."""
        return self.fake.transport() if before is None and after is None else Meddler(self.fake, before, after)

    def case(self, operation: str, client: InviteClient) -> Case:
        """The call of a supported operation that works, and its result."""
        build: Callable[[InviteClient], Case] = getattr(self, f"case_{operation}")
        return build(client)

    @property
    def cases(self) -> set[str]:
        """The operations that this world has a case for."""
        return {name.removeprefix("case_") for name in dir(self) if name.startswith("case_")}

    @abstractmethod
    def invite(self, email: str = "ann@example.org") -> str:
        """Puts an open invitation in place without the SDK and returns its id."""

    @abstractmethod
    def settle(self, invitation_id: str) -> None:
        """Brings an invitation to its end without the SDK, so that nobody can accept it any more."""

    @abstractmethod
    def unknown_id(self) -> str:
        """A well-formed id of nothing."""

    @abstractmethod
    def forms(self, invitation_id: str) -> list[str]:
        """Everything that a user may write for the same id."""

    def reads(self, request: FakeRequest) -> bool:
        """Whether a request changes nothing, so that only its result is lost when it fails."""
        return request.method in ("GET", "HEAD")

    def asked(self) -> list[Exchange]:
        """The exchanges so far, without logins."""
        return self.fake.requests

    def samples(self) -> Mapping[tuple[str, str], Sample]:
        """For each operation that writes and each of its supported parameters, a value and how it shows."""
        return {}

    def reading_fails(self, operation: str) -> Mapping[str, object] | Literal["refused"] | None:
        """What an operation that reads before or after its write returns when no reading works.

        `None` where the service answers the write with the whole record; `refused` where nothing may be written unread.
        """
        raise NotImplementedError(operation)

    def native_calls(self) -> Mapping[str, Callable[[], NativeCase]]:
        """A working call for each operation of the service's generated client."""
        raise NotImplementedError

    # For services that list.

    def populate(self) -> dict[str, str]:
        """Puts rows of every kind in place; their names and ids, in no order."""
        raise NotImplementedError

    def filters(self) -> Mapping[str, Filtered]:
        """Each filter alone, and several at once, over the rows of `populate`. The names do not depend on the rows."""
        raise NotImplementedError

    def lacking(self, parameter: str) -> Mapping[str, object] | None:
        """What to change in a row of the wire so that it lacks what a filter looks at; `None`: it cannot lack it."""
        raise NotImplementedError

    def is_listing(self, request: FakeRequest, response: FakeResponse) -> bool:
        """Whether this is a page of a listing."""
        raise NotImplementedError

    def rows(self, body: Any) -> list[Any]:
        """The rows in the JSON of a page, to be changed in place."""
        return list(body) if not isinstance(body, list) else body

    def with_state(self, row: dict[str, Any], state: str) -> None:
        """Gives a row of the wire a state."""
        row["state"] = state

    # For services with pages.

    def with_next(self, response: FakeResponse, url: str | None) -> FakeResponse:
        """A page that names another next page."""
        raise NotImplementedError

    def next_of(self, response: FakeResponse) -> str | None:
        """The link to the next page, if there is one."""
        raise NotImplementedError

    def with_total(self, response: FakeResponse, total: int) -> FakeResponse:
        """A page that tells another number of rows over all pages."""
        raise NotImplementedError

    def without_total(self, response: FakeResponse) -> FakeResponse:
        """A page that does not tell how many rows there are."""
        raise NotImplementedError

    @property
    def listing_url(self) -> str:
        """The absolute URL of the listing."""
        raise NotImplementedError


def with_header(response: FakeResponse, name: str, value: str | None) -> FakeResponse:
    """An answer with one header changed, or left out."""
    kept = tuple(pair for pair in response.headers if pair[0].lower() != name.lower())
    return replace(response, headers=kept if value is None else (*kept, (name, value)))
