"""A plan in parts, each with a journal of its own, for workers that share nothing."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from invite_sdk import ConfigurationError, InvalidArgumentError, InviteClient, InviteError
from invite_sdk.roster.journal import Entry, Journal, JournalError
from invite_sdk.roster.journal_file import Changed
from invite_sdk.roster.plan import Plan
from invite_sdk.roster.report import RowEvent, RowOutcome, tell
from invite_sdk.roster.rows import Row, fingerprint
from invite_sdk.roster.running import applied_by, terminated_gently
from invite_sdk.services import address_form

if TYPE_CHECKING:
    from invite_sdk.roster.applying import Options
    from invite_sdk.roster.plan import PlannedRow

MakeClient = Callable[[str], InviteClient]
"""Makes the client of a name, in the worker. It is pickled, so it is a function of a module."""

_STOP = "stop"
"""The file beside the journals that ends the parts of a run between two rows."""
_NAME = re.compile(r"shard-\d+-of-(\d+)\.journal(-\w+)?")


def shard_of(row: Row, shards: int) -> int:
    """In which part a row is: always the same for the same client and address."""
    person = f"{row.client}\n{address_form(row.email)}"
    return int.from_bytes(hashlib.sha256(person.encode()).digest()[:8]) % shards


def apply_in(
    executor: Executor,
    plan: Plan,
    folder: str | os.PathLike[str],
    shards: int,
    make_client: MakeClient | None,
    options: Options,
) -> list[RowOutcome]:
    """Has each part applied by the executor; the rows of a worker that died are left for the next run.

    What interrupts this begins no further part, and ends those that are under way between two rows.

    Raises:
        JournalError: the folder cannot be used, or a journal in it is of another list or run. Nothing was sent.
    """
    place = Path(folder)
    _make(place, shards)
    listed = [planned.row for planned in plan.rows if not planned.is_pruned]
    known(place, listed, plan.clients, options.changed)
    # Only now: nobody has the journals, so nobody looks for it any more.
    stop = _without_stop(place)
    running: dict[Future[list[RowOutcome]], Plan] = {}
    outcomes: dict[str, RowOutcome] = {}
    with terminated_gently():
        try:
            for number, part in parts_of(plan, shards).items():
                its = replace(options, on_event=None, stop_file=str(stop))
                job = (part.to_json(), str(place / _name(number, shards)), make_client, its)
                running[_begun(executor, *job)] = part
            for future in as_completed(running):
                for outcome in _came_of(running[future], future):
                    outcomes[outcome.planned.key] = outcome
                    tell(options.on_event, RowEvent(outcome.kind, outcome.planned, outcome))
        except BaseException:
            with suppress(OSError):  # a full disk ends the parts by itself
                stop.touch()
            raise
        finally:
            for future in running:
                future.cancel()
    return [outcomes[planned.key] for planned in plan.rows]


def _without_stop(place: Path) -> Path:
    """The file that would end the parts, which is not there.

    Raises:
        JournalError: it is, and cannot be removed.
    """
    stop = place / _STOP
    try:
        stop.unlink(missing_ok=True)
    except OSError as error:
        raise JournalError(
            f"{str(stop)!a} stops every run and cannot be removed: {ascii(error.strerror)[1:-1]}; remove it"
        ) from None
    return stop


def parts_of(plan: Plan, shards: int) -> dict[int, Plan]:
    """The parts that have rows, by their number."""
    rows: dict[int, list[PlannedRow]] = {}
    for planned in plan.rows:
        rows.setdefault(shard_of(planned.row, shards), []).append(planned)
    return {number: plan.part(rows[number]) for number in sorted(rows)}


def known(
    folder: str | os.PathLike[str], rows: Sequence[Row], clients: Mapping[str, str], changed: Changed
) -> dict[str, Entry]:
    """What the journals in a folder know of a list; they are let go again.

    Raises:
        JournalError: they are of another list or of other clients, or another run has one.
    """
    numbers = _numbers(Path(folder))
    if not numbers:
        return {}
    shards = min(numbers)
    parts: dict[int, list[Row]] = {number: [] for number in range(shards)}
    for row in rows:
        parts[shard_of(row, shards)].append(row)
    found: dict[str, Entry] = {}
    for number, part in parts.items():
        path = Path(folder) / _name(number, shards)
        found |= Journal.read(path, roster=fingerprint(part), clients=clients, changed=changed)
    return found


def _name(number: int, shards: int) -> str:
    return f"shard-{number}-of-{shards}.journal"


def _numbers(place: Path) -> set[int]:
    """Of how many shards the journals in a folder are: one number, unless somebody put others beside them."""
    return {int(found[1]) for path in place.iterdir() if (found := _NAME.fullmatch(path.name))}


def _make(place: Path, shards: int) -> None:
    """Makes the folder of the journals, which are all of the same number of shards.

    Raises:
        JournalError: it has those of another number, and what they know would be forgotten; or it cannot be made.
    """
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        others = _numbers(place) - {shards}
    except OSError as error:
        raise JournalError(
            f"with an executor the journal is a folder, and {str(place)!a} cannot be one: "
            f"{ascii(error.strerror)[1:-1]}; name another one"
        ) from None
    if others:
        raise JournalError(
            f"{str(place)!a} has the journals of {min(others)} shards, which say who was invited: go on with "
            f"shards={min(others)}"
        )


def _begun(
    executor: Executor, text: str, journal: str, make_client: MakeClient | None, options: Options
) -> Future[list[RowOutcome]]:
    try:
        # Dask takes the same call for the one whose result it has: each run is another one.
        return executor.submit(apply_part, text, journal, make_client, options, uuid4().hex)
    except Exception as error:  # noqa: BLE001 - an executor whose workers died takes no more
        refused: Future[list[RowOutcome]] = Future()
        refused.set_exception(error)
        return refused


def _came_of(part: Plan, future: Future[list[RowOutcome]]) -> list[RowOutcome]:
    """The outcomes of a part; its rows are left where its worker brought none."""
    if not future.cancelled() and future.exception() is None:
        return future.result()
    cause = None if future.cancelled() else future.exception()
    if isinstance(cause, InviteError):
        error = cause
    else:
        said = "was canceled" if cause is None else f"ended with {type(cause).__name__}"
        error = InviteError(f"the worker of this part {said}; its journal knows what it has done: run again")
        error.__cause__ = cause
    return [RowOutcome(planned, "left", str(error), error=error) for planned in part.rows]


def apply_part(text: str, journal: str, make_client: MakeClient | None, options: Options, run: str) -> list[RowOutcome]:
    """What a worker does: applies a part with clients that it makes itself."""
    del run
    plan = Plan.from_json(text)
    with ExitStack() as stack:
        clients = {
            name: stack.enter_context(_client(name, identity, make_client)) for name, identity in plan.clients.items()
        }
        return list(applied_by(plan, clients, journal, options).outcomes)


def _client(name: str, identity: str, make_client: MakeClient | None) -> InviteClient:
    """The client of a name, from the factory or else from the environment.

    Raises:
        ConfigurationError: there is none to be had.
    """
    if make_client is None:
        return InviteClient.from_env(identity.partition(" ")[0])
    try:
        client: object = make_client(name)
    except InviteError:
        raise
    except Exception as error:
        raise ConfigurationError(
            f"make_client failed in a worker with {type(error).__name__} for the client {name!a}; nothing was sent"
        ) from error
    if not isinstance(client, InviteClient):
        kind = type(client).__name__
        raise ConfigurationError(f"make_client must return an InviteClient, and returned a {kind} for {name!a}")
    return client


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
