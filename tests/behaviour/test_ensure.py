"""Ensuring, on services that have states, roles and scopes of their own, or a filter that hides rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from invite_sdk import AlreadyInvitedError, InviteClient, Scope
from invite_sdk.testing import FakeCloudTruth, FakeRequest, Fault
from invite_sdk.testing.suite.calling import ensured
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddling import rows_changed
from tests.behaviour.worlds import WaldurWorld, World, of


@of("waldur")
@pytest.mark.parametrize("state", ["rejected", "canceled", "expired"])
def test_a_settled_one_is_none_to_find(world: WaldurWorld, state: str, client: InviteClient) -> None:
    world.fake.set_state(world.invite(), state)

    assert ensured(world, client).created


@of("waldur")
@pytest.mark.parametrize("state", ["pending", "project", "requested", "archived"])
def test_one_that_is_open_or_may_be_is_found(world: WaldurWorld, state: str, client: InviteClient) -> None:
    found = world.fake.set_state(world.invite(), state).uuid

    result = ensured(world, client)

    assert (result.created, result.invitation.id) == (False, found)
    assert world.fake.effects.get("created", 0) == 0


@of("cloudtruth")
@pytest.mark.parametrize("state", ["sent", "bounced", "archived"])
def test_whatever_is_not_accepted_is_found(world: World, state: str, connect: Connect) -> None:
    found = world.invite()

    def change(row: dict[str, Any]) -> None:
        world.with_state(row, state)

    result = ensured(world, connect(after=rows_changed(world, change)))

    assert (result.created, result.invitation.id) == (False, found)


@of("waldur")
def test_another_role_or_scope_is_another_invitation(world: WaldurWorld, client: InviteClient) -> None:
    admin, beta = world.role("PROJECT.ADMIN"), Scope("project", world.fake.projects["beta"].uuid)

    results = [ensured(world, client), ensured(world, client, role=admin), ensured(world, client, scope=beta)]

    assert [result.created for result in results] == [True, True, True]
    assert not ensured(world, client, role=admin).created
    assert not ensured(world, client, scope=beta).created


@of("cloudtruth")
def test_another_role_is_refused_where_no_second_may_be(world: World, client: InviteClient) -> None:
    found = world.invite()

    with pytest.raises(AlreadyInvitedError, match="VIEWER") as caught:
        client.ensure("ann@example.org", role="ADMIN")

    assert caught.value.existing is not None
    assert caught.value.existing.id == found
    assert [one.request.method for one in world.fake.requests] == ["GET"]


def hide_by_email(request: FakeRequest) -> FakeRequest:
    """A server whose filter for the address finds nothing."""
    return replace(request, target=request.target.replace("email=ann%40example.org", "email=nobody%40example.org"))


@of("waldur-2026", "cloudtruth")
def test_a_row_that_the_servers_filter_hides_is_found_through_its_refusal(world: World, connect: Connect) -> None:
    found = world.invite()

    result = ensured(world, connect(before=hide_by_email))

    assert (result.created, result.invitation.id) == (False, found)
    assert world.fake.effects.get("created", 0) == (1 if world.service == "cloudtruth" else 0)


@of("cloudtruth")
def test_a_hidden_row_with_another_role_is_refused_too(world: World, connect: Connect) -> None:
    world.invite()

    with pytest.raises(AlreadyInvitedError) as caught:
        connect(before=hide_by_email).ensure("ann@example.org", role="ADMIN")

    assert caught.value.existing is not None


@pytest.mark.parametrize("fault", [Fault.drop_request(), Fault.drop_reply(), Fault.status(503)], ids=str)
def test_what_was_there_in_another_spelling_is_not_called_new_when_the_answer_is_lost(fault: Fault) -> None:
    fake = FakeCloudTruth()
    there = fake.invite("Ann@example.org", role="VIEWER")
    fake.faults.plan(fault, on="invitations_create")

    with InviteClient(fake.connection("owner"), transport=fake.transport()) as client:
        result = client.ensure("ann@example.org", role="VIEWER")

    assert (result.created, result.invitation.id) == (False, there.id)
    assert [row.email for row in fake.invitations] == ["Ann@example.org"]
