"""FakeService: what a fake is made from, with every way into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from invite_sdk.testing.base.fake import Fake
from invite_sdk.testing.messages import FakeClock

if TYPE_CHECKING:
    from respx.models import Route
    from respx.router import Router

    from invite_sdk.testing.ways.transport import FakeTransport

W = TypeVar("W")


class FakeService(Fake):
    """One stateful service: `handle` takes a request and returns the response, without I/O.

    Args:
        seed: every id and token follows from it.
        clock: the service's time; a clock of its own when left out.
        base_url: the origin that absolute links in answers carry, without a trailing slash. A server that serves the
            fake sets it to its own.
    """

    def transport(self, *, on_wait: Callable[[float], object] | None = None) -> FakeTransport:
        """An httpx transport, sync and async, that answers from this fake without a socket.

        It never waits. Where an answer is slow, the fake's clock moves on instead.

        Args:
            on_wait: told of each wait, in seconds, so that a clock of the test's can move along.
        """
        from invite_sdk.testing.ways.transport import FakeTransport

        return FakeTransport(self, on_wait=on_wait)

    def mount(self, router: Router) -> Route:
        """Answers for this fake's base URL in a respx router, such as `respx_mock` or `respx.mock`.

        The router's own routes go first, whenever they are added. As any other route it must be called where the router
        asserts that all are: one request to the base URL is enough.

        Returns:
            the route, whose `calls` are those that the fake answered.
        """
        from invite_sdk.testing.ways.respx import mount

        return mount(self, router)

    def serve(
        self, *, port: int = 0, control: bool = True, control_hosts: Iterable[str] = ()
    ) -> AbstractContextManager[str]:
        """Serves the fake over HTTP on loopback while the context lasts, and yields the base URL.

        Absolute links in answers carry that URL meanwhile.

        Args:
            port: the port on 127.0.0.1; any free one when 0.
            control: whether `/_fake/` answers: state, reset, request log, outbox, clock, faults, the fake's methods.
            control_hosts: names by which `/_fake/` may be reached, and whose pages may use it, beside localhost,
                127.0.0.0/8 and [::1]. All others get a 403, so that no page somewhere reads or drives the fake.

        Raises:
            ImportError: uvicorn is missing; the extra `invite-sdk[testing]` brings it.
            OSError: the port is taken.
            ValueError: a name that no host can have.
        """
        from invite_sdk.testing.ways.server import serve

        return serve(self, port=port, control=control, control_hosts=control_hosts)


FakeService.shared_names = frozenset(dir(FakeService))


class WorldFake(FakeService, Generic[W]):
    """A fake whose whole state is one dataclass."""

    _world_type: ClassVar[type[Any]]

    def __init__(self, *, seed: int = 0, clock: FakeClock | None = None, base_url: str | None = None) -> None:
        super().__init__(seed=seed, clock=clock, base_url=base_url)
        self._take(self._world_type())

    def _take(self, world: W) -> None:
        """Takes a world over; what is looked up in it often may be filed here."""
        self._world = world

    def dump_world(self) -> object:
        """What the service keeps, as JSON types."""
        from invite_sdk.testing.base.dump import to_plain

        return to_plain(self._world)

    def load_world(self, world: object) -> None:
        """Takes over what `dump_world` gave."""
        from invite_sdk.testing.base.dump import from_plain

        self._take(from_plain(self._world_type, world))
