"""Keeps the HTTP libraries' own log records of our requests back: they print whole URLs and headers."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from threading import Lock

# A filter sees only what is logged to its very logger, not what its children log.
_NAMES = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
    "hpack.hpack",
    "hpack.table",
)

_loggers = tuple(map(logging.getLogger, _NAMES))

_silent: ContextVar[Lock | None] = ContextVar("invite_sdk_silent", default=None)


def _passes(_: logging.LogRecord) -> bool:
    running = _silent.get()
    return running is None or not running.locked()


class silence:  # noqa: N801 - reads as a statement
    """While it lasts, these libraries log nothing from this thread or task; others log as ever.

    Args:
        running: locked while the request runs: an interrupt that keeps this from ending silences nothing else.
    """

    __slots__ = ("_running", "_token")

    def __init__(self, running: Lock) -> None:
        self._running = running

    def __enter__(self) -> None:
        for logger in _loggers:
            # Done for each call: a program may set its logging up again at any time.
            logger.addFilter(_passes)
        self._token = _silent.set(self._running)

    def __exit__(self, *_: object) -> None:
        _silent.reset(self._token)
