"""Requests that are cut at any step, from outside and by the deadline: the client is whole afterwards."""

from __future__ import annotations

import asyncio
import gc
import signal
import ssl
import threading
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from invite_sdk import (
    NO_RETRIES,
    AsyncInviteClient,
    CloudTruth,
    ConfigurationError,
    DeadlineExceededError,
    InviteClient,
    TransportError,
    Waldur,
)
from invite_sdk._flows.effects import Outcome
from invite_sdk._http import aio
from invite_sdk._http.aio import AsyncHttp
from invite_sdk._http.pools import MAX_CUTS, Pool
from invite_sdk._http.sync import SyncHttp
from tests.support.flows import outgoing
from tests.support.net import KEY, Net
from tests.support.pages import listing
from tests.support.wire import FOUND, ID, Heard, Line, serve, trusting

if version("anyio").startswith("4.5."):
    # It lets go of a connection when it is canceled right after making it; the connection then closes itself.
    pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

FILES = Path("/proc/self/fd")


def connect(url: str, **options: Any) -> AsyncInviteClient:
    return AsyncInviteClient(CloudTruth(url, api_key=KEY), retry=NO_RETRIES, **{"timeout": 5, **options})


def sockets() -> int:
    """How many sockets this process has, where the system tells."""
    if not FILES.exists():
        return 0
    return sum(str(file.readlink()).startswith("socket:") for file in FILES.iterdir() if file.is_symlink())


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("tls", [False, True])
def test_a_task_may_be_canceled_at_any_step(tls: bool, times: int) -> None:
    """Each step of the event loop is one; some are canceled again at once, while they give way."""

    async def main(url: str) -> None:
        async with connect(url, verify=trusting("authority") if tls else None) as client:
            await client.get(ID)

            for steps in range(200):
                task = asyncio.ensure_future(client.get(ID))
                for _ in range(steps):
                    await asyncio.sleep(0)
                for _ in range(times):
                    task.cancel()
                    await asyncio.sleep(0)
                await asyncio.wait([task])
            results = await asyncio.gather(*[client.get(ID) for _ in range(100)])
            assert {row.id for row in results} == {ID}
            assert len(client._http._old) <= 1

    before = sockets()
    with serve(FOUND, tls=tls) as server:
        asyncio.run(main(server.url))
    gc.collect()

    assert sockets() <= before


async def hundred(client: AsyncInviteClient) -> None:
    """As many calls at once as a pool has connections."""
    async with anyio.create_task_group() as tasks:
        for _ in range(100):
            tasks.start_soon(client.get, ID)


@pytest.mark.anyio
@pytest.mark.parametrize("through_proxy", [False, True])
async def test_a_scope_may_be_canceled_at_any_step(through_proxy: bool) -> None:
    with serve(FOUND) as server:
        way = {"url": "http://inside.localhost:1", "proxy": server.url} if through_proxy else {"url": server.url}
        async with connect(**way) as client:
            for steps in range(60):
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(client.get, ID)
                    for _ in range(steps):
                        await anyio.lowlevel.checkpoint()
                    tasks.cancel_scope.cancel()
            await hundred(client)


@pytest.mark.anyio
@pytest.mark.parametrize("tls", [False, True])
async def test_two_thousand_canceled_calls_leave_nothing(tls: bool) -> None:
    luck = Random(9)
    before = sockets()
    with serve(FOUND, tls=tls) as server:
        async with connect(server.url, verify=trusting("authority") if tls else None) as client:
            await client.get(ID)

            async def call() -> None:
                with anyio.move_on_after(luck.random() ** 2 * 0.05):
                    await client.get(ID)

            for _ in range(40):
                async with anyio.create_task_group() as tasks:
                    for _ in range(50):
                        tasks.start_soon(call)
            assert client._http._old == []
            await hundred(client)
            assert sockets() - before <= 2 * (100 + MAX_CUTS) + 10  # both ends are in this process
        await anyio.lowlevel.checkpoint()


@pytest.mark.anyio
async def test_calls_that_hang_until_the_deadline_do_not_use_the_pool_up() -> None:
    hangs = True

    def answer(line: Line, _: Heard) -> None:
        if hangs:
            line.hang()
        line.send(FOUND)

    with serve(answer) as server:
        async with connect(server.url) as client:

            async def late() -> None:
                with pytest.raises(DeadlineExceededError):
                    await client.get(ID, deadline=0.05)

            for _ in range(3):
                async with anyio.create_task_group() as tasks:
                    for _ in range(100):
                        tasks.start_soon(late)
            hangs = False
            await hundred(client)


@pytest.mark.anyio
async def test_calls_that_hang_while_connecting_do_not_use_the_pool_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server takes its time for TLS."""
    ready = threading.Event()
    wrap = ssl.SSLContext.wrap_socket

    def late_wrap(*given: Any, **named: Any) -> ssl.SSLSocket:
        ready.wait(20)
        return wrap(*given, **named)

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", late_wrap)
    monkeypatch.setattr(aio, "GRACE", -0.05)  # our deadline comes before the library's time limit
    with serve(FOUND, tls=True) as server:
        async with connect(server.url, verify=trusting("authority")) as client:

            async def late() -> None:
                with pytest.raises(DeadlineExceededError):
                    await client.get(ID, deadline=0.1)

            for _ in range(3):
                async with anyio.create_task_group() as tasks:
                    for _ in range(100):
                        tasks.start_soon(late)
            ready.set()
            await client.get(ID)
            pool: Any = client._http._current().client._transport
            lost = [one for one in pool._pool.connections if not one.is_idle()]
            assert lost == []


# When a pool is replaced


async def _cut(http: AsyncHttp, times: int) -> None:
    """Cuts so many requests of a transport that never answers."""
    for _ in range(times):
        with anyio.CancelScope() as scope:
            scope.cancel()
            await http.send([outgoing()])


class Silent(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await anyio.sleep(3600)
        return httpx.Response(200, request=request)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", Silent.handle_async_request)


@pytest.mark.anyio
@pytest.mark.usefixtures("silent")
async def test_a_few_canceled_requests_cost_no_connection_that_is_kept() -> None:
    http = AsyncHttp(None, None, None, None)
    first = http.client()
    await _cut(http, MAX_CUTS - 1)
    assert http.client() is first
    await _cut(http, 1)
    assert http.client() is not first
    closed = [first.is_closed]
    await _cut(http, 1)
    closed.append(first.is_closed)
    await http.close()

    assert closed == [False, True]  # with the next request to end


@pytest.mark.anyio
@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize("closes", [False, True])
async def test_an_old_pool_lives_as_long_as_its_last_request_or_its_client(closes: bool) -> None:
    http = AsyncHttp(None, None, None, None)
    first = http.client()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(http.send, [outgoing()])
        await anyio.lowlevel.checkpoint()
        await _cut(http, MAX_CUTS + 1)
        second = http.client()
        assert second is not first
        if closes:
            await http.close()
        assert (first.is_closed, second.is_closed) == (closes, closes)
        tasks.cancel_scope.cancel()
    assert first.is_closed
    await http.close()


class Open(httpx.AsyncBaseTransport):
    """Answers while nobody closes it."""

    is_closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(3 if request.url.path == "/slow" else 0):
            await anyio.lowlevel.checkpoint()
            if self.is_closed:
                raise httpx.ReadError("closed meanwhile")
        return httpx.Response(200, request=request)

    async def aclose(self) -> None:
        self.is_closed = True


@pytest.mark.anyio
@pytest.mark.parametrize("moment", range(6))
async def test_a_pool_is_not_closed_while_its_requests_begin(moment: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AsyncHttp, "_make", lambda _: httpx.AsyncClient(transport=Open()))
    http = AsyncHttp(None, None, None, None)
    first = http.client()
    outcomes: list[Outcome] = []

    async def send_several() -> None:
        outcomes.extend(await http.send([outgoing("https://ct.example/slow")] * 3))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(send_several)
        for _ in range(moment):
            await anyio.lowlevel.checkpoint()
        assert http._pool is not None
        http._pool.doubts = MAX_CUTS
        await http.send([outgoing()])
    assert [outcome.status for outcome in outcomes] == [200, 200, 200]
    assert http.client() is not first
    await http.close()


@pytest.mark.anyio
async def test_what_the_caller_brought_is_never_replaced() -> None:
    http = AsyncHttp(None, Silent(), None, None)
    first = http.client()
    await _cut(http, 2 * MAX_CUTS)
    assert http.client() is first
    await http.close()
    async with httpx.AsyncClient(transport=Silent()) as own:
        http = AsyncHttp(own, None, None, None)
        await _cut(http, 2 * MAX_CUTS)
        assert http.client() is own


@pytest.mark.anyio
async def test_requests_cut_over_what_the_caller_brought_leave_nothing_behind() -> None:
    async with httpx.AsyncClient(transport=Silent()) as own:
        http = AsyncHttp(own, None, None, None)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(http.send, [outgoing()])
            await anyio.lowlevel.checkpoint()
            await _cut(http, 2_500)
            assert http._pool is not None
            assert len(http._pool.users) <= 1_000
            assert http._pool.is_used()  # the first one still is
            tasks.cancel_scope.cancel()


@pytest.mark.parametrize("whole", [False, True])
def test_what_the_caller_brought_stays_open_when_it_has_no_connection_free(whole: bool, net: Net) -> None:
    def full(_: httpx.Request) -> httpx.Response:
        raise httpx.PoolTimeout("full")

    transport = httpx.MockTransport(full)
    with net.brought(transport=transport) as own:
        http = net.http(own) if whole else net.http(transport=transport)
        first = net.run(http.client)
        for _ in range(2 * MAX_CUTS):
            (outcome,) = net.run(http.send, [outgoing()])
            assert outcome.kind == "timeout"
        assert (net.run(http.client) is first, first.is_closed) == (True, False)


@pytest.mark.anyio
@pytest.mark.usefixtures("silent")
async def test_all_pools_of_a_client_share_one_tls_context(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    new = ssl.SSLContext.__new__

    def count(cls: type[ssl.SSLContext], *given: Any, **named: Any) -> ssl.SSLContext:
        made.append(cls)
        return new(cls, *given, **named)

    monkeypatch.setattr(ssl.SSLContext, "__new__", count)
    http = AsyncHttp(None, None, None, None)
    pools: set[httpx.AsyncClient] = set()  # held, since what is gone leaves its address to the next
    for _ in range(3):
        pools.add(http.client())
        await _cut(http, MAX_CUTS)
    await http.close()

    assert len(pools) == 3
    assert len(made) == 1


# Interrupts of the synchronous client


INTERRUPT = outgoing("https://ct.example/interrupt")


class Interrupting(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/interrupt":
            raise KeyboardInterrupt
        return httpx.Response(200, text="fine", request=request)


def test_one_interrupt_is_enough_to_replace_a_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", Interrupting.handle_request)
    http = SyncHttp(None, None, None, None)
    first = http.client()
    http.send([outgoing()])
    assert http.client() is first
    with pytest.raises(KeyboardInterrupt):
        http.send([INTERRUPT])
    assert http.client() is not first
    assert first.is_closed
    http.close()


def test_a_pool_is_not_closed_between_its_choice_and_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", Interrupting.handle_request)

    class Preempted(SyncHttp):
        def _current(self) -> Pool[httpx.Client]:
            pool = super()._current()
            if not chosen:
                chosen.append(pool.client)
                pool.doubts = MAX_CUTS
                other = threading.Thread(target=self.send, args=([outgoing()],))
                other.start()
                other.join()
            return pool

    chosen: list[httpx.Client] = []
    http = Preempted(None, None, None, None)
    (outcome,) = http.send([outgoing()])
    assert outcome.status == 200
    assert chosen[0].is_closed
    http.close()


def test_what_the_caller_brought_is_not_replaced_by_an_interrupt_either() -> None:
    http = SyncHttp(None, Interrupting(), None, None)
    first = http.client()
    with pytest.raises(KeyboardInterrupt):
        http.send([INTERRUPT])
    assert http.client() is first
    http.close()


def test_an_interrupt_of_several_requests_is_raised() -> None:
    http = SyncHttp(None, Interrupting(), None, None)
    with pytest.raises(KeyboardInterrupt):
        http.send([outgoing(), INTERRUPT, outgoing()])
    http.close()


class TimeLimit(Exception):  # noqa: N818 - named as Celery's
    """As a time limit raises it."""


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, TimeLimit])
def test_an_interrupt_of_a_listing_does_not_wait_for_the_pages_under_way(kind: type[BaseException]) -> None:
    """It comes when two pages are. Their threads would wait as long as the test lets them."""
    answer, asked, waited = listing(100, 2), list[int](), list[bool]()
    ready, end = threading.Barrier(2), threading.Event()
    main = threading.main_thread().ident
    assert main is not None

    def hang(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", "1"))
        if page in (2, 3):
            asked.append(page)
            if ready.wait(10) == 0:
                signal.pthread_kill(main, signal.SIGTERM)
            waited.append(end.wait(10))
        return answer(request)

    def interrupt(*_: object) -> None:
        raise kind

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        with InviteClient(Waldur("https://w.example", token=KEY), transport=httpx.MockTransport(hang)) as client:
            with pytest.raises(kind):
                client.list(page_size=2).all()
            assert sorted(asked) == [2, 3]
            assert waited == []
            end.set()
            ready.abort()
            assert client.list(page_size=2, limit=1).first() is not None
    finally:
        end.set()
        signal.signal(signal.SIGTERM, before)


def pages_of(hangs: Callable[[int], bool]) -> Callable[[Line, Heard], None]:
    """Fifty pages over a socket; those of which nothing comes are chosen by their number."""
    answer = listing(50, 2)

    def send(line: Line, heard: Heard) -> None:
        request = httpx.Request("GET", f"https://w.example{heard.target}")
        if hangs(int(request.url.params.get("page", "1"))):
            line.hang()
        found = answer(request)
        head = "".join(f"{name}: {value}\r\n" for name, value in found.headers.items())
        line.send(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + found.content)

    return send


def test_pages_under_way_end_with_the_deadline(net: Net) -> None:
    hanging = {2, 3}
    with (
        serve(pages_of(hanging.__contains__)) as server,
        net.connect(Waldur(server.url, token=KEY), timeout=20) as client,
    ):
        began = time.monotonic()
        with pytest.raises(DeadlineExceededError):
            client.list(page_size=2, deadline=0.2).all()
        assert time.monotonic() - began < 5
        hanging.clear()
        assert len(client.list(page_size=2).all()) == 100


def test_pages_under_way_end_when_another_thread_closes_the_client() -> None:
    asked = threading.Barrier(3)

    def hangs(page: int) -> bool:
        if page in (2, 3):
            asked.wait(10)
        return page in (2, 3)

    with serve(pages_of(hangs)) as server:
        client = InviteClient(Waldur(server.url, token=KEY), timeout=20, retry=NO_RETRIES)
        raised: list[BaseException] = []

        def read() -> None:
            with pytest.raises(TransportError, match="the client was closed meanwhile") as caught:
                client.list(page_size=2).all()
            raised.append(caught.value)

        reading = threading.Thread(target=read)
        reading.start()
        asked.wait(10)
        client.close()
        reading.join(5)
        assert len(raised) == 1
        reading.join()


def test_the_lock_of_a_pool_is_one_that_no_interrupt_can_leave_locked() -> None:
    """A private attribute: a new httpx may have another. The async pool's backend is one too."""
    http = SyncHttp(None, None, "http://proxy.example:1", None)
    client: Any = http.client()
    transports = [client._transport, *(one for one in client._mounts.values() if one is not None)]

    assert {type(one._pool._optional_thread_lock) for one in transports} == {type(threading.Lock())}
    http.close()


@pytest.mark.anyio
async def test_connections_that_are_opened_are_remembered() -> None:
    with serve(FOUND) as server:
        async with connect(server.url) as client:
            await client.get(ID)
            pool = client._http._pool
            assert pool is not None
            assert len(pool.opened) == 1


def test_a_client_that_is_closed_while_its_pool_is_made_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    http = SyncHttp(None, None, None, None)
    make = http._make

    def close_and_make() -> httpx.Client:
        http.close()
        return make()

    monkeypatch.setattr(http, "_make", close_and_make)
    with pytest.raises(ConfigurationError, match="closed"):
        http.client()

    assert http._pool is not None
    assert http._pool.client.is_closed
