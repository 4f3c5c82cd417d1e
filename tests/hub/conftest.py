"""Hubs of both kinds behind one face: synchronous, and asynchronous on asyncio and on trio."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

import pytest

from invite_sdk import NO_RETRIES, AsyncHub, AsyncInviteClient, Hub, InviteClient
from invite_sdk.hub import HubResult
from invite_sdk.services import Connection
from invite_sdk.testing import FakeService, FakeTransport
from invite_sdk.testing.suite.ways import WAYS, Way


class Asked:
    """A hub that is called without `await`, whichever it is."""

    def __init__(self, hub: Hub | AsyncHub, way: Way) -> None:
        self.hub = hub
        self._way = way

    def find(self, email: str, **options: Any) -> HubResult:
        return self._run(partial(self.hub.find, email, **options))

    def list(self, **filters: Any) -> HubResult:
        return self._run(partial(self.hub.list, **filters))

    def count(self, **filters: Any) -> HubResult:
        return self._run(partial(self.hub.count, **filters))

    def offboard(self, email: str, **options: Any) -> HubResult:
        return self._run(partial(self.hub.offboard, email, **options))

    def _run(self, operation: Callable[[], Any]) -> HubResult:
        return cast("HubResult", operation() if self._way.portal is None else self._way.portal.call(operation))


class Ground:
    """Makes clients and hubs of one kind. Nothing is tried again, unless a test says so."""

    def __init__(self, way: Way) -> None:
        self.way = way

    def client(
        self,
        fake: FakeService,
        user: str | None = None,
        *,
        transport: FakeTransport | None = None,
        connection: Connection | None = None,
        **options: Any,
    ) -> Any:
        kind: Any = InviteClient if self.way.portal is None else AsyncInviteClient
        given = {"retry": NO_RETRIES, "transport": transport or fake.transport(), **options}
        return kind(connection or fake.connection(user), **given)

    def hub(self, clients: Mapping[str, Any], **options: Any) -> Asked:
        kind: Any = Hub if self.way.portal is None else AsyncHub
        return Asked(kind(clients, **options), self.way)

    def hub_of(self, **fakes: FakeService) -> Asked:
        """A hub with a client of the usual user of each fake."""
        return self.hub({name: self.client(fake) for name, fake in fakes.items()})


@pytest.fixture(params=WAYS)
def ground(request: pytest.FixtureRequest, ways: dict[str, Way]) -> Ground:
    """Runs a test over each kind of hub."""
    return Ground(ways[request.param])
