"""Generations of connections: a pool that was cut in the middle of things is replaced by a new one.

The HTTP library loses a connection of its pool for ever when a request is cut at certain moments: by cancellation, by
our own deadline, by an interrupt. From outside nobody can tell which of the cut requests hit such a moment. So they are
counted, and after some of them new requests go to a new pool; the old one is closed when its last request has ended.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import suppress
from socket import SHUT_RDWR
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

Client = TypeVar("Client")

MAX_CUTS = 20
"""Requests that may be cut before a pool is replaced: a fifth of its connections may be lost by then."""
_MOST_USERS = 1_000
"""Requests of a pool that is never replaced, after which those that ended by force are forgotten."""


class Pool(Generic[Client]):
    """One generation: its HTTP client, and the requests that use it.

    Args:
        client: what sends.
        weight: how much one request counts that was ended by force; 0 where the caller brought what sends, which is
            never replaced.
    """

    __slots__ = ("client", "doubts", "is_over", "opened", "process", "users", "weight")

    def __init__(self, client: Client, weight: int) -> None:
        self.client = client
        self.weight = weight
        self.process = os.getpid()
        self.users: set[Lock] = set()
        """The lock of each request, locked while it runs. Who ends by force stays in here, and is counted so."""
        self.doubts = 0
        """How many requests ended in order and may have cost a connection all the same."""
        self.opened: list[Stream] = []
        """The connections that were opened and not closed, where they are remembered."""
        self.is_over = False
        """Whether it is being closed. What is opened later, where that is remembered, is closed at once."""

    def hold(self, running: Lock) -> None:
        """Notes a request that begins.

        Args:
            running: its lock, locked while it runs.
        """
        if not self.weight and len(self.users) >= _MOST_USERS:
            self.users.difference_update([one for one in self.users.copy() if not one.locked()])
        self.users.add(running)

    def is_doubtful(self) -> bool:
        """Whether too many requests were cut."""
        if not self.weight or self.doubts + len(self.users) * self.weight < MAX_CUTS:
            return False
        return self.doubts + self.weight * sum(not one.locked() for one in self.users.copy()) >= MAX_CUTS

    def is_used(self) -> bool:
        """Whether a request is still under way."""
        return any(one.locked() for one in self.users.copy())


def unstick(client: object) -> None:
    """Gives the pools of a synchronous httpx client a lock that no interrupt can leave locked.

    httpcore's own is taken and left by Python code, which an interrupt can end between the two; every other thread
    would then wait without end. It is a private attribute: where there is none, nothing is done.
    """
    for attributes in _pools_of(client):
        if "_optional_thread_lock" in attributes:
            attributes["_optional_thread_lock"] = Lock()


def trust_proxies(client: object, context: ssl.SSLContext) -> None:
    """Lets the proxies of an httpx client that are spoken with in TLS be trusted by a context, as the hosts are.

    Some versions of httpx take a context for them and do not hand it on. It is a private attribute: where there is
    none, nothing is done.
    """
    for attributes in _pools_of(client):
        url = attributes.get("_proxy_url")
        if attributes.get("_proxy_ssl_context", ...) is None and getattr(url, "scheme", b"") == b"https":
            attributes["_proxy_ssl_context"] = context


def wake(client: object) -> None:
    """Ends the waits of requests of a synchronous httpx client that other threads still have under way.

    Closing a socket does not wake a thread that reads from it; it would wait until its time limit. What leads to the
    sockets are private attributes: where they are missing, it does so.
    """
    for attributes in _pools_of(client):
        connections: list[object] = [*attributes.get("_connections", ())]  # type: ignore[misc]
        for one in connections:
            connection: Any = one
            while (inner := getattr(connection, "_connection", None)) is not None:
                connection = inner
            stream = getattr(connection, "_network_stream", None)
            if stream is not None:
                with suppress(OSError, ValueError, AttributeError):
                    stream.get_extra_info("socket").shutdown(SHUT_RDWR)


class Stream(Protocol):
    """A connection, as httpcore's network backends open it."""

    def get_extra_info(self, info: str) -> object:
        """What is known about it: under "socket", the socket."""
        ...

    async def aclose(self) -> None:
        """Closes it."""
        ...


class Remembering:
    """A network backend that remembers what it opened: a handshake of TLS that is cut leaves a socket that no pool has.

    Args:
        inner: one of httpcore's own, which opens connections.
        pool: where they are kept while they are open.
    """

    def __init__(self, inner: Any, pool: Pool[Any]) -> None:
        self._inner = inner
        self._pool = pool

    async def connect_tcp(self, *given: object, **named: object) -> Stream:
        """Opens a connection."""
        return await self._kept(await self._inner.connect_tcp(*given, **named))

    async def connect_unix_socket(self, *given: object, **named: object) -> Stream:
        """Opens a connection to a file."""
        return await self._kept(await self._inner.connect_unix_socket(*given, **named))

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await self._inner.sleep(seconds)

    async def _kept(self, stream: Stream) -> Stream:
        opened = self._pool.opened
        opened[:] = [one for one in opened if is_open(one)]
        opened.append(stream)
        if self._pool.is_over:
            await stream.aclose()
            raise ConnectionAbortedError("the client was closed while the connection was opened")
        return stream


def is_open(stream: Stream) -> bool:
    """Whether a connection still has its socket."""
    fileno = getattr(stream.get_extra_info("socket"), "fileno", None)
    return fileno is not None and fileno() != -1


def remember(pool: Pool[Any]) -> None:
    """Lets the pools of an asynchronous httpx client remember what they open.

    The attribute is a private one: where there is none, nothing is remembered.
    """
    for attributes in _pools_of(pool.client):
        backend = attributes.get("_network_backend")
        if backend is not None:
            attributes["_network_backend"] = Remembering(backend, pool)


def _pools_of(client: object) -> Iterator[dict[str, object]]:
    """The attributes of each pool of an httpx client."""
    mounts: dict[object, object] = getattr(client, "_mounts", {})
    for transport in (getattr(client, "_transport", None), *mounts.values()):
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            yield getattr(pool, "__dict__", {})
