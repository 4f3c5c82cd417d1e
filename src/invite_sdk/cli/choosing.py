"""Which service is meant: a profile by its name, else the default one, else what the variables are set for."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol

import typer

from invite_sdk import ConfigurationError, InviteClient, Profiles
from invite_sdk.cli.given import service_class

if TYPE_CHECKING:
    from invite_sdk import AttemptEvent, Hub

Hooks = Sequence["Callable[[AttemptEvent], object]"]

_VARIABLE = re.compile(r"INVITE_([A-Z0-9]+)_[A-Z_]+")
_HOW = (
    "add a profile by 'invite profile add' and name it by --profile, or name a service by --service, with its settings "
    "in INVITE_<SERVICE>_*, such as INVITE_WALDUR_URL and INVITE_WALDUR_TOKEN"
)


class Naming(Protocol):
    """The options that name services."""

    @property
    def profile(self) -> Sequence[str] | None:
        """Profiles."""
        ...

    @property
    def service(self) -> Sequence[str] | None:
        """Services, whose settings are in variables."""
        ...

    @property
    def allow_http(self) -> bool:
        """Whether plain http to another machine is allowed."""
        ...


class Meant(NamedTuple):
    """The profiles that are meant, or else the services, whose settings are in variables."""

    profiles: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


def client(common: Naming, hooks: Hooks) -> InviteClient:
    """The client of the one service that is meant.

    Raises:
        ConfigurationError: none is meant, or a setting is missing or wrong.
        typer.BadParameter: several were named.
    """
    return of_one(named(common), hooks, allow_http=common.allow_http)


def of_one(given: Meant, hooks: Hooks = (), *, allow_http: bool = False) -> InviteClient:
    """The client of the one that was named; else that of the default profile; else of the service that is set.

    Args:
        given: what was named.
        hooks: are told of every attempt.
        allow_http: allow plain http to another machine.

    Raises:
        ConfigurationError: none is meant, or a setting is missing or wrong.
        typer.BadParameter: several were named.
    """
    profiles, services = one(given)
    if profiles:
        return InviteClient.from_profile(profiles[0], hooks=hooks, allow_http=allow_http)
    return InviteClient.from_env(services[0], hooks=hooks, allow_http=allow_http)


def every(common: Naming) -> Meant:
    """Those that were named; else every profile; else every service that is set.

    Raises:
        ConfigurationError: none is meant.
    """
    given = named(common)
    if not any(given):
        found = profile_names()
        given = Meant(profiles=found) if found else Meant(services=services_set())
    if not any(given):
        raise ConfigurationError(f"no service is named: {_HOW}")
    return given


def hub_for(common: Naming, hooks: Hooks, clients: Sequence[str]) -> AbstractContextManager[Hub]:
    """A hub for a list of people.

    Args:
        common: the options.
        hooks: are told of every attempt.
        clients: those that the rows of the list name, if they do: profiles, or else services whose variables are set.

    Raises:
        ConfigurationError: there is none of a name, or a setting is missing or wrong.
    """
    given = named(common)
    if any(given) or not clients:
        return _hub_of(given if any(given) else one(given), hooks, allow_http=common.allow_http)
    profiles = set(profile_names())
    # A profile more must not take from a list what its variables say.
    services = [name for name in clients if name not in profiles and (not profiles or name in services_set())]
    meant = Meant(tuple(name for name in clients if name not in services), tuple(services))
    if meant.profiles and meant.services:
        return _mixed(clients, set(services), hooks, allow_http=common.allow_http)
    return _hub_of(meant, hooks, allow_http=common.allow_http)


def named(common: Naming) -> Meant:
    """What the options name.

    Raises:
        typer.BadParameter: both kinds, or a service that there is not.
    """
    for service in common.service or ():
        service_class(service, "--service")
    return _named(tuple(common.profile or ()), tuple(common.service or ()))


def one(given: Meant) -> Meant:
    """The one that was named; else the profile that is the default or the only one; else the service that is set.

    Raises:
        ConfigurationError: none is meant, or it is not clear which.
        typer.BadParameter: several were named.
    """
    if len(given.profiles) + len(given.services) > 1:
        raise typer.BadParameter("this command asks one service: give one --profile or one --service")
    if any(given):
        return given
    services = services_set()
    if os.environ.get("INVITE_PROFILE", "").strip() or _has_file():
        profiles = Profiles.read()
        # A file that does not say which of its profiles is meant leaves the choice to the variables.
        is_clear = os.environ.get("INVITE_PROFILE", "").strip() or profiles.default or len(profiles.names) == 1
        if is_clear or not services:
            return Meant(profiles=(profiles.chosen(),))
    if not services:
        raise ConfigurationError(f"no service is named: {_HOW}")
    if len(services) > 1:
        raise ConfigurationError(f"settings of several services are set ({', '.join(services)}): name one by --service")
    return Meant(services=services)


def profile_names() -> tuple[str, ...]:
    """The names of all profiles; none where there is no file of them."""
    return Profiles.read().names if _has_file() else ()


def services_set() -> tuple[str, ...]:
    """The services for which variables are set."""
    found = (_VARIABLE.fullmatch(name) for name, value in os.environ.items() if value.strip())
    return tuple(sorted({match.group(1).lower() for match in found if match}))


def _named(profiles: tuple[str, ...], services: tuple[str, ...]) -> Meant:
    if profiles and services:
        raise typer.BadParameter("give --profile or --service, not both")
    return Meant(profiles, services)


def _hub_of(given: Meant, hooks: Hooks, *, allow_http: bool) -> Hub:
    from invite_sdk import Hub  # late, as most commands ask one service

    if given.profiles:
        return Hub.from_profiles(*given.profiles, hooks=hooks, allow_http=allow_http)
    if given.services:
        return Hub.from_env(*given.services, hooks=hooks, allow_http=allow_http)
    raise ConfigurationError(f"no service is named: {_HOW}")


@contextmanager
def _mixed(names: Sequence[str], services: set[str], hooks: Hooks, *, allow_http: bool) -> Generator[Hub]:
    """A hub of profiles, and of services whose settings are in variables."""
    from invite_sdk import Hub

    with ExitStack() as closing:
        clients: dict[str, InviteClient] = {}
        for name in names:
            make = InviteClient.from_env if name in services else InviteClient.from_profile
            clients[name] = closing.enter_context(make(name, hooks=hooks, allow_http=allow_http))
        yield Hub(clients)


def _has_file() -> bool:
    """Whether there is a file of profiles. One that was named and is not there is missed when it is read."""
    return bool(os.environ.get("INVITE_CONFIG", "").strip()) or Profiles.path_of().is_file()
