"""The clients of a command that asks several services at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from invite_sdk import ConfigurationError, InviteClient, InviteError, Profiles
from invite_sdk.cli.choosing import Hooks, Meant, Naming, every
from invite_sdk.hub import ClientResult, Hub, HubResult

if TYPE_CHECKING:
    from types import TracebackType


def several(common: Naming, hooks: Hooks) -> Several:
    """The clients of those that were named; else of every profile; else of every service that is set.

    Raises:
        ConfigurationError: none is meant, or one is named that is not there.
    """
    return Several(every(common), hooks, allow_http=common.allow_http)


class Several:
    """Clients that are asked at once, under their names. One that cannot be made stops no other: its result says why.

    Args:
        meant: the profiles or services.
        hooks: are told of every attempt.
        allow_http: allow plain http to another machine.

    Raises:
        ConfigurationError: the file of profiles cannot be read, or has none of a name.
    """

    def __init__(self, meant: Meant, hooks: Hooks, *, allow_http: bool) -> None:
        self._names = tuple(dict.fromkeys(meant.profiles or meant.services))
        self._clients: dict[str, InviteClient] = {}
        self._results: dict[str, ClientResult] = {}
        profiles = Profiles.read() if meant.profiles else None
        if profiles is not None:
            # What was mistyped is told before anything is asked.
            self._names = tuple(map(profiles.chosen, self._names))
        make = InviteClient.from_env if profiles is None else InviteClient.from_profile
        for name in self._names:
            try:
                self._clients[name] = make(name, hooks=hooks, allow_http=allow_http)
            except InviteError as error:
                service = name if profiles is None else _service_of(profiles, name)
                self._results[name] = ClientResult(name, service, "failed", errors=(error,))

    def ask(self, ask: Callable[[Hub], HubResult]) -> HubResult:
        """The result of each, in their order.

        Args:
            ask: asks a hub of those that could be made.
        """
        answered = {one.client: one for one in ask(Hub(self._clients))} if self._clients else {}
        return HubResult(tuple({**answered, **self._results}[name] for name in self._names))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with ExitStack() as closing:
            for client in self._clients.values():
                closing.callback(client.close)


def _service_of(profiles: Profiles, name: str) -> str:
    try:
        return profiles.get(name).service
    except ConfigurationError:
        return ""
