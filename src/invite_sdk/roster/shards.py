"""A plan in parts, each with a journal of its own, for workers that share nothing."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Executor, Future
from pathlib import Path
from typing import TYPE_CHECKING

from invite_sdk import ConfigurationError, InvalidArgumentError, InviteClient, InviteError
from invite_sdk.roster.journal import JournalError
from invite_sdk.roster.plan import Plan, PlannedRow
from invite_sdk.roster.report import RowOutcome
from invite_sdk.roster.running import applied_by
from invite_sdk.services import address_form

if TYPE_CHECKING:
    from invite_sdk.roster.applying import Options

MakeClient = Callable[[str], InviteClient]
"""Makes the client of a name, in the worker. It is pickled, so it is a function of a module."""

_NAME = re.compile(r"shard-\d+-of-(\d+)\.journal(-\w+)?")


def shard_of(planned: PlannedRow, shards: int) -> int:
    """In which part a row is: always the same for the same client and address."""
    person = f"{planned.row.client}\n{address_form(planned.row.email)}"
    return int.from_bytes(hashlib.sha256(person.encode()).digest()[:8]) % shards


def apply_in(
    executor: Executor,
    plan: Plan,
    folder: str | os.PathLike[str],
    shards: int,
    make_client: MakeClient | None,
    options: Options,
) -> list[RowOutcome]:
    """Has each part applied by the executor; the rows of a worker that died are left for the next run."""
    place = prepared(folder, shards)
    parts = [plan.part([planned for planned in plan.rows if shard_of(planned, shards) == n]) for n in range(shards)]
    running: dict[int, Future[list[RowOutcome]]] = {}
    for number, part in enumerate(parts):
        if part.rows:
            journal = str(place / f"shard-{number}-of-{shards}.journal")
            running[number] = executor.submit(apply_part, part.to_json(), journal, make_client, options)
    outcomes: list[RowOutcome] = []
    for number, future in running.items():
        try:
            outcomes += future.result()
        except InviteError as error:
            outcomes += _left(parts[number], str(error), error)
        except (Exception, CancelledError) as error:  # noqa: BLE001 - whatever an executor says of a worker that died
            outcomes += _left(parts[number], f"its worker ended before it was done ({type(error).__name__}); run again")
    by_key = {outcome.planned.key: outcome for outcome in outcomes}
    return [by_key[planned.key] for planned in plan.rows]


def prepared(folder: str | os.PathLike[str], shards: int) -> Path:
    """The folder of the journals, which are all of the same number of shards.

    Raises:
        JournalError: it has those of another number, and what they know would be forgotten; or it cannot be made.
    """
    place = Path(folder)
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        others = {int(found[1]) for path in place.iterdir() if (found := _NAME.fullmatch(path.name))} - {shards}
    except OSError as error:
        raise JournalError(f"with an executor the journal is a folder, and {place} is none: {error.strerror}") from None
    if others:
        raise JournalError(f"{place} has the journals of {min(others)} shards: go on with shards={min(others)}")
    return place


def apply_part(text: str, journal: str, make_client: MakeClient | None, options: Options) -> list[RowOutcome]:
    """What a worker does: applies a part with clients that it makes itself."""
    plan = Plan.from_json(text)
    clients = {name: client_for(name, identity, make_client) for name, identity in plan.clients.items()}
    try:
        return list(applied_by(plan, clients, journal, options).outcomes)
    finally:
        for client in clients.values():
            client.close()


def client_for(name: str, identity: str, make_client: MakeClient | None) -> InviteClient:
    """The client of a name, from the factory or else from the environment."""
    return InviteClient.from_env(identity.partition(" ")[0]) if make_client is None else make_client(name)


def checked_shards(shards: object, clients: Mapping[str, str], make_client: MakeClient | None) -> int:
    """How many parts there are.

    Raises:
        InvalidArgumentError: this is no number of parts.
        ConfigurationError: two clients of one service cannot both come from the environment.
    """
    if isinstance(shards, bool) or not isinstance(shards, int) or not 1 <= shards <= 10_000:
        raise InvalidArgumentError("shards must be a whole number from 1 to 10000")
    services = [identity.partition(" ")[0] for identity in clients.values()]
    if make_client is None and len(set(services)) < len(services):
        raise ConfigurationError("two clients are of one service: make_client must say how a worker makes each")
    return shards


def _left(part: Plan, why: str, error: InviteError | None = None) -> list[RowOutcome]:
    return [RowOutcome(planned, "left", why, error=error) for planned in part.rows]
