"""Results as plain values, so that a test can write down by hand what it expects: all that is set, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import cast

from pydantic import BaseModel, SecretStr

from invite_sdk import Invitation


def plain(result: object) -> object:
    """A result of any operation in plain types: of an invitation, every field that is set, and the type of `native`."""
    if isinstance(result, Invitation):
        row = {name: value for name, value in result.to_dict().items() if value not in (None, (), False)}
        return row if result.native is None else {**row, "native": type(result.native).__name__}
    if is_dataclass(result) and not isinstance(result, type):
        shown = {item.name: plain(getattr(result, item.name)) for item in fields(result)}
        return {name: value for name, value in shown.items() if value is not None}
    if isinstance(result, BaseModel):
        return type(result).__name__
    if isinstance(result, SecretStr):
        return result.get_secret_value()
    if isinstance(result, Iterable) and not isinstance(result, str):
        return [plain(item) for item in cast("Iterable[object]", result)]
    return result
