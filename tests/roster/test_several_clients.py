"""Lists of a hub: two clients of one account, and a service that is down."""

from __future__ import annotations

import gc
import pickle
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from invite_sdk import NO_RETRIES, InvalidArgumentError, InviteClient
from invite_sdk.hub import Hub
from invite_sdk.roster import Plan, Roster, RosterError
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur, Fault
from tests.roster.people import client_of, in_apollo

pytestmark = pytest.mark.usefixtures("time_stands")


def viewer(email: str, client: str) -> dict[str, object]:
    return {"email": email, "role": "VIEWER", "client": client}


def planned(plan: Plan) -> dict[str, str]:
    return {one.row.email: one.action for one in plan}


@pytest.mark.parametrize("users", [("owner", "owner"), ("owner", "admin")], ids=["one key", "two keys"])
def test_two_clients_of_one_organization_do_not_prune_each_others_people(users: tuple[str, str]) -> None:
    fake = FakeCloudTruth()
    hub = Hub({"a": client_of(fake, users[0]), "b": client_of(fake, users[1])})
    for email in ("ann@example.org", "bob@example.org", "gone@example.org"):
        fake.invite(email)
    roster = Roster([viewer("ann@example.org", "a"), viewer("bob@example.org", "b")])
    plan = roster.plan(hub, prune=True, max_prune=1)

    assert [one.action for one in plan] == ["nothing", "nothing", "cancel"]
    assert roster.apply(plan, hub).counts == {"nothing": 2, "done": 1}
    assert [row.email for row in fake.invitations] == ["ann@example.org", "bob@example.org"]


@pytest.mark.parametrize("spelled", ["Apollo", "apollo", "id"])
@pytest.mark.parametrize("role", ["PROJECT.MEMBER", "PROJECT.ADMIN"])
def test_one_person_through_two_clients_of_one_account_into_one_place_is_refused(spelled: str, role: str) -> None:
    fake = FakeWaldur()
    hub = Hub({"a": client_of(fake), "b": client_of(fake)})
    scope = fake.projects["apollo"].uuid if spelled == "id" else spelled
    rows = [
        in_apollo("ann@example.org", client="a"),
        in_apollo("Ann@Example.org", role, client="b", scope=scope),
        in_apollo("bob@example.org", client="b"),
    ]
    with pytest.raises(RosterError, match="the same person as on line 1") as caught:
        Roster(rows).plan(hub)

    assert [problem.line for problem in caught.value.problems] == [2]


def test_one_person_may_be_invited_by_two_organizations_of_one_server() -> None:
    fake = FakeCloudTruth()
    hub = Hub({"a": client_of(fake, "owner"), "b": client_of(fake, "globex")})
    plan = Roster([viewer("ann@example.org", "a"), viewer("ann@example.org", "b")]).plan(hub)

    assert plan.counts == {"create": 2}


def test_a_service_that_is_down_stops_its_own_rows_only() -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down", request=request)

    waldur, cloud = FakeWaldur(), FakeCloudTruth()
    broken = InviteClient(waldur.connection(), transport=httpx.MockTransport(down), retry=NO_RETRIES)
    hub = Hub({"w": broken, "c": client_of(cloud, "owner")})
    rows = [
        in_apollo("ann@example.org", client="w"),
        in_apollo("ann@example.org", client="w", scope=waldur.projects["apollo"].uuid),
        viewer("bob@example.org", "c"),
    ]
    roster = Roster(rows)
    plan = roster.plan(hub)

    assert [one.action for one in plan] == ["cannot", "cannot", "create"]
    assert roster.apply(plan, hub).counts == {"cannot": 2, "done": 1}


def test_while_the_scopes_cannot_be_read_nobody_is_invited_who_may_be_listed_twice() -> None:
    fake = FakeWaldur()
    fake.faults.plan(Fault.status(500), on="customers_list", times=None)
    rows: list[Any] = [
        in_apollo("ann@example.org"),
        in_apollo("ann@example.org", scope=fake.projects["apollo"].uuid),
        in_apollo("bob@example.org"),
    ]
    plan = Roster(rows).plan(client_of(fake))

    assert planned(plan) == {"ann@example.org": "cannot", "bob@example.org": "create"}
    assert "could not be read" in plan.rows[0].reason


def test_a_person_of_thousands_of_scopes_costs_as_much_as_thousands_of_people() -> None:
    """The pairs of 3,000 rows would be four million."""
    fake = FakeWaldur()
    rows = [in_apollo("ann@example.org", scope=f"P{place}") for place in range(3000)]
    looked: list[int] = []

    def spelled(row: Any) -> tuple[str, str]:
        looked.append(row.line)
        return "name", row.scope.id

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("invite_sdk.roster.places._spelled", spelled)
        patch.setattr("invite_sdk.roster.roster.planned", _nothing)
        Roster(rows).plan(client_of(fake))
    assert looked == list(range(1, 3001))


async def _nothing(*_: object) -> tuple[()]:
    return ()


# Which clients a plan is applied to.


def test_each_plan_is_applied_to_what_it_was_made_for() -> None:
    here, there = FakeCloudTruth(), FakeCloudTruth()
    roster = Roster([viewer("ann@example.org", "cloudtruth")])
    first, second = roster.plan(client_of(here)), roster.plan(client_of(there))

    assert roster.apply(first).counts == {"done": 1}
    assert (here.effects["created"], there.effects["created"]) == (1, 0)
    assert roster.apply(second).counts == {"done": 1}
    with pytest.raises(InvalidArgumentError, match=r"apply needs the client: apply\(plan, client\)"):
        roster.apply(Plan.from_json(first.to_json()))


def test_a_list_goes_to_another_process_without_its_clients() -> None:
    fake = FakeCloudTruth()
    roster = Roster([viewer("ann@example.org", "cloudtruth")])
    plan = roster.plan(client_of(fake))
    sent: Roster
    sent, sent_plan = pickle.loads(pickle.dumps((roster, plan)))

    assert (sent.rows, sent_plan) == (roster.rows, plan)
    with pytest.raises(InvalidArgumentError, match="apply needs the client"):
        sent.apply(sent_plan)
    assert sent.apply(sent_plan, client_of(fake)).counts == {"done": 1}


def test_a_client_that_nobody_needs_any_more_is_not_kept() -> None:
    fake = FakeCloudTruth()
    roster = Roster([viewer("ann@example.org", "cloudtruth")])
    client = client_of(fake)
    gone = weakref.ref(client)
    roster.plan(client)
    kept = roster.plan(client_of(fake))
    del client
    gc.collect()

    assert gone() is None
    assert roster.apply(kept).counts == {"done": 1}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"executor": True}, "client= has no use with an executor"),
        ({"shards": 2}, "give executor="),
        ({"make_client": client_of}, "give executor="),
    ],
)
def test_what_is_for_workers_is_not_mixed_with_a_client(given: dict[str, Any], said: str, tmp_path: Path) -> None:
    fake = FakeCloudTruth()
    roster, client = Roster([viewer("ann@example.org", "cloudtruth")]), client_of(fake)
    plan = roster.plan(client)
    before = len(fake.requests)
    if "executor" in given:
        given = {"executor": ThreadPoolExecutor(1)}
    with pytest.raises(InvalidArgumentError, match=said):
        roster.apply(plan, client, journal=tmp_path / "run", **given)
    assert len(fake.requests) == before


# A service that lists nothing.


def test_a_client_that_cannot_list_and_that_no_row_uses_needs_no_journal() -> None:
    panel, cloud = FakeEnhance(), FakeCloudTruth()
    hub = Hub({"p": client_of(panel), "c": client_of(cloud)})
    roster = Roster([viewer("ann@example.org", "c")])

    assert roster.apply(roster.plan(hub)).counts == {"done": 1}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"executor": object()}, "executor must be"),
        ({"executor": ThreadPoolExecutor}, "executor must be"),
        ({"make_client": "by_name"}, "make_client must be"),
        ({"shards": 0}, "shards must be"),
        ({"shards": "8"}, "shards must be"),
        ({"shards": True}, "shards must be"),
    ],
)
def test_workers_that_cannot_be_are_refused(given: dict[str, Any], said: str, tmp_path: Path) -> None:
    fake = FakeCloudTruth()
    roster = Roster([viewer("ann@example.org", "cloudtruth")])
    plan = roster.plan(client_of(fake))
    given = {"executor": ThreadPoolExecutor(1), **given}
    with pytest.raises(InvalidArgumentError, match=said):
        roster.apply(plan, journal=tmp_path / "run", **given)
    assert list(tmp_path.iterdir()) == []
