"""The fault matrix: every operation, every fault on each of its requests, every service, synchronously and not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from invite_sdk.testing import Fault, every_fault
from tests.reliability.cells import MAX_BODY, Cell, Seen, baseline, run, start
from tests.reliability.either import play
from tests.reliability.leaks import every_log

WAYS = ("sync", "asyncio")
EVERY = 19
"""Of the pairs of faults, one of so many is in the tests; all of them are in the full run."""


def faults(world: str) -> tuple[Fault, ...]:
    """Every fault, with sizes that are too much and waits that are too long for the clients of the matrix."""
    return (*every_fault(field=start(world).id_key, size=2 * MAX_BODY), Fault.slow_headers(5), Fault.slow_body(5))


def single(world: str, operation: str) -> Iterator[Cell]:
    """Each fault on each request that the operation makes when nothing goes wrong."""
    for number in range(1, len(baseline(world, operation).requests) + 1):
        for fault in faults(world):
            yield Cell(world, operation, ((number, fault),))


def lasting(world: str, operation: str) -> Iterator[Cell]:
    """Each fault on every request from the first one on, and from the one that takes effect on."""
    write = baseline(world, operation).write
    for number in sorted({1, write or 1}):
        for fault in faults(world):
            yield Cell(world, operation, ((number, fault),), lasts=True)


def pairs(world: str, operation: str, every: int = EVERY, offset: int = 0) -> Iterator[Cell]:
    """For a write: two faults in a row, the first on the request that takes effect."""
    write = baseline(world, operation).write
    if write is None:
        return
    known = faults(world)
    for i, first in enumerate(known):
        for j, second in enumerate(known):
            if (i + j + offset) % every == 0:
                yield Cell(world, operation, ((write, first), (write + 1, second)))


@dataclass(slots=True)
class Tally:
    """What many cells showed together."""

    cells: int = 0
    invisible: int = 0
    """Cells whose faults nobody could notice, such as a cut body where there is none."""
    outcomes: Counter[str] = field(default_factory=Counter[str])
    unknown_taken: int = 0
    """Unknown outcomes of writes that had taken effect; the others had not."""
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def add(self, seen: Seen) -> None:
        """Counts one cell."""
        self.cells += 1
        self.invisible += seen.visible == 0
        self.outcomes[seen.outcome] += 1
        self.unknown_taken += seen.outcome == "unknown" and seen.took
        self.slowest = max(self.slowest, seen.seconds)
        self.wrong += [f"{seen.cell}: {wrong}" for wrong in seen.wrong]


def carry_out(cells: Iterable[Cell], way: str, tally: Tally | None = None) -> Tally:
    """Carries cells out in one way: `sync`, `asyncio` or `trio`."""
    found = Tally() if tally is None else tally

    async def every() -> None:
        with every_log() as heard:
            for cell in cells:
                found.add(await run(cell, way, heard))

    play(way, every)
    return found
