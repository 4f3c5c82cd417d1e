"""How a caller's values are shown in a message."""

from __future__ import annotations

_MOST_SHOWN = 60
_MOST_BITS = 256


def shown(value: object) -> str:
    """A value for a message: cut where it is long, since nobody reads a message of a megabyte."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return "a huge number"  # Python refuses to write out the digits of some
    if isinstance(value, (str, bytes)):
        return repr(value[:_MOST_SHOWN]) + ("..." if len(value) > _MOST_SHOWN else "")
    return cut(repr(value))


def cut(text: str) -> str:
    """The beginning of a text, with a mark where more follows."""
    return text[:_MOST_SHOWN] + ("..." if len(text) > _MOST_SHOWN else "")
