"""How many calls are under way, in which loops and threads a hub works, and what comes through it as it is."""

from __future__ import annotations

import asyncio
from threading import Barrier, Event, Lock, Thread
from threading import enumerate as enumerate_threads
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
import trio

from invite_sdk import NO_RETRIES, AsyncHub, AsyncInviteClient, ConfigurationError, Hub, InviteClient
from invite_sdk.hub import calling
from invite_sdk.hub.calling import gathered, run
from invite_sdk.testing import FakeCloudTruth, FakeTransport, FakeWaldur
from tests.hub.conftest import Ground
from tests.support.threads import together

ANA = "ana@example.com"


class Counting(FakeTransport):
    """Notes how many requests are under way at the most, over all that share a note. Two meet before either ends."""

    def __init__(self, fake: FakeWaldur, note: Note) -> None:
        super().__init__(fake)
        self.note = note

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self.note.lock:
            self.note.begin()
        self.note.barrier.wait(30)
        with self.note.lock:
            self.note.under_way -= 1
            return super().handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.note.begin()
        for _ in range(50):  # whoever else may begin does so meanwhile
            await anyio.lowlevel.checkpoint()
        self.note.under_way -= 1
        return await super().handle_async_request(request)


class Note:
    def __init__(self) -> None:
        self.lock = Lock()
        self.barrier = Barrier(2)
        self.under_way = self.most = 0

    def begin(self) -> None:
        self.under_way += 1
        self.most = max(self.most, self.under_way)


@pytest.mark.parametrize("operation", ["list", "count"])
def test_there_are_as_many_requests_under_way_as_may_be_and_no_more(ground: Ground, operation: str) -> None:
    note = Note()
    fakes = [FakeWaldur(seed=seed) for seed in range(6)]
    clients = {str(seed): ground.client(fake, transport=Counting(fake, note)) for seed, fake in enumerate(fakes)}

    result = getattr(ground.hub(clients, max_concurrency=2), operation)()

    assert result.ok
    assert note.most == 2


def test_a_slow_client_holds_up_no_other() -> None:
    was_answered = Event()

    class Waiting(FakeTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            assert was_answered.wait(30)
            return super().handle_request(request)

    class Answering(FakeTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            was_answered.set()
            return answer

    slow, fast = FakeWaldur(), FakeCloudTruth()
    fast.invite(ANA)
    clients = {
        "slow": InviteClient(slow.connection(), transport=Waiting(slow)),
        "fast": InviteClient(fast.connection(), transport=Answering(fast)),
    }

    assert [each.outcome for each in Hub(clients).find(ANA)] == ["nothing", "found"]


def client_of(fake: FakeCloudTruth) -> InviteClient:
    return InviteClient(fake.connection(), transport=fake.transport(), retry=NO_RETRIES)


@pytest.mark.parametrize("loop", [asyncio.run, trio.run])
def test_a_hub_works_where_a_loop_runs(loop: Any) -> None:
    fake = FakeCloudTruth()
    fake.invite(ANA)

    async def cell(start: Any = None) -> str:
        return Hub({"secrets": client_of(fake)}).offboard(ANA)["secrets"].outcome

    assert (loop(cell()) if loop is asyncio.run else loop(cell)) == "done"


def test_a_hub_does_without_what_notebooks_replace(monkeypatch: pytest.MonkeyPatch) -> None:
    """As nest_asyncio does, with what works in the main thread only."""
    monkeypatch.delattr(asyncio, "run")

    assert Hub({"a": client_of(FakeCloudTruth())}).count()["a"].count == 0


def test_what_interrupts_the_start_of_the_thread_cancels_what_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, told = Event(), list[str]()

    def interrupted(thread: Thread) -> bool:
        thread.start()
        assert begun.wait(10)
        raise KeyboardInterrupt

    async def work() -> None:
        begun.set()
        try:
            await anyio.sleep(20)
        except anyio.get_cancelled_exc_class():
            told.append("canceled")
            raise

    monkeypatch.setattr(calling, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(work)
    assert told == ["canceled"]


def test_what_interrupts_a_thread_before_it_does_anything_leaves_it_doing_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late, told = list[Thread](), list[str]()

    def interrupted(thread: Thread) -> bool:
        late.append(thread)
        raise KeyboardInterrupt

    async def work() -> None:
        told.append("begun")

    monkeypatch.setattr(calling, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(work)
    late[0].start()
    late[0].join(10)

    assert told == []


def test_no_thread_outlives_a_call_of_a_hub() -> None:
    """Its own ends before it; those in which the clients were called hear of the end and follow."""
    hub = Hub({"a": client_of(FakeCloudTruth())})
    before = set(enumerate_threads())
    for _ in range(20):
        hub.count()
    left = set(enumerate_threads()) - before

    assert not [thread for thread in left if isinstance(thread, Thread) and thread.name.endswith("(run)")]
    for thread in left:
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.parametrize("left", [0, 1])
def test_a_hub_that_gets_no_thread_says_so(left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own, or those in which the clients' calls run: as after the end of the main thread on Python 3.12."""
    hub = Hub({"a": client_of(FakeCloudTruth())})
    start = Thread.start

    def refuse(thread: Thread) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise RuntimeError("can't create new thread at interpreter shutdown")
        start(thread)

    monkeypatch.setattr(Thread, "start", refuse)
    with pytest.raises(ConfigurationError, match="Python starts no further one"):
        hub.count()


def test_threads_share_a_hub() -> None:
    fake = FakeCloudTruth()
    fake.invite(ANA)
    hub = Hub({"a": client_of(fake), "b": client_of(fake)})

    assert [found.total for found in together(4, lambda _: hub.find(ANA))] == [2, 2, 2, 2]


def test_what_is_no_error_of_the_sdk_comes_through_as_it_is(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    client = ground.client(FakeCloudTruth())

    def count(**_: object) -> int:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(client, "count", count)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        ground.hub({"a": client, "b": ground.client(FakeCloudTruth())}).count()


@pytest.mark.anyio
async def test_a_cancellation_ends_the_calls_of_an_async_hub() -> None:
    fake = FakeWaldur()
    begun = anyio.Event()

    class Endless(FakeTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            begun.set()
            await anyio.sleep_forever()
            raise AssertionError

    async with (
        AsyncInviteClient(fake.connection(), transport=Endless(fake)) as client,
        anyio.create_task_group() as group,
    ):
        hub = AsyncHub({"a": client, "b": client})
        group.start_soon(hub.find, ANA)
        await begun.wait()
        group.cancel_scope.cancel()

    assert fake.requests == []


def test_several_errors_at_once_are_raised_together() -> None:
    async def fail(words: str) -> None:
        raise ValueError(words)

    with pytest.raises(ValueError, match=r"^one$"):
        run(lambda: gathered([lambda: fail("one")]))
    with pytest.raises(ExceptionGroup):
        run(lambda: gathered([lambda: fail("one"), lambda: fail("two")]))


def test_results_come_in_the_order_of_the_jobs() -> None:
    first = Event()

    async def job(number: int) -> int:
        if number == 0:
            await anyio.to_thread.run_sync(first.wait)
        else:
            first.set()
        return number

    assert run(lambda: gathered([lambda: job(0), lambda: job(1)])) == [0, 1]
