"""Writing inside the loop shifts the pages behind: every row is met all the same, and met once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from invite_sdk import AsyncInviteClient, Invitation, InviteClient
from tests.behaviour.conftest import Connect
from tests.behaviour.worlds import World, cells, declared, newest, over

ROWS = 1_000


def fill(world: World, count: int, turn: int = 0) -> set[str]:
    """Puts so many open invitations in place."""
    return {world.invite(f"p{turn}-{number:04}@example.org") for number in range(count)}


FILTERS: dict[str, dict[str, Any]] = {"pending only": {"status": "pending"}, "everything": {}}
WRITES: dict[str, Callable[[InviteClient, Invitation], object]] = {
    "cancel": lambda client, row: client.cancel(row, refetch=False),
    "delete": lambda client, row: client.delete(row),
}


@newest("list", "cancel")
@pytest.mark.parametrize("filters", FILTERS)
def test_canceling_in_the_loop_cancels_all_of_a_thousand(world: World, filters: str, client: InviteClient) -> None:
    wanted = fill(world, ROWS)

    met = [client.cancel(row, refetch=False).id for row in client.list(**FILTERS[filters])]

    assert len(met) == ROWS
    assert set(met) == wanted
    assert client.count(status="pending") == 0


@newest("list", "delete")
def test_deleting_in_the_loop_deletes_all_of_a_thousand(world: World, client: InviteClient) -> None:
    wanted = fill(world, ROWS)
    met: list[str | None] = []

    for row in client.list():
        client.delete(row)
        met.append(row.id)

    assert len(met) == ROWS
    assert set(met) == wanted
    assert client.count() == 0


@over([cell for cell in cells(WRITES, only_newest=True) if declared(cell[0]).supports("list", "page_size")], "write")
@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("size", [3, 10])
def test_writing_to_some_rows_meets_every_row_once(
    world: World, write: str, filters: str, size: int, connect: Connect
) -> None:
    client = connect()
    for every in (1, 3):
        fill(world, 31, every)
        wanted = {row.id for row in client.list(**FILTERS[filters])}
        met: list[str | None] = []

        for number, row in enumerate(client.list(page_size=size, **FILTERS[filters])):
            if number % every == 0 and row.is_open:
                WRITES[write](client, row)
            met.append(row.id)

        assert len(met) == len(wanted)
        assert set(met) == wanted


@newest("list.page_size", "cancel")
def test_a_child_of_the_client_may_write_too(world: World, client: InviteClient) -> None:
    wanted = fill(world, 60)
    child = client.with_options(timeout=5.0)

    met = [child.cancel(row, refetch=False).id for row in client.list(status="pending", page_size=7)]

    assert len(met) == 60
    assert set(met) == wanted


@newest("list.page_size", "cancel")
def test_two_loops_at_once_meet_every_row_between_them(world: World, client: InviteClient) -> None:
    wanted = fill(world, 60)
    one, two = (iter(client.list(status="pending", page_size=7)) for _ in range(2))
    met: set[str | None] = set()

    for first, second in zip(one, two, strict=False):
        for row in {first, second}:
            if row.id not in met:
                client.cancel(row, refetch=False)
                met.add(row.id)
    for rest in (one, two):
        met |= {row.id for row in rest}

    assert met == wanted


@newest("list.page_size", "cancel")
@pytest.mark.anyio
async def test_canceling_from_several_tasks_cancels_all(world: World) -> None:
    wanted = fill(world, 200)
    met: list[str | None] = []

    async with AsyncInviteClient(world.connection(), transport=world.fake.transport()) as client:

        async def cancel(row: Invitation) -> None:
            met.append((await client.cancel(row, refetch=False)).id)

        async with anyio.create_task_group() as tasks:
            async for row in client.list(status="pending", page_size=20):
                tasks.start_soon(cancel, row)

        assert await client.count(status="pending") == 0
    assert len(met) == 200
    assert set(met) == wanted
