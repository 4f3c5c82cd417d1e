"""The commands for one invitation, several, or all that fit: cancel and resend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from invite_sdk.cli import given
from invite_sdk.cli.codes import Code, together
from invite_sdk.cli.confirming import ALL_WRITTEN, WRITTEN, confirmed, planned, refuse_unsupported
from invite_sdk.cli.failing import code_of
from invite_sdk.cli.options import (
    DryRun,
    EmailFilter,
    Ids,
    NativeFilters,
    Organization,
    Refetch,
    RoleFilter,
    Scope,
    ScopeType,
    StatusFilter,
    Yes,
)
from invite_sdk.cli.progress import Progress
from invite_sdk.cli.running import Run, command
from invite_sdk.cli.wording import told
from invite_sdk.cli.writing import dry

if TYPE_CHECKING:
    from invite_sdk import Invitation, InviteClient

_AT_ONCE = 8
_DONE = {"cancel": "canceled", "resend": "resent"}

Operation = Literal["cancel", "resend"]
Item = "str | Invitation"

All = Annotated[bool, typer.Option("--all", help="All that fit the filters, after a question.")]


@command(
    "invite cancel c656f20297d94ac98a5538fd42aee9b1",
    "invite cancel --all --role PROJECT.ADMIN --dry-run",
    "invite list --status pending --fields id | tail -n +2 | invite cancel - --yes",
)
def cancel(
    run: Run,
    invitation_ids: Ids = None,
    all: All = False,  # noqa: A002 - the option's word
    status: StatusFilter = None,
    email: EmailFilter = None,
    role: RoleFilter = None,
    organization: Organization = None,
    scope: Scope = None,
    scope_type: ScopeType = None,
    native_filter: NativeFilters = None,
    refetch: Refetch = True,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> int:
    """Take invitations back: those of the ids, or --all that fit the filters; the open ones unless told."""
    filters = _filters(status, email, role, organization, scope, scope_type, native_filter)
    return _Many(run, "cancel", refetch=refetch, dry_run=dry_run).run(invitation_ids, filters, every=all, yes=yes)


@command(
    "invite resend c656f20297d94ac98a5538fd42aee9b1",
    "invite resend --all --organization 'Acme Org' --yes",
)
def resend(
    run: Run,
    invitation_ids: Ids = None,
    all: All = False,  # noqa: A002 - the option's word
    status: StatusFilter = None,
    email: EmailFilter = None,
    role: RoleFilter = None,
    organization: Organization = None,
    scope: Scope = None,
    scope_type: ScopeType = None,
    native_filter: NativeFilters = None,
    refetch: Refetch = True,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> int:
    """Mail invitations again: those of the ids, or --all that fit the filters; the pending ones unless told.

    Enhance cannot do it from an id: there 'create' for the same address mails again, with a new key.
    """
    filters = _filters(status, email, role, organization, scope, scope_type, native_filter)
    return _Many(run, "resend", refetch=refetch, dry_run=dry_run).run(invitation_ids, filters, every=all, yes=yes)


def _filters(
    status: Sequence[str] | None,
    email: str | None,
    role: str | None,
    organization: str | None,
    scope: str | None,
    scope_type: str | None,
    native_filter: Sequence[str] | None,
) -> dict[str, object]:
    where, what = given.place(organization, scope, scope_type)
    filters: dict[str, object] = {
        "status": given.statuses(status),
        "email": email,
        "role": role,
        "organization": where,
        "scope": what,
        "native_filters": given.pairs(native_filter, "--native-filter"),
    }
    return {name: value for name, value in filters.items() if value is not None}


class _Many:
    """One operation on several invitations.

    Args:
        run: the run.
        operation: which.
        refetch: whether each is read as well.
        dry_run: whether nothing is written.
    """

    def __init__(self, run: Run, operation: Operation, *, refetch: bool, dry_run: bool) -> None:
        self._run = run
        self._operation = operation
        self._refetch = refetch
        self._dry_run = dry_run
        self._stopped = Event()
        self._columns = run.out.columns(WRITTEN, ALL_WRITTEN)
        self._failed = 0
        self._unknown = 0
        self._codes: list[Code] = []

    def run(self, invitation_ids: Sequence[str] | None, filters: dict[str, object], *, every: bool, yes: bool) -> int:
        """Does it.

        Args:
            invitation_ids: those that were named.
            filters: what all have to fit.
            every: whether all that fit are meant.
            yes: whether that need not be asked about.
        """
        if every == bool(invitation_ids):
            raise typer.BadParameter("give ids, or --all with filters" if every else "give ids, - for stdin, or --all")
        if filters and not every:
            raise typer.BadParameter("filters go with --all; ids are taken as they are")
        if not every:
            found = given.ids(invitation_ids or ())
            if len(found) == 1:
                return self._one(found[0])
            if not found:
                self._run.say("stdin had no id: there is nothing to do")
                self._run.out.write((), self._columns)
                return Code.DONE
            return self._several(found)
        with self._run.client() as client:
            rows, code = self._listed(client, filters)
        if not rows:
            self._run.say("no invitation fits")
            return code
        number = f"{len(rows)} invitation{'' if len(rows) == 1 else 's'}"
        question = f"{self._operation} {number} of {client.service} at {client.base_url}?".capitalize()
        if not self._dry_run and not given.is_sure(question, yes=yes):
            return given.declined()
        done = self._several(rows)
        return done if code == Code.DONE else together((done, code))

    def _listed(self, client: InviteClient, filters: dict[str, object]) -> tuple[list[Invitation], Code]:
        """All that fit, read to the end before anything is written."""
        from invite_sdk import OPEN_STATUSES, Status

        refuse_unsupported(client, self._operation, "")
        usual = OPEN_STATUSES if self._operation == "cancel" else Status.PENDING
        asked: dict[str, object] = {"status": usual, **filters, **self._run.call}
        with Progress(self._run, "read") as progress:
            pager = client.list(**asked)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            rows = list(progress.counted(pager))
        for problem in pager.problems:
            self._run.say(f"a row of page {problem.page} was left out: {problem.reason}")
        return rows, Code.FAILED if pager.problems else Code.DONE

    def _one(self, invitation_id: str) -> int:
        if self._dry_run:
            return dry(self._run, self._operation, invitation_id, self._columns)
        with self._run.client() as client:
            self._run.out.write([self._written(client, invitation_id)], self._columns, whole=False)
        return Code.DONE

    def _several(self, items: Sequence[str | Invitation]) -> Code:
        self._run.tells_itself = True
        with (
            self._run.client() as client,
            Progress(self._run, "looked at" if self._dry_run else _DONE[self._operation], len(items)) as progress,
        ):
            refuse_unsupported(client, self._operation, "")
            self._run.out.write(self._outcomes(client, items, progress), self._columns, whole=False)
        done = len(items) - self._failed
        said = [f"{done} {'could be ' if self._dry_run else ''}{_DONE[self._operation]}"]
        if self._failed > self._unknown or not self._unknown:
            said.append(f"{self._failed - self._unknown} not")
        if self._unknown:
            said.append(f"{self._unknown} unknown")
        self._run.say(", ".join(said))
        return together(self._codes)

    def _outcomes(
        self, client: InviteClient, items: Sequence[str | Invitation], progress: Progress
    ) -> Iterator[dict[str, object]]:
        """What became of each, in their order. What interrupts it waits for those under way, and tells of them."""
        pool = ThreadPoolExecutor(_AT_ONCE)
        futures = [pool.submit(self._tried, client, item) for item in items]
        place = 0
        interrupted: BaseException | None = None
        try:
            while place < len(futures):
                row = futures[place].result()
                yield self._counted(row, progress)
                place += 1
        except (KeyboardInterrupt, SystemExit) as error:
            interrupted = error
        finally:
            self._stopped.set()
            pool.shutdown(cancel_futures=True)
        if interrupted is not None:
            for item, future in zip(items[place:], futures[place:], strict=True):
                yield self._counted(self._late(client, item, future), progress)
            raise interrupted

    def _late(
        self, client: InviteClient, item: str | Invitation, future: Future[dict[str, object]]
    ) -> dict[str, object]:
        return self._left(client, item) if future.cancelled() else future.result()

    def _counted(self, row: dict[str, object], progress: Progress) -> dict[str, object]:
        bad = row["outcome"] in ("failed", "unknown", "left", "would be refused")
        self._failed += bad
        self._unknown += row["outcome"] == "unknown"
        progress.add(failed=bad)
        self._run.log("row", row)
        return row

    def _tried(self, client: InviteClient, item: str | Invitation) -> dict[str, object]:
        from invite_sdk import AuthenticationError, ConfigurationError, ConnectError, Invitation, InviteError

        if self._stopped.is_set():
            return self._left(client, item)
        try:
            if self._dry_run:
                found = client.get(item, **self._run.call) if isinstance(item, str) else item
                row = planned(self._run, self._operation, found)
            else:
                row = self._written(client, item)
        except InviteError as error:
            if isinstance(error, (AuthenticationError, ConfigurationError, ConnectError)):
                # It would be the same for each that follows.
                self._stopped.set()
            code = code_of(error)
            outcome = "unknown" if code == Code.UNKNOWN else "failed"
            shown = item.id if isinstance(item, Invitation) else item
            self._run.tell_machines(error, id=self._run.key(client.service, shown))
            row = self._about(client, item, outcome, f"{type(error).__name__}: {told(error)}")
        else:
            code = Code.CONFLICT if row["outcome"] == "would be refused" else Code.DONE
        self._codes.append(code)
        return row

    def _written(self, client: InviteClient, item: str | Invitation) -> dict[str, object]:
        write = client.cancel if self._operation == "cancel" else client.resend
        return confirmed(self._run, _DONE[self._operation], write(item, refetch=self._refetch, **self._run.call))

    def _left(self, client: InviteClient, item: str | Invitation) -> dict[str, object]:
        return self._about(client, item, "left", "not tried, since this ended before it")

    def _about(self, client: InviteClient, item: str | Invitation, outcome: str, detail: str) -> dict[str, object]:
        if isinstance(item, str):
            shown = self._run.key(client.service, item)
            return {"outcome": outcome, "service": client.service, "id": shown, "detail": detail}
        return confirmed(self._run, outcome, item, detail)
