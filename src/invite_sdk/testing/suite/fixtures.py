"""The fixtures of the suite: a way to call, a world to call into, clients between them, and the watch over fakes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Protocol

import pytest
from anyio.from_thread import start_blocking_portal

from invite_sdk import InviteClient
from invite_sdk.testing.suite.meddler import After, Before
from invite_sdk.testing.suite.watching import WATCH, Watch
from invite_sdk.testing.suite.ways import WAYS, Way
from invite_sdk.testing.suite.world import World


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
    ) -> InviteClient:
        """A client of a user, by default of the world's usual one, with somebody in between where that is said."""
        ...


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
def client(connect: Connect) -> InviteClient:
    """The client of the one whose part the world plays: the inviter's, or the invitee's of a service for invitees."""
    return connect()


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Runs each test that is marked `anyio` on both event loops."""
    backend: str = request.param
    return backend


@pytest.fixture(scope="session")
def watch() -> Iterator[Watch]:
    """Holds every answer of every fake against its service's document, in the whole run."""
    with WATCH.over_fakes():
        yield WATCH


@pytest.fixture(autouse=True)
def answers_as_specified(watch: Watch) -> Iterator[None]:
    """Fails the test in which a fake answered what its service's document does not describe."""
    yield
    if found := watch.take():
        pytest.fail("\n".join(found[:5]), pytrace=False)
