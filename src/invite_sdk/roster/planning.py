"""Reads what the services have, each scope once, and decides about each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import anyio
from anyio.lowlevel import checkpoint

from invite_clients._times import datetime, utc_now
from invite_sdk import InvalidArgumentError, InviteError, Scope
from invite_sdk._html import plain
from invite_sdk.hub.calling import AnyClient, gathered, pages
from invite_sdk.roster.deciding import WRITES, Can, Case, Decision, Known, decide
from invite_sdk.roster.judging import MAILS, MAY_HAVE_INVITED, is_half_replaced
from invite_sdk.roster.plan import PlannedRow, PruneLimitError
from invite_sdk.roster.policy import Policy
from invite_sdk.roster.rows import Row, RowProblem, at_home, checked, row_key
from invite_sdk.services import address_form, same_id

if TYPE_CHECKING:
    from invite_sdk import Invitation
    from invite_sdk.roster.journal import Entry

_NOT_LISTED = "not in the list"
_READERS = 8
"""How many scopes are read at once."""
_ROWS_BETWEEN_BREATHS = 500
"""How many rows are checked before others on the event loop get their turn."""


class Place(NamedTuple):
    """What is read at once: a scope or an organization of one client, or all that it has."""

    client: str
    organization: str | None
    scope: Scope | str | None


@dataclass(slots=True)
class Reading:
    """What a service has in one place, as far as it counts for a list."""

    can_look: bool = True
    error: InviteError | None = None
    people: dict[str, list[Known]] = field(default_factory=dict[str, list[Known]])
    """The invitations of those in the list, by the form of their address."""
    others: list[Known] = field(default_factory=list[Known])
    """The open ones of all others."""
    unread: int = 0
    """Rows that nobody can tell whose they are."""


class Wanted(NamedTuple):
    """A list, and what is wanted of it."""

    rows: Sequence[Row]
    """Each person once, with the client named."""
    clients: Mapping[str, AnyClient]
    policy: Policy
    max_prune: int | None = None
    """Whether and how many of those may be canceled that the list does not have."""
    entries: Mapping[str, Entry] = {}
    """What a journal says of the rows, by their keys."""
    doubts: Mapping[int, str] = {}
    """Lines that may say a place of their person's in another spelling, with what kept that from being known."""


class Assigned(NamedTuple):
    """A list with all that its rows take from their clients."""

    rows: tuple[Row, ...]
    """Each person once for each place."""
    duplicates: Mapping[int, int]
    """Lines that say once more what another one says, since an empty organization is that of the connection."""
    defaults: Mapping[str, Mapping[str, str]]
    """What rows have taken from the connections, by client."""


async def assigned(rows: Sequence[Row], clients: Mapping[str, AnyClient]) -> Assigned:
    """The rows with their clients and organizations, after all that can be checked without asking a service.

    Raises:
        RosterError: rows that no client would send; all of them.
    """
    problems: list[RowProblem] = []
    placed: list[Row] = []
    only = next(iter(clients)) if len(clients) == 1 else None
    defaults = {name: client.defaults for name, client in clients.items()}
    taken: dict[str, Mapping[str, str]] = {}
    for place, given in enumerate(rows):
        if place % _ROWS_BETWEEN_BREATHS == 0:
            await checkpoint()
        row = at_home(given, only, defaults)
        name = row.client
        if name is None or name not in clients:
            there_are = ", ".join(clients)
            reason = f"there is no client {name!r}" if name else "it must say which client"
            problems.append(RowProblem(row.line, "client", f"{reason}; there are {there_are}"))
            continue
        try:
            clients[name].validate(row.email, **asked(row))
        except InviteError as error:
            problems.append(RowProblem(row.line, None, error.message))
        placed.append(row)
        if row.organization is not None and given.organization is None:
            taken[name] = {"organization": row.organization}
    found = checked(placed, problems)
    return Assigned(found.rows, found.duplicates, taken)


class Asked(TypedDict):
    """The arguments of `create` beside the address."""

    role: str | tuple[str, ...]
    organization: str | None
    scope: Scope | str | None
    name: str | None
    message: str | None
    extra: Mapping[str, object] | None


class Filters(TypedDict, total=False):
    """What narrows a listing to a place."""

    organization: str
    scope: Scope | str


def asked(row: Row) -> Asked:
    """The arguments of `create` for a row."""
    return {
        "role": row.role,
        "organization": row.organization,
        "scope": row.scope,
        "name": row.name,
        "message": row.message,
        "extra": dict(row.extra) or None,
    }


async def planned(wanted: Wanted, limiter: anyio.CapacityLimiter) -> tuple[PlannedRow, ...]:
    """What is to be done about each row, and about open ones that the list does not have.

    Raises:
        InviteError: nothing could be read at all.
        PruneLimitError: more would be pruned than may be.
    """
    readings = await read(wanted, limiter, {place_of(row) for row in wanted.rows})
    failed = [reading.error for reading in readings.values() if reading.error is not None]
    if failed and len(failed) == len(readings):
        raise failed[0]
    rows = [decided(wanted, row, readings[place_of(row)]) for row in wanted.rows]
    if wanted.max_prune is not None:
        rows += pruned(wanted, readings, wanted.max_prune)
    return tuple(rows)


def place_of(row: Row) -> Place:
    """Where a row invites to."""
    return Place(row.client or "", row.organization, row.scope)


async def read(wanted: Wanted, limiter: anyio.CapacityLimiter, places: Iterable[Place]) -> dict[Place, Reading]:
    """What the services have in these places, each read once."""
    people: dict[Place, set[str]] = {place: set() for place in places}
    for row in wanted.rows:
        if (listed := people.get(place_of(row))) is not None:
            listed.add(address_form(row.email))
    at_once = anyio.Semaphore(_READERS)

    async def look(place: Place) -> Reading:
        async with at_once:
            return await _read(wanted.clients[place.client], place, people[place], limiter)

    found = await gathered(partial(look, place) for place in people)
    return dict(zip(people, found, strict=True))


async def _read(client: AnyClient, place: Place, people: set[str], limiter: anyio.CapacityLimiter) -> Reading:
    reading = Reading()
    if not can_look(client):
        reading.can_look = False
        return reading
    filters = Filters()
    if place.organization is not None and client.supports("list", "organization"):
        filters["organization"] = place.organization
    if place.scope is not None:
        filters["scope"] = place.scope
    try:
        async for page in pages(limiter, client.list(**filters)):
            reading.unread += len(page.problems)
            for invitation in page.invitations:
                if "organization" in filters or _is_of(invitation, place.organization):
                    _keep(reading, invitation, place, people)
    except InviteError as error:
        reading.error = error
    return reading


def can_look(client: AnyClient) -> bool:
    """Whether a client can tell who is invited."""
    return client.supports("list") and client.capabilities["list"].view != "received"


def _is_of(invitation: Invitation, organization: str | None) -> bool:
    """Whether it may be the organization's, where the service has no filter for that."""
    known_id, name = invitation.organization_id, invitation.organization_name
    if organization is None or (known_id is None and name is None):
        return True
    return same_id(known_id, organization) or (name is not None and name.casefold() == organization.casefold())


def _keep(reading: Reading, invitation: Invitation, place: Place, people: set[str]) -> None:
    """Keeps what counts of an invitation, if it is one of this place and not of something within it."""
    if place.scope is None and invitation.scope_id is not None:
        return
    if invitation.email is None:
        reading.unread += 1
    elif (person := address_form(invitation.email)) in people:
        reading.people.setdefault(person, []).append(Known.of(invitation))
    elif invitation.is_open:
        reading.others.append(Known.of(invitation))


def decided(wanted: Wanted, row: Row, reading: Reading) -> PlannedRow:
    """What is to be done about one row."""
    known = reading.people.get(address_form(row.email), [])
    entry = wanted.entries.get(row_key(row))
    decision = _decision(wanted, row, reading, known, entry)
    return PlannedRow(row, decision.action, decision.reason, decision.about)


def _decision(wanted: Wanted, row: Row, reading: Reading, known: Sequence[Known], entry: Entry | None) -> Decision:
    client = wanted.clients[row.client or ""]
    if isinstance(reading.error, InvalidArgumentError):
        return Decision("cannot", reading.error.message)  # the list's own mistake, such as a scope that is not there
    if reading.error is not None:
        return Decision("cannot", f"what {client.service} has could not be read: {reading.error}")
    if not reading.can_look:
        if entry is not None and entry.state == "done":
            return Decision("nothing", "invited before, says the journal")
        if entry is not None and entry.state in ("sent", "unknown"):
            return Decision("cannot", MAY_HAVE_INVITED)
        return Decision("create", f"{client.service} cannot tell who is invited")
    case = Case(row, known, wanted.policy, can(client), client.service, utc_now(), _mailed_at(entry))
    decision = decide(case)
    if decision.action in WRITES and (doubt := wanted.doubts.get(row.line)):
        return Decision("cannot", doubt, decision.about)
    if decision.action == "skip" and entry is not None and is_half_replaced(entry):
        decision = Decision("create", "its invitation was canceled to be replaced", decision.about)
    if decision.action == "create" and reading.unread:
        lost = f"{reading.unread} invitations there could not be read, and may be this person's"
        return Decision("cannot", lost)
    return decision


def _mailed_at(entry: Entry | None) -> datetime | None:
    """When a journal says that somebody was last mailed, or may have been."""
    if entry is None:
        return None
    at = entry.at if entry.state == "sent" and entry.action in MAILS else entry.mailed_at
    return None if at is None else datetime.fromtimestamp(at, UTC)


def can(client: AnyClient) -> Can:
    """What a client can do about invitations that are there."""
    return Can(
        resend=client.supports("resend"),
        update=client.supports("update", "role"),
        cancel=client.supports("cancel"),
    )


def pruned(wanted: Wanted, readings: Mapping[Place, Reading], limit: int) -> list[PlannedRow]:
    """The open invitations that the list does not have. Where a part could not be read, nobody can tell which.

    Raises:
        PruneLimitError: there are more than so many.
    """
    servers = {name: f"{client.service} {client.base_url}" for name, client in wanted.clients.items()}
    unread = {servers[place.client] for place, reading in readings.items() if reading.error is not None}
    # A place may be written in two ways, or be asked for through two clients, and then be read twice.
    listed = {
        (servers[place.client], one.id)
        for place, reading in readings.items()
        for known in reading.people.values()
        for one in known
    }
    rows: dict[tuple[str, str | None], PlannedRow] = {}
    for place, reading in readings.items():
        server = servers[place.client]
        if server in unread:
            continue
        may = can(wanted.clients[place.client]).cancel
        for one in reading.others:
            if (server, one.id) in listed:
                continue
            row = Row(one.email or "", one.role or "", place.organization, place.scope, client=place.client)
            rows[server, one.id] = (
                PlannedRow(row, "cancel", _NOT_LISTED, one)
                if may
                else PlannedRow(row, "cannot", f"{_NOT_LISTED}, and the service has no cancel", one)
            )
    writes = [planned for planned in rows.values() if planned.action == "cancel"]
    if len(writes) > limit:
        shown = ", ".join(plain(planned.row.email, 100) for planned in writes[:3])
        raise PruneLimitError(
            f"{len(writes)} open invitations are not in the list ({shown}{', ...' if len(writes) > 3 else ''}), and "
            f"max_prune allows {limit}; look whether the list is whole, or allow more"
        )
    return list(rows.values())


def still_open(planned: PlannedRow, reading: Reading) -> PlannedRow:
    """What is to be done about one that was to be pruned, as the service has it now."""
    for one in reading.others:
        if planned.about is not None and one.id == planned.about.id:
            # What is shown and done is about the invitation that is there, whatever the plan says of it.
            row = replace(planned.row, email=one.email or "", role=one.role or "")
            return replace(planned, row=row, about=one)
    return replace(planned, action="nothing", reason="not open any more")


def prune_limit(prune: object, max_prune: object) -> int | None:
    """How many may be pruned; `None` where none may.

    Raises:
        InvalidArgumentError: pruning without a limit, or a limit that is none.
    """
    if not isinstance(prune, bool):
        raise InvalidArgumentError("prune must be True or False")
    if max_prune is not None and (isinstance(max_prune, bool) or not isinstance(max_prune, int) or max_prune < 0):
        raise InvalidArgumentError("max_prune must be a whole number, 0 or more")
    if prune and max_prune is None:
        raise InvalidArgumentError("prune=True needs max_prune: how many open invitations may be canceled at the most")
    return max_prune if prune else None
