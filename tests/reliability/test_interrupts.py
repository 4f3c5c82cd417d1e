"""Interrupts: by real signals at random moments, and at every place of a call where Python raises one."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from invite_sdk import ConfigurationError, Hub, InviteClient, Roster, _threads
from invite_sdk._flows.claims import claims
from invite_sdk._http.silence import _passes
from invite_sdk.hub import calling
from invite_sdk.testing import FakeCloudTruth, FakeWaldur, FakeZenML
from tests.reliability import interrupts
from tests.reliability.everywhere import Places
from tests.reliability.interrupts import Failed

# An interrupt that comes while Python throws something away goes nowhere but to a warning, and one that comes while a
# thread is started may keep the thread from running.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::pytest.{kind}")
    for kind in ("PytestUnraisableExceptionWarning", "PytestUnhandledThreadExceptionWarning")
]

STRIKES = 600
RECORD = logging.LogRecord("httpx", logging.INFO, "", 0, "a line of somebody else's", (), None)


def test_whatever_a_signal_hits_the_client_works_afterwards() -> None:
    command = [sys.executable, "-m", interrupts.__name__, str(STRIKES)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=600)
    figures, wrong = json.loads(done.stdout)

    assert wrong == []
    assert figures["calls"] == STRIKES
    assert figures["leaks"] == 0
    assert all(figures[f"interrupted by {kind.__name__}"] > STRIKES / 20 for kind in interrupts.KINDS)


def ensure(client: InviteClient) -> object:
    return client.ensure("ann@example.org", role="VIEWER").invitation.email


def lists(client: InviteClient) -> object:
    return len(client.list(page_size=2).all())


def gets(client: InviteClient) -> object:
    client._keeper.token = None
    return client.get(ROW).id


def updates(client: InviteClient) -> object:
    client._facade.shared.names.clear()
    return client.update(INVITED, role="PROJECT.ADMIN", refetch=False).id


WALDUR = FakeWaldur()
INVITED = WALDUR.invite("ann@example.org").uuid
LOGIN = FakeZenML()
ROW = LOGIN.invitations[0].id


@pytest.fixture
def cloudtruth() -> Iterator[InviteClient]:
    fake = FakeCloudTruth()
    for number in range(6):
        fake.invite(f"guest{number}@example.org")
    with InviteClient(fake.connection("owner"), transport=fake.transport()) as client:
        yield client


@pytest.fixture
def zenml() -> Iterator[InviteClient]:
    with InviteClient(LOGIN.connection("ana", client_credentials=True), transport=LOGIN.transport()) as client:
        yield client


@pytest.fixture
def waldur() -> Iterator[InviteClient]:
    with InviteClient(WALDUR.connection("owner"), transport=WALDUR.transport()) as client:
        yield client


@pytest.mark.parametrize(
    ("service", "call", "step"),
    [("cloudtruth", ensure, 1), ("cloudtruth", lists, 1), ("zenml", gets, 1), ("waldur", updates, 13)],
    ids=["ensure", "list", "get", "update by name"],
)
def test_wherever_an_interrupt_comes_nothing_is_held(
    service: str, call: Callable[[InviteClient], object], step: int, request: pytest.FixtureRequest
) -> None:
    client: InviteClient = request.getfixturevalue(service)
    expected = call(client)
    number = 0
    while Places(number, Failed).run(lambda: call(client)):
        held = [*claims.held(), *client._logins.held(), *client._http._turns.held()]
        assert held == [], number
        pool = client._http._pool
        assert pool is not None
        assert not pool.is_used(), number
        assert _passes(RECORD), number
        assert call(client) == expected, number
        number += step

    # Every place was tried, of the longest call one of so many; how many there are is up to the Python.
    assert number > 150


def test_wherever_an_interrupt_comes_an_iteration_never_misses_a_row(cloudtruth: InviteClient) -> None:
    """It goes on and is whole, or it says that it cannot."""
    expected = [row.id for row in cloudtruth.list(page_size=2)]
    refused = whole = number = 0
    hits = True
    while hits:
        rows: list[Any] = []
        steps = iter(cloudtruth.list(page_size=2))
        places = Places(number, Failed)
        hits = False
        while True:
            step: list[Any] = []
            if not hits:
                hits = places.run(lambda step=step, steps=steps: step.append(next(steps, None)))  # type: ignore[misc]
            else:
                try:
                    step.append(next(steps, None))
                except ConfigurationError:
                    refused += 1
                    break
            if step and step[0] is None:
                assert [row.id for row in rows] == expected, number
                whole += 1
                break
            rows += step
        number += 1

    assert refused > 300
    assert whole > 0


def counts_in_a_hub(client: InviteClient) -> object:
    return Hub({"one": client}).count()["one"].count


def plans_a_roster(client: InviteClient) -> object:
    return Roster([{"email": "guest1@example.org", "role": "VIEWER"}]).plan(client).counts


WITH_THREADS = frozenset({calling.__file__, _threads.__file__, threading.__file__})


@pytest.mark.parametrize("call", [counts_in_a_hub, plans_a_roster])
def test_wherever_an_interrupt_comes_what_runs_in_a_thread_ends(
    cloudtruth: InviteClient, call: Callable[[InviteClient], object]
) -> None:
    """Also one that comes while the thread is started: nobody waits for a loop that nobody will end."""
    expected = call(cloudtruth)
    number = 0
    while Places(number, Failed, WITH_THREADS).run(lambda: call(cloudtruth)):
        assert call(cloudtruth) == expected, number
        assert claims.held() == [], number
        number += 1

    assert number > 30
