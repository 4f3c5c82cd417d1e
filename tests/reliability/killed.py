"""The program that is killed: it makes a list true, as a user's would, and can kill itself at a chosen moment.

`python -m tests.reliability.killed` reads jobs as lines of JSON and forks a process for each: it is warm by then, and
has neither threads nor an event loop. It says the process id of each, and then how it ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio

from invite_sdk import AsyncInviteClient, CloudTruth, Enhance, InviteClient, RetryPolicy, Waldur
from invite_sdk.roster import AsyncRoster, Plan, Policy, Report, Roster
from invite_sdk.roster.journal import Entry, Journal
from invite_sdk.roster.report import RowEvent

CONNECTIONS: dict[str, Callable[..., Any]] = {"cloudtruth": CloudTruth, "enhance": Enhance, "waldur": Waldur}


@dataclass(frozen=True, slots=True)
class Job:
    """One run."""

    service: str
    connection: dict[str, str]
    people: str
    """The file of the list."""
    journal: str
    report: str
    """The file for what was reported. It is there only where the run came to its end."""
    plan: str | None = None
    """The file of a plan that is made once and applied again; without it each run plans anew."""
    policy: dict[str, Any] = field(default_factory=dict[str, Any])
    max_prune: int | None = None
    way: str = "sync"
    at_once: int = 32
    moment: str = ""
    """`event`, `note` (before entries are in the journal) or `noted` (after that); else nothing happens by itself."""
    nth: int = 0

    def to_line(self) -> str:
        """The job as a line of JSON."""
        return json.dumps(asdict(self)) + "\n"


def die() -> None:
    """Ends this process at once."""
    os.kill(os.getpid(), signal.SIGKILL)


def run(job: Job) -> None:
    """Plans and applies, and dies on the way if it is told to."""
    if job.moment in ("note", "noted"):
        _die_at_a_note(job)
    connection = CONNECTIONS[job.service](**job.connection)
    report = _sync(job, connection) if job.way == "sync" else anyio.run(_async, job, connection, backend=job.way)
    Path(job.report).write_text(json.dumps(report.to_dicts()), encoding="utf-8")


def _sync(job: Job, connection: Any) -> Report:
    with InviteClient(connection, retry=RetryPolicy(base=0)) as client:
        roster = Roster.read(job.people)
        plan = _kept(job) or roster.plan(client, **_wanted(job))
        _keep(job, plan)
        watch = Watch(job)
        return roster.apply(plan, client, journal=job.journal, max_concurrency=job.at_once, on_event=watch, settle=0.0)


async def _async(job: Job, connection: Any) -> Report:
    async with AsyncInviteClient(connection, retry=RetryPolicy(base=0)) as client:
        roster = AsyncRoster.read(job.people)
        plan = _kept(job) or await roster.plan(client, **_wanted(job))
        _keep(job, plan)
        watch = Watch(job)
        return await roster.apply(
            plan, client, journal=job.journal, max_concurrency=job.at_once, on_event=watch, settle=0.0
        )


def _wanted(job: Job) -> dict[str, Any]:
    policy = dict(job.policy)
    if "chase_after" in policy:
        policy["chase_after"] = timedelta(days=policy["chase_after"])
    prune = {} if job.max_prune is None else {"prune": True, "max_prune": job.max_prune}
    return {"policy": Policy(**policy), "journal": job.journal, **prune}


def _kept(job: Job) -> Plan | None:
    path = None if job.plan is None else Path(job.plan)
    return Plan.from_json(path.read_text(encoding="utf-8")) if path is not None and path.exists() else None


def _keep(job: Job, plan: Plan) -> None:
    if job.plan is not None and not Path(job.plan).exists():
        beside = Path(job.plan + ".new")
        beside.write_text(plan.to_json(), encoding="utf-8")
        beside.replace(job.plan)


class Watch:
    """Hears the events from the first write on, and dies at the one that was chosen."""

    def __init__(self, job: Job) -> None:
        self._left = job.nth if job.moment == "event" else 0
        self._writes = False

    def __call__(self, event: RowEvent) -> None:
        self._writes = self._writes or event.kind == "sent"
        if self._writes and self._left:
            self._left -= 1
            if not self._left:
                die()


def _die_at_a_note(job: Job) -> None:
    write, met = Journal.write, [0]

    def dying(journal: Journal, entries: Iterable[Entry]) -> None:
        met[0] += 1
        if met[0] == job.nth and job.moment == "note":
            die()
        write(journal, entries)
        if met[0] == job.nth:
            die()

    setattr(Journal, "write", dying)  # noqa: B010 - in this process, which is about to die


def main() -> None:
    """Forks a process for each line."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                run(Job(**json.loads(line)))
            except BaseException:  # noqa: BLE001 - the fork must not go on as its parent
                traceback.print_exc()
                sys.stderr.flush()
                os._exit(1)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
