"""Loads ahead of time what the first calls of a service's clients would load."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

from invite_sdk._model import installed
from invite_sdk.services import registry

_LATE = (
    "html",
    "queue",
    "invite_sdk._clients.aio",
    "invite_sdk._clients.sync",
    "invite_sdk._flows.lookups",
    "invite_sdk._flows.rows",
    "invite_sdk._model.invitation",
    "invite_sdk.services.names",
)
"""What every service needs and our modules import where it is used."""


def preload(*services: str) -> None:
    """Loads all that the first call of a client of these services would load, for both kinds of client.

    A server calls it once, when it starts and before it forks workers: the first request then waits for no import, the
    first asynchronous call does not hold up its event loop, and worker processes share what was loaded.

    Args:
        *services: the services' names, such as `"waldur"`; without any, every service that is installed.

    Raises:
        ConfigurationError: no such service is installed, or it cannot be loaded; the message names it.
    """
    adapters = [registry.connection_class(name).adapter_type() for name in services or installed.service_names()]
    for name in _LATE:
        import_module(name)
    # A refusal names the services that can do what this one cannot.
    registry.supporting("list")
    from invite_sdk._http.late import load

    load()
    for adapter in adapters:
        adapter.native_models()
        for name in adapter.late:
            import_module(name)
        # What the service's files take from packages whose names load late: the generated client, and our kit.
        for kind in adapter.__mro__:
            for value in [*vars(sys.modules[kind.__module__]).values()]:
                if isinstance(value, ModuleType) and "__getattr__" in vars(value):
                    for late in vars(value).get("__all__", ()):
                        getattr(value, late)
