"""How many writes are under way at once: as many as the service bears."""

from __future__ import annotations

import math
from time import monotonic
from typing import TYPE_CHECKING

import anyio

from invite_sdk import InvalidArgumentError

if TYPE_CHECKING:
    from invite_sdk import AttemptEvent

FIRST = 4
"""How many at once a run begins with."""
_QUICK = 0.02
"""Seconds within which an answer counts as quick, whatever the quickest was."""

_FORGETS = 1.01
"""By how much the quickest answer is taken for slower with each further one."""


class Pace:
    """Grows while answers are quick, halves when the service is troubled, and waits when it is told to.

    As TCP does it: twice as many each round trip until the first trouble, one more each round trip afterwards.

    Args:
        most: how many at once at the most.
        rate: how many a second at the most.
    """

    def __init__(self, most: int, rate: float | None = None) -> None:
        self._most = most
        self._gap = 0.0 if rate is None else 1 / rate
        self.limit = float(min(FIRST, most))
        self._threshold = math.inf
        self._quickest: dict[str, float] = {}
        self._cut_at = -math.inf
        self._under_way = 0
        self._next_at = -math.inf
        self._paused_until = -math.inf
        self._freed = anyio.Event()
        self._queue = anyio.Lock()

    async def take(self) -> None:
        """Waits until one more may be under way: who came first goes first."""
        async with self._queue:
            while True:
                if (wait := max(self._paused_until, self._next_at) - anyio.current_time()) > 0:
                    await anyio.sleep(wait)
                elif self._under_way >= int(self.limit):
                    self._freed = anyio.Event()
                    await self._freed.wait()
                else:
                    break
            now = anyio.current_time()
            # Who wakes a little late is not late the next time; a rest saves nothing up.
            self._next_at = (self._next_at if now - self._next_at < self._gap else now) + self._gap
            self._under_way += 1

    def give_back(self) -> None:
        """One is over."""
        self._under_way -= 1
        self._freed.set()

    def pause(self, seconds: float) -> None:
        """Nothing more is begun for so long."""
        self._paused_until = max(self._paused_until, anyio.current_time() + seconds)

    def heard(self, event: AttemptEvent) -> None:
        """Learns from an attempt. A hook of the client, which may call from any thread."""
        if event.phase != "after" or event.seconds is None:
            return
        now = monotonic()
        if event.status is None or event.status == 429 or event.status >= 500:
            # One trouble of so many calls at once is one, not so many.
            if now - event.seconds >= self._cut_at:
                self._cut_at = now
                self.limit = self._threshold = max(1.0, self.limit / 2)
        elif event.status < 300:
            # A lookup is quicker than a write that mails; and what was quick once need not be so for ever.
            quickest = min(self._quickest.get(event.native_operation, math.inf) * _FORGETS, event.seconds)
            self._quickest[event.native_operation] = quickest
            if event.seconds <= max(2 * quickest, _QUICK):
                more = 1.0 if self.limit < self._threshold else 1 / self.limit
                self.limit = min(float(self._most), self.limit + more)


def checked_caps(max_concurrency: object, max_rate: object, max_wait: object) -> None:
    """Refuses caps that cannot be right.

    Raises:
        InvalidArgumentError: one is no number, or not above zero.
    """
    if isinstance(max_concurrency, bool) or not isinstance(max_concurrency, int) or not 1 <= max_concurrency <= 1000:
        raise InvalidArgumentError("max_concurrency must be a whole number from 1 to 1000")
    if max_rate is not None and (
        isinstance(max_rate, bool) or not isinstance(max_rate, int | float) or not 0 < max_rate < math.inf
    ):
        raise InvalidArgumentError("max_rate must be a number of rows a second, above 0")
    if isinstance(max_wait, bool) or not isinstance(max_wait, int | float) or not 0 <= max_wait < math.inf:
        raise InvalidArgumentError("max_wait must be a number of seconds, 0 or more")
