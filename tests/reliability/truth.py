"""Whether what a caller was told is true, by the fake's own records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from invite_sdk.testing import Fault

_EDITED = frozenset({"unknown_enum", "missing_field", "null_field", "empty_body"})
"""Faults that change what the service says: a field may be lacking then, or have a word that nobody knows."""
_ON_ITS_WAY = frozenset({"queued", "sent"})
"""What a mail's delivery may be told as: the one becomes the other between two readings."""
_FREE = frozenset({"partial", "native"})
"""Fields that tell of the telling, not of the invitation."""
_SKEW = timedelta(hours=1, minutes=2)


def untruths(told: object, true: object, faults: tuple[Fault, ...], where: str = "result") -> list[str]:
    """Where a result, in the form of `plain`, says what is not so. To say less is true where it says that it does."""
    if isinstance(told, dict) and isinstance(true, dict):
        return _of_members(cast("dict[str, Any]", told), cast("dict[str, Any]", true), faults, where)
    if isinstance(told, list) and isinstance(true, list):
        if len(told) != len(true):
            return [f"{where} has {len(told)} rows, not {len(true)}"]
        pairs = enumerate(zip(told, true, strict=True))
        return [found for i, (one, other) in pairs for found in untruths(one, other, faults, f"{where}[{i}]")]
    if isinstance(told, datetime) and isinstance(true, datetime):
        return [] if abs(told - true) <= _SKEW else [f"{where} is {told}, not {true}"]
    return [] if told == true else [f"{where} is {told!r}, not {true!r}"]


def _of_members(told: Mapping[str, Any], true: Mapping[str, Any], faults: tuple[Fault, ...], where: str) -> list[str]:
    is_edited = any(fault.kind in _EDITED for fault in faults)
    is_partial = any(part.get("partial") is True for part in (told, *told.values()) if isinstance(part, dict))
    found: list[str] = []
    for name, value in told.items():
        if name in _FREE or (value == "unknown" and (is_partial or is_edited)):
            continue
        if is_edited and "brand_new" in str(value):
            continue
        if name == "delivery" and {str(value), str(true.get(name, value))} <= _ON_ITS_WAY:
            continue
        if name not in true:
            found.append(f"{where}.{name} is {value!r} and should not be there")
        else:
            found += untruths(value, true[name], faults, f"{where}.{name}")
    lacking = [] if is_partial or is_edited else sorted(set(true) - set(told) - _FREE)
    return found + [f"{where}.{name} is lacking" for name in lacking]
