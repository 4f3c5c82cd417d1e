"""Pools and TLS contexts: made when first used, once, and shared by a client's children and threads."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from typing import cast

import httpx
import pytest

from invite_sdk import InviteClient
from invite_sdk.testing.suite.ways import Way
from tests.performance.pages import Listing, connection, row


class Made:
    """What was made while a test ran."""

    def __init__(self) -> None:
        self.contexts = 0
        self.pools: list[str] = []


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """Counts TLS contexts and httpx clients."""
    counted = Made()
    new_context = cast("Callable[..., ssl.SSLContext]", ssl.SSLContext.__new__)

    def count_context(cls: type[ssl.SSLContext], *given: object, **named: object) -> ssl.SSLContext:
        counted.contexts += 1
        return new_context(cls, *given, **named)

    monkeypatch.setattr(ssl.SSLContext, "__new__", count_context)
    for kind in (httpx.Client, httpx.AsyncClient):
        monkeypatch.setattr(kind, "__init__", _counting(kind, counted))
    # A proxy in the environment would have a context of its own.
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return counted


def _counting(kind: type[httpx.Client | httpx.AsyncClient], counted: Made) -> object:
    original = kind.__init__

    def init(self: httpx.Client | httpx.AsyncClient, *given: object, **named: object) -> None:
        counted.pools.append(kind.__name__)
        original(self, *given, **named)  # type: ignore[arg-type]

    return init


ID = row(0)["uuid"]


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the transports that a client makes by itself answer in place of connecting."""
    service = Listing(1)

    async def answer(_: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        return await service.handle_async_request(request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda _, request: service.handle_request(request))
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer)


def test_a_client_that_sends_nothing_makes_nothing(made: Made) -> None:
    with InviteClient(connection()) as client:
        client.with_options(timeout=5)
        client.list()

    assert (made.contexts, made.pools) == (0, [])


@pytest.mark.usefixtures("answered")
def test_all_requests_and_children_share_one_tls_context(made: Made, way: Way) -> None:
    with closing(way.open(connection(), None)) as client:
        for each in (client, client.with_options(timeout=5), client.with_options(headers={"X-Case": "1"})):
            for _ in range(3):
                assert each.get(ID).id == ID

    assert (made.contexts, made.pools) == (1, ["Client" if way.name == "sync" else "AsyncClient"])


def test_threads_that_start_at_once_share_one_pool(made: Made) -> None:
    threads = 16
    together = Barrier(threads)
    with InviteClient(connection(), transport=Listing(1)) as client, ThreadPoolExecutor(threads) as pool:

        def first_call(_: int) -> str | None:
            together.wait(timeout=10)
            return client.get(ID).id

        assert set(pool.map(first_call, range(threads))) == {ID}

    assert made.pools == ["Client"]


def test_a_callers_own_http_client_is_the_only_one(made: Made) -> None:
    with httpx.Client(transport=Listing(1)) as own, InviteClient(connection(), http_client=own) as client:
        client.get(ID)

    assert made.pools == ["Client"]
