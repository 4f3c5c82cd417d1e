"""Threads, started so that an interrupt and the want of a thread can be told from one another."""

from __future__ import annotations

from threading import Thread


def start(thread: Thread) -> bool:
    """Starts a thread, and says whether there was one: a process may have as many as it may, or be about to end.

    Raises:
        BaseException: what interrupted it, where `threading` stumbled over that. Nobody knows whether the thread runs.
    """
    try:
        thread.start()
    except (RuntimeError, KeyError) as error:
        if "new thread" in str(error):
            return False
        raise (error.__context__ or error) from None
    return True
