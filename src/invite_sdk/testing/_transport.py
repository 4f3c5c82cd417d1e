"""The way in without sockets: an httpx transport over a fake. The one module here that imports httpx."""

from __future__ import annotations

import anyio.lowlevel
import httpx

from invite_sdk.testing._fake import FakeRequest, FakeResponse, FakeService
from invite_sdk.testing._wire import with_length


class FakeTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers from a fake, for `httpx.Client` and `httpx.AsyncClient` alike."""

    def __init__(self, fake: FakeService) -> None:
        self.fake = fake

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Reads the request, asks the fake, returns its answer."""
        body = request.read()
        return _to_httpx(self.fake.handle(_from_httpx(request, body)), request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same for an async client. It lets other tasks run, as a network would."""
        body = await request.aread()
        await anyio.lowlevel.checkpoint()
        return _to_httpx(self.fake.handle(_from_httpx(request, body)), request)

    def __repr__(self) -> str:
        return f"FakeTransport({type(self.fake).__name__})"


def _from_httpx(request: httpx.Request, body: bytes) -> FakeRequest:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
    return FakeRequest(request.method, request.url.raw_path.decode("ascii"), headers, body)


def _to_httpx(answer: FakeResponse, request: httpx.Request) -> httpx.Response:
    # A stream in place of content: a client that streams then reads it as it would from a connection.
    return httpx.Response(
        answer.status,
        headers=list(with_length(answer, request.method)),
        stream=httpx.ByteStream(answer.body),
        request=request,
    )
