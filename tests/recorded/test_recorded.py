"""Every recorded answer of a real Waldur 7.0.7 becomes the right object, or the right error, on both clients."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final

import pytest
from pydantic import BaseModel

from invite_clients import waldur
from invite_sdk import (
    Acceptance,
    APIError,
    InvalidArgumentError,
    InvalidStateError,
    Invitation,
    InvitationCheck,
    Page,
    ResponseParseError,
)
from invite_sdk.testing.suite.ways import Way
from tests.recorded import expected
from tests.recorded.driving import Replies, ask
from tests.recorded.exchanges import Recorded, read_recording
from tests.recorded.routes import NO_READER, Asked, asked

EXCHANGES: Final = read_recording()
READ: Final = [found for exchange in EXCHANGES if exchange.name not in NO_READER and (found := asked(exchange))]
SUCCESSES: Final = [found for found in READ if found.exchange.status < 300]
REFUSALS: Final = [found for found in READ if found.exchange.status >= 300]

# The server takes any text for an id and answers 404; the SDK's own operations refuse it before they ask.
NOT_IDS: Final = ("not-a-uuid", "abc123")

# What the SDK makes of these is no error: the invitation is there, and cannot be accepted.
SETTLED_CHECKS: Final = (
    "161_check_accepted",
    "176_check_canceled",
    "190_check_expired",
    "201_check_pending_project",
    "230_check_requested",
)


def of(name: str) -> Recorded:
    (found,) = [exchange for exchange in EXCHANGES if exchange.name == name]
    return found


def first_request(found: Asked) -> tuple[str, str]:
    path = found.exchange.path
    return found.exchange.method, path if path.endswith("/") else f"{path}/"


def plain(path: str) -> str:
    return path.replace("-", "").lower()


def as_unified(found: Asked) -> tuple[str, list[object], dict[str, object]]:
    assert found.route.unified is not None
    arguments: list[object] = [text.format(id=found.invitation_id) for text in found.route.unified.arguments]
    return found.route.unified.name, arguments, dict(found.route.unified.options)


def has_unified(found: Asked) -> bool:
    return found.route.unified is not None and found.invitation_id not in NOT_IDS


def assert_fields(invitation: object, fields: dict[str, object]) -> None:
    assert type(invitation) is Invitation
    assert {name: getattr(invitation, name) for name in fields} == fields


def assert_wire(model: object, said: Any) -> None:
    """The wire model holds exactly what the JSON says."""
    assert isinstance(model, BaseModel)
    assert {name: getattr(model, name) for name in said if name not in ("created", "expires")} == {
        name: value for name, value in said.items() if name not in ("created", "expires")
    }
    for name in {"created", "expires"} & set(said):
        assert getattr(model, name) == expected.time(said[name])
    assert model.model_extra == {}
    assert {name for name in type(model).model_fields if getattr(model, name) is not None} == set(said)


def test_every_exchange_is_read_but_for_those_that_are_listed() -> None:
    without = {exchange.name for exchange in EXCHANGES if asked(exchange) is None}
    assert len(EXCHANGES) == 245
    assert without | {"106_list_accept_html"} == set(NO_READER)
    assert (len(SUCCESSES), len(REFUSALS)) == (104, 132)


def test_every_operation_of_this_server_is_met_with_and_without_success() -> None:
    met = {found.call.operation for found in SUCCESSES}
    refused = {found.call.operation for found in REFUSALS}
    everything = {name for name in waldur.__all__ if name.startswith("user_invitations_")}
    assert met == everything - {"user_invitations_update", "user_invitations_partial_update"}
    assert refused == everything - {"user_invitations_count"}


@pytest.mark.parametrize("found", SUCCESSES, ids=str)
def test_a_native_call_reads_the_answer(found: Asked, way: Way) -> None:
    replies = Replies(found.exchange)
    result = ask(way, replies, "native", found.call)

    assert replies.requests == [first_request(found)]
    match found.call.operation:
        case "user_invitations_count":
            assert result == int(found.exchange.header("x-result-count"))
        case "user_invitations_list":
            said = json.loads(found.exchange.body)
            assert isinstance(result, list)
            rows: list[object] = [*result]
            assert len(rows) == len(said)
            for row, fields in zip(rows, said, strict=True):
                assert type(row) is waldur.Invitation
                assert_wire(row, fields)
        case operation:
            assert type(result) is WIRE_MODELS[operation]
            assert_wire(result, json.loads(found.exchange.body))


WIRE_MODELS: Final[dict[str, type[BaseModel]]] = {
    "user_invitations_accept": waldur.Detail,
    "user_invitations_approve": waldur.Detail,
    "user_invitations_cancel": waldur.Detail,
    "user_invitations_check": waldur.InvitationCheck,
    "user_invitations_create": waldur.Invitation,
    "user_invitations_delete": waldur.Detail,
    "user_invitations_destroy": waldur.Detail,
    "user_invitations_details_retrieve": waldur.VisibleInvitationDetails,
    "user_invitations_reject": waldur.Detail,
    "user_invitations_retrieve": waldur.Invitation,
    "user_invitations_send": waldur.Detail,
}


@pytest.mark.parametrize("found", [found for found in SUCCESSES if has_unified(found)], ids=str)
def test_an_operation_reads_the_answer(found: Asked, way: Way) -> None:
    name, arguments, options = as_unified(found)
    replies = Replies(found.exchange)
    result = ask(way, replies, name, *arguments, **options)

    # The clients may bring an id to one form.
    assert [(method, plain(path)) for method, path in replies.requests] == [
        (method, plain(path)) for method, path in [first_request(found)]
    ]
    body: Any = json.loads(found.exchange.body) if found.exchange.body else None
    match name:
        case "count":
            assert result == int(found.exchange.header("x-result-count"))
        case "list":
            assert isinstance(result, Page)
            assert (result.number, result.problems) == (1, ())
            assert result.total == int(found.exchange.header("x-result-count"))
            assert len(result.invitations) == len(body)
            for invitation, row in zip(result.invitations, body, strict=True):
                assert_fields(invitation, expected.invitation(row))
                assert_wire(invitation.native, row)
        case "get" | "create":
            assert isinstance(result, Invitation)
            assert_fields(result, expected.invitation(body))
            assert_wire(result.native, body)
        case "preview":
            assert isinstance(result, Invitation)
            assert_fields(result, expected.details(found.invitation_id, body))
            assert_wire(result.native, body)
        case "check":
            needs_number = body.get("civil_number_required", False)
            assert result == InvitationCheck(valid=True, email=body["email"], civil_number_required=needs_number)
        case "cancel":
            assert_fields(result, expected.known(found.invitation_id, "canceled"))
        case "resend":
            assert_fields(result, expected.known(found.invitation_id, "unknown", delivery="queued"))
        case "accept":
            assert isinstance(result, Acceptance)
            assert (result.organization_id, result.session) == (None, None)
            assert_fields(result.invitation, expected.known(found.invitation_id, "accepted", native_status="accepted"))
        case _:
            assert name in ("delete", "approve", "reject")
            assert result is None


def assert_refusal(error: APIError, found: Asked, operation: str) -> None:
    exchange = found.exchange
    assert type(error) is expected.error_class(found.call.operation, exchange)
    assert (error.service, error.operation, error.status) == ("waldur", operation, exchange.status)
    assert error.messages == expected.messages(exchange)
    assert error.field_errors == expected.field_errors(exchange)
    assert error.code is None
    assert error.body == exchange.body
    assert error.retry_after is None
    for name, value in exchange.headers:
        if name in ("Content-Type", "WWW-Authenticate", "Allow"):
            assert error.headers[name.lower()] == value
    text = str(error)
    assert text.startswith(f"waldur {operation}: {exchange.status} ")
    assert "\n" not in text
    for sentence in error.messages:
        assert sentence[:200] in text


@pytest.mark.parametrize("found", REFUSALS, ids=str)
def test_a_native_call_raises_what_the_refusal_means(found: Asked, way: Way) -> None:
    replies = Replies(found.exchange)
    with pytest.raises(APIError) as raised:
        ask(way, replies, "native", found.call)

    assert replies.requests == [first_request(found)]
    assert raised.value.attempts == 1
    assert_refusal(raised.value, found, found.call.operation)


@pytest.mark.parametrize(
    "found", [found for found in REFUSALS if has_unified(found) and str(found) not in SETTLED_CHECKS], ids=str
)
def test_an_operation_raises_what_the_refusal_means(found: Asked, way: Way) -> None:
    name, arguments, options = as_unified(found)
    replies = Replies(found.exchange)
    with pytest.raises(APIError) as raised:
        ask(way, replies, name, *arguments, **options)

    assert replies.requests[0] == first_request(found)
    # A refusal that names the address alone may be about an open invitation, which is looked for.
    looks_back = name == "create" and set(expected.field_errors(found.exchange)) == {"email"}
    # One for the invitation's status is told with the invitation.
    looks_back |= expected.error_class(found.call.operation, found.exchange) is InvalidStateError
    assert len(replies.requests) == (2 if looks_back else 1)
    assert_refusal(raised.value, found, name)


@pytest.mark.parametrize("name", SETTLED_CHECKS)
def test_a_check_that_is_answered_404_without_a_body_says_that_it_is_not_valid(name: str, way: Way) -> None:
    found = asked(of(name))
    assert found is not None
    assert (found.exchange.status, found.exchange.body) == (404, "")

    assert ask(way, Replies(found.exchange), "check", found.invitation_id) == InvitationCheck(valid=False)


@pytest.mark.parametrize("found", [found for found in READ if found.invitation_id in NOT_IDS], ids=str)
def test_what_is_no_id_is_refused_before_anything_is_sent(found: Asked, way: Way) -> None:
    name, arguments, options = as_unified(found)
    replies = Replies(found.exchange)
    with pytest.raises(InvalidArgumentError):
        ask(way, replies, name, *arguments, **options)
    assert replies.requests == []


def test_a_page_for_people_in_place_of_rows_cannot_be_read(way: Way) -> None:
    exchange = of("106_list_accept_html")
    with pytest.raises(ResponseParseError) as raised:
        ask(way, Replies(exchange), "list")
    assert raised.value.status == 200
    assert raised.value.body == exchange.body.encode()[:16_384]


def test_the_classes_of_all_refusals() -> None:
    found = Counter(expected.error_class(one.call.operation, one.exchange).__name__ for one in REFUSALS)
    assert found == {
        "RedirectError": 2,
        "ValidationError": 39,
        "InvalidStateError": 10,
        "AlreadyMemberError": 1,
        "AuthenticationError": 15,
        "PermissionDeniedError": 7,
        "NotFoundError": 38,
        "UnsupportedByServerError": 18,
        "APIError": 1,
        "ServerError": 1,
    }
