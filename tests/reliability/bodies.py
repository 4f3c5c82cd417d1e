"""Valid bodies by the specifications, drawn from their schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from uuid import UUID

from invite_sdk.testing.suite.specification import Node
from tests.specifications.documents import SERVICES, operations, resolved


@dataclass(frozen=True, slots=True)
class Described:
    """A success response of one operation."""

    service: str
    operation: str
    status: int
    schema: Node | None
    """Of its JSON; `None` where it has no body."""
    may_be_empty: bool


def described() -> Iterator[Described]:
    """Every success response of every operation."""
    for service in SERVICES:
        for _, _, found in operations(service):
            for status, reference in found["responses"].items():
                if not str(status).startswith("2"):
                    continue
                node = resolved(service, reference)
                content = node.get("content", {})
                schema = next((one["schema"] for kind, one in content.items() if "json" in kind), None)
                may_be_empty = bool(node.get("x-optional-body")) or schema is None
                yield Described(service, found["operationId"], int(status), schema, may_be_empty)


TEXTS = ("", "Ann", "Zoë Ünïcode", "名前", "a" * 300, "x\u202egnp", "<b>bold</b>", "semi;colon,comma", "\t tab", "🎉")
EMAILS = ("ann@example.org", "Ann@Example.ORG", "bea+x@example.com", "ünï@exämple.org")
URIS = (
    "https://api.example.org/api/v1/things/6f1f9c1e-8a80-4c35-9d3e-3f5d38d0a001/",
    "https://api.example.org/users/auth0%7C123/",
    "https://api.example.org/",
    "https://api.example.org:8443/a%20b/?x=1&y=#z",
    "http://[2001:db8::1]:8080/x/",
)
TIMES = (
    "2026-01-05T09:00:00Z",
    "2026-11-22T00:39:31.321542Z",
    "2026-11-22T00:39:31+00:00",
    "2026-01-05T09:00:00.123456789Z",
    "2026-01-05T09:00:00-11:30",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
)


def valid(service: str, schema: Node, luck: Random) -> object:
    """A value that a schema allows."""
    node = resolved(service, schema)
    if "allOf" in node:
        return valid(service, node["allOf"][0], luck)
    for choice in ("anyOf", "oneOf"):
        if choice in node:
            return valid(service, luck.choice(node[choice]), luck)
    if node.get("nullable") and luck.random() < 0.2:
        return None
    if "enum" in node:
        return luck.choice(node["enum"])
    kinds = node.get("type", "object")
    kind = luck.choice(kinds) if isinstance(kinds, list) else kinds
    return _MAKERS[kind](service, node, luck)


def _object(service: str, node: Node, luck: Random) -> Node:
    required = node.get("required", ())
    made = {
        name: valid(service, one, luck)
        for name, one in node.get("properties", {}).items()
        if name in required or luck.random() < 0.7
    }
    if luck.random() < 0.2:
        made["invented_in_2031"] = luck.choice((None, 1, "x", {"deep": [1, None]}, []))
    names = list(made)
    luck.shuffle(names)
    return {name: made[name] for name in names}


def _text(service: str, node: Node, luck: Random) -> str:
    form = node.get("format")
    if form == "uuid":
        found = UUID(int=luck.getrandbits(128), version=4)
        return found.hex if service == "waldur" else str(found)
    if form == "date-time":
        return luck.choice(TIMES)
    if form == "email":
        return luck.choice(EMAILS)
    if form in ("uri", "uri-reference"):
        return luck.choice(URIS)
    text = luck.choice(TEXTS)
    return (text or "x" * node.get("minLength", 0))[: node.get("maxLength", 10_000)]


def _number(service: str, node: Node, luck: Random) -> int:
    return luck.choice((0, 1, 7, 3600, 2**31, 2**53)) + int(node.get("minimum", 0))


_MAKERS: dict[str, Callable[[str, Node, Random], object]] = {
    "object": _object,
    "array": lambda service, node, luck: [
        valid(service, node.get("items", {"type": "string"}), luck) for _ in range(luck.choice((0, 1, 2, 3)))
    ],
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": lambda service, node, luck: luck.random() < 0.5,
    "null": lambda service, node, luck: None,
}


def dumped(value: object) -> bytes:
    """A value as JSON, lone surrogates escaped."""
    return json.dumps(value).encode()
