"""What is settled is neither accepted again nor found valid, on every service."""

from __future__ import annotations

import pytest

from invite_sdk import (
    APIError,
    InvitationCheck,
    InviteClient,
    NotFoundError,
)
from invite_sdk.testing.suite.calling import prepared
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import having


@having("accept")
def test_accepting_twice_is_refused(world: World, connect: Connect) -> None:
    case, client = prepared(world, "accept", connect)
    client.accept(*case.given, **case.named)

    with pytest.raises(APIError) as caught:
        client.accept(*case.given, **case.named)

    assert caught.value.status in world.settled_refused
    assert world.fake.effects["accepted"] == 1


@having("accept")
def test_a_settled_one_is_not_accepted(world: World, connect: Connect) -> None:
    case, client = prepared(world, "accept", connect)
    world.settle(case.given[0])

    with pytest.raises(world.settled_error):
        client.accept(*case.given, **case.named)

    assert world.fake.effects.get("accepted", 0) == 0


@having("check")
def test_a_settled_one_cannot_be_accepted_says_the_check(world: World, client: InviteClient) -> None:
    found = world.invite()
    world.settle(found)

    if world.check_tells_settled:
        assert client.check(found).valid is False
    else:
        with pytest.raises(NotFoundError):
            client.check(found)


@having("check")
def test_an_unknown_one_is_told_from_a_settled_one_where_the_service_does(world: World, client: InviteClient) -> None:
    if world.check_tells_unknown:
        with pytest.raises(NotFoundError):
            client.check(world.unknown_id())
    else:
        assert client.check(world.unknown_id()) == InvitationCheck(valid=False)
