"""Memory while iterating over 200,000 invitations, each time in a process of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks._data import ORIGIN, ROOT, TOKEN, WaldurPages
from benchmarks._measure import Bench, Side, Target
from benchmarks._transports import Delayed, pages_of
from invite_sdk import AsyncInviteClient, InviteClient, Waldur

TOTAL = 200_000
EVERY = 1_000
_STATUS = Path("/proc/self/statm")
_PAGE = 4096 / 2**20


def prepare(stack: ExitStack) -> Bench:
    """The sides."""
    del stack
    names = {f"invite-sdk, {way}, {kind}": (way, kind) for way in ("sync", "async") for kind in meters()}
    return Bench(
        "memory",
        f"Memory over the start while iterating over {TOTAL:,} invitations",
        "MiB",
        tuple(Side(name, _sample(*chosen)) for name, chosen in names.items()),
        rounds=3,
        targets=tuple(Target("under 20 MiB over the start", name, "value", 20.0) for name in names),
        notes=(
            (
                "The largest growth since the first row came, rows being dropped as they come. `resident` is what the "
                "system gave the process; `traced` what Python itself holds."
            ),
        ),
    )


def meters() -> dict[str, Callable[[], float]]:
    """The ways to measure memory in MiB that this system has."""
    meters: dict[str, Callable[[], float]] = {"traced": _traced}
    return {"resident": _resident} | meters if _STATUS.exists() else meters


def _resident() -> float:
    return int(_STATUS.read_text().split()[1]) * _PAGE


def _traced() -> float:
    return tracemalloc.get_traced_memory()[0] / 2**20


def _sample(way: str, kind: str) -> Callable[[], float]:
    def sample() -> float:
        command = [sys.executable, "-m", "benchmarks.memory", way, kind]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - ours
        return float(done.stdout)

    return sample


class _Watch:
    """The largest growth of what a meter shows, from the first row on."""

    def __init__(self, meter: Callable[[], float]) -> None:
        self._meter = meter
        self._rows = 0
        self._start = 0.0
        self.growth = 0.0

    def row(self) -> None:
        if self._rows == 0:
            self._start = self._meter()
        elif self._rows % EVERY == 0:
            self.growth = max(self.growth, self._meter() - self._start)
        self._rows += 1

    def end(self) -> float:
        if self._rows != TOTAL:
            raise AssertionError(f"{self._rows} rows came")
        return self.growth


def _sync(watch: _Watch) -> float:
    with InviteClient(Waldur(ORIGIN, token=TOKEN), transport=Delayed(0, pages_of(WaldurPages(TOTAL)))) as client:
        for _ in client.list():
            watch.row()
    return watch.end()


async def _async(watch: _Watch) -> float:
    transport = Delayed(0, pages_of(WaldurPages(TOTAL)))
    async with AsyncInviteClient(Waldur(ORIGIN, token=TOKEN), transport=transport) as client:
        async for _ in client.list():
            watch.row()
    return watch.end()


def main(way: str, kind: str) -> None:
    """Iterates once and prints the growth."""
    if kind == "traced":
        tracemalloc.start()
    watch = _Watch(meters()[kind])
    growth = _sync(watch) if way == "sync" else asyncio.run(_async(watch))
    sys.stdout.write(f"{growth}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
