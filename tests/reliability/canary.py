"""The canary: one secret of each kind, called with against servers that repeat it, and searched for everywhere."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from invite_sdk import InviteError, RetryPolicy
from invite_sdk._flows.effects import AttemptEvent
from invite_sdk.testing import FakeClock
from invite_sdk.testing.suite.calling import LISTED
from tests.reliability.echoes import ECHOES, echoing
from tests.reliability.either import Client, opened, play, result_of
from tests.reliability.leaks import every_log, found_in, said_by, with_locals
from tests.reliability.moved_time import MovedTime
from tests.reliability.subjects import Called, Subject, calls, secrets
from tests.support.wire import Script, serve

TRUST = ssl.create_default_context()
"""Made once: it takes longer than many calls."""
IN_RESULTS = frozenset({"rows that nobody can read", "words in place of a result"})
"""Echoes that some services read as a result: what a service says of an invitation is its data, whatever it says."""


@dataclass(slots=True)
class Tally:
    """What many calls showed together."""

    calls: int = 0
    searched: int = 0
    """Texts that were searched."""
    leaks: list[str] = field(default_factory=list)
    escaped: list[str] = field(default_factory=list)
    """Errors that are none of ours."""


def listen(subject: Subject, echo: str, way: str, tally: Tally | None = None, *, lets_in: bool = True) -> Tally:
    """Makes every call of a subject to a server that echoes in one way, and searches everything that shows."""
    found = Tally() if tally is None else tally
    script = echoing(ECHOES[echo], secrets(subject), lets_in=lets_in)
    play(way, partial(_listen, subject, script, way, echo, found))
    return found


async def _listen(subject: Subject, script: Script, way: str, where: str, tally: Tally) -> None:
    events: list[AttemptEvent] = []
    options = {"hooks": [events.append], "retry": RetryPolicy(attempts=2), "verify": TRUST}
    with serve(script) as server, every_log() as heard, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        async with opened(way, subject.connect(server.url), MovedTime(FakeClock()), **options) as client:
            for called in calls(subject.service, server.url):
                heard.clear()
                events.clear()
                shown, error = await _call(client, called)
                if where in IN_RESULTS:
                    shown = [one for one in shown if one[0] != "result"]
                said = [
                    *_said(client, events, heard, shown, error),
                    ("warnings", str([str(one) for one in warned])),
                ]
                tally.calls += 1
                tally.searched += len(said)
                if error is not None and not isinstance(error, InviteError):
                    tally.escaped.append(f"{subject.kind} {called.operation}, {where}: {error!r}")
                found = found_in(said, secrets(subject))
                if error is not None and where == "nothing":
                    # What the caller gave and the server said are in variables; the connection's secrets are not.
                    found += found_in([("locals", with_locals(error, "invite_sdk"))], subject.secrets)
                tally.leaks += [f"{subject.kind} {called.operation}, {where}: {leak}" for leak in found]


async def _call(client: Client, called: Called) -> tuple[list[tuple[str, object]], BaseException | None]:
    """What a call gives that may be shown, and the error that it ended in."""
    shown: list[tuple[str, object]] = [("what was given", called.given if called.operation == "native" else None)]
    try:
        made: Any = getattr(client, called.operation)(*called.given, **called.named)
        if called.operation in LISTED:
            pager = made
            shown.append(("pager", pager))
            made = pager.all()
        shown.append(("result", await result_of(made)))
        if called.operation in LISTED:
            shown += [("pager", pager), ("problems", pager.problems)]
    except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at
        return shown, error
    return shown, None


def _said(
    client: Client,
    events: list[AttemptEvent],
    heard: list[str],
    shown: Iterable[tuple[str, object]],
    error: BaseException | None,
) -> Iterator[tuple[str, str]]:
    """Every text that may be shown after a call, with the place where it would be."""
    for where, value in (*shown, ("client", client), ("connection", client._facade.connection)):
        yield f"repr of the {where}", f"{value!r} {value}"
        page = getattr(value, "_repr_html_", None)
        if page is not None:
            yield f"HTML of the {where}", str(page())
    yield "hook events", f"{events!r} {events}"
    yield "logs", "\n".join(heard)
    if error is not None:
        for where, text in said_by(error):
            yield f"{where} of {type(error).__name__}", text
