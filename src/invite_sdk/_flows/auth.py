"""How a connection shows who asks: with a header that never changes, or with a token that it logs in for."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias

from invite_clients._runtime import Call
from invite_clients._values import value_class
from invite_sdk._errors.tree import APIError
from invite_sdk._privacy.masking import Hidden

_MAX_LIFETIME = 7 * 86_400.0
"""Seconds after which a token is renewed at the latest, whatever the service says of it."""
LEEWAY = 300.0
"""Seconds before its end at which a token is renewed."""


class _Unpickled:
    """What holds credentials."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds credentials and does not pickle")


@value_class
class StaticAuth(_Unpickled):
    """One header on every request that is not public."""

    header: str
    value: Hidden = field(repr=False)

    @classmethod
    def authorization(cls, scheme: str, credential: Hidden) -> StaticAuth:
        """The Authorization header with one scheme."""
        return cls("Authorization", Hidden(f"{scheme} {credential.get_secret_value()}"))


@value_class
class NewToken(_Unpickled):
    """What a login brought."""

    token: Hidden = field(repr=False)
    expires_in: object
    """Seconds as the service says them, a number or its text. One that makes no sense counts as not said."""


@value_class
class LoginAuth(_Unpickled):
    """A bearer token that a login brings and that ends after a while."""

    login: Callable[[], Call[NewToken]] = field(repr=False)


Auth: TypeAlias = StaticAuth | LoginAuth


@dataclass(slots=True, eq=False, repr=False)
class TokenKeeper:
    """The token that one client and its `with_options` children share. Its driver guards it with a lock."""

    token: Hidden | None = None
    renew_at: float = 0.0
    """The moment, on the driver's monotonic clock, from which a new one is asked for."""
    refusals: int = 0
    """How many logins the service has refused."""
    refusal: APIError | None = None
    """The latest of them."""

    def usable(self, now: float, refused: str | None) -> str | None:
        """The token, unless it is due for renewal or is the one that was just refused."""
        if self.token is None or now >= self.renew_at:
            return None
        value = self.token.get_secret_value()
        return None if value == refused else value

    def keep(self, new: NewToken, now: float) -> str:
        """Keeps a new token until shortly before its end and returns it."""
        # The old one's time is not the new one's, should this be interrupted.
        self.renew_at = 0.0
        self.token = new.token
        self.refusal = None
        lifetime = _seconds(new.expires_in)
        self.renew_at = now + max(lifetime - LEEWAY, lifetime / 2)
        return new.token.get_secret_value()

    def refuse(self, error: APIError) -> None:
        """Notes that a login was refused: whoever waited for it gets the same answer, and no login of their own."""
        self.refusals += 1
        self.refusal = error

    def raise_refusal(self, since: int) -> None:
        """Raises for a login that was refused after `since` refusals had been counted."""
        if self.refusal is not None and self.refusals > since:
            raise copy.copy(self.refusal)


def _seconds(said: object) -> float:
    """How long a token lasts; for ever where nothing sensible is said: then it is used until it is refused."""
    if isinstance(said, bool) or not isinstance(said, (int, float, str)):
        return math.inf
    try:
        seconds = float(said)
    except OverflowError:  # a whole number that no float holds
        return _MAX_LIFETIME
    except ValueError:
        return math.inf
    return min(seconds, _MAX_LIFETIME) if seconds >= 0 else math.inf
