"""A fork waits until no other thread loads anything for us.

A module that one thread is importing is locked. A process that is forked meanwhile has the lock and not the thread, and
whoever asks for the module there waits for ever. So before a fork nobody may be about it, and until it is over the
interpreter's own lock keeps everybody from beginning.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from threading import get_ident
from time import sleep
from typing import TYPE_CHECKING

from _imp import acquire_lock, release_lock

if TYPE_CHECKING:
    from types import FrameType

OURS = {"invite_sdk", "invite_clients"}
_IMPORTING = "<frozen importlib._bootstrap>"
_PAUSE = 0.001
_MOST_PAUSES = 10_000
"""At the most ten seconds: who loads may be waiting for what the forking thread has."""


def wait() -> None:
    """Waits, and keeps other threads from importing until `go_on`. Pauses are counted: clocks may be frozen."""
    for left in range(_MOST_PAUSES, -1, -1):
        acquire_lock()
        if not left or not _is_loading():
            return
        release_lock()
        sleep(_PAUSE)


def go_on() -> None:
    """Lets others import, in the process that forked and in the new one."""
    with suppress(RuntimeError):  # an interrupt of the wait
        release_lock()


def _is_loading() -> bool:
    """Whether another thread is inside an import that code of ours began."""
    here = get_ident()
    return any(_loads(frame) for thread, frame in sys._current_frames().items() if thread != here)  # pyright: ignore[reportPrivateUsage]


def _loads(frame: FrameType | None) -> bool:
    is_importing = False
    while frame is not None:
        if frame.f_code.co_filename == _IMPORTING:
            is_importing = True
        elif is_importing and str(frame.f_globals.get("__name__")).partition(".")[0] in OURS:
            return True
        frame = frame.f_back
    return False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=wait, after_in_parent=go_on, after_in_child=go_on)
