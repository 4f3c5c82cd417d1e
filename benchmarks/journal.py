"""What a journal on disk adds to each row that is applied, while the service answers at once."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from time import perf_counter

from benchmarks._measure import Bench, Side, Target
from benchmarks._roster import CONNECTION, check, fresh, people, service
from invite_sdk import AsyncInviteClient, InviteClient
from invite_sdk.roster import AsyncRoster, Roster

ROWS = 2_000
MOST = 0.3
"""Milliseconds that it may add to a row."""


def prepare(stack: ExitStack) -> Bench:
    """The sides."""
    journals = fresh(stack)
    transport = service(0)
    runner = stack.enter_context(asyncio.Runner())
    client = stack.enter_context(InviteClient(CONNECTION, transport=transport))
    in_async = AsyncInviteClient(CONNECTION, transport=transport)
    roster, async_roster = Roster(people(ROWS)), AsyncRoster(people(ROWS))
    plan = roster.plan(client)

    def apply(*, noted: bool) -> float:
        started = perf_counter()
        check(roster.apply(plan, client, journal=journals() if noted else None), plan)
        return (perf_counter() - started) / ROWS * 1e3

    async def apply_async(*, noted: bool) -> float:
        started = perf_counter()
        check(await async_roster.apply(plan, in_async, journal=journals() if noted else None), plan)
        return (perf_counter() - started) / ROWS * 1e3

    noted, noted_async = "Roster, journal on disk", "AsyncRoster, journal on disk"
    return Bench(
        "journal",
        "Applying a list with and without a journal on disk, each row",
        "ms",
        (
            Side("Roster, journal in memory", lambda: apply(noted=False)),
            Side(noted, lambda: apply(noted=True), "Roster, journal in memory"),
            Side("AsyncRoster, journal in memory", lambda: runner.run(apply_async(noted=False))),
            Side(noted_async, lambda: runner.run(apply_async(noted=True)), "AsyncRoster, journal in memory"),
        ),
        rounds=5,
        targets=tuple(Target("adds at most 0.3 ms a row", name, "added", MOST) for name in (noted, noted_async)),
        notes=(f"{ROWS:,} rows, 32 at once at the most, none of whose time is waiting for the service.",),
    )
