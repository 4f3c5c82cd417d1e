"""What the generator is given: a specification bent to what the generator can express, and facts that it would lose.

The specifications in openapi/ stay exact. Everything here works on a copy.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from invite_sdk.generate.document import SCHEMA_PREFIX, Json, SpecificationError, operations, places, within
from invite_sdk.generate.naming import member_names, name_inline_schemas

REPEAT = {"get": "safe", "head": "safe", "put": "idempotent", "patch": "idempotent", "delete": "idempotent"}


class _Loader(yaml.SafeLoader):
    """YAML as JSON knows it: dates and times in examples stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Operation:
    """What the generator does not hand to its templates about one operation."""

    operation_id: str
    public: bool
    repeat: str
    parameter_docs: dict[tuple[str, str], str] = field(default_factory=dict)
    comma_joined: frozenset[str] = frozenset()
    constants: dict[str, str] = field(default_factory=dict)
    """Headers that every request has with the one value which they can have."""
    body_doc: str = ""
    result_doc: str = ""


@dataclass(frozen=True, slots=True)
class Specification:
    """The generator's input for one service, and the facts of each operation by its operationId."""

    service: str
    document: Json
    operations: dict[str, Operation]


def load(path: Path) -> Specification:
    """The specification in `path`, derived. Raises `SpecificationError` where the generated code would be wrong."""
    document: Json = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    return derive(path.stem, document)


def derive(service: str, source: Json) -> Specification:
    """The derived document of one service. `source` is left alone."""
    # Through JSON, so that YAML anchors share nothing and every key is text.
    document: Json = json.loads(json.dumps(source))
    facts: dict[str, Operation] = {}
    for where, method, item, operation in operations(document):
        _inline(document, operation, item)
        known = _facts(document, where, method, operation)
        if known.operation_id in facts:
            raise SpecificationError(f"{where}: operationId {known.operation_id} is used twice")
        facts[known.operation_id] = known
        operation["responses"] = {code: body for code, body in operation["responses"].items() if str(code)[0] == "2"}
        if not operation["responses"]:
            raise SpecificationError(f"{where}: no success response")
    for item in document["paths"].values():
        item.pop("parameters", None)
    components = document.setdefault("components", {})
    document["components"] = {"schemas": components.get("schemas", {})}
    name_inline_schemas(document)
    for _, holder, key in places(document):
        for schema in within(holder.get(key, {})):
            _simplify(schema)
    _prune(document)
    return Specification(service, document, facts)


def _resolve(document: Json, node: Json) -> Json:
    """`node`, or what its reference (to anything but a schema) names."""
    while "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = copy.deepcopy(target)
    return node


def _inline(document: Json, operation: Json, item: Json) -> None:
    """Brings shared parameters, bodies and responses into the operation: only schemas are left to refer to."""
    own = [_resolve(document, parameter) for parameter in operation.get("parameters", [])]
    names = {(parameter["in"], parameter["name"]) for parameter in own}
    shared = [_resolve(document, parameter) for parameter in copy.deepcopy(item.get("parameters", []))]
    operation["parameters"] = own + [one for one in shared if (one["in"], one["name"]) not in names]
    if "requestBody" in operation:
        operation["requestBody"] = _resolve(document, operation["requestBody"])
    operation["responses"] = {
        code: _resolve(document, response) for code, response in operation.get("responses", {}).items()
    }
    for response in operation["responses"].values():
        headers = response.get("headers", {})
        response["headers"] = {name: _resolve(document, header) for name, header in headers.items()}


def _facts(document: Json, where: str, method: str, operation: Json) -> Operation:
    if not operation.get("operationId"):
        raise SpecificationError(f"{where}: no operationId")
    security: list[Json] = operation.get("security") or []
    if "security" not in operation:
        security = document.get("security") or []
    docs: dict[tuple[str, str], str] = {}
    comma: set[str] = set()
    constants = {one["name"]: one["schema"]["enum"][0] for one in operation["parameters"] if _is_constant(one)}
    operation["parameters"] = [one for one in operation["parameters"] if not _is_constant(one)]
    for parameter in operation["parameters"]:
        place, name, schema = parameter["in"], parameter["name"], parameter.get("schema", {})
        if place == "cookie":
            raise SpecificationError(f"{where}: cookie parameter {name}: declare it as a security scheme")
        docs[place, name] = parameter.get("description") or schema.get("description") or ""
        style = parameter.get("style", "form" if place == "query" else "simple")
        if place == "query" and schema.get("type") == "array":
            if style != "form":
                raise SpecificationError(f"{where}: query parameter {name}: style {style} is not supported")
            if not parameter.get("explode", True):
                comma.add(name)
    body = operation.get("requestBody", {})
    if len(body.get("content", {})) > 1:
        raise SpecificationError(f"{where}: declare one media type for the body")
    successes = [response for code, response in operation["responses"].items() if str(code)[0] == "2"]
    return Operation(
        operation_id=operation["operationId"],
        public=bool(operation.get("x-public", not any(security))),
        repeat=operation.get("x-repeat", REPEAT.get(method, "once")),
        parameter_docs=docs,
        comma_joined=frozenset(comma),
        constants=constants,
        body_doc=body.get("description") or _body_doc(document, body),
        result_doc=successes[0].get("description", "") if successes else "",
    )


def _is_constant(parameter: Json) -> bool:
    """Whether a parameter is a header that must be there and can have one value only, such as a version's."""
    values = parameter.get("schema", {}).get("enum", ())
    return bool(parameter["in"] == "header" and parameter.get("required") and len(values) == 1)


def _body_doc(document: Json, body: Json) -> str:
    for media in body.get("content", {}).values():
        schema = media.get("schema", {})
        return str(_resolve(document, copy.deepcopy(schema)).get("description", ""))
    return ""


def _simplify(schema: Json) -> None:
    # Ids stay the text that was sent: a UUID object loses Waldur's spelling and half the speed of a page.
    if schema.get("format") == "uuid":
        del schema["format"]
    if "enum" not in schema:
        return
    values = schema["enum"]
    if any(isinstance(value, str) for value in values):
        schema.setdefault("x-enum-varnames", member_names(values))
    else:
        # A closed enum of numbers would refuse what a newer server sends.
        del schema["enum"]


def _prune(document: Json) -> None:
    """Drops the schemas that nothing needs any more, such as those of error answers."""
    schemas: Json = document["components"]["schemas"]
    wanted: set[str] = set()
    pending = [document["paths"]]
    while pending:
        for reference in _references(pending.pop()):
            name = reference.removeprefix(SCHEMA_PREFIX)
            if name not in wanted:
                if name not in schemas:
                    raise SpecificationError(f"{reference} is not a schema")
                wanted.add(name)
                pending.append(schemas[name])
    document["components"]["schemas"] = {name: schema for name, schema in schemas.items() if name in wanted}


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        known = cast("Json", node)
        if isinstance(known.get("$ref"), str):
            yield known["$ref"]
        for value in known.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in cast("list[object]", node):
            yield from _references(value)
