"""The one module that speaks HTTP: sends what a flow asks for over httpx and decides nothing."""

from __future__ import annotations

import logging
import os
import ssl
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from http.cookiejar import CookieJar, DefaultCookiePolicy
from threading import Lock
from typing import TypeAlias, cast

import httpx

from invite_clients._runtime import Response
from invite_sdk._errors import ConfigurationError
from invite_sdk._flow import Outcome, Outgoing, TransportFailure
from invite_sdk._options import DEFAULT_TIMEOUT

SyncClient: TypeAlias = httpx.Client
AsyncClient: TypeAlias = httpx.AsyncClient
SyncTransport: TypeAlias = httpx.BaseTransport
AsyncTransport: TypeAlias = httpx.AsyncBaseTransport

_MAX_CONNECT = 10.0

_quiet: ContextVar[bool] = ContextVar("invite_sdk_quiet", default=False)


class _Muted(logging.Filter):
    """Drops httpx's and httpcore's own records of our requests: they print whole URLs and headers."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not _quiet.get()


_muted = _Muted()
_LOGGERS = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)


@contextmanager
def _silence() -> Iterator[None]:
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if _muted not in logger.filters:
            logger.addFilter(_muted)
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def empty_jar() -> CookieJar:
    """A cookie jar that takes nothing."""
    return CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))


def keeps_cookies(client: httpx.Client | httpx.AsyncClient | None) -> bool:
    """Whether a caller's client would keep a cookie that an answer sets."""
    if client is None:
        return False
    policy = getattr(client.cookies.jar, "_policy", None)
    return not (isinstance(policy, DefaultCookiePolicy) and policy.allowed_domains() == ())


def _one_way(client: object, transport: object, proxy: object, verify: object) -> None:
    if client is not None and any(other is not None for other in (transport, proxy, verify)):
        raise ConfigurationError("http_client has its own transport, proxy and verify: give either it or those")


class SyncHttp:
    """A pool of connections, made when first used, shared between threads; a forked process gets a new one."""

    def __init__(
        self,
        client: httpx.Client | None,
        transport: httpx.BaseTransport | None,
        proxy: str | None,
        verify: ssl.SSLContext | None,
    ) -> None:
        _one_way(client, transport, proxy, verify)
        self.given = client
        self._make: Callable[[], httpx.Client] = lambda: httpx.Client(
            transport=transport,
            proxy=proxy,
            verify=verify if verify is not None else True,
            cookies=empty_jar(),
            timeout=DEFAULT_TIMEOUT,
            follow_redirects=False,
        )
        self._own: httpx.Client | None = None
        self._process = os.getpid()
        self._lock = Lock()
        self.is_closed = False

    def client(self) -> httpx.Client:
        """The caller's client, or our own."""
        if self.is_closed:
            raise ConfigurationError("this client is closed; make a new one")
        if self.given is not None:
            return self.given
        with self._lock:
            if self._own is None or self._process != os.getpid():
                self._own = self._make()
                self._process = os.getpid()
            return self._own

    def close(self) -> None:
        """Closes our own pool; a client that the caller brought stays open."""
        self.is_closed = True
        if self._own is not None and self._process == os.getpid():
            self._own.close()
        self._own = None

    def send(self, requests: Sequence[Outgoing]) -> tuple[Outcome, ...]:
        """Sends one request, or several at once, and returns their outcomes in order. Never raises for the network."""
        client = self.client()
        if len(requests) == 1:
            return (self._one(client, requests[0]),)
        with ThreadPoolExecutor(max_workers=len(requests)) as threads:
            return tuple(threads.map(lambda request: self._one(client, request), requests))

    def _one(self, client: httpx.Client, outgoing: Outgoing) -> Outcome:
        left = _time_left(outgoing)
        if left is not None and left <= 0:
            return _too_late("no")
        try:
            with _silence(), _streamed(client, outgoing, left) as answer:
                taken = _Body(outgoing)
                for chunk in answer.iter_bytes():
                    failure = taken.add(chunk)
                    if failure is not None:
                        return failure
                return Response(answer.status_code, _headers(answer), taken.bytes())
        except httpx.HTTPError as error:
            return _failure(error, outgoing)
        except httpx.InvalidURL:
            return TransportFailure("no", "connect", "the URL cannot be sent to")


class AsyncHttp:
    """A pool of connections for one event loop, made when first used."""

    def __init__(
        self,
        client: httpx.AsyncClient | None,
        transport: httpx.AsyncBaseTransport | None,
        proxy: str | None,
        verify: ssl.SSLContext | None,
    ) -> None:
        _one_way(client, transport, proxy, verify)
        self.given = client
        self._make: Callable[[], httpx.AsyncClient] = lambda: httpx.AsyncClient(
            transport=transport,
            proxy=proxy,
            verify=verify if verify is not None else True,
            cookies=empty_jar(),
            timeout=DEFAULT_TIMEOUT,
            follow_redirects=False,
        )
        self._own: httpx.AsyncClient | None = None
        self._home: tuple[int, object] | None = None
        self.is_closed = False

    def client(self) -> httpx.AsyncClient:
        """The caller's client, or our own.

        Raises:
            ConfigurationError: the client is closed, or used from another event loop or process than before.
        """
        if self.is_closed:
            raise ConfigurationError("this client is closed; make a new one")
        home = (os.getpid(), _loop())
        if self._home is None:
            self._home = home
        elif self._home[0] != home[0]:
            raise ConfigurationError(
                "this AsyncInviteClient was used before the process forked; make one in each process"
            )
        elif self._home[1] is not home[1]:
            raise ConfigurationError(
                "this AsyncInviteClient was first used in another event loop; make one inside each loop, "
                "for example with `async with AsyncInviteClient(...) as client:`"
            )
        if self.given is not None:
            return self.given
        if self._own is None:
            self._own = self._make()
        return self._own

    async def close(self) -> None:
        """Closes our own pool; a client that the caller brought stays open."""
        self.is_closed = True
        own, self._own = self._own, None
        if own is not None:
            await own.aclose()

    async def send(self, requests: Sequence[Outgoing]) -> tuple[Outcome, ...]:
        """Sends one request, or several at once, and returns their outcomes in order. Never raises for the network."""
        client = self.client()
        if len(requests) == 1:
            return (await self._one(client, requests[0]),)
        import anyio

        outcomes: list[Outcome | None] = [None] * len(requests)

        async def run(index: int) -> None:
            outcomes[index] = await self._one(client, requests[index])

        async with anyio.create_task_group() as tasks:
            for index in range(len(requests)):
                tasks.start_soon(run, index)
        return tuple(outcome for outcome in outcomes if outcome is not None)

    async def _one(self, client: httpx.AsyncClient, outgoing: Outgoing) -> Outcome:
        import anyio

        left = _time_left(outgoing)
        if left is not None and left <= 0:
            return _too_late("no")
        try:
            with anyio.move_on_after(left), _silence():
                async with _astreamed(client, outgoing, left) as answer:
                    taken = _Body(outgoing)
                    async for chunk in answer.aiter_bytes():
                        failure = taken.add(chunk)
                        if failure is not None:
                            return failure
                    return Response(answer.status_code, _headers(answer), taken.bytes())
        except httpx.HTTPError as error:
            return _failure(error, outgoing)
        except httpx.InvalidURL:
            return TransportFailure("no", "connect", "the URL cannot be sent to")
        return _too_late("maybe")


class _Body:
    """An answer's body as it comes in, bounded in bytes and in time."""

    __slots__ = ("_chunks", "_outgoing", "_size")

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes) -> TransportFailure | None:
        self._size += len(chunk)
        if self._size > self._outgoing.max_body:
            return TransportFailure("maybe", "too_large", f"the answer has more than {self._outgoing.max_body} bytes")
        left = _time_left(self._outgoing)
        if left is not None and left <= 0:
            return _too_late("maybe")
        self._chunks.append(chunk)
        return None

    def bytes(self) -> bytes:
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)


def _build(client: httpx.Client | httpx.AsyncClient, outgoing: Outgoing, left: float | None) -> httpx.Request:
    wait = outgoing.timeout
    if wait is None:
        limits = client.timeout.as_dict()
    else:
        limits = {"connect": min(wait, _MAX_CONNECT), "read": wait, "write": wait, "pool": wait}
    if left is not None:
        limits = {name: left if limit is None else min(limit, left) for name, limit in limits.items()}
    request = client.build_request(
        outgoing.method,
        outgoing.url,
        headers=list(outgoing.headers),
        content=outgoing.body,
        timeout=httpx.Timeout(**limits),
    )
    ours = {name.lower() for name, _ in outgoing.headers}
    for name in ("authorization", "cookie"):
        if name not in ours and name in request.headers:
            del request.headers[name]
    return request


@contextmanager
def _streamed(client: httpx.Client, outgoing: Outgoing, left: float | None) -> Iterator[httpx.Response]:
    answer = client.send(_build(client, outgoing, left), stream=True, auth=None, follow_redirects=False)
    try:
        yield answer
    finally:
        answer.close()


@asynccontextmanager
async def _astreamed(
    client: httpx.AsyncClient, outgoing: Outgoing, left: float | None
) -> AsyncIterator[httpx.Response]:
    answer = await client.send(_build(client, outgoing, left), stream=True, auth=None, follow_redirects=False)
    try:
        yield answer
    finally:
        await answer.aclose()


def _headers(answer: httpx.Response) -> tuple[tuple[str, str], ...]:
    return tuple(answer.headers.multi_items())


def _time_left(outgoing: Outgoing) -> float | None:
    return None if outgoing.deadline is None else outgoing.deadline - time.monotonic()


def _too_late(sent: str) -> TransportFailure:
    return TransportFailure(
        "no" if sent == "no" else "maybe", "deadline", "the deadline passed before the answer was whole"
    )


def _failure(error: httpx.HTTPError, outgoing: Outgoing) -> TransportFailure:
    left = _time_left(outgoing)
    name = type(error).__name__
    if isinstance(error, (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.ProxyError)):
        return TransportFailure("no", "connect", f"no connection was made ({name}: {_reason(error)})")
    if isinstance(error, httpx.TimeoutException):
        sent = "no" if isinstance(error, (httpx.ConnectTimeout, httpx.PoolTimeout)) else "maybe"
        if left is not None and left <= 0:
            return _too_late(sent)
        words = {"ConnectTimeout": "no connection was made in time", "PoolTimeout": "no connection was free in time"}
        return TransportFailure(
            "no" if sent == "no" else "maybe", "timeout", words.get(name, f"no answer came in time ({name})")
        )
    return TransportFailure("maybe", "broken", f"the connection broke ({name}: {_reason(error)})")


def _reason(error: httpx.HTTPError) -> str:
    text = str(error) or "no reason given"
    return text if len(text) <= 200 else text[:199] + "…"


def _loop() -> object:
    """What tells one event loop from another, on asyncio and on trio."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return cast("object", trio.lowlevel.current_trio_token())
    import asyncio

    return asyncio.get_running_loop()
