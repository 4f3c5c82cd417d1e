"""What a role is granted in: by its URL on Waldur, by type and id in the SDK."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from invite_sdk._errors import tree as errors
from invite_sdk._flows.context import Context
from invite_sdk._flows.filters import Check
from invite_sdk._model.ids import is_uuid, same_id
from invite_sdk._model.records import Scope
from invite_sdk._privacy.texts import shown
from invite_sdk.services.adapter import NewInvitation
from invite_sdk.services.waldur.reading import wire_of

if TYPE_CHECKING:
    from invite_sdk._model.invitation import Invitation

PATHS = {
    "customer": "customers",
    "project": "projects",
    "offering": "marketplace-provider-offerings",
    "service_provider": "marketplace-service-providers",
    "call": "proposal-protected-calls",
    "call_organizer": "call-managing-organisations",
    "proposal": "proposal-proposals",
}
"""Where the API has each type of scope. Newer servers have more types; their scopes are named by URL."""
_LISTED = ("customer", "project")
"""Those that `scopes` lists."""
_SCOPE_PATH = re.compile(r"/api/([a-z-]+)/([0-9a-fA-F-]{32,36})/?", re.ASCII)


def scope_of(ctx: Context, new: NewInvitation) -> str:
    """The URL of what is invited into, on this server."""
    if (new.organization is None) == (new.scope is None):
        raise errors.InvalidArgumentError(
            "Waldur needs exactly one of organization (a customer's name or UUID) and scope (a URL, or "
            "Scope(type, name or id)); Scope(type, name, organization=...) says whose scope of that name is meant"
        )
    if new.organization is not None:
        return scope_url(ctx, Scope("customer", uuid_of("organization", "customer", new.organization)))
    assert new.scope is not None  # noqa: S101 - one of the two is given
    return scope_url(ctx, new.scope)


def scope_url(ctx: Context, scope: Scope | str) -> str:
    """The URL of a scope on this server.

    Raises:
        InvalidArgumentError: it is none of this server, or of a type whose URLs are not known.
    """
    if isinstance(scope, Scope):
        folder = PATHS.get(scope.type)
        if folder is None:
            raise errors.InvalidArgumentError(
                f"Waldur takes a scope as its URL, and the SDK knows the URLs of {', '.join(PATHS)} only: "
                f"give the URL of this {shown(scope.type)}"
            )
        return f"{ctx.base_url}/api/{folder}/{uuid_of('Scope id', scope.type, scope.id)}/"
    ours = urlsplit(ctx.base_url)
    try:
        parts = urlsplit(scope)
        is_absolute, host = bool(parts.scheme or parts.netloc), (parts.hostname, _port(parts))
    except ValueError:
        raise errors.InvalidArgumentError("scope is no URL") from None
    if "@" in parts.netloc or "\\" in scope or not scope.isprintable():
        raise errors.InvalidArgumentError("scope holds credentials, a backslash or a control character")
    # A server behind a proxy may write http for https in its own URLs.
    if is_absolute and (host, parts.scheme in ("http", "https")) != ((ours.hostname, _port(ours)), True):
        raise errors.InvalidArgumentError(
            f"scope is a URL of another host or port than {ours.netloc}; Waldur would look only at its path"
        )
    path = parts.path
    if is_absolute and path.startswith(ours.path):
        path = path[len(ours.path) :]
    elif is_absolute:
        path = ""
    found = _SCOPE_PATH.fullmatch(path)
    if found is None or not is_uuid(found.group(2)) or "?" in scope or "#" in scope:
        raise errors.InvalidArgumentError(
            "scope must be the API URL of what is invited into, for example "
            f"{ctx.base_url}/api/projects/<uuid>/, or Scope(type, name or id)"
        )
    root = f"{parts.scheme}://{parts.netloc}{ours.path}" if is_absolute else ctx.base_url
    return f"{root}/api/{found.group(1)}/{found.group(2)}/"


def _port(parts: SplitResult) -> int | None:
    """The port, or `None` for that which the scheme has anyway."""
    return None if (parts.scheme, parts.port) in (("http", 80), ("https", 443)) else parts.port


def uuid_of(name: str, kind: str, value: object) -> str:
    """`value` when it is a UUID.

    Raises:
        InvalidArgumentError: it is none; nothing was sent.
    """
    if not isinstance(value, str) or not is_uuid(value):
        raise errors.InvalidArgumentError(
            f"{name} must be the {kind}'s UUID, with or without dashes, where names are not looked up (resolve=False); "
            f"{'scopes()' if kind in _LISTED else f'GET /api/{PATHS[kind]}/'} lists both"
        )
    return value


def scope_key(url: str) -> tuple[str | None, str]:
    """The kind of scope, where it is one of those we name, and its id."""
    found = _SCOPE_PATH.search(urlsplit(url).path)
    assert found is not None  # noqa: S101 - scope_url has checked it
    kinds = {folder: kind for kind, folder in PATHS.items()}
    return kinds.get(found.group(1)), found.group(2)


def check_scope(kind: str | None, scope_id: str) -> Check:
    """Rows whose role is granted in this very scope."""

    def check(row: Invitation) -> bool | None:
        wire = wire_of(row)
        if wire.scope_uuid is None:
            return None
        return same_id(wire.scope_uuid, scope_id) and (kind is None or wire.scope_type in (None, kind))

    return check
