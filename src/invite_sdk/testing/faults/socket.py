"""Faults on a real connection: what plain ASGI cannot do, a hand on uvicorn's connection can."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from invite_sdk.testing.faults.kinds import Fault

KEY = "invite_sdk.connection"
# SO_LINGER takes two numbers: on, for 0 seconds. Windows has them shorter.
_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class Connection:
    """The connection that a request came on."""

    def __init__(self) -> None:
        self.stale: Fault | None = None
        """The fault that closed it, as far as its caller will find."""
        self._transport: asyncio.Transport | None = None

    def made(self, transport: asyncio.Transport) -> None:
        """Takes the transport of a connection that was just made."""
        self._transport = transport

    def drop(self, *, reset: bool = False) -> None:
        """Ends it at once, with a close or a reset. What was sent before may be lost with a reset."""
        if self._transport is None:
            return
        if reset:
            # An abort closes the socket, and without lingering that is a reset.
            peer = cast("socket.socket", self._transport.get_extra_info("socket"))
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._transport.abort()

    def end(self, raw: bytes = b"") -> None:
        """Sends what is left, and these bytes as they are, then closes."""
        if self._transport is not None:
            self._transport.write(raw)
            self._transport.close()


class Protocol(H11Protocol):
    """uvicorn's HTTP protocol, which hands its connection to the application in `scope["state"]`."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._connection = Connection()
        super().__init__(config, server_state, {**app_state, KEY: self._connection}, _loop)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keeps the connection at hand."""
        super().connection_made(transport)
        self._connection.made(transport)
