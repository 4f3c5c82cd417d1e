"""Writing inside the loop shifts the pages behind: every row is met all the same, and met once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import anyio
import pytest

from invite_sdk import AsyncInviteClient, Invitation, InviteClient
from invite_sdk.testing.suite.calling import fill
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddler import After
from invite_sdk.testing.suite.meddling import pages_changed
from invite_sdk.testing.suite.unhurried import Held, Unhurried
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import cells, has, newest, over, start

ROWS = 1_000


FILTERS: dict[str, Callable[[World], Mapping[str, Any]]] = {
    "pending only": lambda world: world.only_open,
    "everything": lambda world: {},
}
PAGED = [
    cell for cell in cells(("cancel", "delete", "resend", "update"), only_newest=True) if has(cell[0], "list.page_size")
]
"""The worlds whose listing has pages, with each of the writes to a row that they have."""
WRITES: dict[str, Callable[[InviteClient, Invitation], object]] = {
    "cancel": lambda client, row: client.cancel(row, refetch=False),
    "delete": lambda client, row: client.delete(row),
}


@over([cell for cell in cells(WRITES, only_newest=True) if has(cell[0], "list")], "write")
@pytest.mark.parametrize("filters", FILTERS)
def test_writing_in_the_loop_reaches_all_of_a_thousand(
    world: World, write: str, filters: str, client: InviteClient
) -> None:
    wanted = fill(world, ROWS)
    met: list[str] = []

    for row in client.list(**FILTERS[filters](world)):
        WRITES[write](client, row)
        met.append(row.id or "")

    assert sorted(met) == wanted
    left: Mapping[str, Any] = {} if write == "delete" else world.only_open
    assert client.count(**left) == 0


@over([cell for cell in PAGED if cell[1] in WRITES], "write")
@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("size", [3, 10])
def test_writing_to_some_rows_meets_every_row_once(
    world: World, write: str, filters: str, size: int, connect: Connect
) -> None:
    client = connect()
    for every in (1, 3):
        fill(world, 31, every)
        wanted = [row.id or "" for row in client.list(**FILTERS[filters](world))]
        met: list[str] = []

        for number, row in enumerate(client.list(page_size=size, **FILTERS[filters](world))):
            if number % every == 0 and row.is_open:
                WRITES[write](client, row)
            met.append(row.id or "")

        assert sorted(met) == sorted(wanted)


@newest("list.page_size", "cancel")
def test_a_child_of_the_client_may_write_too(world: World, client: InviteClient) -> None:
    wanted = fill(world, 60)
    child = client.with_options(timeout=5.0)

    met = [child.cancel(row, refetch=False).id or "" for row in client.list(**world.only_open, page_size=7)]

    assert sorted(met) == wanted


@newest("list.page_size", "cancel")
def test_two_loops_at_once_meet_every_row_between_them(world: World, client: InviteClient) -> None:
    wanted = fill(world, 60)
    one, two = (iter(client.list(**world.only_open, page_size=7)) for _ in range(2))
    met: set[str | None] = set()

    for first, second in zip(one, two, strict=False):
        for row in {first, second}:
            if row.id not in met:
                client.cancel(row, refetch=False)
                met.add(row.id)
    for rest in (one, two):
        met |= {row.id for row in rest}

    assert met == set(wanted)


@newest("list.page_size", "cancel")
@pytest.mark.anyio
async def test_canceling_from_several_tasks_cancels_all(world: World) -> None:
    wanted = fill(world, 200)
    met: list[str] = []

    async with AsyncInviteClient(world.connection(), transport=world.fake.transport()) as client:

        async def cancel(row: Invitation) -> None:
            met.append((await client.cancel(row, refetch=False)).id or "")

        async with anyio.create_task_group() as tasks:
            async for row in client.list(**world.only_open, page_size=20):
                tasks.start_soon(cancel, row)

        assert await client.count(**world.only_open) == 0
    assert sorted(met) == wanted


# Writes that are under way while a page is made.


def saying(world: World, kept: str) -> After:
    """What a proxy, or a terse server, leaves of a page."""
    return pages_changed(world, world.terse()[kept])


def writing(*names: str) -> list[tuple[str, str]]:
    """Each newest service with each of the writes that it has and each thing that its pages may say."""
    return [(name, f"{write}, {kept}") for name, write in PAGED if write in names for kept in start(name).terse()]


def change(world: World, row: Invitation) -> Mapping[str, Any]:
    """What may be changed of any row: its address, or else its role."""
    if world.capabilities.supports("update", "email"):
        return {"email": f"moved-{row.email}"}
    return {"role": world.samples()["update", "role"].value}


AT_ONCE: dict[str, Callable[[World, AsyncInviteClient, Invitation], Coroutine[Any, Any, object]]] = {
    "cancel": lambda world, client, row: client.cancel(row, refetch=False),
    "delete": lambda world, client, row: client.delete(row),
    "resend": lambda world, client, row: client.resend(row, refetch=False),
    "update": lambda world, client, row: client.update(row, **change(world, row), refetch=False),
}


@over(writing(*AT_ONCE), "how")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.anyio
async def test_a_task_for_each_row_leaves_none_out(world: World, how: str, seed: int) -> None:
    write, kept = how.split(", ")
    wanted = fill(world, 60)
    met: list[str] = []
    transport = Unhurried(world.fake, saying(world, kept), seed)

    async with AsyncInviteClient(world.connection(), transport=transport) as client:
        child = client.with_options(timeout=5.0)
        async with anyio.create_task_group() as tasks:
            async for row in client.list(page_size=7, **world.only_open):
                met.append(row.id or "")
                tasks.start_soon(AT_ONCE[write], world, child if len(met) % 2 else client, row)

    assert sorted(met) == wanted


@over(writing("cancel", "delete"), "how")
@pytest.mark.anyio
async def test_other_tasks_may_write_to_other_rows_as_long_as_the_listing_runs(world: World, how: str) -> None:
    write, kept = how.split(", ")
    wanted = fill(world, 40)
    passing = fill(world, 60, turn=1)
    met: list[str] = []

    async with AsyncInviteClient(world.connection(), transport=Unhurried(world.fake, saying(world, kept), 1)) as client:
        rows = {row.id: row for row in await client.list().all()}

        async def remove(part: list[str]) -> None:
            for key in part:
                await AT_ONCE[write](world, client, rows[key])

        async with anyio.create_task_group() as tasks:
            for start in range(3):
                tasks.start_soon(remove, passing[start::3])
            async for page in client.list(page_size=7, **world.only_open).pages():
                met += [row.id or "" for row in page.invitations]

    assert len(met) == len(set(met))
    assert set(wanted) <= set(met)


@over(writing("cancel", "delete"), "how")
def test_a_thread_for_each_row_leaves_none_out(world: World, how: str) -> None:
    write, kept = how.split(", ")
    wanted = fill(world, 60)
    met: list[str] = []
    transport = Held(
        world.fake,
        saying(world, kept),
        lambda request: request.method == "GET" and request.param(world.page_key) is not None,
    )

    with InviteClient(world.connection(), transport=transport) as client, ThreadPoolExecutor(60) as threads:
        try:
            for row in client.list(page_size=7, **world.only_open):
                met.append(row.id or "")
                transport.begun()
                threads.submit(WRITES[write], client, row)
        finally:
            transport.open()

    assert sorted(met) == wanted


@newest("list.page_size", "ensure", "delete")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.anyio
async def test_ensure_finds_the_open_one_while_others_are_removed(
    world: World, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server without filters and totals, so that it has to look through page after page."""
    world.small_pages(monkeypatch)
    others = fill(world, 20)
    wanted = world.invite("nina@example.org")
    others += fill(world, 20, turn=1)

    class Plain(Unhurried):
        async def handle_async_request(self, request: Any) -> Any:
            params = {
                name: value for name, value in request.url.params.items() if name in (world.page_key, world.size_key)
            }
            request.url = request.url.copy_with(params=params) if params else request.url
            return await super().handle_async_request(request)

    transport = Plain(world.fake, saying(world, "no total" if world.tells_totals else "all it says"), seed)
    async with (
        AsyncInviteClient(world.connection(), transport=transport) as client,
        anyio.create_task_group() as tasks,
    ):
        for key in others:
            tasks.start_soon(client.delete, key)
        named = world.case("ensure", cast("InviteClient", client)).named
        found = await client.ensure("nina@example.org", **named)

        assert (found.created, found.invitation.id) == (False, wanted)
