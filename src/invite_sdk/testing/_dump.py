"""A fake's state to JSON types and back. Pydantic reads and writes the plain dataclasses that the state is made of."""

from __future__ import annotations

from typing import TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


def to_plain(value: object) -> object:
    """A value made of dataclasses, times and containers, as JSON types."""
    return TypeAdapter(type(value)).dump_python(value, mode="json")


def from_plain(kind: type[T], plain: object) -> T:
    """The value of a type that `to_plain` made JSON types of."""
    return TypeAdapter(kind).validate_python(plain)
