"""Ids in one form, to be compared."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

_UUID = re.compile(r"[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{12}", re.ASCII)

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f/\\?#%\u2028\u2029\ud800-\udfff]")
_MAX_ID = 512
_MAX_DIGITS = 20

IdKind: TypeAlias = Literal["uuid", "integer", "opaque"]
"""What a service's ids are: UUIDs with or without dashes, whole numbers, or any text that is one segment of a path."""


def is_id(kind: IdKind, text: str) -> bool:
    """Whether `text` can be an id of this kind."""
    if kind == "uuid":
        return is_uuid(text)
    if kind == "integer":
        return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    return bool(text) and text not in (".", "..") and not _UNSAFE.search(text) and len(text) <= _MAX_ID


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
