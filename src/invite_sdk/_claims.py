"""Claims: one piece of work at a time for each key in this process, whichever client, thread or event loop does it.

`ensure` looks and then creates; two that look at once would both create. A claim makes the second look after the first
has created.
"""

from __future__ import annotations

import os
from threading import Condition

POLL = 0.01
"""Seconds between two looks of an asynchronous waiter: it may wait for a thread, which cannot wake it."""


class Claims:
    """The keys that are being worked on."""

    def __init__(self) -> None:
        self._held: set[object] = set()
        self._change = Condition()

    def take(self, key: object) -> bool:
        """Takes a key if it is free."""
        with self._change:
            if key in self._held:
                return False
            self._held.add(key)
            return True

    def wait(self, key: object, seconds: float) -> bool:
        """Takes a key, after waiting for so many seconds at the most."""
        with self._change:
            if not self._change.wait_for(lambda: key not in self._held, timeout=max(0.0, seconds)):
                return False
            self._held.add(key)
            return True

    def release(self, key: object) -> None:
        """Gives a key back."""
        with self._change:
            self._held.discard(key)
            self._change.notify_all()

    def forget(self) -> None:
        """Forgets every key: in a forked process, those who held them are not there."""
        self._held = set()
        self._change = Condition()


claims = Claims()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=claims.forget)
