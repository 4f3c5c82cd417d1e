"""What the synchronous way to the network has of its own: threads, forks, and no event loop."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import Any

import httpx
import pytest

from invite_sdk import (
    NO_RETRIES,
    CloudTruth,
    ConfigurationError,
    InviteClient,
    OutcomeUnknownError,
    TransportError,
    Waldur,
)
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
