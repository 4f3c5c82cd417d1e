"""Valid bodies by the specifications, drawn from their schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import yaml

from invite_sdk.testing.suite.specification import resolved

ROOT = Path(__file__).parents[2]
SERVICES = ("waldur", "cloudtruth", "zenml", "enhance")
METHODS = ("get", "head", "post", "put", "patch", "delete")

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Described:
    """A success response of one operation."""

    service: str
    operation: str
    status: int
    schema: Node | None
    """Of its JSON; `None` where it has no body."""
    may_be_empty: bool


@cache
def document(service: str) -> Node:
    """A specification."""
    loaded: Node = yaml.safe_load((ROOT / "openapi" / f"{service}.yaml").read_text())
    return loaded


def described() -> Iterator[Described]:
    """Every success response of every operation."""
    for service in SERVICES:
        spec = document(service)
        for item in spec["paths"].values():
            for method in METHODS:
                if method not in item:
                    continue
                for status, reference in item[method]["responses"].items():
                    if not str(status).startswith("2"):
                        continue
                    node = resolved(spec, reference)
                    content = node.get("content", {})
                    schema = next((one["schema"] for kind, one in content.items() if "json" in kind), None)
                    yield Described(
                        service,
                        item[method]["operationId"],
                        int(status),
                        schema,
                        bool(node.get("x-optional-body")) or schema is None,
                    )


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
    spec = document(service)
    node = resolved(spec, schema)
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
