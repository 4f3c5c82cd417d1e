"""ZenML Pro: `/invitations`, seen by the invitee."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from invite_clients import zenml
from invite_sdk._errors import tree as errors
from invite_sdk._errors.classify import rule
from invite_sdk._flows.auth import Auth, LoginAuth, NewToken, StaticAuth
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Flow
from invite_sdk._flows.exchange import exchange, perform
from invite_sdk._flows.filters import Filters
from invite_sdk._flows.outcomes import read
from invite_sdk._flows.paging import decoded, listing
from invite_sdk._model.ids import same_id
from invite_sdk._model.records import InvitationCheck, InvitationFields, Status
from invite_sdk._privacy.masking import Hidden
from invite_sdk.services import common, settling
from invite_sdk.services.adapter import AcceptWith, Adapter
from invite_sdk.services.capabilities import Capabilities, Support, emulated, local_filter, native, unsupported
from invite_sdk.services.connection import Connection, Secret, base_url, one_of, secret

if TYPE_CHECKING:
    from pydantic import BaseModel

    from invite_clients._runtime import Call, Response
    from invite_sdk._model.invitation import Acceptance, Invitation

SERVICE = "zenml"
DEFAULT_URL = "https://cloudapi.zenml.io"

_FILTERS = {
    "status": local_filter("Every invitation that is listed is pending."),
    "native_filters": Support("unsupported", "The service filters nothing itself."),
}
_LISTED = {**_FILTERS, "page_size": Support("unsupported", "Everything comes on one page.")}
_NOT_HERE = "Invitations are sent from the organization's pages; this API is the invitee's."

CAPABILITIES = Capabilities(
    SERVICE,
    "ZenML Pro",
    {
        "list": native("Shows the caller's own pending ones, on one page.", view="received", parameters=_LISTED),
        "count": emulated("Lists and counts.", parameters=_FILTERS),
        "get": native("Only pending ones."),
        "create": unsupported(note=_NOT_HERE),
        "ensure": unsupported(note=_NOT_HERE),
        "update": unsupported(note=_NOT_HERE),
        "delete": unsupported("decline"),
        "cancel": unsupported("decline"),
        "accept": native(),
        "decline": native(),
        "resend": unsupported(note=_NOT_HERE),
        "approve": unsupported("accept"),
        "reject": unsupported("decline"),
        "check": emulated("Reads the invitation; a settled one is answered as if it were unknown."),
        "preview": emulated("Reads the invitation."),
        "roles": unsupported(note="Its API tells of the invitee's side only."),
        "scopes": unsupported(note="Its API tells of the invitee's side only."),
    },
)


class ZenML(Connection):
    """ZenML Pro's API, as the invitee.

    Give one of an API key, the credentials of a machine (id, secret and audience together), or a token.

    Args:
        url: the API's address, unless it is ZenML's own.
        api_key: an API key; the client logs in with it.
        client_id: a machine's id.
        client_secret: a machine's secret.
        audience: the audience that the token is for.
        token: a bearer token that is ready to use, and not renewed.
        allow_http: allow plain http to another machine, which shows the credentials to the network.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """

    __slots__ = ()
    service = SERVICE
    settings = ("url", "api_key", "client_id", "client_secret", "audience", "token")
    secrets = ("api_key", "client_secret", "token")

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        api_key: Secret | None = None,
        client_id: str | None = None,
        client_secret: Secret | None = None,
        audience: str | None = None,
        token: Secret | None = None,
        allow_http: bool = False,
    ) -> None:
        root = base_url("url", url, allow_http=allow_http, strip=("/invitations",))
        kind, value = one_of("ZenML", {"api_key": api_key, "client_secret": client_secret, "token": token})
        machine = {"client_id": client_id, "audience": audience}
        missing = [name for name, given in machine.items() if not given]
        if kind == "client_secret" and missing:
            raise errors.ConfigurationError(f"client_secret needs {' and '.join(missing)} beside it")
        if kind != "client_secret" and len(missing) < len(machine):
            raise errors.ConfigurationError(f"client_id and audience belong to client_secret, not to {kind}")
        auth: Auth
        if kind == "token":
            auth = StaticAuth.authorization("Bearer", value)
        elif kind == "api_key":
            auth = LoginAuth(partial(_login, password=value))
        else:
            auth = LoginAuth(partial(_login, client_secret=value, client_id=str(client_id), audience=str(audience)))
        super().__init__(root, auth)

    @classmethod
    def adapter_type(cls) -> type[ZenMLAdapter]:
        """What knows ZenML."""
        return ZenMLAdapter


def _login(
    *,
    password: Hidden | None = None,
    client_id: str | None = None,
    client_secret: Hidden | None = None,
    audience: str | None = None,
) -> Call[NewToken]:
    """The login: a form of its own for API keys, the standard grant for machines."""
    call = zenml.auth_login(
        body=zenml.LoginRequest(
            password=None if password is None else password.get_secret_value(),
            grant_type=None if client_id is None else "client_credentials",
            client_id=client_id,
            client_secret=None if client_secret is None else client_secret.get_secret_value(),
            audience=audience,
        )
    )

    return cast("Call[NewToken]", replace(cast("Call[object]", call), reader=_new_token))


def _new_token(response: Response) -> NewToken:
    """The token, and how long it lasts. What else is wrong with the answer ends no login."""
    # A number so long that Python would not read it is a long time.
    said = cast("object", json.loads(response.body, parse_int=float))
    keys = cast("dict[str, object]", said) if isinstance(said, dict) else {}
    token = keys.get("access_token")
    if not isinstance(token, str):
        raise ValueError("expected an object with an access_token")
    return NewToken(secret("access_token", token), keys.get("expires_in"))


class ZenMLAdapter(Adapter):
    """ZenML's operations."""

    capabilities = CAPABILITIES
    advice = dict.fromkeys(
        ("accept", "decline", "respond_to_invitation"), "get the invitation: while it is there, it was not answered"
    )
    error_rules = (
        rule(
            errors.NotFoundError,
            operations=("get_invitation", "respond_to_invitation"),
            statuses=(404,),
            hint="unknown, answered already, or meant for somebody else",
        ),
    )

    @classmethod
    def native_models(cls) -> tuple[type[BaseModel], ...]:
        """The record."""
        return (zenml.Invitation,)

    def list(self, ctx: Context, filters: Filters, limit: int | None, page_size: int | None) -> Flow[None]:
        read = partial(from_wire, base_url=ctx.base_url)
        pages = common.ArrayPages(lambda page: zenml.list_invitations(), zenml.Invitation, read)
        yield from listing(ctx, pages, filters.checks(), limit)

    def get(self, ctx: Context, invitation_id: str) -> Flow[Invitation]:
        return from_wire((yield from perform(ctx, zenml.get_invitation(invitation_id))), ctx.base_url)

    def accept(self, ctx: Context, invitation_id: str, given: AcceptWith) -> Flow[Acceptance]:
        answered, organization = yield from self._respond(ctx, invitation_id, given.refetch, accept=True)
        return common.accepted(answered.model_copy(update={"organization_id": organization}), organization)

    def decline(self, ctx: Context, invitation_id: str, refetch: bool) -> Flow[Invitation]:
        answered, _ = yield from self._respond(ctx, invitation_id, refetch, accept=False)
        return answered

    def _respond(
        self, ctx: Context, invitation_id: str, refetch: bool, *, accept: bool
    ) -> Flow[tuple[Invitation, str | None]]:
        """Reads first, since what was answered is gone. An answer that cannot be read was an answer all the same."""
        status = Status.ACCEPTED if accept else Status.DECLINED
        known: InvitationFields = {"id": invitation_id, "status": status}
        before = yield from common.read_back(lambda: self.get(ctx, invitation_id), SERVICE, refetch, known)
        call = zenml.respond_to_invitation(invitation_id, accept=accept)
        answered = before.model_copy(update={"status": status})
        unheard = (answered.model_copy(update={"partial": True}), None)

        def write() -> Flow[tuple[Invitation, str | None]]:
            response = yield from exchange(ctx, call)
            try:
                return answered, read(call, response)
            except errors.ResponseParseError:
                return common.with_answer(ctx, unheard[0]), _organization_in(response)

        def look() -> Flow[tuple[Invitation, str | None] | None]:
            """It was there before: if it is gone now, it was answered."""
            if before.partial:
                yield from settling.cannot_look()
            if not (yield from settling.is_gone(lambda: self.get(ctx, invitation_id))):
                return None
            # A 404 may be a proxy's. The list says so in words of the service's own.
            rows, problems = yield from common.collected(self.list(ctx, Filters(), None, None))
            is_listed = bool(problems) or any(same_id(row.id, invitation_id) for row in rows)
            return None if is_listed else unheard

        return (yield from settling.settled(ctx, write(), look, lambda: (common.with_answer(ctx, unheard[0]), None)))

    def check(self, ctx: Context, invitation_id: str) -> Flow[InvitationCheck]:
        found = yield from self.get(ctx, invitation_id)
        return InvitationCheck(valid=found.is_open, organization_name=found.organization_name)


def _organization_in(response: Response) -> str | None:
    """The organization in an answer that is more than its id."""
    try:
        found = set(common.texts_in(decoded(response), {"organizationid"}))
    except errors.ResponseParseError:
        return None
    return found.pop() if len(found) == 1 else None


def from_wire(row: zenml.Invitation, base_url: str = "") -> Invitation:
    """An Invitation from the record: whatever is listed or got is pending."""
    return common.invitation(
        SERVICE,
        row,
        {
            "id": row.id,
            "status": Status.PENDING,
            "organization_name": row.organization_name or None,
            "organization_logo_url": common.absolute(row.organization_logo_url, base_url),
            "organization_member_count": row.organization_member_count,
            "inviter_name": row.inviting_user_name or None,
            "inviter_avatar_url": common.absolute(row.inviting_user_avatar_url, base_url),
            "expires_at": None if row.expiration_date is None else common.aware(row.expiration_date),
        },
    )
