"""GitHub: invitations into one organization, those that wait and those that failed."""

from __future__ import annotations

from functools import partial
from typing import cast

from github_clients import github
from invite_sdk import APIError, ConfigurationError, InvalidArgumentError, Invitation, NotFoundError, Status
from invite_sdk import ValidationError as Invalid
from invite_sdk import services as kit
from invite_sdk.services import Context, Filters, Flow, Support, native, unsupported

_FILTERS = {
    "status": kit.server_filter("Pending, or expired: what failed, for whatever reason."),
    "email": kit.local_filter("Who was invited by login has no address: the row is a problem."),
    "role": kit.server_filter(),
    "native_filters": Support("native", "`invitation_source`: member or scim."),
}
_NEW = {
    "role": Support("native", "admin, direct_member, billing_manager or reinstate."),
    "extra": Support("native", "`team_ids`. To invite a user without an address there is the native call."),
}
CAPABILITIES = kit.Capabilities(
    "github",
    "GitHub",
    {
        "list": native(view="sent", parameters={**_FILTERS, "page_size": Support("native", "At most 100.")}),
        "count": kit.emulated("Lists and counts.", parameters=_FILTERS),
        "create": native("Into the organization of the connection.", parameters=_NEW),
        "ensure": kit.emulated("Lists the pending ones, then creates; accepted ones are not listed.", parameters=_NEW),
        "cancel": native("Nothing is left of it then."),
        "resend": unsupported("create"),
        **dict.fromkeys(("get", "check", "preview"), unsupported("list")),
        "roles": native("The four of its document, unasked.", level="partial", parameters={"name": kit.local_filter()}),
        **dict.fromkeys(("update", "delete", "decline", "reject"), unsupported("cancel")),
        **dict.fromkeys(("accept", "approve", "scopes"), unsupported()),
    },
    duplicates=False,
)


class GitHub(kit.Connection):
    """An organization on GitHub.

    Args:
        organization: its login, as in its address.
        token: a token of one of its owners, sent as `Authorization: Bearer …`.
        url: the API's address, unless it is that of github.com.
        allow_http: allow plain http to another machine, which shows the token to the network.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """

    __slots__ = ("organization",)
    organization: str
    service = "github"
    settings = ("organization", "token", "url")
    secrets = ("token",)

    def __init__(
        self, organization: str, *, token: kit.Secret, url: str = "https://api.github.com", allow_http: bool = False
    ) -> None:
        if not isinstance(organization, str) or not kit.is_id("opaque", organization):
            raise ConfigurationError("organization must be the login of an organization, such as acme")
        self.organization = organization
        root = kit.base_url("url", url, allow_http=allow_http)
        super().__init__(root, kit.StaticAuth.authorization("Bearer", kit.secret("token", token)))

    @property
    def account(self) -> str:
        return self.organization

    @classmethod
    def adapter_type(cls) -> type[GitHubAdapter]:
        return GitHubAdapter


class GitHubAdapter(kit.Adapter[GitHub]):
    """GitHub's operations."""

    capabilities = CAPABILITIES
    id_kind = "integer"
    role_names = ("admin", "direct_member", "billing_manager", "reinstate")
    cancel_removes = True
    error_rules = (
        kit.rule(Invalid, codes=("unprocessable",), hint="a member, over a limit, ...: only GitHub's words tell"),
        kit.rule(NotFoundError, statuses=(404,), hint="or the token may not see it: GitHub does not tell which"),
    )

    @classmethod
    def native_models(cls) -> tuple[type[github.OrganizationInvitation]]:
        return (github.OrganizationInvitation,)

    @classmethod
    def throttled(cls, response: kit.Response, now: float) -> float | None:
        """A 403 may be a limit, too: it names a wait, or the moment from which requests are left again."""
        if response.status not in (403, 429):
            return None
        reset = response.header("x-ratelimit-reset") or ""
        if response.header("x-ratelimit-remaining") != "0" or not kit.is_id("integer", reset):
            return kit.retry_after(response, now)
        return kit.retry_after(response, now) or max(0.0, int(reset) - now)

    def check_filters(self, ctx: Context, filters: Filters) -> None:
        if filters.native and dict(filters.native) not in [{"invitation_source": one} for one in ("member", "scim")]:
            raise InvalidArgumentError("GitHub's native filter is invitation_source, which is member or scim")

    def list(self, ctx: Context, filters: Filters, limit: int | None, page_size: int | None) -> Flow[None]:
        checks = filters.checks()
        if filters.native:
            checks["native_filters"] = partial(_is_from, filters.native["invitation_source"])
        # First the pending ones: what fails meanwhile has been met there.
        asked = [one for one in (Status.PENDING, Status.EXPIRED) if filters.statuses is None or one in filters.statuses]
        lists = [self._pages(status, filters, min(page_size or 100, 100)) for status in asked]
        if lists:
            yield from kit.listing(ctx, lists[0], checks, limit, then=lists[1:])

    def create(self, ctx: Context, new: kit.NewInvitation) -> Flow[Invitation]:
        taken = {"email": "email", "invitee_id": "email", "role": "role"}
        extra = kit.extra_fields(new.extra, taken, github.NewInvitation)
        body = kit.request_body(github.NewInvitation, {"email": new.email, "role": new.role, **extra})
        call = github.create_invitation(self.connection.organization, body=body)
        return (yield from kit.answered(ctx, call, partial(self._read, Status.PENDING), new.fields))

    def candidates(self, ctx: Context, new: kit.NewInvitation, moment: kit.Moment) -> Flow[None]:
        # Who was invited by login has an address that GitHub does not tell: if such a row counted, one would stop
        # `ensure` for everybody. The worst is a second mail to that person. A row that says neither does stop it.
        pages = self._pages(Status.PENDING, Filters(), 100)
        return kit.listing(ctx, pages, {"email": lambda row: row.email is not None or row.name is None}, None)

    def fits(self, ctx: Context, row: Invitation, new: kit.NewInvitation) -> bool | None:
        # Which role a former member had is nowhere to be read.
        return None if new.roles == ("reinstate",) else super().fits(ctx, row, new)

    def may_be_invited(self, refused: APIError) -> bool:
        return refused.code == "unprocessable"  # Members are refused alike: the list tells them apart.

    def cancel(self, ctx: Context, invitation_id: str, refetch: bool) -> Flow[Invitation]:
        yield from kit.exchange(ctx, github.cancel_invitation(self.connection.organization, int(invitation_id)))
        return kit.partial("github", {"id": invitation_id, "status": Status.CANCELED})

    def _pages(self, status: Status, filters: Filters, size: int) -> kit.ArrayPages[github.OrganizationInvitation]:
        organization, source = self.connection.organization, cast("str | None", filters.native.get("invitation_source"))
        ask = partial(github.list_failed_invitations, organization, per_page=size)
        if status is Status.PENDING:
            narrowed = partial(github.list_pending_invitations, role=filters.role, invitation_source=source)
            ask = partial(narrowed, organization, per_page=size)
        read = partial(self._read, status)
        return kit.ArrayPages(lambda page: ask(page=page), github.OrganizationInvitation, read, size)

    def _read(self, status: Status, row: github.OrganizationInvitation) -> Invitation:
        """An Invitation from the record, which does not say itself in which list it is."""
        fields: kit.InvitationFields = {
            "id": str(row.id),
            "status": status,
            "native_status": "pending" if status is Status.PENDING else "failed",
            "email": row.email or None,
            "name": row.login or None,
            "role": str(row.role),
            "roles": (str(row.role),),
            "organization_name": self.connection.organization,
            "created_at": kit.aware(row.created_at),
            "delivery_detail": row.failed_reason or None,
        }
        if row.inviter is not None:
            fields.update({"inviter_name": row.inviter.login, "inviter_id": str(row.inviter.id)})
        return kit.invitation("github", row, fields)


def _is_from(source: object, row: Invitation) -> bool | None:
    said = cast("github.OrganizationInvitation", row.native).invitation_source
    return None if said is None else said == source
