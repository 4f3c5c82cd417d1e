"""One at a time: two `ensure` at once, from threads, tasks, clients or both kinds of client, make one invitation."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from invite_sdk import (
    AsyncInviteClient,
    DeadlineExceededError,
    EnsureResult,
    InviteClient,
    InviteError,
    OutcomeUnknownError,
    PermissionDeniedError,
)
from invite_sdk._flows.claims import Claims, claims
from invite_sdk._flows.effects import Claim, Flow
from invite_sdk.services.settling import claimed
from invite_sdk.testing import FakeCloudTruth, FakeService, FakeWaldur, FakeZenML, Fault
from tests.reliability.doors import Door, door
from tests.reliability.moved_time import MovedTime
from tests.support import programs
from tests.support.flows import Hand, answer, context
from tests.support.threads import together

KEY = ("waldur", "https://waldur.example", "ann@example.org")


@pytest.fixture(autouse=True)
def nothing_stays_claimed() -> Iterator[None]:
    yield
    assert claims.held() == []


@contextmanager
def somebody(key: object, of: Claims = claims) -> Iterator[threading.Lock]:
    """Somebody who has a claim and runs."""
    running = threading.Lock()
    with running:
        assert of.take(key, running)
        yield running


# The claims themselves.


def test_a_key_is_taken_once_and_free_when_its_holder_has_ended() -> None:
    made, other = Claims(), threading.Lock()
    with other:
        with somebody(KEY, made):
            assert not made.take(KEY, other)
            assert made.take(("another",), other)
            assert len(made.held()) == 2
        assert made.take(KEY, other)

    assert made.held() == []


def test_who_has_a_claim_gets_it_again() -> None:
    made = Claims()
    with somebody(KEY, made) as running:
        assert made.take(KEY, running)
        assert made.wait(KEY, running, 0)


def test_waiting_takes_a_free_key_at_once_and_gives_up_after_its_time() -> None:
    made, other = Claims(), threading.Lock()
    with other:
        with somebody(KEY, made):
            assert not made.wait(KEY, other, 0)
            assert not made.wait(KEY, other, -1)
            assert not made.wait(KEY, other, 0.001)
        assert made.wait(KEY, other, 0)


def test_who_waits_goes_on_when_the_holder_has_ended() -> None:
    made = Claims()
    got: list[bool] = []
    begun = threading.Event()

    def wait() -> None:
        running = threading.Lock()
        with running:
            begun.set()
            got.append(made.wait(KEY, running, 30))

    waiter = threading.Thread(target=wait)
    with somebody(KEY, made):
        waiter.start()
        begun.wait(30)
    waiter.join(30)

    assert got == [True]


def test_a_claim_whose_frame_a_traceback_keeps_is_free() -> None:
    made, kept, other = Claims(), list[BaseException](), threading.Lock()

    def hold() -> None:
        running = threading.Lock()
        with running:
            assert made.take(KEY, running)
            raise KeyboardInterrupt

    try:
        hold()
    except KeyboardInterrupt as error:
        kept.append(error)
    with other:
        assert made.take(KEY, other)

    assert kept[0].__traceback__ is not None


def test_nothing_is_kept_of_those_who_have_ended() -> None:
    made = Claims()
    for number in range(5000):
        with somebody(("waldur", number), made):
            pass

    assert sum(len(turns._taken) for turns in made._shards.values()) <= len(made._shards)


def test_of_many_threads_one_at_a_time_has_the_claim() -> None:
    made = Claims()
    inside: list[int] = []
    met: list[int] = []

    def work(_: int) -> None:
        for _ in range(50):
            running = threading.Lock()
            with running:
                while not made.take(KEY, running):
                    pass
                inside.append(1)
                met.append(len(inside))
                inside.pop()

    together(8, work)

    assert met == [1] * 400


def test_a_forked_process_starts_without_claims() -> None:
    program = """
import os
from threading import Lock
from invite_sdk._flows.claims import claims
one, other = Lock(), Lock()
with one, other:
    assert claims.take("key", one)
    child = os.fork()
    if child == 0:
        os._exit(0 if claims.wait("key", other, 0) and not claims.take("key", one) else 1)
    _, status = os.waitpid(child, 0)
    assert not claims.take("key", other)
raise SystemExit(os.waitstatus_to_exitcode(status))
"""
    assert programs.run(program) == ""


def test_work_begins_with_the_claim() -> None:
    def work() -> Flow[int]:
        asked.append("work")
        yield from ()
        return 7

    class Claiming(Hand):
        def effect(self, effect: Any) -> object:
            if isinstance(effect, Claim):
                asked.append((effect.key, effect.seconds))
                return True
            return super().effect(effect)

    asked: list[object] = []
    by = Claiming(lambda _: answer(200))

    assert by.run(claimed(context(), ("ann",), work)) == 7
    assert asked == [(("postbox", "https://postbox.example/v1", "ann"), 60.0), "work"]


# Two at once.


def named(fake: FakeService) -> dict[str, Any]:
    if isinstance(fake, FakeWaldur):
        return {"role": fake.roles["PROJECT.MEMBER"].uuid, "scope": fake.scope_url("apollo")}
    return {"role": "VIEWER"}


FAKES: dict[str, Callable[[], FakeService]] = {
    "waldur": FakeWaldur,
    "waldur 7.0.7": lambda: FakeWaldur("7.0.7"),
    "cloudtruth": FakeCloudTruth,
}


@pytest.fixture(params=FAKES)
def fake(request: pytest.FixtureRequest) -> FakeService:
    return FAKES[request.param]()


def check(fake: FakeService, results: list[EnsureResult]) -> None:
    assert fake.effects["created"] == 1
    assert sum(result.created for result in results) == 1
    assert len({result.invitation.id for result in results}) == 1


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets nobody look before so many threads want to."""

    def gather(count: int) -> None:
        barrier = threading.Barrier(count)
        wait = Claims.wait

        def wait_for_all(self: Claims, key: object, holder: threading.Lock, seconds: float) -> bool:
            barrier.wait(30)
            return wait(self, key, holder, seconds)

        monkeypatch.setattr(Claims, "wait", wait_for_all)

    return gather


@pytest.mark.parametrize("clients", [1, 2])
def test_threads_make_one_invitation(fake: FakeService, clients: int, at_once: Callable[[int], None]) -> None:
    at_once(6)
    opened = [InviteClient(fake.connection("owner"), transport=fake.transport()) for _ in range(clients)]
    emails = ["ann@zo\u00eb.example", "Ann@Zoe\u0308.example"]

    def run(number: int) -> EnsureResult:
        return opened[number % clients].ensure(emails[number % len(emails)], **named(fake))

    results = together(6, run)
    for client in opened:
        client.close()

    check(fake, results)


@pytest.mark.anyio
@pytest.mark.parametrize("clients", [1, 2])
async def test_tasks_make_one_invitation(fake: FakeService, clients: int) -> None:
    opened = [AsyncInviteClient(fake.connection("owner"), transport=fake.transport()) for _ in range(clients)]
    results: list[EnsureResult] = []

    async def run(client: AsyncInviteClient) -> None:
        results.append(await client.ensure("ann@example.org", **named(fake)))

    async with anyio.create_task_group() as group:
        for number in range(6):
            group.start_soon(run, opened[number % clients])
    for client in opened:
        await client.close()

    check(fake, results)


@pytest.mark.parametrize("way", ["asyncio", "trio"])
def test_a_thread_and_a_task_make_one_invitation(fake: FakeService, way: str) -> None:
    with door(way) as one, door("sync") as other:
        clients = [one.open(fake, "owner"), other.open(fake, "owner")]
        check(fake, together(2, lambda number: clients[number].ensure("ann@example.org", **named(fake))))


def test_different_invitees_do_not_wait_for_each_other() -> None:
    fake = FakeCloudTruth()
    with somebody(("cloudtruth", fake.base_url, "bea@example.org")), door("sync") as made:
        assert made.open(fake, "owner").ensure("ann@example.org", role="VIEWER", deadline=1).created


def test_who_waits_past_the_deadline_has_sent_nothing(way: Door) -> None:
    fake = FakeCloudTruth()
    client = way.open(fake, "owner")
    with (
        somebody(("cloudtruth", fake.base_url, "ann@example.org")),
        pytest.raises(DeadlineExceededError, match="at work") as caught,
    ):
        client.ensure("ann@example.org", role="VIEWER", deadline=0.001)

    assert (fake.requests, caught.value.attempts, caught.value.operation) == ([], 0, "ensure")


@pytest.mark.parametrize(
    ("fault", "on", "error"),
    [
        (Fault.status(403), "invitations_list", PermissionDeniedError),
        (Fault.drop_request(), "invitations_create", OutcomeUnknownError),
        (Fault.invalid_json(), "invitations_list", InviteError),
    ],
)
def test_a_claim_is_released_whatever_happens(way: Door, fault: Fault, on: str, error: type[InviteError]) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(fault, on=on)
    client = way.open(fake, "owner")
    with pytest.raises(error):
        client.ensure("ann@example.org", role="VIEWER")
    assert client.ensure("ann@example.org", role="VIEWER").created

    assert fake.effects["created"] == 1


@pytest.mark.anyio
@pytest.mark.parametrize("waits", [False, True])
async def test_a_task_that_is_canceled_gives_its_claim_back_or_takes_none(waits: bool) -> None:
    fake = FakeCloudTruth()
    client = AsyncInviteClient(fake.connection("owner"), transport=fake.transport())
    MovedTime(fake.clock).drive(client)
    with somebody(("cloudtruth", fake.base_url, "ann@example.org")) if waits else nullcontext():
        with anyio.CancelScope() as scope:
            scope.cancel()
            await client.ensure("ann@example.org", role="VIEWER")

    assert scope.cancelled_caught
    assert (await client.ensure("ann@example.org", role="VIEWER")).created
    await client.close()


@pytest.mark.anyio
@pytest.mark.parametrize("service", ["cloudtruth", "zenml"])
async def test_a_task_that_is_canceled_at_any_step_gives_claim_and_login_back(service: str) -> None:
    fake, zenml = FakeCloudTruth(), FakeZenML()
    connection = fake.connection("owner") if service == "cloudtruth" else zenml.connection("ana")
    transport = (fake if service == "cloudtruth" else zenml).transport()
    async with AsyncInviteClient(connection, transport=transport) as client:

        async def call() -> None:
            client._keeper.token = None
            if service == "cloudtruth":
                await client.ensure("ann@example.org", role="VIEWER")
            else:
                await client.list().all()

        for steps in range(30):
            async with anyio.create_task_group() as group:
                group.start_soon(call)
                for _ in range(steps):
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
            assert (claims.held(), client._logins.held()) == ([], [])
        await call()

    assert fake.effects["created"] == (service == "cloudtruth")


def test_the_pages_of_a_count_share_one_deadline(way: Door) -> None:
    """Only the pages of `list` have one each: there the caller decides whether to go on."""
    fake = FakeCloudTruth(max_page_size=1, page_size=1)
    for number in range(5):
        fake.invite(f"guest{number}@example.org")
    fake.email_case_sensitive = False
    fake.faults.plan(Fault.slow_headers(15), on="invitations_list", times=None)
    with pytest.raises(DeadlineExceededError):
        way.open(fake, "owner").count(email="guest4@example.org", deadline=40)

    assert (fake.clock.now() - type(fake)().clock.now()).total_seconds() <= 45
