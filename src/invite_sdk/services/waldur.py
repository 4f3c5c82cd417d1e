"""Waldur MasterMind: `/api/user-invitations/`, from release 7.0.7 to those of 2026."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import SplitResult, urlsplit

from invite_sdk._errors import tree as errors
from invite_sdk._errors.classify import rule
from invite_sdk._flows.auth import StaticAuth
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Flow
from invite_sdk._flows.exchange import exchange, perform
from invite_sdk._flows.filters import Check, Filters, check_email, check_organization, check_role, check_status
from invite_sdk._flows.paging import listing, page_in
from invite_sdk._flows.walk import Reading
from invite_sdk._model.ids import canonical_id, is_uuid, same_id
from invite_sdk._model.records import Delivery, InvitationCheck, InvitationFields, Scope, Status, unset
from invite_sdk._privacy.texts import shown
from invite_sdk.services import common
from invite_sdk.services.adapter import AcceptWith, Adapter, Moment, NewInvitation
from invite_sdk.services.capabilities import (
    Capabilities,
    Support,
    emulated,
    native,
    server_filter,
    unsupported,
)
from invite_sdk.services.connection import Connection, Secret, base_url, one_of
from invite_sdk.services.ids import require_uuid

if TYPE_CHECKING:
    from pydantic import BaseModel

    from invite_clients._runtime import Call, Response
    from invite_clients.waldur.models.invitation import Invitation as WireInvitation
    from invite_clients.waldur.models.visible_invitation_details import VisibleInvitationDetails
    from invite_sdk._flows.rows import Rows
    from invite_sdk._model.invitation import Acceptance, Invitation

SERVICE = "waldur"
MAX_PAGE_SIZE = 300
"""Servers take a larger page size for this one, without saying so."""

_STATUS: dict[str, Status] = {
    "requested": Status.REQUESTED,
    "project": Status.SCHEDULED,
    "pending": Status.PENDING,
    "accepted": Status.ACCEPTED,
    "rejected": Status.REJECTED,
    "canceled": Status.CANCELED,
    "expired": Status.EXPIRED,
}
_UNSET = unset(SERVICE)
_UNKNOWN = Status.UNKNOWN
_UNKNOWN_DELIVERY = Delivery.UNKNOWN
_STATE = {status: state for state, status in _STATUS.items()}
_DELIVERY: dict[str, Delivery] = {
    "Scheduled": Delivery.QUEUED,
    "Processing": Delivery.QUEUED,
    "OK": Delivery.SENT,
    "Erred": Delivery.FAILED,
}
_SCOPE_PATHS = {
    "customer": "customers",
    "project": "projects",
    "offering": "marketplace-provider-offerings",
    "service_provider": "marketplace-service-providers",
    "call": "proposal-protected-calls",
    "call_organizer": "call-managing-organisations",
    "proposal": "proposal-proposals",
}
"""Where the API has each type of scope. Newer servers have more types; their scopes are named by URL."""
_TYPES_OF_EVERY_AGE = frozenset({"customer", "project", "offering", "call", "proposal"})
_SCOPE_PATH = re.compile(r"/api/([a-z-]+)/([0-9a-fA-F-]{32,36})/?", re.ASCII)

_FURTHER = "`civil_number`, `email_exact`, `o` (the order), `scope_description`, `scope_name` and `scope_type`."

_SCOPE_FILTERS = {
    "status": server_filter(exact=True),
    "email": server_filter("The service's own filter means “contains”; the SDK compares the whole address."),
    "role": server_filter("A role's UUID, or its name exactly as Waldur writes it.", exact=True),
    "organization": server_filter("The customer's UUID.", exact=True),
    "scope": server_filter("A URL, or `Scope(type, id)`."),
    "native_filters": Support("native", _FURTHER),
}
_NEW = {
    "role": Support("native", "The role's UUID; a name is refused."),
    "organization": Support("native", "The customer's UUID. Exactly one of organization and scope."),
    "scope": Support("native", "A URL of this server, or `Scope(type, id)`."),
    "name": Support("native", "At most 100 characters."),
    "message": Support("native", "At most 250 characters."),
    "extra": Support("native", "The other fields of Waldur's request, such as `job_title`."),
}

CAPABILITIES = Capabilities(
    SERVICE,
    "Waldur",
    {
        "list": native(
            "Shows what was sent; servers of 2026 also show the caller's own pending ones.",
            view="both",
            parameters={**_SCOPE_FILTERS, "page_size": Support("native", f"At most {MAX_PAGE_SIZE}.")},
        ),
        "count": native("Without reading rows where every filter can be trusted.", parameters=_SCOPE_FILTERS),
        "get": native(),
        "create": native("Servers before 2026 make a second invitation for the same person.", parameters=_NEW),
        "ensure": emulated("Lists the open ones, then creates.", parameters=_NEW),
        "update": native(
            "Only pending ones.",
            since="7.9.2",
            parameters={"email": Support("native"), "role": Support("native", "The role's UUID, of the same scope.")},
        ),
        "delete": native("Servers before 7.9.2 let only staff do it."),
        "cancel": native(),
        "accept": native("As the invitee. A settled invitation is answered as if it were unknown."),
        "decline": unsupported("cancel", "Waldur has no word for an invitee's no; `reject` is a staff member's."),
        "resend": native("Also revives expired and canceled ones."),
        "approve": native("With the token from the mail; needs no login."),
        "reject": native("With the token from the mail; needs no login."),
        "check": native("Needs no login."),
        "preview": native("Has no id, link or times of its own."),
    },
)


class Waldur(Connection):
    """A Waldur server.

    Args:
        url: the server's address, for example `https://waldur.example.org`.
        token: an API token, sent as `Authorization: Token …`.
        bearer: an OIDC access token instead, sent as `Authorization: Bearer …`; newer servers only.
        allow_http: allow plain http to another machine, which shows the token to the network.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """

    __slots__ = ()
    service = SERVICE
    settings = ("url", "token", "bearer")

    def __init__(
        self, url: str, *, token: Secret | None = None, bearer: Secret | None = None, allow_http: bool = False
    ) -> None:
        root = base_url("url", url, allow_http=allow_http, strip=("/user-invitations", "/api"))
        kind, value = one_of("Waldur", {"token": token, "bearer": bearer})
        scheme = "Token" if kind == "token" else "Bearer"
        super().__init__(root, StaticAuth.authorization(scheme, value))

    @classmethod
    def adapter_type(cls) -> type[WaldurAdapter]:
        """What knows Waldur."""
        return WaldurAdapter


class WaldurAdapter(Adapter):
    """Waldur's operations."""

    capabilities = CAPABILITIES
    error_rules = (
        rule(
            errors.InvalidStateError,
            operations=("user_invitations_cancel", "user_invitations_send"),
            statuses=(400,),
            shapes=("array",),
        ),
        rule(
            errors.InvalidStateError,
            operations=("user_invitations_update", "user_invitations_partial_update"),
            statuses=(400,),
            shapes=("general",),
        ),
        rule(
            errors.AlreadyMemberError,
            operations=("user_invitations_accept",),
            statuses=(400,),
            shapes=("array",),
            hint="as a rule the role is held already; a strict portal also refuses another address so",
        ),
        rule(
            errors.NotFoundError,
            operations=("user_invitations_accept",),
            statuses=(404,),
            hint="unknown, settled already, or meant for somebody else: Waldur does not tell which",
        ),
        rule(
            errors.PermissionDeniedError,
            operations=("user_invitations_create",),
            statuses=(404,),
            shapes=("detail",),
            hint="Waldur answers so when the caller may not invite into the scope",
        ),
        rule(
            errors.NotFoundError,
            operations=(
                "user_invitations_cancel",
                "user_invitations_send",
                "user_invitations_destroy",
                "user_invitations_partial_update",
                "user_invitations_update",
                "user_invitations_delete",
            ),
            statuses=(404,),
            hint="unknown, or the caller lacks the right: Waldur does not tell which",
        ),
    )

    @classmethod
    def native_models(cls) -> tuple[type[BaseModel], ...]:
        """The full record, then what an invitee sees."""
        from invite_clients import waldur

        return (waldur.Invitation, waldur.VisibleInvitationDetails)

    @classmethod
    def is_resendable(cls, invitation: Invitation) -> bool:
        """Pending, expired and canceled ones are sent again."""
        return invitation.status in (Status.PENDING, Status.EXPIRED, Status.CANCELED)

    def check_filters(self, ctx: Context, filters: Filters) -> None:
        _query(ctx, filters)

    def list(self, ctx: Context, filters: Filters, limit: int | None, page_size: int | None) -> Flow[None]:
        query, checks = _query(ctx, filters)
        if query is None:
            return
        pages = _Pages(query, min(page_size or MAX_PAGE_SIZE, MAX_PAGE_SIZE))
        try:
            yield from listing(ctx, pages, checks, limit)
        except errors.ServerError as error:
            # A server fails on a type of scope that it does not know: then every row is read, and checked here.
            if error.status != 500 or pages.were_read or query.get("scope_type") in (None, *_TYPES_OF_EVERY_AGE):
                raise
            del query["scope_type"]
            yield from listing(ctx, pages, checks, limit)

    def count(self, ctx: Context, filters: Filters) -> Flow[int | None]:
        query, _ = _query(ctx, filters)
        if query is None:
            return 0
        declared = CAPABILITIES["count"].parameters
        trusted = all(getattr(declared[name], "exact", False) for name in filters.given)
        if filters.native or not trusted or (filters.statuses and Status.UNKNOWN in filters.statuses):
            return None
        from invite_clients.waldur import user_invitations_count

        make = cast("Callable[..., Call[int | None]]", user_invitations_count)
        return (yield from perform(ctx, make(**query)))

    def get(self, ctx: Context, invitation_id: str) -> Flow[Invitation]:
        from invite_clients.waldur import user_invitations_retrieve

        return from_wire((yield from perform(ctx, user_invitations_retrieve(invitation_id))))

    def create(self, ctx: Context, new: NewInvitation) -> Flow[Invitation]:
        from invite_clients.waldur import InvitationRequest, user_invitations_create

        scope = _scope_of(ctx, new)
        covered = {
            "email": "email",
            "role": "role",
            "scope": "scope",
            "full_name": "name",
            "extra_invitation_text": "message",
        }
        body = common.request_body(
            InvitationRequest,
            {
                **common.extra_fields(new.extra, covered, InvitationRequest),
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
        return (yield from common.answered(ctx, user_invitations_create(body=body), from_wire, known, "uuid"))

    def candidates(self, ctx: Context, new: NewInvitation, moment: Moment) -> Flow[None]:
        """By the address; after a refusal by the role, since the server's filter for the address missed the one."""
        narrowed = Filters(role=_role_id(new)) if moment == "refused" else Filters(email=new.email)
        query, _ = _query(ctx, narrowed)
        return listing(ctx, _Pages(query or {}, MAX_PAGE_SIZE), {}, None)

    def fits(self, ctx: Context, row: Invitation, new: NewInvitation) -> bool | None:
        kind, scope_id = _scope_key(_scope_of(ctx, new))
        wire = _wire(row)
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
        from invite_clients.waldur import (
            PatchedInvitationUpdateRequest,
            user_invitations_partial_update,
        )

        role_id = None if role is None else require_uuid("role", role)
        body = common.request_body(PatchedInvitationUpdateRequest, {"email": email, "role": role_id})
        known: InvitationFields = {
            "id": canonical_id(invitation_id),
            "status": Status.UNKNOWN,
            "email": email,
            "role_id": role_id,
        }

        yield from exchange(ctx, user_invitations_partial_update(invitation_id, body=body))
        return (yield from common.read_back(lambda: self.get(ctx, invitation_id), SERVICE, refetch, known))

    def delete(self, ctx: Context, invitation_id: str) -> Flow[None]:
        from invite_clients.waldur import user_invitations_destroy

        yield from exchange(ctx, user_invitations_destroy(invitation_id))

    def cancel(self, ctx: Context, invitation_id: str, refetch: bool) -> Flow[Invitation]:
        from invite_clients.waldur import user_invitations_cancel

        yield from exchange(ctx, user_invitations_cancel(invitation_id))
        known: InvitationFields = {"id": canonical_id(invitation_id), "status": Status.CANCELED}
        return (yield from common.read_back(lambda: self.get(ctx, invitation_id), SERVICE, refetch, known))

    def accept(self, ctx: Context, invitation_id: str, given: AcceptWith) -> Flow[Acceptance]:
        """Reads the details first, where the caller gave no record: afterwards the invitee may no longer see them."""
        from invite_clients.waldur import user_invitations_accept

        known: InvitationFields = {"id": canonical_id(invitation_id), "status": Status.ACCEPTED}
        before = given.known
        if before is None or before.partial:
            read = partial(self.preview, ctx, invitation_id)
            before = yield from common.read_back(read, SERVICE, given.refetch, known)

        def write() -> Flow[bool]:
            yield from exchange(ctx, user_invitations_accept(invitation_id))
            return True

        def look() -> Flow[bool | None]:
            found = yield from self.preview(ctx, invitation_id)
            return found.status is Status.ACCEPTED or None

        yield from common.settled(ctx, write(), look, lambda: True)
        accepted = before.model_copy(update={"status": Status.ACCEPTED, "native_status": "accepted"})
        return common.accepted(accepted, before.organization_id)

    def resend(self, ctx: Context, invitation_id: str, known: Invitation | None, refetch: bool) -> Flow[Invitation]:
        from invite_clients.waldur import user_invitations_send

        yield from exchange(ctx, user_invitations_send(invitation_id))
        fields: InvitationFields = {
            "id": canonical_id(invitation_id),
            "status": Status.UNKNOWN,
            "delivery": Delivery.QUEUED,
        }
        return (yield from common.read_back(lambda: self.get(ctx, invitation_id), SERVICE, refetch, fields))

    def approve(self, ctx: Context, token: str) -> Flow[None]:
        from invite_clients.waldur import TokenRequest, user_invitations_approve

        def write() -> Flow[bool]:
            yield from exchange(ctx, user_invitations_approve(body=common.request_body(TokenRequest, {"token": token})))
            return True

        open_or_taken = (Status.PENDING, Status.SCHEDULED, Status.ACCEPTED)
        yield from common.settled(ctx, write(), lambda: self._is_now(ctx, token, open_or_taken), lambda: True)

    def reject(self, ctx: Context, token: str) -> Flow[None]:
        from invite_clients.waldur import TokenRequest, user_invitations_reject

        def write() -> Flow[bool]:
            yield from exchange(ctx, user_invitations_reject(body=common.request_body(TokenRequest, {"token": token})))
            return True

        yield from common.settled(ctx, write(), lambda: self._is_now(ctx, token, (Status.REJECTED,)), lambda: True)

    def _is_now(self, ctx: Context, token: str, statuses: tuple[Status, ...]) -> Flow[bool | None]:
        """Whether the invitation that a mail's token speaks of has one of these statuses."""
        invitation_id = token.partition(":")[0].rpartition(".")[2]
        if not is_uuid(invitation_id):
            yield from common.cannot_look()
        found = yield from self.get(ctx, invitation_id)
        return found.status in statuses or None

    def check(self, ctx: Context, invitation_id: str) -> Flow[InvitationCheck]:
        """A 404 without a body means: there, but not pending."""
        from invite_clients.waldur import user_invitations_check

        try:
            said = yield from perform(ctx, user_invitations_check(invitation_id))
        except errors.NotFoundError as error:
            if error.body:
                raise
            return InvitationCheck(valid=False)
        return InvitationCheck(valid=True, email=said.email, civil_number_required=bool(said.civil_number_required))

    def preview(self, ctx: Context, invitation_id: str) -> Flow[Invitation]:
        from invite_clients.waldur import user_invitations_details_retrieve

        details = yield from perform(ctx, user_invitations_details_retrieve(invitation_id))
        return from_details(invitation_id, details, ctx.base_url)


class _Pages:
    """Waldur's listing: bare arrays, with the number of rows and the next page in headers."""

    def __init__(self, query: Mapping[str, object], size: int) -> None:
        self._query = query
        self._size = size
        self.were_read = False

    def call(self, page: int) -> Call[object]:
        from invite_clients.waldur import user_invitations_list

        make = cast("Callable[..., Call[object]]", user_invitations_list)
        return make(**self._query, page=page, page_size=self._size)

    def read(self, response: Response, page: int) -> Reading:
        self.were_read = True
        found, problems = rows().read(response, page)
        said = response.header("x-result-count")
        total = int(said) if said is not None and said.isascii() and said.isdigit() and len(said) < 16 else None
        link = response.header("link")
        if link is not None:
            following = page_in(_next_link(link), page)
        else:  # a proxy dropped the header: go by the count, page sizes being unreliable
            held = len(found) + len(problems)
            seen = (page - 1) * self._size + held
            following = page + 1 if held and total is not None and seen < total else None
        return Reading(found, problems, total, following)


@cache
def rows() -> Rows[WireInvitation]:
    """How the full records are read."""
    from invite_clients.waldur import Invitation
    from invite_sdk._flows import rows as _rows

    return _rows.Rows(Invitation, _fields)


def from_wire(row: WireInvitation) -> Invitation:
    """An Invitation from the full record."""
    return rows().one(row)


def _fields(said: Mapping[str, Any]) -> InvitationFields:
    """The unified fields from those of the full record. Listings spend most of their own time here."""
    fields = _UNSET.copy()
    state, created, expires = said["state"], said["created"], said["expires"]
    fields["id"] = said["uuid"]
    fields["status"] = _STATUS.get(state, _UNKNOWN)
    fields["native_status"] = state if type(state) is str else str(state)
    fields["email"] = said["email"] or None
    fields["name"] = said["full_name"] or None
    if role := said["role_name"]:
        fields["role"] = role
        fields["roles"] = (role,)
    fields["role_id"] = said["role"] or None
    fields["organization_id"] = said["customer_uuid"] or None
    fields["organization_name"] = said["customer_name"] or None
    if said["scope_type"] != "customer":
        fields["scope_type"] = said["scope_type"] or None
        fields["scope_id"] = said["scope_uuid"] or None
        fields["scope_name"] = said["scope_name"] or None
    fields["inviter_name"] = said["created_by_full_name"] or None
    fields["inviter_id"] = said["created_by_username"] or None
    fields["inviter_avatar_url"] = said.get("created_by_image") or None
    fields["created_at"] = created if created is None or created.tzinfo else common.aware(created)
    fields["expires_at"] = expires if expires is None or expires.tzinfo else common.aware(expires)
    fields["message"] = said["extra_invitation_text"] or None
    fields["delivery"] = _DELIVERY.get(said["execution_state"], _UNKNOWN_DELIVERY)
    fields["delivery_detail"] = said["error_message"] or None
    return fields


def from_details(invitation_id: str, row: VisibleInvitationDetails, base_url: str = "") -> Invitation:
    """An Invitation from what its invitee may see, which does not say the id: it is written as the server would."""
    narrower = row.scope_type != "customer"
    return common.invitation(
        SERVICE,
        row,
        {
            "id": canonical_id(invitation_id),
            "status": _STATUS.get(row.state, Status.UNKNOWN),
            "native_status": str(row.state),
            "email": row.email or None,
            "role": row.role_name or None,
            "roles": (row.role_name,) if row.role_name else (),
            "organization_id": row.customer_uuid or None,
            "organization_name": row.customer_name or None,
            "scope_type": (row.scope_type or None) if narrower else None,
            "scope_id": (row.scope_uuid or None) if narrower else None,
            "scope_name": (row.scope_name or None) if narrower else None,
            "inviter_name": row.created_by_full_name or None,
            "inviter_id": row.created_by_username or None,
            "inviter_avatar_url": common.absolute(row.created_by_image, base_url),
            "delivery": _DELIVERY.get(row.execution_state or "", Delivery.UNKNOWN),
            "delivery_detail": row.error_message or None,
        },
    )


def _next_link(header: str) -> str | None:
    """The `next` target of a Link header. Targets may hold commas, so the header is not split at them."""
    found = re.search(r"<([^<>]*)>\s*;\s*rel=\"?next\"?", header)
    return found.group(1) if found else None


def _role_id(new: NewInvitation) -> str:
    if len(new.roles) != 1:
        raise errors.InvalidArgumentError("Waldur grants one role with an invitation: give exactly one")
    if not is_uuid(new.roles[0]):
        raise errors.InvalidArgumentError(
            "role must be the role's UUID on Waldur; a name such as PROJECT.ADMIN is not taken there "
            "(GET /api/roles/ lists names with UUIDs)"
        )
    return new.roles[0]


def _scope_of(ctx: Context, new: NewInvitation) -> str:
    """The URL of what is invited into, on this server."""
    if (new.organization is None) == (new.scope is None):
        raise errors.InvalidArgumentError(
            "Waldur needs exactly one of organization (a customer's UUID) and scope (a URL, or Scope(type, id))"
        )
    if new.organization is not None:
        return _scope_url(ctx, Scope("customer", _uuid("organization", "customer", new.organization)))
    assert new.scope is not None  # noqa: S101 - one of the two is given
    return _scope_url(ctx, new.scope)


def _scope_url(ctx: Context, scope: Scope | str) -> str:
    if isinstance(scope, Scope):
        folder = _SCOPE_PATHS.get(scope.type)
        if folder is None:
            raise errors.InvalidArgumentError(
                f"Waldur takes a scope as its URL, and the SDK knows the URLs of {', '.join(_SCOPE_PATHS)} only: "
                f"give the URL of this {shown(scope.type)}"
            )
        return f"{ctx.base_url}/api/{folder}/{_uuid('Scope id', scope.type, scope.id)}/"
    ours = urlsplit(ctx.base_url)
    try:
        parts = urlsplit(scope)
        is_absolute, host = bool(parts.scheme or parts.netloc), (parts.hostname, _port(parts))
    except ValueError:
        raise errors.InvalidArgumentError("scope is no URL") from None
    if "@" in parts.netloc or "\\" in scope or not scope.isprintable():
        raise errors.InvalidArgumentError("scope holds credentials, a backslash or a control character")
    # A server behind a proxy may write http for https in its own URLs.
    if is_absolute and (host, parts.scheme in ("http", "https")) != ((ours.hostname, _port(ours)), True):
        raise errors.InvalidArgumentError(
            f"scope is a URL of another host or port than {ours.netloc}; Waldur would look only at its path"
        )
    path = parts.path
    if is_absolute and path.startswith(ours.path):
        path = path[len(ours.path) :]
    elif is_absolute:
        path = ""
    found = _SCOPE_PATH.fullmatch(path)
    if found is None or not is_uuid(found.group(2)) or "?" in scope or "#" in scope:
        raise errors.InvalidArgumentError(
            "scope must be the API URL of what is invited into, for example "
            f"{ctx.base_url}/api/projects/<uuid>/, or Scope(type, id)"
        )
    root = f"{parts.scheme}://{parts.netloc}{ours.path}" if is_absolute else ctx.base_url
    return f"{root}/api/{found.group(1)}/{found.group(2)}/"


def _port(parts: SplitResult) -> int | None:
    """The port, or `None` for that which the scheme has anyway."""
    return None if (parts.scheme, parts.port) in (("http", 80), ("https", 443)) else parts.port


def _uuid(name: str, kind: str, value: object) -> str:
    if not isinstance(value, str) or not is_uuid(value):
        raise errors.InvalidArgumentError(
            f"{name} must be the {kind}'s UUID, with or without dashes; a name is not taken "
            f"(GET /api/{_SCOPE_PATHS[kind]}/ lists names with UUIDs)"
        )
    return value


def _scope_key(url: str) -> tuple[str | None, str]:
    """The kind of scope, where it is one of those we name, and its id."""
    found = _SCOPE_PATH.search(urlsplit(url).path)
    assert found is not None  # noqa: S101 - _scope_url has checked it
    kinds = {folder: kind for kind, folder in _SCOPE_PATHS.items()}
    return kinds.get(found.group(1)), found.group(2)


def _wire(row: Invitation) -> WireInvitation:
    return cast("WireInvitation", row.native)


def _check_scope(kind: str | None, scope_id: str) -> Check:
    def check(row: Invitation) -> bool | None:
        wire = _wire(row)
        if wire.scope_uuid is None:
            return None
        return same_id(wire.scope_uuid, scope_id) and (kind is None or wire.scope_type in (None, kind))

    return check


def _order(value: object) -> list[str]:
    several = cast("Sequence[object]", value) if isinstance(value, Sequence) else ()
    fields = [value] if isinstance(value, str) else list(several)
    words = [field for field in fields if isinstance(field, str) and field]
    if not words or len(words) < len(fields):
        raise errors.InvalidArgumentError("the native filter o takes the name of a field, or several")
    return words


def _text_in(name: str) -> Callable[[str], Check]:
    def make(wanted: str) -> Check:
        def check(row: Invitation) -> bool | None:
            said = getattr(_wire(row), name)
            return None if said is None else wanted.casefold() in said.casefold()

        return check

    return make


def _text_is(name: str) -> Callable[[str], Check]:
    def make(wanted: str) -> Check:
        def check(row: Invitation) -> bool | None:
            said = getattr(_wire(row), name)
            return None if said is None else said.lower() == wanted.lower()

        return check

    return make


_NATIVE_FILTERS: Mapping[str, Callable[[str], Check]] = {
    "civil_number": _text_is("civil_number"),
    "email_exact": _text_is("email"),
    "scope_description": _text_in("scope_description"),
    "scope_name": _text_in("scope_name"),
    "scope_type": _text_is("scope_type"),
}


def _query(ctx: Context, filters: Filters) -> tuple[dict[str, object] | None, dict[str, Check]]:
    """What to ask the service, and what to check on every row. No query at all where no row could ever fit."""
    query: dict[str, object] = {}
    checks: dict[str, Check] = {}
    if filters.statuses is not None:
        checks["status"] = check_status(filters.statuses)
        states = sorted(_STATE[status] for status in filters.statuses if status in _STATE)
        if Status.UNKNOWN not in filters.statuses:
            if not states:
                return None, checks
            query["state"] = states
    if filters.email is not None:
        query["email"] = filters.email.strip()
        checks["email"] = check_email(filters.email)
    if filters.role is not None:
        query["role_uuid" if is_uuid(filters.role) else "role_name"] = filters.role
        checks["role"] = check_role(filters.role)
    if filters.organization is not None:
        query["customer_uuid"] = _uuid("organization", "customer", filters.organization)
        checks["organization"] = check_organization(filters.organization)
    if filters.scope is not None:
        if isinstance(filters.scope, Scope) and filters.scope.type not in _SCOPE_PATHS:
            kind: str | None = filters.scope.type
            query["scope_type"], scope_id = kind, require_uuid("Scope id", filters.scope.id)
        else:
            query["scope"] = url = _scope_url(ctx, filters.scope)
            kind, scope_id = _scope_key(url)
        checks["scope"] = _check_scope(kind, scope_id)
    for name, value in filters.native.items():
        if name == "o":
            query["o"] = _order(value)
        elif name not in _NATIVE_FILTERS:
            raise errors.InvalidArgumentError(
                f"Waldur has no native filter {shown(name)} beside the unified ones; there are "
                f"{', '.join(sorted((*_NATIVE_FILTERS, 'o')))}"
            )
        elif not isinstance(value, str) or not value:
            raise errors.InvalidArgumentError(f"the native filter {name} takes text")
        else:
            query[name] = value
            checks[name] = _NATIVE_FILTERS[name](value)
    return query, checks
