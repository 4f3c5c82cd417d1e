"""Every operation under every fault: one effect at most, a true outcome, errors of ours, in time, nothing secret."""

from __future__ import annotations

import pytest

from invite_sdk.testing.suite.watching import Watch
from tests.behaviour.worlds import NEWEST, WORLDS
from tests.reliability.cells import baseline, operations
from tests.reliability.matrix import Tally, carry_out, faults, lasting, pairs, single

OVER = [
    pytest.param(world, operation, id=f"{world}-{operation}") for world in NEWEST for operation in operations(world)
]
WRITES = [param for param in OVER if baseline(*map(str, param.values)).write]


@pytest.fixture(autouse=True)
def unwatched(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spares the fakes the check of each answer: other tests make it, and here it would take most of the time."""
    monkeypatch.setattr(watch, "check", lambda *_: None)


def none_wrong(tally: Tally) -> bool:
    assert not tally.wrong, "\n".join([f"{len(tally.wrong)} of {tally.cells} cells:", *tally.wrong[:20]])
    return True


@pytest.mark.parametrize("way", ["sync", "asyncio"])
@pytest.mark.parametrize(("world", "operation"), OVER)
def test_a_fault_on_any_request_does_nothing_twice_and_tells_the_truth(world: str, operation: str, way: str) -> None:
    tally = carry_out(single(world, operation), way)

    assert none_wrong(tally)
    assert tally.cells == len(faults(world)) * len(baseline(world, operation).requests)
    assert tally.invisible < tally.cells / 2


@pytest.mark.parametrize(("world", "operation"), OVER)
def test_a_fault_that_lasts_does_nothing_twice_and_tells_the_truth(world: str, operation: str) -> None:
    tally = carry_out(lasting(world, operation), "sync")

    assert none_wrong(tally)
    assert set(tally.outcomes) - {"result"}


@pytest.mark.parametrize("way", ["sync", "asyncio"])
@pytest.mark.parametrize(("world", "operation"), WRITES)
def test_two_faults_in_a_row_do_nothing_twice_and_the_truth_is_told(world: str, operation: str, way: str) -> None:
    assert none_wrong(carry_out(pairs(world, operation, offset=3 * (way != "sync")), way))


@pytest.mark.parametrize(("world", "operation"), [("waldur-2026", "create"), ("zenml-offset", "accept")])
def test_it_is_the_same_on_trio(world: str, operation: str) -> None:
    assert none_wrong(carry_out(single(world, operation), "trio"))


@pytest.mark.parametrize("world", sorted(set(WORLDS) - set(NEWEST)))
def test_the_matrix_in_full_knows_what_each_older_server_does(world: str) -> None:
    does = operations(world)
    newest = next(name for name in NEWEST if name.partition("-")[0] == world.partition("-")[0])

    assert all(baseline(world, operation).requests for operation in does)
    assert set(does) <= set(operations(newest))
