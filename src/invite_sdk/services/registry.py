"""Which services there are: ours by name, loaded when used, and others by the entry point `invite_sdk.services`."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, cast

from invite_sdk._errors.tree import ConfigurationError
from invite_sdk._privacy.texts import shown

if TYPE_CHECKING:
    from pydantic import BaseModel

    from invite_sdk.services.adapter import Adapter
    from invite_sdk.services.capabilities import Capabilities
    from invite_sdk.services.connection import Connection

BUILT_IN = {
    "waldur": "invite_sdk.services.waldur:Waldur",
    "cloudtruth": "invite_sdk.services.cloudtruth:CloudTruth",
    "zenml": "invite_sdk.services.zenml:ZenML",
    "enhance": "invite_sdk.services.enhance:Enhance",
}
"""The connection of each service. One from another distribution names its own in the entry point group."""

ENTRY_POINTS = "invite_sdk.services"


def service_names() -> tuple[str, ...]:
    """Every service that is installed, ours first."""
    return (*BUILT_IN, *sorted(set(_others()) - set(BUILT_IN)))


def require_name(service: object) -> str:
    """`service` when it may be the name of one.

    Raises:
        ConfigurationError: it is no text.
    """
    if not isinstance(service, str):
        raise ConfigurationError(f"a service is named by text, not by {type(service).__name__}")
    return service


@cache
def connection_class(service: str) -> type[Connection]:
    """The connection of a service.

    Raises:
        ConfigurationError: no such service is installed, or it cannot be loaded.
    """
    path = BUILT_IN.get(service) or _others().get(service)
    if path is None:
        raise ConfigurationError(f"there is no service {shown(service)}; there are {', '.join(service_names())}")
    module, _, name = path.partition(":")
    try:
        return cast("type[Connection]", getattr(importlib.import_module(module), name))
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"the service {service!r} is installed and cannot be loaded: {error}") from error


def adapter_class(service: str) -> type[Adapter] | None:
    """What knows a service, or `None` where it is not installed."""
    try:
        return connection_class(service).adapter_type()
    except ConfigurationError:
        return None


def capabilities(service: str) -> Capabilities:
    """What a service can do.

    Raises:
        ConfigurationError: no such service is installed.
    """
    return connection_class(require_name(service)).adapter_type().capabilities


def native_models(service: str) -> tuple[type[BaseModel], ...]:
    """The wire models that an invitation of this service may carry as `native`, most telling first."""
    found = adapter_class(service)
    return () if found is None else found.native_models()


def ids_are_secret(service: str) -> bool:
    """Whether the service's ids are invite keys. Those of an unknown service are taken for keys."""
    found = adapter_class(service)
    return True if found is None else found.ids_are_secret


def supporting(operation: str, parameter: str | None = None) -> tuple[str, ...]:
    """The titles of the services that have an operation, and there the parameter."""
    having: list[str] = []
    for name in service_names():
        found = adapter_class(name)
        # One that cannot be loaded must not get into the way of what is said about the others.
        if found is not None and found.capabilities.supports(operation, parameter):
            having.append(found.capabilities.title)
    return tuple(having)


@cache
def _others() -> dict[str, str]:
    # It takes its time to load, and is needed only for what is not ours.
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
