"""Enhance, with each of the four answers that a panel may give to a new invite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Literal

from invite_clients import enhance
from invite_sdk.testing import FakeEnhance
from invite_sdk.testing.suite import Case, NativeCase, Sample, World

if TYPE_CHECKING:
    from invite_sdk import InviteClient
    from invite_sdk.testing import FakeRequest

PASSWORD = "a long enough secret"


class EnhanceWorld(World):
    """A panel. The token `acme` invites into the organization Acme; anybody with a key accepts."""

    service = "enhance"
    sender = "acme"
    public = frozenset({"validate_invite", "accept_invite"})
    private_operation = "create"
    needs_record = frozenset({"resend"})
    check_tells_unknown = False
    second_open = True

    def __init__(self, answer: Literal["url", "key", "text", "empty"]) -> None:
        self.answer = answer
        self.fake: FakeEnhance = FakeEnhance(answer=answer)

    def invite(self, email: str = "ann@example.org") -> str:
        return self.fake.invite(email, name="Ann Example", roles=("SiteAccess",)).id

    def settle(self, invitation_id: str) -> None:
        self.fake.withdraw(invitation_id)

    def unknown_id(self) -> str:
        return "0" * 31 + "1"

    def forms(self, invitation_id: str) -> list[str]:
        row = next(row for row in self.fake.invitations if row.id == invitation_id)
        return [invitation_id, self.fake.link(row), f"https://enhance.example/invites/{invitation_id}"]

    def made(self, **changes: object) -> dict[str, object]:
        """The newest invite as its creator knows it, by hand."""
        row = self.fake.invitations[-1]
        found = {
            "service": "enhance",
            "id": None if self.answer == "empty" else row.id,
            "status": "pending",
            "email": "ann@example.org",
            "name": "Ann Example",
            "role": "SiteAccess",
            "roles": ("SiteAccess", "Support"),
            "organization_id": self.fake.org_id("Acme"),
            "delivery": "queued",
            "url": f"http://enhance.example/invites/{row.id}?email=ann@example.org"
            if self.answer in ("url", "text")
            else None,
            "partial": self.answer == "empty" or None,
            "native": "NewInvite",
            **changes,
        }
        return {name: value for name, value in found.items() if value is not None}

    def seen(self, key: str, **changes: object) -> dict[str, object]:
        """An invite as anybody with its key sees it."""
        return {
            "service": "enhance",
            "id": key,
            "status": "pending",
            "native_status": "valid",
            "role": "SiteAccess",
            "roles": ("SiteAccess",),
            "organization_id": self.fake.org_id("Acme"),
            "organization_name": "Acme",
            "native": "InviteValidation",
            **changes,
        }

    def session(self) -> str:
        """The session in the answer to the last request."""
        headers = dict(self.fake.requests[-1].response.headers)
        return SimpleCookie(headers["Set-Cookie"])["id0"].value

    def case_get(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case((found,), expected=lambda: self.seen(found))

    case_preview = case_get

    def case_create(self, client: InviteClient) -> Case:
        named = {"role": ["siteaccess", "Support"], "name": "Ann Example"}
        return Case(("ann@example.org",), named, self.made, effect="created")

    def case_accept(self, client: InviteClient) -> Case:
        found = self.invite()
        joined = self.fake.org_id("Acme")
        return Case(
            (found,),
            {"email": "ann@example.org", "password": PASSWORD},
            lambda: {
                "invitation": self.seen(found, status="accepted", email="ann@example.org"),
                "organization_id": joined,
                "session": self.session(),
            },
            effect="accepted",
        )

    def case_resend(self, client: InviteClient) -> Case:
        created = client.create("ann@example.org", role=["SiteAccess", "Support"], name="Ann Example")
        return Case((created,), expected=lambda: self.made(previous_id=created.id), effect="resent")

    def case_check(self, client: InviteClient) -> Case:
        known = {"organization_id": self.fake.org_id("Acme"), "organization_name": "Acme", "role": "SiteAccess"}
        return Case((self.invite(),), expected=lambda: {"valid": True, **known})

    def case_scopes(self, client: InviteClient) -> Case:
        acme = self.fake.org_id("Acme")
        return Case(expected=lambda: [{"type": "organization", "id": acme, "organization_id": acme}])

    def samples(self) -> Mapping[tuple[str, str], Sample]:
        bakery = self.fake.org_id("Bakery")
        session = self.fake.users["ivan"].session or ""
        return {
            ("create", "role"): Sample(["business", "Sysadmin"], '"roles":["Business","Sysadmin"]'),
            ("create", "organization"): Sample(bakery, f"/api/orgs/{bakery}/invites"),
            ("create", "name"): Sample("Zoe Unique", '"name":"Zoe Unique"'),
            ("create", "extra"): Sample({"sendEmail": False}, '"sendEmail":false'),
            ("accept", "email"): Sample("ANN@example.org", '"email":"ANN@example.org"'),
            ("accept", "password"): Sample("another secret", '"password":"another secret"'),
            ("accept", "locale"): Sample("de-CH", '"locale":"de-CH"'),
            ("accept", "session"): Sample(session, f"id0={session}"),
            ("roles", "name"): Sample("support", ""),
        }

    def reads(self, request: FakeRequest) -> bool:
        return request.path.endswith("/validate")

    def reading_fails(self, operation: str) -> Mapping[str, object] | Literal["refused"] | None:
        return {"status": "accepted", "email": "ann@example.org"} if operation == "accept" else None

    def native_calls(self) -> Mapping[str, Callable[[], NativeCase]]:
        def created() -> NativeCase:
            body = enhance.NewInvite(email="ann@example.org", name="Ann", roles=[enhance.Role.SUPPORT])
            return NativeCase(
                enhance.create_invite(self.fake.org_id("Acme"), body=body),
                lambda said: said == self.fake.link(self.fake.invitations[-1]),
            )

        def accepted() -> NativeCase:
            body = enhance.AcceptInviteBody(email="ann@example.org", password=PASSWORD)
            return NativeCase(enhance.accept_invite(self.invite(), body=body), lambda said: said is None)

        return {
            "create_invite": created,
            "validate_invite": lambda: NativeCase(
                enhance.validate_invite(self.invite()), lambda said: said.is_valid and said.org_name == "Acme"
            ),
            "accept_invite": accepted,
        }
