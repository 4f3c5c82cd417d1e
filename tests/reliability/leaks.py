"""Looks for secrets in everything that an error, a log or an event may show."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus


@dataclass(frozen=True, slots=True)
class Secret:
    """One value that must not show."""

    kind: str
    value: str
    is_credential: bool = True
    """Whether it shows nowhere at all; an invite key shows its last four characters, and whole in the caller's data."""

    @property
    def forms(self) -> tuple[str, ...]:
        """The ways in which it may be written."""
        return forms(self.value)


@cache
def forms(value: str) -> tuple[str, ...]:
    """A value as it is, in JSON, in a URL, in a form and in a repr."""
    in_json = json.dumps(value)[1:-1]
    unicode = json.dumps(value, ensure_ascii=False)[1:-1]
    in_urls = (quote(value), quote(value, safe=""), quote_plus(value))
    return tuple(dict.fromkeys((value, in_json, unicode, *in_urls, repr(value)[1:-1])))


class _Records(logging.Handler):
    def __init__(self, into: list[str]) -> None:
        super().__init__(logging.NOTSET)
        self._into = into

    def emit(self, record: logging.LogRecord) -> None:
        self._into.append(f"{record.getMessage()}\n{record.__dict__!r}")
        if record.exc_info:
            self._into.append(logging.Formatter().formatException(record.exc_info))


@contextmanager
def every_log() -> Iterator[list[str]]:
    """While it lasts, every logger logs at every level, and all of it is heard. Levels are put back afterwards."""
    heard: list[str] = []
    handler = _Records(heard)
    root = logging.getLogger()
    loggers = [root, *(each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger))]
    levels = [(each, each.level, each.propagate, each.disabled) for each in loggers]
    for each in loggers:
        each.setLevel(1)
        each.propagate, each.disabled = True, False
    # Nobody else needs to hear it: pytest would keep it all.
    handlers, root.handlers = root.handlers, [handler]
    try:
        yield heard
    finally:
        root.handlers = handlers
        for each, level, propagate, disabled in levels:
            each.setLevel(level)
            each.propagate, each.disabled = propagate, disabled


def said_by(error: BaseException) -> Iterator[tuple[str, str]]:
    """Every form in which an error may be shown or stored, with the name of the form."""
    yield "str", str(error)
    yield "repr", repr(error)
    yield "traceback", "".join(traceback.format_exception(error))
    yield "attributes", attributes(error)
    stored = pickle.dumps(error)
    yield "pickle", stored.decode("utf-8", "replace") + stored.decode("latin-1")
    again = pickle.loads(stored)
    yield "unpickled", f"{again} {again!r} {attributes(again)}"
    linked = _linked(error)
    while linked is not None:
        yield "cause", f"{linked} {linked!r} {attributes(linked)}"
        linked = _linked(linked)


def _linked(error: BaseException) -> BaseException | None:
    """The error that is shown before this one."""
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def attributes(error: BaseException) -> str:
    """All that an error holds, bytes as text. An invitation in it is the caller's data."""
    held: Mapping[str, Any] = {name: value for name, value in vars(error).items() if name != "existing"}
    shown = [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in held.values()]
    return f"{error.args!r} {shown!r} {' '.join(str(value) for value in shown)}"


def with_locals(error: BaseException, package: str) -> str:
    """The local variables in a package's own frames, as crash reporters show them."""
    found = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join(f"{frame.name}: {frame.locals}" for frame in found.stack if f"/{package}/" in frame.filename)


def found_in(said: Iterable[tuple[str, str]], secrets: Iterable[Secret]) -> list[str]:
    """What leaked: the kind of each secret, and where it was found."""
    texts = list(said)
    return [
        f"{secret.kind} in {where}"
        for secret in secrets
        for where, text in texts
        if any(form in text for form in secret.forms)
    ]
