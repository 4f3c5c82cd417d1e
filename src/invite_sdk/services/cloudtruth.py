"""CloudTruth: `/api/v1/invitations/`, in its shapes of 2021 and of today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeVar, cast
from urllib.parse import unquote, urlsplit

from invite_clients import cloudtruth
from invite_sdk._errors import tree as errors
from invite_sdk._errors.classify import rule
from invite_sdk._flows.auth import StaticAuth
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Flow
from invite_sdk._flows.exchange import exchange, perform
from invite_sdk._flows.filters import Check, Filters
from invite_sdk._flows.outcomes import parse_error, read
from invite_sdk._flows.paging import decoded, listing, page_in, read_rows
from invite_sdk._flows.walk import Reading
from invite_sdk._model.addresses import common_part
from invite_sdk._model.ids import same_id
from invite_sdk._model.records import Delivery, InvitationCheck, InvitationFields, Problem, Status
from invite_sdk.services import common, settling
from invite_sdk.services.adapter import AcceptWith, Adapter, Moment, NewInvitation
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

    from invite_clients._runtime import Call, Response
    from invite_sdk._model.invitation import Acceptance, Invitation
    from invite_sdk._privacy.masking import Hidden

T = TypeVar("T")

SERVICE = "cloudtruth"
DEFAULT_URL = "https://api.cloudtruth.io"
DEFAULT_PAGE_SIZE = 100
ROLES = ("OWNER", "ADMIN", "CONTRIB", "VIEWER")

_STATUS: dict[str, tuple[Status, Delivery]] = {
    "pending": (Status.PENDING, Delivery.QUEUED),
    "sent": (Status.PENDING, Delivery.SENT),
    "bounced": (Status.PENDING, Delivery.FAILED),
    "accepted": (Status.ACCEPTED, Delivery.SENT),
}

_FILTERS = {
    "status": server_filter("Pending is several states there; the SDK tells them apart."),
    "email": local_filter("Compared on every row, since the service's own filter may mind the case."),
    "role": server_filter("OWNER, ADMIN, CONTRIB or VIEWER."),
    "native_filters": Support("native", "`ordering`."),
}
_NEW = {
    "role": Support("native", "OWNER, ADMIN, CONTRIB or VIEWER; at most your own."),
    "extra": Support("unsupported", "The service takes the address and the role, and nothing else."),
}

CAPABILITIES = Capabilities(
    SERVICE,
    "CloudTruth",
    {
        "list": native(
            "The organization follows from the key.",
            view="sent",
            parameters={**_FILTERS, "page_size": Support("native")},
        ),
        "count": native("Without reading rows where nothing is filtered.", parameters=_FILTERS),
        "get": native(),
        "create": native("One open invitation for each address.", parameters=_NEW),
        "ensure": emulated(
            "Lists those for the address, then creates what is neither open nor accepted.", parameters=_NEW
        ),
        "update": native(
            "Reads first: one that was accepted stays as it is.",
            parameters={"email": Support("native"), "role": Support("native")},
        ),
        "delete": native(),
        "cancel": emulated("Reads first, then deletes the record: there is no such state."),
        "accept": native("As the login whose address was invited; an API key is refused as a rule."),
        "decline": unsupported("cancel"),
        "resend": native(),
        "approve": unsupported(),
        "reject": unsupported("cancel"),
        "check": emulated("Reads the invitation."),
        "preview": emulated("Reads the invitation."),
        "roles": native(
            "Those of its document, without a request. You may grant at most your own.",
            level="partial",
            parameters={"name": local_filter()},
        ),
        "scopes": unsupported(note="An API key is of one organization, which it does not name."),
    },
    duplicates=False,
)


_OF = {"changed": "updated", "deleted": "canceled"}
"""What the caller asked for, by what is done to the record."""
_ADVICE = {"accept": "look whether the login is a member now; accepting again is answered with 404 if it is"}


class CloudTruth(Connection):
    """CloudTruth's API.

    Args:
        url: the API's address, unless it is CloudTruth's own.
        api_key: a service account's key, sent as `Authorization: Api-Key …`.
        jwt: a login's token instead, sent as `Authorization: Bearer …`; accepting needs one.
        allow_http: allow plain http to another machine, which shows the key to the network.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """

    __slots__ = ("_account",)
    _account: str
    service = SERVICE
    settings = ("url", "api_key", "jwt")
    secrets = ("api_key", "jwt")

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        api_key: Secret | None = None,
        jwt: Secret | None = None,
        allow_http: bool = False,
    ) -> None:
        root = base_url("url", url, allow_http=allow_http, strip=("/invitations", "/api/v1"))
        kind, value = one_of("CloudTruth", {"api_key": api_key, "jwt": jwt})
        # A login brings another token each time, so that tells nothing.
        self._account = _digest(value) if kind == "api_key" else ""
        super().__init__(root, StaticAuth.authorization("Api-Key" if kind == "api_key" else "Bearer", value))

    @property
    def account(self) -> str:
        """A short digest of the API key, which is of one organization; empty with a `jwt`."""
        return self._account

    @classmethod
    def adapter_type(cls) -> type[CloudTruthAdapter]:
        """What knows CloudTruth."""
        return CloudTruthAdapter


def _digest(key: Hidden) -> str:
    """What tells keys apart and gives none away."""
    from hashlib import blake2b

    return blake2b(key.get_secret_value().encode(), digest_size=6, person=b"invite-sdk").hexdigest()


class CloudTruthAdapter(Adapter):
    """CloudTruth's operations."""

    capabilities = CAPABILITIES
    role_names = ROLES
    advice = _ADVICE
    error_rules = (
        rule(
            errors.ValidationError,
            operations=("invitations_create",),
            statuses=(404,),
            hint="CloudTruth answers 404 for what it does not take, such as an address that was invited already",
        ),
        rule(
            errors.NotFoundError,
            operations=("invitations_update", "invitations_partial_update"),
            statuses=(404,),
            hint="unknown, or the change is not taken, such as the address of a member: CloudTruth does not tell which",
        ),
        rule(
            errors.NotFoundError,
            operations=("invitations_accept_create", "invitations_resend_create"),
            statuses=(404,),
            hint="unknown, or accepted already: CloudTruth does not tell which",
        ),
        rule(
            errors.PermissionDeniedError,
            operations=("invitations_accept_create",),
            statuses=(403,),
            hint="only the login whose address was invited may accept",
        ),
        rule(
            errors.PermissionDeniedError,
            operations=("invitations_create",),
            statuses=(403,),
            hint="the role may be more permissive than your own",
        ),
    )

    @classmethod
    def native_models(cls) -> tuple[type[BaseModel], ...]:
        """The record."""
        return (cloudtruth.Invitation,)

    @classmethod
    def is_resendable(cls, invitation: Invitation) -> bool:
        """Whatever was not accepted is sent again."""
        return invitation.status is Status.PENDING

    def check_filters(self, ctx: Context, filters: Filters) -> None:
        _query(filters)

    def list(self, ctx: Context, filters: Filters, limit: int | None, page_size: int | None) -> Flow[None]:
        query, checks = _query(filters)
        if query is not None:
            yield from listing(ctx, _Pages(query, page_size or DEFAULT_PAGE_SIZE), checks, limit)

    def count(self, ctx: Context, filters: Filters) -> Flow[int | None]:
        query, _ = _query(filters)
        if query is None:
            return 0
        if filters.given or query:
            return None
        call = cloudtruth.invitations_list(page_size=1)
        response = yield from exchange(ctx, call)
        envelope = _envelope(response)
        rows = envelope["results"]
        total, following, is_said = _said(envelope)
        is_last = is_said and not following
        held = len(cast("list[object]", rows)) if isinstance(rows, list) else -1
        # Unless the page says that it is the last, the rows of this page alone may be all that was counted.
        if total is None or (total != held if is_last else total <= held):
            return None
        return total

    def get(self, ctx: Context, invitation_id: str) -> Flow[Invitation]:
        return from_wire((yield from perform(ctx, cloudtruth.invitations_retrieve(invitation_id))))

    def create(self, ctx: Context, new: NewInvitation) -> Flow[Invitation]:
        body = common.request_body(cloudtruth.InvitationCreate, {"email": new.email, "role": new.role})
        return (yield from common.answered(ctx, cloudtruth.invitations_create(body=body), from_wire, new.fields))

    def candidates(self, ctx: Context, new: NewInvitation, moment: Moment) -> Flow[None]:
        """The service's filter, which may mind the case, narrows the first look: a second one is refused anyway.

        It knows no other spelling of an address either.
        """
        is_plain = common_part(new.email) == new.email
        query = {"email": new.email} if moment == "before" and is_plain else {}
        return listing(ctx, _Pages(query, DEFAULT_PAGE_SIZE), {}, None)

    def may_be_invited(self, refused: errors.APIError) -> bool:
        """The service answers 404 for what it does not take."""
        return refused.status == 404

    def update(
        self, ctx: Context, invitation_id: str, email: str | None, role: str | None, refetch: bool
    ) -> Flow[Invitation]:
        """Reads first, whatever `refetch` says: the record of one that was accepted would change, and no membership."""
        body = common.request_body(cloudtruth.PatchedInvitation, {"email": email, "role": role})
        known: InvitationFields = {"id": invitation_id, "email": email, "role": role, "roles": (role,) if role else ()}
        call = cloudtruth.invitations_partial_update(invitation_id, body=body)

        def write() -> Flow[Invitation]:
            changed = yield from common.answered(ctx, call, from_wire, known)
            if changed.is_final:
                words = "since it was read: its record was changed, and as a rule not the member"
                raise settling.in_state(changed, words)
            return changed

        def look() -> Flow[Invitation | None]:
            """The record of one that was accepted may show a change that no member got."""
            found = yield from self.get(ctx, invitation_id)
            if not settling.shows(found, email, role):
                return None
            if found.is_final:
                known = "it was accepted meanwhile, so that the member may not have what its record shows"
                raise errors.OutcomeUnknownError(known, known=known)
            return found

        settled = settling.settled(ctx, write(), look, lambda: common.unheard(ctx, known))
        _, changed = yield from self._while_open(ctx, invitation_id, settled, "changed")
        return changed

    def delete(self, ctx: Context, invitation_id: str) -> Flow[None]:
        yield from exchange(ctx, cloudtruth.invitations_destroy(invitation_id))

    def cancel(self, ctx: Context, invitation_id: str, refetch: bool) -> Flow[Invitation]:
        """Reads first, whatever `refetch` says: what was accepted must not be deleted, and the record will be gone."""
        delete = settling.delete(self, ctx, invitation_id)
        before, _ = yield from self._while_open(ctx, invitation_id, delete, "deleted")
        return before.model_copy(update={"status": Status.CANCELED})

    def _while_open(
        self, ctx: Context, invitation_id: str, write: Flow[T], done: Literal["changed", "deleted"]
    ) -> Flow[tuple[Invitation, T]]:
        """The record just before a write that must not meet one that was accepted, and what the write brought.

        The service has no condition for it. So the record is read right before, and again before an attempt that had to
        wait; whoever accepts between that reading and the write is not seen.
        """

        def read_open(ctx: Context, words: str) -> Flow[Invitation]:
            before = yield from self.get(ctx, invitation_id)
            if not same_id(before.id, invitation_id):
                raise errors.ResponseParseError(
                    f"the service answered with another invitation than the one asked for; nothing was {done}",
                    status=200,
                )
            if before.is_final:
                raise settling.in_state(before, words)
            return before

        def recheck() -> Flow[None]:
            yield from read_open(replace(ctx), f"by now and cannot be {_OF[done]}")

        before = yield from read_open(ctx, f"and cannot be {_OF[done]}; nothing was {done}")
        ctx.recheck = recheck
        try:
            return before, (yield from write)
        finally:
            ctx.recheck = None

    def accept(self, ctx: Context, invitation_id: str, given: AcceptWith) -> Flow[Acceptance]:
        known: InvitationFields = {"id": invitation_id, "status": Status.ACCEPTED}
        accepted = yield from common.answered(
            ctx, cloudtruth.invitations_accept_create(invitation_id), from_wire, known
        )
        return common.accepted(accepted, accepted.organization_id)

    def resend(self, ctx: Context, invitation_id: str, known: Invitation | None, refetch: bool) -> Flow[Invitation]:
        fields: InvitationFields = {"id": invitation_id, "delivery": Delivery.QUEUED}
        call = cloudtruth.invitations_resend_create(invitation_id)

        def write() -> Flow[Invitation]:
            try:
                sent = yield from common.answered(ctx, call, from_wire, fields)
            except errors.NotFoundError as refused:
                found = yield from common.read_back(lambda: self.get(ctx, invitation_id), SERVICE, True, {})
                if found.is_final:
                    raise settling.in_state(found, "and is not sent again", refused) from refused
                raise
            if sent.is_final:
                raise settling.in_state(sent, "and is not sent again")
            return sent

        def look() -> Flow[Invitation | None]:
            """Only a mail that was out already shows: the state goes back to pending."""
            if known is None or known.delivery not in (Delivery.SENT, Delivery.FAILED):
                yield from settling.cannot_look()
            found = yield from self.get(ctx, invitation_id)
            return found if found.delivery is Delivery.QUEUED else None

        return (yield from settling.settled(ctx, write(), look, lambda: common.unheard(ctx, fields)))

    def check(self, ctx: Context, invitation_id: str) -> Flow[InvitationCheck]:
        found = yield from self.get(ctx, invitation_id)
        return InvitationCheck(
            valid=not found.is_final, email=found.email, organization_id=found.organization_id, role=found.role
        )


class _Pages:
    """CloudTruth's listing: an envelope, none of whose keys is sure to be there."""

    def __init__(self, query: dict[str, str], size: int) -> None:
        self._query = query
        self._size = size

    def call(self, page: int) -> Call[object]:
        return cloudtruth.invitations_list(**self._query, page=page, page_size=self._size)

    def read(self, response: Response, page: int) -> Reading:
        try:
            said = cast("cloudtruth.PaginatedInvitationList", read(self.call(page), response))
        except errors.ResponseParseError:
            return self._row_by_row(response, page)
        if said.results is None:
            return self._row_by_row(response, page)
        envelope: dict[str, object] = {"count": said.count}
        if "next_" in said.model_fields_set:
            envelope["next"] = said.next_
        return self._reading(said.results, [], envelope, page)

    def _row_by_row(self, response: Response, page: int) -> Reading:
        envelope = _envelope(response)
        rows, problems = read_rows(response, envelope["results"], cloudtruth.Invitation, page)
        return self._reading(rows, problems, envelope, page)

    def _reading(
        self, rows: Sequence[cloudtruth.Invitation], problems: Sequence[Problem], envelope: dict[str, object], page: int
    ) -> Reading:
        total, following, is_said = _said(envelope)
        asked = None if is_said else self._size
        return Reading([from_wire(row) for row in rows], [*problems], total, page_in(following, page), asked)


def _envelope(response: Response) -> dict[str, object]:
    """What lies around the rows of a page.

    Raises:
        ResponseParseError: there are no rows, so that it is no page.
    """
    said = decoded(response)
    if not isinstance(said, dict) or "results" not in said:
        raise parse_error(response, ValueError("expected an object with results"))
    return cast("dict[str, object]", said)


def _said(envelope: dict[str, object]) -> tuple[int | None, str | None, bool]:
    """The number of rows over all pages, the next page's link, and whether it is said whether there is one."""
    count, following = envelope.get("count"), envelope.get("next", False)
    counted = count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None
    return counted, following if isinstance(following, str) else None, following is None or isinstance(following, str)


def from_wire(row: cloudtruth.Invitation) -> Invitation:
    """An Invitation from the record, of either age."""
    status, delivery = _STATUS.get(row.state.lower(), (Status.UNKNOWN, Delivery.UNKNOWN))
    role = str(row.role) if row.role else None
    return common.invitation(
        SERVICE,
        row,
        {
            "id": row.id,
            "status": status,
            "native_status": row.state,
            "email": row.email or None,
            "role": role,
            "roles": () if role is None else (role,),
            "organization_id": _last_segment(row.organization),
            "inviter_name": row.inviter_name or None,
            "inviter_id": row.inviter or None,
            "delivery": delivery,
            "delivery_detail": row.state_detail or None,
        },
    )


def _last_segment(url: str | None) -> str | None:
    try:
        return (unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2]) or None) if url else None
    except ValueError:  # such as brackets in the host that hold no address
        return None


def _query(filters: Filters) -> tuple[dict[str, str] | None, dict[str, Check]]:
    """What to ask the service, and what to check on every row. No query at all where no row could ever fit."""
    query: dict[str, str] = {}
    checks = filters.checks()
    if filters.statuses is not None:
        if not filters.statuses & {Status.PENDING, Status.ACCEPTED, Status.UNKNOWN}:
            return None, checks
        if filters.statuses <= {Status.ACCEPTED}:
            query["state"] = "accepted"
    if filters.role is not None:
        query["role"] = filters.role
    for name, value in filters.native.items():
        if name != "ordering" or not isinstance(value, str):
            raise errors.InvalidArgumentError(
                "CloudTruth's only native filter beside the unified ones is ordering, as text"
            )
        query[name] = value
    return query, checks
