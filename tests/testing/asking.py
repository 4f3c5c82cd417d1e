"""Requests to a fake as one of its users."""

from __future__ import annotations

import json
import ssl
from typing import cast

import httpx

from invite_sdk._model.installed import BUILT_IN
from invite_sdk.testing import FakeRequest, FakeResponse, FakeService
from invite_sdk.testing.installed import fake_class

FAKES = [cast("type[FakeService]", fake_class(name)) for name in BUILT_IN]
# Nothing here speaks TLS, and making the settings takes longer than the rest of a test.
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def sign_in(fake: FakeService, user: str | None = None) -> tuple[str, str]:
    """The header that shows who asks: one of the fake's users, or the first of them."""
    name, _, value = fake.credentials[user or next(iter(fake.credentials))].partition(": ")
    return name, value


def asked(method: str, target: str, *headers: tuple[str, str], body: object = None) -> FakeRequest:
    """A request with a body in JSON, or without one."""
    content = b"" if body is None else json.dumps(body).encode()
    return FakeRequest(method, target, (*headers, ("Content-Type", "application/json")), content)


def ask(fake: FakeService, user: str | None, method: str, target: str, body: object = None) -> FakeResponse:
    """What the fake answers to a user, or to nobody."""
    return fake.handle(asked(method, target, *([sign_in(fake, user)] if user else []), body=body))


def client(fake: FakeService, user: str | None, root: str = "") -> httpx.Client:
    """A client of a user, or of nobody. It has no connections, so nobody needs to close it."""
    headers = [sign_in(fake, user)] if user else []
    return httpx.Client(base_url=f"{fake.base_url}{root}", transport=fake.transport(), headers=headers, verify=TLS)
