"""In-process transports: the same answer for all, or pages after a delay. They stream, as a connection does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Lock
from types import ModuleType
from typing import Any

import anyio
import httpx

from benchmarks._data import WaldurPages

JSON = {"Content-Type": "application/json"}
Answer = tuple[int, bytes, Mapping[str, str]]


class Canned(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """One answer to every request."""

    def __init__(self, body: bytes, headers: Mapping[str, str] = JSON) -> None:
        self._body = body
        self._headers = {**headers, "Content-Length": str(len(body))}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answers."""
        return httpx.Response(200, headers=self._headers, stream=httpx.ByteStream(self._body), request=request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers."""
        return self.handle_request(request)


def canned_for(library: ModuleType, body: bytes) -> Any:
    """The same for httpx, or for another library with its interface, such as httpx2."""
    if library is httpx:
        return Canned(body)
    headers = {**JSON, "Content-Length": str(len(body))}

    def answer(request: Any) -> Any:
        return library.Response(200, headers=headers, stream=library.ByteStream(body), request=request)

    return library.MockTransport(answer)


class Delayed(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A service that takes its time for every request, and any number of them at once."""

    def __init__(self, seconds: float, answer: Callable[[httpx.Request], Answer]) -> None:
        self._seconds = seconds
        self._answer = answer
        self._lock = Lock()
        self.requests = 0

    def _count(self) -> None:
        with self._lock:
            self.requests += 1

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answers late."""
        self._count()
        time.sleep(self._seconds)
        return self._response(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers late; other tasks run meanwhile."""
        self._count()
        await anyio.sleep(self._seconds)
        return self._response(request)

    def _response(self, request: httpx.Request) -> httpx.Response:
        status, body, headers = self._answer(request)
        return httpx.Response(
            status,
            headers={**headers, "Content-Length": str(len(body))},
            stream=httpx.ByteStream(body),
            request=request,
        )


def pages_of(pages: WaldurPages) -> Callable[[httpx.Request], Answer]:
    """Answers a listing."""

    def answer(request: httpx.Request) -> Answer:
        asked = request.url.params
        body, headers = pages.page(int(asked.get("page", "1")), int(asked.get("page_size", "10")))
        return 200, body, headers

    return answer
