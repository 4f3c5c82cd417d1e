"""Whose a plan and a journal are: one organization's are never taken for another's."""

from __future__ import annotations

from pathlib import Path

import pytest

from invite_sdk import NO_RETRIES, CloudTruth, Enhance, InvalidArgumentError, InviteClient
from invite_sdk.hub import Hub
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


def of_organization(fake: FakeEnhance, organization: str | None, url: str | None = None) -> InviteClient:
    connection = Enhance(
        url or fake.base_url, token=fake.users["master"].token, organization=organization, allow_http=True
    )
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


# A key that was rotated: the account is the same, and only its user can say so.

WARNING = r"such as Enhance, another file would have everybody in this one mailed again"


class Rotation:
    """A list for CloudTruth and Enhance, invited by the key of one user of that organization."""

    def __init__(self, path: Path) -> None:
        self.cloudtruth, self.enhance, self.path = FakeCloudTruth(), FakeEnhance(), path
        self.roster = Roster([{**VIEWER, "client": "cloud"}, person(client="panel")])
        hub = self.hub("owner")
        assert self.roster.apply(self.roster.plan(hub), journal=path).counts == {"done": 2}

    def hub(self, user: str, *, panel: str | None = None) -> Hub:
        key = self.cloudtruth.users[user].api_key
        assert key is not None
        enhance = of_organization(self.enhance, self.enhance.org_id("Acme"), panel)
        return Hub({"cloud": of_key(self.cloudtruth, key), "panel": enhance})

    @property
    def mailed(self) -> int:
        return len(self.cloudtruth.invitations) + len(self.enhance.outbox)


def test_a_rotated_key_is_told_how_to_go_on_with_the_journal_and_what_another_file_would_do(tmp_path: Path) -> None:
    run = Rotation(tmp_path / "run")
    plan = run.roster.plan(run.hub("admin"))

    for refused in (
        lambda: run.roster.plan(run.hub("admin"), journal=run.path, changed_list=True),
        lambda: run.roster.apply(plan, run.hub("admin"), journal=run.path),
    ):
        with pytest.raises(JournalError, match=rf"say same_accounts=\['cloud'\]: .* {WARNING}"):
            refused()


def test_a_journal_goes_on_with_a_key_that_was_rotated_and_is_of_that_one_from_then_on(tmp_path: Path) -> None:
    run = Rotation(tmp_path / "run")
    hub = run.hub("admin")

    plan = run.roster.plan(hub, journal=run.path, same_accounts=["cloud"])
    assert [one.action for one in plan] == ["nothing", "nothing"]
    assert run.roster.apply(plan, journal=run.path, same_accounts=["cloud"]).counts == {"nothing": 2}
    assert run.mailed == 2
    assert run.roster.plan(hub, journal=run.path).is_empty
    with pytest.raises(JournalError, match="belongs to other clients"):
        run.roster.plan(run.hub("owner"), journal=run.path)


def test_only_the_client_that_is_named_may_have_changed(tmp_path: Path) -> None:
    run = Rotation(tmp_path / "run")
    hub = run.hub("admin", panel="https://another.example.org")

    with pytest.raises(JournalError, match=r"say same_accounts=\['cloud', 'panel'\]"):
        run.roster.plan(hub, journal=run.path, same_accounts=["cloud"])
    assert run.roster.plan(hub, journal=run.path, same_accounts=["cloud", "panel"]).is_empty


def test_a_client_of_another_service_is_never_the_same_account(tmp_path: Path) -> None:
    run = Rotation(tmp_path / "run")
    clients = run.hub("owner").clients
    swapped = Hub({"cloud": clients["panel"], "panel": clients["cloud"]})
    roster = Roster([{**VIEWER, "client": "panel"}, person(client="cloud")])

    with pytest.raises(JournalError, match=f"name another file: .* {WARNING}"):
        roster.plan(swapped, journal=run.path, changed_list=True, same_accounts=["cloud", "panel"])
