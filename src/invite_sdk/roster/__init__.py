"""A list of people, made true: read it, plan what is to be done about each, and apply the plan.

It composes the public operations of clients and hubs, knows no service, and is the same for clients of both kinds.
"""

from __future__ import annotations

from invite_sdk.roster.deciding import Action, Known
from invite_sdk.roster.journal import Entry, Journal, JournalError
from invite_sdk.roster.plan import Plan, PlannedRow, PruneLimitError
from invite_sdk.roster.policy import Policy
from invite_sdk.roster.report import Report, RowEvent, RowOutcome
from invite_sdk.roster.roster import AsyncRoster, Roster
from invite_sdk.roster.rows import RosterError, Row, RowProblem

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
