"""What a run does about a write that an earlier one may have made: each note of the journal against what is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from invite_sdk import NO_RETRIES, InviteClient, Scope, Status
from invite_sdk.roster import Roster, Row
from invite_sdk.roster.deciding import Action, Known
from invite_sdk.roster.journal import Entry, State
from invite_sdk.roster.judging import Case, ToDo, judge
from invite_sdk.roster.plan import PlannedRow
from invite_sdk.roster.report import RowOutcome
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeService, Fault

ROW = Row("ann@example.org", "PROJECT.MEMBER", scope=Scope("project", "Apollo", "Acme"), client="waldur", line=2)
OLD = Known("1", Status.PENDING, ROW.email, "PROJECT.MEMBER", created_at=datetime(2030, 1, 1, tzinfo=UTC))
EXPIRED = replace(OLD, status=Status.EXPIRED)
OTHER = replace(OLD, role="PROJECT.ADMIN")
CANCELED = replace(OTHER, status=Status.CANCELED)
ACCEPTED = replace(OLD, status=Status.ACCEPTED)
DECLINED = replace(OLD, status=Status.DECLINED)
PLAN = "this plan"


def judged(
    planned: tuple[Action, Known | None],
    noted: tuple[str, State],
    fresh: tuple[Action, Known | None],
    *,
    by: str = "another plan",
    can_look: bool = True,
    repeat: bool = False,
) -> str:
    """What follows: `write` and its name, or what became of the row."""
    rows = [PlannedRow(ROW, action, "because", about) for action, about in (planned, fresh)]
    entry = Entry(rows[0].key, *noted, 1_000.0, id="1", plan=by)
    found = judge(Case(rows[0], rows[1], entry, can_look, PLAN, repeat))
    return f"write {found.action}" if isinstance(found, ToDo) else _kind(found)


def _kind(outcome: RowOutcome) -> str:
    assert outcome.reason
    return outcome.kind


@pytest.mark.parametrize("state", ["sent", "unknown"])
@pytest.mark.parametrize(
    ("planned", "action", "fresh"),
    [
        (("create", None), "create", ("nothing", OLD)),
        (("create", None), "create", ("nothing", ACCEPTED)),
        (("resend", EXPIRED), "revive", ("nothing", OLD)),
        (("update", OTHER), "update", ("nothing", OLD)),
        (("replace", OTHER), "recreate", ("nothing", OLD)),
        (("cancel", OTHER), "cancel", ("nothing", None)),
    ],
)
def test_what_is_there_by_now_was_done(
    planned: tuple[Action, Known | None], action: str, fresh: tuple[Action, Known | None], state: State
) -> None:
    assert judged(planned, (action, state), fresh) == "done"


@pytest.mark.parametrize("state", ["sent", "unknown", "failed"])
@pytest.mark.parametrize(
    ("planned", "action"),
    [
        (("create", None), "create"),
        (("create", CANCELED), "create"),
        (("resend", EXPIRED), "revive"),
        (("resend", OLD), "resend"),
        (("update", OTHER), "update"),
        (("replace", OTHER), "replace"),
        (("cancel", OTHER), "cancel"),
    ],
)
def test_what_is_wanted_as_before_is_done_now(planned: tuple[Action, Known | None], action: str, state: State) -> None:
    assert judged(planned, (action, state), planned) == f"write {action}"


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("replace", "sent"),
        ("replace", "unknown"),
        ("recreate", "sent"),
        ("recreate", "unknown"),
        ("recreate", "failed"),
    ],
)
@pytest.mark.parametrize("planned", ["replace", "create", "skip"])
@pytest.mark.parametrize("about", [None, CANCELED])
def test_half_a_replacement_is_completed_whatever_the_plan_says(
    action: str, state: State, planned: Action, about: Known | None
) -> None:
    assert judged((planned, OTHER), (action, state), ("create", about)) == "write recreate"


@pytest.mark.parametrize("planned", ["resend", "nothing"])
@pytest.mark.parametrize("state", ["sent", "unknown"])
@pytest.mark.parametrize(("repeat", "result"), [(False, "unknown"), (True, "write resend")])
def test_a_second_mail_that_nobody_can_see_stays_unknown_until_it_is_to_be_repeated(
    planned: Action, state: State, repeat: bool, result: str
) -> None:
    assert judged((planned, OLD), ("resend", state), ("nothing", OLD), repeat=repeat) == result


@pytest.mark.parametrize("repeat", [False, True])
@pytest.mark.parametrize(
    ("fresh", "result"),
    [
        (("nothing", ACCEPTED), "nothing"),
        (("skip", DECLINED), "skip"),
        (("cannot", None), "cannot"),
        (("resend", OLD), "write resend"),
        (("create", None), "stale"),
    ],
)
def test_whether_there_was_a_second_mail_does_not_matter_where_the_first_came_to_an_end(
    fresh: tuple[Action, Known | None], result: str, repeat: bool
) -> None:
    assert judged(("resend", OLD), ("resend", "sent"), fresh, repeat=repeat) == result


@pytest.mark.parametrize("planned", ["create", "cannot"])
@pytest.mark.parametrize("state", ["sent", "unknown"])
@pytest.mark.parametrize(("repeat", "result"), [(False, "unknown"), (True, "write create")])
def test_where_nobody_can_look_it_stays_unknown_until_it_is_to_be_repeated(
    planned: Action, state: State, repeat: bool, result: str
) -> None:
    fresh: tuple[Action, None] = (planned, None)

    assert judged(fresh, ("create", state), fresh, can_look=False, repeat=repeat) == result


@pytest.mark.parametrize(("by", "can_look"), [(PLAN, True), ("another plan", False)])
def test_what_this_plan_did_or_nobody_can_look_for_is_not_done_again(by: str, can_look: bool) -> None:
    planned: tuple[Action, None] = ("create", None)

    assert judged(planned, ("create", "done"), planned, by=by, can_look=can_look) == "nothing"


@pytest.mark.parametrize("action", ["create", "recreate"])
def test_what_another_plan_did_and_is_gone_is_done_again(action: str) -> None:
    assert judged(("create", None), (action, "done"), ("create", None)) == "write create"


@pytest.mark.parametrize(("fake", "waits"), [(FakeCloudTruth(), 1), (FakeEnhance(), 0)], ids=["seen", "unseen"])
def test_what_may_still_be_on_its_way_is_waited_for_where_it_can_be_seen_then(
    fake: FakeService, waits: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    roles = {"cloudtruth": {"role": "VIEWER"}, "enhance": {"role": "SiteAccess", "name": "Ann"}}
    connection = fake.connection("owner" if fake.service == "cloudtruth" else "acme")
    roster = Roster([{"email": "ann@example.org", **roles[fake.service]}])
    with InviteClient(connection, transport=fake.transport(), retry=NO_RETRIES) as client:
        fake.faults.plan(Fault.drop_request(), when=lambda request: request.method == "POST", times=None)
        first = roster.apply(roster.plan(client), journal=tmp_path / "journal")
        monkeypatch.setattr("anyio.sleep", sleep)
        roster.apply(roster.plan(client), journal=tmp_path / "journal", settle=60)

    assert first.counts == {"unknown": 1}
    assert len(waited) == waits
    assert all(0 < seconds <= 60 for seconds in waited)
