"""Refuses roles that the service does not have, before anybody is invited with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread

from invite_sdk import AsyncInviteClient, InviteError, Scope
from invite_sdk.hub.calling import AnyClient
from invite_sdk.roster.rows import Row, RowProblem, refused
from invite_sdk.services import is_uuid, shown

if TYPE_CHECKING:
    from invite_sdk import RoleInfo


async def refuse_unknown_roles(rows: Sequence[Row], clients: Mapping[str, AnyClient], limiter: CapacityLimiter) -> None:
    """Refuses a list with role names that mean none or several, or one that cannot be granted there.

    Each client whose service says which roles there are is asked once, if the list has names. Where they cannot be
    read the service itself has to refuse those it does not have.

    Raises:
        RosterError: there are such rows.
    """
    problems: list[RowProblem] = []
    for name, client in clients.items():
        named = [row for row in rows if row.client == name and any(not is_uuid(role) for role in _roles(row))]
        # Where the SDK only knows some words, a newer server may know more.
        if named and client.supports("roles") and client.capabilities["roles"].level == "native":
            try:
                known = await _known(client, limiter)
            except InviteError:
                continue  # one service that is down must not stop what there is to do at the others
            problems += (RowProblem(row.line, "role", reason) for row in named for reason in _wrong(row, known))
    if problems:
        raise refused(problems)


async def _known(client: AnyClient, limiter: CapacityLimiter) -> list[RoleInfo]:
    if isinstance(client, AsyncInviteClient):
        return await client.roles().all()
    return await to_thread.run_sync(client.roles().all, limiter=limiter)


def _roles(row: Row) -> tuple[str, ...]:
    return (row.role,) if isinstance(row.role, str) else row.role


def _wrong(row: Row, known: Sequence[RoleInfo]) -> Iterator[str]:
    """What is wrong with the roles of a row."""
    for role in _roles(row):
        exact = [one for one in known if one.name == role]
        found = exact or [one for one in known if one.name.casefold() == role.casefold()]
        kind = row.scope.type if isinstance(row.scope, Scope) else None
        if is_uuid(role):
            continue
        if not found:
            near = get_close_matches(role.casefold(), {one.name.casefold(): one for one in known}, 3, 0.5)
            names = [shown(one.name) for one in known if one.name.casefold() in near]
            yield "there is no such role" + (f"; the nearest: {', '.join(names)}" if names else "")
        elif len(found) > 1:
            yield f"{len(found)} roles have this name: give the id of one"
        elif found[0].is_active is False:
            yield "this role is switched off"
        elif kind and found[0].scope_type and found[0].scope_type != kind:
            yield f"this role is granted in a {found[0].scope_type}, not in a {kind}"
