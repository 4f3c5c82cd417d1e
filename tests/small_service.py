"""A service as small as an author may write it: an adapter that lists, creates, gets and cancels, and says no more."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, TypeAdapter

from invite_clients._runtime import Call, Repeat, Request, Response
from invite_sdk import AlreadyInvitedError, Invitation, Status
from invite_sdk.services import (
    OPERATIONS,
    Adapter,
    ArrayPages,
    Capabilities,
    Connection,
    Context,
    ErrorRule,
    Filters,
    Flow,
    InvitationFields,
    NewInvitation,
    StaticAuth,
    Support,
    emulated,
    exchange,
    listing,
    local_filter,
    native,
    one_of,
    perform,
    rule,
    unsupported,
)
from invite_sdk.testing import FakeRequest, FakeResponse, FakeService

SERVICE = "small"
T = TypeVar("T")
_STATUS = {
    "open": Status.PENDING,
    "withdrawn": Status.CANCELED,
    "taken": Status.ACCEPTED,
    "refused": Status.DECLINED,
    "late": Status.EXPIRED,
}
_TAKEN = ("open", "taken")
_NEW = {"role": Support("native"), "organization": Support("native")}
_FILTERS = {"status": local_filter(), "email": local_filter()}


class Row(BaseModel):
    """An invitation on the wire."""

    id: str
    email: str
    role: str | None = None
    team: str | None = None
    state: str


def call(
    method: str, path: str, operation: str, repeat: Repeat, reader: Callable[[Response], T], body: object = None
) -> Call[T]:
    """What a generated client would make."""
    content = None if body is None else json.dumps(body).encode()
    request = Request(method, f"/invitations{path}", body=content)
    return Call(SERVICE, operation, request, frozenset({200, 201, 204}), False, repeat, reader)


def one(response: Response) -> Row:
    return Row.model_validate_json(response.body)


def every(response: Response) -> list[Row]:
    return TypeAdapter(list[Row]).validate_json(response.body)


def nothing(response: Response) -> None:
    """The reader of an answer without a body."""


class SmallAdapter(Adapter):
    """Nothing here settles, claims, or knows of `ensure`."""

    capabilities = Capabilities(
        SERVICE,
        "Small",
        {
            **{name: unsupported() for name in OPERATIONS},
            "list": native(view="sent", parameters=_FILTERS),
            "get": native(),
            "create": native(parameters=_NEW),
            "ensure": emulated("Lists, then creates.", parameters=_NEW),
            "cancel": native(),
        },
    )
    error_rules: ClassVar[tuple[ErrorRule, ...]] = (rule(AlreadyInvitedError, statuses=(409,), codes=("twice",)),)

    @classmethod
    def native_models(cls) -> tuple[type[BaseModel], ...]:
        return (Row,)

    def list(self, ctx: Context, filters: Filters, limit: int | None, page_size: int | None) -> Flow[None]:
        pages = ArrayPages(lambda page: call("GET", "", "list_all", "safe", every), Row, invitation_of)
        yield from listing(ctx, pages, filters.checks(), limit)

    def get(self, ctx: Context, invitation_id: str) -> Flow[Invitation]:
        return invitation_of((yield from perform(ctx, call("GET", f"/{invitation_id}", "get_one", "safe", one))))

    def create(self, ctx: Context, new: NewInvitation) -> Flow[Invitation]:
        body = {"email": new.email, "role": new.role, "team": new.organization}
        return invitation_of((yield from perform(ctx, call("POST", "", "create_one", "once", one, body))))

    def cancel(self, ctx: Context, invitation_id: str, refetch: bool) -> Flow[Invitation]:
        yield from exchange(ctx, call("POST", f"/{invitation_id}/withdraw", "cancel_one", "idempotent", nothing))
        return (yield from self.get(ctx, invitation_id))


def invitation_of(row: Row) -> Invitation:
    fields: InvitationFields = {
        "id": row.id,
        "status": _STATUS.get(row.state, Status.UNKNOWN),
        "native_status": row.state,
        "email": row.email,
        "role": row.role,
        "roles": (row.role,) if row.role else (),
        "organization_id": row.team,
    }
    return Invitation.from_fields(SERVICE, row, fields)


class Small(Connection):
    """The connection; every subclass may bring an adapter of its own."""

    __slots__ = ("adapter",)
    adapter: type[Adapter]
    service = SERVICE
    settings = ("url", "key")

    def __init__(self, url: str, *, key: str, adapter: type[Adapter] = SmallAdapter) -> None:
        _, value = one_of("Small", {"key": key})
        self.adapter = adapter
        super().__init__(url, StaticAuth.authorization("Bearer", value))

    def adapter_type(self) -> type[Adapter]:  # type: ignore[override]
        return self.adapter


class FakeSmall(FakeService):
    """Keeps invitations.

    Args:
        adapter: what knows it.
        unique: whether it refuses a second invitation for an address, where one is open or was accepted.
        does: what a write changes in its row; `None` removes the row.
    """

    service = SERVICE
    keeps = ("rows",)
    routes: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("list_all", "GET", "/invitations"),
        ("get_one", "GET", "/invitations/*"),
        ("create_one", "POST", "/invitations"),
        ("cancel_one", "POST", "/invitations/*/withdraw"),
    )

    def __init__(
        self,
        adapter: type[Adapter] = SmallAdapter,
        *,
        unique: bool = False,
        does: Mapping[str, str] | None = MappingProxyType({"state": "withdrawn"}),
    ) -> None:
        super().__init__()
        self.adapter, self.unique, self.does = adapter, unique, does
        self.rows: dict[str, dict[str, Any]] = {}

    @property
    def credentials(self) -> Mapping[str, str]:
        return {"owner": "Authorization: Bearer key"}

    def connection(self, user: str | None = None) -> Small:
        return Small(self.base_url, key="key", adapter=self.adapter)

    def answer_to(self, operation: str | None, request: FakeRequest) -> FakeResponse:
        if operation == "list_all":
            return FakeResponse.json(200, list(self.rows.values()))
        if operation == "create_one":
            return self._create(json.loads(request.body))
        row = self.rows.get(request.path.split("/")[2])
        if row is None:
            return FakeResponse.json(404, {"code": "none"})
        if operation == "get_one":
            return FakeResponse.json(200, row)
        if row["state"] == "withdrawn":
            return FakeResponse.json(409, {"code": "closed"})
        self.count("written")
        row.update(self.does or {})
        if self.does is None:
            del self.rows[row["id"]]
        return FakeResponse(204)

    def _create(self, body: dict[str, Any]) -> FakeResponse:
        if self.unique and any(row["email"] == body["email"] and row["state"] in _TAKEN for row in self.rows.values()):
            return FakeResponse.json(409, {"code": "twice"})
        self.count("created")
        return FakeResponse.json(201, self.put(**body))

    def put(self, email: str, role: str | None = "reader", team: str | None = None, state: str = "open") -> Any:
        """A row, without a request."""
        row = {"id": str(self.new_uuid()), "email": email, "role": role, "team": team, "state": state}
        self.rows[str(row["id"])] = row
        return row


def changed(**members: Any) -> type[SmallAdapter]:
    """The adapter with something more declared or written."""
    return type("ChangedAdapter", (SmallAdapter,), members)


def declared(**changes: Any) -> Capabilities:
    """The capabilities with some changed."""
    found = SmallAdapter.capabilities
    return replace(found, **{"operations": {**found.operations, **changes.pop("operations", {})}, **changes})
