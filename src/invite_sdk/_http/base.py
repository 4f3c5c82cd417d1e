"""What both kinds of HTTP client share: their settings, checked, the ways through proxies, and the clocks."""

from __future__ import annotations

import importlib.util
import random
import ssl
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from threading import Lock
from typing import Any, ClassVar, Generic, NoReturn, TypeAlias, TypeVar, cast
from urllib.parse import urlsplit

import httpx

from invite_sdk._errors.tree import ConfigurationError
from invite_sdk._flows import clocks as time
from invite_sdk._flows.effects import Clock
from invite_sdk._flows.options import DEFAULT_TIMEOUT
from invite_sdk._forks import begin
from invite_sdk._http import environment
from invite_sdk._http.brought import empty_jar, forget_location, sends_by_itself
from invite_sdk._http.pools import Pool, trust_proxies
from invite_sdk._http.ways import Proxy, Way, proxy_of
from invite_sdk._privacy.texts import shown

SyncClient: TypeAlias = httpx.Client
AsyncClient: TypeAlias = httpx.AsyncClient
SyncTransport: TypeAlias = httpx.BaseTransport
AsyncTransport: TypeAlias = httpx.AsyncBaseTransport

Given = TypeVar("Given", bound="httpx.Client | httpx.AsyncClient")

MAX_CONNECT = 10.0
_MOST_PORT = 65535
CLOSED = "this client is closed; make a new one"
_LOOPBACK: tuple[str, ...] = ("all://localhost", "all://127.0.0.1", "all://[::1]")


def keeps_cookies(client: httpx.Client | httpx.AsyncClient | None) -> bool:
    """Whether a caller's client would keep a cookie that an answer sets."""
    if client is None:
        return False
    policy = getattr(client.cookies.jar, "_policy", None)
    return not (isinstance(policy, DefaultCookiePolicy) and policy.allowed_domains() == ())


class Http(Generic[Given]):
    """What both kinds share: the settings, checked, the HTTP client that is made of them, and the clocks."""

    _client_kind: ClassVar[type[httpx.Client | httpx.AsyncClient]]
    _transport_kind: ClassVar[type[httpx.BaseTransport | httpx.AsyncBaseTransport]]
    _way_kind: ClassVar[type[httpx.HTTPTransport | httpx.AsyncHTTPTransport]]
    """What takes requests through a proxy."""

    def __init__(
        self, client: Given | None, transport: object, proxy: object, verify: object, loopback: str | None = None
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
        _check_kind("http_client", client, self._client_kind)
        if client is not None and (own := sends_by_itself(client, self._client_kind)):
            raise ConfigurationError(
                f"http_client has a `{own}` of its own, which could change requests or repeat them: give a plain "
                f"httpx.{self._client_kind.__name__} and put what it does into its transport or its event hooks"
            )
        _check_kind("transport", transport, self._transport_kind)
        self.given: Given | None = client
        self._named: dict[str, str] = {}
        """By pattern of URLs, the variable that names a proxy for them."""
        self._forget: Callable[[httpx.Response], object] = forget_location
        self._is_brought = client is not None or transport is not None
        self._transport, self._proxy = transport, proxy
        self._verify = verify
        # Whatever is sent to this machine needs nothing of the environment.
        self._needs_tls = proxy is not None or loopback is None or loopback.startswith("https:")
        self._needs_proxies = proxy is None and loopback is None and not self._is_brought
        self.monotonic: Callable[[], float] = time.monotonic
        self.unix: Callable[[], float] = time.time
        self.luck: Callable[[], float] = random.random
        self.is_closed = False
        self._pool: Pool[Given] | None = None
        self._old: list[Pool[Given]] = []
        """Pools that were replaced and still have requests."""

    def client(self) -> Given:
        """The caller's client, or our own.

        Raises:
            ConfigurationError: it is closed, cannot be made, or is of another process or event loop.
        """
        return self._current().client

    def _current(self) -> Pool[Given]:
        """The pool for new requests."""
        raise NotImplementedError

    def _held(self, running: Lock) -> Pool[Given]:
        """The pool for a new request, which nobody closes before that has ended.

        Args:
            running: locked while the request runs.
        """
        while True:
            pool = self._current()
            pool.hold(running)
            if pool is self._pool:
                return pool
            # Replaced meanwhile: whoever did may have found it unused and be closing it.
            pool.users.discard(running)

    def _make(self) -> Given:
        """The caller's client, or a new one of ours."""
        if self.given is not None:
            return self.given
        running = Lock()
        with running:
            begin(running)
            made = self._made()
        if isinstance(self._verify, ssl.SSLContext):
            trust_proxies(made, self._verify)
        # Nobody asks the jar that takes nothing: that takes time, and an interrupt can leave the jar's lock locked.
        vars(made.cookies)["extract_cookies"] = _take_nothing
        return made

    def _made(self) -> Given:
        make = cast("Callable[..., Given]", self._client_kind)
        try:
            return make(
                transport=self._transport,
                proxy=self._proxy,
                verify=self._tls(),
                trust_env=False,
                mounts=self._mounts(),
                cookies=empty_jar(),
                timeout=httpx.Timeout(DEFAULT_TIMEOUT, connect=MAX_CONNECT),
                follow_redirects=False,
                event_hooks={"response": [self._forget]},
            )
        except (ValueError, ImportError, OSError, httpx.InvalidURL) as error:
            raise ConfigurationError(f"the HTTP client cannot be made ({type(error).__name__})") from None

    def _pools(self) -> list[Pool[Given]]:
        return [*self._old, *([] if self._pool is None else [self._pool])]

    def _check_open(self) -> None:
        """Refuses a client that the caller brought and closed."""
        if self.given is not None and self.given.is_closed:
            raise ConfigurationError("the http_client is closed; give one that is open")

    def now(self) -> Clock:
        """The time, by both clocks."""
        return Clock(self.monotonic(), self.unix(), self.luck())

    def _tls(self) -> ssl.SSLContext | bool:
        """The TLS context for all pools, made with the first: it takes its time. A transport has its own."""
        if self._verify is None and not self._is_brought:
            needed = self._needs_tls
            self._verify = environment.tls(httpx.create_ssl_context) if needed else environment.no_tls()
        return True if self._verify is None else self._verify

    def way(self, client: httpx.Client | httpx.AsyncClient, url: str) -> Way:
        """How a client's requests reach a URL, for the words about one that failed."""
        parts = urlsplit(url)
        host = parts.hostname or "the service"
        if self._is_brought:
            setting = "http_client" if self.given is not None else "transport"
            trust, setting = f"give your {setting} an ssl.SSLContext that trusts it", f"your {setting}"
        else:
            trust = "give verify=ssl.create_default_context(cafile=...), or set SSL_CERT_FILE"
            named = self._named.get(f"{parts.scheme}://") or self._named.get("all://")
            setting = named if self._proxy is None and named else "the proxy setting"
        found = proxy_of(client, url)
        return Way(host, parts.scheme == "https", trust, None if found is None else Proxy(*found, setting))

    def _mounts(self) -> dict[str, Any] | None:
        """The ways to take that the environment names; `None` is the direct one."""
        named = environment.proxies() if self._needs_proxies else {}
        if not named:
            return None
        self._named = {at: name for at, (name, _) in named.items()}
        mounts: dict[str, Any] = dict.fromkeys(_LOOPBACK)
        unreadable: str | None = None
        for at, (name, host) in environment.direct().items():
            if _is_url(at):
                mounts[at] = None
            else:
                unreadable = f"{name} holds {shown(host.rpartition('@')[2])}, which cannot be read as a host"
        for at, (name, url) in named.items():
            problem = _proxy_problem(url)
            why = unreadable or (problem and f"{name} {problem}")
            way = self._way_kind
            mounts[at] = _Unusable(why) if why else way(verify=self._tls(), trust_env=False, proxy=httpx.Proxy(url))
        return mounts


def _check_kind(setting: str, given: object, kind: type[object]) -> None:
    if given is not None and not isinstance(given, kind):
        raise ConfigurationError(f"{setting} must be an httpx.{kind.__name__}, not {type(given).__name__}")


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
