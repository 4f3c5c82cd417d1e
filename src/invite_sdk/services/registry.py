"""The connection and the adapter of a service by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from invite_sdk._errors.tree import ConfigurationError
from invite_sdk._model import installed
from invite_sdk._privacy.texts import shown

if TYPE_CHECKING:
    from invite_sdk.services.adapter import Adapter
    from invite_sdk.services.capabilities import Capabilities
    from invite_sdk.services.connection import Connection


def connection_class(service: object) -> type[Connection]:
    """The connection of a service.

    Raises:
        ConfigurationError: no such service is installed, it cannot be loaded, or its name is no text.
    """
    if not isinstance(service, str):
        raise ConfigurationError(f"a service is named by text, not by {type(service).__name__}")
    try:
        found = installed.connection_class(service)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"the service {service!r} is installed and cannot be loaded: {error}") from error
    if found is None:
        names = ", ".join(installed.service_names())
        raise ConfigurationError(f"there is no service {shown(service)}; there are {names}")
    return cast("type[Connection]", found)


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
    return connection_class(service).adapter_type().capabilities


def supporting(operation: str, parameter: str | None = None) -> tuple[str, ...]:
    """The titles of the services that have an operation, and there the parameter."""
    having: list[str] = []
    for name in installed.service_names():
        found = adapter_class(name)
        # One that cannot be loaded must not get into the way of what is said about the others.
        if found is not None and found.capabilities.supports(operation, parameter):
            having.append(found.capabilities.title)
    return tuple(having)
