"""Finds rows that put the same person into one place which they write in two ways, such as by name and by id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread

from invite_sdk import AsyncInviteClient, InviteError, Scope
from invite_sdk.hub.calling import AnyClient
from invite_sdk.roster.rows import Row, RowProblem, place_key, refused
from invite_sdk.services import address_form, canonical_id, is_uuid

if TYPE_CHECKING:
    from invite_sdk import ScopeInfo


async def refuse_second_spellings(
    rows: Sequence[Row], clients: Mapping[str, AnyClient], identities: Mapping[str, str], limiter: CapacityLimiter
) -> dict[int, str]:
    """Refuses a list that would invite somebody twice into one place, be it through two clients of one account.

    Which scopes there are is asked only where two rows of one person may mean the same one.

    Args:
        rows: each person once for each client and each spelling of a place.
        clients: by name.
        identities: which service, server and account each client asks.
        limiter: how many calls may be under way.

    Returns:
        The lines of rows of which nobody can tell whether they are such, since the scopes could not be read, and why.

    Raises:
        RosterError: there are such rows.
    """
    problems: list[RowProblem] = []
    doubts: dict[int, str] = {}
    scopes: dict[str, _Scopes | InviteError] = {}
    for theirs in _by_person(rows, identities):
        first: dict[tuple[str, object], Row] = {}
        suspects: list[Row] = []
        for row in theirs:
            if (other := first.setdefault(("spelled", place_key(row)), row)) is not row:
                problems.append(_twice(other, row, "client", "the same place through another client of it"))
            else:
                suspects.append(row)
        for row in _suspects(suspects):
            name = row.client or ""
            if clients[name].capabilities["scopes"].level != "native" or not clients[name].supports("scopes"):
                continue
            if name not in scopes:
                scopes[name] = await _scopes(clients[name], limiter)
            known = scopes[name]
            if isinstance(known, InviteError):
                doubts[row.line] = f"whether another line means the same place could not be read: {known}"
            elif (meant := known.meant(row)) is not None and (
                other := first.setdefault(("meant", meant), row)
            ) is not row:
                column = "organization" if row.scope is None else "scope"
                problems.append(_twice(other, row, column, "the same place in another spelling"))
    if problems:
        raise refused(problems)
    return doubts


def _twice(first: Row, second: Row, column: str, why: str) -> RowProblem:
    return RowProblem(second.line, column, f"the same person as on line {first.line}, and {why}; keep one line")


def _by_person(rows: Sequence[Row], identities: Mapping[str, str]) -> Iterator[list[Row]]:
    """The rows of those who have several at one account."""
    by_person: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_person.setdefault((identities[row.client or ""], address_form(row.email)), []).append(row)
    return (theirs for theirs in by_person.values() if len(theirs) > 1)


def _suspects(theirs: Sequence[Row]) -> Iterable[Row]:
    """Those of one person's rows that may mean one place: by the same name or id, or some by names and some by ids."""
    spelled: dict[tuple[str, str | None], list[Row]] = {}
    for row in theirs:
        spelled.setdefault(_spelled(row), []).append(row)
    if len({kind for kind, _ in spelled}) > 1:
        return theirs
    return [row for same in spelled.values() if len(same) > 1 for row in same]


def _spelled(row: Row) -> tuple[str, str | None]:
    """How a row says its place: by a name, without regard to case, by an id, or by a URL that ends in one."""
    called = row.scope.id if isinstance(row.scope, Scope) else row.scope or row.organization
    if isinstance(row.scope, str):
        called = row.scope.rstrip("/").rpartition("/")[2]
    if called is None or is_uuid(called):
        return "id", canonical_id(called)
    return "name", called.casefold()


async def _scopes(client: AnyClient, limiter: CapacityLimiter) -> _Scopes | InviteError:
    try:
        if isinstance(client, AsyncInviteClient):
            return _Scopes(await client.scopes().all())
        return _Scopes(await to_thread.run_sync(client.scopes().all, limiter=limiter))
    except InviteError as error:
        return error


class _Scopes:
    """The scopes that there are, by what rows may call them."""

    def __init__(self, known: Iterable[ScopeInfo]) -> None:
        self._by_url: dict[str, str | None] = {}
        self._by_name: dict[str, list[ScopeInfo]] = {}
        for one in known:
            if one.url:
                self._by_url.setdefault(one.url.rstrip("/"), canonical_id(one.id))
            self._by_name.setdefault((one.name or "").casefold(), []).append(one)

    def meant(self, row: Row) -> str | None:
        """The id of a row's place, where exactly one is meant."""
        scope = row.scope
        if isinstance(scope, str):
            url = scope.rstrip("/")
            return self._by_url.get(url) or canonical_id(url.rpartition("/")[2])
        called = row.organization if scope is None else scope.id
        if called is None or is_uuid(called):
            return canonical_id(called)
        fitting = [one for one in self._by_name.get(called.casefold(), ()) if _fits(one, scope)]
        found = [one for one in fitting if one.name == called] or fitting
        return canonical_id(found[0].id) if len(found) == 1 else None


def _fits(one: ScopeInfo, scope: Scope | None) -> bool:
    """Whether it is of the type and within the organization that a row names; without a scope, an organization."""
    if scope is None:
        return canonical_id(one.organization_id) == canonical_id(one.id)
    if one.type != scope.type:
        return False
    organization = scope.organization
    if organization is None or (one.organization_name or "").casefold() == organization.casefold():
        return True
    return canonical_id(one.organization_id) == canonical_id(organization)
