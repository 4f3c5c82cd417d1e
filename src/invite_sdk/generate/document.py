"""The parts of an OpenAPI document, and where in it schemas are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SCHEMA_PREFIX = "#/components/schemas/"

Json = dict[str, Any]


class SpecificationError(Exception):
    """A specification says something that the generated code could not express."""


def operations(document: Json) -> Iterator[tuple[str, str, Json, Json]]:
    """Each operation: its method and path for messages, its method, its path item, itself."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", method, item, item[method]


def places(document: Json) -> Iterator[tuple[str, Json, str]]:
    """Where the document holds a schema: a name for it, and the mapping and key that lead to it."""
    schemas: Json = document["components"]["schemas"]
    for name in list(schemas):
        yield name, schemas, name
    for _, _, _, operation in operations(document):
        stem = pascal(operation["operationId"])
        for parameter in operation["parameters"]:
            yield stem + pascal(parameter["name"]), parameter, "schema"
        bodies = [("Body", operation.get("requestBody", {}))]
        bodies += [("Response", response) for response in operation["responses"].values()]
        for kind, body in bodies:
            for media in body.get("content", {}).values():
                yield stem + kind, media, "schema"
            for name, header in body.get("headers", {}).items():
                yield stem + pascal(name), header, "schema"


def within(schema: Json) -> Iterator[Json]:
    """A schema and every schema inside it."""
    yield schema
    for child in schema.get("properties", {}).values():
        yield from within(child)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from within(schema[key])
    for key in ("allOf", "anyOf", "oneOf"):
        for child in schema.get(key, ()):
            yield from within(child)


def pascal(name: str) -> str:
    """A name as part of a class name."""
    words = re.findall(r"[A-Za-z0-9]+", name)
    return "".join(word[0].upper() + word[1:] for word in words)
