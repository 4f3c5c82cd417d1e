"""A server on loopback that says exactly what a test tells it to, byte by byte, on real sockets."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

CERTIFICATES = Path(__file__).parent / "certificates"

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
ROW = {
    "url": f"https://api.example/api/v1/invitations/{ID}/",
    "id": ID,
    "email": "nina@example.org",
    "role": "VIEWER",
    "inviter": "https://api.example/api/v1/users/1/",
    "state": "pending",
    "state_detail": "",
    "membership": None,
}
"""An invitation as CloudTruth says it."""


def response(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer; in the names of headers `_` stands for `-`."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def json_response(status: int, value: object, **headers: str) -> bytes:
    """A whole answer that holds JSON."""
    return response(status, json.dumps(value).encode(), Content_Type="application/json", **headers)


FOUND = json_response(200, ROW)
"""The answer to who asks for that invitation."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A request as it came."""

    method: str
    target: str
    headers: Mapping[str, str]
    lines: tuple[str, ...]
    """The lines of the headers, as they were."""
    body: bytes
    connection: int
    """Which connection it came on, counted from 1."""


class Line:
    """One connection, as the server sees it."""

    def __init__(self, connection: socket.socket, stopped: threading.Event) -> None:
        self._connection = connection
        self._stopped = stopped
        self.is_open = True

    def send(self, data: bytes) -> None:
        """Sends these bytes."""
        self._connection.sendall(data)

    def drip(self, data: bytes, gap: float) -> None:
        """Sends byte after byte with a gap between them, until nobody listens."""
        for place in range(len(data)):
            if self._stopped.wait(gap):
                return
            self.send(data[place : place + 1])

    def hang(self) -> None:
        """Says nothing more until the server stops."""
        self._stopped.wait(30)

    def close(self) -> None:
        """Closes the connection."""
        self.is_open = False


Script = Callable[[Line, Heard], None]


@dataclass
class WireServer:
    """What a test sees of the server."""

    url: str
    requests: list[Heard] = field(default_factory=list)
    connections: int = 0


@contextmanager
def serve(script: Script | bytes, *, tls: bool = False) -> Iterator[WireServer]:
    """Runs a server whose every request goes to `script`, or is answered with the same bytes."""
    answer: Script = (lambda line, _: line.send(script)) if isinstance(script, bytes) else script
    stopped = threading.Event()
    threads: list[threading.Thread] = []
    opened: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        port = listening.getsockname()[1]
        server = WireServer(f"{'https' if tls else 'http'}://localhost:{port}" if tls else f"http://127.0.0.1:{port}")
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATES / "server.pem")

        def accept() -> None:
            while not stopped.is_set():
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                if stopped.is_set():
                    connection.close()
                    return
                server.connections += 1
                if context:
                    # Here, since it takes the socket out of the other object; what may wait is done by the thread.
                    connection = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                opened.append(connection)
                thread = threading.Thread(target=talk, args=(connection, server.connections), daemon=True)
                threads.append(thread)
                thread.start()

        def talk(connection: socket.socket, number: int) -> None:
            with connection, contextlib.suppress(OSError):
                if isinstance(connection, ssl.SSLSocket):
                    connection.do_handshake()
                converse(connection, number)

        def converse(connection: socket.socket, number: int) -> None:
            line = Line(connection, stopped)
            with connection.makefile("rb") as incoming:
                while line.is_open and (heard := hear(incoming, number)):
                    server.requests.append(heard)
                    answer(line, heard)

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield server
        finally:
            stopped.set()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                pass
            accepting.join()
            for connection in opened:
                with contextlib.suppress(OSError):
                    # The plain one, at once: a goodbye in TLS would wait for an answer.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


@contextmanager
def babble(said: bytes) -> Iterator[int]:
    """Runs a server that says the same bytes to whoever says anything, in whatever protocol; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            while True:
                connection, _ = listening.accept()
                with connection:
                    connection.settimeout(5)
                    if not connection.recv(65536):
                        return
                    connection.sendall(said)

        talking = threading.Thread(target=talk, daemon=True)
        talking.start()
        port = listening.getsockname()[1]
        try:
            yield port
        finally:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            talking.join()


def hear(incoming: BinaryIO, number: int) -> Heard | None:
    """The next request on a connection, or nothing at its end."""
    first = read_line(incoming)
    if not first:
        return None
    method, target, _ = first.split(" ", 2)
    lines: list[str] = []
    while text := read_line(incoming):
        lines.append(text)
    headers = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in lines)}
    size = int(headers.get("content-length", "0"))
    body = incoming.read(size) if size else b""
    return Heard(method, target, headers, tuple(lines), body, number)


def read_line(incoming: BinaryIO) -> str:
    data = incoming.readline()
    return data.decode("latin-1").rstrip("\r\n")


def refused_url() -> str:
    """The URL of a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def trusting(name: str) -> ssl.SSLContext:
    """A TLS context that trusts one of the authorities in `certificates/`."""
    return ssl.create_default_context(cafile=str(CERTIFICATES / f"{name}.pem"))
