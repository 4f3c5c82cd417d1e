"""The commands that answer an invitation: accept and decline as its invitee, approve and reject as staff.

A password, a session and a token are read from a variable, or from stdin, where a terminal does not show them. None is
an argument, since every process of the machine can read those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from invite_sdk.cli import given
from invite_sdk.cli.codes import Code
from invite_sdk.cli.confirming import ALL_WRITTEN, WRITTEN, confirmed, refuse_unsupported
from invite_sdk.cli.options import DryRun, Id, Refetch
from invite_sdk.cli.running import Run, command

if TYPE_CHECKING:
    from invite_sdk import InviteClient

_CHECKED = ("email", "organization_id", "organization_name", "role")
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
    password = given.secret("password", "INVITE_PASSWORD") if ask_password else None
    session = given.secret("session", "INVITE_SESSION") if ask_session else None
    with run.client() as client:
        if dry_run:
            said = {"email": email, "password": password, "locale": locale, "session": session}
            if any(value is not None and not client.supports("accept", name) for name, value in said.items()):
                # Refused in the SDK's words.
                client.accept(one, email=email, password=password, locale=locale, session=session)
            if client.supports("accept", "session") and session is None and password is None:
                raise typer.BadParameter("give --email and --ask-password, or --ask-session: else it would be refused")
            return _dry(run, client, "accept", one, columns)
        accepted = client.accept(
            one, email=email, password=password, locale=locale, session=session, refetch=refetch, **run.call
        )
    run.out.write([confirmed(run, "accepted", accepted.invitation)], columns, whole=False)
    return Code.DONE


@command("invite decline 7c9e6679-7425-40de-944b-e07fc1f90ae7")
def decline(run: Run, invitation_id: Id, refetch: Refetch = True, dry_run: DryRun = False) -> int:
    """Decline an invitation, as its invitee (ZenML Pro)."""
    columns = run.out.columns(WRITTEN, ALL_WRITTEN)
    one = given.one_id(invitation_id)
    with run.client() as client:
        if dry_run:
            return _dry(run, client, "decline", one, columns)
        run.out.write(
            [confirmed(run, "declined", client.decline(one, refetch=refetch, **run.call))], columns, whole=False
        )
    return Code.DONE


@command("invite approve --profile campus", "pass show approval | invite approve")
def approve(run: Run, dry_run: DryRun = False) -> None:
    """Approve a requested invitation with the token from the mail, in INVITE_TOKEN or on stdin (Waldur)."""
    _settle(run, "approve", "approved", dry_run=dry_run)


@command("invite reject --profile campus", "pass show approval | invite reject")
def reject(run: Run, dry_run: DryRun = False) -> None:
    """Reject a requested invitation with the token from the mail, in INVITE_TOKEN or on stdin (Waldur)."""
    _settle(run, "reject", "rejected", dry_run=dry_run)


def _dry(run: Run, client: InviteClient, operation: str, invitation_id: str, columns: tuple[str, ...]) -> int:
    """Tells whether an invitee could answer now, by what the service tells one who need not be its inviter."""
    refuse_unsupported(client, operation, invitation_id)
    checked = client.check(invitation_id, **run.call)
    row: dict[str, object] = {name: getattr(checked, name) for name in _CHECKED}
    if checked.valid:
        detail = "the invitee must have the civil number of the invitation" if checked.civil_number_required else ""
        row = confirmed(run, f"would {operation}", client.preview(invitation_id, **run.call), detail)
    else:
        row |= {"outcome": "would be refused", "detail": "the service says that it cannot be accepted now"}
    row |= {"service": client.service, "id": run.key(client.service, invitation_id)}
    run.out.write([row], columns)
    return Code.DONE if checked.valid else Code.CONFLICT


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
        run.out.write([{"outcome": outcome, "service": client.service, "detail": detail}], columns, whole=False)
