"""What a shell completes. It is asked at every tab, so it is quick, and says nothing where something fails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from invite_sdk import InviteClient

STATUSES = (
    "requested",
    "scheduled",
    "pending",
    "accepted",
    "declined",
    "rejected",
    "canceled",
    "expired",
    "unknown",
    "open",
    "final",
)
SERVICES = ("waldur", "cloudtruth", "zenml", "enhance")
_SECONDS = 2.0
_MOST = 100


def statuses(incomplete: str) -> list[str]:
    """The statuses, and the words for several."""
    return _begin_with(incomplete, STATUSES)


def services(incomplete: str) -> list[str]:
    """The services."""
    return _begin_with(incomplete, SERVICES)


def profiles(incomplete: str) -> list[str]:
    """The names in the file of profiles."""
    from invite_sdk import InviteError
    from invite_sdk.cli.choosing import profile_names

    try:
        return _begin_with(incomplete, profile_names())
    except (InviteError, OSError):
        return []


def roles(ctx: typer.Context, incomplete: str) -> list[str]:
    """What the service that is meant may grant."""
    return _begin_with(incomplete, _asked(ctx, lambda client: (role.name for role in client.roles(limit=_MOST))))


def scopes(ctx: typer.Context, incomplete: str) -> list[str]:
    """Where one may invite."""
    kind = ctx.params.get("scope_type")
    return _begin_with(
        incomplete,
        _asked(ctx, lambda client: (scope.name or scope.id for scope in client.scopes(type=kind, limit=_MOST))),
    )


def scope_types(incomplete: str) -> list[str]:
    """The types of scopes."""
    return _begin_with(incomplete, ("customer", "project"))


def _asked(ctx: typer.Context, ask: Callable[[InviteClient], Iterable[str]]) -> list[str]:
    from invite_sdk import NO_RETRIES, InviteError
    from invite_sdk.cli.choosing import Meant, of_one, one

    given = Meant(tuple(ctx.params.get("profile") or ()), tuple(ctx.params.get("service") or ()))
    try:
        given = one(given)
        if any(map(_runs_a_command, given.profiles)):
            return []
        with of_one(given) as client:
            return list(ask(client.with_options(timeout=_SECONDS, deadline=_SECONDS, retry=NO_RETRIES)))
    except (InviteError, OSError, typer.TyperException):
        return []


def _runs_a_command(profile: str) -> bool:
    """Whether a secret of a profile is what a command prints: that may ask for a passphrase, and take its time."""
    from invite_sdk import Profiles

    settings = Profiles.read().get(profile).settings.values()
    return any(not isinstance(value, str) and value.kind == "command" for value in settings)


def _begin_with(incomplete: str, words: Iterable[str]) -> list[str]:
    # A shell reads what it is given word by word, and may even do what it says.
    return [word for word in words if word.startswith(incomplete) and re.fullmatch(r"[\w.@+/ :-]+", word)]
