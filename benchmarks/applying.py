"""10,000 people are invited, at most 32 at once, at 50 ms a request: how much of the waiting overlaps."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import anyio

from benchmarks._measure import Bench, Side, Target, once, once_async
from benchmarks._roster import AT_ONCE, CONNECTION, ROLE, ROWS, SCOPE, check, fresh, people, service
from invite_sdk import AsyncInviteClient, InviteClient
from invite_sdk.roster import AsyncRoster, Roster, Row

SECONDS = 0.05


def prepare(stack: ExitStack) -> Bench:
    """The sides."""
    journals = fresh(stack)
    transport = service(SECONDS)
    runner = stack.enter_context(asyncio.Runner())
    pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
    client = stack.enter_context(InviteClient(CONNECTION, transport=transport))
    in_async = AsyncInviteClient(CONNECTION, transport=transport)
    rows = people(ROWS)
    roster, async_roster = Roster(rows), AsyncRoster(rows)
    plan = roster.plan(client)
    ideal, loop, loop_async = "the ideal", f"create in a loop, {AT_ONCE} threads", "create in a loop, async"
    threads, tasks = "Roster", "AsyncRoster"

    def create(row: Row) -> object:
        return client.create(row.email, role=ROLE, scope=SCOPE)

    async def create_async() -> None:
        limiter = anyio.CapacityLimiter(AT_ONCE)

        async def one(row: Row) -> None:
            async with limiter:
                await in_async.create(row.email, role=ROLE, scope=SCOPE)

        async with anyio.create_task_group() as group:
            for row in rows:
                group.start_soon(one, row)

    async def apply_async() -> None:
        check(await async_roster.apply(plan, in_async, journal=journals(), max_concurrency=AT_ONCE), plan)

    def apply() -> None:
        check(roster.apply(plan, client, journal=journals(), max_concurrency=AT_ONCE), plan)

    text = "at least 0.9 of the ideal: at most 1.11 of its time"
    return Bench(
        "applying",
        f"A list of {ROWS:,} people is applied, {AT_ONCE} at once, at {SECONDS * 1e3:.0f} ms a request",
        "s",
        (
            Side(ideal, lambda: ROWS / AT_ONCE * SECONDS),
            Side(threads, once(apply, "s"), ideal),
            Side(tasks, once_async(apply_async, "s", runner), ideal),
            Side(loop, once(lambda: list(pool.map(create, rows)), "s"), ideal),
            Side(loop_async, once_async(create_async, "s", runner), ideal),
        ),
        rounds=3,
        targets=tuple(Target(text, name, "ratio", 1 / 0.9) for name in (threads, tasks)),
        notes=(
            (
                "With a journal on disk, and what is there read once more. It begins with a few at once and grows. The "
                "loops look at nothing and note nothing."
            ),
        ),
    )
