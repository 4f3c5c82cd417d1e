"""A fake's state to JSON types and back. Pydantic reads and writes the plain dataclasses that the state is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import TypeVar, cast

from pydantic_core import ValidationError, to_jsonable_python

from invite_clients._times import date, datetime
from invite_clients._wire import TypeAdapter

T = TypeVar("T")

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(_DATE.pattern + r"T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?")


def to_plain(value: object) -> object:
    """A value made of dataclasses, times and containers, as JSON types."""
    plain: object = to_jsonable_python(value)
    return plain


def from_plain(kind: type[T], plain: object) -> T:
    """The value of a type that `to_plain` made JSON types of.

    Raises:
        ValueError: it is not in that form; the text says where.
    """
    try:
        read = TypeAdapter(kind).validate_python(plain)
    except ValidationError as error:
        raise ValueError(first_problem(error)) from None
    if is_dataclass(kind) and isinstance(plain, dict):
        require_known(cast("dict[str, object]", plain), {field.name for field in fields(kind)})
    return read


def moved(plain: object, by: timedelta) -> object:
    """JSON types in which every text that is a time, or a date, is one of so much later."""
    if isinstance(plain, dict):
        return {key: moved(value, by) for key, value in cast("dict[str, object]", plain).items()}
    if isinstance(plain, list):
        return [moved(value, by) for value in cast("list[object]", plain)]
    if isinstance(plain, str):
        try:
            if _MOMENT.fullmatch(plain):
                return (datetime.fromisoformat(plain) + by).isoformat()
            if _DATE.fullmatch(plain):
                return (date.fromisoformat(plain) + by).isoformat()
        except (ValueError, OverflowError):
            return plain
    return plain


def require_known(given: Iterable[str], known: Iterable[str]) -> None:
    """Refuses keys that would be overlooked.

    Raises:
        ValueError: there are others than those known.
    """
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(f"unknown: {', '.join(unknown)}; there are: {', '.join(sorted(known))}")


def first_problem(error: ValidationError) -> str:
    """The first thing that is wrong, with its place and without the value."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]
