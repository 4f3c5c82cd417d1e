"""Ids: checked before they can reach a path, and brought to one form to be compared."""

from __future__ import annotations

import re

from invite_sdk._errors.tree import InvalidArgumentError

_UUID = re.compile(r"[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{12}", re.ASCII)
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f/\\?#%\u2028\u2029\ud800-\udfff]")


def is_uuid(text: str) -> bool:
    """Whether `text` is a UUID in either form: 32 hex digits, or with dashes in their places."""
    return _UUID.fullmatch(text) is not None


def canonical_id(text: str | None) -> str | None:
    """A UUID as 32 lower-case hex digits; anything else as it is."""
    if text is None:
        return None
    if len(text) in (32, 36) and is_uuid(text):
        return text.replace("-", "").lower()
    return text


def forms_of(text: str) -> tuple[str, ...]:
    """An id as it may be written: a UUID with and without dashes, in small letters and capitals; another as it is."""
    if not is_uuid(text):
        return (text,)
    hexed = text.replace("-", "").lower()
    dashed = "-".join((hexed[:8], hexed[8:12], hexed[12:16], hexed[16:20], hexed[20:]))
    return (hexed, dashed, hexed.upper(), dashed.upper(), text)


def same_id(one: str | None, other: str | None) -> bool:
    """Whether both are given and mean the same id."""
    return one is not None and other is not None and canonical_id(one) == canonical_id(other)


def require_uuid(name: str, value: object) -> str:
    """`value` when it is a UUID in either form.

    Raises:
        InvalidArgumentError: it is not; nothing has been sent.
    """
    if not isinstance(value, str) or not is_uuid(value):
        raise InvalidArgumentError(f"{name} must be a UUID, with or without dashes; {_describe(value)} is none")
    return value


def require_segment(name: str, value: object) -> str:
    """`value` when it is one opaque segment that cannot address anything else.

    Raises:
        InvalidArgumentError: it is empty, a dot segment, or holds a separator, a space or a control character.
    """
    if not isinstance(value, str):
        raise InvalidArgumentError(f"{name} must be a string, not {type(value).__name__}")
    if not value or value in (".", "..") or _UNSAFE.search(value) or len(value) > 512:
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
