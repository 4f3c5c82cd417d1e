"""Memory while 10,000 people are held beside the 20,000 invitations of a service, in a process of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import ExitStack
from threading import Event, Thread

from benchmarks._data import ROOT
from benchmarks._measure import Bench, Side, Target
from benchmarks._roster import CONNECTION, ROWS, people, service
from benchmarks.memory import meters
from benchmarks.planning import EXISTING, THERE
from invite_sdk import AsyncInviteClient, InviteClient
from invite_sdk.roster import AsyncRoster, Roster

_EVERY = 0.005
MOST = 60.0


def prepare(stack: ExitStack) -> Bench:
    """The sides."""
    del stack
    ways = {"Roster": "sync", "AsyncRoster": "async"}
    sides = {f"{name}, {kind}": (way, kind) for name, way in ways.items() for kind in meters()}
    return Bench(
        "planning_memory",
        f"Memory over the start while {ROWS:,} people are planned, {EXISTING:,} invitations being there",
        "MiB",
        tuple(Side(name, _sample(*chosen)) for name, chosen in sides.items()),
        rounds=3,
        targets=tuple(Target("under 60 MiB over the start", name, "value", MOST) for name in sides),
        notes=(
            (
                "The largest growth, from the moment when the list has been read "
                "and a list of one person has been planned, so that all is loaded. `resident` is what the system "
                "gave the process; `traced` what Python itself holds."
            ),
        ),
    )


def _sample(way: str, kind: str) -> Callable[[], float]:
    def sample() -> float:
        command = [sys.executable, "-m", "benchmarks.planning_memory", way, kind]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - ours
        return float(done.stdout)

    return sample


class _Watch:
    """The largest growth while it lasts, looked at from a thread of its own."""

    def __init__(self, meter: Callable[[], float]) -> None:
        self._over = Event()
        self._meter = meter
        self._start = self._most = meter()
        self._thread = Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(_EVERY):
            self._most = max(self._most, self._meter())

    def end(self) -> float:
        self._over.set()
        self._thread.join()
        return max(self._most, self._meter()) - self._start


def _sync(meter: Callable[[], float]) -> float:
    roster = Roster(people(ROWS, THERE))
    with InviteClient(CONNECTION, transport=service(0, EXISTING)) as client:
        Roster(people(1)).plan(client)
        watch = _Watch(meter)
        plan = roster.plan(client)
        growth = watch.end()
    if len(plan) != ROWS:
        raise AssertionError(repr(plan))
    return growth


async def _async(meter: Callable[[], float]) -> float:
    roster = AsyncRoster(people(ROWS, THERE))
    async with AsyncInviteClient(CONNECTION, transport=service(0, EXISTING)) as client:
        await AsyncRoster(people(1)).plan(client)
        watch = _Watch(meter)
        plan = await roster.plan(client)
        growth = watch.end()
    if len(plan) != ROWS:
        raise AssertionError(repr(plan))
    return growth


def main(way: str, kind: str) -> None:
    """Plans once and prints the growth."""
    if kind == "traced":
        tracemalloc.start()
    meter = meters()[kind]
    sys.stdout.write(f"{_sync(meter) if way == 'sync' else asyncio.run(_async(meter))}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
