"""Intents are noted before it is their turn. What was not sent then is taken back, and is nobody's mail."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from invite_sdk import AsyncInviteClient
from invite_sdk.roster import AsyncRoster, Row, RowEvent
from invite_sdk.testing import FakeWaldur, Fault

PEOPLE = [f"p{number}@example.com" for number in range(40)]


def noted(path: Path) -> Counter[tuple[str, int]]:
    """How many rows a journal has in each state, and whether it says that they were mailed."""
    with closing(sqlite3.connect(path)) as connection:
        return Counter(connection.execute("SELECT state, mailed_at IS NOT NULL FROM entries").fetchall())


@pytest.mark.anyio
@pytest.mark.parametrize("after", [1, 7, 20])
async def test_a_canceled_run_leaves_no_intent_without_an_outcome(after: int, tmp_path: Path) -> None:
    fake, path = FakeWaldur(), tmp_path / "run.journal"
    roster = AsyncRoster([Row(email, "CUSTOMER.MANAGER", "Acme Org") for email in PEOPLE])
    with anyio.CancelScope() as scope:
        sent = 0

        def watcher(event: RowEvent) -> None:
            nonlocal sent
            sent += event.kind == "sent"
            if sent == after:
                scope.cancel()

        async with AsyncInviteClient(fake.connection("staff"), transport=fake.transport()) as client:
            plan = await roster.plan(client)
            await roster.apply(plan, journal=path, on_event=watcher)

    assert scope.cancelled_caught
    made = len(fake.invitations)
    assert after <= made < len(PEOPLE)
    states = noted(path)
    assert states[("done", 1)] == made
    assert set(states) <= {("done", 1), ("failed", 0)}

    async with AsyncInviteClient(fake.connection("staff"), transport=fake.transport()) as client:
        report = await roster.apply(plan, client, journal=path)

    assert report.counts == {"done": len(PEOPLE) - made, "nothing": made}
    assert Counter(mail.to for mail in fake.outbox) == dict.fromkeys(PEOPLE, 1)


@pytest.mark.anyio
async def test_a_run_that_stops_early_takes_back_what_it_noted_ahead(tmp_path: Path) -> None:
    fake, path = FakeWaldur(), tmp_path / "run.journal"
    roster = AsyncRoster([Row(email, "CUSTOMER.MANAGER", "Acme Org") for email in PEOPLE])
    async with AsyncInviteClient(fake.connection("staff"), transport=fake.transport()) as client:
        plan = await roster.plan(client)
        fake.faults.plan(Fault.status(401), on="user_invitations_create", times=None)
        report = await roster.apply(plan, journal=path)

    assert set(report.counts) == {"failed", "left"}
    assert set(noted(path)) == {("failed", 0)}
