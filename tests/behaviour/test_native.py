"""The generated clients of our services through `client.native`."""

from __future__ import annotations

import pytest

from invite_clients import waldur, zenml
from invite_sdk import AuthenticationError, NotFoundError, UnsupportedByServerError
from invite_sdk.testing.suite.fixtures import Connect
from tests.behaviour.worlds import World, of


@of("waldur")
def test_a_native_refusal_is_one_of_our_errors_and_names_the_operation(world: World, connect: Connect) -> None:
    with pytest.raises(NotFoundError) as caught:
        connect().native(waldur.user_invitations_retrieve(world.unknown_id()))
    assert (caught.value.service, caught.value.operation) == ("waldur", "user_invitations_retrieve")


@of("waldur-7.0.7")
def test_a_native_call_that_an_old_server_lacks_says_so(world: World, connect: Connect) -> None:
    body = waldur.InvitationUpdateRequest(email="anna@example.org")
    with pytest.raises(UnsupportedByServerError):
        connect().native(waldur.user_invitations_update(world.invite(), body=body))


@of("zenml-offset")
def test_a_native_call_logs_in_too(world: World, connect: Connect) -> None:
    world.invite()
    client = connect()

    assert len(client.native(zenml.list_invitations())) == 1
    assert [one.operation for one in world.fake.requests] == ["auth_login", "list_invitations"]
    with pytest.raises(AuthenticationError):
        client.native(zenml.auth_login(body=zenml.LoginRequest(password="wrong")))
