"""One at a time: two `ensure` at once, from threads, tasks, clients or both kinds of client, make one invitation."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
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
from invite_sdk._claims import Claims, claims
from invite_sdk._flow import Claim, Flow
from invite_sdk.services._common import claimed
from invite_sdk.testing import FakeCloudTruth, FakeService, FakeWaldur, Fault
from tests.reliability.doors import WAYS, door
from tests.reliability.moved_time import MovedTime
from tests.support.flows import Hand, answer, context

KEY = ("waldur", "https://waldur.example", "ann@example.org")


@pytest.fixture(autouse=True)
def nothing_stays_claimed() -> Iterator[None]:
    yield
    assert claims._held == set()


# The claims themselves.


def test_a_key_is_taken_once_and_free_after_its_release() -> None:
    made = Claims()

    assert made.take(KEY)
    assert not made.take(KEY)
    assert made.take(("another",))
    made.release(KEY)
    assert made.take(KEY)


def test_waiting_takes_a_free_key_at_once_and_gives_up_after_its_time() -> None:
    made = Claims()

    assert made.wait(KEY, 0)
    assert not made.wait(KEY, 0)
    assert not made.wait(KEY, -1)


def test_who_waits_goes_on_when_the_key_is_released() -> None:
    made = Claims()
    made.take(KEY)
    got: list[bool] = []
    waiter = threading.Thread(target=lambda: got.append(made.wait(KEY, 30)))
    waiter.start()
    made.release(KEY)
    waiter.join(30)

    assert got == [True]
    assert not made.take(KEY)


def test_a_forked_process_starts_without_claims() -> None:
    """In a process of its own: forking is not for one with threads."""
    code = """
import os
from invite_sdk._claims import claims
assert claims.take("key")
child = os.fork()
if child == 0:
    os._exit(0 if claims.wait("key", 0) and not claims.take("key") else 1)
_, status = os.waitpid(child, 0)
assert not claims.take("key")
raise SystemExit(os.waitstatus_to_exitcode(status))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_work_begins_with_the_claim_and_ends_with_its_release() -> None:
    def work() -> Flow[int]:
        assert not claims.take(("postbox", "https://postbox.example/v1", "ann"))
        yield from ()
        return 7

    class Claiming(Hand):
        def effect(self, effect: Any) -> object:
            if isinstance(effect, Claim):
                asked.append((effect.key, effect.seconds))
                return claims.take(effect.key)
            return super().effect(effect)

    asked: list[object] = []
    by = Claiming(lambda _: answer(200))

    assert by.run(claimed(context(), ("ann",), work)) == 7
    assert asked == [(("postbox", "https://postbox.example/v1", "ann"), 60.0)]


def test_work_that_fails_releases_its_claim() -> None:
    def work() -> Flow[int]:
        yield from ()
        raise PermissionDeniedError("no", status=403)

    flow = claimed(context(), ("ann",), work)
    clock = next(flow)
    asked = flow.send(Hand(lambda _: answer(200)).effect(clock))
    assert isinstance(asked, Claim)
    assert claims.take(asked.key)
    with pytest.raises(PermissionDeniedError):
        flow.send(True)

    assert claims.take(asked.key)
    claims.release(asked.key)


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

        def together(self: Claims, key: object, seconds: float) -> bool:
            barrier.wait(30)
            return wait(self, key, seconds)

        monkeypatch.setattr(Claims, "wait", together)

    return gather


@pytest.mark.parametrize("clients", [1, 2])
def test_threads_make_one_invitation(fake: FakeService, clients: int, at_once: Callable[[int], None]) -> None:
    at_once(6)
    opened = [InviteClient(fake.connection("owner"), transport=fake.transport()) for _ in range(clients)]
    results: list[EnsureResult] = []
    emails = ["ann@example.org", "Ann@Example.org"] if isinstance(fake, FakeWaldur) else ["ann@example.org"]

    def run(number: int) -> None:
        client = opened[number % clients]
        results.append(client.ensure(emails[number % len(emails)], **named(fake)))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for client in opened:
        client.close()

    assert len(results) == 6
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
    results: list[EnsureResult] = []
    with door(way) as one, door("sync") as other:
        clients = [one.open(fake, "owner"), other.open(fake, "owner")]
        barrier = threading.Barrier(2)

        def run(client: InviteClient) -> None:
            barrier.wait(30)
            results.append(client.ensure("ann@example.org", **named(fake)))

        threads = [threading.Thread(target=run, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

    assert len(results) == 2
    check(fake, results)


def test_different_invitees_do_not_wait_for_each_other() -> None:
    fake = FakeCloudTruth()
    claims.take(("cloudtruth", fake.base_url, "bea@example.org"))
    try:
        with door("sync") as made:
            assert made.open(fake, "owner").ensure("ann@example.org", role="VIEWER", deadline=1).created
    finally:
        claims.release(("cloudtruth", fake.base_url, "bea@example.org"))


@pytest.mark.parametrize("way", WAYS)
def test_who_waits_past_the_deadline_has_sent_nothing(way: str) -> None:
    fake = FakeCloudTruth()
    key = ("cloudtruth", fake.base_url, "ann@example.org")
    claims.take(key)
    try:
        with door(way) as made:
            client = made.open(fake, "owner")
            if not made.is_sync:
                # The clock of the test goes on with each look at it.
                inner = client.client  # type: ignore[attr-defined]
                ticks = iter(range(100))
                inner._http.monotonic = lambda: float(next(ticks))
            with pytest.raises(DeadlineExceededError, match="at work") as caught:
                client.ensure("ann@example.org", role="VIEWER", deadline=0.001 if made.is_sync else 3)
    finally:
        claims.release(key)

    assert (fake.requests, caught.value.attempts, caught.value.operation) == ([], 0, "ensure")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("fault", "on", "error"),
    [
        (Fault.status(403), "invitations_list", PermissionDeniedError),
        (Fault.drop_request(), "invitations_create", OutcomeUnknownError),
        (Fault.invalid_json(), "invitations_list", InviteError),
    ],
)
def test_a_claim_is_released_whatever_happens(way: str, fault: Fault, on: str, error: type[InviteError]) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(fault, on=on)
    with door(way) as made:
        client = made.open(fake, "owner")
        with pytest.raises(error):
            client.ensure("ann@example.org", role="VIEWER")
        assert client.ensure("ann@example.org", role="VIEWER").created

    assert fake.effects["created"] == 1


@pytest.mark.anyio
async def test_a_task_that_is_canceled_gives_its_claim_back() -> None:
    fake = FakeCloudTruth()
    client = AsyncInviteClient(fake.connection("owner"), transport=fake.transport())
    MovedTime(fake.clock).drive(client)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await client.ensure("ann@example.org", role="VIEWER")

    assert scope.cancelled_caught
    assert (await client.ensure("ann@example.org", role="VIEWER")).created
    await client.close()


@pytest.mark.anyio
async def test_a_task_that_is_canceled_while_it_waits_takes_nothing() -> None:
    fake = FakeCloudTruth()
    client = AsyncInviteClient(fake.connection("owner"), transport=fake.transport())
    key = ("cloudtruth", fake.base_url, "ann@example.org")
    claims.take(key)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await client.ensure("ann@example.org", role="VIEWER")
    claims.release(key)

    assert scope.cancelled_caught
    assert (await client.ensure("ann@example.org", role="VIEWER")).created
    await client.close()


@pytest.mark.parametrize("way", WAYS)
def test_the_pages_of_a_count_share_one_deadline(way: str) -> None:
    """Only the pages of `list` have one each: there the caller decides whether to go on."""
    fake = FakeCloudTruth(max_page_size=1, page_size=1)
    for number in range(5):
        fake.invite(f"guest{number}@example.org")
    fake.email_case_sensitive = False
    fake.faults.plan(Fault.slow_headers(15), on="invitations_list", times=None)
    with door(way) as made, pytest.raises(DeadlineExceededError):
        made.open(fake, "owner").count(email="guest4@example.org", deadline=40)

    assert (fake.clock.now() - type(fake)().clock.now()).total_seconds() <= 45
