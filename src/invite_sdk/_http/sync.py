"""The one module that speaks HTTP: sends what a flow asks for over httpx and decides nothing."""

from __future__ import annotations

import importlib.util
import os
import random
import re
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import copy_context
from http.cookiejar import CookieJar, DefaultCookiePolicy
from threading import Lock
from typing import NoReturn, TypeAlias, TypeVar, cast
from urllib.parse import urlsplit

import httpx

from invite_clients._runtime import Response
from invite_sdk._errors.tree import ConfigurationError
from invite_sdk._flows import clocks as time
from invite_sdk._flows.effects import Clock, Kind, Outcome, Outgoing, Sent, TransportFailure
from invite_sdk._flows.options import DEFAULT_DEADLINE, DEFAULT_TIMEOUT
from invite_sdk._flows.turns import Turns
from invite_sdk._http import environment
from invite_sdk._http.body import ACCEPT_ENCODING, Body, BodyError, TooLargeError
from invite_sdk._http.pools import MAX_CUTS, Pool, is_open, remember, unstick
from invite_sdk._http.silence import silence
from invite_sdk._privacy.masking import mask_in_text
from invite_sdk._privacy.texts import shown

SyncClient: TypeAlias = httpx.Client
AsyncClient: TypeAlias = httpx.AsyncClient
SyncTransport: TypeAlias = httpx.BaseTransport
AsyncTransport: TypeAlias = httpx.AsyncBaseTransport

Made = TypeVar("Made")
Way = TypeVar("Way", httpx.HTTPTransport, httpx.AsyncHTTPTransport)

_MAX_CONNECT = 10.0
_GRACE = 0.02
"""Seconds by which the network's own timeouts come before the end of all: they know whether anything was sent."""
_MOST_PORT = 65535
_CLOSING = 5.0
"""Seconds that closing connections may take; TLS says goodbye."""
_CLOSED = "this client is closed; make a new one"
_LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")
_BYTES = re.compile(r"(?:bytearray\()?\bb['\"].*", re.DOTALL)
"""What was on the wire, as the HTTP library quotes it: it may hold anything."""
_SPENT = httpx.ByteStream(b"")
"""The stream of an answer that was read. Its own names the answer: a circle that only the garbage collector ends."""
_FAILURES = (httpx.HTTPError, httpx.InvalidURL, BodyError, OSError, UnicodeError)


def empty_jar() -> CookieJar:
    """A cookie jar that takes nothing."""
    return CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))


def keeps_cookies(client: httpx.Client | httpx.AsyncClient | None) -> bool:
    """Whether a caller's client would keep a cookie that an answer sets."""
    if client is None:
        return False
    policy = getattr(client.cookies.jar, "_policy", None)
    return not (isinstance(policy, DefaultCookiePolicy) and policy.allowed_domains() == ())


class _Http:
    """What both kinds share: the settings, checked, and the clocks."""

    def __init__(
        self, client: object, transport: object, proxy: object, verify: object, loopback: str | None = None
    ) -> None:
        if client is not None and any(other is not None for other in (transport, proxy, verify)):
            raise ConfigurationError("http_client has its own transport, proxy and verify: give either it or those")
        if transport is not None and any(other is not None for other in (proxy, verify)):
            raise ConfigurationError("transport has its own proxy and verify: give either it or those")
        if verify is not None and not isinstance(verify, ssl.SSLContext):
            raise ConfigurationError(
                "verify takes an ssl.SSLContext, for example ssl.create_default_context(cafile='authority.pem')"
            )
        if proxy is not None and (problem := _proxy_problem(proxy)):
            raise ConfigurationError(f"proxy {problem}")
        self._is_brought = client is not None or transport is not None
        self._verify = verify
        # Whatever is sent to this machine needs nothing of the environment.
        self._needs_tls = proxy is not None or loopback is None or loopback.startswith("https:")
        self._needs_proxies = proxy is None and loopback is None and not self._is_brought
        self.monotonic: Callable[[], float] = time.monotonic
        self.unix: Callable[[], float] = time.time
        self.luck: Callable[[], float] = random.random
        self.is_closed = False
        self._is_brought = client is not None or transport is not None
        self._verify = verify

    def now(self) -> Clock:
        """The time, by both clocks."""
        return Clock(self.monotonic(), self.unix(), self.luck())

    def _tls(self) -> ssl.SSLContext | bool:
        """The TLS context for all pools, made with the first: it takes its time. A transport has its own."""
        if self._verify is None and not self._is_brought:
            needed = self._needs_tls
            self._verify = environment.tls(httpx.create_ssl_context) if needed else environment.no_tls()
        return True if self._verify is None else self._verify

    def _mounts(self, way: Callable[[httpx.Proxy], Way]) -> dict[str, Way | _Unusable | None] | None:
        """The ways to take that the environment names: `way` makes one through a proxy, `None` is the direct one."""
        named = environment.proxies() if self._needs_proxies else {}
        if not named:
            return None
        mounts: dict[str, Way | _Unusable | None] = dict.fromkeys(_LOOPBACK)
        unreadable: str | None = None
        for at, (name, host) in environment.direct().items():
            if _is_url(at):
                mounts[at] = None
            else:
                unreadable = f"{name} holds {shown(host.rpartition('@')[2])}, which cannot be read as a host"
        for at, (name, url) in named.items():
            problem = _proxy_problem(url)
            why = unreadable or (problem and f"{name} {problem}")
            mounts[at] = _Unusable(why) if why else way(httpx.Proxy(url))
        return mounts


class SyncHttp(_Http):
    """A pool of connections, made when first used, shared between threads; a forked process gets a new one."""

    def __init__(
        self,
        client: httpx.Client | None,
        transport: httpx.BaseTransport | None,
        proxy: str | None,
        verify: ssl.SSLContext | None,
        loopback: str | None = None,
    ) -> None:
        super().__init__(client, transport, proxy, verify, loopback)
        _check_kind("http_client", client, httpx.Client)
        _check_kind("transport", transport, httpx.BaseTransport)
        self.given = client
        self._make: Callable[[], httpx.Client] = lambda: httpx.Client(
            transport=transport,
            proxy=proxy,
            verify=self._tls(),
            trust_env=False,
            mounts=self._mounts(lambda way: httpx.HTTPTransport(verify=self._tls(), trust_env=False, proxy=way)),
            cookies=empty_jar(),
            timeout=httpx.Timeout(DEFAULT_TIMEOUT, connect=_MAX_CONNECT),
            follow_redirects=False,
            event_hooks={"response": [_forget_location]},
        )
        self.sleep: Callable[[float], object] = time.sleep
        self._pool: Pool[httpx.Client] | None = None
        self._old: list[Pool[httpx.Client]] = []
        """Pools that were replaced and still have requests."""
        self._turns = Turns()

    def client(self) -> httpx.Client:
        """The caller's client, or our own.

        Raises:
            ConfigurationError: it is closed, cannot be made, or was the caller's before the process forked.
        """
        return self._current().client

    def _current(self) -> Pool[httpx.Client]:
        if self.is_closed:
            raise ConfigurationError(_CLOSED)
        pool = self._pool
        if pool is None or pool.process != os.getpid() or pool.is_doubtful():
            pool = self._renewed()
        if self.given is not None:
            _open(self.given)
        return pool

    def _renewed(self) -> Pool[httpx.Client]:
        holder = Lock()
        with holder:
            self._turns.wait("pool", holder, DEFAULT_DEADLINE)
            pool = self._pool
            if pool is not None and pool.process != os.getpid():
                if self._is_brought:
                    raise ConfigurationError(
                        "the http_client or transport was used before the process forked, and connections cannot be "
                        "shared between processes; make a client in each process"
                    )
                self._old.clear()
            elif pool is not None:
                if not pool.is_doubtful():
                    return pool
                self._old.append(pool)
            # One who interrupts synchronous code may have left anything half done, so one is enough.
            made = _made(self._make) if self.given is None else self.given
            if self.given is None:
                _ask_no_jar(made)
            if not self._is_brought:
                unstick(made)
            pool = self._pool = Pool(made, 0 if self._is_brought else MAX_CUTS)
        self._sweep()
        if self.is_closed:
            self.close()
            raise ConfigurationError(_CLOSED)
        return pool

    def _sweep(self) -> None:
        """Closes the pools that were replaced and whose last request has ended."""
        for pool in self._old.copy():
            if not pool.is_used():
                pool.client.close()
                with suppress(ValueError):  # another thread was here
                    self._old.remove(pool)

    def close(self) -> None:
        """Closes our own pools; a client that the caller brought stays open."""
        self.is_closed = True
        pools = [*self._old, *([] if self._pool is None else [self._pool])]
        for pool in pools if self.given is None else ():
            if pool.process == os.getpid():
                pool.client.close()

    def send(self, requests: Sequence[Outgoing]) -> tuple[Outcome, ...]:
        """Sends one request, or several at once, and returns their outcomes in order. Never raises for the network."""
        pool = self._current()
        if len(requests) == 1:
            outcomes: tuple[Outcome, ...] = (self._one(pool, requests[0]),)
        else:
            outcomes = self._together(pool, requests)
        if self._old:
            self._sweep()
        return outcomes

    def _together(self, pool: Pool[httpx.Client], requests: Sequence[Outgoing]) -> tuple[Outcome, ...]:
        """Several at once. One that interrupts this does not wait for the threads: their own time limits end them."""
        from queue import SimpleQueue
        from threading import Thread

        ended: SimpleQueue[tuple[int, Outcome | BaseException]] = SimpleQueue()

        def run(number: int, request: Outgoing) -> None:
            try:
                ended.put((number, self._one(pool, request)))
            except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread
                ended.put((number, error))

        holder = Lock()
        with holder:
            pool.users.add(holder)
            threads = [
                Thread(target=copy_context().run, args=(run, number, request), daemon=True)
                for number, request in enumerate(requests)
            ]
            for thread in threads:
                thread.start()
            found = dict(ended.get() for _ in threads)
            for thread in threads:
                thread.join()
            pool.users.discard(holder)
        outcomes = [found[number] for number in range(len(requests))]
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return tuple(cast("list[Outcome]", outcomes))

    def _one(self, pool: Pool[httpx.Client], outgoing: Outgoing) -> Outcome:
        step = _Step(outgoing, self.monotonic)
        if step.is_over():
            return step.too_late("no")
        running = Lock()
        with running:
            pool.users.add(running)
            try:
                with silence(running):
                    outcome = self._answer(pool.client, step)
            except _FAILURES as error:
                outcome = step.failure(error) if not self.is_closed else step.closed()
                pool.doubts += isinstance(error, httpx.PoolTimeout)
            except RuntimeError:
                if pool.client.is_closed:
                    raise ConfigurationError(_CLOSED) from None
                raise
            # Not `finally`: who is ended by force stays.
            pool.users.discard(running)
        return outcome

    def _answer(self, client: httpx.Client, step: _Step) -> Outcome:
        answer = client.send(
            step.request(client, is_brought=self.given is not None), stream=True, auth=None, follow_redirects=False
        )
        try:
            body = step.begin(answer)
            # A transport or a hook of the caller's may have read it already.
            if answer.is_stream_consumed:
                return step.whole(answer, answer.content)
            for chunk in cast("httpx.SyncByteStream", answer.stream):
                body.add(chunk)
                if step.is_over():
                    return step.too_late("maybe")
            return step.whole(answer, body.whole())
        finally:
            answer.close()
            answer.stream = _SPENT


class AsyncHttp(_Http):
    """A pool of connections for one event loop, made when first used."""

    def __init__(
        self,
        client: httpx.AsyncClient | None,
        transport: httpx.AsyncBaseTransport | None,
        proxy: str | None,
        verify: ssl.SSLContext | None,
        loopback: str | None = None,
    ) -> None:
        super().__init__(client, transport, proxy, verify, loopback)
        _check_kind("http_client", client, httpx.AsyncClient)
        _check_kind("transport", transport, httpx.AsyncBaseTransport)
        self.given = client
        self._make: Callable[[], httpx.AsyncClient] = lambda: httpx.AsyncClient(
            transport=transport,
            proxy=proxy,
            verify=self._tls(),
            trust_env=False,
            mounts=self._mounts(lambda way: httpx.AsyncHTTPTransport(verify=self._tls(), trust_env=False, proxy=way)),
            cookies=empty_jar(),
            timeout=httpx.Timeout(DEFAULT_TIMEOUT, connect=_MAX_CONNECT),
            follow_redirects=False,
            event_hooks={"response": [_forget_location_async]},
        )
        self.sleep: Callable[[float], Awaitable[object]] = _sleep
        self._pool: Pool[httpx.AsyncClient] | None = None
        self._old: list[Pool[httpx.AsyncClient]] = []
        """Pools that were replaced and still have requests."""
        self._process: int | None = None
        self._loop: object = None

    def client(self) -> httpx.AsyncClient:
        """The caller's client, or our own.

        Raises:
            ConfigurationError: it is closed, cannot be made, or is used from another event loop or process than before.
        """
        return self._current().client

    def _current(self) -> Pool[httpx.AsyncClient]:
        if self.is_closed:
            raise ConfigurationError(_CLOSED)
        self._settle()
        if self.given is not None:
            _open(self.given)
        pool = self._pool
        if pool is None or pool.is_doubtful():
            made = _made(self._make) if self.given is None else self.given
            if self.given is None:
                _ask_no_jar(made)
            if pool is not None:
                self._old.append(pool)
            pool = self._pool = Pool(made, 0 if self._is_brought else 1)
            if not self._is_brought:
                remember(made, pool.opened)
        return pool

    def _settle(self) -> None:
        here = os.getpid()
        if self._process is None:
            self._process, self._loop = here, _loop()
        if self._process != here:
            raise ConfigurationError(
                "this AsyncInviteClient was used before the process forked; make one in each process"
            )
        if self._loop != _loop():
            raise ConfigurationError(
                "this AsyncInviteClient was first used in another event loop; make one inside each loop, "
                "for example with `async with AsyncInviteClient(...) as client:`"
            )

    async def close(self) -> None:
        """Closes our own pools; a client that the caller brought stays open.

        Raises:
            ConfigurationError: the pool belongs to another event loop or process.
        """
        if self._pool is not None and self.given is None:
            self._settle()
        self.is_closed = True
        if self.given is None:
            pools = [*self._old, *([] if self._pool is None else [self._pool])]
            self._old, self._pool = [], None
            await _end_all(pools)

    async def send(self, requests: Sequence[Outgoing]) -> tuple[Outcome, ...]:
        """Sends one request, or several at once, and returns their outcomes in order. Never raises for the network."""
        pool = self._current()
        try:
            if len(requests) == 1:
                return (await self._one(pool, requests[0]),)
            return await self._together(pool, requests)
        finally:
            if self._old:
                await self._sweep()

    async def _sweep(self) -> None:
        """Closes the pools that were replaced and whose last request has ended."""
        ended = [pool for pool in self._old if not pool.is_used()]
        if ended:
            self._old = [pool for pool in self._old if pool not in ended]
            await _end_all(ended)

    async def _together(self, pool: Pool[httpx.AsyncClient], requests: Sequence[Outgoing]) -> tuple[Outcome, ...]:
        import anyio

        outcomes: list[Outcome | None] = [None] * len(requests)

        raised: list[Exception] = []

        async with anyio.create_task_group() as tasks:

            async def run(index: int) -> None:
                try:
                    outcomes[index] = await self._one(pool, requests[index])
                except Exception as error:  # noqa: BLE001 - the group would wrap it in another
                    raised.append(error)
                    tasks.cancel_scope.cancel()

            for index in range(len(requests)):
                tasks.start_soon(run, index)
        if raised:
            raise raised[0]
        return tuple(outcome for outcome in outcomes if outcome is not None)

    async def _one(self, pool: Pool[httpx.AsyncClient], outgoing: Outgoing) -> Outcome:
        import anyio

        step = _Step(outgoing, self.monotonic)
        if step.is_over():
            return step.too_late("no")
        left = step.left
        running = Lock()
        outcome: Outcome | None = None
        with running:
            pool.users.add(running)
            try:
                with anyio.move_on_after(None if left is None else left + _GRACE), silence(running):
                    outcome = await self._answer(pool.client, step)
            except _FAILURES as error:
                outcome = step.failure(error) if not self.is_closed else step.closed()
                pool.doubts += isinstance(error, httpx.PoolTimeout)
            except RuntimeError:
                if pool.client.is_closed:
                    raise ConfigurationError(_CLOSED) from None
                raise
            if outcome is None:
                outcome = step.too_late("maybe")
                pool.doubts += 1
            # Not `finally`: who is canceled stays.
            pool.users.discard(running)
        return outcome

    async def _answer(self, client: httpx.AsyncClient, step: _Step) -> Outcome:
        answer = await client.send(
            step.request(client, is_brought=self.given is not None), stream=True, auth=None, follow_redirects=False
        )
        try:
            body = step.begin(answer)
            # A transport or a hook of the caller's may have read it already.
            if answer.is_stream_consumed:
                return step.whole(answer, answer.content)
            chunks = aiter(cast("httpx.AsyncByteStream", answer.stream))
            is_whole = False
            try:
                async for chunk in chunks:
                    body.add(chunk)
                    if step.is_over():
                        return step.too_late("maybe")
                is_whole = True
            finally:
                if not is_whole:
                    await _end(chunks)
            return step.whole(answer, body.whole())
        finally:
            await answer.aclose()
            answer.stream = _SPENT


class _Step:
    """One request on its way: how much time it has, and how far it came."""

    __slots__ = ("_is_built", "_monotonic", "_outgoing", "_status")

    def __init__(self, outgoing: Outgoing, monotonic: Callable[[], float]) -> None:
        self._outgoing = outgoing
        self._monotonic = monotonic
        self._status: int | None = None
        self._is_built = False

    @property
    def left(self) -> float | None:
        """Seconds until the deadline."""
        return None if self._outgoing.deadline is None else self._outgoing.deadline - self._monotonic()

    @property
    def _host(self) -> str:
        return urlsplit(self._outgoing.url).hostname or "the service"

    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        left = self.left
        return left is not None and left <= 0

    def request(self, client: httpx.Client | httpx.AsyncClient, *, is_brought: bool) -> httpx.Request:
        """The request as httpx sends it, without what the client would add of credentials and cookies."""
        made = self._built(client, is_brought=is_brought)
        self._is_built = True
        return made

    def _built(self, client: httpx.Client | httpx.AsyncClient, *, is_brought: bool) -> httpx.Request:
        outgoing = self._outgoing
        wait = outgoing.timeout
        limits: Mapping[str, float | None]
        if wait is None:
            limits = client.timeout.as_dict()
        else:
            limits = {"connect": min(wait, _MAX_CONNECT), "read": wait, "write": wait, "pool": wait}
        headers = [("Accept-Encoding", ACCEPT_ENCODING), *outgoing.headers]
        extensions = {"timeout": _Limits(limits, self)}
        if not is_brought:  # our own client has nothing to add
            return httpx.Request(
                outgoing.method, outgoing.url, headers=headers, content=outgoing.body, extensions=extensions
            )
        request = client.build_request(
            outgoing.method, outgoing.url, headers=headers, content=outgoing.body, extensions=extensions
        )
        ours = {name.lower() for name, _ in outgoing.headers}
        for name in ("authorization", "cookie"):
            if name not in ours and name in request.headers:
                del request.headers[name]
        return request

    def begin(self, answer: httpx.Response) -> Body:
        """Notes that an answer begins; returns what takes its body in."""
        self._status = answer.status_code
        return Body(self._outgoing.max_body, answer.headers.get("content-encoding"))

    def whole(self, answer: httpx.Response, body: bytes) -> Response:
        """The answer, all of it."""
        if len(body) > self._outgoing.max_body:
            raise TooLargeError(f"the answer has more than {self._outgoing.max_body} bytes")
        return Response(answer.status_code, tuple(answer.headers.multi_items()), body)

    def too_late(self, sent: Sent) -> TransportFailure:
        """What happened when the deadline passed."""
        return self._broke_off(sent, "deadline", "the deadline passed before the answer was whole")

    def closed(self) -> TransportFailure:
        """What happened when the client was closed while the request was on its way."""
        return self._broke_off("maybe", "broken", "the client was closed meanwhile")

    def failure(self, error: Exception) -> TransportFailure:
        """What happened, and whether anything can have reached the service."""
        name = type(error).__name__
        if isinstance(error, TooLargeError):
            return self._broke_off("maybe", "too_large", str(error))
        if isinstance(error, BodyError):
            return self._broke_off("maybe", "broken", str(error))
        if isinstance(error, UnicodeError):
            # Names that no lookup takes fail so; a hook of the caller's may as well, and that after the request left.
            # Python 3.12 has the codec's name in a note.
            said = [str(error), *getattr(error, "__notes__", ())]
            if self._status is None and (not self._is_built or "idna" in " ".join(said)):
                return TransportFailure("no", "connect", "the URL or a header cannot be sent")
            return self._broke_off("maybe", "broken", f"the connection broke ({name})")
        if isinstance(error, httpx.InvalidURL):
            return TransportFailure("no", "connect", "the URL cannot be sent to")
        if isinstance(error, (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.ProxyError)):
            return TransportFailure("no", "connect", f"no connection to {self._host} ({name}: {_reason(error)})")
        if isinstance(error, httpx.TimeoutException):
            sent: Sent = "no" if isinstance(error, (httpx.ConnectTimeout, httpx.PoolTimeout)) else "maybe"
            left = self.left
            if left is not None and left <= _GRACE:
                return self.too_late(sent)
            words = {
                "ConnectTimeout": f"no connection to {self._host} was made in time",
                "PoolTimeout": "no connection was free in time",
            }
            return self._broke_off(sent, "timeout", words.get(name) or f"no answer came in time ({name})")
        return self._broke_off("maybe", "broken", f"the connection broke ({name}: {_reason(error)})")

    def _broke_off(self, sent: Sent, kind: Kind, words: str) -> TransportFailure:
        if self._status is None:
            return TransportFailure(sent, kind, words)
        begun = f"{words}, after an answer with status {self._status} had begun"
        return TransportFailure(sent, kind, begun, self._status)


class _Limits(dict[str, float | None]):
    """httpx's time limits; each phase of a request gets no more than is left when it begins."""

    def __init__(self, limits: Mapping[str, float | None], step: _Step) -> None:
        super().__init__(limits)
        self._step = step

    def get(self, key: str, _: object = None, /) -> float | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        limit, left = super().get(key), self._step.left
        if left is None:
            return limit
        left = max(left, 0.001)
        return left if limit is None else min(limit, left)


def _forget_location(answer: httpx.Response) -> None:
    """Redirects are not followed; httpx would look at where they lead all the same, and fail on some."""
    if "location" in answer.headers:
        del answer.headers["location"]


async def _forget_location_async(answer: httpx.Response) -> None:
    _forget_location(answer)


def _ask_no_jar(client: httpx.Client | httpx.AsyncClient) -> None:
    """Lets nobody ask the jar that takes nothing: that takes time, and an interrupt can leave the jar's lock locked."""
    vars(client.cookies)["extract_cookies"] = _take_nothing


def _take_nothing(_: object) -> None:
    """In the place of a look for cookies."""


def _proxy_problem(proxy: object) -> str | None:
    """What is wrong with the URL of a proxy. It may hold a password and is not repeated."""
    try:
        made = httpx.Proxy(cast("str", proxy))
    except (ValueError, TypeError, AttributeError, httpx.InvalidURL):
        made = None
    if made is None or not made.url.host or (made.url.port or 0) > _MOST_PORT:
        return "must be a URL such as http://proxy.example.org:3128"
    if made.url.scheme.startswith("socks") and importlib.util.find_spec("socksio") is None:
        return "names a SOCKS proxy, which needs another package: pip install 'httpx[socks]'"
    return None


def _is_url(pattern: str) -> bool:
    try:
        httpx.URL(pattern)
    except httpx.InvalidURL:
        return False
    return True


class _Unusable(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Stands where a proxy cannot be used: whoever needs it is told why, and nobody else is kept back."""

    def __init__(self, problem: str) -> None:
        self._problem = problem

    def handle_request(self, request: httpx.Request) -> NoReturn:  # noqa: ARG002 - as every transport
        raise ConfigurationError(self._problem)

    async def handle_async_request(self, request: httpx.Request) -> NoReturn:  # noqa: ARG002 - as every transport
        raise ConfigurationError(self._problem)


def _check_kind(setting: str, given: object, kind: type[object]) -> None:
    if given is not None and not isinstance(given, kind):
        raise ConfigurationError(f"{setting} must be an httpx.{kind.__name__}, not {type(given).__name__}")


def _made(make: Callable[[], Made]) -> Made:
    try:
        return make()
    except (ValueError, ImportError, OSError, httpx.InvalidURL) as error:
        raise ConfigurationError(f"the HTTP client cannot be made ({type(error).__name__})") from None


Given = TypeVar("Given", httpx.Client, httpx.AsyncClient)


def _open(client: Given) -> Given:
    if client.is_closed:
        raise ConfigurationError("the http_client is closed; give one that is open")
    return client


async def _end(chunks: AsyncIterator[bytes]) -> None:
    """Ends an iteration that may have been left: else a task of the event loop's would do it, some time later."""
    import anyio

    with anyio.CancelScope() as scope:
        scope.cancel()
        async for _ in chunks:
            pass


async def _end_all(pools: Sequence[Pool[httpx.AsyncClient]]) -> None:
    """Closes pools. Tasks do it that nobody can cancel: whoever is canceled in the middle would leave sockets open."""
    import anyio

    async def close(pool: Pool[httpx.AsyncClient]) -> None:
        with anyio.move_on_after(_CLOSING, shield=True), suppress(Exception):
            await pool.client.aclose()
        for stream in filter(is_open, pool.opened):
            with anyio.move_on_after(_CLOSING, shield=True), suppress(Exception):
                await stream.aclose()

    async with anyio.create_task_group() as tasks:
        for pool in pools:
            tasks.start_soon(close, pool)


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _reason(error: BaseException) -> str:
    cause: BaseException | None = error
    # Some layers say nothing and only name what they were caused by.
    while cause is not None and not str(cause):
        cause = cause.__cause__ or cause.__context__
    text = "no reason given" if cause is None else _one_line(mask_in_text(_BYTES.sub("…", str(cause))))
    return text if len(text) <= 200 else text[:199] + "…"


async def _sleep(seconds: float) -> None:
    import anyio

    await anyio.sleep(seconds)


def _loop() -> object:
    """What tells one event loop from another, on asyncio and on trio."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return cast("object", trio.lowlevel.current_trio_token())
    import asyncio

    return asyncio.get_running_loop()
