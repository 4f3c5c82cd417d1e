"""Waldur's two kinds of tokens: the API token of a request, and the signed one in an approval mail."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Final

from invite_clients._times import datetime
from invite_sdk.testing.messages import FakeRequest
from invite_sdk.testing.waldur.wire import Problem, detail

MISSING: Final = "Authentication credentials were not provided."
_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def unauthorized(text: str) -> Problem:
    """The 401 for missing or wrong credentials."""
    return detail(401, text, (("WWW-Authenticate", "Token"),))


def read_token(request: FakeRequest) -> str | None:
    """The API token of a request; `None` where the header is missing or of another scheme.

    Raises:
        Problem: 401 where the header is malformed.
    """
    words = (request.header("Authorization") or "").split()
    if not words or words[0].lower() != "token":
        return None
    if len(words) == 1:
        raise unauthorized("Invalid token. No credentials provided.")
    if len(words) > 2:
        raise unauthorized("Invalid token. Token string should not contain spaces.")
    return words[1]


def sign(payload: str, secret: str, now: datetime) -> str:
    """A signed token: `payload:time:signature`."""
    signed = f"{payload}:{_encode(int(now.timestamp()))}"
    return f"{signed}:{_signature(signed, secret)}"


def unsign(token: str, secret: str, now: datetime, max_age: timedelta | None) -> str:
    """The payload of a signed token.

    Raises:
        Problem: 400, an array of one sentence, where the signature is wrong or too old.
    """
    signed, _, signature = token.rpartition(":")
    payload, _, stamp = signed.rpartition(":")
    if signature != _signature(signed, secret):
        raise Problem(400, ["Invalid signature."])
    if max_age is not None and now.timestamp() - _decode(stamp) > max_age.total_seconds():
        raise Problem(400, ["Invalid signature."])
    return payload


def _signature(text: str, secret: str) -> str:
    digest = hmac.new(secret.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _encode(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits or "0"


def _decode(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * 62 + _BASE62.index(digit)
    return number
