"""Who may use the control paths of a served fake: this machine, and names that were given.

A page in a browser can send requests to loopback, and by DNS rebinding read the answers. What it cannot do is to choose
the headers `Host`, `Origin` and `Sec-Fetch-Site`, which the browser writes.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from invite_sdk.testing.messages import FakeRequest

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]*)?")
_ORIGIN = re.compile(r"https?://([^/?#@\\]+)", re.IGNORECASE)


class ControlHosts:
    """The hosts whose requests to the control paths are answered: localhost, 127.0.0.0/8, [::1] and those given.

    Args:
        names: further names or addresses of this machine, without a scheme or port.

    Raises:
        ValueError: a name that no host can have.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        if isinstance(names, str) or not isinstance(names, Iterable):
            raise ValueError(f"give the names as a list, not as {names!r}")
        self._names = frozenset(map(_given, names))

    def refusal(self, request: FakeRequest) -> str | None:
        """Why a request is not answered, or `None` where it is."""
        hosts = _all(request, "Host")
        if len(hosts) != 1:
            return f"it has {len(hosts) or 'no'} Host {'headers' if hosts else 'header'}"
        # A target in absolute form names a host of its own, which by the rules of HTTP counts more.
        named = [*hosts, *([urlsplit(request.target).netloc] if is_absolute(request.target) else [])]
        for host in named:
            if not self._knows(host):
                return f"it was sent to {_shown(host)}"
        origins = _all(request, "Origin")
        for origin in origins:
            found = _ORIGIN.fullmatch(origin)
            if found is None or not self._knows(found[1]):
                return f"a page of {_shown(origin)} sent it"
        sites = [site.strip().lower() for site in _all(request, "Sec-Fetch-Site")]
        # A page of this machine may well be of another site: localhost and 127.0.0.1 are two.
        if "cross-site" in sites and not origins:
            return "a page of another site sent it"
        return None

    def _knows(self, authority: str) -> bool:
        found = _AUTHORITY.fullmatch(authority)
        host = None if found is None else _one_form(found[1])
        return host is not None and (host in self._names or host == "localhost" or _is_loopback(host))


def is_absolute(target: str) -> bool:
    """Whether a request's target is a URL, as those are that proxies get."""
    return target.lower().startswith(("http://", "https://"))


def _all(request: FakeRequest, name: str) -> list[str]:
    return [value for key, value in request.headers if key.lower() == name.lower()]


def _given(name: object) -> str:
    text = name if isinstance(name, str) else ""
    found = _AUTHORITY.fullmatch(f"[{text}]" if ":" in text and "[" not in text else text)
    host = None if found is None or found[0] != found[1] else _one_form(found[1])
    if host is None:
        raise ValueError(f"{name!r} is no host; give a name such as fakes.internal, without scheme and port")
    return host


def _one_form(host: str) -> str | None:
    """A host in small letters and without the closing dot; an address in its shortest form. `None` for neither."""
    if host.startswith("["):
        try:
            address = ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            return None
        return str(address.ipv4_mapped or address)
    return host.lower().removesuffix(".") or None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")
