"""Drives flows by hand: a test says what each effect is answered with, and sees what was asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from invite_clients._runtime import Call, Repeat, Request, Response
from invite_sdk import NO_RETRIES, ConfigurationError
from invite_sdk._flows.auth import Auth, StaticAuth
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import (
    AttemptEvent,
    Clock,
    Effect,
    Emit,
    Flow,
    Notify,
    Now,
    Outcome,
    Outgoing,
    Page,
    Send,
    Sleep,
    Token,
)
from invite_sdk._flows.options import Options
from invite_sdk._flows.writes import Writes
from invite_sdk._privacy.masking import Hidden

T = TypeVar("T")

KEY = "secret-key-0123456789"


def context(
    *, auth: Auth | None = None, options: Options | None = None, writes: Writes | None = None, operation: str = "get"
) -> Context:
    """What a flow needs to know, of a service that is none of ours."""
    return Context(
        service="postbox",
        operation=operation,
        base_url="https://postbox.example/v1",
        auth=auth or StaticAuth.authorization("Bearer", Hidden(KEY)),
        options=options or Options(retry=NO_RETRIES),
        rules=(),
        writes=writes or Writes(),
        user_agent="tests/1",
    )


def call(
    method: str = "GET",
    path: str = "/letters",
    *,
    public: bool = False,
    repeat: Repeat = "safe",
    body: bytes | None = None,
) -> Call[object]:
    """A call that reads JSON."""
    request = Request(method, path, (), (("Accept", "application/json"),), body)
    return Call("postbox", "letters", request, frozenset({200, 201}), public, repeat, lambda r: json.loads(r.body))


def answer(status: int, value: object = None, **headers: str) -> Response:
    """An answer that holds JSON; in the names of headers `_` stands for `-`."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response(status, named, b"" if value is None else json.dumps(value).encode())


def outgoing(
    url: str = "https://postbox.example/",
    *,
    headers: tuple[tuple[str, str], ...] = (),
    deadline: float | None = None,
) -> Outgoing:
    """A request on its way, as a flow would send it."""
    return Outgoing("letters", "GET", url, headers, None, 5.0, deadline, 1_000_000)


@dataclass
class Hand:
    """Answers the effects of a flow.

    `respond` gets each request; `tokens` are handed out one after the other; `moment` is the monotonic clock.
    """

    respond: Callable[[Outgoing], Outcome]
    tokens: list[str] = field(default_factory=list)
    moment: float = 1000.0
    sent: list[tuple[Outgoing, ...]] = field(default_factory=list)
    refused: list[str | None] = field(default_factory=list)
    events: list[AttemptEvent] = field(default_factory=list)

    def effect(self, effect: Effect) -> object:
        """The result of one effect."""
        if isinstance(effect, Send):
            self.sent.append(effect.requests)
            return tuple(self.respond(request) for request in effect.requests)
        if isinstance(effect, Now):
            return Clock(self.moment, 1_800_000_000.0)
        if isinstance(effect, Sleep):
            self.moment += effect.seconds
            return None
        if isinstance(effect, Notify):
            self.events.append(effect.event)
            return None
        if isinstance(effect, Token):
            self.refused.append(effect.refused)
            return self.tokens.pop(0)
        raise AssertionError(effect)

    def run(self, flow: Flow[T]) -> T:
        """The result of a flow. As with the clients, what closes them is raised inside it."""
        try:
            effect = next(flow)
            while True:
                try:
                    result = self.effect(effect)
                except ConfigurationError as error:
                    effect = flow.throw(error)
                else:
                    effect = flow.send(result)
        except StopIteration as end:
            return cast("T", end.value)

    def pages(self, flow: Flow[None], each: Callable[[Page], object] = lambda _: None) -> list[Page]:
        """The pages of a listing; `each` is told of every one before the next is asked for."""
        found: list[Page] = []
        try:
            effect = next(flow)
            while True:
                if isinstance(effect, Emit):
                    page = cast("Page", effect.page)
                    found.append(page)
                    each(page)
                    effect = flow.send(None)
                else:
                    effect = flow.send(self.effect(effect))
        except StopIteration:
            return found


def headers_of(request: Outgoing) -> Mapping[str, str]:
    """A request's headers by lower-case name."""
    return {name.lower(): value for name, value in request.headers}
