"""The commands that change one invitation: update and delete."""

from __future__ import annotations

from typing import Annotated

import typer

from invite_sdk.cli import given
from invite_sdk.cli.codes import Code
from invite_sdk.cli.completing import roles
from invite_sdk.cli.confirming import ALL_WRITTEN, WRITTEN, confirmed, planned, refuse_unsupported
from invite_sdk.cli.options import DryRun, Id, Refetch
from invite_sdk.cli.running import Run, command


@command(
    "invite update c656f20297d94ac98a5538fd42aee9b1 --role PROJECT.MEMBER",
    "invite update ID --email ana@example.org --dry-run",
)
def update(
    run: Run,
    invitation_id: Id,
    email: Annotated[str | None, typer.Option("--email", metavar="EMAIL", help="The new address.")] = None,
    role: Annotated[
        str | None, typer.Option("--role", metavar="ROLE", autocompletion=roles, help="The new role.")
    ] = None,
    refetch: Refetch = True,
    dry_run: DryRun = False,
) -> int:
    """Change the address of an open invitation, its role, or both."""
    columns = run.out.columns(WRITTEN, ALL_WRITTEN)
    if email is None and role is None:
        raise typer.BadParameter("give --email, --role, or both")
    one = given.one_id(invitation_id)
    with run.client() as client:
        if dry_run:
            refuse_unsupported(client, "update", one)
            # What cannot be right is refused on the way, and a role that there is not is missed.
            client.list(email=email, role=role, limit=1, **run.call).first()
            return dry(run, "update", one, columns, {"email": email, "role": role})
        changed = client.update(one, email=email, role=role, refetch=refetch, **run.call)
        run.out.write([confirmed(run, "updated", changed)], columns, whole=False)
    return Code.DONE


@command("invite delete c656f20297d94ac98a5538fd42aee9b1", "invite delete ID --dry-run")
def delete(run: Run, invitation_id: Id, dry_run: DryRun = False) -> int:
    """Remove the record of an invitation, whatever its status. 'cancel' takes one back and keeps its record."""
    columns = run.out.columns(("outcome", "id"), ALL_WRITTEN)
    one = given.one_id(invitation_id)
    with run.client() as client:
        if dry_run:
            return dry(run, "delete", one, columns)
        client.delete(one, **run.call)
        run.out.write(
            [{"outcome": "deleted", "service": client.service, "id": run.key(client.service, one)}],
            columns,
            whole=False,
        )
    return Code.DONE


def dry(
    run: Run, operation: str, invitation_id: str, columns: tuple[str, ...], changes: dict[str, str | None] | None = None
) -> int:
    """Tells what an operation would do to one invitation, as far as its record shows.

    Args:
        run: the run.
        operation: the operation.
        invitation_id: its id.
        columns: what is shown.
        changes: fields that would have another value.
    """
    with run.client() as client:
        refuse_unsupported(client, operation, invitation_id)
        if not client.supports("get"):
            detail = "whether it can be done cannot be looked up: the service has no get"
            shown = run.key(client.service, invitation_id)
            run.out.write([{"outcome": f"would {operation}", "id": shown, "detail": detail}], columns)
            return Code.DONE
        row = planned(run, operation, client.get(invitation_id, **run.call))
    said = {name: value for name, value in (changes or {}).items() if value is not None}
    if said and row["detail"] is None:
        row["detail"] = ", ".join(f"{name}: {row[name]} -> {value}" for name, value in said.items())
    run.out.write([row], columns)
    return Code.CONFLICT if row["outcome"] == "would be refused" else Code.DONE
