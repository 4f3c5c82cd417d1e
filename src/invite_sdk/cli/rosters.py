"""The commands for a list of people: plan and apply."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from invite_sdk.cli import given
from invite_sdk.cli.cells import safe
from invite_sdk.cli.codes import Code, together
from invite_sdk.cli.confirming import KEYS_MASKED
from invite_sdk.cli.failing import code_of, say
from invite_sdk.cli.lists import (
    UTF_8,
    Again,
    Asked,
    ChangedList,
    ChaseAfter,
    Default,
    Encoding,
    Expired,
    File,
    FileOrPlan,
    JournalFile,
    MaxPrune,
    OtherRole,
    Prune,
    SameAccounts,
    policy,
)
from invite_sdk.cli.options import DryRun, Yes
from invite_sdk.cli.progress import Progress
from invite_sdk.cli.running import Run, command
from invite_sdk.cli.wording import in_words

if TYPE_CHECKING:
    from invite_sdk import Hub, Plan, Report, Roster
    from invite_sdk.roster import PlannedRow, RowEvent, RowOutcome

_PLANNED = ("line", "client", "email", "role", "where", "action", "reason")
_APPLIED = ("line", "client", "email", "role", "where", "action", "outcome", "id", "reason", "error")


@command(
    "invite plan people.csv",
    "invite plan people.csv --chase-after 7d --out plan.json",
    "invite plan people.csv --prune --max-prune 10",
)
def plan(
    run: Run,
    file: File,
    journal: JournalFile = None,
    chase_after: ChaseAfter = None,
    expired: Expired = "resend",
    other_role: OtherRole = "update",
    again: Again = None,
    prune: Prune = False,
    max_prune: MaxPrune = None,
    encoding: Encoding = UTF_8,
    default: Default = None,
    changed_list: ChangedList = False,
    same_account: SameAccounts = None,
    out: Annotated[str | None, typer.Option("--out", metavar="FILE", help="Keep the plan for later.")] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 where something would change.")] = False,
) -> int:
    """Show what making a list true would change. It reads each scope once, and writes nothing.

    It ends with 1 where a row cannot be made true.
    """
    columns = run.out.columns(_PLANNED)
    wanted = policy(chase_after, expired, other_role, again)
    asked = Asked(file, journal, wanted, prune, max_prune, encoding, default, changed_list, same_account or ())
    asked.keep_whole({"--out": out, "--log-json": run.common.log_json})
    roster = asked.roster()
    with run.hub(_clients(roster)) as hub:
        made = asked.plan(roster, hub)
    run.out.write(_rows(made.to_dicts()), columns)
    if out is not None:
        _keep(out, made.to_json())
        run.say(f"apply it by: invite apply {shlex.quote(out)} {asked.with_its_journal}")
    run.say(_counted(made))
    cannot = any(row.action == "cannot" for row in made)
    return Code.FAILED if cannot or (exit_code and not made.is_empty) else Code.DONE


@command(
    "invite apply people.csv",
    "invite apply people.csv --chase-after 7d --yes --report report.csv",
    "invite apply plan.json --journal people.csv.journal --yes",
)
def apply(
    run: Run,
    file: FileOrPlan,
    journal: JournalFile = None,
    chase_after: ChaseAfter = None,
    expired: Expired = "resend",
    other_role: OtherRole = "update",
    again: Again = None,
    prune: Prune = False,
    max_prune: MaxPrune = None,
    encoding: Encoding = UTF_8,
    default: Default = None,
    changed_list: ChangedList = False,
    same_account: SameAccounts = None,
    report: Annotated[
        str | None,
        typer.Option("--report", metavar="FILE", help="Write what became of each row to a .csv or .jsonl."),
    ] = None,
    max_concurrency: Annotated[
        int, typer.Option("--max-concurrency", metavar="NUMBER", min=1, help="How many writes at once.")
    ] = 32,
    max_rate: Annotated[
        float | None, typer.Option("--max-rate", metavar="NUMBER", help="How many writes a second at the most.")
    ] = None,
    max_wait: Annotated[
        float,
        typer.Option("--max-wait", metavar="SECONDS", help="Seconds that a row waits for a service that throttles."),
    ] = 300,
    repeat_unknown: Annotated[
        bool, typer.Option("--repeat-unknown", help="Make those again of which nobody can tell. Look there first.")
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> int:
    """Make a list true, each write at most once. Run it again with the same list and journal, and it goes on.

    The plan is shown first, and asked about. It ends with 0 where each row is as the list wants it, or was skipped by
    the policy; with 8 where nobody can tell of a row whether it took effect; with another code where all rows have
    ended with it, such as 6 where all were in the wrong state; else with 1.
    """
    wanted = policy(chase_after, expired, other_role, again)
    asked = Asked(file, journal, wanted, prune, max_prune, encoding, default, changed_list, same_account or ())
    columns = run.out.columns(_PLANNED if dry_run else _APPLIED)
    write = _report_writer(report)
    roster, made = asked.kept() or (asked.roster(), None)
    if not dry_run and not yes:
        given.require_terminal("Apply the plan?")
    asked.keep_whole({"--report": None if dry_run else report, "--log-json": run.common.log_json})
    with run.hub(_clients(roster)) as hub:
        made = asked.plan(roster, hub) if made is None else made
        if dry_run:
            run.out.write(_rows(made.to_dicts()), columns)
            run.say(_counted(made))
            return Code.FAILED if any(row.action == "cannot" for row in made) else Code.DONE
        if not run.common.quiet or not yes:
            say("\n".join(safe(in_words(line)) for line in str(made).split("\n")))
        if not made.is_empty and not given.is_sure("Apply it?", yes=yes):
            return given.declined()
        known: list[RowOutcome] = []
        sent: set[str] = set()
        tell = partial(_tell, run, hub=hub, columns=columns, write=write)
        with _resumable(run, made, known, sent, tell), Progress(run, "done", len(made)) as progress:
            applied = roster.apply(
                made,
                hub,
                journal=asked.journal,
                changed_list=changed_list,
                same_accounts=asked.same_accounts,
                max_concurrency=max_concurrency,
                max_rate=max_rate,
                max_wait=max_wait,
                repeat_unknown=repeat_unknown,
                on_event=lambda event: _heard(run, progress, known, sent, event),
            )
        tell(applied)
    return code_of_rows(applied)


@contextmanager
def _resumable(
    run: Run, made: Plan, known: list[RowOutcome], sent: set[str], tell: Callable[[Report], None]
) -> Generator[None]:
    """Tells what became of each row where a run ends before its time, and after a signal how to go on.

    What was under way has been noted by then.
    """
    run.tells_itself = True
    try:
        yield
    except BaseException as error:
        is_interrupted = isinstance(error, (KeyboardInterrupt, SystemExit))
        if known or is_interrupted:
            tell(_report_of(made, known, sent))
        if is_interrupted:
            run.say("ended in order: run it again with the same list and journal, and it goes on")
        raise


def _report_of(made: Plan, known: Iterable[RowOutcome], sent: set[str]) -> Report:
    """A report of each row of a plan, of which some are known."""
    from invite_sdk.roster import Report, RowOutcome

    told = {one.planned.key: one for one in known}

    def late(planned: PlannedRow) -> RowOutcome:
        match planned.action:
            case "nothing" | "skip" | "cannot":
                return RowOutcome(planned, planned.action, planned.reason)
            case _ if planned.key in sent:
                return RowOutcome(planned, "unknown", "no answer has come")
            case _:
                return RowOutcome(planned, "left", "not tried, since this ended before it")

    return Report(tuple(told.get(planned.key) or late(planned) for planned in made), made.duplicates)


def _tell(
    run: Run, report: Report, *, hub: Hub, columns: Sequence[str], write: Callable[[Report], None] | None
) -> None:
    """Writes what became of the rows: to stdout first, since a disk may be full by now."""
    shown = _masked(run, report, hub)
    run.out.write(shown.to_dicts(), columns, whole=False)
    if write is not None:
        write(shown)
    if any(row.id != one.id for row, one in zip(shown, report, strict=True)):
        run.say(KEYS_MASKED)
    said = ", ".join(f"{number} {kind}" for kind, number in shown.counts.items())
    run.say(f"{said}; stopped: {shown.stopped}" if shown.stopped else said)


def code_of_rows(report: Report) -> Code:
    """The code of all rows together: one that was left since another has failed has the code of that one."""
    codes = [code for one in report if (code := _code_of_row(one)) is not None]
    if any(one.kind == "left" for one in report) and set(codes) <= {Code.DONE}:
        codes.append(Code.FAILED)
    return together(codes)


def _code_of_row(one: RowOutcome) -> Code | None:
    if one.is_good:
        return Code.DONE
    if one.error is not None:
        return code_of(one.error)
    return {"unknown": Code.UNKNOWN, "stale": Code.CONFLICT, "left": None}.get(one.kind, Code.FAILED)


def _clients(roster: Roster) -> list[str]:
    """The clients that the rows name, in their order.

    Raises:
        typer.BadParameter: some rows name one and others do not, which would go to that of their neighbours.
    """
    named = list(dict.fromkeys(row.client for row in roster if row.client is not None))
    nameless = [row.line for row in roster if row.client is None]
    if named and nameless:
        raise typer.BadParameter(
            f"some rows name a client and others do not, the first on line {nameless[0]}: name it in each, or give "
            "--default client=NAME",
            param_hint="FILE",
        )
    return named


def _rows(rows: Iterable[dict[str, object]]) -> Iterator[dict[str, object]]:
    """The rows as a command line says it: the policy is a matter of options here."""
    for row in rows:
        yield {**row, "reason": in_words(str(row["reason"]))}


def _counted(made: Plan) -> str:
    return ", ".join(f"{number} {action}" for action, number in made.counts.items()) or "no rows"


def _heard(run: Run, progress: Progress, known: list[RowOutcome], sent: set[str], event: RowEvent) -> None:
    if event.kind == "sent":
        sent.add(event.planned.key)
    if event.outcome is not None:
        known.append(event.outcome)
    row = event.planned.row
    run.log("row", {"line": row.line, "client": row.client, "email": row.email, "is": event.kind})
    if event.outcome is not None:
        progress.add(failed=not event.outcome.is_good)


def _masked(run: Run, report: Report, hub: Hub) -> Report:
    """The report with the ids as they may be shown, in words of the command line."""
    from dataclasses import replace

    services = {name: client.service for name, client in hub.clients.items()}
    outcomes = tuple(
        replace(one, id=run.key(services.get(one.planned.row.client or "", ""), one.id), reason=in_words(one.reason))
        for one in report
    )
    return replace(report, outcomes=outcomes, stopped=in_words(report.stopped))


def _keep(path: str, text: str) -> None:
    """Writes a plan for its owner only: the ids in it may be invite keys."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)


def _report_writer(path: str | None) -> Callable[[Report], None] | None:
    """What writes a report, by the end of its name.

    Raises:
        typer.BadParameter: it ends otherwise; before anything is done.
    """
    if path is None:
        return None
    if path.endswith(".csv"):
        return lambda report: report.to_csv(path)
    if path.endswith((".jsonl", ".ndjson")):
        return lambda report: report.to_json_lines(path)
    raise typer.BadParameter("the report's name must end in .csv or .jsonl", param_hint="--report")
