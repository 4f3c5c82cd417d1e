"""CloudTruth at two ages: an organization's API keys invite, a login accepts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from invite_clients import cloudtruth
from invite_sdk.testing import FakeCloudTruth
from invite_sdk.testing.suite import Case, Filtered, NativeCase, Sample, World

if TYPE_CHECKING:
    import pytest

    from invite_sdk import InviteClient
    from invite_sdk.testing import FakeRequest, FakeResponse

PATH = "/api/v1/invitations/"


class CloudTruthWorld(World):
    """CloudTruth's API. `owner` invites, `nina` accepts. The older one writes states in capitals."""

    service = "cloudtruth"
    sender = "owner"
    outbox = True
    second_refused = frozenset({404})

    def __init__(self, era: Literal["2025", "2021"]) -> None:
        self.era = era
        self.fake: FakeCloudTruth = FakeCloudTruth(era=era, state_case="upper" if era == "2021" else "lower")

    def invite(self, email: str = "ann@example.org") -> str:
        return self.fake.invite(email).id

    def settle(self, invitation_id: str) -> None:
        row = self.fake._world.invitations[invitation_id]
        self.fake._change(row, replace(row, state="accepted"))

    def forms(self, invitation_id: str) -> list[str]:
        return [invitation_id]

    def word(self, state: str) -> str:
        """A state as this age writes it."""
        return state.upper() if self.era == "2021" else state

    def shown(self, found: str, **changes: object) -> dict[str, object]:
        """One of the rows above, by hand."""
        owner = self.fake.users["owner"].id
        made = {
            "service": "cloudtruth",
            "id": found,
            "status": "pending",
            "native_status": self.word("pending"),
            "email": "ann@example.org",
            "role": "VIEWER",
            "roles": ("VIEWER",),
            "organization_id": self.fake.organizations[0].id,
            "inviter_name": "owner",
            "inviter_id": f"https://cloudtruth.example/api/v1/users/{owner}/",
            "delivery": "queued",
            "native": "Invitation",
            **changes,
        }
        if self.era == "2021":
            made |= {"organization_id": None, "inviter_name": None}
        return {name: value for name, value in made.items() if value is not None}

    def case_list(self, client: InviteClient) -> Case:
        one, two = self.invite(), self.invite("bea@example.org")
        self.fake.bounce(two, "No such mailbox")
        bounced = {"native_status": self.word("bounced"), "delivery": "failed", "delivery_detail": "No such mailbox"}
        return Case(expected=lambda: [self.shown(one), self.shown(two, email="bea@example.org", **bounced)])

    def case_get(self, client: InviteClient) -> Case:
        found = self.invite()
        self.fake.deliver()
        return Case((found,), expected=lambda: self.shown(found, native_status=self.word("sent"), delivery="sent"))

    def case_create(self, client: InviteClient) -> Case:
        return Case(
            ("ann@example.org",),
            {"role": "viewer"},
            lambda: self.shown(self.fake.invitations[-1].id),
            effect="created",
        )

    def case_update(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case(
            (found,),
            {"email": "anna@example.org", "role": "CONTRIB"},
            lambda: self.shown(found, email="anna@example.org", role="CONTRIB", roles=("CONTRIB",)),
            effect="updated",
        )

    def case_delete(self, client: InviteClient) -> Case:
        return Case((self.invite(),), effect="deleted")

    def case_cancel(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case((found,), expected=lambda: self.shown(found, status="canceled"), effect="deleted")

    def case_accept(self, client: InviteClient) -> Case:
        found = self.invite("nina@example.com")
        accepted = {"status": "accepted", "native_status": self.word("accepted"), "delivery": "sent"}
        joined = {} if self.era == "2021" else {"organization_id": self.fake.organizations[0].id}
        return Case(
            (found,),
            expected=lambda: {"invitation": self.shown(found, email="nina@example.com", **accepted), **joined},
            user="nina",
            effect="accepted",
        )

    def case_resend(self, client: InviteClient) -> Case:
        found = self.invite()
        self.fake.bounce(found)
        return Case((found,), expected=lambda: self.shown(found), effect="resent")

    def case_check(self, client: InviteClient) -> Case:
        found = self.invite()
        known = {} if self.era == "2021" else {"organization_id": self.fake.organizations[0].id}
        return Case((found,), expected=lambda: {"valid": True, "email": "ann@example.org", "role": "VIEWER", **known})

    def case_preview(self, client: InviteClient) -> Case:
        found = self.invite()
        return Case((found,), expected=lambda: self.shown(found))

    def samples(self) -> Mapping[tuple[str, str], Sample]:
        return {
            ("update", "email"): Sample("moved@example.org", '"email":"moved@example.org"'),
            ("update", "role"): Sample("admin", '"role":"ADMIN"'),
            ("create", "role"): Sample("Contrib", '"role":"CONTRIB"'),
            ("ensure", "role"): Sample("Contrib", '"role":"CONTRIB"'),
            ("roles", "name"): Sample("admin", ""),
        }

    def reading_fails(self, operation: str) -> Mapping[str, object] | Literal["refused"] | None:
        return "refused" if operation in ("update", "cancel") else None

    # The listing.

    def populate(self) -> dict[str, str]:
        fake = self.fake
        rows = {
            "queued": fake.invite("ann@example.org"),
            "sent": fake.invite("joann@example.org"),
            "bounced": fake.invite("bea@example.org", role="ADMIN"),
            "accepted": fake.invite("cat@example.org"),
        }
        fake.deliver(rows["sent"].id)
        fake.bounce(rows["bounced"].id)
        self.settle(rows["accepted"].id)
        return {name: row.id for name, row in rows.items()}

    def filters(self) -> Mapping[str, Filtered]:
        everything = frozenset({"queued", "sent", "bounced", "accepted"})
        trusted = {"counted_by_server": True}
        return {
            "nothing": Filtered({}, everything, **trusted),
            "status": Filtered({"status": "pending"}, frozenset({"queued", "sent", "bounced"})),
            "status accepted": Filtered({"status": ["accepted"]}, frozenset({"accepted"})),
            "status both": Filtered({"status": ("pending", "accepted")}, everything),
            "status unknown": Filtered({"status": "unknown"}, frozenset()),
            "status never here": Filtered({"status": "canceled"}, frozenset()),
            "email": Filtered({"email": "Ann@Example.ORG"}, frozenset({"queued"})),
            "email in part": Filtered({"email": "nn@example.org"}, frozenset()),
            "role": Filtered({"role": "admin"}, frozenset({"bounced"})),
            "native_filters": Filtered({"native_filters": {"ordering": "-email"}}, everything),
            "several": Filtered(
                {"status": "pending", "role": "VIEWER", "email": "JOANN@example.org"}, frozenset({"sent"})
            ),
        }

    def lacking(self, parameter: str) -> Mapping[str, object] | None:
        return {"status": None, "email": {"email": ""}, "role": {"role": ""}}[parameter]

    def is_listing(self, request: FakeRequest, response: FakeResponse) -> bool:
        return request.method == "GET" and request.path == PATH and response.status == 200

    def rows(self, body: Any) -> list[Any]:
        found: list[Any] = body["results"]
        return found

    def with_next(self, response: FakeResponse, url: str | None) -> FakeResponse:
        return _changed(response, {"next": url})

    def next_of(self, response: FakeResponse) -> str | None:
        following: str | None = json.loads(response.body)["next"]
        return following

    def with_total(self, response: FakeResponse, total: int) -> FakeResponse:
        return _changed(response, {"count": total})

    def without_total(self, response: FakeResponse) -> FakeResponse:
        return _only(("next", "previous", "results"), response)

    def terse(self) -> Mapping[str, Callable[[FakeResponse], FakeResponse]]:
        return {**super().terse(), "rows and the next page alone": partial(_only, ("next", "results"))}

    def unclear(self) -> Mapping[str, Callable[[FakeResponse], FakeResponse]]:
        return {
            "nothing": partial(_only, ("results",)),
            "the total": partial(_only, ("results", "count")),
            "an address that is none": lambda page: _changed(_only(("results",), page), {"next": 5}),
            "an object": lambda page: _changed(_only(("results", "count"), page), {"next": {"page": 2}}),
            "a total that is none": lambda page: _changed(page, {"count": "many"}),
            "a total below zero": lambda page: _changed(_only(("results",), page), {"count": -1}),
            "the end, but for the total": lambda page: _changed(page, {"next": None}),
        }

    def small_pages(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr("invite_sdk.services.cloudtruth.DEFAULT_PAGE_SIZE", 5)

    @property
    def listing_url(self) -> str:
        return self.fake.base_url + PATH

    # The generated client.

    def native_calls(self) -> Mapping[str, Callable[[], NativeCase]]:
        def created() -> NativeCase:
            body = cloudtruth.InvitationCreate(email="ann@example.org", role=cloudtruth.RoleEnum.VIEWER)
            return NativeCase(cloudtruth.invitations_create(body=body), lambda row: row.email == "ann@example.org")

        def listed() -> NativeCase:
            self.invite()
            call = cloudtruth.invitations_list(email="ann@example.org", state="pending", page=1, page_size=5)
            return NativeCase(call, lambda page: (page.count, len(page.results), page.next_) == (1, 1, None))

        def replaced() -> NativeCase:
            body = cloudtruth.InvitationRequest(email="anna@example.org", role=cloudtruth.RoleEnum.ADMIN)
            return NativeCase(
                cloudtruth.invitations_update(self.invite(), body=body), lambda row: row.email == "anna@example.org"
            )

        def patched() -> NativeCase:
            body = cloudtruth.PatchedInvitation(role=cloudtruth.RoleEnum.ADMIN)
            return NativeCase(
                cloudtruth.invitations_partial_update(self.invite(), body=body), lambda row: row.role == "ADMIN"
            )

        return {
            "invitations_list": listed,
            "invitations_create": created,
            "invitations_retrieve": lambda: NativeCase(
                cloudtruth.invitations_retrieve(self.invite()), lambda row: row.email == "ann@example.org"
            ),
            "invitations_update": replaced,
            "invitations_partial_update": patched,
            "invitations_destroy": lambda: NativeCase(
                cloudtruth.invitations_destroy(self.invite()), lambda row: not self.fake.invitations
            ),
            "invitations_accept_create": lambda: NativeCase(
                cloudtruth.invitations_accept_create(self.invite("nina@example.com")),
                lambda row: row.state == "accepted",
                "nina",
            ),
            "invitations_resend_create": lambda: NativeCase(
                cloudtruth.invitations_resend_create(self.invite()), lambda row: row.state == "pending"
            ),
        }


def _changed(response: FakeResponse, changes: Mapping[str, object]) -> FakeResponse:
    return replace(response, body=json.dumps({**json.loads(response.body), **changes}).encode())


def _only(names: Iterable[str], response: FakeResponse) -> FakeResponse:
    """An envelope with some of its keys."""
    said = json.loads(response.body)
    return replace(response, body=json.dumps({name: said[name] for name in names}).encode())
