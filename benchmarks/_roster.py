"""What the benches of the roster share: a list, and a service that has others already and takes everybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks._data import ORIGIN, PATH, TOKEN, WaldurPages, compact, waldur_row
from benchmarks._transports import JSON, Answer, Delayed, pages_of
from invite_sdk import Scope, Waldur
from invite_sdk.roster import Plan, Report, Row

ROWS = 10_000
_WHOM = "{email}"
AT_ONCE = 32
CONNECTION = Waldur(ORIGIN, token=TOKEN)
ROLE: str = waldur_row(0)["role"]
SCOPE = Scope("project", waldur_row(0)["scope_uuid"])


def people(total: int, already: int = 0) -> list[Row]:
    """Rows of a list; the service has so many of these people already, of every other one that it has."""
    there = [f"{2 * number + 1:032x}@example.com" for number in range(already)]
    emails = [*there, *(f"new{number}@example.com" for number in range(total - already))]
    return [Row(email, ROLE, scope=SCOPE) for email in emails]


def service(seconds: float, existing: int = 0) -> Delayed:
    """A service with so many invitations, that takes its time for every request."""
    created, listed = compact(waldur_row(0) | {"email": _WHOM}).split(_WHOM.encode()), pages_of(WaldurPages(existing))

    def answer(request: httpx.Request) -> Answer:
        if request.method == "POST":
            email: str = json.loads(request.content)["email"]
            return 201, email.encode().join(created), JSON
        if request.url.path != PATH:
            raise AssertionError(f"{request.url.path} was asked for")
        return listed(request)

    return Delayed(seconds, answer)


def fresh(stack: ExitStack) -> Callable[[], Path]:
    """Names journals that are not there yet, on disk."""
    folder = Path(stack.enter_context(TemporaryDirectory(dir=Path.cwd(), prefix=".journals-")))
    numbers = count()
    return lambda: folder / f"{next(numbers)}.journal"


def check(report: Report, plan: Plan) -> None:
    """Refuses a run that did not do everything.

    Raises:
        AssertionError: it did not.
    """
    if report.counts != {"done": len(plan)}:
        raise AssertionError(repr(report))
