"""A list of people, made true: the faces of planning and applying, for clients of both kinds."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self, TextIO, TypeAlias, TypeVar, cast
from weakref import ref

from anyio import CapacityLimiter, to_thread

from invite_clients._times import utc_now
from invite_sdk import AsyncInviteClient, ConfigurationError, InvalidArgumentError, InviteClient
from invite_sdk.hub.calling import AnyClient, run
from invite_sdk.roster import reading
from invite_sdk.roster.applying import Options
from invite_sdk.roster.checks import check_run, check_workers, checked_journal, checked_policy
from invite_sdk.roster.journal import Entry, Journal
from invite_sdk.roster.journal_file import Changed
from invite_sdk.roster.pace import checked_caps
from invite_sdk.roster.places import refuse_second_spellings
from invite_sdk.roster.plan import Plan
from invite_sdk.roster.planning import Wanted, assigned, place_of, planned, prune_limit
from invite_sdk.roster.policy import Policy
from invite_sdk.roster.report import Report, RowEvent
from invite_sdk.roster.roles import refuse_unknown_roles
from invite_sdk.roster.rows import Row, at_home, checked, fingerprint
from invite_sdk.roster.running import applied_by, applied_within, identities_of
from invite_sdk.roster.shards import MakeClient, apply_in, checked_shards, known

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from invite_sdk.hub import AsyncHub, Hub

Source: TypeAlias = "str | os.PathLike[str] | TextIO"
ClientT = TypeVar("ClientT", InviteClient, AsyncInviteClient)

_NO_CLIENT = "apply needs the client: apply(plan, client), since this plan was not made by this list in this process"
_SHARDS = 8
_JSON = frozenset({".jsonl", ".ndjson", ".json"})


class _List:
    """A list of people, checked: each one stands in it once for each place."""

    __slots__ = ("_duplicates", "_rows", "_targets")

    def __init__(
        self, rows: Iterable[Row | Mapping[str, object]], *, defaults: Mapping[str, object] | None = None
    ) -> None:
        self._take(reading.rows_from(rows, defaults=defaults))

    def _take(self, rows: list[Row], name: str = "the list") -> None:
        found = checked(rows, name=name)
        self._rows, self._duplicates = found.rows, found.duplicates
        self._targets: dict[int, tuple[ref[Plan], object]] = {}

    @classmethod
    def read(
        cls, path: str | os.PathLike[str], *, encoding: str = "utf-8", defaults: Mapping[str, object] | None = None
    ) -> Self:
        """A list from a file: JSON Lines where its name ends in .jsonl, .ndjson or .json, else CSV.

        The columns, or keys, are email, role, organization, scope, scope_type, name, message, client and
        `extra.<field>`. Roles, organizations and scopes are names or ids, as `create` takes them.

        Args:
            path: the file.
            encoding: of the file; it is never guessed.
            defaults: values, by column, for what a row leaves empty.

        Raises:
            RosterError: the list cannot be used; `problems` has every problem, with line and column.
        """
        suffix = Path(path).suffix.lower() if isinstance(path, str | os.PathLike) else ""
        take = cls.from_json_lines if suffix in _JSON else cls.from_csv
        return take(path, encoding=encoding, defaults=defaults)

    @classmethod
    def from_csv(cls, source: Source, *, encoding: str = "utf-8", defaults: Mapping[str, object] | None = None) -> Self:
        """A list from CSV, a path or a stream of text; as `read`."""
        made = cls.__new__(cls)
        made._take(reading.read_csv(source, encoding=encoding, defaults=defaults))
        return made

    @classmethod
    def from_json_lines(
        cls, source: Source, *, encoding: str = "utf-8", defaults: Mapping[str, object] | None = None
    ) -> Self:
        """A list from JSON Lines, a path or a stream of text; as `read`."""
        made = cls.__new__(cls)
        made._take(reading.read_json_lines(source, encoding=encoding, defaults=defaults))
        return made

    @property
    def rows(self) -> tuple[Row, ...]:
        """Each person once for each place."""
        return self._rows

    @property
    def duplicates(self) -> Mapping[int, int]:
        """Lines that say once more what another one says, by that one."""
        return self._duplicates

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __repr__(self) -> str:
        more = f" and {len(self._duplicates)} lines that repeat some" if self._duplicates else ""
        return f"<{type(self).__name__} of {len(self._rows)} rows{more}>"

    async def _plan(
        self,
        clients: Mapping[str, AnyClient],
        policy: Policy,
        max_prune: int | None,
        journal: str | os.PathLike[str] | None,
        changed: Changed,
    ) -> Plan:
        read_at = utc_now()
        limiter = CapacityLimiter(len(clients) * 8)
        rows, more, defaults = await assigned(self._rows, clients)
        duplicates = {**{line: more.get(first, first) for line, first in self._duplicates.items()}, **more}
        identities = identities_of(clients)
        await refuse_unknown_roles(rows, clients, limiter)
        doubts = await refuse_second_spellings(rows, clients, identities, limiter)
        entries: Mapping[str, Entry] = {}
        if journal is not None:
            known = partial(_known, journal, rows, identities, changed)
            entries = await to_thread.run_sync(known)
        wanted = Wanted(rows, clients, policy, max_prune, entries, doubts)
        found = await planned(wanted, limiter)
        return Plan(found, identities, policy, read_at, duplicates, defaults, max_prune)

    def __getstate__(self) -> tuple[tuple[Row, ...], Mapping[int, int]]:
        return self._rows, self._duplicates

    def __setstate__(self, state: tuple[tuple[Row, ...], Mapping[int, int]]) -> None:
        self._rows, self._duplicates = state
        self._targets = {}  # clients do not pickle

    def _remember(self, plan: Plan, target: object) -> Plan:
        """Keeps what a plan was made for as long as there is that plan."""
        kept = {key: one for key, one in self._targets.items() if one[0]() is not None}
        self._targets = {**kept, id(plan): (ref(plan), target)}
        return plan

    def _target_of(self, plan: Plan, client: object) -> object:
        """What a plan is applied to: what is given, or else what it was made for.

        Raises:
            InvalidArgumentError: this list did not make it.
        """
        if client is not None:
            return client
        made, target = self._targets.get(id(plan), (None, None))
        if made is None or made() is not plan:
            raise InvalidArgumentError(_NO_CLIENT)
        return target

    def _accept(self, plan: object) -> Plan:
        if not isinstance(plan, Plan):
            raise InvalidArgumentError("apply takes a Plan: what plan(...) returned, or Plan.from_json(...)")
        made, _ = self._targets.get(id(plan), (None, None))
        if made is not None and made() is plan:
            return plan  # as this list made it
        only = next(iter(plan.clients)) if len(plan.clients) == 1 else None
        own = checked([at_home(row, only, plan.defaults) for row in self._rows])
        if plan.roster != fingerprint(own.rows):
            raise InvalidArgumentError("this plan is for another list, or one of the two was changed: plan again")
        pruned = [planned for planned in plan.rows if planned.is_pruned]
        if sum(planned.action == "cancel" for planned in pruned) > (plan.max_prune or 0):
            raise InvalidArgumentError("this plan cancels more than its max_prune, so it was changed: plan again")
        places = {place_of(row) for row in own.rows}
        if not places.issuperset(place_of(planned.row) for planned in pruned):
            raise InvalidArgumentError("this plan cancels where the list invites nobody, so it was changed: plan again")
        return plan


class Roster(_List):
    """A list of people, made true: `plan` says what would be done to whom, `apply` does it, each at most once.

    Args:
        rows: `Row`s, or mappings with the columns that `read` takes.
        defaults: values, by column, for what a row leaves empty.

    Raises:
        RosterError: the list cannot be used; `problems` has every problem.
    """

    __slots__ = ()

    def plan(
        self,
        client: InviteClient | Hub,
        policy: Policy | None = None,
        *,
        prune: bool = False,
        max_prune: int | None = None,
        journal: str | os.PathLike[str] | None = None,
        changed_list: bool = False,
        same_accounts: Collection[str] = (),
    ) -> Plan:
        """What would be done about each row. Reads each scope's invitations once, and writes nothing.

        Args:
            client: a client, or a hub where rows say which of its clients.
            policy: what to do about those who are invited already; `Policy()` unless given.
            prune: take back the open invitations in the list's scopes that the list does not have.
            max_prune: how many at the most; must be given with `prune`. If there are more, nothing is planned.
            journal: that of earlier runs, which knows who was mailed when.
            changed_list: the journal is of this list, as it was before it was changed.
            same_accounts: clients that ask the account of the journal still, by another key or URL.

        Raises:
            RosterError: rows that no client would send; `problems` has all of them.
            PruneLimitError: more would be pruned than `max_prune` allows.
            JournalError: the journal cannot be read, or belongs to another list or service.
            InviteError: nothing could be read. Where only a part could not, its rows are planned as `cannot`.
        """
        limit, policy = prune_limit(prune, max_prune), checked_policy(policy)
        changed = checked_journal(journal, changed_list, same_accounts)
        clients = clients_of(client, InviteClient)
        return self._remember(run(partial(self._plan, clients, policy, limit, journal, changed)), client)

    def apply(
        self,
        plan: Plan,
        client: InviteClient | Hub | None = None,
        *,
        journal: str | os.PathLike[str] | None = None,
        changed_list: bool = False,
        same_accounts: Collection[str] = (),
        max_concurrency: int = 32,
        max_rate: float | None = None,
        max_wait: float = 300.0,
        repeat_unknown: bool = False,
        on_event: Callable[[RowEvent], object] | None = None,
        settle: float = 10.0,
        executor: Executor | None = None,
        shards: int | None = None,
        make_client: MakeClient | None = None,
    ) -> Report:
        """Does what a plan says, each write at most once. With the same list and journal it goes on where it was.

        What the services have is read once more first: a row that is as it should be by now is left alone, one that has
        changed otherwise is `stale`. Ctrl-C and SIGTERM end it when what is under way has been answered and noted.

        Args:
            plan: what `plan` returned, or `Plan.from_json`.
            client: as for `plan`; that for which the plan was made unless given. A plan from JSON does not know it, and
                with an executor none is taken.
            journal: a file that is kept between runs; without one a run that is killed is not known to the next. A
                service that cannot list its invitations needs it. With an executor it is a folder.
            changed_list: the journal is of this list, before it was changed. Without it such a one is refused.
            same_accounts: clients that ask the account of the journal still, by another key or URL; the journal is
                one of these from now on. Without it such a one is refused.
            max_concurrency: how many writes at once at the most for each client; fewer while a service is slow.
            max_rate: how many writes a second at the most for each client.
            max_wait: seconds for which a row waits for a service that throttles (429), from its first refusal; beyond
                them the rest of that client's rows is `left`.
            repeat_unknown: make those writes again of which nobody can tell whether a former run made them.
            on_event: an ordinary function that is called with every `RowEvent`, from another thread.
            settle: seconds for which a request of an earlier run without an answer may still be on its way.
            executor: has the plan applied in parts, for example a `ProcessPoolExecutor` or that of Dask.
            shards: how many parts there are with an executor, 8 unless given; the caps hold for each part.
            make_client: makes the client of a name in a worker, a function of a module; from the environment unless
                given. Credentials are never sent to workers.

        Raises:
            InvalidArgumentError: the plan is for another list, or a setting cannot be right.
            JournalError: the journal cannot be used or written, or belongs to another list or service; nothing was sent
                after that.
            InviteError: nothing could be read.
        """
        self._accept(plan)
        checked_caps(max_concurrency, max_rate, max_wait)
        changed = checked_journal(journal, changed_list, same_accounts)
        check_run(settle, repeat_unknown, on_event)
        options = Options(max_concurrency, max_rate, max_wait, settle, repeat_unknown, on_event, changed)
        if executor is not None:
            if client is not None:
                raise InvalidArgumentError("client= has no use with an executor, whose workers make their own clients")
            return _in_parts(plan, journal, options, executor, _SHARDS if shards is None else shards, make_client)
        if shards is not None or make_client is not None:
            raise InvalidArgumentError("shards= and make_client= are for runs with an executor: give executor=")
        return applied_by(plan, clients_of(self._target_of(plan, client), InviteClient), journal, options)


class AsyncRoster(_List):
    """The same as `Roster`, for an `AsyncInviteClient` or an `AsyncHub`.

    Args:
        rows: `Row`s, or mappings with the columns that `read` takes.
        defaults: values, by column, for what a row leaves empty.

    Raises:
        RosterError: the list cannot be used; `problems` has every problem.
    """

    __slots__ = ()

    async def plan(
        self,
        client: AsyncInviteClient | AsyncHub,
        policy: Policy | None = None,
        *,
        prune: bool = False,
        max_prune: int | None = None,
        journal: str | os.PathLike[str] | None = None,
        changed_list: bool = False,
        same_accounts: Collection[str] = (),
    ) -> Plan:
        """What would be done about each row; see `Roster.plan`."""
        limit, policy = prune_limit(prune, max_prune), checked_policy(policy)
        changed = checked_journal(journal, changed_list, same_accounts)
        clients = clients_of(client, AsyncInviteClient)
        return self._remember(await self._plan(clients, policy, limit, journal, changed), client)

    async def apply(
        self,
        plan: Plan,
        client: AsyncInviteClient | AsyncHub | None = None,
        *,
        journal: str | os.PathLike[str] | None = None,
        changed_list: bool = False,
        same_accounts: Collection[str] = (),
        max_concurrency: int = 32,
        max_rate: float | None = None,
        max_wait: float = 300.0,
        repeat_unknown: bool = False,
        on_event: Callable[[RowEvent], object] | None = None,
        settle: float = 10.0,
    ) -> Report:
        """Does what a plan says; see `Roster.apply`. A cancellation waits for what is under way, and is raised then."""
        self._accept(plan)
        checked_caps(max_concurrency, max_rate, max_wait)
        changed = checked_journal(journal, changed_list, same_accounts)
        check_run(settle, repeat_unknown, on_event)
        options = Options(max_concurrency, max_rate, max_wait, settle, repeat_unknown, on_event, changed)
        clients = clients_of(self._target_of(plan, client), AsyncInviteClient)
        return await applied_within(plan, clients, journal, options)


def clients_of(target: object, kind: type[ClientT]) -> dict[str, ClientT]:
    """The clients by name: those of a hub, or the one by its service.

    Raises:
        ConfigurationError: it is neither, or of the other kind.
    """
    if isinstance(target, kind):
        return {target.service: target}
    clients = cast("object", getattr(target, "clients", None))
    named: Mapping[str, object] = cast("Mapping[str, object]", clients) if isinstance(clients, Mapping) else {}
    found = {name: one for name, one in named.items() if isinstance(one, kind)}
    if found and len(found) == len(named):
        return found
    other = "Hub" if kind is InviteClient else "AsyncHub"
    raise ConfigurationError(f"this takes an {kind.__name__} or a hub of them ({other}), not {type(target).__name__}")


def _known(
    journal: str | os.PathLike[str], rows: Sequence[Row], identities: Mapping[str, str], changed: Changed
) -> dict[str, Entry]:
    """What a journal knows, or those that a run with an executor has left in a folder."""
    if Path(journal).is_dir():
        return known(journal, rows, identities, changed)
    return Journal.read(journal, roster=fingerprint(rows), clients=identities, changed=changed)


def _in_parts(
    plan: Plan,
    journal: str | os.PathLike[str] | None,
    options: Options,
    executor: Executor,
    number: int,
    make_client: MakeClient | None,
) -> Report:
    if journal is None:
        raise InvalidArgumentError("with an executor there must be a journal: a folder, journal=...")
    check_workers(executor, make_client)
    number = checked_shards(number, plan.clients, make_client)
    outcomes = apply_in(executor, plan, journal, number, make_client, options)
    left = [outcome.reason for outcome in outcomes if outcome.kind == "left"]
    return Report(tuple(outcomes), plan.duplicates, left[0] if left else "", plan.clients)
