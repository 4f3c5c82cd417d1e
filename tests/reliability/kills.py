"""Runs that are killed: a list is applied by a process that dies by SIGKILL again and again, until one run is left be.

The fakes are served on loopback by this process. Each kill has its moment in the run itself: before the n-th request is
carried out or before it is answered, at the n-th event, or before or after the n-th note in the journal is on the disk.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

from invite_sdk.testing import FakeRequest, Fault
from tests.reliability import killed
from tests.reliability.crowds import Crowd, crowd, records
from tests.reliability.killed import Job

WORLDS = ("cloudtruth", "waldur-7.0.7", "waldur-2026", "enhance")
MOMENTS = ("request", "answer", "event", "note", "noted")
PEOPLE = 300
FAULTS = (
    Fault.refuse_connection(),
    Fault.drop_request(),
    Fault.drop_request(reset=True),
    Fault.drop_reply(),
    Fault.drop_reply(reset=True),
    Fault.status(503),
    Fault.status(500, after_effect=True),
    Fault.retry_after(0),
    Fault.slow_headers(0.02),
    Fault.html(502),
)
_BARRIER = 3
"""Requests, one after the other, after which the server has met whatever a dead process had sent."""
_MOST_WRONG = 100
"""After so many there is no need to look further."""
_UNSETTLED = frozenset({"failed", "left", "unknown"})


@dataclass(slots=True)
class Figures:
    """What was seen of one service."""

    journals: int = 0
    lines: int = 0
    kills: int = 0
    moments: Counter[str] = field(default_factory=Counter[str])
    writes: int = 0
    """What took effect: invitations made, mailed again, changed or taken back."""
    unknown: int = 0
    taken: int = 0
    """How many of the unknown ones had taken effect."""
    twice: int = 0
    """How many people got two mails."""
    wrong: list[str] = field(default_factory=list[str])


class Nursery:
    """Where the processes come from. See `tests.reliability.killed`."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", killed.__name__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, job: Job, began: Callable[[int], object]) -> int:
        """Runs a job to its end, and returns the exit code: below zero a signal's."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(job.to_line())
        self._process.stdin.flush()
        began(int(self._process.stdout.readline()))
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """Ends it."""
        self._process.communicate()


class Assassin:
    """Sits before a fake and kills who asks, at a request that was chosen."""

    def __init__(self, crowded: Crowd) -> None:
        self._reply = crowded.fake.reply
        self._left = 0
        self._is_after = False
        self.victim: Future[int] = Future()
        crowded.fake.reply = self.reply  # type: ignore[method-assign]

    def aim(self, moment: str, nth: int) -> None:
        """Chooses a request of the next run, and whether it is carried out first."""
        self._left, self._is_after = (nth if moment in ("request", "answer") else 0), moment == "answer"
        self.victim = Future()

    def reply(self, request: FakeRequest) -> Any:
        """Answers as the fake does."""
        self._left -= 1
        if not self._left and not self._is_after:
            self._kill()
        answer = self._reply(request)
        if not self._left and self._is_after:
            self._kill()
        return answer

    def _kill(self) -> None:
        os.kill(self.victim.result(), signal.SIGKILL)


class Case:
    """One list and its journal, killed several times."""

    def __init__(self, nursery: Nursery, world: str, seed: int, people: int, folder: Path) -> None:
        self.luck = Random(f"kills:{world}:{seed}")
        self.crowd = crowd(world, people, self.luck)
        self.nursery = nursery
        self.folder = folder
        self.name = f"{world} {seed}"
        self.is_faulty = self.luck.random() < 0.5
        if self.is_faulty:
            self.crowd.fake.faults.random(seed=seed, rate=0.03, faults=FAULTS)
        self.crowd.write_list(folder / "people.csv")
        self.figures = Figures(journals=1, lines=people)

    def job(self) -> Job:
        """What is run each time."""
        settings = {name: value for name, value in credentials(self.crowd).items() if value}
        outside = len(self.crowd.people) - len(self.crowd.listed)
        return Job(
            self.crowd.service,
            {"url": self.crowd.fake.base_url, **settings},
            str(self.folder / "people.csv"),
            str(self.folder / "journal"),
            str(self.folder / "report"),
            plan=str(self.folder / "plan.json") if self.luck.random() < 0.5 else None,
            policy=self.crowd.policy,
            max_prune=outside if self.crowd.prunes else None,
            way=self.luck.choice(("sync", "asyncio")),
            at_once=self.luck.choice((1, 4, 32)),
        )

    def run(self, kills: int) -> Figures:
        """Applies, is killed so often at the most, and looks what is true in the end."""
        fake, found = self.crowd.fake, self.figures
        before = dict(fake.effects)
        assassin = Assassin(self.crowd)
        with fake.serve() as url:
            job = self.job()
            for _ in range(kills):
                moment, nth = self._moment(kills)
                assassin.aim(moment, nth)
                code = self.nursery.run(replace(job, moment=moment, nth=nth), assassin.victim.set_result)
                _wait_for(url)
                found.kills += code == -signal.SIGKILL
                found.moments[moment] += code == -signal.SIGKILL
                if code not in (0, -signal.SIGKILL):
                    found.wrong.append(f"{self.name}: a run ended with {code}")
            fake.faults.clear()
            self._see(assassin, job)
        changed = {name: count - before.get(name, 0) for name, count in fake.effects.items() if name != "mailed"}
        found.writes = sum(changed.values())
        return found

    def _see(self, assassin: Assassin, job: Job) -> None:
        """Lets a run come to its end, looks, and does it once more, which must change nothing."""
        fake, found = self.crowd.fake, self.figures
        outcomes = self._ended(assassin, job)
        found.wrong += [f"{self.name}: {one}" for one in self.crowd.wrong(outcomes)]
        unknown = {email for email, kind in outcomes.items() if kind == "unknown"}
        mails = Counter(mail.to for mail in fake.outbox[self.crowd.mailed :])
        found.unknown, found.taken = len(unknown), len(unknown & mails.keys())
        found.twice = sum(count > 1 for count in mails.values())
        before, was = dict(fake.effects), records(fake)
        again = self._ended(assassin, job)
        if (dict(fake.effects), records(fake)) != (before, was):
            found.wrong.append(f"{self.name}: a run with nothing to do changed something")
        found.wrong += [
            f"{self.name}: {email} was {outcomes.get(email)}, and {kind} afterwards"
            for email, kind in again.items()
            if kind == "done" or (kind in _UNSETTLED) != (outcomes.get(email) in _UNSETTLED)
        ]

    def _ended(self, assassin: Assassin, job: Job) -> dict[str, str]:
        """What a run that nobody disturbs reports, by address. Its lines are those of the list, and those it pruned."""
        assassin.aim("", 0)
        report = Path(job.report)
        report.unlink(missing_ok=True)
        code = self.nursery.run(job, assassin.victim.set_result)
        if code or not report.exists():
            self.figures.wrong.append(f"{self.name}: a run that nobody killed ended with {code}")
            return {}
        rows: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))
        lines = [row["line"] for row in rows if row["line"]]
        if lines != list(range(2, len(self.crowd.listed) + 3)):
            self.figures.wrong.append(f"{self.name}: the report has other lines than the list")
        return {str(row["email"]): str(row["outcome"]) for row in rows}

    def _moment(self, kills: int) -> tuple[str, int]:
        """When to kill: so that all kills together go through the whole of it."""
        moment = self.luck.choice(MOMENTS)
        share = len(self.crowd.listed) / kills
        most = {"request": 10 + share, "answer": 10 + share, "event": 2 * share, "note": share / 2, "noted": share / 2}
        return moment, self.luck.randint(1, max(1, int(most[moment])))


def credentials(crowded: Crowd) -> dict[str, str]:
    """What a connection of the inviter takes beside the URL."""
    fake: Any = crowded.fake
    user = fake.users["acme" if crowded.service == "enhance" else "owner"]
    return {name: getattr(user, name, None) or "" for name in fake.connects_with}


def _wait_for(url: str) -> None:
    for _ in range(_BARRIER):
        with urlopen(f"{url}/_fake/clock") as answer:
            answer.read()


def run(world: str, kills: int, *, people: int = PEOPLE, each: int = 5) -> Figures:
    """Kills runs of one service so often.

    Args:
        world: the service.
        kills: how often at least.
        people: how many each list names.
        each: how often each journal's run is killed at the most.
    """
    total, seed = Figures(), 0
    with closing(Nursery()) as processes:
        while total.kills < kills and len(total.wrong) <= _MOST_WRONG:
            with TemporaryDirectory() as folder:
                found = Case(processes, world, seed, people, Path(folder)).run(min(each, kills - total.kills))
            seed += 1
            for name in ("journals", "lines", "kills", "writes", "unknown", "taken", "twice"):
                setattr(total, name, getattr(total, name) + getattr(found, name))
            total.moments += found.moments
            total.wrong += found.wrong
    return total
