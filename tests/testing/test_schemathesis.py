"""Somebody else's tester turned on the served fakes: schemathesis makes requests, good and bad, of a specification.

Whatever it asks, the answer has a documented status, headers, content type and body, and nothing fails but what fails
on the real server too. Each run asks the same.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar, cast

import pytest
import requests  # that of schemathesis, whose calls take its sessions
import schemathesis
from schemathesis.specs.openapi import checks

from invite_sdk.testing import Exchange, FakeRequest
from invite_sdk.testing.suite.watching import Finding, faults_of
from tests.specified import DOCUMENTS, WALDUR
from tests.testing._grounds import GROUNDS, Ground

pytestmark = pytest.mark.tools

Test = TypeVar("Test", bound=Callable[..., None])

EXAMPLES = 15
SEED = 20260105
HEAD_CHECKS = [checks.status_code_conformance, checks.response_headers_conformance]
BODY_CHECKS = [checks.content_type_conformance, checks.response_schema_conformance]
SCOPE_TYPES = {"customer", "project", "offering", "call", "proposal"}


def requests_of(service: str) -> Callable[[Test], Test]:
    """Calls a test with every request that schemathesis makes of a specification, operation by operation."""
    config = schemathesis.Config(seed=SEED)
    schema: Any = schemathesis.openapi.from_path(DOCUMENTS[service], config=config)
    schema.config.generation.update(max_examples=EXAMPLES, deterministic=True, database="none", no_shrink=True)
    return cast("Callable[[Test], Test]", schema.parametrize())


class Field:
    """The fakes of one service, each served, and what they answered."""

    def __init__(self, grounds: list[tuple[Ground, str]]) -> None:
        self._grounds = grounds
        self._operation = ""
        self._turn = 0
        self._session = requests.Session()
        self.statuses: dict[str, set[int]] = defaultdict(set)
        """What each operation answered, by method and path."""

    def close(self) -> None:
        self._session.close()

    def ask(self, case: Any) -> None:
        """Puts a generated request to each fake and checks the answers."""
        if case.operation.label != self._operation:
            self._operation, self._turn = case.operation.label, 0
            for ground, _ in self._grounds:
                ground.reset()
        path, body, headers = case.path_parameters, case.body, dict(case.headers)
        for number, (ground, url) in enumerate(self._grounds):
            turn = self._turn + number
            case.path_parameters = ground.path_parameters(path, turn)
            case.body = ground.fields(body, turn)
            case.headers = {**headers, **ground.header(turn)}
            answer = case.call(base_url=f"{url}{ground.root}", session=self._session, allow_redirects=False)
            self._session.cookies.clear()
            exchange = ground.fake.requests[-1]
            if case.method == case.operation.method.upper():
                self.statuses[case.operation.label].add(answer.status_code)
            assert answer.status_code < 500 or fails_for_real(exchange.request), exchange.request
            if not differs_on_purpose(ground, exchange):
                # Where a body may be empty, which OpenAPI has no word for, is checked in every test.
                case.validate_response(answer, checks=[*HEAD_CHECKS, *(BODY_CHECKS if answer.content else [])])
        self._turn += 1


def differs_on_purpose(ground: Ground, exchange: Exchange) -> bool:
    """Whether all that is wrong with an answer is excused where every other test is watched."""
    request, response = exchange.request, exchange.response
    faults = faults_of(ground.fake, request, response)
    return bool(faults) and all(Finding(ground.fake, request, response, fault).is_excused for fault in faults)


def fails_for_real(request: FakeRequest) -> bool:
    """Whether the real Waldur is known to fail here; no other service is."""
    if not request.path.startswith(WALDUR):
        return False
    if request.method == "DELETE":
        return re.fullmatch(rf"{WALDUR}((approve|reject|check-duplicates)/)?", request.path) is not None
    if request.path == WALDUR and request.method in {"GET", "HEAD"}:
        return request.param("scope_type") not in {None, "", *SCOPE_TYPES}
    if request.path in {f"{WALDUR}approve/", f"{WALDUR}reject/"}:
        try:
            body = json.loads(request.body)
        except ValueError:
            return False
        return not isinstance(body, dict) or not isinstance(body.get("token", ""), str)
    return False


@contextmanager
def field_of(service: str) -> Iterator[Field]:
    with ExitStack() as stack:
        grounds = [(ground, stack.enter_context(ground.fake.serve(control=False))) for ground in GROUNDS[service]()]
        field = Field(grounds)
        stack.callback(field.close)
        yield field
        assert [asked for asked, statuses in field.statuses.items() if min(statuses) >= 300] == []


@pytest.fixture(scope="module")
def fields() -> Iterator[dict[str, Field]]:
    """The fields of all services."""
    with ExitStack() as stack:
        yield {service: stack.enter_context(field_of(service)) for service in GROUNDS}


@requests_of("waldur")
def test_waldur_answers_as_specified(case: Any, fields: dict[str, Field]) -> None:
    fields["waldur"].ask(case)


@requests_of("cloudtruth")
def test_cloudtruth_answers_as_specified(case: Any, fields: dict[str, Field]) -> None:
    fields["cloudtruth"].ask(case)


@requests_of("zenml")
def test_zenml_answers_as_specified(case: Any, fields: dict[str, Field]) -> None:
    fields["zenml"].ask(case)


@requests_of("enhance")
def test_enhance_answers_as_specified(case: Any, fields: dict[str, Field]) -> None:
    fields["enhance"].ask(case)
