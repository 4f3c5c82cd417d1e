"""The generated clients: what they send, what they read, and how they are made."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from invite_clients._runtime import Call
from invite_sdk._model.installed import BUILT_IN

BUILDERS: dict[tuple[str, str], Callable[..., Call[Any]]] = {
    (service, name): getattr(module, name)
    for service, module in {name: import_module(f"invite_clients.{name}") for name in BUILT_IN}.items()
    for name in module.__all__
    if name.islower()
}
"""What builds the call of every operation, by its service and name."""
