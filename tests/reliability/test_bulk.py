"""Bulk schedules: runs of several kinds through random limits, alone and with other faults, on a clock of their own."""

from __future__ import annotations

from collections import Counter
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from invite_sdk import OutcomeUnknownError
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, Fault
from invite_sdk.testing.suite.ways import WAYS
from tests.reliability.bulk import Bucket, Bulk, Gate, Sixth, Window, run

if TYPE_CHECKING:
    from invite_sdk.testing import FakeService

FAULTS = (
    Fault.refuse_connection(),
    Fault.drop_request(),
    Fault.drop_reply(),
    Fault.status(500, after_effect=True),
    Fault.status(503),
    Fault.status(429),
    Fault.html(502),
)


def addresses(fake: FakeService) -> Counter[str]:
    """How many invitations there are for each address."""
    assert isinstance(fake, FakeEnhance | FakeCloudTruth)
    return Counter(row.email for row in fake.invitations)


def schedule(seed: int, *, rate: float) -> tuple[FakeService, Bulk, Counter[str], int]:
    """A run that follows from its seed: what came of it, and for whom a call returned."""
    luck = Random(f"bulk schedule:{seed}")
    fake: FakeService = FakeEnhance() if seed % 3 == 0 else FakeCloudTruth()
    user, named = ("acme", {"role": "Support", "name": "Ann"}) if seed % 3 == 0 else ("owner", {"role": "VIEWER"})
    if rate:
        fake.faults.random(seed=seed, rate=rate, faults=FAULTS)
    workers, count = luck.choice((1, 4, 16, 32)), luck.randint(30, 80)
    most = luck.choice((4, 10, 40))
    gate: Gate = luck.choice((Sixth(), Window(most), Bucket(most, most), Bucket(most, 1)))
    returned: Counter[str] = Counter()

    def create(number: int, client: Any) -> Any:
        email = f"p{number}@example.org"
        made = client.create(email, **named)
        if not hasattr(made, "__await__"):
            returned[email] += 1
            return made
        return noted(email, made)

    async def noted(email: str, made: Any) -> Any:
        found = await made
        returned[email] += 1
        return found

    calls = [partial(create, number) for number in range(count)]
    return fake, run(WAYS[seed % 2], fake, user, gate, calls, workers=workers), returned, count


@pytest.mark.parametrize("seed", range(40))
def test_a_run_that_is_only_slowed_down_comes_to_its_end(seed: int) -> None:
    fake, (told, _, _), returned, count = schedule(seed, rate=0.0)

    assert (told.done, told.errors) == (count, [])
    assert addresses(fake) == returned
    assert set(returned.values()) == {1}


@pytest.mark.parametrize("seed", range(40))
def test_a_run_under_other_faults_too_makes_nothing_twice_and_loses_nothing(seed: int) -> None:
    fake, (told, _, _), returned, count = schedule(seed, rate=0.1)
    there = addresses(fake)

    assert told.done + len(told.errors) == count
    assert set(there.values()) == {1}
    assert not returned - there
    unknown = sum(isinstance(error, OutcomeUnknownError) for error in told.errors)
    assert (there - returned).total() <= unknown
    # Refused connections and refusals without a wait are tried again: they end hardly anything.
    assert len(told.errors) - unknown <= 1
