"""10,000 people are invited, at most 32 at once, at 50 ms a request: how much of the waiting overlaps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from benchmarks._measure import Bench, Side, Target, once, once_async
from benchmarks._roster import AT_ONCE, CONNECTION, ROWS, known, people, service
from invite_sdk import AsyncInviteClient, InviteClient
from invite_sdk.roster import AsyncRoster, Plan, Report, Roster

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

    def create(row: dict[str, object]) -> object:
        return client.create(str(row["email"]), **known(0))

    async def create_async() -> None:
        limiter = anyio.CapacityLimiter(AT_ONCE)

        async def one(row: dict[str, object]) -> None:
            async with limiter:
                await in_async.create(str(row["email"]), **known(0))

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


def fresh(stack: ExitStack) -> Callable[[], Path]:
    """Names journals that are not there yet, on disk."""
    folder = Path(stack.enter_context(TemporaryDirectory(dir=Path.cwd(), prefix=".journals-")))
    numbers = count()
    return lambda: folder / f"{next(numbers)}.journal"


def check(report: Report, plan: Plan) -> None:
    """Refuses a run that did not do everything.

    Raises:
        AssertionError: it did not.
    """
    if report.counts != {"done": len(plan)}:
        raise AssertionError(repr(report))
