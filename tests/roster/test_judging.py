"""What is done now about a planned row: by the plan, what the service says now, and what the journal knows."""

from __future__ import annotations

from typing import Any

import pytest

from invite_sdk import Status
from invite_sdk.roster import Action, Entry, Known, PlannedRow, Row, RowOutcome
from invite_sdk.roster.judging import Case, ToDo, judge

THIS, OTHER = "this plan", "another plan"
ROW = Row("ann@example.org", "member", client="svc", line=2)


def planned(action: Action, about: str | None = None, status: str = "pending") -> PlannedRow:
    return PlannedRow(ROW, action, "", None if about is None else Known(about, Status(status)))


def entry(action: str, state: Any, plan: str = OTHER) -> Entry:
    return Entry("key", action, state, 1000.0, "1", plan=plan)


def judged(plan: PlannedRow, fresh: PlannedRow, known: Entry | None = None, **more: Any) -> str:
    """The action that is to be done, or what became of the row."""
    options = {"can_look": True, "repeat_unknown": False, **more}
    found = judge(Case(plan, fresh, known, plan=THIS, **options))
    assert isinstance(found, ToDo | RowOutcome)
    return found.action if isinstance(found, ToDo) else found.kind.upper()


CREATE, NOTHING, SKIP = planned("create"), planned("nothing", "1"), planned("skip", "1", "canceled")
RESEND, EXPIRED = planned("resend", "1"), planned("resend", "1", "expired")
UPDATE, REPLACE, CANCEL = planned("update", "1"), planned("replace", "1"), planned("cancel", "1")


@pytest.mark.parametrize(
    ("plan", "fresh", "what"),
    [
        (CREATE, CREATE, "create"),
        (RESEND, RESEND, "resend"),
        (EXPIRED, EXPIRED, "revive"),
        (UPDATE, UPDATE, "update"),
        (REPLACE, REPLACE, "replace"),
        (CANCEL, CANCEL, "cancel"),
        (NOTHING, NOTHING, "NOTHING"),
        (SKIP, SKIP, "SKIP"),
        (planned("cannot"), planned("cannot"), "CANNOT"),
    ],
)
def test_what_is_as_it_was_is_done_as_planned(plan: PlannedRow, fresh: PlannedRow, what: str) -> None:
    assert judged(plan, fresh) == what


@pytest.mark.parametrize(
    ("plan", "fresh", "what"),
    [
        (CREATE, NOTHING, "NOTHING"),
        (CREATE, SKIP, "SKIP"),
        (CREATE, planned("cannot"), "CANNOT"),
        (CREATE, EXPIRED, "STALE"),
        (NOTHING, CREATE, "STALE"),
        (RESEND, CREATE, "STALE"),
        (UPDATE, planned("update", "2"), "STALE"),
        (REPLACE, UPDATE, "STALE"),
    ],
)
def test_what_changed_since_the_plan_is_never_done_otherwise_than_planned(
    plan: PlannedRow, fresh: PlannedRow, what: str
) -> None:
    assert judged(plan, fresh) == what


@pytest.mark.parametrize(
    ("known", "fresh", "what"),
    [
        # The service shows that it took effect.
        (entry("create", "sent"), NOTHING, "DONE"),
        (entry("create", "unknown"), NOTHING, "DONE"),
        (entry("revive", "sent"), NOTHING, "DONE"),
        (entry("update", "sent"), NOTHING, "DONE"),
        (entry("cancel", "sent"), NOTHING, "DONE"),
        (entry("recreate", "sent"), NOTHING, "DONE"),
        # The service shows that it did not.
        (entry("create", "sent"), CREATE, "create"),
        (entry("create", "failed"), CREATE, "create"),
        (entry("revive", "sent"), EXPIRED, "revive"),
        (entry("update", "unknown"), UPDATE, "update"),
        (entry("cancel", "sent"), CANCEL, "cancel"),
        (entry("replace", "sent"), REPLACE, "replace"),
        # The first half of a replacement was done, so the second half is.
        (entry("replace", "sent"), CREATE, "recreate"),
        (entry("replace", "unknown"), CREATE, "recreate"),
        (entry("recreate", "sent"), CREATE, "recreate"),
        (entry("recreate", "failed"), CREATE, "recreate"),
        # Nobody can tell whether a mail went out.
        (entry("resend", "sent"), NOTHING, "UNKNOWN"),
        (entry("resend", "unknown"), NOTHING, "UNKNOWN"),
        (entry("resend", "failed"), RESEND, "resend"),
        (entry("resend", "sent"), RESEND, "resend"),
        # Somebody else has done something else since.
        (entry("create", "sent"), SKIP, "SKIP"),
        (entry("update", "sent"), planned("cannot"), "CANNOT"),
    ],
)
def test_an_intent_without_an_outcome_is_held_against_what_the_service_says(
    known: Entry, fresh: PlannedRow, what: str
) -> None:
    # The plan was made after that, or before: then it says the same.
    assert judged(fresh, fresh, known) == what


def test_the_same_plan_again_does_nothing_that_the_journal_has_as_done() -> None:
    for plan in (CREATE, RESEND, UPDATE, CANCEL):
        assert judged(plan, plan, entry(plan.action, "done", THIS)) == "NOTHING"


def test_what_another_plan_did_counts_as_far_as_the_service_shows_it() -> None:
    assert judged(CREATE, CREATE, entry("create", "done", OTHER)) == "create"
    assert judged(CREATE, NOTHING, entry("create", "done", OTHER)) == "NOTHING"
    assert judged(RESEND, RESEND, entry("resend", "done", OTHER)) == "resend"
    # An entry or a plan without an id is of nobody.
    assert judged(CREATE, CREATE, entry("create", "done", "")) == "create"


@pytest.mark.parametrize(
    ("known", "repeat", "what"),
    [
        (None, False, "create"),
        (entry("create", "done"), False, "NOTHING"),
        (entry("create", "done"), True, "NOTHING"),
        (entry("create", "failed"), False, "create"),
        (entry("create", "sent"), False, "UNKNOWN"),
        (entry("create", "unknown"), False, "UNKNOWN"),
        (entry("create", "sent"), True, "create"),
        (entry("create", "unknown"), True, "create"),
    ],
)
def test_where_nobody_can_look_the_journal_decides_alone(known: Entry | None, repeat: bool, what: str) -> None:
    assert judged(CREATE, CREATE, known, can_look=False, repeat_unknown=repeat) == what


@pytest.mark.parametrize("state", ["sent", "unknown"])
def test_a_mail_that_nobody_can_tell_of_is_repeated_only_when_told(state: str) -> None:
    assert judged(RESEND, NOTHING, entry("resend", state), repeat_unknown=True) == "resend"
    accepted = planned("nothing", "1", "accepted")
    assert judged(RESEND, accepted, entry("resend", "unknown"), repeat_unknown=True) == "NOTHING"
