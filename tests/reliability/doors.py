"""Clients for a test: of any way, on a clock that only what happens moves, closed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
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

    def __init__(self, way: Way) -> None:
        self.way = way
        self._opened: list[InviteClient] = []

    @property
    def is_sync(self) -> bool:
        """Whether its clients are synchronous."""
        return self.way.portal is None

    def open(self, fake: FakeService, user: str | None = None, **options: Any) -> InviteClient:
        """A client of one of the fake's users, or what stands for an asynchronous one, on the fake's clock."""
        time = MovedTime(fake.clock)
        transport = fake.transport()
        client = self.way.open(fake.connection(user), transport, **options)
        inner = cast("AsyncInviteClient", getattr(client, "client", client))
        time.drive(inner)
        self._opened.append(client)
        return client

    def close(self) -> None:
        """Closes every client that was opened."""
        for client in self._opened:
            with suppress(Exception):
                client.close()


@contextmanager
def door(name: str) -> Iterator[Door]:
    """A door in a way by name: `sync`, `asyncio` or `trio`."""
    if name == "sync":
        made = Door(Way(name, None))
        try:
            yield made
        finally:
            made.close()
        return
    with start_blocking_portal(name) as portal:
        made = Door(Way(name, portal))
        try:
            yield made
        finally:
            made.close()
