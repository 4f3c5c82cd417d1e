"""GitHub as the behaviour suite sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from github_clients import github
from invite_github.fake import FakeGitHub
from invite_sdk.testing.suite import Case, Filtered, NativeCase, Sample, World

if TYPE_CHECKING:
    from invite_sdk import InviteClient


class GitHubWorld(World[FakeGitHub]):
    """The organization acme, into which `olivia` invites."""

    service = "github"
    sender = "olivia"
    client_package = "github_clients.github"
    size_key = "per_page"
    tells_totals = False
    tells_states = False
    outbox = True

    def __init__(self) -> None:
        self.fake = FakeGitHub()

    def invite(self, email: str = "ann@example.org") -> str:
        return self.fake.invite(email)

    def settle(self, invitation_id: str) -> None:
        self.fake.fail(invitation_id, "Nobody came.")

    def shown(self, found: str, **changes: object) -> dict[str, object]:
        """An invitation, by hand."""
        made = {
            "service": "github",
            "id": found,
            "status": "pending",
            "native_status": "pending",
            "email": "ann@example.org",
            "role": "direct_member",
            "roles": ("direct_member",),
            "organization_name": "acme",
            "inviter_name": "olivia",
            "inviter_id": "1",
            "created_at": self.fake.clock.now(),
            "native": "OrganizationInvitation",
            **changes,
        }
        return {name: value for name, value in made.items() if value is not None}

    def case_list(self, client: InviteClient) -> Case:
        one, two, three = self.invite(), self.fake.invite(login="bea", role="admin"), self.invite()
        self.settle(one)
        bea = self.shown(two, email=None, name="bea", role="admin", roles=("admin",))
        failed = self.shown(one, status="expired", native_status="failed", delivery_detail="Nobody came.")
        return Case(expected=lambda: [bea, self.shown(three), failed])

    def case_create(self, client: InviteClient) -> Case:
        named = {"role": "direct_member", "extra": {"team_ids": [7]}}
        return Case(("ann@example.org",), named, lambda: self.shown(list(self.fake.invitations)[-1]), effect="created")

    def case_cancel(self, client: InviteClient) -> Case:
        found = self.invite()
        gone = {"service": "github", "id": found, "status": "canceled", "partial": True}
        return Case((found,), expected=lambda: gone, effect="canceled")

    def samples(self) -> Mapping[tuple[str, str], Sample]:
        shows = {"role": Sample("Admin", '"role":"admin"'), "extra": Sample({"team_ids": [7, 8]}, '"team_ids":[7,8]')}
        shown = {(operation, name): sample for operation in ("create", "ensure") for name, sample in shows.items()}
        return {**shown, ("roles", "name"): Sample("ADMIN", "")}

    def populate(self) -> dict[str, str]:
        rows = {"ann": self.invite(), "joann": self.fake.invite("joann@example.org", role="admin")}
        rows |= {"late": self.invite("bea@example.org"), "scim": self.invite("cat@example.org")}
        self.settle(rows["late"])
        self.fake.invitations[rows["scim"]]["invitation_source"] = "scim"
        return rows

    def filters(self) -> Mapping[str, Filtered]:
        pending = frozenset({"ann", "joann", "scim"})
        return {
            "nothing": Filtered({}, pending | {"late"}),
            "status": Filtered({"status": "pending"}, pending),
            "status several": Filtered({"status": ["expired", "canceled"]}, frozenset({"late"})),
            "status none": Filtered({"status": ["unknown", "accepted"]}, frozenset()),
            "email": Filtered({"email": "Ann@Example.ORG"}, frozenset({"ann"})),
            "role": Filtered({"role": "Direct_Member"}, frozenset({"ann", "scim", "late"})),
            "native": Filtered({"native_filters": {"invitation_source": "scim"}}, frozenset({"scim"})),
            "several": Filtered({"status": "pending", "role": "admin"}, frozenset({"joann"})),
        }

    def lacking(self, parameter: str) -> Mapping[str, object] | None:
        return {"email": None} if parameter == "email" else None

    @property
    def listing_url(self) -> str:
        return f"{self.fake.base_url}/orgs/acme/invitations"

    def native_calls(self) -> Mapping[str, Callable[[], NativeCase]]:
        def failed() -> NativeCase:
            self.settle(self.invite())
            call = github.list_failed_invitations("acme", page=1, per_page=5)
            return NativeCase(call, lambda rows: [row.failed_reason for row in rows] == ["Nobody came."])

        def pending() -> NativeCase:
            found = self.invite()
            return NativeCase(github.list_pending_invitations("ACME"), lambda rows: [str(rows[0].id)] == [found])

        by_id = github.create_invitation("acme", body=github.NewInvitation(invitee_id=42))
        return {
            "list_failed_invitations": failed,
            "list_pending_invitations": pending,
            "create_invitation": lambda: NativeCase(by_id, lambda row: (row.login, row.email) == ("user-42", None)),
            "cancel_invitation": lambda: NativeCase(
                github.cancel_invitation("acme", int(self.invite())), lambda _: not self.fake.invitations
            ),
        }
