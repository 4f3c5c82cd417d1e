"""One request on its way: how much time it has, how far it came, and what its failure means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import httpx

from invite_clients._runtime import Response
from invite_sdk._flows.effects import Kind, Outgoing, Sent, TransportFailure
from invite_sdk._http.base import MAX_CONNECT
from invite_sdk._http.body import ACCEPT_ENCODING, Body, BodyError, TooLargeError
from invite_sdk._privacy.masking import mask_in_text

GRACE = 0.02
"""Seconds by which the network's own timeouts come before the end of all: they know whether anything was sent."""
_BYTES = re.compile(r"(?:bytearray\()?\bb['\"].*", re.DOTALL)
"""What was on the wire, as the HTTP library quotes it: it may hold anything."""
SPENT = httpx.ByteStream(b"")
"""The stream of an answer that was read. Its own names the answer: a circle that only the garbage collector ends."""
FAILURES = (httpx.HTTPError, httpx.InvalidURL, BodyError, OSError, UnicodeError)


class Step:
    """One request on its way: how much time it has, and how far it came."""

    __slots__ = ("_headers", "_is_built", "_monotonic", "_outgoing", "_status")

    def __init__(self, outgoing: Outgoing, monotonic: Callable[[], float]) -> None:
        self._outgoing = outgoing
        self._monotonic = monotonic
        self._status: int | None = None
        self._headers: httpx.Headers | None = None
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
        outgoing = self._outgoing
        wait = outgoing.timeout
        limits: Mapping[str, float | None]
        if wait is None:
            limits = client.timeout.as_dict()
        else:
            limits = {"connect": min(wait, MAX_CONNECT), "read": wait, "write": wait, "pool": wait}
        headers = [("Accept-Encoding", ACCEPT_ENCODING), *outgoing.headers]
        extensions = {"timeout": _Limits(limits, self)}
        make = client.build_request if is_brought else httpx.Request  # our own client has nothing to add
        request = make(outgoing.method, outgoing.url, headers=headers, content=outgoing.body, extensions=extensions)
        if is_brought:
            ours = {name.lower() for name, _ in outgoing.headers}
            for name in ("authorization", "cookie"):
                if name not in ours and name in request.headers:
                    del request.headers[name]
        self._is_built = True
        return request

    def begin(self, answer: httpx.Response) -> Body:
        """Notes that an answer begins; returns what takes its body in."""
        self._status, self._headers = answer.status_code, answer.headers
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
            if left is not None and left <= GRACE:
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
        headers = () if self._headers is None else tuple(self._headers.multi_items())
        return TransportFailure(sent, kind, begun, self._status, answer=Response(self._status, headers))


class _Limits(dict[str, float | None]):
    """httpx's time limits; each phase of a request gets no more than is left when it begins."""

    def __init__(self, limits: Mapping[str, float | None], step: Step) -> None:
        super().__init__(limits)
        self._step = step

    def get(self, key: str, _: object = None, /) -> float | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        limit, left = super().get(key), self._step.left
        if left is None:
            return limit
        left = max(left, 0.001)
        return left if limit is None else min(limit, left)


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _reason(error: BaseException) -> str:
    cause: BaseException | None = error
    # Some layers say nothing and only name what they were caused by.
    while cause is not None and not str(cause):
        cause = cause.__cause__ or cause.__context__
    text = "no reason given" if cause is None else _one_line(mask_in_text(_BYTES.sub("…", str(cause))))
    return text if len(text) <= 200 else text[:199] + "…"
