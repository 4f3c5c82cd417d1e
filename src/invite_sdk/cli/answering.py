"""The commands that answer an invitation: accept and decline as its invitee, approve and reject as staff.

A password, a session and a token are read from a variable, or from stdin, where a terminal does not show them. None is
an argument, since every process of the machine can read those.
"""

from __future__ import annotations

from typing import Annotated

import typer

from invite_sdk.cli import given
from invite_sdk.cli.codes import Code
from invite_sdk.cli.confirming import ALL_WRITTEN, WRITTEN, confirmed
from invite_sdk.cli.options import DryRun, Id, Refetch
from invite_sdk.cli.running import Run, command
from invite_sdk.cli.writing import dry

_ANSWERED = ("outcome", "service", "detail")


@command(
    "invite accept c656f20297d94ac98a5538fd42aee9b1",
    "INVITE_PASSWORD=$(pass show panel) invite accept - --ask-password < link.txt",
    "cat link.txt password.txt | invite accept - --ask-password",
)
def accept(
    run: Run,
    invitation_id: Id,
    email: Annotated[
        str | None, typer.Option("--email", metavar="EMAIL", help="The invitee's address (Enhance).")
    ] = None,
    locale: Annotated[
        str | None, typer.Option("--locale", metavar="TAG", help="A language tag such as en-GB (Enhance).")
    ] = None,
    ask_password: Annotated[
        bool,
        typer.Option("--ask-password", help="Take the login's password (Enhance) from INVITE_PASSWORD or stdin."),
    ] = False,
    ask_session: Annotated[
        bool,
        typer.Option("--ask-session", help="Take the invitee's session (Enhance) from INVITE_SESSION or stdin."),
    ] = False,
    refetch: Refetch = True,
    dry_run: DryRun = False,
) -> int:
    """Accept an invitation, as its invitee. A new session that the service gives is not shown.

    What comes on stdin comes line by line: the id, then the password, then the session.
    """
    columns = run.out.columns(WRITTEN, ALL_WRITTEN)
    one = given.one_id(invitation_id, secrets=ask_password or ask_session)
    if dry_run:
        return dry(run, "accept", one, columns)
    password = given.secret("password", "INVITE_PASSWORD") if ask_password else None
    session = given.secret("session", "INVITE_SESSION") if ask_session else None
    with run.client() as client:
        accepted = client.accept(
            one, email=email, password=password, locale=locale, session=session, refetch=refetch, **run.call
        )
    run.out.write([confirmed(run, "accepted", accepted.invitation)], columns)
    return Code.DONE


@command("invite decline inv-0c1e")
def decline(run: Run, invitation_id: Id, refetch: Refetch = True, dry_run: DryRun = False) -> int:
    """Decline an invitation, as its invitee (ZenML Pro)."""
    columns = run.out.columns(WRITTEN, ALL_WRITTEN)
    one = given.one_id(invitation_id)
    if dry_run:
        return dry(run, "decline", one, columns)
    with run.client() as client:
        run.out.write([confirmed(run, "declined", client.decline(one, refetch=refetch, **run.call))], columns)
    return Code.DONE


@command("invite approve --profile cloud", "pass show approval | invite approve")
def approve(run: Run, dry_run: DryRun = False) -> None:
    """Approve a requested invitation with the token from the mail, in INVITE_TOKEN or on stdin (Waldur)."""
    _settle(run, "approve", "approved", dry_run=dry_run)


@command("invite reject --profile cloud", "pass show approval | invite reject")
def reject(run: Run, dry_run: DryRun = False) -> None:
    """Reject a requested invitation with the token from the mail, in INVITE_TOKEN or on stdin (Waldur)."""
    _settle(run, "reject", "rejected", dry_run=dry_run)


def _settle(run: Run, operation: str, outcome: str, *, dry_run: bool) -> None:
    columns = run.out.columns(_ANSWERED)
    with run.client() as client:
        answer = {"approve": client.approve, "reject": client.reject}[operation]
        if not client.supports(operation):
            answer("-")  # refused in the SDK's words
        token = given.secret("token", "INVITE_TOKEN")
        detail = None
        if dry_run:
            outcome, detail = f"would {operation}", "only the service can tell whether the token is valid"
        else:
            answer(token, **run.call)
        run.out.write([{"outcome": outcome, "service": client.service, "detail": detail}], columns)
