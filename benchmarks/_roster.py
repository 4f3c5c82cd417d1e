"""What the benches of the roster share: a list, and a service that has others already and takes everybody."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import httpx

from benchmarks._data import ORIGIN, PATH, TOKEN, WaldurPages, compact, waldur_row
from benchmarks._transports import JSON, Answer, Delayed, pages_of
from invite_sdk import Waldur
from invite_sdk.roster import AsyncRoster, Roster

ROWS = 10_000
AT_ONCE = 32
CONNECTION = Waldur(ORIGIN, token=TOKEN)


@cache
def known(number: int) -> dict[str, object]:
    """The role and the organization of the rows that the service gives."""
    row = waldur_row(number)
    return {"role": row["role"], "organization": row["customer_uuid"]}


def people(count: int, already: int = 0) -> list[dict[str, object]]:
    """Rows of a list; the service has so many of these people already, of every other one that it has."""
    there = [f"{2 * number + 1:032x}@example.com" for number in range(already)]
    return [{"email": email, **known(0)} for email in [*there, *(f"new{n}@example.com" for n in range(count - already))]]


def service(seconds: float, existing: int = 0) -> Delayed:
    """A service with so many invitations, that takes its time for every request."""
    created, listed = compact(waldur_row(0)), pages_of(WaldurPages(existing))

    def answer(request: httpx.Request) -> Answer:
        if request.method == "POST":
            return 201, created, JSON
        if request.url.path != PATH:
            raise AssertionError(f"{request.url.path} was asked for")
        return listed(request)

    return Delayed(seconds, answer)
