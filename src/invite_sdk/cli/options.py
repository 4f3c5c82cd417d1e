"""The options that several commands have, once each, by the names of the SDK's parameters."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from invite_sdk.cli.completing import roles, scope_types, scopes, statuses

Email: TypeAlias = Annotated[str, typer.Argument(metavar="EMAIL", help="The invitee's address.")]
Id: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="The invitation's id; - reads it from stdin.")]
Ids: TypeAlias = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of invitations; - reads them from stdin, one a line.")
]
StatusFilter: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--status",
        metavar="STATUS",
        autocompletion=statuses,
        help="A status, or open or final for all such; may be given several times.",
    ),
]
EmailFilter: TypeAlias = Annotated[
    str | None, typer.Option("--email", metavar="EMAIL", help="The invitee's whole address.")
]
RoleFilter: TypeAlias = Annotated[
    str | None, typer.Option("--role", metavar="ROLE", autocompletion=roles, help="The role's name or id.")
]
Roles: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--role",
        metavar="ROLE",
        autocompletion=roles,
        help="The role's name or id; several times for several (Enhance).",
    ),
]
Organization: TypeAlias = Annotated[
    str | None, typer.Option("--organization", metavar="ORG", help="The organization's name or id.")
]
Scope: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--scope",
        metavar="SCOPE",
        autocompletion=scopes,
        help="What the role is granted in: its name or id, with --scope-type; or a URL alone (Waldur).",
    ),
]
ScopeType: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--scope-type",
        metavar="TYPE",
        autocompletion=scope_types,
        help="The type of the scope, such as project. --organization then says where it is.",
    ),
]
NativeFilters: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--native-filter", metavar="KEY=VALUE", help="A further filter by the service's own name."),
]
Extra: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--extra", metavar="KEY=VALUE", help="A further field by the service's own name; KEY:=VALUE takes JSON."
    ),
]
InviteeName: TypeAlias = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="The invitee's name; Enhance needs one.")
]
Message: TypeAlias = Annotated[
    str | None, typer.Option("--message", metavar="TEXT", help="Your own words in the mail (Waldur).")
]
Limit: TypeAlias = Annotated[int | None, typer.Option("--limit", metavar="NUMBER", min=1, help="How many at the most.")]
PageSize: TypeAlias = Annotated[int | None, typer.Option("--page-size", metavar="NUMBER", min=1, help="Rows a page.")]
Refetch: TypeAlias = Annotated[
    bool, typer.Option("--refetch/--no-refetch", help="Read the invitation as well, which takes a request more.")
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Check what can be checked, say what would be done, and write nothing.")
]
