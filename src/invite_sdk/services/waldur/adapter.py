"""Waldur's operations."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from invite_clients import waldur
from invite_sdk._errors import tree as errors
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Flow
from invite_sdk._flows.exchange import exchange, perform
from invite_sdk._flows.filters import Filters
from invite_sdk._flows.outcomes import parse_error, read
from invite_sdk._flows.paging import listing
from invite_sdk._model.ids import canonical_id, is_uuid, same_id
from invite_sdk._model.records import Delivery, InvitationCheck, InvitationFields, Status
from invite_sdk.services import common, settling
from invite_sdk.services.adapter import AcceptWith, Adapter, Moment, NewInvitation
from invite_sdk.services.ids import require_uuid
from invite_sdk.services.waldur.capabilities import CAPABILITIES, ERROR_RULES, MAX_PAGE_SIZE, SERVICE
from invite_sdk.services.waldur.listing import Pages, query_of
from invite_sdk.services.waldur.reading import from_details, from_wire, wire_of
from invite_sdk.services.waldur.scopes import scope_key, scope_of

if TYPE_CHECKING:
    from pydantic import BaseModel

    from invite_clients._runtime import Call
    from invite_sdk._flows.lookups import Lookup
    from invite_sdk._model.invitation import Acceptance, Invitation

_TYPES_OF_EVERY_AGE = frozenset({"customer", "project", "offering", "call", "proposal"})


class WaldurAdapter(Adapter):
    """Waldur's operations."""

    capabilities = CAPABILITIES
    error_rules = ERROR_RULES
    takes_names = frozenset({"role", "organization", "scope"})
    organization_type = "customer"
    late = ("invite_sdk.services.waldur.lookups",)

    @classmethod
    def native_models(cls) -> tuple[type[BaseModel], ...]:
        """The full record, then what an invitee sees."""
        return (waldur.Invitation, waldur.VisibleInvitationDetails)

    @classmethod
    def is_resendable(cls, invitation: Invitation) -> bool:
        """Pending, expired and canceled ones are sent again."""
        return invitation.status in (Status.PENDING, Status.EXPIRED, Status.CANCELED)

    def check_filters(self, ctx: Context, filters: Filters) -> None:
        query_of(ctx, filters)

    def list(self, ctx: Context, filters: Filters, limit: int | None, page_size: int | None) -> Flow[None]:
        query, checks = query_of(ctx, filters)
        if query is None:
            return
        pages = Pages(query, min(page_size or MAX_PAGE_SIZE, MAX_PAGE_SIZE))
        try:
            yield from listing(ctx, pages, checks, limit)
        except errors.ServerError as error:
            # A server fails on a type of scope that it does not know: then every row is read, and checked here.
            if error.status != 500 or pages.were_read or query.get("scope_type") in (None, *_TYPES_OF_EVERY_AGE):
                raise
            del query["scope_type"]
            yield from listing(ctx, pages, checks, limit)

    def count(self, ctx: Context, filters: Filters) -> Flow[int | None]:
        query, _ = query_of(ctx, filters)
        if query is None:
            return 0
        declared = CAPABILITIES["count"].parameters
        trusted = all(getattr(declared[name], "exact", False) for name in filters.given)
        if filters.native or not trusted or (filters.statuses and Status.UNKNOWN in filters.statuses):
            return None
        make = cast("Callable[..., Call[int | None]]", waldur.user_invitations_count)
        try:
            return (yield from perform(ctx, make(**query)))
        except errors.ResponseParseError:  # a header that says no number
            return None

    def get(self, ctx: Context, invitation_id: str) -> Flow[Invitation]:
        return from_wire((yield from perform(ctx, waldur.user_invitations_retrieve(invitation_id))))

    def create(self, ctx: Context, new: NewInvitation) -> Flow[Invitation]:
        scope = scope_of(ctx, new)
        covered = {
            "email": "email",
            "role": "role",
            "scope": "scope",
            "full_name": "name",
            "extra_invitation_text": "message",
        }
        body = common.request_body(
            waldur.InvitationRequest,
            {
                **common.extra_fields(new.extra, covered, waldur.InvitationRequest),
                "email": new.email,
                "role": _role_id(new),
                "scope": scope,
                "full_name": new.name,
                "extra_invitation_text": new.message,
            },
            covered,
        )
        known: InvitationFields = {
            "email": new.email,
            "name": new.name,
            "role_id": body.role,
            "message": new.message,
        }
        return (yield from common.answered(ctx, waldur.user_invitations_create(body=body), from_wire, known, "uuid"))

    def candidates(self, ctx: Context, new: NewInvitation, moment: Moment) -> Flow[None]:
        """By the address; after a refusal by the role, since the server's filter for the address missed the one."""
        narrowed = Filters(role=_role_id(new)) if moment == "refused" else Filters(email=new.email)
        query, _ = query_of(ctx, narrowed)
        return listing(ctx, Pages(query or {}, MAX_PAGE_SIZE), {}, None)

    def fits(self, ctx: Context, row: Invitation, new: NewInvitation) -> bool | None:
        kind, scope_id = scope_key(scope_of(ctx, new))
        wire = wire_of(row)
        # A scope that was deleted leaves neither id nor name: such a row is of nothing that one can invite into.
        if row.role_id is None or (wire.scope_uuid is None and wire.scope_name is not None):
            return None
        in_scope = same_id(wire.scope_uuid, scope_id) and (kind is None or wire.scope_type in (None, kind))
        return in_scope and same_id(row.role_id, _role_id(new))

    def may_be_invited(self, refused: errors.APIError) -> bool:
        """The address alone is refused. Other reasons look the same."""
        return isinstance(refused, errors.ValidationError) and set(refused.field_errors) == {"email"}

    def update(
        self, ctx: Context, invitation_id: str, email: str | None, role: str | None, refetch: bool
    ) -> Flow[Invitation]:
        role_id = None if role is None else require_uuid("role", role)
        body = common.request_body(waldur.PatchedInvitationUpdateRequest, {"email": email, "role": role_id})
        yield from exchange(ctx, waldur.user_invitations_partial_update(invitation_id, body=body))
        return (yield from self._read_back(ctx, invitation_id, refetch, {"email": email, "role_id": role_id}))

    def delete(self, ctx: Context, invitation_id: str) -> Flow[None]:
        yield from exchange(ctx, waldur.user_invitations_destroy(invitation_id))

    def cancel(self, ctx: Context, invitation_id: str, refetch: bool) -> Flow[Invitation]:
        yield from exchange(ctx, waldur.user_invitations_cancel(invitation_id))
        return (yield from self._read_back(ctx, invitation_id, refetch, {"status": Status.CANCELED}))

    def _read_back(self, ctx: Context, invitation_id: str, refetch: bool, known: InvitationFields) -> Flow[Invitation]:
        known = {"id": canonical_id(invitation_id), **known}
        return common.read_back(lambda: self.get(ctx, invitation_id), SERVICE, refetch, known)

    def accept(self, ctx: Context, invitation_id: str, given: AcceptWith) -> Flow[Acceptance]:
        """Reads the details first, where the caller gave no record: afterwards the invitee may no longer see them."""
        known: InvitationFields = {"id": canonical_id(invitation_id), "status": Status.ACCEPTED}
        before = given.known
        if before is None or before.partial:
            read = partial(self.preview, ctx, invitation_id)
            before = yield from common.read_back(read, SERVICE, given.refetch, known)

        def look() -> Flow[bool | None]:
            found = yield from self.preview(ctx, invitation_id)
            return found.status is Status.ACCEPTED or None

        write = settling.done(exchange(ctx, waldur.user_invitations_accept(invitation_id)))
        yield from settling.settled(ctx, write, look, lambda: True)
        accepted = before.model_copy(update={"status": Status.ACCEPTED, "native_status": "accepted"})
        return common.accepted(accepted, before.organization_id)

    def resend(self, ctx: Context, invitation_id: str, known: Invitation | None, refetch: bool) -> Flow[Invitation]:
        yield from exchange(ctx, waldur.user_invitations_send(invitation_id))
        return (yield from self._read_back(ctx, invitation_id, refetch, {"delivery": Delivery.QUEUED}))

    def approve(self, ctx: Context, token: str) -> Flow[None]:
        open_or_taken = (Status.PENDING, Status.SCHEDULED, Status.ACCEPTED)
        return self._answer(ctx, waldur.user_invitations_approve, token, open_or_taken)

    def reject(self, ctx: Context, token: str) -> Flow[None]:
        return self._answer(ctx, waldur.user_invitations_reject, token, (Status.REJECTED,))

    def _answer(
        self, ctx: Context, make: Callable[..., Call[waldur.Detail | None]], token: str, statuses: tuple[Status, ...]
    ) -> Flow[None]:
        call = make(body=common.request_body(waldur.TokenRequest, {"token": token}))
        write = settling.done(exchange(ctx, call))
        yield from settling.settled(ctx, write, lambda: self._is_now(ctx, token, statuses), lambda: True)

    def _is_now(self, ctx: Context, token: str, statuses: tuple[Status, ...]) -> Flow[bool | None]:
        """Whether the invitation that a mail's token speaks of has one of these statuses."""
        invitation_id = token.partition(":")[0].rpartition(".")[2]
        if not is_uuid(invitation_id):
            yield from settling.cannot_look()
        found = yield from self.get(ctx, invitation_id)
        return found.status in statuses or None

    def check(self, ctx: Context, invitation_id: str) -> Flow[InvitationCheck]:
        """A 404 without a body means: there, but not pending."""
        call = waldur.user_invitations_check(invitation_id)
        try:
            response = yield from exchange(ctx, call)
        except errors.NotFoundError as error:
            if error.body:
                raise
            return InvitationCheck(valid=False)
        said = read(call, response)
        if said.email is None:  # it says nothing of an invitation, such as an error that came with success
            raise parse_error(response, ValueError("expected the address that was invited"))
        return InvitationCheck(valid=True, email=said.email, civil_number_required=bool(said.civil_number_required))

    def preview(self, ctx: Context, invitation_id: str) -> Flow[Invitation]:
        details = yield from perform(ctx, waldur.user_invitations_details_retrieve(invitation_id))
        return from_details(invitation_id, details, ctx.base_url)

    def roles(self, ctx: Context, wanted: Lookup, limit: int | None, page_size: int | None) -> Flow[None]:
        from invite_sdk.services.waldur import lookups

        return lookups.roles(ctx, wanted, limit, page_size)

    def scopes(self, ctx: Context, wanted: Lookup, limit: int | None, page_size: int | None) -> Flow[None]:
        from invite_sdk.services.waldur import lookups

        return lookups.scopes(ctx, wanted, limit, page_size)


def _role_id(new: NewInvitation) -> str:
    if not is_uuid(new.role):
        raise errors.InvalidArgumentError(
            "role must be the role's UUID where names are not looked up (resolve=False); roles() lists both"
        )
    return new.role
