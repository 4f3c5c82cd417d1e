"""What a fake takes in and gives out: requests, answers and mails, and the clock that it lives by."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar
from urllib.parse import parse_qsl, unquote

from invite_clients._times import Date, DateTime, datetime, utc_now

Headers = tuple[tuple[str, str], ...]
D = TypeVar("D", bound=Date)
"""A date, or a datetime, which is one too."""


def sendable(text: str) -> bool:
    """Whether a header can carry a text."""
    return text.isprintable() and all(ord(char) < 256 for char in text)


@dataclass(frozen=True, slots=True)
class FakeRequest:
    """A request as a server sees it. `target` is the raw path and query, as on the request line."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path, percent-decoded."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's pairs, decoded, in order."""
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def param(self, name: str) -> str | None:
        """The last value of a query parameter (as Django takes it), or `None`."""
        values = self.params(name)
        return values[-1] if values else None

    def number(self, name: str, otherwise: int) -> int:
        """A query parameter that is a whole number above nothing; `otherwise` for any other, or for none."""
        text = self.param(name) or ""
        return (int(text) or otherwise) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise

    def params(self, name: str) -> list[str]:
        """Every value of a query parameter, in order."""
        return [value for key, value in self.query if key == name]


@dataclass(frozen=True, slots=True)
class FakeResponse:
    """A response as a server sends it; the server below adds Content-Length."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    @classmethod
    def json(cls, status: int, value: object, headers: Headers = ()) -> FakeResponse:
        """A JSON response in the compact form that the real services use."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, (("Content-Type", "application/json"), *headers), body)

    @classmethod
    def html(cls, status: int, text: str, headers: Headers = ()) -> FakeResponse:
        """An HTML page."""
        return cls(status, (("Content-Type", "text/html; charset=utf-8"), *headers), text.encode())

    def to(self, request: FakeRequest) -> FakeResponse:
        """The answer as this request gets it: without a body to HEAD."""
        return FakeResponse(self.status, self.headers) if request.method == "HEAD" else self


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that the service would have sent."""

    to: str
    kind: str
    """What the mail is: `invitation`, `approval`, …"""
    link: str
    invitation_id: str
    sent_at: DateTime
    message: str = ""
    """What the inviter wrote to the invitee, where the service sends that: Waldur's `message`."""


def _this_moment() -> datetime:
    return utc_now().replace(microsecond=0)


YEARS = range(1000, 9000)
"""In which a fake lives: far enough from the ends of the calendar that lifetimes fit."""


def within_years(name: str, moment: D) -> D:
    """A moment or a day that a fake can live with.

    Raises:
        ValueError: it is out of the years 1000 to 8999; the text begins with `name`.
    """
    if moment.year not in YEARS:
        raise ValueError(f"{name}: {moment.isoformat()} is out of the years 1000 to 8999")
    return moment


@dataclass
class FakeClock:  # without slots, so that tests can replace its methods
    """A clock that only the test moves. It starts at the time of this machine, by which `is_overdue` goes."""

    current: DateTime = field(default_factory=lambda: _this_moment())  # noqa: PLW0108 - found when it is called

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return self.current

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Moves the clock forward and returns the new time.

        Raises:
            ValueError: the step is no finite number, or leads out of the years 1000 to 8999.
        """
        steps = {"days": days, "hours": hours, "minutes": minutes, "seconds": seconds}
        try:
            moved = self.current + timedelta(**steps)
        except (OverflowError, ValueError, TypeError):
            moved = None
        if moved is None or moved.year not in YEARS:
            given = ", ".join(f"{name} {step!r:.40}" for name, step in steps.items() if step != 0)
            raise ValueError(f"the clock cannot go by {given}; it stays within the years 1000 to 8999")
        self.current = moved
        return self.current
