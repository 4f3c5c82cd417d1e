"""Dataclasses that take little time to make: the modules that are loaded with a client are full of them.

Most of that time goes into the methods that `dataclass` writes and compiles for each class, above all into those that
freeze it. Here classes share them, and only `__init__` is their own.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value_class(kind: type[T]) -> type[T]:
    """A dataclass with slots that compares, hashes and shows as any other.

    Frozen for type checkers only, so that making a value takes little time too: for those that stay inside.
    """
    for name, shared in _SHARED.items():
        setattr(kind, name, vars(kind).get(name) or shared)
    return dataclass(slots=True, eq=False, repr=False)(kind)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen_class(kind: type[T]) -> type[T]:
    """The same for values that are handed out: each field is set once, when one is made."""
    for name, shared in _FROZEN.items():
        setattr(kind, name, shared)
    return value_class(kind)


def _compared(value: Any) -> tuple[object, ...]:
    return tuple(getattr(value, item.name) for item in fields(value) if item.compare)


def _equals(self: Any, other: object) -> bool:
    return _compared(self) == _compared(other) if type(self) is type(other) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_compared(self))


def _shown(self: Any) -> str:
    shown = ", ".join(f"{item.name}={getattr(self, item.name)!r}" for item in fields(self) if item.repr)
    return f"{type(self).__qualname__}({shown})"


def _set_once(self: object, name: str, value: object) -> None:
    if hasattr(self, name):
        raise FrozenInstanceError(f"cannot assign to field {name!r}")
    object.__setattr__(self, name, value)


def _keep(self: object, name: str) -> None:
    del self
    raise FrozenInstanceError(f"cannot delete field {name!r}")


_SHARED = {"__eq__": _equals, "__hash__": _hash, "__repr__": _shown}
_FROZEN = {"__setattr__": _set_once, "__delattr__": _keep}
