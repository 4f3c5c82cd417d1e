"""The way in over real HTTP: an ASGI application over a fake, and uvicorn on loopback in a thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Generator, Iterable, MutableMapping
from contextlib import contextmanager
from typing import Any, cast

import anyio

from invite_sdk._flows.clocks import monotonic
from invite_sdk.testing.base.fake import Fake
from invite_sdk.testing.base.wire import with_length
from invite_sdk.testing.faults.acts import http_date
from invite_sdk.testing.faults.record import FakeReply
from invite_sdk.testing.faults.wire import PLAIN, Wire
from invite_sdk.testing.messages import FakeRequest, FakeResponse
from invite_sdk.testing.ways.control import Control
from invite_sdk.testing.ways.control_hosts import ControlHosts

try:
    import uvicorn

    from invite_sdk.testing.faults.socket import KEY, Connection, Protocol
except ImportError as error:  # pragma: no cover
    msg = "serving a fake needs uvicorn: pip install 'invite-sdk[testing]'"
    raise ImportError(msg) from error

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_HOST = "127.0.0.1"


class FakeApp:
    """An ASGI application over one fake; any ASGI server can run it.

    Faults happen on the wire. Those that break a connection need the server that `fake.serve()` starts: ASGI has no
    word for them.

    Args:
        fake: the fake that answers.
        control: whether `/_fake/` answers too.
        control_hosts: names by which `/_fake/` may be reached, and whose pages may use it, beside localhost,
            127.0.0.0/8 and [::1].

    Raises:
        ValueError: a name that no host can have.
    """

    def __init__(self, fake: Fake, *, control: bool = True, control_hosts: Iterable[str] = ()) -> None:
        self._fake = fake
        self._control = Control(fake, ControlHosts(control_hosts)) if control else None

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Answers one HTTP request; other kinds of connection are refused.

        Raises:
            RuntimeError: another kind of connection, or a fault that the server which runs this cannot carry out.
        """
        if scope["type"] != "http":
            msg = f"a fake speaks plain HTTP, not {scope['type']}"
            raise RuntimeError(msg)
        request = await _read(scope, receive)
        if request is None:
            return
        line = _Line(self._fake, request, cast("dict[str, object]", scope.get("state") or {}), receive, send)
        if self._control is not None and self._control.takes(request):
            await line.carry(FakeReply(self._control.handle(request)))
        elif not await line.is_stale():
            await line.carry(self._fake.reply(request))


class _Line:
    """The way back to the caller of one request."""

    def __init__(
        self, fake: Fake, request: FakeRequest, state: dict[str, object], receive: _Receive, send: _Send
    ) -> None:
        self._fake = fake
        self._request = request
        connection = state.get(KEY)
        self._connection = connection if isinstance(connection, Connection) else None
        self._receive = receive
        self._send = send

    async def is_stale(self) -> bool:
        """Breaks a connection that was closed after its last answer, as far as its caller will find."""
        fault = self._connection.stale if self._connection is not None else None
        if fault is None:
            return False
        self._fake.faults.lose(fault, self._request)
        await self._drop(Wire(lost=True))
        return True

    async def carry(self, reply: FakeReply) -> None:
        """Sends an answer in the way that its fault says."""
        answer, wire = reply.response, reply.wire
        if answer is None or wire.lost:
            await self._drop(wire)
            return
        if await self._gone_after(wire.wait):
            return
        if answer.status >= 600:
            await self._send_raw(answer)
            return
        headers = self._headers(answer, wire)
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})
        for seconds, piece in wire.pieces(answer.body):
            if await self._gone_after(seconds):
                return
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        if wire.cut and answer.body:
            if self._connection is not None:
                self._connection.end()
                await self._gone_after(None)
            # Without a hand on the connection: an answer left unfinished makes any ASGI server close it.
            return
        if wire.stale and self._connection is not None:
            self._connection.stale = reply.fault
        await self._send({"type": "http.response.body"})

    def _headers(self, answer: FakeResponse, wire: Wire) -> list[tuple[bytes, bytes]]:
        sent = answer.headers if wire.chunked else with_length(answer, self._request.method)
        if self._connection is not None and not any(name.lower() == "date" for name, _ in sent):
            # The server's own would be the real time, and the service lives by the fake's clock.
            sent = (*sent, ("Date", http_date(self._fake.clock.now())))
        return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent]

    async def _drop(self, wire: Wire) -> None:
        if self._connection is None:
            msg = "this ASGI server hands out no connection to break: serve the fake with fake.serve()"
            raise RuntimeError(msg)
        self._connection.drop(reset=wire.reset)
        await self._gone_after(None)

    async def _send_raw(self, answer: FakeResponse) -> None:
        """Sends a status that uvicorn has no words for, and closes."""
        if self._connection is None:
            msg = f"ASGI servers do not send a status of {answer.status}: serve the fake with fake.serve()"
            raise RuntimeError(msg)
        lines = [f"HTTP/1.1 {answer.status} ".encode()]
        lines += [b"%s: %s" % pair for pair in self._headers(answer, PLAIN)]
        lines.append(b"connection: close")
        self._connection.end(b"\r\n".join(lines) + b"\r\n\r\n" + answer.body)
        await self._gone_after(None)

    async def _gone_after(self, seconds: float | None) -> bool:
        """Waits so many seconds, without end for `None`; true as soon as the caller has gone away."""
        if seconds == 0:
            return False
        with anyio.move_on_after(seconds):
            while (await self._receive())["type"] != "http.disconnect":
                pass
            return True
        return False


async def _read(scope: _Message, receive: _Receive) -> FakeRequest | None:
    """The request, or `None` where its caller went away before the end of it."""
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    target = cast(bytes, scope["raw_path"])
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    return FakeRequest(scope["method"], target.decode("latin-1"), headers, body)


class _Server(uvicorn.Server):
    """Tells when it answers, so that nobody has to poll."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            with asyncio.Runner(loop_factory=_Loop) as runner:
                runner.run(self.serve(sockets))
        finally:
            self.ready.set()


class _Loop(asyncio.SelectorEventLoop):
    """Goes on while a test has frozen time, in which nothing that waits would ever wake."""

    def time(self) -> float:
        return monotonic()


@contextmanager
def serve(fake: Fake, *, port: int = 0, control: bool = True, control_hosts: Iterable[str] = ()) -> Generator[str]:
    """Runs a fake on 127.0.0.1 in a thread while the context lasts; yields the base URL, without a closing slash."""
    app = FakeApp(fake, control=control, control_hosts=control_hosts)
    listener = socket.create_server((_HOST, port))
    # asyncio would, but for sockets that name TCP as their protocol only. Without it each answer takes 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    previous = fake.base_url
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        http=Protocol,
        loop="asyncio",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name=f"fake {fake.service}", daemon=True)
    try:
        fake.base_url = f"http://{_HOST}:{listener.getsockname()[1]}"
        thread.start()
        server.ready.wait()
        yield fake.base_url
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        fake.base_url = previous
