"""A Waldur that holds any number of invitations without storing one, and notes what is asked of it at once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

import anyio.lowlevel
import httpx

from invite_sdk import Waldur
from tests.support.pages import ROW

ORIGIN = "https://waldur.example.org"
PATH = "/api/user-invitations/"
LARGEST = 300
"""Rows that Waldur gives on a page at the most."""


def connection() -> Waldur:
    return Waldur(ORIGIN, token="0123456789abcdef0123456789abcdef01234567")


def row(number: int) -> dict[str, str]:
    """One invitation, its number in its id."""
    uuid = f"{number + 1:032x}"
    return ROW | {"uuid": uuid, "url": f"{ORIGIN}{PATH}{uuid}/", "email": f"invitee{number}@example.com"}


@dataclass
class Listing(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers listings of `total` invitations, and anything else with the first one."""

    total: int
    asked: list[tuple[int, int]] = field(default_factory=list)
    """The page and the page size of every listing request, in the order in which they came in."""
    requests: int = 0
    lock: Lock = field(default_factory=Lock)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await anyio.lowlevel.checkpoint()
        return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        listing = request.url.path == PATH
        page = int(request.url.params.get("page", 1))
        size = min(int(request.url.params.get("page_size", 10)), LARGEST)
        with self.lock:
            self.requests += 1
            if listing:
                self.asked.append((page, size))
        if not listing:
            return _json(row(0), {}, request)
        numbers = range((page - 1) * size, min(page * size, self.total))
        if page > 1 and not numbers:
            return httpx.Response(404, json={"detail": "Invalid page."}, request=request)
        more = page * size < self.total
        link = f'<{ORIGIN}{PATH}?page={page + 1}&page_size={size}>; rel="next"' if more else ""
        return _json([row(number) for number in numbers], {"X-Result-Count": str(self.total), "Link": link}, request)


def _json(value: object, headers: dict[str, str], request: httpx.Request) -> httpx.Response:
    body = json.dumps(value).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))} | headers
    return httpx.Response(200, headers=headers, stream=httpx.ByteStream(body), request=request)


def numbers(ids: Iterable[str | None]) -> list[int]:
    """The numbers of rows, from their ids."""
    return [int(one or "", 16) - 1 for one in ids]
