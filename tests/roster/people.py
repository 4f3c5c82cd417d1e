"""Lists of people, and clients of fakes to invite them with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import httpx

from invite_sdk import NO_RETRIES, AsyncInviteClient, InviteClient
from invite_sdk.roster import AsyncRoster, Plan, Report, Roster

if TYPE_CHECKING:
    from invite_sdk.testing import FakeService
    from invite_sdk.testing.suite.ways import Way

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""The moment at which fakes begin."""


def in_apollo(email: str, role: str = "PROJECT.MEMBER", **more: object) -> dict[str, object]:
    """A row of a list that invites into Waldur's project Apollo."""
    return {"email": email, "role": role, "scope_type": "project", "scope": "Apollo", **more}


def people(number: int, row: Callable[[str], Mapping[str, object]] = in_apollo) -> list[Mapping[str, object]]:
    """Rows for so many people, p0@example.org and so on."""
    return [row(f"p{place}@example.org") for place in range(number)]


def client_of(fake: FakeService, user: str | None = None, **options: Any) -> InviteClient:
    """A client of a fake that tries nothing again by itself."""
    return InviteClient(fake.connection(user), transport=fake.transport(), **{"retry": NO_RETRIES, **options})


def asked(fake: FakeService) -> Counter[str]:
    """How often each operation was asked for."""
    return Counter(exchange.operation or exchange.request.path for exchange in fake.requests)


class People:
    """A list, and a client of one kind: planned and applied alike, synchronously and on both event loops."""

    def __init__(self, way: Way, fake: FakeService, rows: list[Any], **options: Any) -> None:
        transport = options.pop("transport", None) or fake.transport()
        connection = options.pop("connection", None) or fake.connection()
        options = {"retry": NO_RETRIES, **options}
        self._portal = way.portal
        self._roster: Roster | AsyncRoster
        self._client: InviteClient | AsyncInviteClient
        if way.portal is None:
            self._roster = Roster(rows)
            self._client = InviteClient(connection, transport=transport, **options)
        else:
            self._roster = AsyncRoster(rows)
            self._client = AsyncInviteClient(connection, transport=transport, **options)

    def plan(self, *given: Any, **named: Any) -> Plan:
        return cast("Plan", self._run(self._roster.plan, self._client, *given, **named))

    def apply(self, plan: Plan, **named: Any) -> Report:
        return cast("Report", self._run(self._roster.apply, plan, self._client, **named))

    def _run(self, call: Callable[..., Any], *given: Any, **named: Any) -> Any:
        if self._portal is None:
            return call(*given, **named)
        return self._portal.call(lambda: call(*given, **named))


class Meddled(httpx.BaseTransport):
    """A way to a fake on which something happens before each request."""

    def __init__(self, fake: FakeService, before: Callable[[httpx.Request], object]) -> None:
        self._inner = fake.transport()
        self._before = before

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._before(request)
        return self._inner.handle_request(request)
