"""Waldur's own client, which nobody here wrote, over real HTTP: every invitation operation that it has, both ways."""

from __future__ import annotations

import asyncio
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Literal
from uuid import UUID

import pytest
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api import user_invitations as operations
from waldur_api_client.errors import UnexpectedStatus
from waldur_api_client.models.invitation_duplicate_check_item_request import InvitationDuplicateCheckItemRequest
from waldur_api_client.models.invitation_duplicate_check_request import InvitationDuplicateCheckRequest
from waldur_api_client.models.invitation_o_enum import InvitationOEnum
from waldur_api_client.models.invitation_request import InvitationRequest
from waldur_api_client.models.invitation_state import InvitationState
from waldur_api_client.models.invitation_update_request import InvitationUpdateRequest
from waldur_api_client.models.patched_invitation_update_request import PatchedInvitationUpdateRequest
from waldur_api_client.models.token_request import TokenRequest

from invite_sdk.testing import FakeWaldur

pytestmark = pytest.mark.tools

Version = Literal["7.0.7", "2025", "2026"]
EVERY = {module.name.removeprefix("user_invitations_") for module in pkgutil.iter_modules(operations.__path__)}


class Desk:
    """One person at the official client, on a served fake."""

    def __init__(self, fake: FakeWaldur, way: str) -> None:
        self.fake = fake
        self.way = way
        self.asked: set[str] = set()

    def __call__(
        self, operation: str, *given: object, user: str = "owner", kind: str = "detailed", **named: object
    ) -> Any:
        """What an operation returns to a user: with its status, or of `kind` "all" the rows of every page."""
        self.asked.add(operation)
        module = import_module(f"{operations.__name__}.user_invitations_{operation}")
        call = getattr(module, f"{self.way}_{kind}")
        client = AuthenticatedClient(self.fake.base_url, self.fake.users[user].token, prefix="Token")

        async def run() -> Any:
            async with client:
                return await call(*given, client=client, **named)

        if self.way == "asyncio":
            return asyncio.run(run())
        with client:
            return call(*given, client=client, **named)

    def request(self, email: str) -> InvitationRequest:
        role = UUID(self.fake.roles["PROJECT.MEMBER"].uuid)
        return InvitationRequest(role=role, scope=self.fake.scope_url("apollo"), email=email, full_name="New")


@pytest.fixture(params=["sync", "asyncio"])
def way(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def desk(way: str, version: Version) -> Iterator[Desk]:
    fake = FakeWaldur(version)
    with fake.serve():
        yield Desk(fake, way)


@pytest.mark.parametrize("version", ["2025", "2026"])
def test_every_operation_works(desk: Desk, version: Version) -> None:
    fake = desk.fake
    made = desk("create", body=desk.request("new@example.com"))
    uuid = made.parsed.uuid
    member, admin = (UUID(fake.roles[f"PROJECT.{name}"].uuid) for name in ("MEMBER", "ADMIN"))

    assert (made.status_code, made.parsed.email, made.parsed.full_name) == (201, "new@example.com", "New")
    assert made.parsed.url == f"{fake.base_url}/api/user-invitations/{uuid.hex}/"
    assert (made.parsed.state.value, made.parsed.execution_state.value) == ("pending", "Scheduled")
    assert made.parsed.created == datetime(2026, 1, 5, 9, tzinfo=UTC)
    read = desk("retrieve", uuid).parsed
    assert (read.role, read.execution_state.value) == (member, "OK")
    seen = desk("details_retrieve", uuid, user="bob").parsed
    assert (seen.scope_name, seen.created_by_image) == ("Apollo", None)
    assert desk("check", uuid, user="bob").parsed.email == "new@example.com"
    assert desk("update", uuid, body=InvitationUpdateRequest("bob@example.com")).parsed.email == "bob@example.com"
    patched = desk("partial_update", uuid, body=PatchedInvitationUpdateRequest(role=admin)).parsed
    assert (patched.email, patched.role) == ("bob@example.com", admin)

    assert desk("cancel", uuid).status_code == 200
    with pytest.raises(UnexpectedStatus, match="400") as caught:
        desk("cancel", uuid)
    assert b"Only pending or planned invitations can be canceled." in caught.value.content
    assert desk("send", uuid).status_code == 200
    assert desk("accept", uuid, user="bob").status_code == 200

    for number in range(12):
        fake.invite(f"n{number:02}@example.com")
    page = desk("list", page=2, page_size=5, o=[InvitationOEnum.EMAIL], state=[InvitationState.PENDING])
    assert [row.email for row in page.parsed] == [f"n{number:02}@example.com" for number in range(5, 10)]
    assert desk("count", state=[InvitationState.ACCEPTED]).parsed == 1
    assert desk("count", role_uuid=member).parsed == 12

    assert desk("destroy", uuid).status_code == 204
    assert desk("delete", UUID(fake.invitations[0].uuid), user="staff").status_code == 200
    assert len(fake.invitations) == 11

    fake.configure(only_staff_can_invite=True)
    for email in ("a@example.com", "b@example.com"):
        assert desk("create", body=desk.request(email)).parsed.state.value == "requested"
    tokens = [mail.link.split("/")[-2] for mail in fake.outbox if mail.kind == "approval"]
    first, second = tokens[0], tokens[-1]
    assert desk("approve", body=TokenRequest(first)).status_code == 200
    assert desk("reject", body=TokenRequest(second)).status_code == 200
    assert [row.state for row in fake.invitations[-2:]] == ["pending", "rejected"]

    items = [InvitationDuplicateCheckItemRequest("n05@example.com", member)]
    body = InvitationDuplicateCheckRequest(fake.scope_url("apollo"), items)
    if version == "2026":
        (twin,) = desk("check_duplicates", body=body).parsed.duplicates
        assert (twin.email, twin.existing_invitation_uuid) == ("n05@example.com", page.parsed[0].uuid)
    else:
        # It came after the servers of that year, which take the name for an id.
        with pytest.raises(UnexpectedStatus, match="405"):
            desk("check_duplicates", body=body)
    assert desk.asked == EVERY


@pytest.mark.parametrize("version", ["2025", "2026"])
def test_its_listing_of_everything_goes_through_all_pages(desk: Desk, version: Version) -> None:
    for number in range(250):
        desk.fake.invite(f"n{number:03}@example.com")
    desk.fake.invite("other@example.com", state="canceled")

    everything = desk("list", kind="all", state=[InvitationState.PENDING])

    assert len({row.uuid for row in everything}) == len(everything) == 250


@pytest.mark.parametrize("version", ["7.0.7"])
def test_no_record_of_7_0_7_can_be_read(desk: Desk, version: Version) -> None:
    uuid = UUID(desk.fake.invite("new@example.com").uuid)

    with pytest.raises(KeyError, match=r"^'scope_description'$"):
        desk("create", body=desk.request("other@example.com"))
    for operation in ("retrieve", "details_retrieve"):
        with pytest.raises(KeyError, match=r"^'scope_description'$"):
            desk(operation, uuid)
    with pytest.raises(KeyError, match=r"^'scope_description'$"):
        desk("list")
    for operation in ("update", "partial_update"):
        with pytest.raises(UnexpectedStatus, match="405"):
            desk(operation, uuid, body=InvitationUpdateRequest("bob@example.com"))

    # What was asked for has happened all the same, and what brings no record works.
    assert [row.email for row in desk.fake.invitations] == ["new@example.com", "other@example.com"]
    assert desk("check", uuid).parsed.email == "new@example.com"
    assert desk("count").parsed == 2
    assert desk("cancel", uuid).status_code == 200
    assert desk("send", uuid).status_code == 200
    assert desk("accept", uuid, user="bob").status_code == 200


@pytest.mark.parametrize("version", ["2025", "2026"])
def test_one_row_without_its_inviter_loses_the_page(desk: Desk, version: Version) -> None:
    desk.fake.invite("new@example.com")
    orphan = desk.fake.invite("orphan@example.com", by="manager")
    desk.fake.remove_user("manager")

    with pytest.raises(KeyError, match=r"^'created_by_full_name'$"):
        desk("list")
    with pytest.raises(KeyError, match=r"^'created_by_full_name'$"):
        desk("retrieve", UUID(orphan.uuid))
    assert desk("count").parsed == 2
