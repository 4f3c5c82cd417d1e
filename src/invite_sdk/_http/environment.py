"""What the environment says about the network, as httpx reads it, but one variable at a time: proxies and trust.

httpx reads all of it at once and fails as a whole: also for hosts that none of it concerns, and naming no variable.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from urllib.request import getproxies

from invite_sdk._errors.tree import ConfigurationError
from invite_sdk._privacy.texts import shown


def proxies() -> dict[str, tuple[str, str]]:
    """By pattern of URLs, such as `https://`: the variable that names a proxy for them, and the proxy's URL."""
    said = getproxies()
    if "*" in _hosts(said):
        return {}
    found: dict[str, tuple[str, str]] = {}
    for scheme in ("http", "https", "all"):
        if url := said.get(scheme):
            found[f"{scheme}://"] = (_variable(f"{scheme}_proxy"), url if "://" in url else f"http://{url}")
    return found


def direct() -> dict[str, tuple[str, str]]:
    """By pattern of URLs that no proxy is for: the variable that says so, and its word for them."""
    return {_pattern(host): (_variable("no_proxy"), host) for host in _hosts(getproxies())}


def tls(default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """A TLS context that trusts what `SSL_CERT_FILE` or `SSL_CERT_DIR` names.

    Args:
        default: makes the one for where neither is set.

    Raises:
        ConfigurationError: one of them, or `SSLKEYLOGFILE`, names what cannot be used.
    """
    if path := os.environ.get("SSL_CERT_FILE"):
        return _context(lambda: ssl.create_default_context(cafile=path), "SSL_CERT_FILE", path)
    if path := os.environ.get("SSL_CERT_DIR"):
        # OpenSSL takes a folder that is not there, and then trusts nobody.
        if not any(Path(folder).is_dir() for folder in path.split(os.pathsep)):
            raise ConfigurationError(f"SSL_CERT_DIR names {shown(path)}, which is no folder")
        return _context(lambda: ssl.create_default_context(capath=path), "SSL_CERT_DIR", path)
    return _context(default)


def no_tls() -> ssl.SSLContext:
    """A TLS context that trusts nobody, for those who need none. Making it reads nothing."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _context(make: Callable[[], ssl.SSLContext], variable: str = "", path: str = "") -> ssl.SSLContext:
    try:
        return make()
    except OSError as error:
        log = os.environ.get("SSLKEYLOGFILE")
        if log and (problem := _cannot_write(log)):
            raise ConfigurationError(f"SSLKEYLOGFILE names {shown(log)}, which cannot be written: {problem}") from None
        if isinstance(error, ssl.SSLError):
            problem = "holds no certificate that can be read"
        elif isinstance(error, FileNotFoundError):
            problem = "is not there"
        else:
            problem = f"cannot be read: {error.strerror or type(error).__name__}"
        said = f"{variable} names {shown(path)}, which" if variable else "the file of the authorities that are trusted"
        raise ConfigurationError(f"{said} {problem}") from None


def _cannot_write(path: str) -> str | None:
    try:
        Path(path).open("ab").close()
    except OSError as error:
        return error.strerror or type(error).__name__
    return None


def _hosts(said: dict[str, str]) -> list[str]:
    return [host for part in said.get("no", "").split(",") if (host := part.strip())]


def _pattern(host: str) -> str:
    """The pattern that httpx makes of a word of `NO_PROXY`. It makes none of IPv6 networks, nor of IPv6 in brackets."""
    if "://" in host:
        return host
    bare = host.partition("/")[0].removeprefix("[").removesuffix("]").partition("%")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        exact = host.lower() == "localhost" or host.startswith("[")
        return f"all://{host}" if exact else f"all://*{host}"
    return f"all://[{address}]" if address.version == 6 else f"all://{host}"


def _variable(name: str) -> str:
    """How a variable is called in a message. Small letters count before capitals, where both are set."""
    return f"{name.upper()} (set as {name})" if os.environ.get(name) else name.upper()
