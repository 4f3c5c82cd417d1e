"""The whole of each service through `client.native`: every operation of the generated clients."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pytest

from invite_sdk import InvalidArgumentError, InviteClient
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import newest, newest_worlds, over, start

NEWEST = newest_worlds()
CALLS = [(name, operation) for name in NEWEST for operation in start(name).native_calls()]


@pytest.mark.parametrize("name", NEWEST)
def test_there_is_a_call_for_every_operation_of_the_generated_client(name: str) -> None:
    world = start(name)
    package = import_module(world.client_package or f"invite_clients.{world.service}")
    generated = {word for word in package.__all__ if word[0].islower()}

    assert set(world.native_calls()) == generated


@over(CALLS)
def test_a_native_call_works_and_returns_its_own_type(world: World, operation: str, connect: Connect) -> None:
    case = world.native_calls()[operation]()

    result = connect(case.user).native(case.call)

    assert case.expected(result)
    assert case.call.operation == operation
    one = world.fake.requests[-1]
    assert one.operation == operation
    assert [other for other in world.asked() if other is not one] == []
    assert world.shows_credentials(one.request) != case.call.public


@newest()
def test_a_call_of_another_service_is_refused(world: World, client: InviteClient) -> None:
    call = replace(next(iter(world.native_calls().values()))().call, service="elsewhere")
    world.fake.requests.clear()

    with pytest.raises(InvalidArgumentError, match=world.service):
        client.native(call)
    with pytest.raises(InvalidArgumentError):
        client.native("user_invitations_list")  # type: ignore[arg-type]
    assert world.fake.requests == []
