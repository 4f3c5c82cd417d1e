"""The two hubs: the same jobs, awaited or not."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack, ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

from invite_sdk import AsyncInviteClient, ConfigurationError, InviteClient
from invite_sdk.hub.base import AnyHub
from invite_sdk.hub.calling import run
from invite_sdk.hub.results import HubResult

if TYPE_CHECKING:
    from invite_sdk import CallOptions, Scope, Status, StatusName
    from invite_sdk.hub.filters import AsyncClientOptions, ClientOptions, CountFilters, ListFilters
    from invite_sdk.hub.leaving import Heard

C = TypeVar("C")

MAX_CONCURRENCY = 8
"""How many calls are under way at once, unless the caller says otherwise."""


class Hub(AnyHub[InviteClient]):
    """Several named clients, asked at the same time, with one result for each.

    What one client cannot do, or fails to do, stands in its own result and stops no other. Safe to share between
    threads; it works where an event loop runs, as in a notebook.

    Args:
        clients: the clients by names of your own, such as `{"cloud": client}`. One service may be there several times.
            They stay yours: the hub does not close them.
        max_concurrency: how many calls are under way at once for one operation, over all clients. To read the next
            pages of a listing is one; a long listing may ask for up to eight pages in it.

    Raises:
        ConfigurationError: there is no client, a name is blank or cannot be printed, or a value is no `InviteClient`.
    """

    __slots__ = ()

    def __init__(self, clients: Mapping[str, InviteClient], *, max_concurrency: int = MAX_CONCURRENCY) -> None:
        super().__init__(clients, InviteClient, max_concurrency)

    @classmethod
    def from_env(cls, *services: str, max_concurrency: int = MAX_CONCURRENCY, **options: Unpack[ClientOptions]) -> Self:
        """A hub that makes a client for each service by name, from `INVITE_<SERVICE>_*` variables, and closes them.

        Args:
            *services: their names, such as `"waldur"`, which become the names of the clients.
            max_concurrency: as the hub takes it.
            **options: as `InviteClient.from_env` takes them, for every client: `deadline`, `retry`, `hooks`, ...

        Raises:
            ConfigurationError: there is no such service, or a variable is missing or wrong; the message names it.
        """
        hub = cls(
            _named(services, lambda service: InviteClient.from_env(service, **options)), max_concurrency=max_concurrency
        )
        hub._is_owner = True
        return hub

    @classmethod
    def from_profiles(
        cls,
        *names: str,
        path: str | os.PathLike[str] | None = None,
        max_concurrency: int = MAX_CONCURRENCY,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """A hub that makes a client for each profile, under its name, and closes them.

        Args:
            *names: the profiles; without any, all that the file has.
            path: as `InviteClient.from_profile` takes it.
            max_concurrency: as the hub takes it.
            **options: as `InviteClient.from_profile` takes them, for every client: `deadline`, `retry`, `hooks`, ...

        Raises:
            ConfigurationError: there is no such file or profile, or a setting of one is missing or wrong or cannot be
                read; the message names it.
        """
        chosen = names or _profiles(path)
        hub = cls(
            _named(chosen, lambda name: InviteClient.from_profile(name, path=path, **options)),
            max_concurrency=max_concurrency,
        )
        hub._is_owner = True
        return hub

    def find(self, email: str, **call: Unpack[CallOptions]) -> HubResult:
        """Every invitation for an address, of any status, of each client.

        Args:
            email: the whole address, in any of its spellings.
            **call: `timeout`, `deadline`, `headers` and `retry`, for each client's call.

        Raises:
            InvalidArgumentError: it cannot be an address; nothing was sent.
        """
        return run(self._find(email, call))

    def list(
        self,
        *,
        status: Status | StatusName | Collection[Status | StatusName] | None = None,
        email: str | None = None,
        role: str | None = None,
        organization: str | None = None,
        scope: Scope | str | None = None,
        native_filters: Mapping[str, object] | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        **call: Unpack[CallOptions],
    ) -> HubResult:
        """The invitations that fit, of each client.

        Args:
            status: one status or several, for example `"pending"` or `OPEN_STATUSES`.
            email: the invitee's whole address, without regard to case.
            role: the role's name, or its id.
            organization: as a client's `list` takes it.
            scope: as a client's `list` takes it.
            native_filters: further filters by the service's own names.
            limit: how many invitations at the most, of each client.
            page_size: rows a page; the largest that the service takes unless given.
            **call: `timeout`, `deadline`, `headers` and `retry`, for each client's call.

        Raises:
            InvalidArgumentError: no client could take these filters; nothing was sent.
        """
        wanted: ListFilters = {
            "status": status,
            "email": email,
            "role": role,
            "organization": organization,
            "scope": scope,
        }
        wanted["native_filters"] = native_filters
        wanted["limit"], wanted["page_size"] = limit, page_size
        return run(self._list({**wanted, **call}))

    def count(
        self,
        *,
        status: Status | StatusName | Collection[Status | StatusName] | None = None,
        email: str | None = None,
        role: str | None = None,
        organization: str | None = None,
        scope: Scope | str | None = None,
        native_filters: Mapping[str, object] | None = None,
        **call: Unpack[CallOptions],
    ) -> HubResult:
        """How many invitations fit, at each client; `total` is the sum.

        Args:
            status: one status or several, for example `"pending"` or `OPEN_STATUSES`.
            email: the invitee's whole address, without regard to case.
            role: the role's name, or its id.
            organization: as a client's `list` takes it.
            scope: as a client's `list` takes it.
            native_filters: further filters by the service's own names.
            **call: `timeout`, `deadline`, `headers` and `retry`, for each client's call.

        Raises:
            InvalidArgumentError: no client could take these filters; nothing was sent.
        """
        wanted: CountFilters = {
            "status": status,
            "email": email,
            "role": role,
            "organization": organization,
            "scope": scope,
        }
        wanted["native_filters"] = native_filters
        return run(self._count({**wanted, **call}))

    def offboard(
        self, email: str, *, dry_run: bool = False, on_event: Heard | None = None, **call: Unpack[CallOptions]
    ) -> HubResult:
        """Takes back every open invitation for an address, at each client, also those that are overdue.

        They are canceled, or deleted where the client can only delete. What was accepted is not undone: it is in
        `left`, for a person. A client that cannot list by address is `unsupported`, and nothing is sent to it.

        Args:
            email: the whole address, in any of its spellings.
            dry_run: only read, and tell what would be taken back.
            on_event: an ordinary function that hears of each one at once, perhaps from another thread, so that an
                interrupt leaves nobody in the dark: it takes the client's name, the invitation as it is now, and the
                error where it could not be taken back or was not tried any more, else `None`.
            **call: `timeout`, `deadline`, `headers` and `retry`, for each client's calls.

        Raises:
            InvalidArgumentError: it cannot be an address; nothing was sent.
        """
        return run(self._offboard(email, dry_run, on_event, call))

    def close(self) -> None:
        """Closes the clients that `from_env` and `from_profiles` made; clients of yours stay open."""
        with ExitStack() as closing:
            for client in self._clients.values() if self._is_owner else ():
                closing.callback(client.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncHub(AnyHub[AsyncInviteClient]):
    """The same as `Hub`, awaited, over `AsyncInviteClient`s: on asyncio and on trio.

    Args:
        clients: the clients by names of your own, such as `{"cloud": client}`. One service may be there several times.
            They stay yours: the hub does not close them.
        max_concurrency: how many calls are under way at once for one operation, over all clients. To read the next
            pages of a listing is one; a long listing may ask for up to eight pages in it.

    Raises:
        ConfigurationError: there is no client, a name is blank or cannot be printed, or a value is no
            `AsyncInviteClient`.
    """

    __slots__ = ()

    def __init__(self, clients: Mapping[str, AsyncInviteClient], *, max_concurrency: int = MAX_CONCURRENCY) -> None:
        super().__init__(clients, AsyncInviteClient, max_concurrency)

    @classmethod
    def from_env(
        cls, *services: str, max_concurrency: int = MAX_CONCURRENCY, **options: Unpack[AsyncClientOptions]
    ) -> Self:
        """As `Hub.from_env`, with asynchronous clients."""
        hub = cls(
            _named(services, lambda service: AsyncInviteClient.from_env(service, **options)),
            max_concurrency=max_concurrency,
        )
        hub._is_owner = True
        return hub

    @classmethod
    def from_profiles(
        cls,
        *names: str,
        path: str | os.PathLike[str] | None = None,
        max_concurrency: int = MAX_CONCURRENCY,
        **options: Unpack[AsyncClientOptions],
    ) -> Self:
        """As `Hub.from_profiles`, with asynchronous clients; it waits as `AsyncInviteClient.from_profile` does."""
        chosen = names or _profiles(path)
        hub = cls(
            _named(chosen, lambda name: AsyncInviteClient.from_profile(name, path=path, **options)),
            max_concurrency=max_concurrency,
        )
        hub._is_owner = True
        return hub

    async def find(self, email: str, **call: Unpack[CallOptions]) -> HubResult:
        """As `Hub.find`."""
        return await self._find(email, call)()

    async def list(
        self,
        *,
        status: Status | StatusName | Collection[Status | StatusName] | None = None,
        email: str | None = None,
        role: str | None = None,
        organization: str | None = None,
        scope: Scope | str | None = None,
        native_filters: Mapping[str, object] | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        **call: Unpack[CallOptions],
    ) -> HubResult:
        """As `Hub.list`."""
        wanted: ListFilters = {
            "status": status,
            "email": email,
            "role": role,
            "organization": organization,
            "scope": scope,
        }
        wanted["native_filters"] = native_filters
        wanted["limit"], wanted["page_size"] = limit, page_size
        return await self._list({**wanted, **call})()

    async def count(
        self,
        *,
        status: Status | StatusName | Collection[Status | StatusName] | None = None,
        email: str | None = None,
        role: str | None = None,
        organization: str | None = None,
        scope: Scope | str | None = None,
        native_filters: Mapping[str, object] | None = None,
        **call: Unpack[CallOptions],
    ) -> HubResult:
        """As `Hub.count`."""
        wanted: CountFilters = {
            "status": status,
            "email": email,
            "role": role,
            "organization": organization,
            "scope": scope,
        }
        wanted["native_filters"] = native_filters
        return await self._count({**wanted, **call})()

    async def offboard(
        self, email: str, *, dry_run: bool = False, on_event: Heard | None = None, **call: Unpack[CallOptions]
    ) -> HubResult:
        """As `Hub.offboard`."""
        return await self._offboard(email, dry_run, on_event, call)()

    async def close(self) -> None:
        """Closes the clients that `from_env` and `from_profiles` made; clients of yours stay open."""
        async with AsyncExitStack() as closing:
            for client in self._clients.values() if self._is_owner else ():
                closing.push_async_callback(client.close)

    async def aclose(self) -> None:
        """The same as `close`."""
        await self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _named(names: tuple[str, ...], make: Callable[[str], C]) -> dict[str, C]:
    """A client for each service or profile, under its name. One that has done nothing yet has nothing open."""
    if not names:
        raise ConfigurationError('from_env takes the names of services, and at least one: from_env("waldur")')
    given: tuple[object, ...] = names
    if kinds := [type(name).__name__ for name in given if not isinstance(name, str)]:
        raise ConfigurationError(f"a hub is made from names of services or profiles, each by itself, not a {kinds[0]}")
    if len(set(names)) < len(names):
        raise ConfigurationError("a client is named twice; name two of one service yourself, in a mapping")
    return {name: make(name) for name in names}


def _profiles(path: str | os.PathLike[str] | None) -> tuple[str, ...]:
    from invite_sdk import Profiles

    profiles = Profiles.read(path)
    if not profiles.names:
        profiles.chosen()  # which says so
    return profiles.names
