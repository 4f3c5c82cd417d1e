"""A replacement is two writes: where the second fails, nobody else loses an invitation, and the report says who has."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from invite_sdk.roster import Policy, Report, Roster
from invite_sdk.testing import FakeWaldur, Fault
from invite_sdk.testing.suite.ways import Way
from tests.roster.people import People, client_of, people

pytestmark = pytest.mark.usefixtures("time_stands")

REPLACE = Policy(other_role="replace")
REFUSED = Fault.status(400, body={"detail": "no"})


def admins(number: int) -> FakeWaldur:
    """A fake in which so many are invited with another role than the list's."""
    fake = FakeWaldur()
    for place in range(number):
        fake.invite(f"p{place}@example.org", role="PROJECT.ADMIN")
    return fake


def states(fake: FakeWaldur) -> Counter[str]:
    return Counter(row.state for row in fake.invitations)


@pytest.mark.parametrize("fault", [REFUSED, Fault.status(500)], ids=str)
def test_no_further_replacement_is_begun_where_a_second_half_failed(way: Way, fault: Fault) -> None:
    fake = admins(60)
    list_ = People(way, fake, people(60))
    plan = list_.plan(REPLACE)
    fake.faults.plan(fault, on="user_invitations_create", times=None)
    report = list_.apply(plan, max_concurrency=1)

    assert states(fake) == {"pending": 59, "canceled": 1}
    assert report.counts["left"] == 59
    left = [outcome for outcome in report if outcome.kind == "left"]
    assert all("no further invitation is canceled" in outcome.reason for outcome in left)
    assert "no further invitation is canceled" in report.stopped


def test_other_writes_go_on_where_a_second_half_failed() -> None:
    fake, roster = admins(2), Roster(people(4))
    plan = roster.plan(client_of(fake), REPLACE)
    fake.faults.plan(REFUSED, on="user_invitations_create", nth=1)
    report = roster.apply(plan, max_concurrency=1)

    assert [outcome.kind for outcome in report] == ["failed", "left", "done", "done"]


def replaced(way: Way, fault: Fault, path: Path | None) -> tuple[FakeWaldur, Report]:
    """What becomes of one replacement whose second half meets a fault."""
    fake = admins(1)
    list_ = People(way, fake, people(1))
    plan = list_.plan(REPLACE, journal=path)
    fake.faults.plan(fault, on="user_invitations_create", times=None)
    report = list_.apply(plan, journal=path)
    fake.faults.clear()
    return fake, report


@pytest.mark.parametrize(
    ("fault", "kind", "why"),
    [
        (REFUSED, "failed", "no"),
        (Fault.status(405), "failed", "405"),
        (Fault.status(429, headers={"Retry-After": "100000"}), "failed", "429"),
        (Fault.status(500), "unknown", "500"),
    ],
    ids=str,
)
def test_who_has_no_invitation_any_more_is_told(way: Way, tmp_path: Path, fault: Fault, kind: str, why: str) -> None:
    path = tmp_path / "run.journal"
    fake, report = replaced(way, fault, path)

    assert states(fake) == {"canceled": 1}
    (outcome,) = report
    assert outcome.kind == kind
    assert outcome.id is None
    assert outcome.reason.startswith("the old invitation was canceled, and the new one is ")
    assert "the next run with this journal" in outcome.reason
    assert why in outcome.reason
    list_ = People(way, fake, people(1))  # a client that knows of no wait
    assert list_.apply(list_.plan(REPLACE, journal=path), journal=path, settle=0).counts == {"done": 1}
    assert states(fake) == {"canceled": 1, "pending": 1}


def test_without_a_journal_no_next_run_is_promised(way: Way) -> None:
    _, report = replaced(way, REFUSED, None)

    assert "the next run" not in report.outcomes[0].reason
    assert 'again={"canceled"}' in report.outcomes[0].reason
