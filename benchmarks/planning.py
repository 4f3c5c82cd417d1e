"""10,000 people are held beside the 20,000 invitations that a service has: the time, each row, and the requests."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from time import perf_counter

from benchmarks._measure import Bench, Side
from benchmarks._roster import CONNECTION, ROWS, people, service
from benchmarks._transports import Delayed
from invite_sdk import AsyncInviteClient, InviteClient
from invite_sdk.roster import AsyncRoster, Plan, Roster

EXISTING = 20_000
THERE = ROWS // 2
"""How many of the list are among them."""
PAGES = -(-EXISTING // 300)
"""Waldur gives at most 300 rows a page."""


def prepare(stack: ExitStack) -> Bench:
    """The sides."""
    transport = service(0, EXISTING)
    runner = stack.enter_context(asyncio.Runner())
    client = stack.enter_context(InviteClient(CONNECTION, transport=transport))
    in_async = AsyncInviteClient(CONNECTION, transport=transport)
    roster, async_roster = Roster(people(ROWS, THERE)), AsyncRoster(people(ROWS, THERE))

    def plan() -> float:
        before, started = transport.requests, perf_counter()
        check(roster.plan(client), transport, before)
        return (perf_counter() - started) / ROWS * 1e6

    async def plan_async() -> float:
        before, started = transport.requests, perf_counter()
        check(await async_roster.plan(in_async), transport, before)
        return (perf_counter() - started) / ROWS * 1e6

    return Bench(
        "planning",
        f"A list of {ROWS:,} people is planned, {EXISTING:,} invitations being there, each row",
        "µs",
        (Side("Roster", plan), Side("AsyncRoster", lambda: runner.run(plan_async()))),
        rounds=5,
        notes=(f"Half of the people are invited already. It takes {PAGES} requests, one for each page.",),
    )


def check(plan: Plan, transport: Delayed, before: int) -> None:
    """Refuses a plan that did not find all, or took other requests than one a page.

    Raises:
        AssertionError: it did.
    """
    if plan.counts.get("create") != ROWS - THERE or len(plan) != ROWS:
        raise AssertionError(repr(plan))
    if transport.requests - before != PAGES:
        raise AssertionError(f"{transport.requests - before} requests, not {PAGES}")
