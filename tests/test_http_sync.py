"""What the synchronous way to the network has of its own: threads, forks, and no event loop."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from typing import Any

import httpx
import pytest

from invite_sdk import (
    NO_RETRIES,
    CloudTruth,
    ConfigurationError,
    InviteClient,
    InviteError,
    OutcomeUnknownError,
    TransportError,
    Waldur,
    _forks,
)
from invite_sdk._http import environment, sync
from invite_sdk._http.aio import AsyncHttp
from invite_sdk._http.sync import SyncHttp
from tests.support import programs
from tests.support.flows import outgoing
from tests.support.net import DELETE, KEY
from tests.support.pages import listing
from tests.support.threads import together
from tests.support.wire import FOUND, ID, ROW, serve


def connect(url: str, **options: Any) -> InviteClient:
    return InviteClient(CloudTruth(url, api_key=KEY), retry=NO_RETRIES, **options)


def test_a_request_that_breaks_since_the_client_was_closed_says_so() -> None:
    def close(_: httpx.Request) -> httpx.Response:
        client.close()
        raise httpx.ReadError("[Errno 9] Bad file descriptor")

    client = InviteClient(CloudTruth(api_key=KEY), transport=httpx.MockTransport(close), retry=NO_RETRIES)
    with pytest.raises(TransportError, match="the client was closed meanwhile"):
        client.get(ID)
    client = InviteClient(CloudTruth(api_key=KEY), transport=httpx.MockTransport(close), retry=NO_RETRIES)
    with pytest.raises(OutcomeUnknownError, match="the client was closed meanwhile"):
        client.native(DELETE)


def test_a_client_that_is_closed_between_two_requests_says_so() -> None:
    def close_it(request: httpx.Request) -> httpx.Response:
        client.close()
        return httpx.Response(200, json=ROW)

    client = InviteClient(CloudTruth(api_key=KEY), transport=httpx.MockTransport(close_it))
    with pytest.raises(ConfigurationError, match="closed"):
        client.cancel(ID)


def test_32_threads_make_one_pool() -> None:
    pools: set[httpx.Client] = set()
    with serve(FOUND) as server, connect(server.url) as client:

        def ask(_: int) -> str | None:
            pools.add(client._http.client())
            return client.get(ID).id

        found = together(32, ask)

    assert found == [ID] * 32
    assert len(pools) == 1
    assert len(server.requests) == 32


def test_several_requests_of_a_step_run_at_once_and_come_back_in_order() -> None:
    everybody = threading.Barrier(4)

    def answer(request: httpx.Request) -> httpx.Response:
        everybody.wait(10)
        return httpx.Response(200, text=request.url.path)

    http = SyncHttp(None, httpx.MockTransport(answer), None, None)
    before = threading.active_count()
    outcomes = http.send([outgoing(f"https://ct.example/{number}") for number in range(4)])
    http.close()

    assert [getattr(outcome, "body", None) for outcome in outcomes] == [b"/0", b"/1", b"/2", b"/3"]
    assert threading.active_count() <= before


@pytest.mark.parametrize("word", ["can't start new thread", "can't create new thread at interpreter shutdown"])
def test_where_no_further_thread_can_be_had_pages_come_one_after_the_other(
    word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    start, left = threading.Thread.start, 3

    def refuse(thread: threading.Thread) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise RuntimeError(word)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    transport = httpx.MockTransport(listing(20, 2, tell=asked.append))
    with InviteClient(Waldur("https://w.example", token=KEY), transport=transport) as client:
        assert len({row.id for row in client.list(page_size=2)}) == 40
    assert sorted(asked) == list(range(1, 21))


def test_a_thread_that_is_ended_by_force_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def start_nothing(_: threading.Thread) -> bool:
        return True

    http = SyncHttp(None, httpx.MockTransport(lambda _: httpx.Response(200)), None, None)
    monkeypatch.setattr(sync, "start", start_nothing)
    monkeypatch.setattr(threading.Thread, "join", lambda *_: None)
    outcomes = http.send([outgoing(f"https://ct.example/{number}") for number in range(2)])
    http.close()

    assert [(getattr(one, "sent", None), getattr(one, "kind", None)) for one in outcomes] == [("maybe", "broken")] * 2


def test_closing_ends_a_request_that_was_still_opening_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is there when closing has begun; nobody would wake who reads from it."""
    opening, over = threading.Event(), threading.Event()
    create = socket.create_connection

    def later(*given: Any, **named: Any) -> socket.socket:
        opening.set()
        time.sleep(0.1)
        return create(*given, **named)

    raised: list[InviteError] = []

    def ask() -> None:
        try:
            client.get(ID)
        except InviteError as error:
            raised.append(error)

    def never(*_: object) -> None:
        over.wait(20)

    with serve(never) as server:
        client = connect(server.url, timeout=30)
        thread = threading.Thread(target=ask, daemon=True)
        with monkeypatch.context() as patched:
            patched.setattr(socket, "create_connection", later)
            thread.start()
            assert opening.wait(10)
            client.close()
            thread.join(10)
        over.set()

        assert not thread.is_alive()
    assert [type(error) for error in raised] == [TransportError]
    assert "the client was closed meanwhile" in str(raised[0])


def test_no_thread_outlives_a_listing_that_is_broken_off() -> None:
    before = threading.active_count()
    asked: list[int] = []
    transport = httpx.MockTransport(listing(100, 2, tell=asked.append))
    with InviteClient(Waldur("https://w.example", token=KEY), transport=transport) as client:
        for number, _ in enumerate(client.list(page_size=2)):
            if number == 7:
                break
        assert threading.active_count() <= before

    # The eighth row is the last of the fourth page, which came in one step with its neighbors.
    assert sorted(asked) == [1, 2, 3, 4, 5, 6, 7]


def test_it_works_inside_a_running_event_loop_and_starts_none() -> None:
    async def cell() -> str | None:
        before = threading.active_count()
        found = client.get(ID).id
        assert threading.active_count() <= before
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return found

    with serve(FOUND) as server, connect(server.url) as client:
        loop = asyncio.new_event_loop()
        # One request before: the server has a thread for the connection.
        client.get(ID)
        assert loop.run_until_complete(cell()) == ID
        loop.close()


def test_making_and_using_it_imports_neither_anyio_nor_asyncio() -> None:
    program = """
        import sys
        import httpx  # some versions import one of these themselves
        before = set(sys.modules)
        from invite_sdk import InviteClient, CloudTruth
        with InviteClient(CloudTruth("http://127.0.0.1:9", api_key="k")) as client:
            client.supports("list")
        print(sorted({"asyncio", "trio", "anyio", "httpcore"} & (set(sys.modules) - before)))
    """
    assert programs.run(program) == "[]\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_gets_a_pool_of_its_own() -> None:
    program = """
        import os, sys, threading, warnings
        from invite_sdk import InviteClient, CloudTruth
        # The child lets go of its copies of the parent's connections.
        warnings.simplefilter("ignore", ResourceWarning)
        client = InviteClient(CloudTruth(sys.argv[1], api_key="k"))
        assert client.get(sys.argv[2]).id
        # Held by somebody who will not be there to give them back.
        held = threading.Lock()
        held.acquire()
        assert client._http._turns.take("pool", held)
        assert client._logins.take("login", held)
        child = os.fork()
        if child == 0:
            try:
                assert client.get(sys.argv[2]).id
                client.close()
                os._exit(0)
            except BaseException as error:
                print(repr(error), file=sys.stderr)
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert client.get(sys.argv[2]).id
        client.close()
        print(os.waitstatus_to_exitcode(status))
    """
    with serve(FOUND) as server:
        assert programs.run(program, server.url, ID) == "0\n"

    # The parent's connection, the child's own, and the parent's again.
    assert [heard.connection for heard in server.requests] == [1, 2, 1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_client_of_the_callers_is_not_shared_with_a_forked_process() -> None:
    program = """
        import os, sys
        import httpx
        from invite_sdk import InviteClient, CloudTruth, ConfigurationError
        own = httpx.Client()
        used = InviteClient(CloudTruth(sys.argv[1], api_key="k"), http_client=own)
        fresh = InviteClient(CloudTruth(sys.argv[1], api_key="k"), http_client=own)
        used.get(sys.argv[2])
        child = os.fork()
        if child == 0:
            try:
                used.get(sys.argv[2])
            except ConfigurationError as error:
                os._exit(0 if "forked" in str(error) else 2)
            os._exit(1)
        _, status = os.waitpid(child, 0)
        own.close()
        print(os.waitstatus_to_exitcode(status))
    """
    with serve(FOUND) as server:
        assert programs.run(program, server.url, ID) == "0\n"

    assert len(server.requests) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("client", ["InviteClient", "AsyncInviteClient"])
def test_a_process_that_is_forked_during_the_first_call_of_a_thread_works(client: str) -> None:
    """Twice: it loads the HTTP library, and then the models, and no child may wait for either."""
    program = """
        import asyncio, inspect, os, queue, signal, sys, threading, time, warnings
        from importlib.machinery import PathFinder
        import invite_sdk
        warnings.simplefilter("ignore")
        told, forking, forked = queue.SimpleQueue(), queue.SimpleQueue(), []
        slow = {"httpx", "invite_clients.cloudtruth.models"}

        class Slow:
            def find_spec(self, name, path=None, target=None):
                if name not in slow:
                    return None
                slow.discard(name)
                spec = PathFinder.find_spec(name, path, target)
                load = spec.loader.exec_module

                def load_slowly(module):
                    told.put(name)
                    forking.get(timeout=10)
                    time.sleep(0.05)
                    # What is loaded may need this lock, which `logging` takes before a fork.
                    sys.modules["logging"].getLogger(name)
                    load(module)

                spec.loader.exec_module = load_slowly
                return spec

        async def call():
            kind = getattr(invite_sdk, sys.argv[3])
            while not forked:
                time.sleep(0.001)
            client = kind(invite_sdk.CloudTruth(sys.argv[1], api_key="k"))
            found = client.get(sys.argv[2])
            assert (await found if inspect.isawaitable(found) else found).id
            closed = client.close()
            await closed if inspect.isawaitable(closed) else closed

        sys.meta_path.insert(0, Slow())
        thread = threading.Thread(target=lambda: asyncio.run(call()), daemon=True)
        thread.start()
        for _ in range(2):
            name = told.get(timeout=10)
            forking.put(name)
            child = os.fork()
            if child == 0:
                signal.alarm(10)
                slow.clear()
                forked.append(child)
                asyncio.run(call())
                os._exit(0)
            forked.append(child)
        thread.join()
        print([os.waitpid(child, 0)[1] for child in forked])
    """
    with serve(FOUND) as server:
        assert programs.run(program, server.url, ID, client) == "[0, 0]\n"

    assert len(server.requests) == 3


def test_a_fork_waits_for_what_is_loaded_for_us_and_for_so_long_only(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(_forks, "sleep", waited.append)
    monkeypatch.setattr(_forks, "_MOST_PAUSES", 3)
    with loading("invite_sdk.elsewhere"):
        _forks._wait()
        _forks._go_on()
    assert len(waited) == 3

    waited.clear()
    with loading("somebody.else"):
        _forks._wait()
        _forks._go_on()
    assert waited == []

    running = threading.Lock()
    with running:
        other = threading.Thread(target=_forks.begin, args=(running,))
        other.start()
        other.join()
        _forks._wait()
        _forks._go_on()
    assert len(waited) == 3


def test_who_forks_while_it_makes_the_first_pool_does_not_wait_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its thread is called: gevent gives threads numbers of its own."""
    waited: list[float] = []
    monkeypatch.setattr(_forks, "sleep", waited.append)
    monkeypatch.setattr(_forks, "get_ident", lambda: -1)
    ours: dict[str, Any] = {"__name__": "invite_sdk.imports_something"}
    importlib_: dict[str, Any] = {}
    exec(compile("def load(then): return then()", "<frozen importlib._bootstrap>", "exec"), importlib_)
    exec("def begin(load, then): return load(then)", ours)

    making = threading.Lock()
    with making:
        _forks.begin(making)
        ours["begin"](importlib_["load"], _forks._wait)
        _forks._go_on()

    assert waited == []


def test_nobody_begins_during_a_fork() -> None:
    begun, running = threading.Event(), threading.Lock()

    def begin() -> None:
        with running:
            _forks.begin(running)
            begun.set()

    _forks._wait()
    thread = threading.Thread(target=begin)
    thread.start()
    assert not begun.wait(0.02)
    _forks._go_on()
    assert begun.wait(20)
    thread.join()


@pytest.mark.parametrize("kind", [SyncHttp, AsyncHttp])
def test_a_fork_waits_for_a_pool_that_is_made(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    make = environment.no_tls

    def watched() -> ssl.SSLContext:
        seen.append(any(one.locked() for one, _ in _forks._under_way))
        return make()

    monkeypatch.setattr(environment, "no_tls", watched)
    kind(None, None, None, None, "http://127.0.0.1")._make()
    assert seen == [True]
    assert not any(one.locked() for one, _ in _forks._under_way)


@contextmanager
def loading(name: str) -> Iterator[None]:
    """A thread that is about to import, in a module of this name."""
    begun, end = threading.Event(), threading.Event()

    class Endless(Loader):
        def exec_module(self, _: object) -> None:
            begun.set()
            end.wait(20)

    class Finder:
        def find_spec(self, module: str, *_: object) -> ModuleSpec | None:
            return ModuleSpec(module, Endless()) if module == "nowhere_at_all" else None

    def load() -> None:
        with suppress(ImportError):
            exec("import nowhere_at_all", {"__name__": name})

    finder: Any = Finder()
    thread = threading.Thread(target=load)
    sys.meta_path.insert(0, finder)
    try:
        thread.start()
        assert begun.wait(20)
        yield
    finally:
        end.set()
        thread.join()
        sys.meta_path.remove(finder)
        sys.modules.pop("nowhere_at_all", None)
