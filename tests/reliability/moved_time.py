"""A clock that only what happens moves: the fake's waits, and the pauses of the client under test."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import anyio.lowlevel

from invite_sdk._http.aio import AsyncHttp
from invite_sdk._http.sync import SyncHttp

if TYPE_CHECKING:
    from invite_sdk import AsyncInviteClient, InviteClient
    from invite_sdk.testing import FakeClock


class MovedTime:
    """The fake's clock as the client's: its transport moves it with every wait, and the client with every pause."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._start: datetime = clock.now()
        self.slept: list[float] = []
        """The client's pauses, in seconds."""

    def monotonic(self) -> float:
        """Seconds since the start."""
        return (self._clock.now() - self._start).total_seconds()

    def unix(self) -> float:
        """The fake's time."""
        return self._clock.now().timestamp()

    def sleep(self, seconds: float) -> None:
        """Lets a pause go by at once."""
        self.slept.append(seconds)
        self._clock.advance(seconds=seconds)

    async def sleep_async(self, seconds: float) -> None:
        """The same for an asynchronous client; other tasks run meanwhile."""
        self.sleep(seconds)
        await anyio.lowlevel.checkpoint()

    def drive(self, client: InviteClient | AsyncInviteClient, luck: float = 0.5) -> None:
        """Puts a client on this clock."""
        http = client._http
        http.monotonic, http.unix, http.luck = self.monotonic, self.unix, lambda: luck
        if isinstance(http, SyncHttp):
            http.sleep = self.sleep
        else:
            assert isinstance(http, AsyncHttp)
            http.sleep = self.sleep_async
