"""The canary: one secret of each kind, called with against servers that repeat it, and searched for everywhere."""

from __future__ import annotations

import inspect
import ssl
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import anyio

from invite_sdk import AsyncInviteClient, InviteClient, InviteError, RetryPolicy
from invite_sdk._flows.effects import AttemptEvent
from invite_sdk.testing import FakeClock
from tests.reliability.echoes import ECHOES, echoing
from tests.reliability.leaks import Heard, every_log, found_in, said_by, with_locals
from tests.reliability.moved_time import MovedTime
from tests.reliability.subjects import Called, Subject, calls, secrets
from tests.support.wire import Script, serve

Client = InviteClient | AsyncInviteClient
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
    errors: Counter[str] = field(default_factory=Counter[str])
    leaks: list[str] = field(default_factory=list)
    escaped: list[str] = field(default_factory=list)
    """Errors that are none of ours."""

    def add(self, other: Tally) -> None:
        """Takes another tally in."""
        self.calls += other.calls
        self.searched += other.searched
        self.errors += other.errors
        self.leaks += other.leaks
        self.escaped += other.escaped


def listen(subject: Subject, echo: str, way: str, *, lets_in: bool = True) -> Tally:
    """Makes every call of a subject to a server that echoes in one way, and searches everything that shows."""
    script = echoing(ECHOES[echo], secrets(subject), lets_in=lets_in)
    if way == "sync":
        steps = _listen(subject, script, way, echo)
        try:
            steps.send(None)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        raise AssertionError("a synchronous client waited")
    return anyio.run(_listen, subject, script, way, echo, backend=way)


async def _listen(subject: Subject, script: Script, way: str, where: str) -> Tally:
    tally = Tally()
    with serve(script) as server, every_log() as heard, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        events: list[AttemptEvent] = []
        client = _client(subject, server.url, way, events)
        for called in calls(subject.service, server.url):
            heard.records.clear()
            events.clear()
            shown, error = await _call(client, called)
            if where in IN_RESULTS:
                shown = [one for one in shown if one[0] != "result"]
            said = [
                *_said(client, called, events, heard, shown, error),
                ("warnings", str([str(one) for one in warned])),
            ]
            tally.calls += 1
            tally.searched += len(said)
            tally.errors["result" if error is None else type(error).__name__] += 1
            if error is not None and not isinstance(error, InviteError):
                tally.escaped.append(f"{subject.kind} {called.operation}, {where}: {error!r}")
            found = found_in(said, secrets(subject))
            if error is not None and where == "nothing":
                # What the caller gave, and what the server said, are in variables; the connection's secrets are not.
                found += found_in([("locals", with_locals(error, "invite_sdk"))], subject.secrets)
            tally.leaks += [f"{subject.kind} {called.operation}, {where}: {leak}" for leak in found]
        await _close(client)
    return tally


def _client(subject: Subject, url: str, way: str, events: list[AttemptEvent]) -> Client:
    kind = InviteClient if way == "sync" else AsyncInviteClient
    client = kind(subject.connect(url), hooks=[events.append], retry=RetryPolicy(attempts=2), verify=TRUST)
    MovedTime(FakeClock()).drive(client)
    return client


async def _close(client: Client) -> None:
    if isinstance(client, AsyncInviteClient):
        await client.close()
    else:
        client.close()


async def _call(client: Client, called: Called) -> tuple[list[tuple[str, object]], BaseException | None]:
    """What a call gives that may be shown, and the error that it ended in."""
    shown: list[tuple[str, object]] = [("what was given", called.given if called.operation == "native" else None)]
    try:
        made: Any = getattr(client, called.operation)(*called.given, **called.named)
        if called.operation == "list":
            pager = made
            shown.append(("pager", pager))
            made = pager.all()
        result = await made if inspect.isawaitable(made) else made
        shown.append(("result", result))
        if called.operation == "list":
            shown += [("pager", pager), ("problems", pager.problems)]
    except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at
        return shown, error
    return shown, None


def _said(
    client: Client,
    called: Called,
    events: list[AttemptEvent],
    heard: Heard,
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
    yield "logs", "\n".join(heard.records)
    if error is not None:
        for where, text in said_by(error):
            yield f"{where} of {type(error).__name__}", text
