"""How a client waits, what it sends along and how much it takes in: frozen, with documented defaults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TypedDict, cast

from invite_sdk._errors import ConfigurationError, InvalidArgumentError

DEFAULT_TIMEOUT = 20.0
"""Seconds for each single wait on the network."""
DEFAULT_DEADLINE = 60.0
"""Seconds for one operation, or one page of a listing, over all its requests."""
DEFAULT_MAX_BODY = 32 * 1024 * 1024
"""Bytes that an answer may have, after decompression."""

_OURS = frozenset({"authorization", "cookie", "host", "content-length", "transfer-encoding", "connection"})


class CallOptions(TypedDict, total=False):
    """What every operation takes by keyword, for this one call."""

    timeout: float
    """Seconds for each single wait on the network."""
    deadline: float
    """Seconds for the whole operation, over all its requests."""
    headers: Mapping[str, str]
    """Headers to send along. Credentials belong into the connection and are refused here."""


@dataclass(frozen=True, slots=True)
class Options:
    """The settings of a client that are not about who it is."""

    timeout: float | None = None
    """Seconds for each single wait; `None`: `DEFAULT_TIMEOUT`, or what the caller's `http_client` has."""
    deadline: float = DEFAULT_DEADLINE
    max_body: int = DEFAULT_MAX_BODY
    emulate: bool = True
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        for name in ("timeout", "deadline", "max_body"):
            value: object = getattr(self, name)
            if value is None and name == "timeout":
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not (0 < value < math.inf):
                raise ConfigurationError(f"{name} must be a positive, finite number, not {value!r}")
        for name, value in self.headers.items():
            _check_header(name, value)

    def with_call(self, call: CallOptions) -> Options:
        """These options with what one call asks for."""
        if not call:
            return self
        unknown = set(call) - {"timeout", "deadline", "headers"}
        if unknown:
            raise InvalidArgumentError(f"there is no parameter {', '.join(sorted(unknown))}")
        changes = cast("dict[str, object]", {name: value for name, value in call.items() if value is not None})
        if "headers" in changes:
            changes["headers"] = {**self.headers, **cast("Mapping[str, str]", changes["headers"])}
        return self.changed(changes)

    def changed(self, changes: Mapping[str, object]) -> Options:
        """These options with some of them changed."""
        unknown = set(changes) - {item.name for item in fields(self)}
        if unknown:
            raise ConfigurationError(f"there is no option {', '.join(sorted(unknown))}")
        return replace(self, **changes)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _check_header(name: object, value: object) -> None:
    if not isinstance(name, str) or not isinstance(value, str):
        raise ConfigurationError("headers must be text")
    if name.lower() in _OURS:
        raise ConfigurationError(f"the header {name} is the client's own; credentials belong into the connection")
    if any(ord(char) < 32 or ord(char) == 127 for char in name + value):
        raise ConfigurationError(f"the header {name!r} holds a control character")
