"""The way in through respx: a router that answers for a fake's base URL with the fake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from respx.models import Call, Route, RouteList

from invite_sdk.testing.ways.transport import FakeTransport

if TYPE_CHECKING:
    from respx.router import Router

    from invite_sdk.testing.base.fake import Fake

_PORTS = {"http": 80, "https": 443}


def mount(fake: Fake, router: Router) -> Route:
    """Routes the fake's base URL to the fake, behind the router's other routes, whenever these are added.

    Mounting at the base URL of an earlier fake replaces that one.
    """
    if not isinstance(router.routes, _FakesLast):
        router.routes = _FakesLast(router.routes)
    # `Router.add` would confine the route to the base URL of the router's own routes.
    return router.routes.add(_FakeRoute(fake, router))


class _FakeRoute(Route):
    """One route for everything at a fake's origin."""

    def __init__(self, fake: Fake, router: Router) -> None:
        origin = urlsplit(fake.base_url)
        port = origin.port or _PORTS.get(origin.scheme)
        super().__init__(scheme=origin.scheme, host=origin.hostname, port=port)
        self._text = f"<{type(fake).__name__} at {fake.base_url}>"
        self._router = router
        # Also for async clients: respx awaits only what the route returns, and does not tell which client asks.
        self.side_effect = FakeTransport(fake).handle_request

    @property
    def called(self) -> bool:
        """Whether anyone asked at the origin, also where a route of the user's own answered.

        A test that overrides the one answer that it needs has used what it mounted; respx's `assert_all_called` agrees.
        """
        calls: list[Call] = list(self._router.calls)
        return any(self.pattern.match(call.request) for call in calls)

    def __eq__(self, other: object) -> bool:
        # A user's route with the same pattern must neither replace the fake nor be replaced by it.
        return isinstance(other, _FakeRoute) and self.pattern == other.pattern

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return self._text


class _FakesLast(RouteList):
    """The routes of a router, tried in the usual order, and those of fakes after all others."""

    def __iter__(self) -> Iterator[Route]:
        return iter(sorted(super().__iter__(), key=lambda route: isinstance(route, _FakeRoute)))
