"""Locks that a forked process finds free: whoever held one in the parent is not there to release it."""

from __future__ import annotations

import os
from threading import Lock
from types import TracebackType
from typing import Self
from weakref import WeakSet


class ForkLock:
    """A lock between the threads of one process."""

    __slots__ = ("__weakref__", "_lock")

    def __init__(self) -> None:
        self._lock = Lock()
        _all.add(self)

    def acquire(self, timeout: float) -> bool:
        """Waits for so many seconds at the most; returns whether the lock was got."""
        return self._lock.acquire(timeout=max(0.0, timeout))

    def release(self) -> None:
        """Gives it back."""
        self._lock.release()

    def renew(self) -> None:
        """Forgets who held it."""
        self._lock = Lock()

    def __enter__(self) -> Self:
        self._lock.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()


_all: WeakSet[ForkLock] = WeakSet()


def _in_the_child() -> None:
    for lock in list(_all):
        lock.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_the_child)
