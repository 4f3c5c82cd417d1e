"""What is to be done now about a planned row, by the plan, the service and the journal: no I/O, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from invite_sdk.roster.deciding import WRITES
from invite_sdk.roster.report import Kind, RowOutcome

if TYPE_CHECKING:
    from invite_sdk.roster.journal import Entry
    from invite_sdk.roster.plan import PlannedRow

REVIVE = "revive"
"""In a journal: a resend of one that was expired, which shows that it took effect."""
RECREATE = "recreate"
"""In a journal: the second half of a replacement; the first, a cancel, is `replace`."""
MAILS = frozenset({"create", RECREATE, "resend", REVIVE})
"""In a journal: what mails somebody."""

MAY_HAVE_INVITED = (
    "a former run may have invited, and the service cannot tell: look there, or apply with repeat_unknown=True"
)
_MAY_HAVE_MAILED = "a former run may have mailed again, and the service cannot tell; repeat_unknown=True mails again"
_FORMER = "a former run did it, as the service shows"
_NOTHING_SENT = frozenset({"failed", "done"})


class ToDo(NamedTuple):
    """A write that is to be made now."""

    planned: PlannedRow
    """As decided by what the service says now."""
    action: str
    """create, resend, revive, update, cancel, replace or recreate."""


class Case(NamedTuple):
    """All that counts for one row."""

    planned: PlannedRow
    fresh: PlannedRow
    """The same row, decided anew."""
    entry: Entry | None
    can_look: bool
    plan: str
    """The id of the plan."""
    repeat_unknown: bool


def judge(case: Case) -> ToDo | RowOutcome:
    """The write that is to be made, or what became of the row without one."""
    planned, fresh, entry = case.planned, case.fresh, case.entry
    if entry is not None and entry.state == "done" and (not case.can_look or is_done_by(case.plan, entry)):
        return RowOutcome(planned, "nothing", "done before, says the journal", entry.id)
    if entry is not None and (entry.state not in _NOTHING_SENT or entry.action == RECREATE):
        found = _after_an_intent(case, entry)
        if found is not None:
            return found
    if fresh.action not in WRITES:
        return _without_write(fresh)
    if planned.action != fresh.action or not _same(planned, fresh):
        was = f"the plan says {planned.action} ({planned.reason})"
        return RowOutcome(planned, "stale", f"{was}, now it would be {fresh.action} ({fresh.reason}): plan again")
    return ToDo(fresh, _name_of(fresh))


def is_done_by(plan: str, entry: Entry | None) -> bool:
    """Whether this very plan did it, so that nobody is asked. What others did counts as far as the service shows it."""
    return entry is not None and entry.state == "done" and bool(plan) and entry.plan == plan


def _after_an_intent(case: Case, entry: Entry) -> ToDo | RowOutcome | None:
    """What follows from a write that may have taken effect, or from half a replacement; `None` if nothing does."""
    fresh = case.fresh
    if not case.can_look:
        if case.repeat_unknown:
            return ToDo(fresh, "create")
        return RowOutcome(case.planned, "unknown", MAY_HAVE_INVITED, entry.id)
    about = fresh.about
    if fresh.action == "nothing" and entry.state != "done" and entry.action != "resend":
        return RowOutcome(fresh, "done", _FORMER, None if about is None else about.id)
    if entry.action == "resend" and fresh.action == "nothing" and about is not None and about.status.is_open:
        if case.repeat_unknown and about.is_resendable:
            return ToDo(fresh, "resend")
        # Also where a former run has noted that: it may have been killed before it could report it.
        return RowOutcome(case.planned, "unknown", _MAY_HAVE_MAILED, entry.id)
    # A write that did not take, as the service shows, is made now, if it is what is wanted still.
    if fresh.action == "create" and is_half_replaced(entry):
        return ToDo(fresh, RECREATE)
    if fresh.action == "create" and entry.action == "create":
        return ToDo(fresh, "create")
    return None


def is_half_replaced(entry: Entry) -> bool:
    """Whether the old invitation was canceled, or may have been, and no new one is known to be there."""
    if entry.action == RECREATE:
        return entry.state != "done"
    return entry.action == "replace" and entry.state not in _NOTHING_SENT


def _without_write(fresh: PlannedRow) -> RowOutcome:
    kinds: dict[str, Kind] = {"nothing": "nothing", "skip": "skip"}
    about = fresh.about
    return RowOutcome(fresh, kinds.get(fresh.action, "cannot"), fresh.reason, None if about is None else about.id)


def _same(planned: PlannedRow, fresh: PlannedRow) -> bool:
    """Whether both are about the same invitation, or about a new one."""
    if planned.action == "create":
        return True
    return planned.about is not None and fresh.about is not None and planned.about.id == fresh.about.id


def _name_of(fresh: PlannedRow) -> str:
    is_expired = fresh.about is not None and fresh.about.status.is_final
    return REVIVE if fresh.action == "resend" and is_expired else fresh.action
