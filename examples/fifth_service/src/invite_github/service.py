"""Gatehouse: `/v2/passes`, issued by hosts and used by guests."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gatehouse_clients.gatehouse.models.pass_ import Pass
from invite_sdk._errors import tree as errors
from invite_sdk._errors.classify import rule
from invite_sdk._flows.auth import StaticAuth
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Flow
from invite_sdk._flows.exchange import exchange, perform
from invite_sdk._flows.filters import Check, Filters, check_email, check_role, check_status
from invite_sdk._flows.outcomes import parse_error, read
from invite_sdk._flows.paging import decoded, listing, page_in, read_rows
from invite_sdk._flows.walk import Reading
from invite_sdk._model.invitation import Acceptance, Invitation
from invite_sdk._model.records import InvitationCheck, InvitationFields, Status
from invite_sdk.services import common
from invite_sdk.services.adapter import AcceptWith, Adapter, NewInvitation
from invite_sdk.services.capabilities import (
    Capabilities,
    Support,
    emulated,
    local_filter,
    native,
    server_filter,
    unsupported,
)
from invite_sdk.services.connection import Connection, Secret, base_url, one_of

if TYPE_CHECKING:
    from pydantic import BaseModel

    from gatehouse_clients.gatehouse import PassPage
    from invite_clients._runtime import Call, Response

SERVICE = "gatehouse"
LEVELS = ("visitor", "resident")
DEFAULT_PAGE_SIZE = 100

_STATUS = {"issued": Status.PENDING, "used": Status.ACCEPTED, "revoked": Status.CANCELED}
_WORDS = {status: word for word, status in _STATUS.items()}
_FILTERS = {
    "status": server_filter(),
    "email": local_filter(),
    "role": local_filter("visitor or resident."),
    "native_filters": Support("unsupported", "There is no other filter."),
}
_NEW = {
    "role": Support("native", "visitor or resident."),
    "name": Support("native"),
    "extra": Support("unsupported", "A pass has no other field."),
}

CAPABILITIES = Capabilities(
    SERVICE,
    "Gatehouse",
    {
        "list": native(view="sent", parameters={**_FILTERS, "page_size": Support("native", "At most 100.")}),
        "count": emulated("Lists and counts.", parameters=_FILTERS),
        "get": native(),
        "create": native("A second pass for the same guest is another one.", parameters=_NEW),
        "ensure": emulated("Lists the open ones, then creates.", parameters=_NEW),
        "update": unsupported("cancel"),
        "delete": unsupported("cancel"),
        "cancel": native(),
        "accept": native("As the guest."),
        "decline": unsupported(),
        "resend": unsupported("create"),
        "approve": unsupported(),
        "reject": unsupported("cancel"),
        "check": emulated("Reads the pass."),
        "preview": unsupported("check"),
    },
    duplicates=True,
)


class Gatehouse(Connection):
    """Gatehouse's API.

    Args:
        url: the server's address.
        key: the key of a host or guest, sent as `Authorization: Bearer …`.
        allow_http: allow plain http to another machine, which shows the key to the network.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """

    __slots__ = ()
    service = SERVICE
    settings = ("url", "key")

    def __init__(self, url: str, *, key: Secret | None = None, allow_http: bool = False) -> None:
        root = base_url("url", url, allow_http=allow_http, strip=("/passes", "/v2"))
        _, value = one_of("Gatehouse", {"key": key})
        super().__init__(root, StaticAuth.authorization("Bearer", value))

    @classmethod
    def adapter_type(cls) -> type[GatehouseAdapter]:
        """What knows Gatehouse."""
        return GatehouseAdapter


class GatehouseAdapter(Adapter):
    """Gatehouse's operations."""

    capabilities = CAPABILITIES
    roles = LEVELS
    error_rules = (
        rule(errors.InvalidStateError, codes=("not_issued",), statuses=(409,), hint="it was used or revoked before"),
    )

    @classmethod
    def native_models(cls) -> tuple[type[BaseModel], ...]:
        """The record."""
        return (Pass,)

    def check_filters(self, ctx: Context, filters: Filters) -> None:
        _checks(filters)

    def list(self, ctx: Context, filters: Filters, limit: int | None, page_size: int | None) -> Flow[None]:
        known = {_WORDS[status] for status in filters.statuses or () if status in _WORDS}
        # One state can be asked for. An unknown word may hide in any answer, so it is looked for in all of them.
        state = known.pop() if len(filters.statuses or ()) == len(known) == 1 else None
        yield from listing(ctx, _Pages(state, page_size or DEFAULT_PAGE_SIZE), _checks(filters), limit)

    def get(self, ctx: Context, invitation_id: str) -> Flow[Invitation]:
        from gatehouse_clients.gatehouse import get_pass

        return from_wire((yield from perform(ctx, get_pass(invitation_id))))

    def create(self, ctx: Context, new: NewInvitation) -> Flow[Invitation]:
        from gatehouse_clients.gatehouse import NewPass, issue_pass

        level = _level(new)
        body = common.request_body(NewPass, {"email": new.email, "level": level, "guest_name": new.name})
        known: InvitationFields = {"email": new.email, "role": level, "roles": (level,), "name": new.name}
        return (yield from common.answered(ctx, issue_pass(body=body), from_wire, known))

    def cancel(self, ctx: Context, invitation_id: str, refetch: bool) -> Flow[Invitation]:
        from gatehouse_clients.gatehouse import revoke_pass

        yield from exchange(ctx, revoke_pass(invitation_id))
        known: InvitationFields = {"id": invitation_id, "status": Status.CANCELED}
        return (yield from common.read_back(lambda: self.get(ctx, invitation_id), SERVICE, refetch, known))

    def accept(self, ctx: Context, invitation_id: str, given: AcceptWith) -> Flow[Acceptance]:
        from gatehouse_clients.gatehouse import use_pass

        known: InvitationFields = {"id": invitation_id, "status": Status.ACCEPTED}
        return Acceptance((yield from common.answered(ctx, use_pass(invitation_id), from_wire, known)))

    def check(self, ctx: Context, invitation_id: str) -> Flow[InvitationCheck]:
        found = yield from self.get(ctx, invitation_id)
        return InvitationCheck(valid=found.is_open, email=found.email, role=found.role)


class _Pages:
    """Gatehouse's listing: an envelope with the URL of the next page."""

    def __init__(self, state: str | None, size: int) -> None:
        self._state = state
        self._size = size

    def call(self, page: int) -> Call[object]:
        from gatehouse_clients.gatehouse import PassState, list_passes

        state = None if self._state is None else PassState(self._state)
        return cast("Call[object]", list_passes(state=state, page=page, page_size=self._size))

    def read(self, response: Response, page: int) -> Reading:
        try:
            said = cast("PassPage", read(self.call(page), response))
        except errors.ResponseParseError:
            return _row_by_row(response, page)
        return Reading([from_wire(row) for row in said.passes], [], said.total, page_in(said.next_, page))


def _row_by_row(response: Response, page: int) -> Reading:
    said = decoded(response)
    if not isinstance(said, dict):
        raise parse_error(response, ValueError("expected an object with passes"))
    envelope = cast("dict[str, object]", said)
    rows, problems = read_rows(response, envelope.get("passes"), Pass, page)
    total, following = envelope.get("total"), envelope.get("next")
    return Reading(
        [from_wire(row) for row in rows],
        problems,
        total if isinstance(total, int) else None,
        page_in(following if isinstance(following, str) else None, page),
    )


def from_wire(row: Pass) -> Invitation:
    """An Invitation from the record. What Gatehouse does not say stays `None`."""
    return Invitation.from_fields(
        SERVICE,
        row,
        {
            "id": row.id,
            "status": _STATUS.get(row.state, Status.UNKNOWN),
            "native_status": str(row.state),
            "email": row.email or None,
            "name": row.guest_name or None,
            "role": str(row.level) or None,
            "roles": (str(row.level),) if row.level else (),
            "inviter_name": row.host or None,
            "created_at": common.aware(row.issued_at),
        },
    )


def _level(new: NewInvitation) -> str:
    if len(new.roles) != 1:
        raise errors.InvalidArgumentError("a pass of Gatehouse has one level: give exactly one role")
    return new.roles[0]


def _checks(filters: Filters) -> dict[str, Check]:
    checks: dict[str, Check] = {}
    if filters.statuses is not None:
        checks["status"] = check_status(filters.statuses)
    if filters.email is not None:
        checks["email"] = check_email(filters.email)
    if filters.role is not None:
        checks["role"] = check_role(filters.role)
    return checks
