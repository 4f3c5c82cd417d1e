"""A list of people, made true: read it, plan what is to be done about each, and apply the plan.

It composes the public operations of clients and hubs, knows no service, and is the same for clients of both kinds. It
imports public names only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invite_sdk._lazy import lazy

if TYPE_CHECKING:
    from invite_sdk.roster.deciding import Action, Known
    from invite_sdk.roster.journal import Entry, Journal
    from invite_sdk.roster.journal_file import JournalError
    from invite_sdk.roster.plan import Plan, PlannedRow, PruneLimitError
    from invite_sdk.roster.policy import Policy
    from invite_sdk.roster.report import Report, RowEvent, RowOutcome
    from invite_sdk.roster.roster import AsyncRoster, Roster
    from invite_sdk.roster.rows import RosterError, Row, RowProblem

_HOMES = {
    "invite_sdk.roster.deciding": "Action Known",
    "invite_sdk.roster.journal": "Entry Journal",
    "invite_sdk.roster.journal_file": "JournalError",
    "invite_sdk.roster.plan": "Plan PlannedRow PruneLimitError",
    "invite_sdk.roster.policy": "Policy",
    "invite_sdk.roster.report": "Report RowEvent RowOutcome",
    "invite_sdk.roster.roster": "AsyncRoster Roster",
    "invite_sdk.roster.rows": "RosterError Row RowProblem",
}

__all__ = [
    "Action",
    "AsyncRoster",
    "Entry",
    "Journal",
    "JournalError",
    "Known",
    "Plan",
    "PlannedRow",
    "Policy",
    "PruneLimitError",
    "Report",
    "Roster",
    "RosterError",
    "Row",
    "RowEvent",
    "RowOutcome",
    "RowProblem",
]

__getattr__, __dir__ = lazy(__name__, _HOMES)
