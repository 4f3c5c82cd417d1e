"""Ids are checked before they can reach a path."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from invite_sdk._errors.tree import InvalidArgumentError
from invite_sdk._model.ids import IdKind, is_id, is_uuid


def require_uuid(name: str, value: object) -> str:
    """`value` when it is a UUID in either form.

    Raises:
        InvalidArgumentError: it is not; nothing has been sent.
    """
    if not isinstance(value, str) or not is_uuid(value):
        raise InvalidArgumentError(f"{name} must be a UUID, with or without dashes; {_describe(value)} is none")
    return value


def require_integer(name: str, value: object) -> str:
    """`value` when it is a whole number in decimal digits.

    Raises:
        InvalidArgumentError: it is not; nothing has been sent.
    """
    if not isinstance(value, str) or not is_id("integer", value):
        raise InvalidArgumentError(f"{name} must be a whole number, in digits; {_describe(value)} is none")
    return value


def require_segment(name: str, value: object) -> str:
    """`value` when it is one opaque segment that cannot address anything else.

    Raises:
        InvalidArgumentError: it is empty, a dot segment, or holds a separator, a space or a control character.
    """
    if not isinstance(value, str):
        raise InvalidArgumentError(f"{name} must be a string, not {type(value).__name__}")
    if not is_id("opaque", value):
        raise InvalidArgumentError(
            f"{name} must be one path segment: not empty, not dots, "
            "without slashes, spaces, '%', '?' or control characters"
        )
    return value


def _describe(value: object) -> str:
    """A value in words that give no secret away."""
    if isinstance(value, str):
        return "the empty string" if not value else f"a string of {len(value)} characters"
    return f"a value of type {type(value).__name__}"


REQUIRE: Mapping[IdKind, Callable[[str, object], str]] = {
    "uuid": require_uuid,
    "integer": require_integer,
    "opaque": require_segment,
}
"""What checks an id of each kind."""
