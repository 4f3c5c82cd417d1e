"""Twelve thousand answers through every operation that reads them, and that the proof would notice a wrong one."""

from __future__ import annotations

from random import Random

import pytest

from invite_sdk._model.installed import BUILT_IN
from invite_sdk.services import cloudtruth as cloudtruth_service
from invite_sdk.services.capabilities import OPERATIONS
from invite_sdk.services.registry import capabilities
from invite_sdk.testing.suite.specification import Schema
from tests.generated import BUILDERS
from tests.reliability import answers
from tests.reliability.bodies import Described, described, valid
from tests.reliability.readers import READERS
from tests.reliability.spoiling import broken
from tests.specifications.documents import SERVICES, SPECIFICATIONS, operations

BODIES = 12_000
UNASKED = {("cloudtruth", "roles"), ("enhance", "roles"), ("enhance", "scopes")}
"""What is known without a request."""


@pytest.fixture(scope="module")
def said() -> dict[str, object]:
    return answers.run(BODIES).as_dict()


def test_valid_answers_map_and_broken_ones_are_refused_or_reported(said: dict[str, object]) -> None:
    assert said["wrong"] == []
    assert said["anything else"] == 0


def test_there_are_enough_of_every_kind(said: dict[str, object]) -> None:
    def number(name: str) -> int:
        found = said[name]
        assert isinstance(found, int)
        return found

    assert number("bodies") == BODIES
    assert number("valid") > 3_000
    assert number("broken") > 8_000
    assert number("parse errors") > 3_000
    assert number("reported rows") > 150
    assert number("mapped") > 15_000
    assert number("unknown outcomes") > 10
    # Waldur answers a removal with 200 or 204; every other operation succeeds in one way.
    assert number("responses") == len(list(described())) > 28


def test_every_operation_of_every_specification_has_readers() -> None:
    operated = {found["operationId"] for service in SERVICES for _, _, found in operations(service)}

    assert operated == set(READERS) == {one.operation for one in described()}
    tried = {(service, one.name) for service, name in BUILDERS for one in READERS[name]}
    assert {
        (service, name) for name in OPERATIONS for service in BUILT_IN if capabilities(service).supports(name)
    } <= tried | UNASKED


@pytest.mark.parametrize("of", list(described()), ids=lambda of: f"{of.service}-{of.operation}-{of.status}")
def test_what_is_called_valid_is_so_by_another_validator(of: Described) -> None:
    if of.schema is None:
        return
    schema = Schema(SPECIFICATIONS[of.service], of.schema)
    for number in range(20):
        value = valid(of.service, of.schema, Random(f"valid:{number}"))
        # Times may have more digits than another validator reads, and addresses may be in any script.
        faults = [
            one for one in schema.value_faults(value) if "is not a 'date-time'" not in one and "'email'" not in one
        ]
        assert faults == []


def test_bodies_follow_from_their_seed() -> None:
    one = [broken({"id": [1, {"a": "b"}]}, Random(number)) for number in range(200)]

    assert one == [broken({"id": [1, {"a": "b"}]}, Random(number)) for number in range(200)]
    assert len({kind for kind, _, _ in one}) == 13
    assert answers.run(310, 3).as_dict() == answers.run(310, 3).as_dict()


def test_the_proof_notices_what_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    def last_segment(url: str | None) -> str | None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(cloudtruth_service, "_last_segment", last_segment)
    wrong = answers.run(310).wrong

    assert wrong
    assert all("RuntimeError escapes" in words for words in wrong)
