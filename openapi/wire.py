"""What every generated model stands on: pydantic models of what a service sends and of what it takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ._times import real_classes

with real_classes():
    # Pydantic keeps the classes that it finds, for every model to come. So whoever may be the first takes it from here.
    from pydantic import BaseModel, ConfigDict, TypeAdapter

__all__ = ["ADAPTER_CONFIG", "BaseModel", "RequestModel", "TypeAdapter", "WireModel"]

ADAPTER_CONFIG = ConfigDict(hide_input_in_errors=True)
"""For readers of what is not one model: as in the models, errors name the place and not the value."""


class WireModel(BaseModel):
    """An object as a service sends it: frozen, and unknown keys are kept in `model_extra`."""

    model_config = ConfigDict(
        frozen=True, extra="allow", populate_by_name=True, protected_namespaces=(), hide_input_in_errors=True
    )

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """What the repr shows: no unknown key, which may hold a secret that nobody here could know for one."""
        fields = type(self).model_fields
        return [(name, value) for name, value in super().__repr_args__() if name in fields]


class RequestModel(BaseModel):
    """An object as a service takes it: frozen, unknown keys are refused, `None` is never sent."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, protected_namespaces=(), hide_input_in_errors=True
    )
