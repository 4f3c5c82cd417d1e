"""The Python types of what the generator parsed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from openapi_python_client.parser.properties import EnumProperty, ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.schema.untrusted_string import UntrustedString

_TIMES = {"datetime.datetime": "DateTime", "datetime.date": "Date"}
"""Our own names, which mean the same whatever stands in the place of the standard classes."""


def raw(text: UntrustedString | str | None) -> str:
    """The text itself; whoever prints it escapes it."""
    if text is None:
        return ""
    return text.get_untrusted_value() if isinstance(text, UntrustedString) else text


def type_of(prop: PropertyProtocol) -> str:
    """The annotation of a value on the wire, without what being optional adds."""
    if isinstance(prop, UnionProperty):
        inner = prop.inner_properties
        # The enum is open: it takes any text by itself.
        if any(isinstance(one, EnumProperty) for one in inner):
            inner = [one for one in inner if not isinstance(one, StringProperty)]
        return union(type_of(one) for one in inner)
    if isinstance(prop, ListProperty):
        return f"list[{type_of(prop.inner_property)}]"
    annotation = prop.get_type_string(no_optional=True).as_unembedded_code()
    return _TIMES.get(annotation, annotation)


def union(annotations: Iterable[str]) -> str:
    """A union without repetitions, `None` last."""
    members = list(dict.fromkeys(part for annotation in annotations for part in _members(annotation)))
    return " | ".join([one for one in members if one != "None"] + [one for one in members if one == "None"])


def _members(annotation: str) -> list[str]:
    """The members of a union, not looking into brackets."""
    return re.split(r" \| (?![^\[]*\])", annotation)


def argument_type(prop: PropertyProtocol) -> str:
    """The annotation of an argument: a list may be one value, an enum may be text."""
    if isinstance(prop, ListProperty):
        inner = argument_type(prop.inner_property)
        return union([inner, f"Sequence[{inner}]"])
    if isinstance(prop, EnumProperty):
        return f"{type_of(prop)} | str"
    return type_of(prop)


def further_imports(annotations: Iterable[str], package: str) -> Iterator[str]:
    """The import lines of what some annotations take from the standard library, and from the package of all clients.

    Args:
        annotations: the annotations of one module.
        package: the dots that lead from there to the package.
    """
    for annotation in annotations:
        for name in _TIMES.values():
            if re.search(rf"\b{name}\b", annotation):
                yield f"from {package}_times import {name}"
        if re.search(r"\bAny\b", annotation):
            yield "from typing import Any"
        if "Sequence[" in annotation:
            yield "from collections.abc import Sequence"


def properties_of(model: ModelProperty) -> list[PropertyProtocol]:
    """The properties of a model, those that are always there first."""
    return [*(model.required_properties or ()), *(model.optional_properties or ())]


def models_in(properties: Iterable[PropertyProtocol]) -> set[str]:
    """The names of the models that some properties lead to."""
    found: set[str] = set()
    pending = list(properties)
    while pending:
        prop = pending.pop()
        if isinstance(prop, ListProperty):
            pending.append(prop.inner_property)
        elif isinstance(prop, UnionProperty):
            pending.extend(prop.inner_properties)
        elif isinstance(prop, ModelProperty) and prop.class_info.name not in found:
            found.add(prop.class_info.name)
            pending.extend(properties_of(prop))
    return found
