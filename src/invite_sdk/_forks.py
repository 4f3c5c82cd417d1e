"""A fork waits until no other thread loads anything for us, or makes the first pool of connections.

A module that one thread is importing is locked. A process that is forked meanwhile has the lock and not the thread, and
whoever asks for the module there waits for ever. So before a fork nobody may be about it, and until it is over the
interpreter's own lock keeps everybody from beginning. OpenSSL has such locks too, while it makes a TLS context.
"""

from __future__ import annotations

import os
import sys
from _imp import acquire_lock, release_lock
from _thread import get_ident
from contextlib import suppress
from time import sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Lock
    from types import FrameType

OURS = {"invite_sdk", "invite_clients"}
_IMPORTING = "<frozen importlib._bootstrap>"
_PAUSE = 0.001
_MOST_PAUSES = 10_000
"""At the most ten seconds: who loads may be waiting for what the forking thread has."""


_forking: set[int] = set()
"""The threads that are about to fork."""
_under_way: list[tuple[Lock, int]] = []
"""The locks of those whom a fork of another thread waits for, as long as they are locked, each with its thread."""


def begin(running: Lock) -> None:
    """Keeps forks waiting for as long as a lock is locked, after one that is going on."""
    for other in _under_way.copy():
        if not other[0].locked():
            _drop(other)
    mine = (running, get_ident())
    while True:
        _under_way.append(mine)
        if not _forking:
            return
        _drop(mine)
        sleep(_PAUSE)


def _drop(one: tuple[Lock, int]) -> None:
    with suppress(ValueError):  # another thread was here
        _under_way.remove(one)


def _wait() -> None:
    """Waits, and keeps other threads from beginning until `_go_on`. Pauses are counted: clocks may be frozen."""
    _forking.add(get_ident())
    for left in range(_MOST_PAUSES, -1, -1):
        acquire_lock()
        if not left or not (_is_loading() or _is_anybody_under_way()):
            return
        release_lock()
        sleep(_PAUSE)


def _go_on() -> None:
    """Lets others begin."""
    with suppress(RuntimeError):  # the wait was interrupted
        release_lock()
    _forking.discard(get_ident())


def _start() -> None:
    """In the new process nobody else is about anything."""
    _under_way.clear()
    _go_on()
    _forking.clear()


def _is_anybody_under_way() -> bool:
    """Whether another thread makes the first pool of connections."""
    here = get_ident()
    return any(running.locked() for running, thread in _under_way.copy() if thread != here)


def _is_loading() -> bool:
    """Whether another thread is inside an import that code of ours began."""
    # By the frame and not by the thread's number: of those gevent makes its own.
    here = sys._getframe()  # pyright: ignore[reportPrivateUsage]
    return any(_loads(frame, here) for frame in sys._current_frames().values())  # pyright: ignore[reportPrivateUsage]


def _loads(frame: FrameType | None, here: FrameType) -> bool:
    is_importing = False
    while frame is not None:
        if frame is here:
            return False
        if frame.f_code.co_filename == _IMPORTING:
            is_importing = True
        elif is_importing and str(frame.f_globals.get("__name__")).partition(".")[0] in OURS:
            return True
        frame = frame.f_back
    return False


_attended: list[bool] = []


def attend() -> None:
    """Sees to it that every fork from now on waits. Called before anything of ours is loaded, with `logging` there.

    The hook that came last is asked first, and that of `logging` takes a lock that whoever loads may need: while we
    wait it must be free.
    """
    if not _attended and hasattr(os, "register_at_fork"):
        _attended.append(True)
        os.register_at_fork(before=_wait, after_in_parent=_go_on, after_in_child=_start)
