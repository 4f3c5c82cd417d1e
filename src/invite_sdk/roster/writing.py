"""One write for one row, and what its outcome means for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from invite_sdk import (
    AlreadyInvitedError,
    AlreadyMemberError,
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ConnectError,
    InvalidArgumentError,
    InvalidStateError,
    Invitation,
    InviteError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    PlanLimitError,
    RedirectError,
    Status,
    UnsupportedByServerError,
    UnsupportedOperationError,
    ValidationError,
)
from invite_sdk.hub.calling import AnyClient, call
from invite_sdk.roster.deciding import Known
from invite_sdk.roster.judging import RECREATE, ToDo
from invite_sdk.roster.planning import asked, can_look
from invite_sdk.roster.report import Kind, RowOutcome
from invite_sdk.services import address_form

if TYPE_CHECKING:
    from anyio import CapacityLimiter

Reach = Literal["row", "place", "action", "client"]
"""For whom a failure counts: this row, all of its place, all with the same action, or all of its client."""

_OF_THE_CLIENT = (AuthenticationError, PlanLimitError, RedirectError, ConfigurationError, ConnectError)
_OF_THE_ACTION = (UnsupportedByServerError, UnsupportedOperationError)
_OF_THE_ROW = (ConflictError, ValidationError, InvalidArgumentError)

_DONE = {
    "create": "invited",
    RECREATE: "invited anew",
    "resend": "mailed again",
    "revive": "mailed again",
    "update": "has the list's role now",
    "cancel": "canceled",
    "replace": "the old one was canceled",
}


async def write(client: AnyClient, todo: ToDo, limiter: CapacityLimiter) -> RowOutcome:
    """Makes the write and returns what came of it.

    Raises:
        InviteError: it was refused, or its outcome is not known.
    """
    planned, action = todo.planned, todo.action
    row, about = planned.row, planned.about
    known_id = None if about is None else about.id
    try:
        match action:
            case "create" | "recreate":
                answer = await call(limiter, client, "create", row.email, **asked(row))
            case "update":
                answer = await call(limiter, client, "update", known_id, role=row.role, refetch=False)
            case "resend" | "revive":
                answer = await call(limiter, client, "resend", known_id, refetch=False)
            case _:
                answer = await call(limiter, client, "cancel", known_id, refetch=False)
    except (AlreadyInvitedError, AlreadyMemberError, InvalidStateError) as error:
        return _in_the_way(todo, error)
    except NotFoundError:
        if action in ("cancel", "replace"):
            return RowOutcome(planned, "done", "gone already", known_id)
        if action in ("create", RECREATE):
            raise
        return RowOutcome(planned, "stale", "the invitation is gone: plan again", known_id)
    made = cast("Invitation", answer)
    if action in ("create", RECREATE):
        _check_made(client, made, row.email)
    return RowOutcome(planned, "done", _DONE[action], made.id or known_id)


def _check_made(client: AnyClient, made: Invitation, email: str) -> None:
    """Refuses to take an answer for an invitation that it does not show.

    Raises:
        OutcomeUnknownError: it is about another address, or tells no invitation where the service tells them.
    """
    if made.email is not None and address_form(made.email) != address_form(email):
        why = "the answer is about another address"
    elif made.id is None and can_look(client):
        why = "the answer has no id; the next run looks whether the invitation is there"
    elif made.id is None and made.answer is not None:
        why = "the answer was in words that could not be read: look there"
    else:
        return
    raise OutcomeUnknownError(f"{client.service} said that it has invited, and {why}")


def _in_the_way(todo: ToDo, error: ConflictError) -> RowOutcome:
    """What it means that the service has something else by now.

    Raises:
        ConflictError: it is not what the list wants.
    """
    planned, existing = todo.planned, error.existing
    if existing is not None and existing.status is Status.ACCEPTED:
        return RowOutcome(planned, "nothing", "accepted meanwhile", existing.id)
    if todo.action in ("create", RECREATE):
        if isinstance(error, AlreadyMemberError):
            return RowOutcome(planned, "nothing", "a member already")
        if existing is not None and existing.is_open and Known.of(existing).has_role(planned.row.role):
            return RowOutcome(planned, "nothing", "open already", existing.id)
        raise error
    if existing is not None and existing.is_final and todo.action in ("cancel", "replace"):
        return RowOutcome(planned, "done", f"{existing.status} already", existing.id)
    return RowOutcome(planned, "stale", f"{error.message}: plan again", None if existing is None else existing.id)


def reach(error: InviteError) -> Reach:
    """For whom a failure counts."""
    if isinstance(error, _OF_THE_CLIENT):
        return "client"
    if isinstance(error, PermissionDeniedError):
        return "place"
    return "action" if isinstance(error, _OF_THE_ACTION) else "row"


def is_about_the_row(error: InviteError) -> bool:
    """Whether it says something of this row's values, so that many of them mean nothing for the others."""
    return isinstance(error, _OF_THE_ROW)


def failed(todo: ToDo, error: InviteError) -> RowOutcome:
    """What became of a row whose write was refused, or whose answer was lost."""
    kind: Kind = "cannot" if isinstance(error, _OF_THE_ACTION) else "failed"
    about = todo.planned.about
    why = str(error)
    if isinstance(error, OutcomeUnknownError):
        kind = "unknown"
        if "call ensure" in error.advice:  # which is for a single call
            why = f"{why.removesuffix(error.advice)}apply the list again: that looks for the invitation first"
    return RowOutcome(todo.planned, kind, why, None if about is None else about.id, error)
