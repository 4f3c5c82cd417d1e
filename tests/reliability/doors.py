"""Clients for a test: of any way, on a clock that only what happens moves, closed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, cast

from anyio.from_thread import start_blocking_portal

from invite_sdk.testing.suite.ways import WAYS, Way
from tests.reliability.moved_time import MovedTime

if TYPE_CHECKING:
    from invite_sdk import AsyncInviteClient, InviteClient
    from invite_sdk.testing import FakeService

__all__ = ["WAYS", "Door", "door"]


class Door:
    """Makes clients of fakes in one way."""

    def __init__(self, way: Way, closing: ExitStack) -> None:
        self.way = way
        self._closing = closing

    def open(self, fake: FakeService, user: str | None = None, **options: Any) -> InviteClient:
        """A client of one of the fake's users, or what stands for an asynchronous one, on the fake's clock."""
        client = self.way.open(fake.connection(user), fake.transport(), **options)
        MovedTime(fake.clock).drive(cast("AsyncInviteClient", getattr(client, "client", client)))
        self._closing.callback(client.close)
        return client


@contextmanager
def door(name: str) -> Iterator[Door]:
    """A door in a way by name: `sync`, `asyncio` or `trio`."""
    with ExitStack() as closing:
        portal = None if name == "sync" else closing.enter_context(start_blocking_portal(name))
        yield Door(Way(name, portal), closing)
