"""Turns: one at a time, without anything that an interrupt could leave taken.

KeyboardInterrupt, a time limit's signal or a canceled task end a call at any instruction, also between taking a lock
and the `try` that would give it back. So a turn is not given back. Whoever takes one holds a fresh lock for as long as
it runs, by `with`, and the turn is free as soon as that lock is: it is left by the interpreter itself, whatever was
raised, and also where a kept traceback keeps the frame. Taking a turn needs no lock either.
"""

from __future__ import annotations

import os
from contextlib import suppress
from threading import Lock

from invite_sdk._flows import clocks as time

POLL = 0.01
"""Seconds between two looks of a waiter. Nobody wakes it, since nobody gives a turn back."""


class Turns:
    """Who has which turn: a key is held by the first of those that named it and still run."""

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        # With the process: who took a turn before a fork does not run in the child.
        self._taken: list[tuple[int, object, Lock]] = []

    def take(self, key: object, holder: Lock) -> bool:
        """Takes a turn if nobody else has it; again, if it is the holder's own already.

        Args:
            key: what one at a time may do.
            holder: locked for as long as the holder runs.
        """
        mine = (os.getpid(), key, holder)
        # Appending is one step, so that of two who come at once one is first.
        self._taken.append(mine)
        for other in self._taken.copy():
            if other == mine:
                return True
            if other[0] != mine[0] or not other[2].locked():
                self._drop(other)
            elif other[1] == key:
                break
        self._drop(mine)
        return False

    def wait(self, key: object, holder: Lock, seconds: float) -> bool:
        """Takes a turn, after waiting for so many seconds at the most."""
        end = time.monotonic() + seconds
        while not self.take(key, holder):
            left = end - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(POLL, left))
        return True

    def held(self) -> list[object]:
        """The keys that somebody has who runs."""
        here = os.getpid()
        return [key for pid, key, holder in self._taken.copy() if pid == here and holder.locked()]

    def _drop(self, entry: tuple[int, object, Lock]) -> None:
        with suppress(ValueError):  # somebody else has dropped it
            self._taken.remove(entry)
