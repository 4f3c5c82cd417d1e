"""Two thousand schedules in every run, some with real threads, and that the model would notice what they look for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from invite_sdk._flows.claims import Claims
from invite_sdk._flows.retry import Verdict
from invite_sdk._flows.writes import Watch
from tests.reliability import stateful
from tests.reliability.stateful_figures import POOLS
from tests.reliability.threads import storm

ROOT = Path(__file__).parents[2]
SCHEDULES = 2000


def test_two_thousand_schedules_make_nothing_twice_lose_nothing_and_tell_no_untruth() -> None:
    """In a process of its own, as by hand: there nobody holds each answer against its specification meanwhile."""
    command = [sys.executable, "-m", "tests.reliability.stateful", "--schedules", str(SCHEDULES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)

    assert said["wrong"] == []
    assert (said["duplicates"], said["lost invitations"], said["untrue outcomes"]) == (0, 0, 0)
    # The schedules do what they are for.
    assert said["schedules"] == SCHEDULES
    assert said["interleaved"] > 1000
    assert said["calls"] > 15_000
    assert said["faults"] > 6_000
    assert said["kinds of faults"] == len({str(fault) for pool in POOLS for fault in pool})
    assert said["results"] > 10_000
    assert said["unknown outcomes"] > 800
    assert said["of these beside writes"] > 300
    assert 0 < said["of these had taken effect"] < said["unknown outcomes"]


def test_a_schedule_follows_from_its_seed() -> None:
    one: list[str] = []
    two: list[str] = []
    first = stateful.run(range(12), told=one).as_dict()

    assert stateful.run(range(12), told=two).as_dict() == first
    assert one == two
    assert len(one) > 60


@pytest.mark.parametrize("seed", range(18))
def test_threads_that_share_clients_make_nothing_twice_and_lose_nothing(seed: int) -> None:
    told, wrong = storm(seed)

    assert wrong == []
    assert told.calls == 48
    assert told.returned


# What the model would notice.


def test_the_model_notices_a_client_that_repeats_what_must_happen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_repeatable(found: Verdict, repeat: str) -> bool:
        return found in ("untouched", "unsure", "sick")

    monkeypatch.setattr("invite_sdk._flows.retry.is_repeatable", is_repeatable)

    assert stateful.run(range(120)).duplicates


def test_the_model_notices_claims_that_hold_nobody_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Claims, "take", lambda self, key, holder: True)

    assert any("open invitations" in words for words in stateful.run(range(240)).duplicates)


def test_the_model_notices_a_client_that_calls_a_lost_write_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    from invite_sdk import ConnectError
    from invite_sdk._flows import outcomes

    monkeypatch.setattr(outcomes, "transport_error", lambda call, failure, *, earlier=False: ConnectError("no"))
    figures = stateful.run(range(240))

    assert figures.lost
    assert figures.untrue


def test_the_model_notices_a_listing_that_minds_no_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watch, "pulls", lambda self, writes: 0)

    assert any("rows were not listed" in words for words in stateful.run(range(400)).untrue)


def test_the_command_replays_one_schedule(capsys: pytest.CaptureFixture[str]) -> None:
    assert stateful.main(["--only", "7"]) == 0
    said = capsys.readouterr()

    assert json.loads(said.out)["schedules"] == 1
    assert len(said.err.splitlines()) > 3
