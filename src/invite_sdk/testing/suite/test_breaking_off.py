"""Breaking out of a listing: nothing goes on, nothing is left behind, no warning is given."""

from __future__ import annotations

import gc
import threading

import anyio
import pytest

from invite_sdk import AsyncInviteClient, ConfigurationError, InviteClient
from invite_sdk.testing.suite.calling import fill
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import newest


@newest("list.page_size")
def test_after_a_break_nothing_is_asked_and_the_client_works_on(world: World, connect: Connect) -> None:
    fill(world, 50)
    client = connect()
    threads = threading.active_count()

    for number, _ in enumerate(client.list(page_size=5)):
        if number == 12:
            break
    asked = len(world.fake.requests)
    gc.collect()

    assert len(world.fake.requests) == asked
    assert threading.active_count() <= threads
    assert client.count() == 50


@newest("list.page_size")
@pytest.mark.anyio
async def test_after_a_break_no_task_and_no_generator_is_left(world: World) -> None:
    fill(world, 50)

    async with AsyncInviteClient(world.connection(), transport=world.fake.transport()) as client:
        threads, asked = threading.active_count(), 0
        async with anyio.create_task_group():
            async for row in client.list(page_size=5):
                if row.email == "p0-0020@example.org":
                    break
            async for page in client.list(page_size=5).pages():
                assert page.number == 1
                break
            assert await client.list(page_size=5).first() is not None
            asked = len(world.fake.requests)
            # Event loops warn of generators that were left before their end; warnings are errors here.
            gc.collect()
            await anyio.lowlevel.checkpoint()

        assert len(world.fake.requests) == asked
        assert threading.active_count() <= threads
        assert await client.count() == 50


@newest("list")
@pytest.mark.anyio
async def test_a_canceled_step_loses_no_row_of_the_iteration(world: World) -> None:
    fill(world, 3)

    async with AsyncInviteClient(world.connection(), transport=world.fake.transport()) as client:
        rows = aiter(client.list())
        with anyio.CancelScope() as scope:
            scope.cancel()
            await anext(rows)

        assert scope.cancelled_caught
        assert len([row async for row in rows]) == 3


@newest("list")
def test_a_closed_client_says_so(world: World) -> None:
    client = InviteClient(world.connection(), transport=world.fake.transport())
    pager = client.list()
    client.close()

    with pytest.raises(ConfigurationError, match="closed"):
        pager.all()
    assert world.fake.requests == []
