"""Waldur at three ages: everything an inviter, an invitee and staff can do there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from invite_clients import waldur
from invite_sdk import OPEN_STATUSES, Scope, UnsupportedByServerError
from invite_sdk.testing import FakeWaldur
from invite_sdk.testing.suite import Case, Filtered, Naming, NativeCase, Sample, World, with_header

if TYPE_CHECKING:
    import pytest

    from invite_sdk import InviteClient
    from invite_sdk.testing import FakeRequest, FakeResponse
    from invite_sdk.testing.waldur.model import WaldurCustomer, WaldurInvitation, WaldurProject, WaldurVersion

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PATH = "/api/user-invitations/"


class WaldurWorld(World):
    """A Waldur server. `owner` invites into the project apollo, `invitee` accepts, `staff` may do everything."""

    service = "waldur"
    sender = "owner"
    id_key = "uuid"
    second_refused = frozenset({400})
    public = frozenset({"user_invitations_check", "user_invitations_approve", "user_invitations_reject"})
    outbox = True

    def __init__(self, version: WaldurVersion) -> None:
        self.version = version
        self.fake: FakeWaldur = FakeWaldur(version)
        self.fake.update_user("owner", image="/media/owner.png")
        self.second_open = version != "2026"
        self.inbox = version == "2026"

    def role(self, name: str = "PROJECT.MEMBER") -> str:
        return self.fake.roles[name].uuid

    def invite(self, email: str = "ann@example.org") -> str:
        return self.fake.invite(email, full_name="Ann Example", extra_invitation_text="Join us").uuid

    def settle(self, invitation_id: str) -> None:
        self.fake.set_state(invitation_id, "rejected")

    def unknown_id(self) -> str:
        return "0" * 31 + "1"

    def forms(self, invitation_id: str) -> list[str]:
        return [invitation_id, str(UUID(invitation_id)), invitation_id.upper(), str(UUID(invitation_id)).upper()]

    def shown(self, row: str | WaldurInvitation, **changes: object) -> dict[str, object]:
        """One of the rows above, by hand."""
        made = {
            "service": "waldur",
            "id": row if isinstance(row, str) else row.uuid,
            "status": "pending",
            "native_status": "pending",
            "email": "ann@example.org",
            "name": "Ann Example",
            "role": "PROJECT.MEMBER",
            "role_id": self.role(),
            "roles": ("PROJECT.MEMBER",),
            "organization_id": self.fake.customers["acme"].uuid,
            "organization_name": "Acme Org",
            "scope_type": "project",
            "scope_id": self.fake.projects["apollo"].uuid,
            "scope_name": "Apollo",
            "inviter_name": "Owner Tester",
            "inviter_id": "owner",
            "inviter_avatar_url": "https://waldur.example/media/owner.png",
            "created_at": NOW,
            "expires_at": NOW + timedelta(days=7),
            "message": "Join us",
            "delivery": "sent",
            "native": "Invitation",
            **changes,
        }
        if self.version == "7.0.7":
            made["inviter_avatar_url"] = None
        return {name: value for name, value in made.items() if value is not None}

    def seen(self, row: str, **changes: object) -> dict[str, object]:
        """The same as its invitee sees it."""
        hidden = dict.fromkeys(("name", "role_id", "created_at", "expires_at", "message"))
        return self.shown(row, **hidden, native="VisibleInvitationDetails", **changes)

    # A case for each operation.

    def case_list(self, client: InviteClient) -> Case:
        one, two = self.invite(), self.fake.invite("bea@example.org", scope="acme", role="CUSTOMER.OWNER").uuid
        second = {
            "email": "bea@example.org",
            "name": None,
            "message": None,
            "role": "CUSTOMER.OWNER",
            "roles": ("CUSTOMER.OWNER",),
            "role_id": self.role("CUSTOMER.OWNER"),
            "scope_type": None,
            "scope_id": None,
            "scope_name": None,
            "created_at": NOW + timedelta(microseconds=1),
            "expires_at": NOW + timedelta(days=7, microseconds=1),
        }
        return Case(expected=lambda: [self.shown(two, **second), self.shown(one)], user="staff")

    def case_get(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case((found,), expected=lambda: self.shown(found))

    def case_create(self, client: InviteClient) -> Case:
        return Case(
            ("ann@example.org",),
            {
                "role": self.role(),
                "scope": Scope("project", self.fake.projects["apollo"].uuid),
                "name": "Ann Example",
                "message": "Join us",
            },
            lambda: self.shown(self.fake.invitations[-1], delivery="queued"),
            effect="created",
        )

    def case_update(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case(
            (found,),
            {"email": "anna@example.org", "role": self.role("PROJECT.ADMIN")},
            lambda: self.shown(
                found,
                email="anna@example.org",
                role="PROJECT.ADMIN",
                roles=("PROJECT.ADMIN",),
                role_id=self.role("PROJECT.ADMIN"),
            ),
            effect="updated",
            error=UnsupportedByServerError if self.version == "7.0.7" else None,
        )

    def case_delete(self, client: InviteClient) -> Case:
        return Case((self.invite(),), user="staff" if self.version == "7.0.7" else None, effect="deleted")

    def case_cancel(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case(
            (found,), expected=lambda: self.shown(found, status="canceled", native_status="canceled"), effect="canceled"
        )

    def case_accept(self, client: InviteClient) -> Case:
        found = self.invite()
        accepted = {"status": "accepted", "native_status": "accepted"}
        joined = self.fake.customers["acme"].uuid
        return Case(
            (found,),
            expected=lambda: {"invitation": self.seen(found, **accepted), "organization_id": joined},
            user="invitee",
            effect="accepted",
        )

    def case_resend(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case((found,), expected=lambda: self.shown(found), effect="resent")

    def token(self) -> str:
        """What staff are mailed to decide about a new invitation."""
        return self.fake.approval_token(self.fake.invite("ann@example.org", state="requested"))

    def case_approve(self, client: InviteClient) -> Case:
        return Case((self.token(),), effect="approved")

    def case_reject(self, client: InviteClient) -> Case:
        return Case((self.token(),), effect="rejected")

    def case_check(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case(
            (found,), expected=lambda: {"valid": True, "email": "ann@example.org", "civil_number_required": False}
        )

    def case_preview(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case((found,), expected=lambda: self.seen(found), user="invitee")

    def case_roles(self, client: InviteClient) -> Case:
        told = {
            "CUSTOMER.MANAGER": "Organization manager",
            "CUSTOMER.OWNER": "Organization owner",
            "PROJECT.ADMIN": "Project administrator",
            "PROJECT.MANAGER": "Project manager",
            "PROJECT.MEMBER": None,
        }
        rows = [
            {
                "id": self.role(name),
                "name": name,
                "description": description,
                "scope_type": name.partition(".")[0].lower(),
                "is_active": True,
                "native": "Role",
            }
            for name, description in told.items()
        ]
        return Case(expected=lambda: [{key: value for key, value in row.items() if value is not None} for row in rows])

    def case_scopes(self, client: InviteClient) -> Case:
        acme = {"organization_id": self.fake.customers["acme"].uuid, "organization_name": "Acme Org"}
        found: list[tuple[str, WaldurCustomer | WaldurProject]] = [("customer", self.fake.customers["acme"])]
        found += [("project", self.fake.projects[key]) for key in ("apollo", "beta")]
        rows = [
            {
                "type": kind,
                "id": each.uuid,
                "name": each.name,
                "url": f"https://waldur.example/api/{kind}s/{each.uuid}/",
                **acme,
                "native": kind.title(),
            }
            for kind, each in found
        ]
        return Case(expected=lambda: rows)

    def names(self) -> Naming:
        def give_away() -> None:
            self.fake.rename("apollo", "Zeus")
            self.fake.rename("beta", "Apollo")

        return Naming(
            {"role": "PROJECT.MEMBER", "scope": Scope("project", "Apollo", organization="Acme Org")},
            "PROJECT.ADMIN",
            ("roles_list", "customers_list", "projects_list"),
            give_away,
            id_key="uuid",
        )

    def samples(self) -> Mapping[tuple[str, str], Sample]:
        fake = self.fake
        acme, apollo = fake.customers["acme"].uuid, fake.projects["apollo"].uuid
        found: dict[tuple[str, str], Sample] = {
            ("update", "email"): Sample("moved@example.org", "moved@example.org"),
            ("update", "role"): Sample(self.role("PROJECT.MANAGER"), self.role("PROJECT.MANAGER")),
            ("roles", "name"): Sample("PROJECT.ADMIN", "name=PROJECT.ADMIN"),
            ("roles", "type"): Sample("project", ""),
            ("roles", "page_size"): Sample(7, "page_size=7"),
            ("scopes", "name"): Sample("Apollo", "name=Apollo"),
            ("scopes", "type"): Sample("project", "/api/projects/"),
            ("scopes", "organization"): Sample(acme, f"customer={acme}"),
            ("scopes", "page_size"): Sample(7, "page_size=7"),
        }
        for operation in ("create", "ensure"):
            found |= {
                (operation, "role"): Sample(self.role("PROJECT.MANAGER"), self.role("PROJECT.MANAGER")),
                (operation, "organization"): Sample(acme, f"{fake.base_url}/api/customers/{acme}/", ("scope",)),
                (operation, "scope"): Sample(Scope("project", apollo), f"{fake.base_url}/api/projects/{apollo}/"),
                (operation, "name"): Sample("Zoe Unique", '"full_name":"Zoe Unique"'),
                (operation, "message"): Sample("See you soon", '"extra_invitation_text":"See you soon"'),
                (operation, "extra"): Sample({"job_title": "Pilot"}, '"job_title":"Pilot"'),
            }
        return found

    def reading_fails(self, operation: str) -> Mapping[str, object] | Literal["refused"] | None:
        known: dict[str, dict[str, object]] = {
            "update": {"status": "unknown", "email": "anna@example.org", "role_id": self.role("PROJECT.ADMIN")},
            "cancel": {"status": "canceled"},
            "accept": {"status": "accepted", "native_status": "accepted"},
            "resend": {"status": "unknown", "delivery": "queued"},
        }
        return known.get(operation)

    # The listing.

    def populate(self) -> dict[str, str]:
        fake = self.fake
        fake.add_customer("Globex Org")
        fake.grant("owner", "CUSTOMER.OWNER", "globex")
        fake.add_project("Gamma", customer="globex")
        rows = {
            "pending": fake.invite("ann@example.org"),
            "longer": fake.invite("joann@example.org"),
            "admin": fake.invite("ann@example.org", role="PROJECT.ADMIN"),
            "beta": fake.invite("ann@example.org", scope="beta"),
            "gamma": fake.invite("bea@example.org", scope="gamma"),
            "requested": fake.invite("bea@example.org", state="requested"),
            "planned": fake.invite("bea@example.org", state="project"),
            "accepted": fake.invite("bea@example.org", state="accepted"),
            "rejected": fake.invite("bea@example.org", state="rejected"),
            "canceled": fake.invite("bea@example.org", state="canceled"),
            "expired": fake.invite("bea@example.org", state="expired"),
            "strange": fake.invite("bea@example.org", state="archived"),
        }
        return {name: row.uuid for name, row in rows.items()}

    def filters(self) -> Mapping[str, Filtered]:
        fake = self.fake
        pending = frozenset({"pending", "longer", "admin", "beta", "gamma"})
        settled = frozenset({"accepted", "rejected", "canceled", "expired"})
        everything = pending | settled | {"requested", "planned", "strange"}
        globex = fake.customers["globex"].uuid if "globex" in fake.customers else self.unknown_id()
        beta = fake.projects["beta"].uuid
        admin = self.role("PROJECT.ADMIN")
        trusted = {"counted_by_server": True}
        return {
            "nothing": Filtered({}, everything, **trusted),
            "status": Filtered({"status": "pending"}, pending, **trusted),
            "status open": Filtered({"status": OPEN_STATUSES}, pending | {"requested", "planned"}, **trusted),
            "status final": Filtered(
                {"status": ["canceled", "expired"]}, frozenset({"canceled", "expired"}), **trusted
            ),
            "status unknown": Filtered({"status": "unknown"}, frozenset({"strange"})),
            "status unknown or accepted": Filtered(
                {"status": ("unknown", "accepted")}, frozenset({"strange", "accepted"})
            ),
            "status never here": Filtered({"status": "declined"}, frozenset()),
            "email": Filtered({"email": "Ann@Example.ORG"}, frozenset({"pending", "admin", "beta"})),
            "email in part": Filtered({"email": "nn@example.org"}, frozenset()),
            "role": Filtered({"role": "PROJECT.ADMIN"}, frozenset({"admin"}), **trusted),
            "role id": Filtered({"role": admin}, frozenset({"admin"}), **trusted),
            "role id with dashes": Filtered({"role": str(UUID(admin))}, frozenset({"admin"}), **trusted),
            "organization": Filtered({"organization": globex}, frozenset({"gamma"}), **trusted),
            "organization with dashes": Filtered({"organization": str(UUID(globex))}, frozenset({"gamma"}), **trusted),
            "scope": Filtered({"scope": Scope("project", beta)}, frozenset({"beta"})),
            "scope url": Filtered({"scope": f"{fake.base_url}/api/projects/{beta}/"}, frozenset({"beta"})),
            "native_filters": Filtered(
                {"native_filters": {"email_exact": "ann@example.org"}}, frozenset({"pending", "admin", "beta"})
            ),
            "native_filters scope": Filtered(
                {"native_filters": {"scope_name": "bet", "o": "-email"}}, frozenset({"beta"})
            ),
            "several": Filtered(
                {
                    "status": "pending",
                    "email": "ANN@example.org",
                    "role": "PROJECT.MEMBER",
                    "scope": Scope("project", beta),
                },
                frozenset({"beta"}),
            ),
            "several trusted": Filtered(
                {"status": "pending", "role": "PROJECT.MEMBER", "organization": globex}, frozenset({"gamma"}), **trusted
            ),
        }

    def lacking(self, parameter: str) -> Mapping[str, object] | None:
        return {
            "status": None,
            "email": {"email": ""},
            "role": {"role": "", "role_name": ""},
            "organization": {"customer_uuid": ""},
            "scope": {"scope_uuid": None, "scope_name": None},
        }[parameter]

    def is_listing(self, request: FakeRequest, response: FakeResponse) -> bool:
        return request.method == "GET" and request.path == PATH and response.status == 200

    def with_total(self, response: FakeResponse, total: int) -> FakeResponse:
        return with_header(response, "X-Result-Count", str(total))

    def without_total(self, response: FakeResponse) -> FakeResponse:
        return with_header(response, "X-Result-Count", None)

    def terse(self) -> Mapping[str, Callable[[FakeResponse], FakeResponse]]:
        return {**super().terse(), "no link": lambda response: self.with_next(response, None)}

    def unclear(self) -> Mapping[str, Callable[[FakeResponse], FakeResponse]]:
        def contradictory(page: FakeResponse) -> FakeResponse:
            page = with_header(page, "Link", None)
            return replace(page, headers=(("X-Result-Count", "5"), ("x-result-count", "0"), *page.headers))

        return {**super().unclear(), "several totals": contradictory}

    def small_pages(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr("invite_sdk.services.waldur.adapter.MAX_PAGE_SIZE", 5)

    @property
    def listing_url(self) -> str:
        return self.fake.base_url + PATH

    # The generated client.

    def native_calls(self) -> Mapping[str, Callable[[], NativeCase]]:
        def said(result: Any) -> bool:
            return isinstance(result, waldur.Detail) and result.detail is not None and result.detail.startswith("Inv")

        def token() -> waldur.TokenRequest:
            return waldur.TokenRequest(token=self.token())

        def listed() -> NativeCase:
            self.invite()
            call = waldur.user_invitations_list(state=["pending", "canceled"], o=["email", "-created"])
            return NativeCase(call, lambda rows: [row.email for row in rows] == ["ann@example.org"])

        def counted() -> NativeCase:
            self.invite()
            return NativeCase(waldur.user_invitations_count(state="pending"), lambda count: count == 1)

        def created() -> NativeCase:
            body = waldur.InvitationRequest(
                email="ann@example.org", role=self.role(), scope=self.fake.scope_url("apollo")
            )
            return NativeCase(waldur.user_invitations_create(body=body), lambda row: row.state == "pending")

        def replaced() -> NativeCase:
            body = waldur.InvitationUpdateRequest(email="anna@example.org")
            return NativeCase(
                waldur.user_invitations_update(self.invite(), body=body),
                lambda row: (row.email, row.role) == ("anna@example.org", self.role()),
            )

        def patched() -> NativeCase:
            body = waldur.PatchedInvitationUpdateRequest(role=self.role("PROJECT.ADMIN"))
            return NativeCase(
                waldur.user_invitations_partial_update(self.invite(), body=body),
                lambda row: row.role == self.role("PROJECT.ADMIN"),
            )

        return {
            "user_invitations_list": listed,
            "user_invitations_count": counted,
            "user_invitations_create": created,
            "user_invitations_retrieve": lambda: NativeCase(
                waldur.user_invitations_retrieve(self.invite()), lambda row: row.email == "ann@example.org"
            ),
            "user_invitations_update": replaced,
            "user_invitations_partial_update": patched,
            "user_invitations_destroy": lambda: NativeCase(
                waldur.user_invitations_destroy(self.invite()), lambda row: not self.fake.invitations
            ),
            "user_invitations_details_retrieve": lambda: NativeCase(
                waldur.user_invitations_details_retrieve(self.invite()),
                lambda row: row.email == "ann@example.org",
                "invitee",
            ),
            "user_invitations_accept": lambda: NativeCase(
                waldur.user_invitations_accept(self.invite()), said, "invitee"
            ),
            "user_invitations_cancel": lambda: NativeCase(waldur.user_invitations_cancel(self.invite()), said),
            "user_invitations_send": lambda: NativeCase(waldur.user_invitations_send(self.invite()), said),
            "user_invitations_check": lambda: NativeCase(
                waldur.user_invitations_check(self.invite()), lambda row: row.email == "ann@example.org"
            ),
            "user_invitations_delete": lambda: NativeCase(
                waldur.user_invitations_delete(self.invite()),
                lambda result: said(result) and not self.fake.invitations,
                "staff",
            ),
            "user_invitations_approve": lambda: NativeCase(waldur.user_invitations_approve(body=token()), said),
            "user_invitations_reject": lambda: NativeCase(waldur.user_invitations_reject(body=token()), said),
            "roles_list": lambda: NativeCase(waldur.roles_list(is_active=True), lambda rows: len(rows) == 5),
            "customers_list": lambda: NativeCase(
                waldur.customers_list(name_exact="Acme Org", field=["uuid", "name"]),
                lambda rows: [row.name for row in rows] == ["Acme Org"],
            ),
            "projects_list": lambda: NativeCase(
                waldur.projects_list(customer=self.fake.customers["acme"].uuid),
                lambda rows: [row.name for row in rows] == ["Apollo", "Beta"],
            ),
        }
