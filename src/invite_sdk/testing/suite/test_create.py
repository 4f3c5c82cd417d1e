"""Creating: what the server makes of a second open invitation."""

from __future__ import annotations

import pytest

from invite_sdk import AlreadyInvitedError, InviteClient
from invite_sdk.testing.suite.calling import created
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import having


@having("create")
def test_a_second_open_invitation_is_made_or_refused_as_the_server_does(world: World, client: InviteClient) -> None:
    first = created(world, client)

    if world.second_open:
        assert created(world, client).email == first.email
        assert (world.fake.effects["created"], world.fake.effects.get("resent", 0)) in ((2, 0), (1, 1))
        return
    with pytest.raises(AlreadyInvitedError) as caught:
        created(world, client)

    assert caught.value.existing is not None
    assert caught.value.existing.same_as(first)
    assert caught.value.status in world.second_refused
    assert world.fake.effects["created"] == 1


@having("create")
def test_what_is_declared_of_duplicates_holds(world: World) -> None:
    declared = world.capabilities.duplicates

    assert declared in (None, world.second_open)


@having("create", "ensure")
def test_a_duplicate_in_another_case_is_a_duplicate(world: World, client: InviteClient) -> None:
    if world.second_open:
        assert created(world, client).id != created(world, client).id
        return
    first = created(world, client)
    case = world.case("create", client)

    with pytest.raises(AlreadyInvitedError) as caught:
        client.create("ANN@Example.Org", **case.named)

    assert caught.value.existing is not None
    assert caught.value.existing.same_as(first)
