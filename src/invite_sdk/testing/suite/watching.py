"""Watches every fake: no answer leaves one that its specification does not describe, but for what is excused here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from invite_sdk.testing import Exchange, FakeRequest, FakeResponse, FakeService
from invite_sdk.testing.suite.specification import Fault, Kind, specification, told

WALDUR = "/api/user-invitations/"


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
    """A kind of answer that the real services give, or may, and no specification of ours describes."""

    reason: str
    service: str
    kind: Kind
    """The fault that is excused; all others still count."""
    applies: Callable[[Finding], bool]

    def covers(self, found: Finding) -> bool:
        """Whether it excuses what was found."""
        return self.service == found.fake.service and self.kind == found.fault.kind and self.applies(found)


NEWER_STATES = ("archived", "paused")
"""Words that no Waldur knows; tests use them for a state to come."""

EXCUSES = (
    Excuse(
        "pages for people who ask for HTML",
        "waldur",
        "type",
        lambda found: _is_page(found.response) and _asks_for_html(found.request),
    ),
    Excuse(
        "an id with a dot is no id to the server, so the path is unknown",
        "waldur",
        "type",
        lambda found: _is_page(found.response) and found.response.status == 404 and "." in found.request.path,
    ),
    Excuse(
        "a method that the path of an action does not have reads the action's name as an id",
        "waldur",
        "status",
        lambda found: found.response.status == 405 and _is_root_action(found.request),
    ),
    Excuse(
        "the real server carries DELETE out on every URL below an id, and fails on all others",
        "waldur",
        "operation",
        lambda found: found.request.method == "DELETE" and found.response.status in {200, 500},
    ),
    Excuse(
        "the newest servers have an operation that the specification leaves out on purpose",
        "waldur",
        "operation",
        lambda found: found.request.path == f"{WALDUR}check-duplicates/",
    ),
    Excuse(
        "a state of a server that is newer than the specification",
        "waldur",
        "body",
        lambda found: found.names(".state", *NEWER_STATES),
    ),
    Excuse(
        "times without an offset, which pydantic writes of naive ones, where the fake is told to",
        "zenml",
        "body",
        lambda found: getattr(found.fake, "naive_dates", False) and found.fault.text.endswith("is not a 'date-time'"),
    ),
    Excuse(
        "panels that answer with the link as plain text, where the fake is told to",
        "enhance",
        "type",
        lambda found: found.response.status == 201 and getattr(found.fake, "answer", "") == "text",
    ),
    Excuse(
        "a role of a panel that is newer than the specification",
        "enhance",
        "body",
        lambda found: found.names("$.role", "Webmaster"),
    ),
    Excuse(
        "outside of /api the panel shows itself",
        "enhance",
        "operation",
        lambda found: _is_page(found.response) and not found.request.path.startswith("/api/"),
    ),
)
"""Every answer that may differ from the specification, and why."""


class Watch:
    """What was found in the fakes' answers, since it was last asked."""

    def __init__(self) -> None:
        self._found: list[str] = []

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
    def over_fakes(self) -> Iterator[None]:
        """Checks each exchange of each fake meanwhile, whatever way it came in by.

        What a fault puts in the place of an answer does not come by here.
        """
        handle = FakeService.handle

        def watched(fake: FakeService, request: FakeRequest) -> FakeResponse:
            response = handle(fake, request)
            self.check(fake, request, response)
            return response

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(FakeService, "handle", watched)
            yield


def faults_of(fake: FakeService, request: FakeRequest, response: FakeResponse) -> list[Fault]:
    """What is wrong with an answer, and with the name that the fake recorded for the operation."""
    described = specification(fake.service)
    if described is None:
        return []
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


def _is_page(response: FakeResponse) -> bool:
    return any(name == "Content-Type" and value.startswith("text/html") for name, value in response.headers)


def _asks_for_html(request: FakeRequest) -> bool:
    return request.param("format") == "api" or "text/" in (request.header("Accept") or "")


def _is_root_action(request: FakeRequest) -> bool:
    return request.path in {f"{WALDUR}{name}/" for name in ("approve", "reject", "check-duplicates")}
