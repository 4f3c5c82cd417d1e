"""Whose a plan and a journal are: one organization's are never taken for another's."""

from __future__ import annotations

from pathlib import Path

import pytest

from invite_sdk import NO_RETRIES, CloudTruth, Enhance, InvalidArgumentError, InviteClient
from invite_sdk.roster import JournalError, Plan, Roster, RosterError
from invite_sdk.testing import FakeCloudTruth, FakeEnhance

VIEWER = {"email": "ann@example.org", "role": "VIEWER"}


def key_of(fake: FakeCloudTruth) -> str:
    key = fake.users["owner"].api_key
    assert key is not None
    return key


def of_key(fake: FakeCloudTruth, key: str) -> InviteClient:
    """A client with a key of its own, which is of an organization of its own."""
    connection = CloudTruth(fake.base_url, api_key=key, allow_http=True)
    return InviteClient(connection, transport=fake.transport(), retry=NO_RETRIES)


def test_a_plan_for_the_organization_of_one_key_is_refused_with_another() -> None:
    fake = FakeCloudTruth()
    roster = Roster([VIEWER])
    plan = roster.plan(of_key(fake, key_of(fake)))

    with pytest.raises(InvalidArgumentError, match="this plan is for other clients"):
        roster.apply(plan, of_key(fake, "another-key"))
    assert fake.effects["created"] == 0


def test_a_journal_of_the_organization_of_one_key_is_refused_with_another(tmp_path: Path) -> None:
    here, there = FakeCloudTruth(), FakeCloudTruth()
    key = key_of(here)
    roster, path = Roster([VIEWER]), tmp_path / "run.journal"
    client = of_key(here, key)
    roster.apply(roster.plan(client), client, journal=path)

    with pytest.raises(JournalError, match="belongs to other clients") as caught:
        roster.plan(of_key(there, "another-key"), journal=path)
    assert key not in str(caught.value)


# Enhance, where the connection says which organization.


def of_organization(fake: FakeEnhance, organization: str | None) -> InviteClient:
    connection = Enhance(fake.base_url, token=fake.users["master"].token, organization=organization, allow_http=True)
    return InviteClient(connection, transport=fake.transport(), retry=NO_RETRIES)


def person(**more: object) -> dict[str, object]:
    return {"email": "ann@example.org", "role": "SiteAccess", "name": "Ann", **more}


def test_no_organization_and_the_connections_own_are_one_place(tmp_path: Path) -> None:
    fake = FakeEnhance()
    acme = fake.org_id("Acme")
    client = of_organization(fake, acme)
    roster = Roster([person(), person(organization=acme), person(organization=acme)])
    plan = roster.plan(client)

    assert (plan.counts, dict(plan.duplicates)) == ({"create": 1}, {2: 1, 3: 1})
    assert roster.apply(Plan.from_json(plan.to_json()), client, journal=tmp_path / "run").counts == {"done": 1}
    assert len(fake.outbox) == 1
    report = Roster([person(organization=acme)]).plan(client, journal=tmp_path / "run")
    assert report.counts == {"nothing": 1}


def test_no_organization_and_the_connections_own_contradict_each_other_with_two_roles() -> None:
    fake = FakeEnhance()
    acme = fake.org_id("Acme")
    roster = Roster([person(), person(role="Support", organization=acme)])

    with pytest.raises(RosterError, match="line 2, role: the same person with two roles"):
        roster.plan(of_organization(fake, acme))


def test_a_plan_and_a_journal_of_one_organization_are_refused_for_another(tmp_path: Path) -> None:
    fake = FakeEnhance()
    roster, path = Roster([person()]), tmp_path / "run"
    acme, other = (of_organization(fake, fake.org_id(name)) for name in ("Acme", "Globex"))
    plan = roster.plan(acme)
    roster.apply(plan, acme, journal=path)

    with pytest.raises(InvalidArgumentError, match="this plan is for another organization"):
        roster.apply(plan, other, journal=tmp_path / "another")
    with pytest.raises(JournalError, match="belongs to another list"):
        roster.plan(other, journal=path)
    assert len(fake.outbox) == 1


def test_a_list_that_has_grown_is_told_how_to_go_on_with_its_journal(tmp_path: Path) -> None:
    fake = FakeEnhance()
    client, path = of_organization(fake, fake.org_id("Acme")), tmp_path / "run"
    roster = Roster([person()])
    roster.apply(roster.plan(client), journal=path)
    grown = Roster([person(), person(email="bob@example.org")])

    with pytest.raises(JournalError, match=r"say changed_list=True: .* would have everybody in this one mailed again"):
        grown.apply(grown.plan(client), journal=path)


def test_a_list_that_names_its_organizations_needs_none_of_the_connection(tmp_path: Path) -> None:
    fake = FakeEnhance()
    roster = Roster([person(organization=fake.org_id("Acme"))])
    plan = roster.plan(of_organization(fake, fake.org_id("Globex")))

    assert roster.apply(plan, of_organization(fake, None), journal=tmp_path / "run").counts == {"done": 1}
