"""The commands that ask several services at once: find, offboard and overview."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from invite_sdk.cli import given
from invite_sdk.cli.cells import cell, json_line, safe
from invite_sdk.cli.codes import Code, together
from invite_sdk.cli.failing import code_of, described, say
from invite_sdk.cli.options import DryRun, Email, Yes
from invite_sdk.cli.reading import EVERYTHING, INVITATION
from invite_sdk.cli.running import Run, command
from invite_sdk.cli.wording import told

if TYPE_CHECKING:
    from invite_sdk import Invitation, InviteError
    from invite_sdk.cli.several import Several
    from invite_sdk.hub import ClientResult, HubResult

_COLUMNS = ("outcome", "client", *INVITATION, "error")
_ALL_COLUMNS = ("outcome", "client", *EVERYTHING, "error")
_OVERVIEW = ("client", "service", "outcome", "open", "overdue", "oldest", "error")
_OPENED = ("client", "status", "email", "role", "scope_name", "organization_name", "expires_at")


@command("invite find ana@example.com", "invite find ana@example.com --profile campus --profile cloud --json")
def find(run: Run, email: Email) -> int:
    """Find every invitation for an address, of any status, in all profiles or those that are named.

    A service that could not be asked has a row that says why, and the code tells: then nobody knows what is there. One
    that cannot look for an address fails only where it was named, or is the only one.
    """
    columns = run.out.columns(_COLUMNS, _ALL_COLUMNS)
    with run.several() as several:
        result = several.ask(lambda hub: hub.find(email, **run.call))
    run.out.write(_rows(run, result, "found"), columns)
    return _told(run, result)


@command(
    "invite offboard ana@example.com --dry-run",
    "invite offboard ana@example.com --yes",
)
def offboard(
    run: Run,
    email: Email,
    yes: Yes = False,
    dry_run: DryRun = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 where something is left.")] = False,
) -> int:
    """Take back every open invitation for an address, in all profiles or those that are named.

    What was accepted is not undone: it is shown as left, for a person. A service that could not be asked has a row that
    says why, and the code tells. One that cannot look for an address fails only where it was named, or is the only one.
    """
    columns = run.out.columns(_COLUMNS, _ALL_COLUMNS)
    known: list[dict[str, object]] = []

    def heard(client: str, invitation: Invitation, error: InviteError | None) -> None:
        if error is None:
            known.append(_row(run, client, "taken back", invitation))
        else:
            outcome = "unknown" if code_of(error) == Code.UNKNOWN else "left"
            known.append({**_row(run, client, outcome, invitation), "error": told(error)})

    with run.several() as several:
        if not dry_run and not yes and not _wanted(run, several, email):
            return given.declined()
        run.tells_itself = True
        try:
            result = several.ask(lambda hub: hub.offboard(email, dry_run=dry_run, on_event=heard, **run.call))
        except (KeyboardInterrupt, SystemExit):
            run.out.write(known, columns, whole=False)
            run.say("ended in order: run it again, and it takes back what is left")
            raise
    taken = "would be taken back" if dry_run else "taken back"
    run.out.write(_rows(run, result, taken), columns, whole=False)
    code = _told(run, result)
    return Code.FAILED if exit_code and not code and any(one.left for one in result) else code


@command("invite overview", "invite overview --profile campus --json")
def overview(run: Run) -> int:
    """Show how many invitations are open, and how many of those are overdue, in all profiles or those named.

    A service that could not be asked has a row that says why, and the code tells. One that cannot list fails only where
    it was named, or is the only one.
    """
    from invite_sdk import OPEN_STATUSES

    columns = run.out.columns(_OVERVIEW)
    with run.several() as several:
        result = several.ask(lambda hub: hub.list(status=OPEN_STATUSES, **run.call))
    run.out.write(map(_summary, result), columns)
    return _told(run, result, empty=False)


def _wanted(run: Run, several: Several, email: str) -> bool:
    """Whether what is open is to be taken back. Only a terminal can be asked, so nothing is read without one."""
    given.require_terminal("Take back what is open for this address?")
    result = several.ask(lambda hub: hub.offboard(email, dry_run=True, **run.call))
    opened = [{"client": one.client, **run.row(invitation)} for one in result for invitation in one.invitations]
    if not opened:
        return True
    from invite_sdk.cli.table import table

    shown = [[cell(row[name]) for name in _OPENED] for row in opened]
    say(table(shown, _OPENED, color=False))
    return given.is_sure(f"Take back {len(opened)} invitation{'' if len(opened) == 1 else 's'}?", yes=False)


def _rows(run: Run, result: HubResult, outcome: str) -> Iterator[dict[str, object]]:
    for one in result:
        yield from (_row(run, one.client, outcome, invitation) for invitation in one.invitations)
        yield from (_row(run, one.client, "left", invitation) for invitation in one.left)
        if one.errors:
            yield {"outcome": one.outcome, "client": one.client, "service": one.service, "error": _reason(one)}


def _row(run: Run, client: str, outcome: str, invitation: Invitation) -> dict[str, object]:
    return {"outcome": outcome, "client": client, **run.row(invitation)}


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
        "error": _reason(one) or None,
    }


def _reason(one: ClientResult) -> str:
    # The address is all that there is to ask for.
    return "; ".join(told(error).removesuffix("; leave it out") for error in one.errors)


def _told(run: Run, result: HubResult, *, empty: bool = True) -> int:
    """Says on stderr as well which client has nothing, unless rows say so, and which could not be asked."""
    for one in result:
        if not one.errors:
            if empty and one.outcome == "nothing" and not run.is_json:
                run.say(f"{one.client}: nothing")
        elif run.common.quiet and not _counts(run, one, result):
            continue
        elif run.is_json:
            for error in one.errors:
                say(json_line({"client": one.client, "outcome": one.outcome, **described(error)}))
        else:
            say(safe(f"{one.client}: {one.outcome}: {_reason(one)}"))
    return _code(run, result)


def _code(run: Run, result: HubResult) -> Code:
    return together(
        Code.DONE if one.ok else together(map(code_of, one.errors)) for one in result if _counts(run, one, result)
    )


def _counts(run: Run, one: ClientResult, result: HubResult) -> bool:
    """Whether the code depends on a client.

    What a service cannot do is no failure of every night's run: so only where it was asked for by its name, is all that
    there is, or leaves something to a person.
    """
    if one.outcome != "unsupported" or one.left or run.common.profile or run.common.service:
        return True
    return all(other.outcome == "unsupported" for other in result)
