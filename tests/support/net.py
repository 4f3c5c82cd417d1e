"""Clients in one way, over real connections or a transport of the test's, and what such a test needs beside them."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, cast

import httpx

from invite_clients.cloudtruth import invitations_destroy
from invite_sdk import NO_RETRIES, CloudTruth
from invite_sdk._http.aio import AsyncHttp
from invite_sdk._http.sync import SyncHttp
from tests.support.wire import ID, serve

if TYPE_CHECKING:
    from invite_sdk import Invitation, InviteClient
    from invite_sdk._flows.effects import Outcome, Outgoing
    from invite_sdk.services.connection import Connection
    from invite_sdk.testing.suite.ways import Way
    from tests.support.wire import Script

KEY = "k3y-that-nobody-may-see"
_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""To read the authorities takes longer than most tests."""
DELETE = invitations_destroy(ID)
"""A write as it is, without what the SDK does about a lost answer."""


class Net:
    """The way to the network of one kind of client; what is asynchronous is waited for."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.is_sync = way.portal is None

    def run(self, call: Callable[..., Any], *given: Any) -> Any:
        """What a call returns, within the event loop where there is one."""
        return call(*given) if self.way.portal is None else self.way.portal.call(call, *given)

    def client(self, to: str | Connection, **options: Any) -> InviteClient:
        """A client of a connection, or of CloudTruth at a URL, which the test closes. It tries nothing again."""
        connection = CloudTruth(to, api_key=KEY) if isinstance(to, str) else to
        return self.way.open(connection, **{"transport": None, "retry": NO_RETRIES, **options})

    @contextmanager
    def connect(self, to: str | Connection, **options: Any) -> Iterator[InviteClient]:
        """The same, closed at the end."""
        with closing(self.client(to, **options)) as client:
            yield client

    def ask(self, answer: Script | bytes, **options: Any) -> Invitation:
        """What a client makes of a server's answer to a read."""
        with serve(answer) as server, self.connect(server.url, **options) as client:
            return client.get(ID)

    @contextmanager
    def brought(self, **options: Any) -> Iterator[Any]:
        """A client of httpx's, as a caller brings it."""
        options = {"verify": _TRUSTS_NOBODY, **options}
        made = httpx.Client(**options) if self.is_sync else httpx.AsyncClient(**options)
        try:
            yield made
        finally:
            self.run(made.close if isinstance(made, httpx.Client) else made.aclose)

    def http(self, client: Any = None, transport: httpx.MockTransport | None = None) -> Any:
        """The way to the network itself."""
        return (SyncHttp if self.is_sync else AsyncHttp)(client, transport, None, None)

    def outcomes(self, answer: Callable[[httpx.Request], httpx.Response], *requests: Outgoing) -> tuple[Outcome, ...]:
        """What becomes of requests that are sent at once and answered so."""
        http = self.http(transport=httpx.MockTransport(answer))
        found = self.run(http.send, requests)
        self.run(http.close)
        return cast("tuple[Outcome, ...]", found)
