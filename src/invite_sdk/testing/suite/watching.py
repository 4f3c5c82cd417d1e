"""Watches every fake: no answer leaves one that its specification does not describe, but for what is excused."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path

import pytest

from invite_sdk.testing import Exchange, FakeRequest, FakeResponse, FakeService
from invite_sdk.testing.suite.specification import Fault, Kind, specification, told


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault and where it was found."""

    fake: FakeService
    request: FakeRequest
    response: FakeResponse
    fault: Fault

    @property
    def is_excused(self) -> bool:
        """Whether it is known and meant."""
        return any(excuse.covers(self) for excuse in EXCUSES)

    def names(self, place: str, *words: str) -> bool:
        """Whether the fault is that one of these words stands in a place of the body."""
        where, _, what = self.fault.text.partition(": ")
        return where.endswith(place) and any(what.startswith(repr(word)) for word in words)


@dataclass(frozen=True, slots=True)
class Excuse:
    """A kind of answer that a real service gives, or may, and that its specification does not describe."""

    reason: str
    service: str
    kind: Kind
    """The fault that is excused; all others still count."""
    applies: Callable[[Finding], bool]

    def covers(self, found: Finding) -> bool:
        """Whether it excuses what was found."""
        return self.service == found.fake.service and self.kind == found.fault.kind and self.applies(found)


DOCUMENTS: dict[str, Path] = {}
"""The OpenAPI document of each service, by the service's name."""
EXCUSES: list[Excuse] = []
"""Every answer that may differ from its document, and why."""


class Watch:
    """What was found in the fakes' answers, since it was last asked."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._stands = False

    def check(self, fake: FakeService, request: FakeRequest, response: FakeResponse) -> None:
        """Holds one exchange against the specification."""
        found = (Finding(fake, request, response, fault) for fault in faults_of(fake, request, response))
        if faults := [each.fault for each in found if not each.is_excused]:
            self._found.append(told(fake.service, request, response, faults))

    def take(self) -> list[str]:
        """What was found; it is told only once."""
        found, self._found = self._found, []
        return found

    @contextmanager
    def over_fakes(self) -> Generator[None]:
        """Checks each exchange of each fake meanwhile, whatever way it came in by; once, also inside another such.

        What a fault puts in the place of an answer does not come by here.
        """
        if self._stands:
            yield
            return
        handle = FakeService.handle

        @wraps(handle)
        def watched(fake: FakeService, request: FakeRequest) -> FakeResponse:
            response = handle(fake, request)
            self.check(fake, request, response)
            return response

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(FakeService, "handle", watched)
            patch.setattr(self, "_stands", True)
            yield


WATCH = Watch()
"""The one of a whole run."""


def faults_of(fake: FakeService, request: FakeRequest, response: FakeResponse) -> list[Fault]:
    """What is wrong with an answer, and with the name that the fake recorded for the operation."""
    document = DOCUMENTS.get(fake.service)
    if document is None:
        return []
    described = specification(document)
    faults = described.faults(request, response)
    operation = described.operation(request)
    name = operation.name if operation else None
    recorded = _recorded(fake, request)
    # A server that refuses a path or method as unknown knows of no operation there.
    known = recorded is not None and (recorded.operation is not None or response.status < 300)
    if recorded is not None and known and recorded.operation != name and request.method != "HEAD":
        faults.append(Fault("operation", f"is on record as {recorded.operation}, but is {name}"))
    return faults


def _recorded(fake: FakeService, request: FakeRequest) -> Exchange | None:
    # Other threads may have added theirs since, or a test may have emptied the record.
    return next((exchange for exchange in reversed(fake.requests[-50:]) if exchange.request is request), None)
