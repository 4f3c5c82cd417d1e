"""Ensuring: the open invitation that fits or a new one, and never two."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from invite_sdk import AlreadyInvitedError, EnsureResult, InviteClient, PermissionDeniedError, ResponseParseError, Scope
from invite_sdk.testing import FakeCloudTruth, FakeRequest, FakeWaldur, Fault
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddling import failing, rows_changed
from invite_sdk.testing.suite.worlds import World, having, of


def ensured(world: World, client: InviteClient, email: str = "ann@example.org", **changes: Any) -> EnsureResult:
    named = {**world.case("ensure", client).named, **changes}
    return client.ensure(email, **named)


@having("ensure")
def test_asking_twice_creates_once(world: World, client: InviteClient) -> None:
    first, second = ensured(world, client), ensured(world, client)

    assert (first.created, second.created) == (True, False)
    assert second.invitation.same_as(first.invitation)
    assert world.fake.effects["created"] == 1
    assert [mail.to for mail in world.fake.outbox] == ["ann@example.org"]


@having("ensure")
def test_the_case_of_an_address_makes_no_second(world: World, client: InviteClient) -> None:
    first, second = ensured(world, client, "Ann@Example.org"), ensured(world, client, "aNN@example.ORG ")

    assert second.invitation.same_as(first.invitation)
    assert world.fake.effects["created"] == 1


@having("ensure")
def test_a_longer_address_is_another_one(world: World, client: InviteClient) -> None:
    first, second = ensured(world, client, "joann@example.org"), ensured(world, client, "ann@example.org")

    assert (first.created, second.created) == (True, True)


@of("waldur")
@pytest.mark.parametrize("state", ["rejected", "canceled", "expired", "accepted"])
def test_a_settled_one_is_none_to_find(world: World, state: str, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    fake.set_state(world.invite(), state)

    assert ensured(world, client).created


@of("waldur")
@pytest.mark.parametrize("state", ["pending", "project", "requested", "archived"])
def test_one_that_is_open_or_may_be_is_found(world: World, state: str, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    found = fake.set_state(world.invite(), state).uuid

    result = ensured(world, client)

    assert (result.created, result.invitation.id) == (False, found)
    assert fake.effects.get("created", 0) == 0


@of("cloudtruth")
@pytest.mark.parametrize("state", ["sent", "bounced", "archived"])
def test_whatever_is_not_accepted_is_found(world: World, state: str, connect: Connect) -> None:
    found = world.invite()

    def change(row: dict[str, Any]) -> None:
        world.with_state(row, state)

    result = ensured(world, connect(after=rows_changed(world, change)))

    assert (result.created, result.invitation.id) == (False, found)


@of("waldur")
def test_another_role_or_scope_is_another_invitation(world: World, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    admin, beta = fake.roles["PROJECT.ADMIN"].uuid, Scope("project", fake.projects["beta"].uuid)

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


@having("ensure")
@pytest.mark.parametrize("status", [403, 404])
def test_who_may_not_list_is_refused_and_nothing_is_created(world: World, status: int, connect: Connect) -> None:
    from invite_sdk import APIError

    with pytest.raises(APIError) as caught:
        ensured(world, connect(before=failing("GET", status=status)))

    assert caught.value.status == status
    assert isinstance(caught.value, PermissionDeniedError) == (status == 403)
    assert world.fake.requests == []


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


@having("ensure")
def test_a_server_that_ignores_filters_makes_no_difference(world: World, connect: Connect) -> None:
    from invite_sdk.testing.suite.meddling import without_filters

    for number in range(25):
        world.invite(f"p{number}@example.org")
    found = world.invite()

    result = ensured(world, connect(before=without_filters))

    assert (result.created, result.invitation.id) == (False, found)


@having("ensure")
def test_a_row_that_may_be_the_one_and_cannot_be_read_stops_it(world: World, connect: Connect) -> None:
    world.invite()

    def change(row: dict[str, Any]) -> None:
        row[world.id_key] = None

    with pytest.raises(ResponseParseError, match="may be open"):
        ensured(world, connect(after=rows_changed(world, change)))

    assert [one.request.method for one in world.fake.requests] == ["GET"]


@having("ensure")
def test_a_row_of_somebody_else_that_cannot_be_read_stops_nothing(world: World, connect: Connect) -> None:
    from invite_sdk.testing.suite.meddling import without_filters

    world.invite("bea@example.org")

    def change(row: dict[str, Any]) -> None:
        row[world.id_key] = None

    result = ensured(world, connect(before=without_filters, after=rows_changed(world, change)))

    assert result.created


@pytest.mark.parametrize("fault", [Fault.drop_request(), Fault.drop_reply(), Fault.status(503)], ids=str)
def test_what_was_there_in_another_spelling_is_not_called_new_when_the_answer_is_lost(fault: Fault) -> None:
    fake = FakeCloudTruth()
    there = fake.invite("Ann@example.org", role="VIEWER")
    fake.faults.plan(fault, on="invitations_create")

    with InviteClient(fake.connection("owner"), transport=fake.transport()) as client:
        result = client.ensure("ann@example.org", role="VIEWER")

    assert (result.created, result.invitation.id) == (False, there.id)
    assert [row.email for row in fake.invitations] == ["Ann@example.org"]
