"""Finds rows that put the same person into one place which they write in two ways, such as by name and by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread

from invite_sdk import AsyncInviteClient, Scope
from invite_sdk.hub.calling import AnyClient
from invite_sdk.roster.rows import Row, RowProblem, refused
from invite_sdk.services import address_form, canonical_id, is_uuid

if TYPE_CHECKING:
    from invite_sdk import ScopeInfo


async def refuse_second_spellings(
    rows: Sequence[Row], clients: Mapping[str, AnyClient], limiter: CapacityLimiter
) -> None:
    """Refuses a list that would invite somebody twice into one place.

    Which scopes there are is asked only where two rows of one person may mean the same one.

    Raises:
        RosterError: there are such rows.
        InviteError: the scopes could not be read.
    """
    problems: list[RowProblem] = []
    scopes: dict[str, list[ScopeInfo]] = {}
    for first, second in _suspects(rows):
        client = clients[first.client or ""]
        if not client.supports("scopes"):
            continue
        if first.client not in scopes:
            scopes[first.client or ""] = await _scopes(client, limiter)
        known = scopes[first.client or ""]
        one, other = (_meant(row, known) for row in (first, second))
        if one is not None and one == other:
            reason = f"the same person as on line {first.line}, and the same place in another spelling; keep one line"
            problems.append(RowProblem(second.line, "organization" if second.scope is None else "scope", reason))
    if problems:
        raise refused(problems)


async def _scopes(client: AnyClient, limiter: CapacityLimiter) -> list[ScopeInfo]:
    if isinstance(client, AsyncInviteClient):
        return await client.scopes().all()
    return await to_thread.run_sync(client.scopes().all, limiter=limiter)


def _suspects(rows: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Pairs of rows that are about one person, and perhaps about one place."""
    by_person: dict[tuple[str | None, str], list[Row]] = {}
    for row in rows:
        by_person.setdefault((row.client, address_form(row.email)), []).append(row)
    for theirs in by_person.values():
        yield from (pair for pair in combinations(theirs, 2) if _may_be_one(*map(_spelled, pair)))


def _spelled(row: Row) -> tuple[str, str | None]:
    """How a row says its place: by a name, without regard to case, by an id, or by a URL that ends in one."""
    called = row.scope.id if isinstance(row.scope, Scope) else row.scope or row.organization
    if isinstance(row.scope, str):
        called = row.scope.rstrip("/").rpartition("/")[2]
    if called is None or is_uuid(called):
        return "id", canonical_id(called)
    return "name", called.casefold()


def _may_be_one(one: tuple[str, str | None], other: tuple[str, str | None]) -> bool:
    """Whether two places may be one: said by the same name or id, or one by its name and the other by its id."""
    return one == other or one[0] != other[0]


def _meant(row: Row, known: Sequence[ScopeInfo]) -> str | None:
    """The id of a row's place, where exactly one is meant."""
    scope = row.scope
    if isinstance(scope, str):
        url = scope.rstrip("/")
        tail = canonical_id(url.rpartition("/")[2])
        return next((canonical_id(one.id) for one in known if (one.url or "").rstrip("/") == url), tail)
    called = row.organization if scope is None else scope.id
    if called is None or is_uuid(called):
        return canonical_id(called)
    if scope is None:
        fitting = [one for one in known if canonical_id(one.organization_id) == canonical_id(one.id)]
    else:
        fitting = [one for one in known if one.type == scope.type and _belongs(one, scope.organization)]
    exact = [one for one in fitting if one.name == called]
    found = exact or [one for one in fitting if (one.name or "").casefold() == called.casefold()]
    return canonical_id(found[0].id) if len(found) == 1 else None


def _belongs(one: ScopeInfo, organization: str | None) -> bool:
    if organization is None:
        return True
    by_name = (one.organization_name or "").casefold() == organization.casefold()
    return by_name or canonical_id(one.organization_id) == canonical_id(organization)
