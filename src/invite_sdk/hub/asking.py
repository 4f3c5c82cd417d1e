"""Reading: what one client finds, lists or counts, and what that says about whether it is all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias, cast

from anyio import CapacityLimiter

from invite_sdk import (
    InvalidArgumentError,
    Invitation,
    InvitationList,
    InviteError,
    OutcomeUnknownError,
    Problem,
    ResponseParseError,
    UnsupportedByServerError,
    UnsupportedOperationError,
    UnsupportedParameterError,
)
from invite_sdk.hub.calling import AnyClient, pages
from invite_sdk.hub.results import ClientResult, Outcome
from invite_sdk.services import address_form

if TYPE_CHECKING:
    from invite_sdk import AsyncPager, Pager

Begun: TypeAlias = "Pager | AsyncPager | InviteError"
"""A client's listing, of which nothing was read yet, or why it refuses one."""
Begin: TypeAlias = "Callable[[AnyClient], Pager | AsyncPager]"

UNSUPPORTED = (UnsupportedOperationError, UnsupportedParameterError, UnsupportedByServerError)


def begun(clients: Mapping[str, AnyClient], begin: Begin) -> dict[str, Begun]:
    """The listing of each client. Nothing is sent.

    Raises:
        InvalidArgumentError: every client that has the operation refuses the arguments.
    """
    found: dict[str, Begun] = {}
    for name, client in clients.items():
        try:
            found[name] = begin(client)
        except InviteError as error:
            found[name] = error
    able = [each for each in found.values() if not isinstance(each, UNSUPPORTED)]
    wrong = [each for each in able if isinstance(each, InvalidArgumentError)]
    if wrong and len(wrong) == len(able):
        raise wrong[0]
    return found


def outcome_of(errors: tuple[InviteError, ...]) -> Outcome:
    """What the worst of some errors means: what is known to have failed comes before what is not known."""
    unsupported = [isinstance(error, UNSUPPORTED) for error in errors]
    unknown = [isinstance(error, OutcomeUnknownError) for error in errors]
    if all(unsupported):
        return "unsupported"
    return "unknown" if all(a or b for a, b in zip(unsupported, unknown, strict=True)) else "failed"


async def read(limiter: CapacityLimiter, pager: Pager | AsyncPager) -> tuple[InvitationList, InviteError | None]:
    """The invitations of a listing, and what ended it before its end."""
    rows = InvitationList()
    try:
        async for page in pages(limiter, pager):
            rows += page.invitations
    except InviteError as error:
        return rows, error
    return rows, None


def unread(client: AnyClient, problems: tuple[Problem, ...], email: str | None) -> ResponseParseError | None:
    """The error for rows that could not be used and may be among those that were asked for."""
    doubtful = [problem for problem in problems if email is None or _may_be_for(problem.row, email)]
    if not doubtful:
        return None
    error = ResponseParseError(
        f"{len(doubtful)} rows could not be used, and may be among those asked for ({doubtful[0].reason}); "
        "see problems, and look in the service",
        status=200,
    )
    error.service, error.operation = client.service, "list"
    return error


def _may_be_for(row: object, email: str) -> bool:
    """Whether a row may be an address's. It is somebody else's only where it says so."""
    if isinstance(row, Invitation):
        said: object = row.email
    else:
        said = cast("dict[str, object]", row).get("email") if isinstance(row, dict) else None
    return not isinstance(said, str) or address_form(said) == address_form(email)


async def listed(
    limiter: CapacityLimiter, name: str, client: AnyClient, pager: Pager | AsyncPager, email: str | None
) -> ClientResult:
    """What a client's listing brought; `email` is the address that it was asked for, if it was."""
    rows, broken = await read(limiter, pager)
    doubtful = unread(client, pager.problems, email)
    outcome: Outcome = "found" if rows else "nothing"
    if broken is not None:
        outcome = outcome_of((broken,))
    elif doubtful is not None:
        outcome = "unknown"
    return ClientResult(
        name,
        client.service,
        outcome,
        rows,
        count=None if broken or doubtful else len(rows),
        errors=tuple(error for error in (broken, doubtful) if error is not None),
        problems=pager.problems,
    )


async def counted(name: str, client: AnyClient, count: Callable[[], Awaitable[object]]) -> ClientResult:
    """What a client's count brought."""
    try:
        number = cast("int", await count())
    except InviteError as error:
        return refused(name, client, error)
    return ClientResult(name, client.service, "found" if number else "nothing", count=number)


def refused(name: str, client: AnyClient, error: InviteError) -> ClientResult:
    """What an error says about a client that did nothing else."""
    return ClientResult(name, client.service, outcome_of((error,)), errors=(error,))
