"""The asynchronous way to the network, on asyncio and trio: that it works, and where it differs from the other."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import ssl
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
import sniffio
import trio

import invite_sdk
from invite_clients.cloudtruth import invitations_destroy
from invite_sdk import (
    NO_RETRIES,
    AsyncInviteClient,
    CloudTruth,
    ConfigurationError,
    ConnectError,
    DeadlineExceededError,
    Enhance,
    OutcomeUnknownError,
    RedirectError,
    TransportError,
    Waldur,
)
from invite_sdk._flows.effects import Outgoing, TransportFailure
from invite_sdk._http.aio import AsyncHttp
from invite_sdk._http.pools import Pool
from tests.support.bombs import BOMBS, MEGABYTE
from tests.support.pages import listing
from tests.support.wire import ID, ROW, Heard, Line, json_response, refused_url, response, serve, trusting

pytestmark = pytest.mark.anyio

KEY = "k3y-that-nobody-may-see"
FOUND = json_response(200, ROW)
DELETE = invitations_destroy(ID)
"""A write as it is, without what the SDK does about a lost answer."""
WALDUR = Waldur("https://w.example", token=KEY)


def connect(url: str, **options: Any) -> AsyncInviteClient:
    return AsyncInviteClient(CloudTruth(url, api_key=KEY), retry=NO_RETRIES, **options)


def pages(count: int, size: int, asked: list[int] | None = None) -> httpx.MockTransport:
    answer = listing(count, size, tell=lambda page: None if asked is None else asked.append(page))

    async def later(request: httpx.Request) -> httpx.Response:
        await anyio.lowlevel.checkpoint()
        return answer(request)

    return httpx.MockTransport(later)


# What was sent, and what came of it


async def test_a_request_and_its_answer_go_over_a_real_connection() -> None:
    with serve(FOUND) as server:
        async with connect(server.url) as client:
            found = await client.get(ID)
            await client.with_options(timeout=5).get(ID)

    assert found.email == "nina@example.org"
    assert server.requests[0].headers["authorization"] == f"Api-Key {KEY}"
    assert server.connections == 1


async def test_a_refused_port_means_that_nothing_was_sent() -> None:
    async with connect(refused_url()) as client:
        with pytest.raises(ConnectError, match=r"no connection to 127\.0\.0\.1 .*check the URL"):
            await client.get(ID)
        with pytest.raises(ConnectError, match=r"no connection to 127\.0\.0\.1 .*check the URL"):
            await client.native(DELETE)


def hang_up(line: Line, _: Heard) -> None:
    line.close()


def cut(line: Line, _: Heard) -> None:
    line.send(FOUND[:-20])
    line.close()


def hang(line: Line, _: Heard) -> None:
    line.hang()


@pytest.mark.parametrize("fault", [hang_up, cut])
async def test_a_broken_answer_leaves_a_read_failed_and_a_write_unknown(fault: Callable[[Line, Heard], None]) -> None:
    with serve(fault) as server:
        async with connect(server.url) as client:
            with pytest.raises(TransportError, match="the connection broke") as read:
                await client.get(ID)
            with pytest.raises(OutcomeUnknownError, match="may or may not have taken effect"):
                await client.native(DELETE)

    assert type(read.value) is TransportError


async def test_silence_is_a_timeout_for_a_read_and_an_unknown_outcome_for_a_write() -> None:
    with serve(hang) as server:
        async with connect(server.url, timeout=0.05) as client:
            with pytest.raises(invite_sdk.TimeoutError, match="no answer came in time"):
                await client.get(ID)
            with pytest.raises(OutcomeUnknownError):
                await client.native(DELETE)


async def test_a_redirect_is_never_followed() -> None:
    with serve(FOUND) as elsewhere, serve(response(307, Location=elsewhere.url + "/x")) as server:
        async with httpx.AsyncClient(follow_redirects=True) as own, connect(server.url, http_client=own) as client:
            with pytest.raises(RedirectError):
                await client.native(DELETE)

    assert elsewhere.requests == []


async def test_errors_of_the_callers_own_transport_are_the_callers() -> None:
    async def fail(request: httpx.Request) -> httpx.Response:
        raise RuntimeError("a bug in the transport")

    async with AsyncInviteClient(WALDUR, transport=httpx.MockTransport(fail)) as client:
        with pytest.raises(RuntimeError, match="a bug in the transport"):
            await client.get(ID)


async def test_a_pool_that_is_closed_under_a_request_says_so() -> None:
    async with httpx.AsyncClient() as pool:
        http = AsyncHttp(pool, None, None, None)
    with pytest.raises(ConfigurationError, match="closed"):
        await http._one(Pool(pool, 0), _outgoing("https://ct.example/"))


# Time and size


async def test_a_body_that_drips_is_stopped_at_the_deadline() -> None:
    def drip(line: Line, _: Heard) -> None:
        if len(server.requests) == 1:
            line.send(FOUND)
        else:
            line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            line.drip(b" " * 1000, 0.01)

    with serve(drip) as server:
        async with connect(server.url) as client:
            # Makes the pool, which takes its time.
            await client.get(ID)
            with pytest.raises(DeadlineExceededError, match="status 200"):
                await client.get(ID, deadline=0.15)
            with pytest.raises(OutcomeUnknownError, match="deadline"):
                await client.native(DELETE, deadline=0.15)


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


async def test_the_pool_is_whole_after_a_deadline() -> None:
    def second_hangs(line: Line, _: Heard) -> None:
        if len(server.requests) == 2:
            line.hang()
        line.send(FOUND)

    with serve(second_hangs) as server:
        async with connect(server.url) as client:
            await client.get(ID)
            with pytest.raises(DeadlineExceededError):
                await client.get(ID, deadline=0.05)
            assert (await client.get(ID)).id == ID

    assert server.connections == 2


async def test_an_operation_that_has_no_time_left_sends_nothing() -> None:
    with serve(FOUND) as server:
        http = AsyncHttp(None, None, None, None)
        outcome = await http.send([_outgoing(server.url, deadline=http.monotonic() - 1)])
        await http.close()

    assert outcome == (TransportFailure("no", "deadline", "the deadline passed before the answer was whole"),)
    assert server.requests == []


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_bomb_does_not_go_off(bomb: str) -> None:
    body, encoding = BOMBS[bomb]
    with serve(response(200, body, Content_Encoding=encoding)) as server:
        async with connect(server.url, max_body=MEGABYTE) as client:
            with pytest.raises(TransportError):
                await client.get(ID)


async def test_cancelling_from_outside_is_left_alone() -> None:
    with serve(hang) as server:
        async with connect(server.url) as client:
            with anyio.move_on_after(0.05) as scope:
                await client.native(DELETE)

    assert scope.cancelled_caught


# Cookies, proxies, TLS, settings, logs


async def test_cookies_are_never_stored_by_ours_and_a_storing_client_is_refused() -> None:
    with serve(json_response(200, {"isValid": True}, Set_Cookie="id0=a-session; Path=/")) as server:
        panel = Enhance(server.url, token=KEY)
        async with AsyncInviteClient(panel) as client:
            await client.check("invite-key")
            accepted = await client.accept("invite-key", email="a@example.org", password="open sesame", refetch=False)
            assert not list(client._http.client().cookies.jar)
        async with httpx.AsyncClient() as own:
            with pytest.raises(ConfigurationError, match="DefaultCookiePolicy"):
                await AsyncInviteClient(panel, http_client=own).accept("k", email="a@example.org", password="open")

    assert accepted.session is not None
    assert accepted.session.get_secret_value() == "a-session"
    assert len(server.requests) == 2
    assert all("cookie" not in heard.headers for heard in server.requests)


async def test_a_proxy_is_used() -> None:
    with serve(FOUND) as proxy:
        async with connect("http://inside.localhost:1", proxy=proxy.url) as client:
            assert (await client.get(ID)).id == ID

    assert proxy.requests[0].target == f"http://inside.localhost:1/api/v1/invitations/{ID}/"


async def test_a_private_authority_is_trusted_when_it_is_given() -> None:
    with serve(FOUND, tls=True) as server:
        async with connect(server.url, verify=trusting("authority")) as client:
            assert (await client.get(ID)).id == ID


@pytest.mark.parametrize("verify", [None, trusting("other_authority")])
async def test_a_server_that_nobody_trusts_gets_nothing(verify: ssl.SSLContext | None) -> None:
    with serve(FOUND, tls=True) as server:
        async with connect(server.url, verify=verify) as client:
            with pytest.raises(ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await client.native(DELETE)

    assert server.requests == []


async def test_a_client_of_the_other_kind_is_refused() -> None:
    wrong: Any = httpx.Client()
    with wrong, pytest.raises(ConfigurationError, match=r"must be an httpx\.AsyncClient, not Client"):
        connect("https://ct.example", http_client=wrong)


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


async def test_a_closed_client_says_so() -> None:
    with serve(FOUND) as server:
        async with connect(server.url) as client:
            child = client.with_options(timeout=5)
            async with child:
                await child.get(ID)
            await client.get(ID)
        for used in (client, child):
            with pytest.raises(ConfigurationError, match="this client is closed"):
                await used.get(ID)
        await client.close()
        async with httpx.AsyncClient() as own:
            brought = connect(server.url, http_client=own)
            async with brought:
                await brought.get(ID)
            assert not own.is_closed
        late = connect(server.url, http_client=own)
        with pytest.raises(ConfigurationError, match="the http_client is closed"):
            await late.get(ID)


async def test_a_client_that_is_closed_between_two_requests_says_so() -> None:
    async def close_it(request: httpx.Request) -> httpx.Response:
        await client.close()
        return httpx.Response(200, json=ROW)

    client = AsyncInviteClient(CloudTruth(api_key=KEY), transport=httpx.MockTransport(close_it))
    with pytest.raises(ConfigurationError, match="closed"):
        await client.cancel(ID)


async def test_many_tasks_make_one_pool() -> None:
    pools: set[int] = set()

    async def ask() -> None:
        await client.get(ID)
        pools.add(id(client._http.client()))

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
    outcomes = await http.send([_outgoing(f"https://ct.example/{number}") for number in range(4)])
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
        assert await anext(rows, None) is None


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
        run = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program), server.url, ID],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )

    assert (run.stdout.strip(), run.stderr) == ("0", "")


def _outgoing(url: str, deadline: float | None = None) -> Outgoing:
    return Outgoing("x", "GET", url, (("Accept", "*/*"),), None, 5.0, deadline, MEGABYTE)
