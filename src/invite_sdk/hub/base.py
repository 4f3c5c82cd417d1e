"""What both hubs have in common: their clients, and the jobs that their operations are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, NoReturn, Protocol, TypeVar, cast

from anyio import CapacityLimiter

from invite_sdk import (
    AsyncInviteClient,
    CallOptions,
    ConfigurationError,
    InvalidArgumentError,
    InviteClient,
    InviteError,
)
from invite_sdk._html import counted as so_many
from invite_sdk._html import html_table
from invite_sdk.hub.asking import Begin, Begun, begun, counted, listed, refused
from invite_sdk.hub.calling import AnyClient, call, gathered
from invite_sdk.hub.leaving import Heard, Leaving
from invite_sdk.hub.results import ClientResult, HubResult
from invite_sdk.services import shown

if TYPE_CHECKING:
    from invite_sdk.hub.filters import CountFilters, ListFilters

C = TypeVar("C", InviteClient, AsyncInviteClient)
Work = Callable[[], Awaitable[HubResult]]
Job = Callable[[CapacityLimiter, str, AnyClient, Begun], Awaitable[ClientResult]]


class _Printer(Protocol):
    """IPython's, as far as it is asked."""

    def group(self, indent: int, before: str, after: str) -> AbstractContextManager[None]: ...

    def pretty(self, value: object) -> None: ...


class AnyHub(Generic[C]):
    """Several named clients of one kind."""

    __slots__ = ("_clients", "_is_owner", "_max_concurrency")

    def __init__(self, clients: Mapping[str, C], kind: type[C], max_concurrency: int) -> None:
        name = type(self).__name__
        if not isinstance(clients, Mapping) or not clients:
            raise ConfigurationError(f'a hub is made from named clients, and at least one: {name}({{"name": client}})')
        for key, client in clients.items():
            if not isinstance(key, str) or not key.strip() or not key.isprintable():
                raise ConfigurationError(f"a client's name must be printable text, and not blank; not {shown(key)}")
            if not isinstance(client, kind):
                raise ConfigurationError(
                    f"{name} takes clients of the class {kind.__name__}; {shown(key)} is a {type(client).__name__}"
                )
        if isinstance(max_concurrency, bool) or not isinstance(max_concurrency, int) or max_concurrency < 1:
            raise ConfigurationError(
                f"max_concurrency must be a whole number of at least 1, not {shown(max_concurrency)}"
            )
        self._clients: Mapping[str, C] = MappingProxyType(dict(clients))
        self._max_concurrency = max_concurrency
        self._is_owner = False

    @property
    def clients(self) -> Mapping[str, C]:
        """The clients by name, in order. It cannot be changed."""
        return self._clients

    def __getitem__(self, name: str) -> C:
        return self._clients[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._clients)

    def __len__(self) -> int:
        return len(self._clients)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self._clients)!r})"

    def _repr_pretty_(self, printer: _Printer, _is_cycle: bool) -> None:
        """What IPython shows: a line for each client where one is too short."""
        name = type(self).__name__
        with printer.group(len(name) + 1, f"{name}(", ")"):
            printer.pretty(dict(self._clients))

    def _repr_html_(self) -> str:
        rows = [
            {"client": name, "service": client.service, "url": client.base_url}
            for name, client in self._clients.items()
        ]
        return html_table(f"{type(self).__name__} of {so_many(len(rows), 'client')}", rows)

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} holds clients, which do not pickle or copy; build one where it is used"
        )

    # Each of these refuses at once what cannot be right, and returns what is to be run.

    def _find(self, email: str, options: CallOptions) -> Work:
        return self._work(_for_address(email, options), partial(_listed, email))

    def _list(self, filters: ListFilters) -> Work:
        return self._work(lambda client: client.list(**filters), partial(_listed, filters.get("email")))

    def _count(self, filters: CountFilters) -> Work:
        async def job(limiter: CapacityLimiter, name: str, client: AnyClient, _: Begun) -> ClientResult:
            return await counted(name, client, partial(call, limiter, client, "count", **filters))

        # The listing is not read: it only tells at once what cannot be right.
        return self._work(lambda client: client.list(**filters), job)

    def _offboard(self, email: str, dry_run: bool, on_event: Heard | None, options: CallOptions) -> Work:
        if not isinstance(dry_run, bool):
            raise InvalidArgumentError(f"dry_run must be True or False, not {shown(dry_run)}")

        if on_event is not None and not callable(on_event):
            raise InvalidArgumentError(f"on_event must be an ordinary function, not {shown(on_event)}")

        async def job(limiter: CapacityLimiter, name: str, client: AnyClient, pager: Begun) -> ClientResult:
            if isinstance(pager, InviteError):
                return refused(name, client, pager)
            told = None if on_event is None else partial(on_event, name)
            leaving = Leaving(limiter, client, email, cast("Mapping[str, object]", options), told)
            return await leaving.run(name, pager, dry_run=dry_run)

        return self._work(_for_address(email, options), job)

    def _work(self, begin: Begin, job: Job) -> Work:
        clients = cast("Mapping[str, AnyClient]", self._clients)
        pagers = begun(clients, begin)

        async def work() -> HubResult:
            limiter = CapacityLimiter(self._max_concurrency)
            jobs = [partial(job, limiter, name, client, pagers[name]) for name, client in clients.items()]
            return HubResult(tuple(await gathered(jobs)))

        return work


def _for_address(email: object, options: CallOptions) -> Begin:
    """What begins the listing of an address.

    Raises:
        InvalidArgumentError: it is no address, without which every invitation would be meant; or there is a filter
            among the options, with which not all of that address would be.
    """
    if not isinstance(email, str) or "@" not in email:
        raise InvalidArgumentError("email must be one address such as ann@example.org")
    if unknown := set(options) - CallOptions.__optional_keys__:
        raise InvalidArgumentError(f"there is no parameter {', '.join(sorted(unknown))}")
    return lambda client: client.list(email=email, **options)


async def _listed(
    email: str | None, limiter: CapacityLimiter, name: str, client: AnyClient, pager: Begun
) -> ClientResult:
    if isinstance(pager, InviteError):
        return refused(name, client, pager)
    return await listed(limiter, name, client, pager, email)
