"""What the asynchronous way to the network has of its own, on asyncio and trio: cancelling, tasks and event loops."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
import sniffio
import trio

from invite_sdk import (
    NO_RETRIES,
    AsyncInviteClient,
    CloudTruth,
    ConfigurationError,
    DeadlineExceededError,
    InviteError,
    OutcomeUnknownError,
    TransportError,
    Waldur,
)
from invite_sdk._flows.effects import TransportFailure
from invite_sdk._http.aio import AsyncHttp
from invite_sdk._http.pools import Remembering, Stream
from tests.support import programs
from tests.support.flows import outgoing
from tests.support.net import DELETE, KEY
from tests.support.pages import listing
from tests.support.wire import FOUND, ID, ROW, Heard, Line, serve

pytestmark = pytest.mark.anyio

WALDUR = Waldur("https://w.example", token=KEY)


def connect(url: str, **options: Any) -> AsyncInviteClient:
    return AsyncInviteClient(CloudTruth(url, api_key=KEY), retry=NO_RETRIES, **options)


def pages(count: int, size: int, asked: list[int] | None = None) -> httpx.MockTransport:
    answer = listing(count, size, tell=lambda page: None if asked is None else asked.append(page))

    async def later(request: httpx.Request) -> httpx.Response:
        await anyio.lowlevel.checkpoint()
        return answer(request)

    return httpx.MockTransport(later)


def hang(line: Line, _: Heard) -> None:
    line.hang()


# Deadlines and cancelling


async def test_headers_that_drip_are_stopped_at_the_deadline() -> None:
    def drip(line: Line, _: Heard) -> None:
        line.drip(b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 1000, 0.01)

    with serve(drip) as server:
        async with connect(server.url) as client:
            client._http.client()
            with pytest.raises(DeadlineExceededError):
                await client.get(ID, deadline=0.15)
            with pytest.raises(OutcomeUnknownError, match="deadline"):
                await client.native(DELETE, deadline=0.15)


async def test_the_deadline_is_looked_at_after_each_piece_of_a_body() -> None:
    """Pieces that come without a wait leave the event loop no moment at which it could end the request."""
    now = 0.0

    class Pieces(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            nonlocal now
            for piece in (b"[", b"]", b" "):
                now += 5
                yield piece

    http = AsyncHttp(None, httpx.MockTransport(lambda _: httpx.Response(200, stream=Pieces())), None, None)
    http.monotonic = lambda: now
    (outcome,) = await http.send([outgoing(deadline=9)])
    await http.close()

    assert isinstance(outcome, TransportFailure)
    assert (outcome.sent, outcome.kind, outcome.status) == ("maybe", "deadline", 200)


async def test_cancelling_from_outside_is_left_alone() -> None:
    with serve(hang) as server:
        async with connect(server.url) as client:
            with anyio.move_on_after(0.05) as scope:
                await client.native(DELETE)

    assert scope.cancelled_caught


# Settings and logs


async def test_the_jar_takes_no_cookie_even_where_it_is_asked_to() -> None:
    planted = httpx.Response(200, headers={"Set-Cookie": "id0=a; Path=/"}, request=httpx.Request("GET", "https://a.b/"))
    async with AsyncInviteClient(WALDUR) as client:
        cookies = client._http.client().cookies
        httpx.Cookies.extract_cookies(cookies, planted)

        assert not list(cookies.jar)


async def test_the_http_libraries_log_nothing_of_ours_and_all_of_others(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("httpx", "httpcore", "httpcore.connection", "httpcore.http11"):
        caplog.set_level(logging.DEBUG, logger=name)
    with serve(FOUND) as server:
        async with httpx.AsyncClient() as own, connect(server.url) as client:
            both = (client, connect(server.url, http_client=own))

            async def ask(which: AsyncInviteClient) -> None:
                await which.get(ID)

            async with anyio.create_task_group() as tasks:
                for which in both:
                    tasks.start_soon(ask, which)
                tasks.start_soon(own.get, server.url + "/of-the-program")
            text = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("http"))

    assert "/of-the-program" in text
    assert ID not in text
    assert KEY not in text


# Lives of clients


async def test_a_client_that_is_closed_between_two_requests_says_so() -> None:
    async def close_it(request: httpx.Request) -> httpx.Response:
        await client.close()
        return httpx.Response(200, json=ROW)

    client = AsyncInviteClient(CloudTruth(api_key=KEY), transport=httpx.MockTransport(close_it))
    with pytest.raises(ConfigurationError, match="closed"):
        await client.cancel(ID)


async def test_many_tasks_make_one_pool() -> None:
    pools: set[httpx.AsyncClient] = set()

    async def ask() -> None:
        await client.get(ID)
        pools.add(client._http.client())

    with serve(FOUND) as server:
        async with connect(server.url) as client, anyio.create_task_group() as tasks:
            for _ in range(32):
                tasks.start_soon(ask)

    assert len(pools) == 1
    assert len(server.requests) == 32


async def test_several_requests_of_a_step_run_at_once_and_come_back_in_order() -> None:
    here = 0
    everybody = anyio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal here
        here += 1
        if here == 4:
            everybody.set()
        await everybody.wait()
        if request.url.path == "/2":
            raise httpx.ReadError("reset")
        return httpx.Response(200, text=request.url.path)

    http = AsyncHttp(None, httpx.MockTransport(answer), None, None)
    outcomes = await http.send([outgoing(f"https://ct.example/{number}") for number in range(4)])
    await http.close()

    assert [getattr(outcome, "body", None) for outcome in outcomes] == [b"/0", b"/1", None, b"/3"]
    assert isinstance(outcomes[2], TransportFailure)
    assert (outcomes[2].sent, outcomes[2].kind) == ("maybe", "broken")


async def test_no_thread_is_started() -> None:
    before = set(threading.enumerate())
    async with AsyncInviteClient(WALDUR, transport=pages(9, 2)) as client:
        assert len(await client.list().all()) == 18

        assert set(threading.enumerate()) == before


# Listings


async def test_a_listing_that_is_broken_off_leaves_nothing_running() -> None:
    asked: list[int] = []
    before = _tasks()
    async with AsyncInviteClient(WALDUR, transport=pages(100, 2, asked)) as client:
        number = 0
        async for _ in client.list():
            number += 1
            if number == 8:
                break
        async for _ in client.list().pages():
            break
        assert await client.list().first() is not None
        tasks = _tasks()
        gc.collect()
        await anyio.lowlevel.checkpoint()
        assert _tasks() == tasks == before

    assert sorted(asked) == [1, 1, 1, 2, 3, 4, 5, 6, 7]


def _tasks() -> int:
    """How many tasks the event loop has."""
    if sniffio.current_async_library() == "trio":
        return trio.lowlevel.current_statistics().tasks_living
    return len(asyncio.all_tasks())


async def test_a_step_of_a_listing_that_was_canceled_is_taken_again() -> None:
    slow = True

    async def answer(request: httpx.Request) -> httpx.Response:
        if slow:
            await anyio.sleep_forever()
        return listing(2, 2)(request)

    async with AsyncInviteClient(WALDUR, transport=httpx.MockTransport(answer)) as client:
        rows = aiter(client.list())
        with anyio.move_on_after(0.02) as scope:
            await anext(rows)
        assert scope.cancelled_caught
        slow = False

        assert len([row async for row in rows]) == 4
        assert await anext(rows, None) is None


async def test_an_error_ends_an_iteration() -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("page") == "2":
            raise httpx.ReadError("reset")
        return listing(3, 2)(request)

    async with AsyncInviteClient(WALDUR, transport=httpx.MockTransport(answer), retry=NO_RETRIES) as client:
        pager = client.list()
        rows = aiter(pager)
        assert [(await anext(rows)).status for _ in range(2)] == ["pending"] * 2
        with pytest.raises(TransportError) as caught:
            await anext(rows)
        assert (caught.value.service, caught.value.operation) == ("waldur", "list")
        with pytest.raises(ConfigurationError, match="has failed"):
            await anext(rows, None)


async def test_two_tasks_cannot_share_one_iteration() -> None:
    asked, go_on = anyio.Event(), anyio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.set()
        await go_on.wait()
        return listing(2, 2)(request)

    async def take() -> None:
        await anext(shared)

    async with AsyncInviteClient(WALDUR, transport=httpx.MockTransport(answer)) as client:
        shared = aiter(client.list())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(take)
            await asked.wait()
            with pytest.raises(ConfigurationError, match="two tasks iterate over one listing"):
                await anext(shared)
            go_on.set()
        assert len([row async for row in shared]) == 3


# Event loops and processes


def run_asyncio(work: Callable[[], Any]) -> Any:
    return asyncio.run(work())


def run_trio(work: Callable[[], Any]) -> Any:
    return trio.run(work)


RUNS = [run_asyncio, run_trio]
"""Outside of any event loop: these tests start their own."""


@pytest.mark.parametrize("first", RUNS)
@pytest.mark.parametrize("second", RUNS)
def test_another_event_loop_is_told_apart(first: Callable[..., Any], second: Callable[..., Any]) -> None:
    with serve(FOUND) as server:
        client = connect(server.url)

        async def use() -> str | None:
            return (await client.get(ID)).id

        async def use_and_leave() -> str | None:
            found = await use()
            # Its pool is closed in the loop that it belongs to; the client is left open.
            assert client._http._pool is not None
            await client._http._pool.client.aclose()
            return found

        assert first(use_and_leave) == ID
        with pytest.raises(ConfigurationError, match="first used in another event loop"):
            second(use)
        with pytest.raises(ConfigurationError, match="first used in another event loop"):
            second(client.close)

    assert len(server.requests) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_is_told_apart() -> None:
    program = """
        import asyncio, os, sys
        from invite_sdk import AsyncInviteClient, CloudTruth, ConfigurationError

        async def main():
            async with AsyncInviteClient(CloudTruth(sys.argv[1], api_key="k")) as client:
                await client.get(sys.argv[2])
                child = os.fork()
                if child == 0:
                    try:
                        await client.get(sys.argv[2])
                    except ConfigurationError as error:
                        os._exit(0 if "forked" in str(error) else 2)
                    os._exit(1)
                _, status = os.waitpid(child, 0)
                print(os.waitstatus_to_exitcode(status))

        asyncio.run(main())
    """
    with serve(FOUND) as server:
        assert programs.run(program, server.url, ID) == "0\n"


async def test_closing_ends_a_request_that_was_still_opening_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is there when all others are closed; nobody else would close it."""
    opening, connect_tcp, raised = anyio.Event(), Remembering.connect_tcp, list[InviteError]()

    async def later(backend: Remembering, *given: object, **named: object) -> Stream:
        opening.set()
        await anyio.sleep(0.1)
        return await connect_tcp(backend, *given, **named)

    monkeypatch.setattr(Remembering, "connect_tcp", later)

    async def ask() -> None:
        try:
            await client.get(ID)
        except InviteError as error:
            raised.append(error)

    with serve(hang) as server:
        client = connect(server.url, timeout=30)
        with anyio.move_on_after(10) as wait:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask)
                await opening.wait()
                await client.aclose()

    assert not wait.cancelled_caught
    assert [str(error) for error in raised] == ["cloudtruth get: the client was closed meanwhile"]
