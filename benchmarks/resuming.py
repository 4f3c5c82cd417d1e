"""A list of 10,000 people is applied again, with the journal that says that all is done."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from benchmarks._measure import Bench, Side, Target, once, once_async
from benchmarks._roster import CONNECTION, ROWS, check, fresh, people, service
from invite_sdk import AsyncInviteClient, InviteClient
from invite_sdk.roster import AsyncRoster, Report, Roster

MOST = 2.0


def prepare(stack: ExitStack) -> Bench:
    """The sides."""
    journal = fresh(stack)()
    transport = service(0)
    runner = stack.enter_context(asyncio.Runner())
    client = stack.enter_context(InviteClient(CONNECTION, transport=transport))
    in_async = AsyncInviteClient(CONNECTION, transport=transport)
    roster, async_roster = Roster(people(ROWS)), AsyncRoster(people(ROWS))
    plan = roster.plan(client)
    check(roster.apply(plan, client, journal=journal), plan)

    def resume() -> None:
        _check(roster.apply(plan, client, journal=journal))

    async def resume_async() -> None:
        _check(await async_roster.apply(plan, in_async, journal=journal))

    names = ("Roster", "AsyncRoster")
    return Bench(
        "resuming",
        f"A finished list of {ROWS:,} people is applied again",
        "s",
        (Side(names[0], once(resume, "s")), Side(names[1], once_async(resume_async, "s", runner))),
        rounds=5,
        targets=tuple(Target("under 2 s", name, "value", MOST) for name in names),
        notes=("The journal says that each row is done, so nothing is asked.",),
    )


def _check(report: Report) -> None:
    if report.counts != {"nothing": ROWS}:
        raise AssertionError(repr(report))
