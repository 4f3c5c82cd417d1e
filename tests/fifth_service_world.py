"""Gatehouse, from examples/fifth_service, in the behaviour suite: a pytest plugin that joins its world to the others.

Only for runs where it is installed: `tests/test_fifth_service.py` makes one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from gatehouse_clients import gatehouse
from invite_gatehouse.fake import FakeGatehouse
from invite_sdk.testing.suite import Case, Filtered, NativeCase, Sample, World, run_over

if TYPE_CHECKING:
    from invite_sdk import InviteClient
    from invite_sdk.testing import FakeRequest, FakeResponse

PATH = "/v2/passes"
GUEST = "guest@example.com"


class GatehouseWorld(World):
    """Gatehouse: `hilda` issues passes, `guest` uses them."""

    service = "gatehouse"
    sender = "hilda"
    client_package = "gatehouse_clients.gatehouse"
    second_open = True
    outbox = True

    def __init__(self) -> None:
        self.fake: FakeGatehouse = FakeGatehouse()

    def invite(self, email: str = "ann@example.org") -> str:
        return self.fake.issue(email).id

    def settle(self, invitation_id: str) -> None:
        self.fake.set_state(invitation_id, "used")

    def unknown_id(self) -> str:
        return "00000000-0000-4000-8000-000000000001"

    def forms(self, invitation_id: str) -> list[str]:
        return [invitation_id, UUID(invitation_id).hex, invitation_id.upper()]

    def shown(self, found: str, **changes: object) -> dict[str, object]:
        """A pass, by hand."""
        return {
            "service": "gatehouse",
            "id": found,
            "status": "pending",
            "native_status": "issued",
            "email": "ann@example.org",
            "role": "visitor",
            "roles": ("visitor",),
            "inviter_name": "hilda",
            "created_at": self.fake.clock.now(),
            "native": "Pass",
            **changes,
        }

    def case_list(self, client: InviteClient) -> Case:
        one = self.invite()
        two = self.fake.issue("bea@example.org", level="resident", guest_name="Bea").id
        bea = self.shown(two, email="bea@example.org", role="resident", roles=("resident",), name="Bea")
        return Case(expected=lambda: [self.shown(one), bea])

    def case_count(self, client: InviteClient) -> Case:
        self.invite()
        self.invite("bea@example.org")
        return Case(expected=lambda: 2)

    def case_get(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case((found,), expected=lambda: self.shown(found))

    def case_create(self, client: InviteClient) -> Case:
        def expected() -> dict[str, object]:
            return self.shown(self.fake.invitations[-1].id, name="Ann")

        return Case(("ann@example.org",), {"role": "visitor", "name": "Ann"}, expected, effect="created")

    def case_ensure(self, client: InviteClient) -> Case:
        made = self.case_create(client)
        return replace(made, expected=lambda: {"invitation": made.expected(), "created": True})

    def case_cancel(self, client: InviteClient) -> Case:
        found = self.invite()
        revoked = {"status": "canceled", "native_status": "revoked"}
        return Case((found,), expected=lambda: self.shown(found, **revoked), effect="canceled")

    def case_accept(self, client: InviteClient) -> Case:
        found = self.invite(GUEST)
        used = {"status": "accepted", "native_status": "used", "email": GUEST}
        return Case(
            (found,), expected=lambda: {"invitation": self.shown(found, **used)}, user="guest", effect="accepted"
        )

    def case_check(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case((found,), expected=lambda: {"valid": True, "email": "ann@example.org", "role": "visitor"})

    def samples(self) -> Mapping[tuple[str, str], Sample]:
        found: dict[tuple[str, str], Sample] = {}
        for operation in ("create", "ensure"):
            found[operation, "role"] = Sample("Resident", '"level":"resident"')
            found[operation, "name"] = Sample("Anna Lee", '"guest_name":"Anna Lee"')
        return found

    def reading_fails(self, operation: str) -> Mapping[str, object] | Literal["refused"] | None:
        return {"status": "canceled"} if operation == "cancel" else None

    # The listing.

    def populate(self) -> dict[str, str]:
        rows = {
            "issued": self.invite(),
            "resident": self.fake.issue("joann@example.org", level="resident").id,
            "used": self.invite("bea@example.org"),
            "revoked": self.invite("cat@example.org"),
        }
        for state in ("used", "revoked"):
            self.fake.set_state(rows[state], state)
        return rows

    def filters(self) -> Mapping[str, Filtered]:
        everything = frozenset({"issued", "resident", "used", "revoked"})
        return {
            "nothing": Filtered({}, everything),
            "status": Filtered({"status": "pending"}, frozenset({"issued", "resident"})),
            "status several": Filtered({"status": ["accepted", "canceled"]}, frozenset({"used", "revoked"})),
            "status unknown": Filtered({"status": "unknown"}, frozenset()),
            "status unknown or accepted": Filtered({"status": ["unknown", "accepted"]}, frozenset({"used"})),
            "email": Filtered({"email": "Ann@Example.ORG"}, frozenset({"issued"})),
            "role": Filtered({"role": "Resident"}, frozenset({"resident"})),
            "several": Filtered({"status": "pending", "role": "visitor"}, frozenset({"issued"})),
        }

    def lacking(self, parameter: str) -> Mapping[str, object] | None:
        return {"status": None, "email": {"email": ""}, "role": {"level": ""}}[parameter]

    def is_listing(self, request: FakeRequest, response: FakeResponse) -> bool:
        return request.method == "GET" and request.path == PATH and response.status == 200

    def rows(self, body: Any) -> list[Any]:
        found: list[Any] = body["passes"]
        return found

    def with_next(self, response: FakeResponse, url: str | None) -> FakeResponse:
        return _changed(response, {"next": url})

    def next_of(self, response: FakeResponse) -> str | None:
        following: str | None = json.loads(response.body)["next"]
        return following

    def with_total(self, response: FakeResponse, total: int) -> FakeResponse:
        return _changed(response, {"total": total})

    def without_total(self, response: FakeResponse) -> FakeResponse:
        body = json.loads(response.body)
        del body["total"]
        return replace(response, body=json.dumps(body).encode())

    @property
    def listing_url(self) -> str:
        return self.fake.base_url + PATH

    # The generated client.

    def native_calls(self) -> Mapping[str, Callable[[], NativeCase]]:
        def listed() -> NativeCase:
            self.invite()
            call = gatehouse.list_passes(state=gatehouse.PassState.ISSUED, page=1, page_size=5)
            return NativeCase(call, lambda page: (page.total, len(page.passes), page.next_) == (1, 1, None))

        def issued() -> NativeCase:
            body = gatehouse.NewPass(email="ann@example.org", level=gatehouse.PassLevel.VISITOR)
            return NativeCase(gatehouse.issue_pass(body=body), lambda row: row.email == "ann@example.org")

        return {
            "list_passes": listed,
            "issue_pass": issued,
            "get_pass": lambda: NativeCase(gatehouse.get_pass(self.invite()), lambda row: row.state == "issued"),
            "revoke_pass": lambda: NativeCase(
                gatehouse.revoke_pass(self.invite()), lambda _: self.fake.invitations[0].state == "revoked"
            ),
            "use_pass": lambda: NativeCase(
                gatehouse.use_pass(self.invite(GUEST)), lambda row: row.state == "used", "guest"
            ),
        }


def _changed(response: FakeResponse, changes: Mapping[str, object]) -> FakeResponse:
    return replace(response, body=json.dumps({**json.loads(response.body), **changes}).encode())


HOME = Path(__file__).parents[1] / "examples" / "fifth_service"
run_over({"gatehouse": GatehouseWorld}, documents={"gatehouse": HOME / "openapi" / "gatehouse.yaml"})
