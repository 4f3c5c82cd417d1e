"""One request on its way: how much time it has, how far it came, and what its failure means."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx

from invite_clients._runtime import Response
from invite_sdk._flows.effects import Begun, Kind, Outgoing, Sent, TransportFailure
from invite_sdk._http.base import MAX_CONNECT
from invite_sdk._http.body import ACCEPT_ENCODING, Body, BodyError, TakenError, TooLargeError
from invite_sdk._http.brought import HookError
from invite_sdk._http.ways import Way, reason

GRACE = 0.02
"""Seconds by which the network's own timeouts come before the end of all: they know whether anything was sent."""
PROXY_REFUSED = 407
SPENT = httpx.ByteStream(b"")
"""The stream of an answer that was read. Its own names the answer: a circle that only the garbage collector ends."""
FAILURES = (httpx.HTTPError, httpx.InvalidURL, BodyError, HookError, OSError, UnicodeError)


class Step:
    """One request on its way: how much time it has, and how far it came."""

    __slots__ = ("_body", "_headers", "_is_built", "_monotonic", "_outgoing", "_status")

    def __init__(self, outgoing: Outgoing, monotonic: Callable[[], float]) -> None:
        self._outgoing = outgoing
        self._monotonic = monotonic
        self._status: int | None = None
        self._headers: httpx.Headers | None = None
        self._body: Body | None = None
        self._is_built = False

    @property
    def left(self) -> float | None:
        """Seconds until the deadline."""
        return None if self._outgoing.deadline is None else self._outgoing.deadline - self._monotonic()

    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        left = self.left
        return left is not None and left <= 0

    @property
    def url(self) -> str:
        """Where the request goes."""
        return self._outgoing.url

    def request(self, client: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """The request as httpx sends it. The client is asked for its time limits only, since it would add its own."""
        outgoing = self._outgoing
        wait = outgoing.timeout
        limits: Mapping[str, float | None]
        if wait is None:
            limits = client.timeout.as_dict()
        else:
            limits = {"connect": min(wait, MAX_CONNECT), "read": wait, "write": wait, "pool": wait}
        headers = [("Accept-Encoding", ACCEPT_ENCODING), *outgoing.headers]
        extensions = {"timeout": _Limits(limits, self)}
        request = httpx.Request(
            outgoing.method, outgoing.url, headers=headers, content=outgoing.body, extensions=extensions
        )
        self._is_built = True
        return request

    def came(self, status: int) -> None:
        """Notes that an answer begins."""
        self._status = status

    def refusal(self, error: httpx.HTTPStatusError, request: httpx.Request) -> httpx.Response:
        """The answer over which a transport raised.

        Raises:
            HTTPStatusError: it was an answer to something else, that a transport or a hook had asked for.
        """
        if (error.request.method, error.request.url) != (request.method, request.url):
            raise error
        return error.response

    def read_already(self, answer: httpx.Response) -> Response | None:
        """The answer, where a transport or a hook of the caller's has read or closed it.

        Raises:
            TakenError: its body is gone, and it needs one.
            TooLargeError: it has more bytes than were allowed.
        """
        if not (answer.is_stream_consumed or answer.is_closed):
            return None
        try:
            self._body = Body(self._outgoing.max_body)
            self._body.add(answer.content)
            return self.whole(answer, answer.content)
        except httpx.ResponseNotRead:
            if answer.status_code < 300:
                raise TakenError("a hook or a transport of yours used up the body of the answer") from None
            return self.whole(answer, b"")

    def begin(self, answer: httpx.Response) -> Body:
        """Notes that an answer begins; returns what takes its body in."""
        self.came(answer.status_code)
        self._headers = answer.headers
        self._body = Body(self._outgoing.max_body, answer.headers.get("content-encoding"))
        return self._body

    def whole(self, answer: httpx.Response, body: bytes) -> Response:
        """The answer, all of it."""
        return Response(answer.status_code, tuple(answer.headers.multi_items()), body)

    def too_late(self, sent: Sent) -> TransportFailure:
        """What happened when the deadline passed."""
        return self._broke_off(sent, "deadline", "the deadline passed before the answer was whole")

    def closed(self) -> TransportFailure:
        """What happened when the client was closed while the request was on its way."""
        return self._broke_off("maybe", "broken", "the client was closed meanwhile")

    def failure(self, error: Exception, way: Way) -> TransportFailure:
        """What happened, and whether anything can have reached the service.

        Args:
            error: what the HTTP library raised, or a hook of the caller's.
            way: how the request was to reach it.
        """
        name = type(error).__name__
        if isinstance(error, HookError):
            said = f"an event hook of the http_client failed ({type(error.__cause__).__name__}: {reason(error)})"
            return TransportFailure("no", "broken", f"{said}; nothing was sent")
        if isinstance(error, TooLargeError):
            return self._broke_off("maybe", "too_large", str(error))
        if isinstance(error, BodyError):
            return self._broke_off("maybe", "broken", str(error), is_final=isinstance(error, TakenError))
        if isinstance(error, UnicodeError):
            # Names that no lookup takes fail so; a hook of the caller's may as well, and that after the request left.
            # Python 3.12 has the codec's name in a note.
            notes = [str(error), *getattr(error, "__notes__", ())]
            if self._status is None and (not self._is_built or "idna" in " ".join(notes)):
                return TransportFailure("no", "connect", "the URL or a header cannot be sent")
            return self._broke_off("maybe", "broken", f"the connection broke ({name})")
        # Behind an answer these are a hook's own, over a network of its own.
        is_unsent = self._status is None
        if is_unsent and isinstance(error, httpx.InvalidURL):
            return TransportFailure("no", "connect", "the URL cannot be sent to")
        if is_unsent and isinstance(error, (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.ProxyError)):
            return way.no_connection(error)
        if isinstance(error, httpx.TimeoutException):
            is_early = is_unsent and isinstance(error, (httpx.ConnectTimeout, httpx.PoolTimeout))
            sent: Sent = "no" if is_early else "maybe"
            left = self.left
            if left is not None and left <= GRACE:
                return self.too_late(sent)
            words = {
                "ConnectTimeout": way.too_slow(),
                "PoolTimeout": "no connection was free in time",
            }
            return self._broke_off(sent, "timeout", words.get(name) or f"no answer came in time ({name})")
        return self._broke_off(
            "maybe", "broken", f"the connection broke ({name}: {reason(error)}){way.may_be_tls(error)}"
        )

    def _broke_off(self, sent: Sent, kind: Kind, words: str, *, is_final: bool = False) -> TransportFailure:
        if self._status is None:
            return TransportFailure(sent, kind, words, is_final=is_final)
        begun = f"{words}, after an answer with status {self._status} had begun"
        headers = () if self._headers is None else tuple(self._headers.multi_items())
        answer = Begun(self._status, headers, b"" if self._body is None else self._body.begun())
        return TransportFailure(sent, kind, begun, self._status, answer=answer, is_final=is_final)


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
