"""Planning: each scope is read once, nothing is written, and each row has an action and a reason."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine

from invite_sdk import (
    AuthenticationError,
    ConfigurationError,
    InvalidArgumentError,
    InviteClient,
    PermissionDeniedError,
    ServerError,
)
from invite_sdk.roster import Plan, Policy, PruneLimitError, Roster, RosterError
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur, FakeZenML, Fault
from invite_sdk.testing.suite.ways import Way
from tests.roster.people import NOW, Meddled, People, asked, client_of, in_apollo, people

pytestmark = pytest.mark.usefixtures("time_stands")

WRITES = {"POST", "PUT", "PATCH", "DELETE"}


def actions(plan: Plan) -> dict[str, str]:
    """What is planned for each address."""
    return {planned.row.email: planned.action for planned in plan}


def viewer(email: str, **more: object) -> dict[str, object]:
    return {"email": email, "role": "VIEWER", **more}


# What is sent.


def test_a_plan_reads_the_pages_of_its_scope_once_whatever_the_number_of_rows(way: Way) -> None:
    fake = FakeWaldur()
    for place in range(650):
        fake.invite(f"old{place}@example.org")
    plan = People(way, fake, people(200)).plan()

    assert plan.counts == {"create": 200}
    # Three pages of 300, beside one page of roles and one lookup of the project's name.
    assert asked(fake) == {"roles_list": 1, "projects_list": 1, "user_invitations_list": 3}
    assert not {exchange.request.method for exchange in fake.requests} & WRITES


def test_each_of_several_scopes_is_read_once(way: Way) -> None:
    fake = FakeWaldur()
    fake.invite("p1@example.org", scope="beta")
    rows = [
        *people(3),
        *(in_apollo(f"p{place}@example.org", scope="Beta") for place in range(3)),
        *(
            {"email": f"p{place}@example.org", "role": "CUSTOMER.OWNER", "organization": "Acme Org"}
            for place in range(3)
        ),
    ]
    plan = People(way, fake, rows).plan()

    assert plan.counts == {"create": 8, "nothing": 1}
    assert asked(fake)["user_invitations_list"] == 3


def test_the_pages_are_all_that_cloudtruth_is_asked_for(way: Way) -> None:
    fake = FakeCloudTruth()
    for place in range(3):
        fake.invite(f"p{place}@example.org")
    plan = People(way, fake, people(5, viewer)).plan()

    assert plan.counts == {"nothing": 3, "create": 2}
    assert asked(fake) == {"invitations_list": 1}


def test_an_invitation_to_a_project_is_not_one_to_its_organization() -> None:
    fake = FakeWaldur()
    fake.invite("p0@example.org", scope="apollo")
    rows = [{"email": "p0@example.org", "role": "CUSTOMER.OWNER", "organization": "Acme Org"}]

    assert Roster(rows).plan(client_of(fake)).counts == {"create": 1}


def test_each_state_of_the_service_comes_to_its_action(way: Way, now: Any) -> None:
    fake = FakeWaldur()
    fake.invite("open@example.org")
    fake.invite("accepted@example.org", state="accepted")
    fake.invite("expired@example.org", state="expired", created=now - timedelta(days=9))
    fake.invite("overdue@example.org", created=now - timedelta(days=9))
    fake.invite("canceled@example.org", state="canceled")
    fake.invite("rejected@example.org", state="rejected")
    fake.invite("admin@example.org", role="PROJECT.ADMIN")
    fake.invite("Capitals@Example.org")
    addresses = [row.email.lower() for row in fake.invitations] + ["new@example.org"]
    plan = People(way, fake, [in_apollo(email) for email in addresses]).plan()

    assert actions(plan) == {
        "open@example.org": "nothing",
        "accepted@example.org": "nothing",
        "expired@example.org": "resend",
        "overdue@example.org": "resend",
        "canceled@example.org": "skip",
        "rejected@example.org": "skip",
        "admin@example.org": "update",
        "capitals@example.org": "nothing",
        "new@example.org": "create",
    }


def test_what_an_old_server_cannot_update_cannot_be_or_is_replaced() -> None:
    fake = FakeWaldur(version="7.0.7")
    fake.invite("p0@example.org", role="PROJECT.ADMIN")
    client, roster = client_of(fake), Roster(people(1))

    assert roster.plan(client, Policy(other_role="replace")).counts == {"replace": 1}


# What cannot be read.


def test_where_a_row_of_the_listing_cannot_be_read_nobody_is_invited_anew() -> None:
    """It may be theirs."""
    fake = FakeCloudTruth()
    fake.invite("p0@example.org")
    fake.invite("other@example.org")
    fake.faults.plan(Fault.null_field("email"), on="invitations_list")
    plan = Roster(people(2, viewer)).plan(client_of(fake))

    assert plan.counts == {"cannot": 2}
    assert "could not be read" in plan.rows[0].reason


def test_the_rows_of_a_scope_that_cannot_be_read_cannot_be_done_and_the_others_can(way: Way) -> None:
    fake = FakeWaldur()
    rows = [*people(2), {"email": "p0@example.org", "role": "CUSTOMER.OWNER", "organization": "Acme Org"}]
    fake.faults.plan(
        Fault.status(500), on="user_invitations_list", when=lambda asked: "customer" in asked.target, times=None
    )
    plan = People(way, fake, rows).plan()

    assert [planned.action for planned in plan] == ["create", "create", "cannot"]
    assert "could not be read" in plan.rows[2].reason


def test_a_scope_that_is_not_there_is_told_as_a_mistake_of_its_row_and_not_as_an_outage() -> None:
    rows = [*people(1), {**in_apollo("typo@example.org"), "scope": "Apolo"}]
    plan = Roster(rows).plan(client_of(FakeWaldur()))

    assert [planned.action for planned in plan] == ["create", "cannot"]
    assert plan.rows[1].reason.startswith("there is no project 'Apolo' that you can see")


def test_where_nothing_can_be_read_the_plan_fails_as_reading_did(way: Way) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.status(500), on="invitations_list", times=None)
    with pytest.raises(ServerError):
        People(way, fake, people(2, viewer)).plan()


def test_a_refused_credential_fails_the_plan(way: Way) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.expired_token(), times=None)
    with pytest.raises((AuthenticationError, PermissionDeniedError)):
        People(way, fake, people(2, viewer)).plan()


# What is refused before anything is sent.


def test_a_service_that_invites_nobody_refuses_every_row_at_once(way: Way) -> None:
    fake = FakeZenML()
    with pytest.raises(RosterError) as caught:
        People(way, fake, people(3, viewer)).plan()

    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]
    assert fake.requests == []


def test_what_the_service_would_refuse_is_told_for_all_rows_at_once(way: Way) -> None:
    fake = FakeWaldur()
    rows: list[Any] = [
        *people(1),
        {"email": "p1@example.org", "role": "PROJECT.MEMBER"},
        in_apollo("p2@example.org", client="eu"),
    ]
    with pytest.raises(RosterError) as caught:
        People(way, fake, rows).plan()

    assert [problem.line for problem in caught.value.problems] == [2, 3]
    assert "there is no client 'eu'; there are waldur" in str(caught.value)
    assert fake.requests == []


def test_one_place_in_two_spellings_is_found_where_it_would_invite_somebody_twice(way: Way) -> None:
    fake = FakeWaldur()
    rows = [
        *people(3),
        {"email": "p1@example.org", "role": "PROJECT.MEMBER", "scope": fake.scope_url("apollo")},
        {"email": "p2@example.org", "role": "PROJECT.MEMBER", "scope": fake.scope_url("beta")},
        in_apollo("P0@example.org", scope=fake.projects["apollo"].uuid),
    ]
    with pytest.raises(RosterError) as caught:
        People(way, fake, rows).plan()

    assert [problem.line for problem in caught.value.problems] == [4, 6]
    assert "the same place in another spelling" in str(caught.value)
    assert not {exchange.request.method for exchange in fake.requests} & WRITES


def test_different_people_may_spell_one_place_in_different_ways() -> None:
    fake = FakeWaldur()
    rows = [*people(1), in_apollo("p1@example.org", scope=fake.projects["apollo"].uuid)]

    assert Roster(rows).plan(client_of(fake)).counts == {"create": 2}


@pytest.mark.parametrize("target", [None, "waldur", object()])
def test_a_plan_takes_a_client_or_a_hub(target: Any) -> None:
    with pytest.raises(ConfigurationError, match="InviteClient or a hub"):
        Roster(people(1)).plan(target)


@pytest.mark.parametrize("policy", [{"expired": "leave"}, "leave", 0, False, Policy])
def test_a_policy_is_a_policy(way: Way, policy: Any) -> None:
    fake = FakeWaldur()
    with pytest.raises(InvalidArgumentError, match="policy must be a Policy"):
        People(way, fake, people(1)).plan(policy)
    assert fake.requests == []


@pytest.mark.parametrize("journal", ["", 0, b"run.journal", True])
def test_a_journal_is_a_path(way: Way, journal: Any) -> None:
    fake = FakeWaldur()
    with pytest.raises(InvalidArgumentError, match="journal must be the path"):
        People(way, fake, people(1)).plan(journal=journal)
    assert fake.requests == []


# Enhance, where nobody can look.


def enhanced(email: str) -> dict[str, object]:
    return {"email": email, "role": "SiteAccess", "name": "Ann"}


def test_a_service_that_lists_nothing_is_not_asked(way: Way) -> None:
    fake = FakeEnhance()
    fake.invite("p0@example.org")
    plan = People(way, fake, people(2, enhanced)).plan()

    assert plan.counts == {"create": 2}
    assert asked(fake)["create_invite"] == 0
    assert "cannot tell who is invited" in plan.rows[0].reason


def test_the_journal_says_whom_it_has_invited(tmp_path: Path) -> None:
    fake, path = FakeEnhance(), tmp_path / "run.journal"
    client, roster = client_of(fake), Roster(people(2, enhanced))
    roster.apply(roster.plan(client), journal=path)

    assert roster.plan(client, journal=path).counts == {"nothing": 2}


# Pruning.


def test_what_the_list_does_not_have_is_taken_back_where_that_is_wanted(way: Way) -> None:
    fake = FakeWaldur()
    for email in ("p0@example.org", "gone@example.org"):
        fake.invite(email)
    fake.invite("member@example.org", state="accepted")
    fake.invite("past@example.org", state="canceled")
    fake.invite("elsewhere@example.org", scope="beta")
    fake.invite("above@example.org", role="CUSTOMER.OWNER", scope="acme")
    list_ = People(way, fake, people(2))

    assert list_.plan().counts == {"nothing": 1, "create": 1}
    plan = list_.plan(prune=True, max_prune=1)
    assert actions(plan) == {"p0@example.org": "nothing", "p1@example.org": "create", "gone@example.org": "cancel"}
    assert [planned.is_pruned for planned in plan] == [False, False, True]


def test_more_than_may_be_pruned_plans_nothing_at_all() -> None:
    fake = FakeWaldur()
    for place in range(5):
        fake.invite(f"gone{place}@example.org")
    with pytest.raises(
        PruneLimitError, match=r"^5 open invitations are not in the list \(.*, \.\.\.\), and max_prune allows 4"
    ):
        Roster(people(1)).plan(client_of(fake), prune=True, max_prune=4)


@pytest.mark.parametrize(
    "wrong", [{"prune": True}, {"prune": 1}, {"max_prune": -1}, {"prune": True, "max_prune": True}]
)
def test_pruning_needs_a_limit_that_is_a_number(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError):
        Roster(people(1)).plan(client_of(FakeWaldur()), **wrong)


def test_who_is_in_the_list_under_another_spelling_of_the_place_is_not_pruned() -> None:
    fake = FakeWaldur()
    fake.invite("p0@example.org")
    fake.invite("p1@example.org")
    rows = [*people(1), in_apollo("p1@example.org", scope=fake.projects["apollo"].uuid)]

    assert Roster(rows).plan(client_of(fake), prune=True, max_prune=5).counts == {"nothing": 2}


def test_nobody_is_pruned_while_a_part_of_the_list_cannot_be_read() -> None:
    """The part that cannot be read may be the same place, in the spelling in which the list has the person."""
    fake = FakeWaldur()
    fake.invite("p0@example.org")
    fake.invite("p1@example.org")
    rows = [*people(1), in_apollo("p1@example.org", scope=fake.projects["apollo"].uuid)]
    fake.faults.plan(Fault.status(500), on="user_invitations_list", nth=2)
    plan = Roster(rows).plan(client_of(fake), prune=True, max_prune=5)

    assert sorted(actions(plan).values()) == ["cannot", "nothing"]


def test_where_nobody_can_look_nothing_is_pruned() -> None:
    fake = FakeEnhance()
    fake.invite("gone@example.org")
    plan = Roster(people(1, enhanced)).plan(client_of(fake), prune=True, max_prune=5)

    assert plan.counts == {"create": 1}


# Whom a plan may reach, and when.


def test_a_plan_can_be_made_where_an_event_loop_runs() -> None:
    import anyio

    fake = FakeWaldur()

    async def notebook() -> Plan:
        return Roster(people(2)).plan(client_of(fake))

    assert anyio.run(notebook).counts == {"create": 2}


def test_a_plan_goes_by_the_time_that_everybody_sees(time_stands: time_machine.Traveller) -> None:
    fake = FakeWaldur()
    fake.invite("p0@example.org")
    client, roster = client_of(fake), Roster(people(1))
    assert roster.plan(client).read_at == NOW
    assert roster.plan(client).counts == {"nothing": 1}
    time_stands.shift(timedelta(days=7))
    assert roster.plan(client).counts == {"resend": 1}


def test_somebody_who_is_invited_while_the_scopes_are_read_is_seen_when_the_plan_is_applied() -> None:
    fake = FakeWaldur()
    asked_before: list[httpx.Request] = []
    client = InviteClient(fake.connection(), transport=Meddled(fake, asked_before.append))
    roster = Roster(people(1))
    plan = roster.plan(client)
    fake.invite("p0@example.org")

    assert roster.apply(plan).counts == {"nothing": 1}
    assert fake.effects["created"] == 0
