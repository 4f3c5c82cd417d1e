"""What may stand between a client and a fake: servers that ignore, lie, fail, or write rows that nobody expects."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import anyio.lowlevel
import httpx

from invite_sdk.testing import FakeRequest, FakeResponse, FakeService

if TYPE_CHECKING:
    from invite_sdk.testing.suite.world import World

Before = Callable[[FakeRequest], "FakeRequest | FakeResponse"]
"""Changes a request, or answers it in the fake's place."""
After = Callable[[FakeRequest, FakeResponse], FakeResponse]
"""Changes an answer."""


class Meddler(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A way to a fake with somebody in between; what reaches the fake is on the fake's own record."""

    def __init__(self, fake: FakeService, before: Before | None, after: After | None) -> None:
        self._fake = fake
        self._before = before
        self._after = after

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        await anyio.lowlevel.checkpoint()
        return self._answer(request, body)

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
        asked = FakeRequest(request.method, request.url.raw_path.decode("ascii"), headers, body)
        passed = asked if self._before is None else self._before(asked)
        answer = passed if isinstance(passed, FakeResponse) else self._fake.handle(passed)
        if self._after is not None:
            answer = self._after(asked, answer)
        return httpx.Response(answer.status, headers=list(answer.headers), stream=httpx.ByteStream(answer.body))


def without_filters(request: FakeRequest) -> FakeRequest:
    """A server that knows pages and no filter at all."""
    path, _, query = request.target.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query) if name in ("page", "page_size")]
    return replace(request, target=f"{path}?{urlencode(kept)}")


def failing(methods: str, *, status: int = 403) -> Before:
    """A server that refuses these methods: for good, so that there is no use in asking again."""

    def before(request: FakeRequest) -> FakeRequest | FakeResponse:
        return FakeResponse.json(status, {"detail": "Not for you."}) if request.method in methods.split() else request

    return before


def rows_changed(world: World, change: Callable[[dict[str, Any]], object]) -> After:
    """Applies `change` to every row of a listing; what it returns, unless `None`, stands in the row's place."""

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        if not world.is_listing(request, response):
            return response
        body = json.loads(response.body)
        rows = world.rows(body)
        for index, row in enumerate(rows):
            instead = change(row)
            if instead is not None:
                rows[index] = instead
        return replace(response, body=json.dumps(body).encode())

    return after
