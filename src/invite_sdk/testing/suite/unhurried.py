"""Ways to a fake on which what is under way at once overtakes each other, without a clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random

import anyio.lowlevel
import httpx

from invite_sdk.testing import FakeRequest, FakeResponse, FakeService
from invite_sdk.testing.suite.meddler import After, asked_by, said_by

_PATIENCE = 30.0


class Unhurried(httpx.AsyncBaseTransport):
    """Each request takes a few turns of the event loop to arrive, and each answer a few to come back."""

    def __init__(self, fake: FakeService, after: After, seed: int) -> None:
        self._fake = fake
        self._after = after
        self._luck = Random(seed)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        await self._turns()
        asked = asked_by(request, body)
        answer = self._after(asked, self._fake.handle(asked))
        await self._turns()
        return said_by(answer)

    async def _turns(self) -> None:
        for _ in range(self._luck.randrange(12)):
            await anyio.lowlevel.checkpoint()


class Held(httpx.BaseTransport):
    """Writes take effect just before the next page is made, and are answered just after it: all are under way then.

    `begun` is told of each write by whoever has begun it, so that no page comes too early.
    """

    def __init__(self, fake: FakeService, after: After, is_page: Callable[[FakeRequest], bool]) -> None:
        self._fake = fake
        self._after = after
        self._is_page = is_page
        self._changed = threading.Condition()
        self._held: list[FakeRequest] = []
        self._answers: dict[int, FakeResponse] = {}
        self._expected = 0
        self._is_open = False

    def begun(self) -> None:
        """A write is on its way."""
        with self._changed:
            self._expected += 1

    def open(self) -> None:
        """Holds nothing any more."""
        with self._changed:
            self._is_open = True
            self._take()
            self._changed.notify_all()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = asked_by(request, request.read())
        if self._is_page(asked):
            return said_by(self._page(asked))
        if request.method == "GET":
            return said_by(self._after(asked, self._fake.handle(asked)))
        return said_by(self._write(asked))

    def _page(self, asked: FakeRequest) -> FakeResponse:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._held) == self._expected, _PATIENCE)
            answers = [(held, self._fake.handle(held)) for held in self._held]
            page = self._after(asked, self._fake.handle(asked))
            self._give(answers)
            return page

    def _write(self, asked: FakeRequest) -> FakeResponse:
        with self._changed:
            self._held.append(asked)
            self._changed.notify_all()
            if self._is_open:
                self._take()
            assert self._changed.wait_for(lambda: id(asked) in self._answers, _PATIENCE)
            return self._answers.pop(id(asked))

    def _take(self) -> None:
        self._give([(held, self._fake.handle(held)) for held in self._held])

    def _give(self, answers: list[tuple[FakeRequest, FakeResponse]]) -> None:
        self._answers |= {id(held): answer for held, answer in answers}
        self._held.clear()
        self._expected = 0
        self._changed.notify_all()
