"""Claims: one piece of work at a time for each key in this process, whichever client, thread or event loop does it.

`ensure` looks and then creates; two that look at once would both create. A claim makes the second look after the first
has created.
"""

from __future__ import annotations

from threading import Lock

from invite_sdk._flows.turns import Turns

TOO_LATE = "the deadline passed while another call was looking up the same name"

_SHARDS = 512


class Claims:
    """The keys that are being worked on, each by a call that still runs."""

    def __init__(self) -> None:
        # Apart by hash, so that a look does not pass all others that are at work.
        self._shards: dict[int, Turns] = {}

    def take(self, key: object, holder: Lock) -> bool:
        """Takes a key if it is free; `holder` is locked for as long as the call runs that takes it."""
        return self._turns(key).take(key, holder)

    def wait(self, key: object, holder: Lock, seconds: float) -> bool:
        """Takes a key, after waiting for so many seconds at the most."""
        return self._turns(key).wait(key, holder, seconds)

    def held(self) -> list[object]:
        """The keys that somebody has who runs."""
        return [key for turns in self._shards.copy().values() for key in turns.held()]

    def _turns(self, key: object) -> Turns:
        return self._shards.setdefault(hash(key) % _SHARDS, Turns())


claims = Claims()
