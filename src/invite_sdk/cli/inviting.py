"""The commands that invite: create and ensure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from invite_sdk.cli import given
from invite_sdk.cli.codes import Code
from invite_sdk.cli.confirming import ALL_WRITTEN, WRITTEN, confirmed, hint_at_key, hint_at_nothing
from invite_sdk.cli.options import (
    DryRun,
    Email,
    Extra,
    InviteeName,
    Message,
    Organization,
    Roles,
    Scope,
    ScopeType,
)
from invite_sdk.cli.running import Run, command

if TYPE_CHECKING:
    from invite_sdk import Invitation, InviteClient
    from invite_sdk import Scope as SdkScope

_NOT_LOOKED_UP = "whether one is there already was not looked up: the service cannot list by address"


class _New(TypedDict):
    """What is asked for, as `create` takes it."""

    role: str | list[str]
    organization: str | None
    scope: SdkScope | str | None
    name: str | None
    message: str | None
    extra: dict[str, object] | None


@command(
    "invite create ana@example.com --role PROJECT.ADMIN --scope Apollo --scope-type project",
    "invite create ana@example.com --role VIEWER --dry-run",
    "invite create ana@example.com --role CUSTOMER.MANAGER --organization 'Acme Org' --extra job_title=Chemist",
    "invite create ana@example.com --role Sysadmin --name 'Ana Li' --show-keys",
)
def create(
    run: Run,
    email: Email,
    role: Roles,
    organization: Organization = None,
    scope: Scope = None,
    scope_type: ScopeType = None,
    name: InviteeName = None,
    message: Message = None,
    extra: Extra = None,
    dry_run: DryRun = False,
) -> int:
    """Invite somebody. It is sent once, however its answer gets lost: 'ensure' may be run again."""
    columns = run.out.columns(WRITTEN, ALL_WRITTEN)
    new = _new(role, organization, scope, scope_type, name, message, extra)
    with run.client() as client:
        if dry_run:
            client.validate(email, **new)
            found, detail = _there(run, client, email, new)
            is_open = found is not None and found.is_open
            outcome = "would be refused" if is_open else "would create"
            run.out.write([_as_asked(run, client, outcome, email, new, found, detail)], columns)
            return Code.CONFLICT if is_open else Code.DONE
        made = client.create(email, **new, **run.call)
        run.out.write([confirmed(run, "created", made)], columns, whole=False)
        hint_at_key(run, client, made, columns)
        hint_at_nothing(run, client, made, email)
    return Code.DONE


@command(
    "invite ensure ana@example.com --role PROJECT.ADMIN --scope Apollo --scope-type project",
    "invite ensure ana@example.com --role VIEWER --json",
)
def ensure(
    run: Run,
    email: Email,
    role: Roles,
    organization: Organization = None,
    scope: Scope = None,
    scope_type: ScopeType = None,
    name: InviteeName = None,
    message: Message = None,
    extra: Extra = None,
    reinvite: Annotated[
        bool, typer.Option("--reinvite", help="Invite also an address that has accepted, for one who has left since.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Invite somebody, unless an invitation is open or was accepted. It may be run again and again."""
    columns = run.out.columns(WRITTEN, ALL_WRITTEN)
    new = _new(role, organization, scope, scope_type, name, message, extra)
    with run.client() as client:
        if dry_run:
            client.validate(email, **new)
            found, detail = _there(run, client, email, new)
            stays = found is not None and (found.is_open or not reinvite)
            outcome = "found" if stays else "would create"
            run.out.write([_as_asked(run, client, outcome, email, new, found, detail)], columns)
            return
        result = client.ensure(email, **new, reinvite=reinvite, **run.call)
        run.out.write(
            [confirmed(run, "created" if result.created else "found", result.invitation)], columns, whole=False
        )
        if result.created:
            hint_at_nothing(run, client, result.invitation, email)


def _new(
    role: list[str],
    organization: str | None,
    scope: str | None,
    scope_type: str | None,
    name: str | None,
    message: str | None,
    extra: list[str] | None,
) -> _New:
    where, what = given.place(organization, scope, scope_type)
    return {
        "role": role[0] if len(role) == 1 else role,
        "organization": where,
        "scope": what,
        "name": name,
        "message": message,
        "extra": given.pairs(extra, "--extra"),
    }


def _there(run: Run, client: InviteClient, email: str, new: _New) -> tuple[Invitation | None, str]:
    """The open or accepted invitation for the same; names are looked up on the way. And what could not be told."""
    from invite_sdk import OPEN_STATUSES, Status

    if not client.supports("list", "email") or not client.supports("list", "status"):
        return None, _NOT_LOOKED_UP
    role = new["role"]
    by_role = role if isinstance(role, str) and client.supports("list", "role") else None
    where = new["organization"] if client.supports("list", "organization") else None
    what = new["scope"] if client.supports("list", "scope") else None
    pager = client.list(
        status=OPEN_STATUSES | {Status.ACCEPTED},
        email=email,
        role=by_role,
        organization=where,
        scope=what,
        **run.call,
    )
    rows = sorted(pager, key=lambda invitation: not invitation.is_open)
    return (rows[0], f"{rows[0].status} already") if rows else (None, "")


def _as_asked(
    run: Run, client: InviteClient, outcome: str, email: str, new: _New, found: Invitation | None, detail: str
) -> dict[str, object]:
    if found is not None:
        return confirmed(run, outcome, found, detail)
    role, scope = new["role"], new["scope"]
    said: dict[str, object] = {"organization_name": new["organization"], "scope_name": scope}
    if scope is not None and not isinstance(scope, str):
        said = {"organization_name": scope.organization, "scope_type": scope.type, "scope_name": scope.id}
    return {
        "outcome": outcome,
        "service": client.service,
        "email": email,
        "name": new["name"],
        "role": role if isinstance(role, str) else "|".join(role),
        **said,
        "message": new["message"],
        "detail": detail or None,
    }
