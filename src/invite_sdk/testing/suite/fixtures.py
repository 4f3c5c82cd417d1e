"""The fixtures of the suite: a way to call, a world to call into, and clients between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Protocol

import pytest
from anyio.from_thread import start_blocking_portal

from invite_sdk import InviteClient
from invite_sdk.testing.suite.meddling import After, Before
from invite_sdk.testing.suite.ways import WAYS, Way
from invite_sdk.testing.suite.worlds import World


@pytest.fixture(scope="session")
def ways() -> Iterator[dict[str, Way]]:
    """Every way, each asynchronous one with one event loop for the whole run."""
    with ExitStack() as stack:
        yield {
            name: Way(name, None if name == "sync" else stack.enter_context(start_blocking_portal(name)))
            for name in WAYS
        }


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, ways: dict[str, Way]) -> Way:
    """Runs a test synchronously, on asyncio and on trio."""
    return ways[request.param]


@pytest.fixture
def world(request: pytest.FixtureRequest) -> World:
    """A service as it is at the start; the test's mark says which ones."""
    made: World = request.param()
    return made


class Connect(Protocol):
    """Makes a client of the test's world."""

    def __call__(
        self, user: str | None = None, *, before: Before | None = None, after: After | None = None, **options: Any
    ) -> InviteClient: ...


@pytest.fixture
def connect(way: Way, world: World) -> Iterator[Connect]:
    """Clients of the world's users: by default of the one who invites. They are closed at the end."""
    opened: list[InviteClient] = []

    def make(
        user: str | None = None, *, before: Before | None = None, after: After | None = None, **options: Any
    ) -> InviteClient:
        client = way.open(world.connection(user), world.transport(before, after), **options)
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def client(connect: Connect, world: World) -> InviteClient:
    """The client of the one whose part the world plays: the inviter's, or with ZenML the invitee's."""
    return connect()
