"""Waldur's own client, which nobody here wrote, talks to the fake."""

from __future__ import annotations

import pkgutil
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api import user_invitations as _package
from waldur_api_client.api.user_invitations import (
    user_invitations_accept,
    user_invitations_approve,
    user_invitations_cancel,
    user_invitations_check,
    user_invitations_check_duplicates,
    user_invitations_count,
    user_invitations_create,
    user_invitations_delete,
    user_invitations_destroy,
    user_invitations_details_retrieve,
    user_invitations_list,
    user_invitations_partial_update,
    user_invitations_reject,
    user_invitations_retrieve,
    user_invitations_send,
    user_invitations_update,
)
from waldur_api_client.errors import UnexpectedStatus
from waldur_api_client.models.invitation_duplicate_check_item_request import InvitationDuplicateCheckItemRequest
from waldur_api_client.models.invitation_duplicate_check_request import InvitationDuplicateCheckRequest
from waldur_api_client.models.invitation_o_enum import InvitationOEnum
from waldur_api_client.models.invitation_request import InvitationRequest
from waldur_api_client.models.invitation_state import InvitationState
from waldur_api_client.models.invitation_update_request import InvitationUpdateRequest
from waldur_api_client.models.patched_invitation_update_request import PatchedInvitationUpdateRequest
from waldur_api_client.models.token_request import TokenRequest

from invite_sdk.testing.waldur.fake import FakeWaldur

pytestmark = pytest.mark.tools

NEWER = pytest.mark.parametrize("version", ["2025", "2026"])


def client_of(fake: FakeWaldur, user: str = "owner") -> Any:
    client = AuthenticatedClient(base_url=fake.base_url, token=fake.users[user].token, prefix="Token")
    headers = {"Authorization": f"Token {fake.users[user].token}"}
    return client.set_httpx_client(httpx.Client(base_url=fake.base_url, headers=headers, transport=fake.transport()))


def request_of(fake: FakeWaldur, email: str = "new@example.com") -> Any:
    return InvitationRequest(
        role=UUID(fake.roles["PROJECT.MEMBER"].uuid), scope=fake.scope_url("apollo"), email=email, full_name="New"
    )


@NEWER
def test_creates_and_reads(version: Any) -> None:
    fake = FakeWaldur(version)
    client = client_of(fake)

    made = user_invitations_create.sync(client=client, body=request_of(fake))
    read = user_invitations_retrieve.sync(made.uuid, client=client)
    seen = user_invitations_details_retrieve.sync(made.uuid, client=client_of(fake, "bob"))

    assert (made.email, made.full_name, made.state.value) == ("new@example.com", "New", "pending")
    assert made.created == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert made.execution_state.value == "Scheduled"
    assert read.execution_state.value == "OK"
    assert (seen.scope_name, seen.created_by_image) == ("Apollo", None)


@NEWER
def test_lists_and_counts(version: Any) -> None:
    fake = FakeWaldur(version)
    for number in range(250):
        fake.invite(f"n{number:03}@example.com")
    fake.invite("other@example.com", state="canceled")
    client = client_of(fake)
    role = fake.roles["PROJECT.MEMBER"].uuid

    page = user_invitations_list.sync(client=client, page=2, page_size=3, o=[InvitationOEnum.EMAIL])
    everything = user_invitations_list.sync_all(client=client, state=[InvitationState.PENDING])
    counted = user_invitations_count.sync(client=client, role_uuid=UUID(role), state=[InvitationState.CANCELED])

    assert [row.email for row in page] == ["n003@example.com", "n004@example.com", "n005@example.com"]
    assert len({row.uuid for row in everything}) == 250
    assert counted == 1


@NEWER
def test_updates(version: Any) -> None:
    fake = FakeWaldur(version)
    client = client_of(fake)
    uuid = UUID(fake.invite("old@example.com").uuid)
    admin = UUID(fake.roles["PROJECT.ADMIN"].uuid)

    put = user_invitations_update.sync(uuid, client=client, body=InvitationUpdateRequest("new@example.com"))
    patched = user_invitations_partial_update.sync(uuid, client=client, body=PatchedInvitationUpdateRequest(role=admin))

    assert put.email == "new@example.com"
    assert (patched.email, patched.role) == ("new@example.com", admin)


@NEWER
def test_sends_cancels_accepts_and_checks(version: Any) -> None:
    fake = FakeWaldur(version)
    client = client_of(fake)
    row = fake.invite("bob@example.com")
    uuid = UUID(row.uuid)

    assert user_invitations_check.sync(uuid, client=client).email == "bob@example.com"
    assert user_invitations_cancel.sync_detailed(uuid, client=client).status_code == 200
    assert user_invitations_send.sync_detailed(uuid, client=client).status_code == 200
    assert user_invitations_accept.sync_detailed(uuid, client=client_of(fake, "bob")).status_code == 200

    assert fake.invitation(row).state == "accepted"
    with pytest.raises(UnexpectedStatus):
        user_invitations_cancel.sync_detailed(uuid, client=client)


@NEWER
def test_deletes(version: Any) -> None:
    fake = FakeWaldur(version)
    one, two = (UUID(fake.invite(f"{name}@example.com").uuid) for name in ("a", "b"))

    assert user_invitations_destroy.sync_detailed(one, client=client_of(fake)).status_code == 204
    assert user_invitations_delete.sync_detailed(two, client=client_of(fake, "staff")).status_code == 200
    assert fake.invitations == []


@NEWER
def test_approves_and_rejects(version: Any) -> None:
    fake = FakeWaldur(version, only_staff_can_invite=True)
    client = client_of(fake)
    for email in ("a@example.com", "b@example.com"):
        user_invitations_create.sync(client=client, body=request_of(fake, email))
    first, second = (mail.link.split("/")[-2] for mail in fake.outbox)

    user_invitations_approve.sync_detailed(client=client, body=TokenRequest(first))
    user_invitations_reject.sync_detailed(client=client, body=TokenRequest(second))

    assert [row.state for row in fake.invitations] == ["pending", "rejected"]


def test_checks_duplicates() -> None:
    fake = FakeWaldur("2026")
    twin = fake.invite("twin@example.com")
    role = UUID(fake.roles["PROJECT.MEMBER"].uuid)
    items = [InvitationDuplicateCheckItemRequest(f"{name}@example.com", role) for name in ("twin", "other")]

    found = user_invitations_check_duplicates.sync(
        client=client_of(fake), body=InvitationDuplicateCheckRequest(fake.scope_url("apollo"), items)
    )

    assert [row.existing_invitation_uuid for row in found.duplicates] == [UUID(twin.uuid)]


def test_every_operation_of_the_client_is_asked() -> None:
    names = {module.name for module in pkgutil.iter_modules(_package.__path__)}
    assert names <= set(globals())


def test_cannot_read_an_invitation_of_7_0_7() -> None:
    fake = FakeWaldur("7.0.7")
    client = client_of(fake)
    uuid = UUID(fake.invite("new@example.com").uuid)

    with pytest.raises(KeyError, match=r"^'scope_description'$"):
        user_invitations_create.sync(client=client, body=request_of(fake))
    with pytest.raises(KeyError, match=r"^'scope_description'$"):
        user_invitations_retrieve.sync(uuid, client=client)
    with pytest.raises(KeyError, match=r"^'scope_description'$"):
        user_invitations_list.sync(client=client)
    assert user_invitations_check.sync(uuid, client=client).email == "new@example.com"


@NEWER
def test_cannot_read_a_page_with_a_deleted_inviter(version: Any) -> None:
    fake = FakeWaldur(version)
    fake.invite("new@example.com")
    fake.invite("orphan@example.com", by=None)

    with pytest.raises(KeyError, match=r"^'created_by_full_name'$"):
        user_invitations_list.sync(client=client_of(fake))
