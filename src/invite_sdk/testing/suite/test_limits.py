"""Being asked too often: however a service says it, it is the same error, with the wait that was named."""

from __future__ import annotations

import pytest

from invite_sdk import NO_RETRIES, RateLimitedError
from invite_sdk.testing.suite.calling import call, prepared
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import newest


@newest()
def test_a_limit_is_an_error_that_names_the_wait(world: World, connect: Connect) -> None:
    operation = world.private_operation
    case, client = prepared(world, operation, connect, before=lambda request: world.limited(7), retry=NO_RETRIES)

    with pytest.raises(RateLimitedError) as caught:
        call(client, operation, case)

    assert (caught.value.status, caught.value.retry_after) == (world.limited(7).status, 7.0)
    assert (caught.value.service, caught.value.operation) == (world.service, operation)
    assert world.fake.requests == []
