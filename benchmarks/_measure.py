"""Sides of a comparison, measured in turn: A B A B, many rounds, and what follows from the samples."""

from __future__ import annotations

import asyncio
import gc
import statistics
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import repeat
from time import perf_counter
from typing import Literal

MIN_ROUNDS = 3
"""One run says nothing about noise, two hardly more."""
PER_SECOND = {"s": 1.0, "ms": 1e3, "µs": 1e6}
_LONG_ENOUGH = 0.03

Figure = Literal["ratio", "added", "value"]


@dataclass(frozen=True, slots=True)
class Side:
    """One contender. `sample` measures once and returns a number in the bench's unit."""

    name: str
    sample: Callable[[], float]
    base: str | None = None
    """The side that it is compared with."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a side should reach."""

    text: str
    side: str
    figure: Figure
    """`ratio` to the base: the median of the rounds'. `added` to it: of minima. `value`: the median itself."""
    at_most: float
    fails_over: float | None = None
    """Past this it is a failure and not only a missed target."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A comparison."""

    name: str
    title: str
    unit: str
    sides: tuple[Side, ...]
    rounds: int
    net_of: str | None = None
    """The side whose time is taken off every other before ratios are made."""
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """What the samples of one side say."""

    side: str
    base: str | None
    samples: tuple[float, ...]
    ratio: float | None
    """The median of the rounds' own ratios, net of what the bench takes off.

    The sides of a round meet the same spell of the machine, which those of different rounds may not.
    """
    ratio_of_minima: float | None
    added: float | None
    """The median of the rounds' own differences."""

    @property
    def minimum(self) -> float:
        """The smallest sample: what noise disturbed least."""
        return min(self.samples)

    @property
    def median(self) -> float:
        """The middle sample."""
        return statistics.median(self.samples)

    @property
    def maximum(self) -> float:
        """The largest sample."""
        return max(self.samples)


def measure(bench: Bench, rounds: int | None = None) -> list[Summary]:
    """Measures every side once a round; each round starts with another side.

    Raises:
        ValueError: too few rounds to tell noise from difference.
    """
    count = bench.rounds if rounds is None else rounds
    if count < MIN_ROUNDS:
        raise ValueError(f"{count} rounds say nothing: at least {MIN_ROUNDS}")
    gc.collect()
    gc.freeze()
    samples: dict[str, list[float]] = {side.name: [] for side in bench.sides}
    for number in range(count):
        first = number % len(bench.sides)
        for side in (*bench.sides[first:], *bench.sides[:first]):
            gc.collect()
            samples[side.name].append(side.sample())
    return summarize(bench, samples)


def summarize(bench: Bench, samples: dict[str, list[float]]) -> list[Summary]:
    """Compares each side with its base."""

    def net(name: str) -> list[float]:
        off = samples[bench.net_of] if bench.net_of else repeat(0.0)
        return [sample - less for sample, less in zip(samples[name], off, strict=False)]

    def least(name: str) -> float:
        return min(samples[name]) - (min(samples[bench.net_of]) if bench.net_of else 0.0)

    def summary(side: Side) -> Summary:
        taken = tuple(samples[side.name])
        if side.base is None:
            return Summary(side.name, None, taken, None, None, None)
        pairs = list(zip(net(side.name), net(side.base), strict=True))
        ratios = [ours / theirs for ours, theirs in pairs if theirs > 0]
        return Summary(
            side.name,
            side.base,
            taken,
            statistics.median(ratios) if ratios else None,
            least(side.name) / least(side.base) if least(side.base) > 0 else None,
            statistics.median([ours - theirs for ours, theirs in pairs]),
        )

    return [summary(side) for side in bench.sides]


def timed(call: Callable[[], object], unit: str) -> Callable[[], float]:
    """A sample: the mean time of one call, over as many calls as last long enough to be timed well."""

    def run(number: int) -> float:
        started = perf_counter()
        for _ in repeat(None, number):
            call()
        return perf_counter() - started

    number = _enough(run)
    return lambda: run(number) / number * PER_SECOND[unit]


def timed_async(call: Callable[[], Awaitable[object]], unit: str, runner: asyncio.Runner) -> Callable[[], float]:
    """The same for a coroutine, all calls of a sample in one go of the event loop."""

    async def calls(number: int) -> float:
        started = perf_counter()
        for _ in repeat(None, number):
            await call()
        return perf_counter() - started

    def run(number: int) -> float:
        return runner.run(calls(number))

    number = _enough(run)
    return lambda: run(number) / number * PER_SECOND[unit]


def once(call: Callable[[], object], unit: str) -> Callable[[], float]:
    """A sample: the time of a single call, for what takes long."""

    def sample() -> float:
        started = perf_counter()
        call()
        return (perf_counter() - started) * PER_SECOND[unit]

    return sample


def once_async(call: Callable[[], Awaitable[object]], unit: str, runner: asyncio.Runner) -> Callable[[], float]:
    """The same for a coroutine."""

    async def sample() -> float:
        started = perf_counter()
        await call()
        return (perf_counter() - started) * PER_SECOND[unit]

    return lambda: runner.run(sample())


def _enough(run: Callable[[int], float]) -> int:
    run(1)
    number = 1
    while run(number) < _LONG_ENOUGH:
        number *= 2
    return number
