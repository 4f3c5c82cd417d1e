"""Texts from a caller: whether they can be sent, and how they are shown in a message."""

from __future__ import annotations

from typing import TypeVar

from invite_sdk._errors.tree import InvalidArgumentError

T = TypeVar("T")

_MOST_SHOWN = 60
_MOST_BITS = 256


def shown(value: object) -> str:
    """A value for a message: cut where it is long, since nobody reads a message of a megabyte."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return "a huge number"  # Python refuses to write out the digits of some
    if isinstance(value, (str, bytes)):
        return repr(value[:_MOST_SHOWN]) + ("…" if len(value) > _MOST_SHOWN else "")
    return cut(repr(value))


def cut(text: str) -> str:
    """The beginning of a text, with a mark where more follows."""
    return text[:_MOST_SHOWN] + ("…" if len(text) > _MOST_SHOWN else "")


def sendable(name: str, value: T) -> T:
    """`value`, unless it is text that no request can carry.

    Raises:
        InvalidArgumentError: it holds half of a character; nothing was sent.
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidArgumentError(
                f"{name} holds half of a character (a lone surrogate) and cannot be sent"
            ) from None
    return value
