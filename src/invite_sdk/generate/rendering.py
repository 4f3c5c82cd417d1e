"""What the templates call: names, types, docstrings, and how each answer is read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from openapi_python_client.parser.openapi import Endpoint, GeneratorData
from openapi_python_client.parser.properties import EnumProperty, ModelProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.strings import PythonIdentifier

from invite_sdk.generate.annotations import (
    argument_type,
    further_imports,
    models_in,
    properties_of,
    raw,
    type_of,
    union,
)
from invite_sdk.generate.docstrings import docstring, lowered
from invite_sdk.generate.document import SpecificationError
from invite_sdk.generate.readings import Reading, readings_of
from invite_sdk.generate.specification import Operation, Specification

# A field of these names would hide a method of every pydantic model.
MODEL_NAMES = frozenset(
    {"construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw", "schema", "schema_json"}
    | {"update_forward_refs", "validate"}
)
# A parameter of these names would hide what the function's own body needs.
FUNCTION_NAMES = frozenset({"body", "comma", "form_request", "json_request", "query", "read", "segment"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of an endpoint function."""

    wire_name: str
    name: str
    annotation: str
    required: bool
    is_text: bool
    comma_joined: bool
    doc: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a model."""

    name: str
    annotation: str
    value: str
    doc: str


class Rendering:
    """What the templates of one service see."""

    def __init__(self, specification: Specification, parsed: GeneratorData, prefix: str) -> None:
        self._info = specification.document["info"]
        self.service = specification.service
        self.endpoints = [
            (tag, endpoint)
            for tag, collection in parsed.endpoint_collections_by_tag.items()
            for endpoint in collection.endpoints
        ]
        self._facts = {
            str(PythonIdentifier(operation, prefix)): facts for operation, facts in specification.operations.items()
        }
        for _, endpoint in self.endpoints:
            if not all(isinstance(body.prop, ModelProperty) for body in endpoint.bodies):
                raise SpecificationError(f"{endpoint.name}: the body must be an object")
        sent = models_in(body.prop for _, endpoint in self.endpoints for body in endpoint.bodies)
        got = models_in(response.prop for _, endpoint in self.endpoints for response in endpoint.responses)
        self._request_only = sent - got
        self.exports = dict(sorted(self._exports(parsed)))

    def _exports(self, parsed: GeneratorData) -> Iterator[tuple[str, str]]:
        for tag, endpoint in self.endpoints:
            yield endpoint.name, f".api.{tag}.{endpoint.name}"
        for thing in [*parsed.models, *parsed.enums]:
            yield thing.class_info.name, f".models.{thing.class_info.module_name}"

    def facts(self, endpoint: Endpoint) -> Operation:
        """What the specification says beyond what the generator parsed."""
        return self._facts[endpoint.name]

    def parameters(self, endpoint: Endpoint, place: str) -> list[Parameter]:
        """The arguments of an endpoint in `path`, `query` or `header`, in the order of the specification."""
        facts = self.facts(endpoint)
        found: list[Parameter] = []
        for prop in getattr(endpoint, f"{place}_parameters"):
            wire_name = raw(prop.name)
            annotation = argument_type(prop)
            found.append(
                Parameter(
                    wire_name=wire_name,
                    name=f"{prop.python_name}_" if prop.python_name in FUNCTION_NAMES else prop.python_name,
                    annotation=annotation if prop.required else f"{annotation} | None",
                    required=prop.required,
                    is_text=isinstance(prop, (StringProperty, EnumProperty)),
                    comma_joined=wire_name in facts.comma_joined,
                    doc=facts.parameter_docs.get((place, wire_name), ""),
                )
            )
        return found

    def path(self, endpoint: Endpoint) -> str:
        """The expression of the path, every parameter made one quoted segment."""
        # The generator has sorted the parameters as the path names them.
        parameters = iter(self.parameters(endpoint, "path"))
        pieces = re.split(r"\{[^{}]+\}", raw(endpoint.path))
        if len(pieces) == 1:
            return json.dumps(pieces[0])
        text = ""
        for piece in pieces[:-1]:
            parameter = next(parameters)
            value = parameter.name if parameter.is_text else f"str({parameter.name})"
            text += f"{json.dumps(piece)[1:-1]}{{segment({parameter.wire_name!r}, {value})}}"
        return f'f"{text}{json.dumps(pieces[-1])[1:-1]}"'

    def readings(self, endpoint: Endpoint) -> list[Reading]:
        """How each success status is read."""
        return readings_of(endpoint)

    def result(self, endpoint: Endpoint) -> str:
        """The annotation of what an endpoint's call reads."""
        readings = self.readings(endpoint)
        kinds = [reading.annotation for reading in readings]
        empty = any(reading.may_be_empty for reading in readings)
        return union([*kinds, "None"] if empty else kinds)

    def success(self, endpoint: Endpoint) -> str:
        """The expression of the statuses that carry a result."""
        ranges = [response.status_code.range for response in sorted(endpoint.responses.patterns)]
        single = [str(one[0]) for one in ranges if one and one[0] == one[1]]
        spans = [f"*range({one[0]}, {one[1] + 1})" for one in ranges if one and one[0] != one[1]]
        return f"frozenset({{{', '.join(single + spans)}}})"

    def imports(self, endpoint: Endpoint) -> list[str]:
        """The import lines that an endpoint's annotations need."""
        lines = {line for line in endpoint.relative_imports if line.startswith("from ...models.")}
        annotations = [
            parameter.annotation
            for place in ("path", "query", "header")
            for parameter in self.parameters(endpoint, place)
        ]
        annotations.append(self.result(endpoint))
        return sorted(lines | set(further_imports(annotations, "....")))

    def docstring(self, endpoint: Endpoint) -> str:
        """The docstring of an endpoint function."""
        facts = self.facts(endpoint)
        paths = self.parameters(endpoint, "path")
        arguments = [(one.name, one.doc) for one in paths]
        if endpoint.bodies:
            arguments.append(("body", facts.body_doc or "what to send."))
        arguments += [
            (one.name, self._query_doc(one))
            for place in ("query", "header")
            for one in self.parameters(endpoint, place)
        ]
        result = self.result(endpoint)
        returns = f"a call whose result is `{result}`."
        if facts.result_doc:
            returns = f"a call whose result is `{result}`: {lowered(facts.result_doc)}"
        sections = {
            "Args": [f"{name}: {lowered(doc)}" if doc else f"{name}:" for name, doc in arguments],
            "Returns": [returns],
        }
        if paths:
            names = " or ".join(f"`{one.name}`" for one in paths)
            sections["Raises"] = [f"ValueError: {names} could not be one segment of a path."]
        return docstring([raw(endpoint.summary), raw(endpoint.description)], sections, indent=4)

    @staticmethod
    def _query_doc(parameter: Parameter) -> str:
        if not parameter.comma_joined:
            return parameter.doc
        return f"{parameter.doc.rstrip('.')}; several are joined with commas.".lstrip("; ")

    def package_docstring(self) -> str:
        """The docstring of the service's package."""
        return docstring(
            [
                f"{self._info['title']}: endpoint functions and wire models, loaded when first used.",
                self._info.get("description", ""),
            ],
            {},
            indent=0,
        )

    def class_docstring(self, thing: ModelProperty | EnumProperty) -> str:
        """The docstring of a model or an enum."""
        return docstring([raw(thing.description) or f"{thing.class_info.name}."], {}, indent=4)

    def is_request(self, model: ModelProperty) -> bool:
        """Whether a model is only ever sent."""
        return model.class_info.name in self._request_only

    def fields(self, model: ModelProperty) -> list[Field]:
        """The fields of a model, those that are always there first."""
        return [self._field(model, prop) for prop in properties_of(model)]

    def _field(self, model: ModelProperty, prop: PropertyProtocol) -> Field:
        wire_name = raw(prop.name)
        name = f"{prop.python_name}_" if prop.python_name in MODEL_NAMES else str(prop.python_name)
        schema = (model.data.properties or {}).get(prop.name)
        annotation = type_of(prop)
        options: list[str] = []
        if not prop.required:
            annotation = union([annotation, "None"])
            options.append("default=None")
        if name != wire_name:
            # Not `alias`: type checkers would ask for the wire name as the argument.
            options += [f"validation_alias={json.dumps(wire_name)}", f"serialization_alias={json.dumps(wire_name)}"]
        if getattr(schema, "schema_format", None) == "password":
            options.append("repr=False")
        if self.is_request(model):
            # Only on what is sent: an answer that breaks a limit is still an answer.
            for option, attribute in (("min_length", "minLength"), ("max_length", "maxLength")):
                if (limit := getattr(schema, attribute, None)) is not None:
                    options.append(f"{option}={limit}")
        value = f"Field({', '.join(options)})" if options else ""
        value = "None" if options == ["default=None"] else value
        doc = raw(getattr(schema, "description", None)) or raw(prop.description)
        return Field(name, annotation, value, docstring([doc], {}, indent=4) if doc else "")

    def model_imports(self, model: ModelProperty) -> list[str]:
        """The import lines that a model's fields need."""
        lines = {
            line.replace("from ..models.", "from .").replace("from ...models.", "from .")
            for line in [*(model.relative_imports or ()), *(model.lazy_imports or ())]
            if "models." in line
        }
        fields = self.fields(model)
        if any("Field(" in field.value for field in fields):
            lines.add("from pydantic import Field")
        return sorted(lines | set(further_imports((field.annotation for field in fields), "...")))
