"""Memory while 10,000 people are held beside the 20,000 invitations of a service, in a process of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread

from benchmarks._data import ROOT
from benchmarks._measure import Bench, Side, Target
from benchmarks._roster import CONNECTION, ROWS, people, service
from benchmarks.planning import EXISTING, THERE
from invite_sdk import AsyncInviteClient, InviteClient
from invite_sdk.roster import AsyncRoster, Roster

_STATUS = Path("/proc/self/statm")
_PAGE = 4096 / 2**20
_EVERY = 0.005
MOST = 60.0


def prepare(stack: ExitStack) -> Bench:
    """The sides."""
    del stack
    sides = {"Roster": "sync", "AsyncRoster": "async"} if _STATUS.exists() else {}
    return Bench(
        "planning_memory",
        f"Memory over the start while {ROWS:,} people are planned, {EXISTING:,} invitations being there",
        "MiB",
        tuple(Side(name, _sample(way)) for name, way in sides.items()),
        rounds=3,
        targets=tuple(Target("under 60 MiB over the start", name, "value", MOST) for name in sides),
        notes=(
            (
                "The largest growth of what the system gave the process, from the moment when the list has been read "
                "and a list of one person has been planned, so that all is loaded."
            ),
        ),
    )


def _sample(way: str) -> Callable[[], float]:
    def sample() -> float:
        command = [sys.executable, "-m", "benchmarks.planning_memory", way]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - ours
        return float(done.stdout)

    return sample


class _Watch:
    """The largest growth while it lasts, looked at from a thread of its own."""

    def __init__(self) -> None:
        self._over = Event()
        self._start = self.most = _resident()
        self._thread = Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(_EVERY):
            self.most = max(self.most, _resident())

    def end(self) -> float:
        self._over.set()
        self._thread.join()
        return max(self.most, _resident()) - self._start


def _resident() -> float:
    return int(_STATUS.read_text().split()[1]) * _PAGE


def _sync() -> float:
    roster = Roster(people(ROWS, THERE))
    with InviteClient(CONNECTION, transport=service(0, EXISTING)) as client:
        Roster(people(1)).plan(client)
        watch = _Watch()
        plan = roster.plan(client)
        growth = watch.end()
    if len(plan) != ROWS:
        raise AssertionError(repr(plan))
    return growth


async def _async() -> float:
    roster = AsyncRoster(people(ROWS, THERE))
    async with AsyncInviteClient(CONNECTION, transport=service(0, EXISTING)) as client:
        await AsyncRoster(people(1)).plan(client)
        watch = _Watch()
        plan = await roster.plan(client)
        growth = watch.end()
    if len(plan) != ROWS:
        raise AssertionError(repr(plan))
    return growth


if __name__ == "__main__":
    sys.stdout.write(f"{_sync() if sys.argv[1] == 'sync' else asyncio.run(_async())}\n")
