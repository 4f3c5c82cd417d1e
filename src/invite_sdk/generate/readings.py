"""How the answers of an endpoint are read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import AnyProperty, ModelProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.responses import Response

from invite_sdk.generate.annotations import raw, type_of
from invite_sdk.generate.document import SpecificationError


@dataclass(frozen=True, slots=True)
class Reading:
    """How the answers with some statuses are read: `kind` is none, text, required_text, count, model or json."""

    statuses: tuple[int, ...]
    kind: str
    annotation: str
    may_be_empty: bool
    adapter: str = ""
    header: str = ""


def readings_of(endpoint: Endpoint) -> list[Reading]:
    """How each success status is read; statuses that are read alike come together, those without a body first."""
    groups: dict[tuple[str, str, bool], Reading] = {}
    for response in sorted(endpoint.responses.patterns):
        reading = _reading(endpoint, response)
        key = (reading.kind, reading.annotation, reading.may_be_empty)
        known = groups.get(key)
        groups[key] = replace(known, statuses=(*known.statuses, *reading.statuses)) if known else reading
    adapted = [reading for reading in groups.values() if reading.kind == "json"]
    named = [
        replace(reading, adapter="_adapter" if len(adapted) == 1 else f"_adapter_{reading.statuses[0]}")
        if reading.kind == "json"
        else reading
        for reading in groups.values()
    ]
    # The last needs no test of the status.
    return sorted(named, key=lambda reading: (reading.kind != "none", -reading.statuses[0]))


def _reading(endpoint: Endpoint, response: Response) -> Reading:
    where = f"{endpoint.method.upper()} {raw(endpoint.path)}"
    if response.status_code.range is None:
        raise SpecificationError(f"{where}: a default response is not supported")
    first, last = response.status_code.range
    statuses = tuple(range(first, last + 1))
    optional = bool((response.data.model_extra or {}).get("x-optional-body", False))
    prop = response.prop
    if endpoint.method == "head":
        headers: dict[Any, Any] = getattr(response.data, "headers", None) or {}
        counts = [raw(name) for name, header in headers.items() if _is_integer(header)]
        if len(counts) == 1:
            return Reading(statuses, "count", "int | None", False, header=counts[0])
        return Reading(statuses, "none", "None", False)
    if isinstance(prop, (AnyProperty, NoneProperty)):
        return Reading(statuses, "none", "None", False)
    annotation = type_of(prop)
    if annotation == "str":
        return Reading(statuses, "text" if optional else "required_text", "str | None" if optional else "str", False)
    if annotation == "str | None":
        return Reading(statuses, "text", annotation, False)
    return Reading(statuses, "model" if isinstance(prop, ModelProperty) else "json", annotation, optional)


def _is_integer(header: Any) -> bool:
    schema = getattr(header, "param_schema", None)
    return str(getattr(schema, "type", "")).endswith("integer")
