"""How many requests a listing sends, and how many of them at once."""

from __future__ import annotations

import threading
from contextlib import closing

import httpx
import pytest

from invite_sdk import AsyncInviteClient, InviteClient
from invite_sdk.testing.suite.ways import Way
from tests.performance.pages import Listing, connection, numbers

ALL = 3_000
# Ten pages of the largest size: one, then two, then four at once, then the three that are left.
WINDOWS = [[1], [2, 3], [4, 5, 6, 7], [8, 9, 10]]
# Once the windows have grown they stay at eight pages.
LONG = 30 * 300
LONG_WINDOWS = [[1], [2, 3], [4, 5, 6, 7], [*range(8, 16)], [*range(16, 24)], [*range(24, 31)]]


class Waves(Listing):
    """Answers a request when all that were sent with it are there: so shows which were under way at once."""

    def __init__(self, total: int, windows: list[list[int]]) -> None:
        super().__init__(total)
        barriers = [(window, threading.Barrier(len(window))) for window in windows]
        self._barrier_of = {page: barrier for window, barrier in barriers for page in window}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        # A wave that is not all there breaks its barrier, and with it the listing, after a while.
        self._barrier_of[int(request.url.params["page"])].wait(timeout=5)
        return super().handle_request(request)


def test_a_listing_asks_for_the_largest_pages_and_each_once(way: Way) -> None:
    transport = Listing(ALL)
    with closing(way.open(connection(), transport)) as client:
        found = numbers(each.id for each in client.list())

    assert found == list(range(ALL))
    assert sorted(transport.asked) == [(page, 300) for page in range(1, 11)]


@pytest.mark.parametrize(("total", "windows"), [(ALL, WINDOWS), (LONG, LONG_WINDOWS)])
def test_following_pages_are_asked_for_in_growing_windows(total: int, windows: list[list[int]]) -> None:
    transport = Waves(total, windows)
    with InviteClient(connection(), transport=transport) as client:
        found = numbers(each.id for each in client.list())

    assert found == list(range(total))
    assert len(transport.asked) == sum(map(len, windows))


@pytest.mark.anyio
@pytest.mark.parametrize(("total", "windows"), [(ALL, WINDOWS), (LONG, LONG_WINDOWS)])
async def test_following_pages_are_asked_for_in_growing_windows_async(total: int, windows: list[list[int]]) -> None:
    transport = Listing(total)
    waves: list[list[int]] = []
    async with AsyncInviteClient(connection(), transport=transport) as client:
        pages = client.list().pages()
        while True:
            before = len(transport.asked)
            if await anext(pages, None) is None:
                break
            if len(transport.asked) > before:
                waves.append(sorted(page for page, _ in transport.asked[before:]))

    assert waves == windows


def test_the_first_row_takes_one_request(way: Way) -> None:
    transport = Listing(ALL)
    with closing(way.open(connection(), transport)) as client:
        first = client.list().first()
        for also in client.list():
            assert also == first
            break

    assert first is not None
    assert numbers([first.id]) == [0]
    assert transport.requests == 2


def test_nothing_is_asked_for_beyond_a_limit() -> None:
    transport = Listing(ALL)
    with InviteClient(connection(), transport=transport) as client:
        found = client.list(limit=300).all()

    assert len(found) == 300
    assert transport.asked == [(1, 300)]


def test_making_a_pager_sends_nothing() -> None:
    transport = Listing(ALL)
    with InviteClient(connection(), transport=transport) as client:
        client.list()
        client.list().pages()

    assert transport.requests == 0


def test_no_thread_is_left_between_two_pages() -> None:
    before = set(threading.enumerate())
    with InviteClient(connection(), transport=Listing(LONG)) as client:
        for _ in client.list().pages():
            assert set(threading.enumerate()) == before
