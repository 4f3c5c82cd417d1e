"""How many writes are under way at once, on a clock that moves when all tasks wait."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import anyio
import pytest
import trio
from trio.testing import MockClock

from invite_sdk import AttemptEvent, InvalidArgumentError
from invite_sdk.roster import pace as module
from invite_sdk.roster.pace import FIRST, Pace, checked_caps

SENT = AttemptEvent("before", "svc", "create", "invitations_create", "POST", "/invitations/", 1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MockClock:
    """The clock of tasks, and of answers."""
    clock = MockClock(autojump_threshold=0)
    monkeypatch.setattr(module, "monotonic", clock.current_time)
    return clock


def run(clock: MockClock, act: Callable[[], Awaitable[None]]) -> None:
    trio.run(act, clock=clock)


def answer(status: int | None, seconds: float = 0.01) -> AttemptEvent:
    return replace(SENT, phase="after", status=status, seconds=seconds)


def test_it_begins_with_a_few_and_has_twice_as_many_after_each_round_of_quick_answers() -> None:
    pace = Pace(100)
    limits = []
    for _ in range(4):
        limits.append(pace.limit)
        for _ in range(int(pace.limit)):
            pace.heard(answer(201))
    assert limits == [FIRST, 8, 16, 32]


def test_it_never_has_more_than_it_may() -> None:
    pace = Pace(10)
    for _ in range(100):
        pace.heard(answer(201))
    assert pace.limit == 10
    assert Pace(2).limit == 2


@pytest.mark.parametrize("status", [429, 500, 503, None])
def test_troubles_of_one_round_halve_it_once(status: int | None, clock: MockClock) -> None:
    pace = Pace(100)
    for _ in range(12):
        pace.heard(answer(201))
    clock.jump(10)
    for _ in range(16):
        pace.heard(answer(status, seconds=1.0))
    assert pace.limit == 8
    # A request that began after that and fails is another trouble.
    clock.jump(2)
    pace.heard(answer(status, seconds=1.0))
    assert pace.limit == 4


def test_after_a_trouble_it_grows_by_one_each_round(clock: MockClock) -> None:
    pace = Pace(100)
    for _ in range(4):
        pace.heard(answer(201))
    clock.jump(10)
    pace.heard(answer(503))
    assert pace.limit == 4
    for _ in range(4):
        pace.heard(answer(201))
    assert 4.8 < pace.limit <= 5


def test_it_is_never_less_than_one(clock: MockClock) -> None:
    pace = Pace(100)
    for _ in range(10):
        clock.jump(10)
        pace.heard(answer(503))
    assert pace.limit == 1


def test_it_does_not_grow_while_answers_are_slow_or_refuse() -> None:
    pace = Pace(100)
    pace.heard(answer(201, seconds=0.1))
    for _ in range(10):
        pace.heard(answer(201, seconds=0.3))
        pace.heard(answer(400))
    assert pace.limit == FIRST + 1


def test_only_what_came_back_counts() -> None:
    pace = Pace(100)
    pace.heard(SENT)
    assert pace.limit == FIRST


def test_more_than_the_limit_wait_until_one_is_over(clock: MockClock) -> None:
    pace, begun = Pace(2), list[float]()

    async def one() -> None:
        await pace.take()
        begun.append(anyio.current_time())
        await anyio.sleep(10)
        pace.give_back()

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(one)

    run(clock, main)
    assert begun == [0, 0, 10, 10, 20]


def test_a_wait_holds_for_all_that_are_still_to_begin(clock: MockClock) -> None:
    pace, begun = Pace(4), list[float]()

    async def main() -> None:
        pace.pause(30)
        pace.pause(7)
        for _ in range(2):
            await pace.take()
            begun.append(anyio.current_time())

    run(clock, main)
    assert begun == [30, 30]


def test_a_rate_spaces_what_begins_evenly_and_saves_up_nothing(clock: MockClock) -> None:
    pace, begun = Pace(100, rate=2), list[float]()

    async def main() -> None:
        for wait in (0, 0, 0, 10, 0, 0):
            await anyio.sleep(wait)
            await pace.take()
            pace.give_back()
            begun.append(anyio.current_time())

    run(clock, main)
    assert begun == [0, 0.5, 1, 11, 11.5, 12]


def test_who_wakes_late_does_not_slow_the_rate_down(clock: MockClock) -> None:
    pace, begun = Pace(100, rate=2), list[float]()

    async def main() -> None:
        for wait in (0, 0.75, 0, 0.25, 0):
            await anyio.sleep(wait)
            await pace.take()
            pace.give_back()
            begun.append(anyio.current_time())

    run(clock, main)
    assert begun == [0, 0.75, 1, 1.5, 2]


@pytest.mark.parametrize(
    "caps",
    [
        (0, None, 1),
        (1001, None, 1),
        (True, None, 1),
        (2.5, None, 1),
        (1, 0, 1),
        (1, -1, 1),
        (1, math.inf, 1),
        (1, math.nan, 1),
        (1, True, 1),
        (1, "2", 1),
        (1, None, -1),
        (1, None, math.inf),
        (1, None, True),
        (1, None, "2"),
    ],
)
def test_caps_that_cannot_be_right_are_refused(caps: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidArgumentError):
        checked_caps(*caps)


def test_caps_may_be_the_least_and_the_most() -> None:
    checked_caps(1, 0.1, 300.0)
    checked_caps(1000, None, 0)
