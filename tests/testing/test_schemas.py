"""The watch that stands over every fake in every test finds what it should, and excuses no more than it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from invite_sdk.testing import (
    FakeEnhance,
    FakeRequest,
    FakeResponse,
    FakeService,
    FakeWaldur,
    FakeZenML,
)
from invite_sdk.testing.suite.specification import Schema, specification
from invite_sdk.testing.suite.watching import Excuse, Finding, Watch, faults_of
from tests.specified import DOCUMENTS, EXCUSES
from tests.testing.asking import FAKES, asked, sign_in

JSON = ("Content-Type", "application/json")
HTML = ("Content-Type", "text/html; charset=utf-8")
ID = "580b99fd-54f1-4076-acf5-f5ee24358bec"
LIST = "/api/user-invitations/"
COUNTED = (("X-Result-Count", "0"), ("Link", "<https://waldur.example/>; rel=first"))
ROW = {"id": ID}
PAGE = FakeResponse.html(404, "<title>Not Found</title>")


def found(service: str, method: str, target: str, response: FakeResponse) -> list[str]:
    request = FakeRequest(method, target)
    (fake,) = (kind() for kind in FAKES if kind.service == service)
    return [fault.kind for fault in faults_of(fake, request, response)]


def refused(status: int) -> FakeResponse:
    return FakeResponse.json(status, {"detail": "No."})


@pytest.mark.parametrize(
    ("service", "method", "target", "response"),
    [
        ("waldur", "GET", LIST, FakeResponse.json(200, [], COUNTED)),
        ("waldur", "HEAD", LIST, FakeResponse(200, COUNTED)),
        ("waldur", "GET", f"{LIST}?page=2", refused(404)),
        ("waldur", "DELETE", f"{LIST}{ID}/", FakeResponse(204)),
        ("waldur", "POST", f"{LIST}{ID}/check/", FakeResponse(404)),
        ("waldur", "GET", LIST, FakeResponse.html(502, "<h1>Bad Gateway</h1>")),
        ("waldur", "GET", "/elsewhere", PAGE),
        ("cloudtruth", "GET", "/api/v1/invitations/", FakeResponse.json(200, {})),
        ("cloudtruth", "GET", "/api/v1/invitations/", refused(418)),
        ("zenml", "GET", "/invitations", FakeResponse.json(200, [ROW])),
        ("zenml", "POST", f"/invitations/{ID}?accept=false", FakeResponse.json(200, None)),
        ("enhance", "POST", f"/api/invites/{ID}", FakeResponse(200)),
    ],
)
def test_passes_what_is_specified(service: str, method: str, target: str, response: FakeResponse) -> None:
    assert found(service, method, target, response) == []


@pytest.mark.parametrize(
    ("service", "method", "target", "response", "kind"),
    [
        ("waldur", "GET", LIST, refused(418), "status"),
        ("waldur", "POST", f"{LIST}{ID}/check/", refused(400), "status"),
        ("waldur", "PUT", LIST, FakeResponse.json(200, []), "operation"),
        ("enhance", "GET", "/api/invites", FakeResponse.json(200, []), "operation"),
        ("zenml", "GET", "/invitations", FakeResponse.html(200, "[]"), "type"),
        ("zenml", "GET", "/invitations", FakeResponse(200, (), b"[]"), "type"),
        ("waldur", "GET", LIST, FakeResponse(429, (JSON,), b"{}"), "type"),
        ("zenml", "GET", "/invitations", FakeResponse(200, (JSON,)), "body"),
        ("zenml", "GET", "/invitations", FakeResponse(200, (JSON,), b"[{]"), "body"),
        ("zenml", "GET", "/invitations", FakeResponse.json(200, ROW), "body"),
        ("zenml", "GET", "/invitations", FakeResponse.json(200, [{"id": "1"}]), "body"),
        ("zenml", "GET", "/invitations", FakeResponse.json(200, [{**ROW, "expiration_date": "2026-01-01"}]), "body"),
        ("waldur", "GET", f"{LIST}{ID}/", FakeResponse.json(200, ROW), "body"),
        ("enhance", "POST", f"/api/invites/{ID}", FakeResponse.json(200, {}), "type"),
        ("waldur", "GET", LIST, FakeResponse.json(200, [], COUNTED[1:]), "header"),
        ("waldur", "GET", LIST, FakeResponse.json(200, [], (("X-Result-Count", "-1"), COUNTED[1])), "header"),
        ("waldur", "HEAD", LIST, FakeResponse(200), "header"),
        ("waldur", "GET", LIST, refused(401), "header"),
    ],
)
def test_finds_what_is_not(service: str, method: str, target: str, response: FakeResponse, kind: str) -> None:
    assert set(found(service, method, target, response)) == {kind}


class Misnamed(FakeZenML):
    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        return "get_invitation", super().respond(request)[1]


class Careless(FakeZenML):
    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        return "list_invitations", FakeResponse.json(200, [{}])


class Unspecified(FakeService):
    service = "other"

    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        return None, FakeResponse(599)


def test_finds_an_operation_that_is_on_record_under_another_name(watch: Watch) -> None:
    Misnamed().handle(FakeRequest("GET", "/invitations"))
    (said,) = watch.take()
    assert said.endswith("operation: is on record as get_invitation, but is list_invitations")


def by_hand(fake: FakeService) -> None:
    fake.handle(FakeRequest("GET", "/invitations"))


def by_transport(fake: FakeService) -> None:
    with httpx.Client(transport=fake.transport()) as client:
        client.get(f"{fake.base_url}/invitations")


def by_socket(fake: FakeService) -> None:
    with fake.serve() as url:
        httpx.get(f"{url}/invitations")


@pytest.mark.parametrize("ask", [by_hand, by_transport, by_socket])
def test_stands_over_every_way_in(ask: Callable[[FakeService], None], watch: Watch) -> None:
    ask(Careless())
    (said,) = watch.take()
    assert said == "zenml: GET /invitations -> 200 b'[{}]'\n  body: $[0]: 'id' is a required property"
    assert watch.take() == []


def test_leaves_a_service_without_a_specification_alone(watch: Watch) -> None:
    Unspecified().handle(FakeRequest("GET", "/"))
    assert watch.take() == []


@pytest.mark.parametrize("service", DOCUMENTS)
def test_reads_each_documented_answer(service: str) -> None:
    for operation in specification(DOCUMENTS[service]).operations:
        for status in operation.responses:
            assert operation.answer(int(status.replace("XX", "99"))) is not None


def test_a_body_that_was_good_once_is_good_for_the_same_schema_only() -> None:
    document: dict[str, Any] = {"openapi": "3.1.0", "components": {}}
    text, number = Schema(document, {"type": "string"}), Schema(document, {"type": "integer"})
    assert text.faults(b'"1"') == []
    assert text.faults(b'"1"') == []
    assert number.faults(b'"1"') != []


def waldur(method: str, target: str, *, accept: str = "*/*") -> tuple[FakeWaldur, FakeRequest]:
    fake = FakeWaldur(only_staff_can_invite=False)
    return fake, FakeRequest(method, target, (sign_in(fake, "staff"), ("Accept", accept)))


def new_state() -> tuple[FakeService, FakeRequest]:
    fake, request = waldur("GET", LIST)
    fake.invite("new@example.com", state="paused")
    return fake, request


def duplicates() -> tuple[FakeService, FakeRequest]:
    fake = FakeWaldur()
    body = {"scope": fake.scope_url("apollo"), "invitations": []}
    return fake, asked("POST", f"{LIST}check-duplicates/", sign_in(fake, "staff"), body=body)


def naive() -> tuple[FakeService, FakeRequest]:
    fake = FakeZenML(naive_dates=True)
    return fake, FakeRequest("GET", "/invitations", (sign_in(fake, "ana"),))


def as_text() -> tuple[FakeService, FakeRequest]:
    fake = FakeEnhance(answer="text")
    body = {"email": "new@example.com", "name": "New", "roles": ["Support"]}
    return fake, asked("POST", f"/api/orgs/{fake.org_id('Acme')}/invites", sign_in(fake, "acme"), body=body)


def new_role() -> tuple[FakeService, FakeRequest]:
    fake = FakeEnhance()
    return fake, FakeRequest("POST", f"/api/invites/{fake.invite('a@b.example', roles=('Webmaster',)).id}/validate")


DIFFERENT: tuple[tuple[str, Callable[[], tuple[FakeService, FakeRequest]]], ...] = (
    ("pages for people", lambda: waldur("GET", LIST, accept="text/html")),
    ("an id with a dot", lambda: waldur("GET", f"{LIST}a.b/")),
    ("a method that the path of an action", lambda: waldur("GET", f"{LIST}approve/")),
    ("the real server carries DELETE out", lambda: waldur("DELETE", LIST)),
    ("the newest servers have an operation", duplicates),
    ("a state of a server", new_state),
    ("a single role, organization", lambda: waldur("GET", f"/api/roles/{FakeWaldur().roles['PROJECT.ADMIN'].uuid}/")),
    ("fields that the caller", lambda: waldur("GET", "/api/roles/?field=name")),
    ("times without an offset", naive),
    ("panels that answer with the link", as_text),
    ("a role of a panel", new_role),
    ("outside of /api", lambda: (FakeEnhance(), FakeRequest("GET", "/orgs"))),
)


@pytest.mark.parametrize(("reason", "exchange"), DIFFERENT, ids=[reason for reason, _ in DIFFERENT])
def test_each_excuse_is_needed_and_covers_its_own_kind_only(
    reason: str, exchange: Callable[[], tuple[FakeService, FakeRequest]]
) -> None:
    fake, request = exchange()
    response = fake.handle(request)
    findings = [Finding(fake, request, response, fault) for fault in faults_of(fake, request, response)]
    used = [excuse.reason for excuse in EXCUSES if any(excuse.covers(finding) for finding in findings)]

    assert [told.startswith(reason) for told in used] == [True]
    assert all(finding.is_excused for finding in findings)


def test_every_excuse_is_tried() -> None:
    def is_tried(excuse: Excuse) -> bool:
        return any(excuse.reason.startswith(reason) for reason, _ in DIFFERENT)

    assert [excuse.reason for excuse in EXCUSES if not is_tried(excuse)] == []
    assert len(EXCUSES) == len(DIFFERENT)
