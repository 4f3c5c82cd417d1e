"""How a client waits, what it sends along and how much it takes in: frozen, with documented defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, fields, replace
from types import MappingProxyType
from typing import TypedDict, cast

from invite_clients._values import value_class
from invite_sdk._errors.tree import ConfigurationError, InvalidArgumentError
from invite_sdk._flows.retry import RetryPolicy
from invite_sdk._privacy.texts import cut, shown

DEFAULT_TIMEOUT = 20.0
"""Seconds for each single wait on the network."""
DEFAULT_DEADLINE = 60.0
"""Seconds for one operation, or one page of a listing, over all its requests."""
MAX_SECONDS = 86_400
"""The longest timeout and the longest deadline: a day."""
DEFAULT_MAX_BODY = 32 * 1024 * 1024
"""Bytes that an answer may have, after decompression."""

_MOST = 2.0**63
"""Above every number of seconds or bytes that anybody means."""

_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
_OURS = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "te",
        "transfer-encoding",
        "upgrade",
    }
)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?")


class CallOptions(TypedDict, total=False):
    """What every operation takes by keyword, for this one call."""

    timeout: float
    """Seconds for each single wait on the network; 86,400 at the most, as for the deadline."""
    deadline: float
    """Seconds for the whole operation, or for one page of a listing, over all its requests.

    The asynchronous client stops at once. The synchronous one can overstay: there are waits that it cannot interrupt,
    such as a name lookup, and a body's last wait may last as long as the deadline once more. docs/settings.md names
    them all.
    """
    headers: Mapping[str, str]
    """Headers to send along. Credentials belong into the connection and are refused here."""
    retry: RetryPolicy
    """How often and how patiently to try again; `NO_RETRIES` never does."""


@value_class
class Options:
    """The settings of a client that are not about who it is."""

    timeout: float | None = None
    """Seconds for each single wait; `None`: `DEFAULT_TIMEOUT`, or what the caller's `http_client` has."""
    deadline: float = DEFAULT_DEADLINE
    max_body: int = DEFAULT_MAX_BODY
    emulate: bool = True
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    resolve: bool = True
    """Whether names may be looked up where the service takes ids."""

    def __post_init__(self) -> None:
        if not isinstance(self.retry, RetryPolicy):
            raise ConfigurationError(f"retry must be a RetryPolicy, not {type(self.retry).__name__}")
        for name in ("timeout", "deadline", "max_body"):
            value: object = getattr(self, name)
            if value is None and name == "timeout":
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not (0 < value < _MOST):
                raise ConfigurationError(f"{name} must be a positive, finite number, not {shown(value)}")
            if name != "max_body" and value > MAX_SECONDS:
                raise ConfigurationError(f"{name} must be at most {MAX_SECONDS} seconds, which is a day")
        for name in ("emulate", "resolve"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigurationError(f"{name} must be True or False, not {shown(getattr(self, name))}")
        if not isinstance(self.headers, Mapping):
            raise ConfigurationError("headers must be a mapping of names to values")
        for name, value in self.headers.items():
            _check_header(name, value)
        object.__setattr__(self, "headers", MappingProxyType(dict(self.headers)))

    def with_call(self, call: CallOptions) -> Options:
        """These options with what one call asks for.

        Raises:
            InvalidArgumentError: there is no such option, or its value cannot be right.
        """
        if not call:
            return self
        unknown = set(call) - {"timeout", "deadline", "headers", "retry"}
        if unknown:
            raise InvalidArgumentError(f"there is no parameter {cut(', '.join(sorted(unknown)))}")
        try:
            return self.changed({name: value for name, value in call.items() if value is not None})
        except ConfigurationError as error:
            raise InvalidArgumentError(error.message) from None

    def changed(self, changes: Mapping[str, object]) -> Options:
        """These options with some of them changed; headers come on top of those that are there.

        Raises:
            ConfigurationError: there is no such option, or its value cannot be right.
        """
        unknown = set(changes) - {item.name for item in fields(self)}
        if unknown:
            raise ConfigurationError(f"there is no option {cut(', '.join(sorted(unknown)))}")
        changed = dict(changes)
        more = changed.get("headers")
        if isinstance(more, Mapping):
            changed["headers"] = merged(self.headers, cast("Mapping[str, str]", more))
        return replace(self, **changed)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def merged(headers: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Headers with others on top, whatever the case of their names."""
    if not more:
        return dict(headers)
    replaced = {str(name).lower() for name in more}
    return {**{name: value for name, value in headers.items() if name.lower() not in replaced}, **more}


def is_header(name: str, value: str) -> bool:
    """Whether a request can carry this header."""
    return bool(_NAME.fullmatch(name) and _VALUE.fullmatch(value))


def _check_header(name: object, value: object) -> None:
    if not isinstance(name, str) or not isinstance(value, str):
        raise ConfigurationError("headers must be text")
    if name.lower() in _CREDENTIALS:
        raise ConfigurationError(f"the header {name} is refused: credentials belong into the connection")
    if name.lower() in _OURS:
        raise ConfigurationError(f"the header {name} is refused: it is the client's own")
    if not is_header(name, value):
        raise ConfigurationError(f"the header {shown(name)} holds a character that no header can carry")
