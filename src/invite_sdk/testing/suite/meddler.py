"""A way to a fake with somebody in between, who may change requests and answers, or answer himself."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from invite_sdk.testing import FakeRequest, FakeResponse, FakeService, FakeTransport

Before = Callable[[FakeRequest], FakeRequest | FakeResponse]
"""Changes a request, or answers it in the fake's place."""
After = Callable[[FakeRequest, FakeResponse], FakeResponse]
"""Changes an answer."""


class Meddler(FakeTransport):
    """A way to a fake with somebody in between; what reaches the fake is on the fake's own record."""

    def __init__(self, fake: FakeService, before: Before | None, after: After | None) -> None:
        super().__init__(fake)
        self._before = before
        self._after = after

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        asked = asked_by(request, body)
        passed = asked if self._before is None else self._before(asked)
        answer = passed if isinstance(passed, FakeResponse) else self.fake.handle(passed)
        return said_by(answer if self._after is None else self._after(asked, answer))


def asked_by(request: httpx.Request, body: bytes) -> FakeRequest:
    """A request of httpx's as a fake takes it."""
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
    return FakeRequest(request.method, request.url.raw_path.decode("ascii"), headers, body)


def said_by(answer: FakeResponse) -> httpx.Response:
    """A fake's answer as httpx gives it."""
    return httpx.Response(answer.status, headers=list(answer.headers), stream=httpx.ByteStream(answer.body))
