"""Attacks on a client, over real sockets: each is refused before anything is sent, or stays in its endpoint."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

from invite_sdk import InvalidArgumentError, InviteClient, InviteError, RetryPolicy
from invite_sdk.services.capabilities import OPERATIONS, PARAMETERS
from invite_sdk.services.registry import capabilities
from invite_sdk.testing import FakeClock
from invite_sdk.testing.suite.calling import LISTED
from tests.reliability.canary import TRUST
from tests.reliability.either import Client, opened, play, result_of
from tests.reliability.moved_time import MovedTime
from tests.reliability.subjects import Called, Subject, made, subjects
from tests.support.wire import Heard, Script, WireServer, serve

SUBJECTS: Mapping[str, Subject] = {subject.service: subject for subject in subjects() if "token" in subject.kind} | {
    subject.service: subject for subject in subjects() if subject.kind == "cloudtruth api_key"
}
"""A caller for each service; none of them logs in."""

WITH_ID = [name for name in OPERATIONS if "id" in signature(getattr(InviteClient, name)).parameters]
CREATING = [name for name in OPERATIONS if "extra" in PARAMETERS[name]]

ID = r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
KEY = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._~%-]+"

LOOKUPS = r"GET /api/(?:roles|customers|projects)/\?[^\s#]*"
"""All that a name may be asked of, on Waldur."""
ENDPOINTS: Mapping[str, str] = {
    "waldur": (
        rf"(?:GET|HEAD|POST) /api/user-invitations/(?:\?[^\s#]*)?"
        rf"|{LOOKUPS}"
        rf"|(?:GET|PATCH|DELETE) /api/user-invitations/(?:{ID})/"
        rf"|(?:GET) /api/user-invitations/(?:{ID})/details/"
        rf"|POST /api/user-invitations/(?:{ID})/(?:accept|cancel|send|check)/"
        r"|POST /api/user-invitations/(?:approve|reject)/"
    ),
    "cloudtruth": (
        r"(?:GET|POST) /api/v1/invitations/(?:\?[^\s#]*)?"
        rf"|(?:GET|PATCH|DELETE) /api/v1/invitations/(?:{ID})/"
        rf"|POST /api/v1/invitations/(?:{ID})/(?:accept|resend)/"
    ),
    "zenml": (
        rf"GET /invitations|GET /invitations/(?:{ID})|POST /invitations/(?:{ID})\?accept=(?:true|false)"
        r"|POST /auth/login"
    ),
    "enhance": rf"POST /api/orgs/{KEY}/invites|POST /api/invites/{KEY}(?:/validate)?",
}
"""All that the operations of each service may ever ask for, by hand."""


@dataclass(slots=True)
class Tally:
    """What many attacks came to."""

    attacks: int = 0
    refused: int = 0
    """Those that were refused before anything was sent."""
    contained: int = 0
    """Those whose requests stayed in their endpoint, at their origin."""
    requests: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> Tally:
        """Takes another tally in."""
        self.attacks += other.attacks
        self.refused += other.refused
        self.contained += other.contained
        self.requests += other.requests
        self.wrong += other.wrong
        return self


@dataclass(slots=True)
class Field:
    """A client between the server that it is connected to and one that it must never talk to."""

    subject: Subject
    way: str
    server: WireServer
    elsewhere: WireServer
    client: Client
    tally: Tally = field(default_factory=Tally)

    async def attack(
        self, name: str, called: Called, *, must_refuse: bool = False, most: int = 60, only: str = ""
    ) -> None:
        """Makes one call, and notes whether it did no harm.

        Args:
            name: what the attack is.
            called: the call.
            must_refuse: whether nothing may be sent at all.
            most: how many requests it may take at the most.
            only: the only endpoints that it may ask, where not every one of the service's.
        """
        before = len(self.server.requests)
        error: BaseException | None = None
        try:
            made: Any = getattr(self.client, called.operation)(*called.given, **called.named)
            await result_of(made.all() if called.operation in LISTED else made)
        except Exception as raised:  # noqa: BLE001 - whatever it is, it is looked at
            error = raised
        sent = self.server.requests[before:]
        self.tally.attacks += 1
        self.tally.requests += len(sent)
        self.tally.refused += not sent
        self.tally.contained += bool(sent)
        self.tally.wrong += [
            f"{self.subject.service} {called.operation} ({self.way}), {name}: {wrong}"
            for wrong in self._wrong(
                sent, error, most, only or ENDPOINTS[self.subject.service], must_refuse=must_refuse
            )
        ]

    def _wrong(
        self, sent: list[Heard], error: BaseException | None, most: int, endpoints: str, *, must_refuse: bool
    ) -> Iterable[str]:
        if error is not None and not isinstance(error, InviteError):
            yield f"{type(error).__name__} escaped: {error}"
        if not sent and error is None and must_refuse:
            yield "neither refused nor sent"
        if must_refuse and (sent or not isinstance(error, InvalidArgumentError)):
            yield f"not refused, {len(sent)} requests sent, {error!r}"
        yield from strays(endpoints, sent)
        if self.elsewhere.connections:
            yield "another server was asked"
        if len(sent) > most:
            yield f"{len(sent)} requests were sent"


def strays(endpoints: str, sent: Iterable[Heard]) -> Iterable[str]:
    """What is wrong with requests: their endpoint, their headers."""
    for heard in sent:
        line = f"{heard.method} {heard.target}"
        if not re.fullmatch(endpoints, line):
            yield f"sent {line[:200]!r}"
        if any("injected" in text.lower().partition(":")[0] for text in heard.lines):
            yield "a header was injected"
        names = [text.partition(":")[0].lower() for text in heard.lines]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            yield f"headers were sent twice: {sorted(doubled)}"
        cookies = heard.headers.get("cookie", "")
        if "planted" in cookies:
            yield "a planted cookie was sent"


Attacks = Callable[[Field], Coroutine[Any, Any, None]]


def on_field(subject: Subject, way: str, script: Script | bytes, attacks: Attacks) -> Tally:
    """Runs attacks."""

    async def fight() -> Tally:
        options = {"verify": TRUST, "retry": RetryPolicy(attempts=2)}
        with serve(script) as server, serve(b"HTTP/1.1 204 X\r\n\r\n") as elsewhere:
            async with opened(way, subject.connect(server.url), MovedTime(FakeClock()), **options) as client:
                field = Field(subject, way, server, elsewhere, client)
                await attacks(field)
            return field.tally

    return play(way, fight)


def with_id(service: str, value: object) -> list[Called]:
    """Every operation of a service that takes an id, with this one."""
    named: dict[str, dict[str, object]] = {
        "update": {"email": "anna@example.org"},
        "accept": {"email": "ann@example.org", "password": "a long enough secret"} if service == "enhance" else {},
    }
    return [Called(name, (value,), named.get(name, {})) for name in WITH_ID if capabilities(service).supports(name)]


def new(service: str, **changes: object) -> list[Called]:
    """Every operation of a service that creates, with some of its arguments changed."""
    usual: dict[str, dict[str, object]] = {
        "waldur": {"role": "5f0c3f0e9a3c4f578a3e0d6a3f2b9c11", "organization": "5f0c3f0e9a3c4f578a3e0d6a3f2b9c11"},
        "cloudtruth": {"role": "VIEWER"},
        "enhance": {"role": "Support", "name": "Ann"},
    }
    email = changes.pop("email", "ann@example.org")
    named = {name: value for name, value in {**usual[service], **changes}.items() if value is not None}
    return [Called(name, (email,), named) for name in CREATING if capabilities(service).supports(name)]


def resent(url: str, organization: object) -> Called:
    """Enhance's resend of an invitation whose organization somebody changed."""
    return Called("resend", (made(url).model_copy(update={"organization_id": organization}),))
