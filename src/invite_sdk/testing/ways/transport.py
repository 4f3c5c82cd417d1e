"""The way in without sockets: an httpx transport over a fake. The one module here that imports httpx."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import cast

import anyio.lowlevel
import httpx

from invite_sdk.testing.base.fake import Fake
from invite_sdk.testing.base.wire import with_length
from invite_sdk.testing.faults.kinds import Fault
from invite_sdk.testing.faults.wire import BLOCK, PLAIN, Wire
from invite_sdk.testing.messages import FakeRequest, FakeResponse


class FakeTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers from a fake, for `httpx.Client` and `httpx.AsyncClient` alike.

    Faults show as the exceptions that httpx raises for a real connection. Nothing waits: an answer slower than the
    request's read timeout raises `httpx.ReadTimeout` at once, and the fake's clock moves on by every wait.

    Args:
        fake: the fake that answers.
        on_wait: told of each wait, in seconds, so that a clock of the test's can move along.
    """

    def __init__(self, fake: Fake, *, on_wait: Callable[[float], object] | None = None) -> None:
        self.fake = fake
        self._on_wait = on_wait
        self._stale: Fault | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Reads the request, asks the fake, returns its answer."""
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same for an async client. It lets other tasks run, as a network would."""
        body = await request.aread()
        await anyio.lowlevel.checkpoint()
        return self._answer(request, body)

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        asked = _from_httpx(request, body)
        stale, self._stale = self._stale, None
        if stale is not None:
            self.fake.faults.lose(stale, asked)
            raise _closed(request)
        reply = self.fake.reply(asked)
        wire = reply.wire
        if wire.refused:
            raise httpx.ConnectError("[Errno 111] Connection refused", request=request)
        if reply.response is None or wire.lost:
            raise (
                httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
                if wire.reset
                else _closed(request)
            )
        if wire.stale:
            self._stale = reply.fault
        line = _Line(self, request)
        line.wait(wire.wait)
        return _to_httpx(reply.response, wire, line)

    def passes(self, seconds: float) -> None:
        """Lets time go by without waiting."""
        self.fake.clock.advance(seconds=seconds)
        if self._on_wait is not None:
            self._on_wait(seconds)

    def __repr__(self) -> str:
        return f"FakeTransport({type(self.fake).__name__})"


class _Line:
    """The connection that one request would have, with its patience."""

    def __init__(self, transport: FakeTransport, request: httpx.Request) -> None:
        limits = cast("Mapping[str, float | None]", request.extensions.get("timeout", {}))
        self.request = request
        self._transport = transport
        self._patience = limits.get("read")

    def wait(self, seconds: float) -> None:
        """Waits, but for the waiting.

        Raises:
            httpx.ReadTimeout: longer than the request's read timeout.
        """
        if not seconds:
            return
        if self._patience is not None and seconds > self._patience:
            self._transport.passes(self._patience)
            raise httpx.ReadTimeout("The read operation timed out", request=self.request)
        self._transport.passes(seconds)


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body as a connection would bring it: in pieces, slowly, or not to its end."""

    def __init__(self, body: bytes, wire: Wire, line: _Line) -> None:
        self._body = body
        self._wire = wire
        self._line = line

    def __iter__(self) -> Iterator[bytes]:
        for seconds, piece in self._wire.pieces(self._body):
            self._line.wait(seconds)
            yield piece
        if self._wire.cut and self._body:
            received, expected = self._wire.kept(self._body), len(self._body)
            msg = (
                "peer closed connection without sending complete message body "
                f"(received {received} bytes, expected {expected})"
            )
            raise httpx.RemoteProtocolError(msg, request=self._line.request)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            await anyio.lowlevel.checkpoint()
            yield piece


def _closed(request: httpx.Request) -> httpx.RemoteProtocolError:
    return httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)


def _from_httpx(request: httpx.Request, body: bytes) -> FakeRequest:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
    return FakeRequest(request.method, request.url.raw_path.decode("ascii"), headers, body)


def _to_httpx(answer: FakeResponse, wire: Wire, line: _Line) -> httpx.Response:
    headers = answer.headers if wire.chunked else with_length(answer, line.request.method)
    # A stream in place of content: a client that streams then reads it as it would from a connection.
    short = wire == PLAIN and len(answer.body) <= BLOCK
    stream = httpx.ByteStream(answer.body) if short else _Body(answer.body, wire, line)
    return httpx.Response(answer.status, headers=list(headers), stream=stream, request=line.request)
