"""A plan is read by people, kept as JSON, and taken back only as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invite_sdk import InvalidArgumentError, Scope, Status
from invite_sdk.roster import Known, Plan, PlannedRow, Policy, Roster, Row
from invite_sdk.testing import FakeEnhance, FakeWaldur
from tests.roster.people import NOW, client_of, people
from tests.support import programs

EARLIEST = datetime(1990, 1, 1)  # noqa: DTZ001 - as Hypothesis wants it
texts = st.text(st.characters(codec="utf-8"), max_size=12)
times = st.datetimes(timezones=st.just(UTC), min_value=EARLIEST)
maybe = st.none() | texts
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts, lambda inner: st.lists(inner, max_size=2), max_leaves=4
)
scopes = st.none() | texts | st.builds(Scope, texts, texts, maybe)
roles = texts | st.lists(texts, min_size=1, max_size=3).map(tuple)
rows = st.builds(
    Row,
    texts,
    roles,
    maybe,
    scopes,
    maybe,
    maybe,
    st.dictionaries(texts, values, max_size=2),
    texts,
    st.integers(0, 10**6),
)
knowns = st.builds(
    Known,
    id=maybe,
    status=st.sampled_from(Status),
    email=maybe,
    role=maybe,
    role_id=maybe,
    roles=st.lists(texts, max_size=2).map(tuple),
    created_at=st.none() | times,
    expires_at=st.none() | times,
    is_resendable=st.booleans(),
)
actions = st.sampled_from(["create", "resend", "update", "replace", "cancel", "nothing", "skip", "cannot"])
policies = st.builds(
    Policy,
    st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=3650)),
    st.sampled_from(["resend", "replace", "leave"]),
    st.sampled_from(["update", "replace", "leave"]),
    st.frozensets(st.sampled_from([Status.DECLINED, Status.REJECTED, Status.CANCELED])),
)


def possible(plan: Plan) -> Plan:
    """The same as a plan may say it: what has no line is only canceled, and duplicates name lines that are there."""
    lines = [one.row.line for one in plan if one.row.line]
    rows = tuple(one if one.row.line else replace(one, action="cancel") for one in plan)
    return replace(plan, rows=rows, duplicates=dict.fromkeys(plan.duplicates, lines[0]) if lines else {})


plans = st.builds(
    Plan,
    st.lists(st.builds(PlannedRow, rows, actions, texts, st.none() | knowns), max_size=4).map(tuple),
    st.dictionaries(texts, texts, max_size=2),
    policies,
    times,
    st.dictionaries(st.integers(1, 99), st.integers(1, 99), max_size=3),
    st.dictionaries(texts, st.dictionaries(texts, texts, max_size=1), max_size=1),
    st.none() | st.integers(0, 99),
).map(possible)


def planned(email: str = "ann@example.org", action: Any = "create", line: int = 2, **more: Any) -> PlannedRow:
    return PlannedRow(Row(email, "member", client="svc", line=line, **more), action, "why", None)


def made(*found: PlannedRow) -> Plan:
    return Plan(found, {"svc": "waldur https://w.example"}, Policy(), NOW)


@given(plans)
def test_a_plan_comes_back_from_its_json_as_it_was(plan: Plan) -> None:
    again = Plan.from_json(plan.to_json())
    assert again == plan
    assert [one.key for one in again] == [one.key for one in plan]
    assert again.roster == plan.roster


def test_a_plan_that_was_kept_is_applied_as_the_one_that_was_made() -> None:
    fake = FakeWaldur()
    roster, client = Roster(people(3)), client_of(fake)
    text = roster.plan(client).to_json()

    assert Roster(people(3)).apply(Plan.from_json(text), client).counts == {"done": 3}
    assert fake.effects["created"] == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this is no plan"),
        ("{", "this is no plan"),
        ("[]", "this is no plan"),
        (b"\xff", "this is no plan"),
        ('{"rows": []}', "this is no plan"),
    ],
)
def test_what_is_no_plan_is_refused(text: str | bytes, said: str) -> None:
    with pytest.raises(InvalidArgumentError, match=said):
        Plan.from_json(text)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"format": 2}, "this plan is of format 2, and this version reads 1"),
        ({"rows": [{}]}, r"rows\.0\.row: Field required"),
        ({"read_at": "soon"}, "read_at"),
        ({"policy": {"expired": "renew"}}, "policy"),
    ],
)
def test_a_plan_that_was_spoiled_is_refused_and_says_where(edit: dict[str, Any], said: str) -> None:
    text = json.dumps({**json.loads(made(planned()).to_json()), **edit})
    with pytest.raises(InvalidArgumentError, match=said):
        Plan.from_json(text)


def test_a_refusal_does_not_show_the_values_of_a_plan() -> None:
    said = json.loads(made(planned()).to_json())
    said["rows"][0]["row"]["line"] = "inv-secret"
    with pytest.raises(InvalidArgumentError) as caught:
        Plan.from_json(json.dumps(said))
    assert "inv-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "edit", [{"email": "eve@example.org"}, {"role": "PROJECT.ADMIN"}, {"scope": {"type": "project", "id": "Beta"}}]
)
def test_a_plan_whose_rows_were_changed_by_hand_is_not_applied(edit: dict[str, Any]) -> None:
    fake = FakeWaldur()
    roster, client = Roster(people(2)), client_of(fake)
    said = json.loads(roster.plan(client).to_json())
    said["rows"][0]["row"] |= edit
    with pytest.raises(InvalidArgumentError, match="this plan is for another list"):
        roster.apply(Plan.from_json(json.dumps(said)), client)
    assert fake.effects["created"] == 0


@pytest.mark.usefixtures("time_stands")
def test_an_action_that_was_changed_by_hand_is_not_done() -> None:
    fake = FakeWaldur()
    fake.invite("p0@example.org")
    roster, client = Roster(people(1)), client_of(fake)
    text = roster.plan(client).to_json().replace('"action": "nothing"', '"action": "replace"')

    assert roster.apply(Plan.from_json(text), client).counts == {"nothing": 1}
    assert fake.effects["canceled"] == 0


def pruned(of: Plan, **edit: Any) -> str:
    """The plan with one more row that the list does not have."""
    said = json.loads(of.to_json())
    about = {"id": edit.pop("id", "1"), "status": "pending", "email": "gone@example.org", "role": "PROJECT.MEMBER"}
    row = {**said["rows"][0]["row"], "line": 0, **edit.pop("row", {})}
    said["rows"].append({"row": row, "action": edit.pop("action", "cancel"), "reason": "", "about": about})
    return json.dumps({**said, **edit})


@pytest.mark.parametrize("action", ["create", "update", "resend", "replace", "skip"])
def test_who_is_not_in_the_list_is_neither_invited_nor_changed(action: str) -> None:
    with pytest.raises(InvalidArgumentError, match="this plan was changed: what has no line in the list"):
        Plan.from_json(pruned(made(planned()), action=action))


def test_duplicates_of_lines_that_are_not_there_are_refused() -> None:
    text = json.dumps({**json.loads(made(planned()).to_json()), "duplicates": {"5": 99}})
    with pytest.raises(InvalidArgumentError, match="duplicates names lines that it does not have"):
        Plan.from_json(text)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({}, "cancels more than its max_prune"),
        ({"max_prune": 0}, "cancels more than its max_prune"),
        ({"max_prune": 1, "row": {"scope": {"type": "project", "id": "Beta"}}}, "where the list invites nobody"),
        ({"max_prune": 1, "row": {"client": "other"}}, "where the list invites nobody"),
    ],
)
def test_a_cancellation_that_was_added_by_hand_is_refused(edit: dict[str, Any], said: str) -> None:
    fake = FakeWaldur()
    gone = fake.invite("gone@example.org")
    roster, client = Roster(people(1)), client_of(fake)
    text = pruned(roster.plan(client), id=gone.uuid, **edit)
    with pytest.raises(InvalidArgumentError, match=said):
        roster.apply(Plan.from_json(text), client)
    assert fake.effects["canceled"] == 0


def test_what_is_said_of_a_cancellation_is_what_the_service_has() -> None:
    fake = FakeWaldur()
    gone = fake.invite("gone@example.org")
    roster, client = Roster(people(1)), client_of(fake)
    edit = {"email": "nobody@example.org", "role": "PROJECT.ADMIN"}
    plan = Plan.from_json(pruned(roster.plan(client), id=gone.uuid, max_prune=1, row=edit))
    report = roster.apply(plan, client)

    assert report.counts == {"done": 2}
    assert (report.outcomes[1].planned.row.email, report.outcomes[1].planned.row.role) == (
        "gone@example.org",
        "PROJECT.MEMBER",
    )


def test_a_plan_counts_what_it_would_change() -> None:
    plan = made(
        planned(),
        planned("bob@example.org"),
        planned("cyd@example.org", "nothing"),
        planned("dan@example.org", "cannot"),
    )

    assert plan.counts == {"create": 2, "nothing": 1, "cannot": 1}
    assert [one.row.email for one in plan.writes] == ["ann@example.org", "bob@example.org"]
    assert not plan.is_empty
    assert len(plan) == len(list(plan)) == len(plan.to_dicts()) == 4
    assert made(planned("cyd@example.org", "nothing")).is_empty


def test_a_plan_prints_what_would_be_changed_and_what_cannot_be() -> None:
    plan = made(
        planned(),
        planned("cyd@example.org", "nothing"),
        planned("dan@example.org", "cannot"),
        planned("eve@example.org", "cancel", 0),
    )

    assert str(plan).splitlines() == [
        "Plan of 2026-01-05 09:00 UTC: 1 create, 1 nothing, 1 cannot, 1 cancel",
        "  create   ann@example.org (svc, line 2): why",
        "  cancel   eve@example.org (svc, pruned): why",
        "  cannot   dan@example.org (svc, line 2): why",
    ]


def test_a_long_plan_prints_its_beginning() -> None:
    plan = made(*(planned(f"p{place}@example.org") for place in range(30)))
    said = str(plan)

    assert "p19@example.org" in said
    assert "p20@example.org" not in said
    assert said.endswith("and 10 more that would be changed")
    assert "... and 1 more:" in made(*(planned(f"p{place}@example.org") for place in range(101)))._repr_html_()


class Texts(HTMLParser):
    """The names of the elements, and the texts in them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_has_every_text_as_text() -> None:
    evil = "<script>alert(1)</script>@example.org"
    read = Texts()
    read.feed(made(planned(evil, scope="'\"><img src=x>"))._repr_html_())

    assert read.tags == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert evil in read.texts
    assert "'\"><img src=x>" in read.texts


def test_no_id_of_an_invitation_is_shown() -> None:
    """Those of Enhance are invite keys."""
    key = "inv-secret-key"
    one = PlannedRow(
        Row("ann@example.org", "member", client="svc", line=0), "cancel", "why", Known(key, Status.PENDING)
    )
    plan = made(one)

    for shown in (repr(plan), str(plan), plan._repr_html_(), str(plan.to_dicts()), repr(one)):
        assert key not in shown
    assert key in plan.to_json()


def test_a_pruned_row_is_known_by_its_invitation() -> None:
    row = Row("ann@example.org", "member", client="svc", line=0)
    keys = {PlannedRow(row, "cancel", "", Known(id_, Status.PENDING)).key for id_ in ("1", "2")}
    assert len(keys | {planned().key}) == 3


def test_a_plan_is_kept_and_read_within_frozen_time() -> None:
    printed = programs.run(
        """
        from freezegun import freeze_time
        with freeze_time("2020-01-01"):
            from invite_sdk.roster import Plan, Roster
            from invite_sdk import InviteClient
            from invite_sdk.testing import FakeWaldur
            fake = FakeWaldur()
            fake.invite("ann@example.org")
            client = InviteClient(fake.connection(), transport=fake.transport())
            row = {"email": "ann@example.org", "role": "PROJECT.MEMBER", "scope_type": "project", "scope": "Apollo"}
            roster = Roster([row, {**row, "email": "bob@example.org"}])
            plan = roster.plan(client)
            assert Plan.from_json(plan.to_json()) == plan
        assert Plan.from_json(plan.to_json()) == plan
        print(plan.read_at, plan.counts, roster.apply(plan).counts)
        """
    )
    assert printed.startswith("2020-01-01 00:00:00+00:00 {'nothing': 1, 'create': 1}")


def test_a_plan_for_another_server_is_refused() -> None:
    here, there = FakeWaldur(), FakeWaldur(base_url="https://other.example")
    roster = Roster(people(1))
    plan = roster.plan(client_of(here))
    with pytest.raises(InvalidArgumentError, match="this plan is for other clients"):
        roster.apply(plan, client_of(there))
    with pytest.raises(InvalidArgumentError, match="this plan is for another list"):
        Roster([{"email": "p0@example.org", "role": "SiteAccess"}]).apply(plan, client_of(FakeEnhance()))
    assert there.requests == []
