"""Holds what a fake answers against its specification: operation, status, headers, content type and body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from invite_clients._times import datetime
from invite_sdk.testing import FakeRequest, FakeResponse

try:
    import yaml
    from jsonschema import FormatChecker
    from openapi_schema_validator import OAS30Validator, OAS31Validator
except ModuleNotFoundError as error:
    msg = f"{error.name} is missing; the extra brings it: pip install 'invite-sdk[authors]'"
    raise ImportError(msg) from error

METHODS = ("get", "head", "post", "put", "patch", "delete")

Node = dict[str, Any]
Kind = Literal["operation", "status", "header", "type", "body"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which an answer is not what the specification says."""

    kind: Kind
    text: str


class Schema:
    """A schema with its validator, built once. Bodies that were good are not checked again."""

    def __init__(self, document: Node, node: Node) -> None:
        validator = OAS31Validator if document["openapi"].startswith("3.1") else OAS30Validator
        root = {"allOf": [node], "components": document["components"]}
        self._validator: Any = validator(root, format_checker=_FORMATS)
        self._good: set[bytes] = set()

    def faults(self, body: bytes) -> list[str]:
        """What is wrong with a JSON body."""
        if body in self._good:
            return []
        try:
            value: object = json.loads(body)
        except ValueError as error:
            return [f"no JSON: {error}"]
        found = self.value_faults(value)
        if not found:
            self._good.add(body)
        return found

    def value_faults(self, value: object) -> list[str]:
        """What is wrong with a value."""
        return [f"{error.json_path}: {error.message}" for error in self._validator.iter_errors(value)]


@dataclass(frozen=True, slots=True)
class Header:
    """A header that a response is documented with."""

    required: bool
    kind: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation may answer with one status."""

    headers: Mapping[str, Header]
    content: Mapping[str, Schema]
    """By media type; empty where a body has no documented form."""
    may_be_empty: bool

    def faults(self, request: FakeRequest, response: FakeResponse) -> Iterator[Fault]:
        """What is wrong with a response of this status."""
        sent = {name.lower(): value for name, value in response.headers}
        for name, header in self.headers.items():
            yield from self._header_faults(name, header, sent.get(name))
        if request.method == "HEAD":
            return
        if not response.body:
            if self.content and not self.may_be_empty:
                yield Fault("body", "is empty")
            return
        said = sent.get("content-type", "").partition(";")[0].strip().lower()
        if said not in self.content:
            yield Fault("type", f"{said or 'no content type'}, not {' or '.join(self.content) or 'no body at all'}")
        elif said.endswith("json"):
            yield from (Fault("body", text) for text in self.content[said].faults(response.body))

    def _header_faults(self, name: str, header: Header, value: str | None) -> Iterator[Fault]:
        if value is None:
            if header.required:
                yield Fault("header", f"{name} is missing")
            return
        read: object = int(value) if header.kind == "integer" and value.isdecimal() else value
        yield from (Fault("header", f"{name} {text}") for text in header.schema.value_faults(read))


@dataclass(slots=True)
class Operation:
    """One operation and what it may answer, read when first needed."""

    name: str
    pattern: re.Pattern[str]
    document: Node
    responses: Node
    answers: dict[int, Answer | None] = field(default_factory=dict)

    def answer(self, status: int) -> Answer | None:
        """What is documented for a status, by number or else by range."""
        if status not in self.answers:
            node = self.responses.get(str(status)) or self.responses.get(f"{status // 100}XX")
            self.answers[status] = None if node is None else self._read(resolved(self.document, node))
        return self.answers[status]

    def _read(self, node: Node) -> Answer:
        headers: dict[str, Header] = {}
        for name, reference in node.get("headers", {}).items():
            header = resolved(self.document, reference)
            schema = header["schema"]
            kind = str(schema.get("type"))
            headers[name.lower()] = Header(header.get("required", False), kind, Schema(self.document, schema))
        content = {name: Schema(self.document, media["schema"]) for name, media in node.get("content", {}).items()}
        return Answer(headers, content, node.get("x-optional-body", False))


class Specification:
    """One OpenAPI document, asked which operation a request is and what is wrong with an answer."""

    def __init__(self, document: Node) -> None:
        self.document = document
        servers: list[Node] = document.get("servers") or [{"url": ""}]
        base = urlsplit(str(servers[0]["url"])).path.rstrip("/")
        self._operations: dict[str, list[Operation]] = {}
        # A path without parameters beats one with them.
        for path in sorted(document["paths"], key=lambda path: path.count("{")):
            item = document["paths"][path]
            literal = re.split(r"\{[^}]+\}", base + path)
            pattern = re.compile("[^/]+".join(map(re.escape, literal)))
            for method in METHODS:
                if found := item.get(method):
                    operation = Operation(found["operationId"], pattern, document, found["responses"])
                    self._operations.setdefault(method, []).append(operation)

    @property
    def operations(self) -> list[Operation]:
        """Every operation."""
        return [operation for found in self._operations.values() for operation in found]

    def operation(self, request: FakeRequest) -> Operation | None:
        """The operation that a request addresses; `None` for an unknown path or method."""
        path = request.target.partition("?")[0]
        candidates = self._operations.get(request.method.lower(), [])
        return next((each for each in candidates if each.pattern.fullmatch(path)), None)

    def faults(self, request: FakeRequest, response: FakeResponse) -> list[Fault]:
        """What is wrong with the answer to a request; of an unknown operation only that it was carried out."""
        operation = self.operation(request)
        if operation is None:
            refused = 300 <= response.status < 500 or request.method in {"HEAD", "OPTIONS"}
            return [] if refused else [Fault("operation", "is not specified, yet answered")]
        answer = operation.answer(response.status)
        if answer is None:
            return [Fault("status", "is not documented")]
        return list(answer.faults(request, response))


@cache
def specification(path: Path) -> Specification:
    """The specification in a file."""
    return Specification(load(path))


def load(path: Path) -> Node:
    """The document in a YAML or JSON file."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: Node = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  # a safe one
    return document


def resolved(document: Node, node: Node) -> Node:
    """The node itself, or what its reference points to."""
    while "$ref" in node:
        found = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def told(service: str, request: FakeRequest, response: FakeResponse, faults: Iterable[Fault]) -> str:
    """One exchange and what is wrong with it, for people."""
    said = "".join(f"\n  {fault.kind}: {fault.text}" for fault in faults)
    return f"{service}: {request.method} {request.target} -> {response.status} {response.body[:300]!r}{said}"


def _is_uuid(value: object) -> bool:
    """Dashes or not: Waldur's ids carry none on the wire, which a strict checker would refuse."""
    return not isinstance(value, str) or bool(UUID(value))


def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


def _is_email(value: object) -> bool:
    return not isinstance(value, str) or "@" in value


def _formats() -> FormatChecker:
    checker = FormatChecker(formats=())
    for name, check in (("uuid", _is_uuid), ("date-time", _is_time), ("uri", _is_uri), ("email", _is_email)):
        checker.checks(name, raises=ValueError)(check)
    return checker


_FORMATS = _formats()
