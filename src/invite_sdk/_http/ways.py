"""What is at fault where no connection is made: a proxy, a certificate, the port's protocol, or the host."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from typing import cast

import httpx

from invite_clients._values import value_class
from invite_sdk._flows.effects import TransportFailure
from invite_sdk._privacy.masking import mask_in_text

_BYTES = re.compile(r"(?:bytearray\()?\bb['\"].*", re.DOTALL)
"""What was on the wire, as the HTTP library quotes it: it may hold anything."""
_OTHER_NAME = frozenset({62, 64})
_OUT_OF_DATE = frozenset({9, 10})
_NO_TLS = frozenset({"HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "RECORD_LAYER_FAILURE", "WRONG_VERSION_NUMBER"})
_REFUSED = re.compile(r"(?!408|425|429)4\d\d\b|Invalid username|Requested ")
"""How the words begin of a proxy that would say the same again."""


@value_class
class Proxy:
    """A proxy that requests go through."""

    scheme: str
    address: str
    """Host and port, without what it may have of credentials."""
    setting: str
    """What names it."""

    def __str__(self) -> str:
        return f"the proxy {self.address}, named by {self.setting}"


@value_class
class Way:
    """How a request reaches a host."""

    host: str
    is_tls: bool
    """Whether the host is spoken with in TLS."""
    trust: str
    """How to trust another authority."""
    proxy: Proxy | None = None

    def no_connection(self, error: Exception) -> TransportFailure:
        """The failure of a request that was never sent."""
        said = f"({type(error).__name__}: {reason(error)})"
        fault = next((one for one in _causes(error) if isinstance(one, ssl.SSLError)), None)
        if fault is not None:
            return self._no_tls(fault, said)
        if isinstance(error, httpx.ProxyError):
            return self.refused(reason(error))
        if self.proxy is None:
            return TransportFailure("no", "connect", f"no connection to {self.host} {said}")
        words = f"no connection to {self.proxy} {said}"
        return TransportFailure("no", "connect", words, advice=f"check {self.proxy.setting}")

    def _no_tls(self, fault: ssl.SSLError, said: str) -> TransportFailure:
        proxy = self.proxy
        is_proxys = proxy is not None and proxy.scheme == "https"
        if isinstance(fault, ssl.SSLCertVerificationError):
            # Both have one, and the library does not say whose it was.
            whose = f"{self.host}, or of {proxy}," if is_proxys else self.host
            return _final(f"the certificate of {whose} cannot be trusted {said}", self._mend(fault.verify_code))
        if proxy is None:
            words, advice = f"no TLS connection to {self.host} {said}", "its port may be one of plain http"
        elif is_proxys:
            words = f"no TLS connection to {proxy}, or through it to {self.host} {said}"
            advice = f"if the proxy is asked without TLS, begin its URL in {proxy.setting} with http://"
        else:
            words = f"no TLS connection to {self.host} through {proxy} {said}"
            advice = f"check {proxy.setting}, and whether the port of {self.host} is one of plain http"
        return TransportFailure("no", "connect", words, advice=advice, is_final=getattr(fault, "reason", "") in _NO_TLS)

    def refused(self, words: str) -> TransportFailure:
        """The failure of a request that a proxy did not let through.

        Args:
            words: what it said, beginning with the status where there was one.
        """
        proxy = self.proxy
        who, where = (f"{proxy},", proxy.setting) if proxy is not None else ("the proxy on the way", "its setting")
        if words.startswith("407"):
            return _final(f"{who} wants a user and a password ({words})", f"put the right ones into {where}")
        return TransportFailure(
            "no",
            "connect",
            f"{who} made no connection to {self.host} ({words})",
            advice=f"check {where}",
            is_final=bool(_REFUSED.match(words)),
        )

    def too_slow(self) -> str:
        """What is said where no connection was made in time."""
        through = "" if self.proxy is None else f" through {self.proxy},"
        return f"no connection to {self.host}{through} was made in time"

    def may_be_tls(self, error: Exception) -> str:
        """Words about an answer that begins with no letter, as TLS has it; none where TLS was spoken or it is none."""
        if not isinstance(error, httpx.RemoteProtocolError) or str(error) != "illegal request line":
            return ""
        if self.proxy is not None and self.proxy.scheme == "http":
            return f"; {self.proxy}, may speak TLS only: then its URL begins with https://"
        return "" if self.is_tls else "; the port may be one of TLS: then the URL begins with https://"

    def _mend(self, code: int) -> str:
        if code in _OTHER_NAME:
            return "it is for another name: use one that it holds, or mend the server's certificate"
        if code in _OUT_OF_DATE:
            return "it is out of date, or the clock of this machine is wrong"
        return f"if a private authority made it, {self.trust}"


def proxy_of(client: object, url: str) -> tuple[str, str] | None:
    """The scheme and the address of the proxy that a client sends a URL through; `None` where nobody can tell.

    Private attributes are read where they are there: only the HTTP library knows which of its ways it takes.
    """
    find = getattr(client, "_transport_for_url", None)
    try:
        way = None if find is None else find(httpx.URL(url))
    except httpx.InvalidURL:
        return None
    found = getattr(getattr(way, "_pool", None), "_proxy_url", None)
    if found is None:
        return None
    scheme, host, port = (cast("bytes", found.scheme), cast("bytes", found.host), cast("int | None", found.port))
    name = host.decode("ascii", "replace")
    name = f"[{name}]" if ":" in name else name
    return scheme.decode("ascii", "replace"), name if port is None else f"{name}:{port}"


def reason(error: BaseException) -> str:
    """What an error says, in one line, without what was on the wire."""
    # Some layers say nothing and only name what they were caused by. What one looked for in vain on its way, such as
    # the next piece of a connection that was closed, is not it.
    cause = next((one for one in _causes(error) if str(one) and not isinstance(one, LookupError)), None)
    text = "no reason given" if cause is None else _one_line(mask_in_text(_BYTES.sub("...", str(cause))))
    return text if len(text) <= 200 else text[:197] + "..."


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _final(words: str, advice: str) -> TransportFailure:
    return TransportFailure("no", "connect", words, advice=advice, is_final=True)


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
