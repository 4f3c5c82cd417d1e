"""ZenML Pro: the invitee's side only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from invite_clients import zenml
from invite_sdk.testing import FakeClock, FakeZenML
from invite_sdk.testing.suite import Case, Filtered, NativeCase, World

if TYPE_CHECKING:
    from invite_sdk import InviteClient
    from invite_sdk.testing import FakeRequest

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
EXPIRES = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)


class ZenMLWorld(World):
    """ZenML Pro's API, with `ana` as the invitee; her two first invitations are taken away."""

    service = "zenml"
    sender = "ana"
    public = frozenset({"auth_login"})
    check_tells_settled = False
    inbox = True
    tells_states = False
    tells_totals = False

    def __init__(self, *, naive_dates: bool) -> None:
        self.fake: FakeZenML = FakeZenML(naive_dates=naive_dates, clock=FakeClock(NOW))
        self.fake._world.invitations.clear()
        self.fake._index.clear()

    def invite(self, email: str = "ana@example.com") -> str:
        return self.fake.invite("ana@example.com").id

    def settle(self, invitation_id: str) -> None:
        self.fake.withdraw(invitation_id)

    def shown(self, found: str, **changes: object) -> dict[str, object]:
        """An invitation to Acme, by hand."""
        made = {
            "service": "zenml",
            "id": found,
            "status": "pending",
            "organization_name": "Acme",
            "organization_logo_url": "https://logos.example/acme.png",
            "organization_member_count": 1,
            "inviter_name": "olivia",
            "inviter_avatar_url": "https://avatars.example/olivia.png",
            "expires_at": EXPIRES,
            "native": "Invitation",
            **changes,
        }
        return {name: value for name, value in made.items() if value is not None}

    def case_list(self, client: InviteClient) -> Case:
        one = self.invite()
        two = self.fake.invite("ANA@example.com", organization="Globex").id
        self.fake.invite("ben@example.com")
        globex = self.shown(two, organization_name="Globex", organization_logo_url=None)
        return Case(expected=lambda: [self.shown(one), globex])

    def case_get(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case((found,), expected=lambda: self.shown(found))

    case_preview = case_get

    def case_accept(self, client: InviteClient) -> Case:
        found = self.invite()
        joined = {"organization_id": self.fake.organizations[0].id}
        return Case(
            (found,),
            expected=lambda: {"invitation": self.shown(found, status="accepted", **joined), **joined},
            effect="accepted",
        )

    def case_decline(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case((found,), expected=lambda: self.shown(found, status="declined"), effect="declined")

    def case_check(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case((found,), expected=lambda: {"valid": True, "organization_name": "Acme"})

    def is_login(self, request: FakeRequest) -> bool:
        return request.path == "/auth/login"

    def reading_fails(self, operation: str) -> Mapping[str, object] | Literal["refused"] | None:
        joined = {"organization_id": self.fake.organizations[0].id}
        known = {"accept": {"status": "accepted", **joined}, "decline": {"status": "declined"}}
        return known.get(operation)

    def populate(self) -> dict[str, str]:
        one, two = self.invite(), self.fake.invite("ana@example.com", organization="Globex").id
        return {"acme": one, "globex": two}

    def filters(self) -> Mapping[str, Filtered]:
        both = frozenset({"acme", "globex"})
        return {
            "nothing": Filtered({}, both),
            "status": Filtered({"status": "pending"}, both),
            "status several": Filtered({"status": ["pending", "declined"]}, both),
            "status other": Filtered({"status": "accepted"}, frozenset()),
        }

    def lacking(self, parameter: str) -> Mapping[str, object] | None:
        return {"status": None}[parameter]

    def native_calls(self) -> Mapping[str, Callable[[], NativeCase]]:
        def listed() -> NativeCase:
            self.invite()
            return NativeCase(
                zenml.list_invitations(), lambda rows: [row.organization_name for row in rows] == ["Acme"]
            )

        def logged_in() -> NativeCase:
            body = zenml.LoginRequest(password=self.fake.users["ana"].api_key)
            return NativeCase(
                zenml.auth_login(body=body), lambda said: (said.expires_in, said.token_type) == (3600, "bearer")
            )

        def joined(result: Any) -> bool:
            return bool(result == self.fake.organizations[0].id)

        return {
            "list_invitations": listed,
            "get_invitation": lambda: NativeCase(
                zenml.get_invitation(self.invite()), lambda row: row.organization_name == "Acme"
            ),
            "respond_to_invitation": lambda: NativeCase(
                zenml.respond_to_invitation(self.invite(), accept=True), joined
            ),
            "auth_login": logged_in,
        }
