"""What the suite must know of a service: how to set its fake up, what to ask of it, and by hand what comes back."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from inspect import getattr_static
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal
from uuid import UUID

from invite_sdk._errors.tree import NotFoundError
from invite_sdk.services.adapter import Adapter
from invite_sdk.services.registry import capabilities
from invite_sdk.testing import FakeResponse
from invite_sdk.testing.suite.meddler import After, Before, Meddler

if TYPE_CHECKING:
    import pytest
    from typing_extensions import TypeVar

    from invite_clients._runtime import Call
    from invite_sdk import Capabilities, InviteClient, InviteError
    from invite_sdk.services import IdKind
    from invite_sdk.services.connection import Connection
    from invite_sdk.testing import Exchange, FakeRequest, FakeService, FakeTransport

    FakeT = TypeVar("FakeT", bound=FakeService, default=FakeService)
else:  # Python has defaults from 3.13 on
    from typing import TypeVar

    FakeT = TypeVar("FakeT")


@dataclass(frozen=True, slots=True)
class Case:
    """One call that works: who makes it, with what, and what comes back and happens."""

    given: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict[str, Any])
    expected: Callable[[], object] = lambda: None
    """The result, in the form of `plain`, told from the fake's own records after the call."""
    user: str | None = None
    """A user of the fake; the world's usual one when left out."""
    effect: str | None = None
    """What the fake must have counted exactly once more."""
    error: type[InviteError] | None = None
    """On a server that is too old for it: what is raised instead."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A value for one parameter, and how it shows in a request when it arrives."""

    value: object
    shows: str
    """A part of the request's text; "" where the value shows in none, as it is always the same or checked at once."""
    without: tuple[str, ...] = ()
    """Parameters that do not go with it."""


@dataclass(frozen=True, slots=True)
class Filtered:
    """Filters, and the names of the rows of `populate` that fit them."""

    named: Mapping[str, Any]
    fitting: frozenset[str]
    counted_by_server: bool = False
    """Whether `count` may take the service's word for it."""


@dataclass(frozen=True, slots=True)
class NativeCase:
    """A call of the generated client, and what its result must look like."""

    call: Call[Any]
    expected: Callable[[Any], bool]
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Naming:
    """What `case_create` and `case_update` give as ids, by name, and how the service looks names up."""

    named: Mapping[str, Any]
    """For `create`, `ensure`, `list` and `count`: the same role and place as those of `case_create`."""
    role: str
    """For `update`: the same role as that of `case_update`."""
    lookups: tuple[str, ...]
    """The operations, by operationId, that look these up; the scope's comes last."""
    give_away: Callable[[], object]
    """Gives the scope's name to another scope, and a new one to the scope."""
    name_key: str = "name"
    """Where a row of these has its name on the wire."""
    id_key: str = "id"
    """Where a row of these has its id on the wire."""


class World(ABC, Generic[FakeT]):
    """One service with its fake, as it is at the start of a test.

    An author subclasses it: sets `fake` in `__init__`, writes a `case_OPERATION(client)` for each operation that the
    service declares, and changes what is not so with the service. Whatever the class attributes say is what the tests
    expect, and some are not run where it makes no sense.

    Attributes:
        service: the service's name, as its entry point has it.
        sender: the user of the fake who calls unless a case says otherwise.
        client_package: the generated client of a service from another distribution.
        public: the operations, by operationId, that are asked without credentials.
        private_operation: a unified operation that needs credentials.
        credential_headers: the headers that carry credentials.
        page_key: the parameter of the query that names a page by its number, from 1.
        size_key: the parameter of the query that says how many rows a page has.
        id_key: where a row has its id on the wire.
        needs_record: the unified operations that take an invitation as `create` returned it, and no bare id.
        tells_states: whether rows carry a word for their state; else it follows from their being listed.
        tells_totals: whether a page tells how many rows there are over all pages.
        inbox: whether a listing shows what the caller received.
        outbox: whether a listing shows what was sent.
        second_open: whether the server makes a second open invitation for the same invitee, role and scope.
        second_refused: the statuses with which a second open invitation may be refused.
        settled_refused: the statuses with which a second `accept` may be refused.
        settled_error: what `accept` raises for an invitation that is settled.
        check_tells_settled: whether `check` says of a settled invitation that it is not valid; else it is unknown.
        check_tells_unknown: whether `check` raises for an unknown id; else it says that it is not valid.
        mails: whether the fake puts a mail for each new invitation into its outbox.
        side_effects: what the fake counts beside the one effect of an operation.
    """

    service: ClassVar[str]
    fake: FakeT
    sender: ClassVar[str]
    client_package: ClassVar[str] = ""

    public: ClassVar[frozenset[str]] = frozenset()
    private_operation: ClassVar[str] = "list"
    credential_headers: ClassVar[tuple[str, ...]] = ("Authorization", "Cookie")
    page_key: ClassVar[str] = "page"
    size_key: ClassVar[str] = "page_size"

    id_key: ClassVar[str] = "id"
    needs_record: ClassVar[frozenset[str]] = frozenset()
    tells_states: ClassVar[bool] = True

    tells_totals: ClassVar[bool] = True
    inbox: bool = False
    outbox: bool = False

    second_open: bool = False
    second_refused: ClassVar[frozenset[int]] = frozenset({400, 409, 422})
    settled_refused: ClassVar[frozenset[int]] = frozenset({403, 404, 409})
    settled_error: ClassVar[type[InviteError]] = NotFoundError
    check_tells_settled: ClassVar[bool] = True
    check_tells_unknown: ClassVar[bool] = True
    mails: ClassVar[bool] = True
    side_effects: ClassVar[frozenset[str]] = frozenset({"mailed", "logged_in"})

    @property
    def only_open(self) -> Mapping[str, Any]:
        """What to ask of a listing so that it shows pending invitations only; nothing where it shows no others."""
        return {"status": "pending"} if self.capabilities.supports("list", "status") else {}

    def limited(self, seconds: int) -> FakeResponse:
        """How the service says that it was asked too often, and to wait so many seconds before the next request."""
        return FakeResponse.json(429, {"detail": "Too many requests."}, (("Retry-After", str(seconds)),))

    def shows_credentials(self, request: FakeRequest) -> bool:
        """Whether a request carries credentials."""
        return any(request.header(name) is not None for name in self.credential_headers)

    def is_login(self, request: FakeRequest) -> bool:
        """Whether a request is one with which the SDK gets itself a token."""
        return False

    @property
    def capabilities(self) -> Capabilities:
        """What the service declares."""
        return capabilities(self.service)

    @property
    def id_kind(self) -> IdKind:
        """What the service's ids are."""
        return self.connection().adapter_type().id_kind

    def connection(self, user: str | None = None) -> Connection:
        """The connection of a user, by default of the one whose part the world plays."""
        return self.fake.connection(user or self.sender)

    def transport(self, before: Before | None = None, after: After | None = None) -> FakeTransport:
        """The way to the fake, with somebody in between where there is something to do."""
        return self.fake.transport() if before is None and after is None else Meddler(self.fake, before, after)

    def case(self, operation: str, client: InviteClient) -> Case:
        """The call of a supported operation that works, and its result."""
        own = hasattr(self, f"case_{operation}")
        build: Callable[[InviteClient], Case] = getattr(self, f"{'case' if own else 'usual'}_{operation}")
        return build(client)

    def usual_count(self, client: InviteClient) -> Case:
        """Counts two, unless the world has a case of its own."""
        self.invite()
        self.invite("bea@example.org")
        return Case(expected=lambda: 2)

    def usual_ensure(self, client: InviteClient) -> Case:
        """Makes what `create` makes, unless the world has a case of its own."""
        made = self.case("create", client)
        return replace(made, expected=lambda: {"invitation": made.expected(), "created": True})

    def usual_roles(self, client: InviteClient) -> Case:
        """The roles that the adapter names, unless the world has a case of its own."""
        names = self.connection().adapter_type().role_names
        return Case(expected=lambda: [{"id": name, "name": name} for name in names])

    @property
    def cases(self) -> set[str]:
        """The operations that this world has a case for."""
        own = {name.removeprefix("case_") for name in dir(self) if name.startswith("case_")}
        return own | {name for name in ("count", "ensure", "roles") if self.capabilities.supports(name)}

    def missing(self, name: str) -> NotImplementedError:
        """What is raised where the tests that concern the service need what its world does not say."""
        text = (getattr(World, name).__doc__ or "").strip()
        return NotImplementedError(f"{type(self).__name__} has to say `{name}`, as {self.service} declares: {text}")

    @abstractmethod
    def invite(self, email: str = "ann@example.org") -> str:
        """Puts an open invitation in place without the SDK and returns its id, as an `Invitation` has it.

        By default for the address that `case_create` invites.
        """

    @abstractmethod
    def settle(self, invitation_id: str) -> None:
        """Brings an invitation to its end without the SDK, so that nobody can accept it any more."""

    def unknown_id(self) -> str:
        """A well-formed id of nothing."""
        return "00000000-0000-4000-8000-000000000001" if self.id_kind == "uuid" else "1"

    @property
    def confirms_unread(self) -> bool:
        """Whether a success that cannot be read confirms a write: not where the adapter has a `refused` of its own."""
        return getattr_static(self.connection().adapter_type(), "refused") is vars(Adapter)["refused"]

    def forms(self, invitation_id: str) -> list[str]:
        """Everything that a user may write for the same id."""
        is_uuid = self.id_kind == "uuid"
        return [invitation_id, *([UUID(invitation_id).hex, invitation_id.upper()] if is_uuid else [])]

    def reads(self, request: FakeRequest) -> bool:
        """Whether a request changes nothing, so that only its result is lost when it fails."""
        return request.method in ("GET", "HEAD") or self.is_login(request)

    def asked(self) -> list[Exchange]:
        """The exchanges so far, without logins."""
        return [one for one in self.fake.requests if not self.is_login(one.request)]

    def samples(self) -> Mapping[tuple[str, str], Sample]:
        """For each operation that writes and each of its supported parameters, a value and how it shows."""
        return {}

    def reading_fails(self, operation: str) -> Mapping[str, object] | Literal["refused"] | None:
        """What `create`, or an operation with `refetch`, returns when no reading works.

        `None` where the service answers the write with the whole record; `refused` where nothing may be written unread.
        """
        return None

    def native_calls(self) -> Mapping[str, Callable[[], NativeCase]]:
        """A working call for each operation of the service's generated client."""
        raise self.missing("native_calls")

    # For services whose adapter has `takes_names`.

    @property
    def takes_names(self) -> bool:
        """Whether names may be given in the place of ids."""
        return bool(self.connection().adapter_type().takes_names)

    def names(self) -> Naming:
        """What the cases give as ids, by name."""
        raise self.missing("names")

    # For services that list.

    def populate(self) -> dict[str, str]:
        """Puts rows of every kind in place; their names and ids, in no order."""
        raise self.missing("populate")

    def filters(self) -> Mapping[str, Filtered]:
        """Each filter alone, and several at once, over the rows of `populate`. The names do not depend on the rows."""
        raise self.missing("filters")

    def lacking(self, parameter: str) -> Mapping[str, object] | None:
        """What to change in a row of the wire so that it lacks what a filter looks at; `None`: it cannot lack it."""
        raise self.missing("lacking")

    def is_listing(self, request: FakeRequest, response: FakeResponse) -> bool:
        """Whether this is a page of a listing: by the name of the operation, unless the world says otherwise."""
        return response.status == 200 and (self.fake.operation_of(request) or "").startswith("list")

    def rows(self, body: Any) -> list[Any]:
        """The rows in the JSON of a page, to be changed in place."""
        found: list[Any] = body
        return found

    def id_of(self, row: Mapping[str, Any]) -> str:
        """The id of a row of the wire, as an `Invitation` has it."""
        return str(row[self.id_key])

    def with_state(self, row: dict[str, Any], state: str) -> None:
        """Gives a row of the wire a state."""
        row["state"] = state

    # For services with pages.

    def with_next(self, response: FakeResponse, url: str | None) -> FakeResponse:
        """A page that names another next page: in a Link header, unless the world says otherwise."""
        return with_next_link(response, url)

    def next_of(self, response: FakeResponse) -> str | None:
        """The link to the next page, if there is one."""
        return next_link(response)

    def with_total(self, response: FakeResponse, total: int) -> FakeResponse:
        """A page that tells another number of rows over all pages."""
        raise self.missing("with_total")

    def without_total(self, response: FakeResponse) -> FakeResponse:
        """A page that does not tell how many rows there are."""
        raise self.missing("without_total")

    def terse(self) -> Mapping[str, Callable[[FakeResponse], FakeResponse]]:
        """What a proxy or a terse server may leave of what a page says about the others, by what is left."""
        whole: dict[str, Callable[[FakeResponse], FakeResponse]] = {"all it says": lambda response: response}
        return whole | ({"no total": self.without_total} if self.tells_totals else {})

    def unclear(self) -> Mapping[str, Callable[[FakeResponse], FakeResponse]]:
        """What may have become of what a page says about the others, by what that is: all rows are listed anyway.

        Where links to pages are in a Link header, unless the world says otherwise. A total is left out as well.
        """
        changes = {name: partial(with_links, links=links) for name, links in LINKS.items()}
        if not self.tells_totals:
            return changes
        return changes | {
            f"{name}, no total": partial(_one_after_the_other, change, self.without_total)
            for name, change in changes.items()
        }

    def small_pages(self, patch: pytest.MonkeyPatch) -> None:
        """Makes the pages small that the SDK asks for where nobody says how large, where that can be done."""
        return

    @property
    def listing_url(self) -> str:
        """The absolute URL of the listing."""
        raise self.missing("listing_url")


LINKS: Mapping[str, tuple[str, ...]] = {
    "nothing": (),
    "nothing of pages": ('<https://docs.example/>; rel="deprecation"; title="a, <b>; rel=\\"next\\""',),
    "a header before": ('<https://docs.example/?page=9>; rel="deprecation"', "{links}"),
    "a header before that cannot be read": ('<https://docs.example/; rel="next', "{links}"),
    "a header after": ("{links}", '<https://docs.example/>; rel="sunset"'),
    "nothing that can be read": ("<{links}",),
    "nothing that is whole": ('<https://docs.example/?page=1>; rel="first", <https://docs.ex',),
    "others in one header": ('<https://docs.example/>;rel=help, <#top>; rel="up" ,, {links}, <?page=3>; rel="x"',),
    "links of something else": ('<?page=1>; rel="first last"; anchor="/elsewhere"',),
    "one link of somebody else": ('<https://cdn.example/a>; rel="prev"',),
    "one link without a page": ('<https://cdn.example/a>; rel="last"',),
    "other words": ("{words}",),
}
"""What may stand in place of the Link headers of a page; `{links}` is what stood there, `{words}` says the same."""


def with_links(response: FakeResponse, links: Iterable[str]) -> FakeResponse:
    """A page with other Link headers, each as in `LINKS`."""
    said = next((value for name, value in response.headers if name.lower() == "link"), "")
    words = re.sub(r'; *rel="(\w+)"', r';title = "a; \\", b" ; REL\t=\t"item \1";rel=next', said)
    kept = tuple(pair for pair in response.headers if pair[0].lower() != "link")
    made = (link.replace("{links}", said).replace("{words}", words) for link in links)
    return replace(response, headers=(*kept, *(("Link", value) for value in made if value)))


def _one_after_the_other(
    one: Callable[[FakeResponse], FakeResponse], two: Callable[[FakeResponse], FakeResponse], response: FakeResponse
) -> FakeResponse:
    return two(one(response))


def with_header(response: FakeResponse, name: str, value: str | None) -> FakeResponse:
    """An answer with one header changed, or left out."""
    kept = tuple(pair for pair in response.headers if pair[0].lower() != name.lower())
    return replace(response, headers=kept if value is None else (*kept, (name, value)))


def with_next_link(response: FakeResponse, url: str | None) -> FakeResponse:
    """A page whose `Link` header names another next page, for the `with_next` of a service that pages by `Link`."""
    return with_header(response, "Link", None if url is None else f'<{url}>; rel="next"')


def next_link(response: FakeResponse) -> str | None:
    """The URL that a `Link` header calls the next page, for the `next_of` of a service that pages by `Link`."""
    links = dict(response.headers).get("Link", "").split(", <")
    return next((link.lstrip("<").split(">")[0] for link in links if 'rel="next"' in link), None)
