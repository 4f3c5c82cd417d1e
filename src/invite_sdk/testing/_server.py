"""The way in over real HTTP: an ASGI application over a fake, and uvicorn on loopback in a thread."""

from __future__ import annotations

import socket
import threading
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from contextlib import contextmanager
from typing import Any, cast

from invite_sdk.testing._control import PREFIX, Control
from invite_sdk.testing._fake import FakeRequest, FakeResponse, FakeService
from invite_sdk.testing._wire import with_length

try:
    import uvicorn
except ImportError as error:  # pragma: no cover
    msg = "serving a fake needs uvicorn: pip install 'invite-sdk[testing]'"
    raise ImportError(msg) from error

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_HOST = "127.0.0.1"


class FakeApp:
    """An ASGI application over one fake; any ASGI server can run it.

    Args:
        fake: the fake that answers.
        control: whether `/_fake/` answers too.
    """

    def __init__(self, fake: FakeService, *, control: bool = True) -> None:
        self._fake = fake
        self._control = Control(fake) if control else None

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Answers one HTTP request; other kinds of connection are refused."""
        if scope["type"] != "http":
            msg = f"a fake speaks plain HTTP, not {scope['type']}"
            raise RuntimeError(msg)
        answer = self._handle(await _read(scope, receive))
        sent = with_length(answer, scope["method"])
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _handle(self, request: FakeRequest) -> FakeResponse:
        if self._control is not None and request.path.startswith(PREFIX):
            return self._control.handle(request)
        return self._fake.handle(request)


async def _read(scope: _Message, receive: _Receive) -> FakeRequest:
    body = b""
    more = True
    while more:
        message = await receive()
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
            super().run(sockets)
        finally:
            self.ready.set()


@contextmanager
def serve(fake: FakeService, *, port: int = 0, control: bool = True) -> Generator[str]:
    """Runs a fake on 127.0.0.1 in a thread while the context lasts; yields the base URL, without a closing slash."""
    listener = socket.create_server((_HOST, port))
    previous = fake.base_url
    config = uvicorn.Config(
        FakeApp(fake, control=control),
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        http="h11",
        loop="asyncio",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
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
