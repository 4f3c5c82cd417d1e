"""Throttling: bulk runs that a service slows down come to their end, and its wait holds for all of a client's calls."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from invite_sdk import NO_RETRIES, InviteClient, OutcomeUnknownError, RateLimitedError, RetryPolicy, ServerError
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur, FakeZenML, Fault
from invite_sdk.testing.suite.ways import WAYS
from tests.reliability.bulk import Bucket, Gate, Make, Never, Sixth, Window, run
from tests.reliability.doors import door
from tests.reliability.moved_time import MovedTime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invite_sdk.testing import FakeService
    from tests.reliability.doors import Door


def creating(count: int, **named: object) -> list[Make]:
    return [partial(_create, number, named) for number in range(count)]


def _create(number: int, named: dict[str, object], client: Any) -> Any:
    return client.create(f"p{number}@example.org", **named)


def _decline(key: str, client: Any) -> Any:
    return client.decline(key, refetch=False)


def waldur(count: int) -> tuple[FakeService, str, list[Make]]:
    fake = FakeWaldur()
    return fake, "owner", creating(count, role=fake.roles["PROJECT.MEMBER"].uuid, scope=fake.scope_url("apollo"))


def cloudtruth(count: int) -> tuple[FakeService, str, list[Make]]:
    return FakeCloudTruth(), "owner", creating(count, role="VIEWER")


def enhance(count: int) -> tuple[FakeService, str, list[Make]]:
    return FakeEnhance(), "acme", creating(count, role="Support", name="Ann")


def zenml(count: int) -> tuple[FakeService, str, list[Make]]:
    """It has nothing to create: what was received is declined."""
    fake = FakeZenML()
    return fake, "ana", [partial(_decline, fake.invite("ana@example.com").id) for _ in range(count)]


Work = Callable[[int], "tuple[FakeService, str, list[Make]]"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("workers", [1, 32])
@pytest.mark.parametrize("work", [waldur, cloudtruth, enhance, zenml])
def test_a_bulk_run_is_not_ended_by_waits_that_it_obeyed(work: Work, workers: int, way: str) -> None:
    """The budget alone would end it after some two hundred calls."""
    fake, user, calls = work(240)
    told, line, _ = run(way, fake, user, Sixth(), calls, workers=workers)

    assert (told.done, told.errors) == (240, [])
    assert len(line.refused) > 45


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("gate", "count"), [(Window(10), 1000), (Window(2), 100), (Bucket(10, 10), 150), (Bucket(1, 1), 50)], ids=str
)
def test_a_strict_limit_ends_no_bulk_run_whose_waits_fit_into_the_deadline(gate: Gate, count: int, way: str) -> None:
    """Thirty-two at once, with the default settings. None waits so much longer than the others that it is over time."""
    fake, user, calls = cloudtruth(count)
    told, line, _ = run(way, fake, user, copy(gate), calls)

    assert (told.done, told.errors) == (count, [])
    assert told.longest < 60.0
    assert len(fake.requests) == count
    # They come back one by one: a herd of those who wait would be refused thirty times for each.
    assert len(line.refused) < 10 * count


@pytest.mark.parametrize("way", WAYS)
def test_refusals_that_name_no_wait_end_no_bulk_run_either(way: str) -> None:
    fake, user, calls = cloudtruth(400)
    told, _, _ = run(way, fake, user, Sixth(), calls, names_wait=False)

    assert (told.done, told.errors) == (400, [])


@pytest.mark.parametrize("way", WAYS)
def test_reads_of_a_service_at_its_limit_come_to_their_end(way: str) -> None:
    fake = FakeCloudTruth()
    key = fake.invite("ann@example.org", role="VIEWER").id
    told, _, _ = run(way, fake, "owner", Window(10), [lambda c: c.get(key)] * 300, status=503)

    assert (told.done, told.errors) == (300, [])


@pytest.mark.parametrize("way", WAYS)
def test_a_service_that_is_down_is_not_hammered(way: str) -> None:
    fake, user, _ = cloudtruth(0)
    told, line, _ = run(way, fake, user, Never(), [lambda c: c.count()] * 200, status=503, names_wait=False)

    assert len(told.errors) == 200
    assert len(line.refused) == 220
    assert sum("retry budget is used up" in str(error) for error in told.errors) > 150


@pytest.mark.parametrize("way", WAYS)
def test_a_service_that_is_down_and_names_its_wait_is_asked_by_few(way: str) -> None:
    fake, user, _ = cloudtruth(0)
    told, line, time = run(way, fake, user, Never(5.0), [lambda c: c.count()] * 64, status=503)

    assert {type(error) for error in told.errors} == {ServerError}
    # Sixty-four calls of a minute each, thirty-two at a time: each pause of five seconds lets a few of them ask.
    assert len(line.refused) < 12 * time.now / 5.0


# One after the other.


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Iterator[Door]:
    with door(request.param) as made:
        yield made


def slept(client: InviteClient) -> list[float]:
    """The pauses of a client of a door."""
    http: Any = getattr(client, "client", client)._http
    time = http.sleep.__self__
    assert isinstance(time, MovedTime)
    return list(time.slept)


@pytest.mark.parametrize("policy", [RetryPolicy(), NO_RETRIES])
def test_a_clients_other_calls_wait_too_and_so_do_its_childrens(way: Door, policy: RetryPolicy) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.retry_after(5))
    client = way.open(fake, "owner", retry=NO_RETRIES)
    with pytest.raises(RateLimitedError):
        client.count()
    began = fake.clock.now()
    client.with_options(retry=policy, deadline=30).count()

    assert slept(client) == [5.5]
    assert (fake.clock.now() - began).total_seconds() == 5.5


def test_a_stranger_does_not_wait(way: Door) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.retry_after(5))
    with pytest.raises(RateLimitedError):
        way.open(fake, "owner", retry=NO_RETRIES).count()
    other = way.open(fake, "owner")
    other.count()

    assert slept(other) == []


def test_a_call_that_cannot_wait_so_long_is_not_sent_and_says_so(way: Door) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.retry_after(90))
    client = way.open(fake, "owner")
    with pytest.raises(RateLimitedError) as first:
        client.count()
    sent = len(fake.requests)
    fake.clock.advance(seconds=10)
    with pytest.raises(RateLimitedError) as second:
        client.create("ann@example.org", role="VIEWER")

    assert (first.value.retry_after, first.value.attempts, first.value.status) == (90.0, 1, 429)
    assert (second.value.retry_after, second.value.attempts, second.value.status) == (80.0, 0, 429)
    assert (second.value.service, second.value.operation) == ("cloudtruth", "create")
    assert (len(fake.requests), slept(client)) == (sent, [])
    # With more time it waits.
    assert client.create("ann@example.org", role="VIEWER", deadline=100).email == "ann@example.org"


def test_one_absurd_wait_does_not_make_a_client_useless(way: Door) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.retry_after(365 * 86_400))
    client = way.open(fake, "owner")
    for attempts in (1, 0):
        with pytest.raises(RateLimitedError) as caught:
            client.count()
        assert (caught.value.attempts, caught.value.retry_after) == (attempts, 365 * 86_400)
    fake.clock.advance(minutes=2)

    assert client.count() == 0


def test_each_page_of_a_listing_waits_within_its_own_deadline(way: Door) -> None:
    fake = FakeCloudTruth()
    for number in range(5):
        fake.invite(f"p{number}@example.org", role="VIEWER")
    fake.faults.plan(Fault.retry_after(40), on="invitations_list", nth=[1, 3, 6])
    client = way.open(fake, "owner")

    assert len(client.list(page_size=1).all()) == 5
    assert sum(slept(client)) > 120.0


def test_a_login_waits_and_one_that_could_not_leaves_the_next_to_try(way: Door) -> None:
    fake = FakeZenML()
    fake.faults.plan(Fault.retry_after(30), on="auth_login")
    client = way.open(fake, "ana")
    for attempts in (1, 0):
        with pytest.raises(RateLimitedError) as caught:
            client.list(deadline=5).all()
        assert (caught.value.attempts, caught.value.retry_after) == (attempts, 30.0)

    assert client.list().all()
    assert slept(client) == [30.5]


def test_a_lost_write_is_looked_up_after_the_wait_where_there_is_time(way: Door) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.retry_after(20, status=503, after_effect=True), on="invitations_create")
    client = way.open(fake, "owner")

    assert client.create("ann@example.org", role="VIEWER").email == "ann@example.org"
    assert fake.effects["created"] == 1
    assert slept(client) == [20.5]


def test_a_lost_write_that_cannot_be_looked_up_in_time_is_unknown(way: Door) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.retry_after(70, status=503, after_effect=True), on="invitations_create")
    with pytest.raises(OutcomeUnknownError) as caught:
        way.open(fake, "owner").create("ann@example.org", role="VIEWER")

    assert "could not be read back (RateLimitedError)" in caught.value.known
    assert fake.effects["created"] == 1


def test_a_budget_is_the_calls_or_the_clients_and_what_it_counts_is_shared(way: Door) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.status(503), times=None)
    client = way.open(fake, "owner", retry=RetryPolicy(budget=1))
    child = client.with_options(retry=RetryPolicy(budget=3))
    attempts: list[int] = []
    for caller, options in (
        (client, {}),
        (client, {}),
        (child, {}),
        (child, {"retry": RetryPolicy(budget=4)}),
        (child, {"retry": RetryPolicy(budget=float("inf"))}),
        (client, {"retry": RetryPolicy(budget=0)}),
    ):
        with pytest.raises(ServerError) as caught:
            caller.count(**options)  # type: ignore[arg-type]
        attempts.append(caught.value.attempts)

    assert attempts == [2, 1, 3, 2, 4, 1]
