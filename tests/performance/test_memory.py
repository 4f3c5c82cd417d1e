"""What is held while a long listing is read, and what is left when clients are gone: counted, not weighed."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from invite_sdk import AsyncInviteClient, Invitation, InviteClient
from tests.performance.pages import LARGEST, Listing, connection, row

ID = row(0)["uuid"]
WINDOW = 8
"""Pages that a listing asks for at once, at the most."""
REMEMBERED = 20_000
"""Ids that a listing remembers, at the most, to tell a repeated row."""
LONG = 70_000


def alive(kind: type) -> int:
    """How many objects of a class there are."""
    return sum(type(each) is kind for each in gc.get_objects())


def largest_container(known: dict[int, object]) -> int:
    """The length of the largest container that was not there before."""
    kinds = (dict, list, set, deque)
    there = (each for each in gc.get_objects() if type(each) in kinds and each is not known)
    return max((len(each) for each in there if id(each) not in known), default=0)


@pytest.fixture
def containers() -> dict[int, object]:
    """The containers that were there before the test, held so that none leaves its address to a new one."""
    gc.collect()
    return {id(each): each for each in gc.get_objects() if isinstance(each, (dict, list, set, deque))}


def test_a_long_listing_holds_one_window_of_rows() -> None:
    gc.collect()
    before = alive(Invitation)
    most = 0
    with InviteClient(connection(), transport=Listing(30 * LARGEST)) as client:
        for number, _ in enumerate(client.list()):
            if number % LARGEST == 0:
                most = max(most, alive(Invitation) - before)

    # One row that the loop still names, beside a whole window.
    assert LARGEST <= most <= WINDOW * LARGEST + 1


def test_a_long_listing_remembers_a_bounded_number_of_ids(containers: dict[int, object]) -> None:
    most = 0
    with InviteClient(connection(), transport=Listing(LONG)) as client:
        for page in client.list().pages():
            if page.number % 50 == 0:
                most = max(most, largest_container(containers))

    assert most <= REMEMBERED


def test_a_finished_listing_leaves_nothing_behind() -> None:
    with InviteClient(connection(), transport=Listing(3_000)) as client:
        client.list().first()
        gc.collect()
        before = alive(Invitation), len(gc.get_objects())
        for _ in range(3):
            assert sum(1 for _ in client.list()) == 3_000
        gc.collect()
        after = alive(Invitation), len(gc.get_objects())

    assert after[0] == before[0]
    assert after[1] - before[1] < 100


def garbage_of(call: Callable[[], object]) -> int:
    """How many objects a call leaves in circles, which only the garbage collector ends. A page has thousands."""
    call()
    gc.collect()
    gc.disable()
    try:
        call()
        return gc.collect()
    finally:
        gc.enable()


@pytest.mark.parametrize("call", [lambda client: client.get(ID), lambda client: client.list().all()])
def test_a_call_leaves_nothing_to_the_garbage_collector(call: Callable[[InviteClient], object]) -> None:
    with InviteClient(connection(), transport=Listing(3)) as client:
        assert garbage_of(lambda: call(client)) == 0


@pytest.mark.parametrize("call", [lambda client: client.get(ID), lambda client: client.list().all()])
def test_an_async_call_leaves_nothing_to_the_garbage_collector(
    call: Callable[[AsyncInviteClient], Coroutine[Any, Any, object]],
) -> None:
    with asyncio.Runner() as runner:
        client = AsyncInviteClient(connection(), transport=Listing(3))
        assert garbage_of(lambda: runner.run(call(client))) == garbage_of(lambda: runner.run(asyncio.sleep(0)))
        runner.run(client.aclose())


def test_thousands_of_clients_leave_nothing_behind() -> None:
    transport = Listing(1)
    filters = len(logging.getLogger("httpx").filters)

    def use() -> None:
        with InviteClient(connection(), transport=transport) as client:
            client.get(ID)

    use()
    gc.collect()
    kinds = (InviteClient, httpx.Client, Invitation)
    before = [alive(kind) for kind in kinds], len(gc.get_objects())
    for _ in range(2_000):
        use()
    gc.collect()

    assert [alive(kind) for kind in kinds] == before[0]
    assert len(gc.get_objects()) - before[1] < 200
    assert len(logging.getLogger("httpx").filters) <= filters + 1


@pytest.mark.anyio
async def test_thousands_of_async_clients_leave_nothing_behind() -> None:
    transport = Listing(1)

    async def use() -> None:
        async with AsyncInviteClient(connection(), transport=transport) as client:
            await client.get(ID)

    await use()
    gc.collect()
    kinds = (AsyncInviteClient, httpx.AsyncClient, Invitation)
    before = [alive(kind) for kind in kinds], len(gc.get_objects())
    for _ in range(1_000):
        await use()
    gc.collect()

    assert [alive(kind) for kind in kinds] == before[0]
    assert len(gc.get_objects()) - before[1] < 200


def test_a_forgotten_client_goes_without_being_closed() -> None:
    client = InviteClient(connection(), transport=Listing(1))
    client.get(ID)
    watched = weakref.ref(client)
    del client
    gc.collect()

    assert watched() is None


def test_children_neither_pile_up_in_their_parent_nor_outlive_their_use() -> None:
    with InviteClient(connection(), transport=Listing(1)) as client:
        client.with_options(timeout=5).get(ID)
        gc.collect()
        before = len(gc.get_objects())
        watched = [weakref.ref(client.with_options(timeout=1 + number)) for number in range(3_000)]
        gc.collect()

        assert [each for each in watched if each() is not None] == []
        del watched
        gc.collect()
        assert len(gc.get_objects()) - before < 100


def test_a_child_keeps_working_when_its_parent_is_forgotten() -> None:
    child = InviteClient(connection(), transport=Listing(1)).with_options(timeout=5)
    gc.collect()

    assert child.get(ID).id == ID
