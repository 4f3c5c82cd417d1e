"""The whole of each service through `client.native`: every operation of the generated clients."""

from __future__ import annotations

from importlib import import_module

import pytest

from invite_sdk import AuthenticationError, InvalidArgumentError, InviteClient, NotFoundError, UnsupportedByServerError
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.worlds import NEWEST, World, newest, of, over, start

CALLS = [(name, operation) for name in NEWEST for operation in start(name).native_calls()]


@pytest.mark.parametrize("name", NEWEST)
def test_there_is_a_call_for_every_operation_of_the_generated_client(name: str) -> None:
    world = start(name)
    package = import_module(world.client_package or f"invite_clients.{world.service}")
    generated = {word for word in package.__all__ if word[0].islower()}

    assert set(world.native_calls()) == generated


def test_the_published_operations_are_all_there() -> None:
    ours = ("waldur", "cloudtruth", "zenml", "enhance")

    # 28 are published; Waldur's count and ZenML's login stand beside them.
    assert sum(start(name).service in ours for name, _ in CALLS) == 28 + 2


@over(CALLS)
def test_a_native_call_works_and_returns_its_own_type(world: World, operation: str, connect: Connect) -> None:
    case = world.native_calls()[operation]()

    result = connect(case.user).native(case.call)

    assert case.expected(result)
    assert case.call.operation == operation
    one = world.fake.requests[-1]
    assert one.operation == operation
    assert [other for other in world.asked() if other is not one] == []
    sent = one.request.header("Authorization") or one.request.header("Cookie")
    assert (sent is None) == case.call.public


@newest("get")
def test_a_call_of_another_service_is_refused(world: World, client: InviteClient) -> None:
    other = start(next(name for name in NEWEST if not name.startswith(world.service)))
    call = next(iter(other.native_calls().values()))().call

    with pytest.raises(InvalidArgumentError, match=world.service):
        client.native(call)
    with pytest.raises(InvalidArgumentError):
        client.native("user_invitations_list")  # type: ignore[arg-type]
    assert world.fake.requests == []


@of("waldur")
def test_a_native_refusal_is_one_of_our_errors_and_names_the_operation(world: World, connect: Connect) -> None:
    from invite_clients import waldur

    with pytest.raises(NotFoundError) as caught:
        connect().native(waldur.user_invitations_retrieve(world.unknown_id()))
    assert (caught.value.service, caught.value.operation) == ("waldur", "user_invitations_retrieve")


@of("waldur-7.0.7")
def test_a_native_call_that_an_old_server_lacks_says_so(world: World, connect: Connect) -> None:
    from invite_clients import waldur

    body = waldur.InvitationUpdateRequest(email="anna@example.org")
    with pytest.raises(UnsupportedByServerError):
        connect().native(waldur.user_invitations_update(world.invite(), body=body))


@of("zenml-offset")
def test_a_native_call_logs_in_too(world: World, connect: Connect) -> None:
    from invite_clients import zenml

    world.invite()
    client = connect()

    assert len(client.native(zenml.list_invitations())) == 1
    assert [one.operation for one in world.fake.requests] == ["auth_login", "list_invitations"]
    with pytest.raises(AuthenticationError):
        client.native(zenml.auth_login(body=zenml.LoginRequest(password="wrong")))
