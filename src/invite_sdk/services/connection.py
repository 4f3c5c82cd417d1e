"""Connections: which server, and who asks. Each service's own is in its file under `services/`."""

from __future__ import annotations

import inspect
import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypeAlias, TypeVar, Union, cast
from urllib.parse import urlsplit

from invite_sdk._errors.tree import ConfigurationError
from invite_sdk._privacy.masking import Hidden, shown_by

if TYPE_CHECKING:
    from pydantic import SecretStr

    from invite_sdk._flows.auth import Auth
    from invite_sdk.services.adapter import Adapter

Secret: TypeAlias = Union[str, "SecretStr"]
"""A credential, as text or as pydantic hides it."""
C = TypeVar("C", bound="Connection")

_SCHEMES = {"token": "Token", "bearer": "Bearer", "api-key": "Api-Key"}
"""What stands before a credential in the Authorization header, where it is copied from."""

_PORTS = {"https": 443, "http": 80}
_MAX_NAME = 253
_MAX_LABEL = 63
_PUNYCODE = re.compile(r"(?:^|\.)xn--")

# An IPv6 address without a zone, an IPv4 address or a name in any script.
_HOST = re.compile(r"[0-9a-fA-F:.]+|[\w.-]+")


class Connection:
    """Where a service is and how to show who asks. Immutable; its credentials show nowhere and do not pickle."""

    service: ClassVar[str]
    settings: ClassVar[tuple[str, ...]]
    """The names of the constructor's arguments that `from_env` reads, as `INVITE_<SERVICE>_<NAME>`."""
    secrets: ClassVar[tuple[str, ...]]
    """Those of them that no profile may hold in plain; all but `url` where a class has settings and does not say."""

    __slots__ = ("_auth", "_base_url")
    _auth: Auth
    _base_url: str

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        if "settings" in vars(cls) and "secrets" not in vars(cls):
            cls.secrets = tuple(name for name in cls.settings if name != "url")

    def __init__(self, base_url: str, auth: Auth) -> None:
        self._base_url = base_url
        self._auth = auth

    @property
    def base_url(self) -> str:
        """The origin and path that every request stays under, without a trailing slash."""
        return self._base_url

    @property
    def auth(self) -> Auth:
        """How requests show who asks."""
        return self._auth

    @property
    def defaults(self) -> Mapping[str, str]:
        """What `create` and `ensure` take from the connection where the call does not say."""
        return {}

    @property
    def account(self) -> str:
        """What tells two accounts of one server apart, where the credential alone says whose it is; never a secret."""
        return ""

    @property
    def link_hosts(self) -> tuple[str, ...]:
        """Other hosts on which the links of invitations may be. Nothing is ever sent to them."""
        return ()

    @classmethod
    def adapter_type(cls) -> type[Adapter[Any]]:
        """What knows this service."""
        raise NotImplementedError

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, *, allow_http: bool = False) -> Self:
        """A connection from the variables `INVITE_<SERVICE>_<SETTING>`, for example `INVITE_WALDUR_URL`.

        Args:
            environ: the variables; those of the process unless given.
            allow_http: allow plain http to another machine, which shows the credentials to the network.

        Raises:
            ConfigurationError: a variable is missing or wrong; the message names it.
        """
        variables: object = os.environ if environ is None else environ
        if not isinstance(variables, Mapping):
            raise ConfigurationError(f"environ must be a mapping of variables, not {type(variables).__name__}")
        variables = cast("Mapping[str, str]", variables)
        prefix = f"INVITE_{cls.service.upper()}_"
        named = {name: prefix + name.upper() for name in cls.settings}
        given = {name: value for name, key in named.items() if (value := variables.get(key, "").strip())}
        try:
            return connect(cls, given, allow_http=allow_http)
        except ConfigurationError as error:
            reason = error.message
        # The constructor speaks of its arguments, the caller of this knows variables only.
        for name, key in named.items():
            # Once: further on it may be a word like any other.
            reason = re.sub(rf"\b{name}\b", key, reason, count=1)
        raise ConfigurationError(f"{reason} (settings read: {', '.join(named.values())})")

    def __setattr__(self, name: str, value: object) -> None:
        # What a constructor sets is not there yet.
        if hasattr(self, name) or not hasattr(type(self), name):
            raise AttributeError(f"a connection is immutable; make another one to change {name}")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a connection is immutable")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} connection holds credentials and does not pickle; build one in the worker, "
            f"for example with {type(self).__name__}.from_env()"
        )

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __copy__(self) -> Self:
        return self


def connect(kind: type[C], given: Mapping[str, str], *, allow_http: bool) -> C:
    """A connection from settings by the names of its constructor's arguments, of which the errors speak.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    for name in inspect.signature(kind).parameters.values():
        if name.default is name.empty and name.name in kind.settings and name.name not in given:
            raise ConfigurationError(f"{name.name} is not set")
    options = {**given, **({"allow_http": True} if allow_http else {})}
    return kind(**options)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def base_url(setting: str, url: object, *, allow_http: bool, strip: tuple[str, ...] = ()) -> str:
    """A base URL: checked, without a trailing slash, and without a path that the specification has already.

    Raises:
        ConfigurationError: it is no absolute http(s) URL, holds credentials, a query or a fragment, or is plain http to
            another machine without having been asked for by name.
    """
    if not isinstance(url, str) or not url.strip():
        raise ConfigurationError(f"{setting} is missing: give the server's URL, for example https://host.example")
    text = url.strip()
    if any(char.isspace() or not char.isprintable() for char in text) or "\\" in text:
        raise ConfigurationError(f"{setting} holds a space, a backslash or a control character")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        raise ConfigurationError(f"{setting} is not a URL") from None
    if parts.scheme not in ("https", "http") or not host:
        raise ConfigurationError(f"{setting} must be an absolute URL that begins with https:// and names a host")
    if not _HOST.fullmatch(host):
        raise ConfigurationError(f"{setting} names a host that cannot be one")
    host = one_form(setting, host)
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(f"{setting} must not hold credentials; they have settings of their own")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise ConfigurationError(f"{setting} must not hold a query or a fragment")
    path = parts.path.rstrip("/")
    if "//" in path or any(part in (".", "..") for part in path.split("/")) or "%" in path:
        raise ConfigurationError(f"{setting} has a path that cannot be right")
    if parts.scheme == "http" and not allow_http and not _is_loopback(host):
        raise ConfigurationError(
            f"{setting} is plain http, which shows credentials to the network; use https, or say allow_http=True"
        )
    for ending in strip:
        path = path.removesuffix(ending)
    shown = f"[{host}]" if ":" in host else host
    is_default = port is None or port == _PORTS[parts.scheme]
    return f"{parts.scheme}://{shown}{'' if is_default else f':{port}'}{path.rstrip('/')}"


def one_form(setting: str, host: str) -> str:
    """A host in the one form that all its spellings have, so that two clients for one server know it.

    Raises:
        ConfigurationError: it cannot be one.
    """
    try:
        if ":" in host:
            return ipaddress.IPv6Address(host).compressed
        if not host.isascii() or _PUNYCODE.search(host):
            import idna

            host = idna.decode(idna.encode(host))
            ascii_host = idna.encode(host).decode()
        else:
            ascii_host = host
    except ValueError:  # idna's errors are UnicodeErrors, which are ValueErrors
        raise ConfigurationError(f"{setting} names a host that cannot be one") from None
    if len(ascii_host) > _MAX_NAME or not all(0 < len(label) <= _MAX_LABEL for label in ascii_host.split(".")):
        raise ConfigurationError(f"{setting} names a host that cannot be one")
    return host


def host_names(setting: str, given: str | Iterable[str]) -> tuple[str, ...]:
    """The names of hosts, each in its one form: several, or a text with commas between them.

    Raises:
        ConfigurationError: one of them is no bare name of a host.
    """
    several: object = [name for name in given.split(",") if name.strip()] if isinstance(given, str) else given
    if not isinstance(several, Iterable):
        raise ConfigurationError(f"{setting} must be names of hosts, such as panel.example.org")
    found: list[str] = []
    for name in cast("Iterable[object]", several):
        host = name.strip().lower().removesuffix(".") if isinstance(name, str) else ""
        if not _HOST.fullmatch(host):
            raise ConfigurationError(f"{setting} must be bare names of hosts, such as panel.example.org")
        found.append(one_form(setting, host))
    return tuple(found)


def loopback_of(connection: object) -> str | None:
    """The origin of a connection without its port, if it is this machine: no proxy could reach it."""
    if not isinstance(connection, Connection):
        return None
    parts = urlsplit(connection.base_url)
    host = parts.hostname
    if host is None or not _is_loopback(host):
        return None
    return f"{parts.scheme}://[{host}]" if ":" in host else f"{parts.scheme}://{host}"


def one_of(service: str, given: Mapping[str, Secret | None]) -> tuple[str, Hidden]:
    """The one credential that was given, by its name.

    Raises:
        ConfigurationError: none or several were given, or it cannot be sent in a header.
    """
    set_ones = {name: value for name, value in given.items() if value is not None}
    names = " or ".join(given)
    if not set_ones:
        raise ConfigurationError(f"{service} needs a credential: give {names}")
    if len(set_ones) > 1:
        raise ConfigurationError(f"{service} takes one credential: give only one of {', '.join(set_ones)}")
    ((name, value),) = set_ones.items()
    return name, secret(name, value)


def secret(name: str, value: object) -> Hidden:
    """A credential, checked and wrapped so that it does not show.

    Raises:
        ConfigurationError: it is empty, no text, or holds a character that no header can carry.
    """
    text = shown_by(value)
    if not isinstance(text, str):
        raise ConfigurationError(f"{name} must be text, not {type(text).__name__}")
    if not text:
        raise ConfigurationError(f"{name} is empty")
    scheme, _, rest = text.partition(" ")
    if scheme.lower() in _SCHEMES and rest:
        raise ConfigurationError(
            f"{name} must be given without the word {_SCHEMES[scheme.lower()]}, which the client adds itself"
        )
    if any(not 32 < ord(char) < 127 for char in text):
        raise ConfigurationError(
            f"{name} holds a space, a line break or a character outside ASCII; was it pasted whole?"
        )
    return Hidden(text)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
