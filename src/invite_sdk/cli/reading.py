"""The commands that read: list, count, get, check, preview, roles, scopes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from invite_sdk.cli import given
from invite_sdk.cli.codes import Code
from invite_sdk.cli.options import (
    EmailFilter,
    Id,
    Limit,
    NativeFilters,
    Organization,
    PageSize,
    RoleFilter,
    Scope,
    ScopeType,
    StatusFilter,
)
from invite_sdk.cli.progress import Progress
from invite_sdk.cli.running import Run, command

if TYPE_CHECKING:
    from invite_sdk import Invitation, Pager, RoleInfo, ScopeInfo

INVITATION = (
    "id",
    "status",
    "email",
    "role",
    "organization_name",
    "scope_type",
    "scope_name",
    "created_at",
    "expires_at",
)
"""What is shown of an invitation unless asked otherwise."""
EVERYTHING = (
    "service",
    "id",
    "status",
    "native_status",
    "email",
    "name",
    "role",
    "role_id",
    "roles",
    "organization_id",
    "organization_name",
    "organization_logo_url",
    "organization_member_count",
    "scope_type",
    "scope_id",
    "scope_name",
    "inviter_name",
    "inviter_id",
    "inviter_avatar_url",
    "created_at",
    "expires_at",
    "message",
    "delivery",
    "delivery_detail",
    "url",
    "partial",
    "previous_id",
)
"""All that there is of one, in the order of the SDK."""

_CHECK = ("valid", "email", "organization_id", "organization_name", "role", "civil_number_required")
_ROLE = ("id", "name", "description", "scope_type", "is_active")
_SCOPE = ("type", "id", "name", "url", "organization_id", "organization_name")

LookupName = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="The whole name, without regard to case.")
]
LookupType = Annotated[
    str | None, typer.Option("--type", metavar="TYPE", help="The type of scope, in the service's word.")
]


@command(
    "invite list --status pending",
    "invite list --status open --role PROJECT.ADMIN --scope Apollo --scope-type project",
    "invite list --email ana@example.com --json --fields all",
)
def list_invitations(
    run: Run,
    status: StatusFilter = None,
    email: EmailFilter = None,
    role: RoleFilter = None,
    organization: Organization = None,
    scope: Scope = None,
    scope_type: ScopeType = None,
    native_filter: NativeFilters = None,
    limit: Limit = None,
    page_size: PageSize = None,
) -> int:
    """List the invitations that fit.

    Filters are sent where the service has them, and applied again to every row.
    """
    columns = run.out.columns(INVITATION, EVERYTHING)
    where, what = given.place(organization, scope, scope_type)
    statuses, filters = given.statuses(status), given.pairs(native_filter, "--native-filter")
    with run.client() as client, Progress(run, "read") as progress:
        pager = client.list(
            status=statuses,
            email=email,
            role=role,
            organization=where,
            scope=what,
            native_filters=filters,
            limit=limit,
            page_size=page_size,
            **run.call,
        )
        number = run.out.write(map(run.row, progress.counted(pager)), columns)
        return after_listing(run, pager, number)


def after_listing(run: Run, pager: Pager, number: int) -> int:
    """Tells of rows that could not be read, and that there were none."""
    for problem in pager.problems:
        run.say(f"a row of page {problem.page} was left out: {problem.reason}")
    if number == 0 and run.out.form == "table":
        run.say("no invitation fits")
    return Code.FAILED if pager.problems else Code.DONE


@command(
    "invite count --status pending",
    "invite count --status open --exit-code; if [ $? -eq 1 ]; then echo nothing is open; fi",
)
def count(
    run: Run,
    status: StatusFilter = None,
    email: EmailFilter = None,
    role: RoleFilter = None,
    organization: Organization = None,
    scope: Scope = None,
    scope_type: ScopeType = None,
    native_filter: NativeFilters = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 where there are none.")] = False,
) -> int:
    """Count the invitations that fit. It writes the number alone."""
    columns = run.out.columns(("count",))
    where, what = given.place(organization, scope, scope_type)
    statuses, filters = given.statuses(status), given.pairs(native_filter, "--native-filter")
    with run.client() as client:
        number = client.count(
            status=statuses,
            email=email,
            role=role,
            organization=where,
            scope=what,
            native_filters=filters,
            **run.call,
        )
    if run.out.form in ("table", "tsv"):
        run.out.text(str(number))
    else:
        run.out.write([{"count": number}], columns)
    return Code.FAILED if exit_code and number == 0 else Code.DONE


@command("invite get c656f20297d94ac98a5538fd42aee9b1", "invite get ID --json --fields all")
def get(run: Run, invitation_id: Id) -> None:
    """Show one invitation, as the service has it now."""
    columns = run.out.columns(INVITATION, EVERYTHING)
    with run.client() as client:
        show(run, [client.get(given.one_id(invitation_id), **run.call)], columns)


@command("invite preview c656f20297d94ac98a5538fd42aee9b1")
def preview(run: Run, invitation_id: Id) -> None:
    """Show one invitation as its invitee may see it, which may be less than 'get' shows."""
    columns = run.out.columns(INVITATION, EVERYTHING)
    with run.client() as client:
        show(run, [client.preview(given.one_id(invitation_id), **run.call)], columns)


@command(
    "invite check c656f20297d94ac98a5538fd42aee9b1",
    "if invite check ID > /dev/null; then echo it can be accepted; fi",
)
def check(run: Run, invitation_id: Id) -> int:
    """Tell whether an invitation can be accepted now. It ends with 0 where it can, and with 1 where it cannot."""
    columns = run.out.columns(_CHECK)
    with run.client() as client:
        found = client.check(given.one_id(invitation_id), **run.call)
    run.out.write([{name: getattr(found, name) for name in _CHECK}], columns)
    return Code.DONE if found.valid else Code.FAILED


@command("invite roles", "invite roles --type project --fields name,description")
def roles(
    run: Run, name: LookupName = None, scope_type: LookupType = None, limit: Limit = None, page_size: PageSize = None
) -> None:
    """List what an invitation may grant."""
    columns = run.out.columns(_ROLE)
    with run.client() as client:
        pager = client.roles(name=name, type=scope_type, limit=limit, page_size=page_size, **run.call)
        run.out.write(_rows(pager, _ROLE), columns)


@command("invite scopes", "invite scopes --type project --organization 'Acme Org'")
def scopes(
    run: Run,
    name: LookupName = None,
    scope_type: LookupType = None,
    organization: Organization = None,
    limit: Limit = None,
    page_size: PageSize = None,
) -> None:
    """List where one may invite: the organizations and projects that you may see."""
    columns = run.out.columns(_SCOPE)
    with run.client() as client:
        pager = client.scopes(
            name=name, type=scope_type, organization=organization, limit=limit, page_size=page_size, **run.call
        )
        run.out.write(_rows(pager, _SCOPE), columns)


def show(run: Run, invitations: Iterable[Invitation], columns: tuple[str, ...]) -> None:
    """Writes invitations."""
    run.out.write(map(run.row, invitations), columns)


def _rows(found: Iterable[RoleInfo | ScopeInfo], names: tuple[str, ...]) -> Iterator[dict[str, object]]:
    return ({name: getattr(each, name) for name in names} for each in found)
