"""Dates and times whatever stands in the place of the standard classes, and the present moment as everybody sees it.

Test tools freeze time by putting other classes in the place of `datetime.date` and `datetime.datetime`: there, and in
every module that has a name for them. A model that is built meanwhile would keep such a class for ever, or could not be
built at all. So all of our modules take the classes from here, where they are always the real ones. Pydantic knows the
classes that it found when it was loaded; `Date` and `DateTime` tell it by themselves how they are read.
"""

from __future__ import annotations

import datetime as _standard
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from datetime import date, datetime

    from pydantic_core import CoreSchema
else:
    # Whatever stands in for a class is made from it.
    date, datetime = (
        next(one for one in kind.__mro__ if one.__module__ == "datetime")
        for kind in (_standard.date, _standard.datetime)
    )

__all__ = ["Date", "DateTime", "date", "datetime", "real_classes", "utc_now"]


class _ReadAs:
    """How pydantic reads and writes a value."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.date_schema() if self._kind == "date" else core_schema.datetime_schema()


Date = Annotated[date, _ReadAs("date")]
"""A date, where pydantic reads the annotation."""

DateTime = Annotated[datetime, _ReadAs("datetime")]
"""A date with a time, where pydantic reads the annotation."""

_EPOCH = datetime(1970, 1, 1, tzinfo=_standard.UTC)
_REAL = {"date": date, "datetime": datetime}

if not TYPE_CHECKING:
    # As attributes of this module they would be replaced too.
    del date, datetime

    def __getattr__(name):
        if name not in _REAL:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return _REAL[name]


def utc_now() -> datetime:
    """The moment that `datetime.now(UTC)` tells a caller, frozen or not, in the real class."""
    return _EPOCH + (_standard.datetime.now(_standard.UTC) - _EPOCH)


@contextmanager
def real_classes() -> Generator[None]:
    """Puts the real classes back while something is loaded that keeps those which it finds."""
    found = {name: getattr(_standard, name) for name in _REAL}
    try:
        for name, real in _REAL.items():
            setattr(_standard, name, real)
        yield
    finally:
        for name, one in found.items():
            setattr(_standard, name, one)
