"""The commands that ask several services at once: find, offboard and overview."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from invite_sdk.cli import given
from invite_sdk.cli.cells import json_line, safe
from invite_sdk.cli.codes import Code
from invite_sdk.cli.failing import described, say
from invite_sdk.cli.options import DryRun, Email, Yes
from invite_sdk.cli.reading import EVERYTHING, INVITATION
from invite_sdk.cli.running import Run, command

if TYPE_CHECKING:
    from invite_sdk import Invitation
    from invite_sdk.hub import ClientResult, Hub, HubResult

_FOUND = ("client", *INVITATION)
_ALL_FOUND = ("client", *EVERYTHING)
_OFFBOARDED = ("outcome", *_FOUND)
_ALL_OFFBOARDED = ("outcome", *_ALL_FOUND)
_OVERVIEW = ("client", "service", "outcome", "open", "overdue", "oldest", "error")


@command("invite find ana@example.com", "invite find ana@example.com --profile campus --profile cloud --json")
def find(run: Run, email: Email) -> int:
    """Find every invitation for an address, of any status, in all profiles or those that are named.

    It ends with 1 where a service could not be asked: then nobody knows what is there.
    """
    columns = run.out.columns(_FOUND, _ALL_FOUND)
    with run.hub() as hub:
        result = hub.find(email, **run.call)
    run.out.write(result.rows(mask=not run.common.show_keys), columns)
    return _told(run, result)


@command(
    "invite offboard ana@example.com --dry-run",
    "invite offboard ana@example.com --yes",
)
def offboard(run: Run, email: Email, yes: Yes = False, dry_run: DryRun = False) -> int:
    """Take back every open invitation for an address, in all profiles or those that are named.

    What was accepted is not undone: it is shown as left, for a person. It ends with 1 where a service could not be
    asked, or something could not be taken back.
    """
    columns = run.out.columns(_OFFBOARDED, _ALL_OFFBOARDED)
    with run.hub() as hub:
        if not dry_run and not yes and not _wanted(run, hub, email):
            return Code.FAILED
        result = hub.offboard(email, dry_run=dry_run, **run.call)
    taken = "would be taken back" if dry_run else "taken back"
    run.out.write(_rows(run, result, taken), columns, whole=False)
    return _told(run, result)


@command("invite overview", "invite overview --profile campus --json")
def overview(run: Run) -> int:
    """Show how many invitations are open, and how many of those are overdue, in all profiles or those named."""
    from invite_sdk import OPEN_STATUSES

    columns = run.out.columns(_OVERVIEW)
    with run.hub() as hub:
        result = hub.list(status=OPEN_STATUSES, **run.call)
    run.out.write(map(_summary, result), columns)
    return Code.DONE if result.ok else Code.FAILED


def _wanted(run: Run, hub: Hub, email: str) -> bool:
    """Whether what is open is to be taken back. Only a terminal can be asked, so nothing is read without one."""
    given.require_terminal("Take back what is open for this address?")
    result = hub.offboard(email, dry_run=True, **run.call)
    opened = result.invitations
    for invitation in opened:
        say(safe(str(invitation)))
    if not opened:
        return True
    return given.is_sure(f"Take back {len(opened)} invitation{'' if len(opened) == 1 else 's'}?", yes=False)


def _rows(run: Run, result: HubResult, taken: str) -> Iterator[dict[str, object]]:
    for one in result:
        yield from (_row(run, one, taken, invitation) for invitation in one.invitations)
        yield from (_row(run, one, "left", invitation) for invitation in one.left)


def _row(run: Run, one: ClientResult, outcome: str, invitation: Invitation) -> dict[str, object]:
    return {"outcome": outcome, "client": one.client, **run.row(invitation)}


def _summary(one: ClientResult) -> dict[str, object]:
    opened = one.invitations
    known = one.outcome in ("found", "nothing")
    return {
        "client": one.client,
        "service": one.service,
        "outcome": one.outcome,
        "open": len(opened) if known else None,
        "overdue": sum(invitation.is_overdue for invitation in opened) if known else None,
        "oldest": min((row.created_at for row in opened if row.created_at is not None), default=None),
        "error": "; ".join(map(str, one.errors)) or None,
    }


def _told(run: Run, result: HubResult) -> int:
    """Says what has no row: which client has nothing, and which could not be asked as it should."""
    for one in result:
        if run.is_json:
            for error in one.errors:
                say(json_line({"client": one.client, "outcome": one.outcome, **described(error)}))
        elif one.errors:
            say(safe(f"{one.client}: {one.outcome}: {'; '.join(map(str, one.errors))}"))
        elif one.outcome == "nothing":
            run.say(f"{one.client}: nothing")
    return Code.DONE if result.ok else Code.FAILED
