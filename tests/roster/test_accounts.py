"""Whose a plan and a journal are: one organization's are never taken for another's."""

from __future__ import annotations

from pathlib import Path

import pytest

from invite_sdk import NO_RETRIES, CloudTruth, InvalidArgumentError, InviteClient
from invite_sdk.roster import JournalError, Roster
from invite_sdk.testing import FakeCloudTruth

VIEWER = {"email": "ann@example.org", "role": "VIEWER"}


def of_key(fake: FakeCloudTruth, key: str) -> InviteClient:
    """A client with a key of its own, which is of an organization of its own."""
    connection = CloudTruth(fake.base_url, api_key=key, allow_http=True)
    return InviteClient(connection, transport=fake.transport(), retry=NO_RETRIES)


def test_a_plan_for_the_organization_of_one_key_is_refused_with_another() -> None:
    fake = FakeCloudTruth()
    roster = Roster([VIEWER])
    plan = roster.plan(of_key(fake, fake.users["owner"].api_key))

    with pytest.raises(InvalidArgumentError, match="this plan is for other clients"):
        roster.apply(plan, of_key(fake, "another-key"))
    assert fake.effects["created"] == 0


def test_a_journal_of_the_organization_of_one_key_is_refused_with_another(tmp_path: Path) -> None:
    here, there = FakeCloudTruth(), FakeCloudTruth()
    key = here.users["owner"].api_key
    roster, path = Roster([VIEWER]), tmp_path / "run.journal"
    client = of_key(here, key)
    roster.apply(roster.plan(client), client, journal=path)

    with pytest.raises(JournalError, match="belongs to other clients") as caught:
        roster.plan(of_key(there, "another-key"), journal=path)
    assert key not in str(caught.value)
