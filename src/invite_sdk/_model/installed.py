"""Which services are installed: ours by name, loaded when used, and others by the entry point `invite_sdk.services`.

A record knows its service by name only, and asks here for the little that it must know of it.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from pydantic import BaseModel

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


class Knowledge(Protocol):
    """What is known of a service: its adapter, as far as records ask for it."""

    ids_are_secret: bool
    """Whether the service's ids are invite keys."""

    def native_models(self) -> tuple[type[BaseModel], ...]:
        """The wire models that an invitation may carry as `native`, most telling first."""
        ...

    def is_resendable(self, invitation: Any, /) -> bool:
        """Whether the service would send an invitation again, as far as its record tells."""
        ...


class ConnectionClass(Protocol):
    """A class of connections to a service."""

    def adapter_type(self) -> Knowledge:
        """What knows the service."""
        ...


@cache
def connection_class(service: str) -> ConnectionClass | None:
    """The connection of a service; `None` if it is not installed.

    Raises:
        ImportError: it is installed, and its module cannot be loaded.
        AttributeError: its module has no such class.
    """
    path = BUILT_IN.get(service) or _others().get(service)
    if path is None:
        return None
    module, _, name = path.partition(":")
    return cast("ConnectionClass", getattr(importlib.import_module(module), name))


def knowledge(service: str) -> Knowledge | None:
    """What knows a service; `None` where it is not installed or cannot be loaded."""
    try:
        found = connection_class(service)
    except (ImportError, AttributeError):
        return None
    return None if found is None else found.adapter_type()


@cache
def _others() -> dict[str, str]:
    # It takes its time to load, and is needed only for what is not ours.
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
