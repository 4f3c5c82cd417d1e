"""Who sees which credentials: every endpoint that needs them, and no public one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from invite_sdk import AuthenticationError
from invite_sdk.services.capabilities import OPERATIONS
from invite_sdk.testing import FakeRequest
from invite_sdk.testing.suite.calling import call, prepared
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import cells, having, over


@over(cells(OPERATIONS, only_newest=True))
def test_credentials_go_to_every_endpoint_that_needs_them_and_to_no_public_one(
    world: World, operation: str, connect: Connect
) -> None:
    case, client = prepared(world, operation, connect)

    if case.error is None:
        call(client, operation, case)

    # Roles and scopes that a document or the connection tells need no request.
    is_known = operation in ("roles", "scopes") and world.capabilities[operation].level == "partial"
    assert world.fake.requests or is_known or case.error is not None
    for one in world.fake.requests:
        assert world.shows_credentials(one.request) != (one.operation in world.public), one.operation


@having()
def test_wrong_credentials_are_an_error_of_credentials(world: World, connect: Connect) -> None:
    def before(request: FakeRequest) -> FakeRequest:
        shown = {name.lower() for name in world.credential_headers}
        headers = ((name, "Bearer wrong" if name.lower() in shown else value) for name, value in request.headers)
        return replace(request, headers=tuple(headers))

    operation = world.private_operation
    case, client = prepared(world, operation, connect, before=before)

    with pytest.raises(AuthenticationError) as caught:
        call(client, operation, case)

    assert (caught.value.status, caught.value.operation) == (401, operation)
