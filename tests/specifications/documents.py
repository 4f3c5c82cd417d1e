"""The four specifications as documents, and how to find one's way in them."""

from __future__ import annotations

from collections.abc import Iterator

from invite_sdk._model.installed import BUILT_IN
from invite_sdk.testing.suite import specification
from invite_sdk.testing.suite.specification import METHODS, Node, load
from tests.specified import DOCUMENTS

Document = Node

SERVICES = tuple(BUILT_IN)
SPECIFICATIONS = {service: load(DOCUMENTS[service]) for service in SERVICES}


def operations(service: str) -> Iterator[tuple[str, str, Document]]:
    """Each operation with its method and path."""
    for path, item in SPECIFICATIONS[service]["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def operation(service: str, name: str) -> Document:
    """The operation of this id."""
    return next(found for _, _, found in operations(service) if found["operationId"] == name)


def resolved(service: str, node: Document) -> Document:
    """The node itself, or what its reference points to."""
    return specification.resolved(SPECIFICATIONS[service], node)


def response(service: str, name: str, status: int) -> Document:
    """What an operation may answer with this status, by number or by range."""
    responses = operation(service, name)["responses"]
    return resolved(service, responses.get(str(status)) or responses[f"{status // 100}XX"])


def parameters(service: str) -> Iterator[tuple[str, Document]]:
    """Each parameter with the method and path that take it."""
    for method, path, found in operations(service):
        shared = SPECIFICATIONS[service]["paths"][path].get("parameters", [])
        for parameter in [*shared, *found.get("parameters", [])]:
            yield f"{method} {path}", resolved(service, parameter)


def parameter(service: str, operation_id: str, name: str) -> Document:
    """The parameter of this name of an operation."""
    taken = (resolved(service, each) for each in operation(service, operation_id)["parameters"])
    return next(found for found in taken if found["name"] == name)
