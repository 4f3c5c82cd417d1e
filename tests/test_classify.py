"""Which error a refusal becomes: service, operation, status and shape of the body decide, never the words in it."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invite_clients._runtime import Response
from invite_sdk import (
    AlreadyMemberError,
    APIError,
    AuthenticationError,
    ConflictError,
    InvalidStateError,
    NotFoundError,
    PermissionDeniedError,
    PlanLimitError,
    RateLimitedError,
    RedirectError,
    ServerError,
    UnsupportedByServerError,
    ValidationError,
)
from invite_sdk._errors.classify import ErrorRule, error_from, rule
from invite_sdk._model.installed import BUILT_IN
from invite_sdk.services.registry import adapter_class

NOW: Final = 1_800_000_000.0
SERVICES: Final = tuple(BUILT_IN)

DETAIL: Final = '{"detail": "Ükskõik mis."}'
ARRAY: Final = '["Ükskõik mis."]'
FIELDS: Final = '{"email": ["Ükskõik mis."]}'
GENERAL: Final = '{"non_field_errors": ["Ükskõik mis."]}'
PAGE: Final = "<html><title>Ükskõik mis</title></html>"
NOTHING: Final = ""


def rules_of(service: str) -> tuple[ErrorRule, ...]:
    adapter = adapter_class(service)
    assert adapter is not None
    return adapter.error_rules


def error_for(
    service: str, operation: str, status: int, body: str | bytes = "", headers: tuple[tuple[str, str], ...] = ()
) -> APIError:
    content = body.encode() if isinstance(body, str) else body
    return error_from(Response(status, headers, content), operation, rules_of(service), NOW)


BY_STATUS: Final[dict[type[APIError], tuple[int, ...]]] = {
    APIError: (0, 100, 200, 204, 406, 408, 410, 413, 418, 451, 499, 600, 999),
    RedirectError: (300, 301, 302, 304, 307, 308, 399),
    ValidationError: (400, 422),
    AuthenticationError: (401,),
    PlanLimitError: (402,),
    PermissionDeniedError: (403,),
    NotFoundError: (404,),
    UnsupportedByServerError: (405, 415),
    ConflictError: (409,),
    RateLimitedError: (429,),
    ServerError: (500, 501, 502, 503, 504, 507, 520, 561, 599),
}


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("status", "expected"), [(status, error) for error, statuses in BY_STATUS.items() for status in statuses]
)
def test_where_no_rule_speaks_the_status_decides(service: str, status: int, expected: type[APIError]) -> None:
    error = error_for(service, "some_other_operation", status, DETAIL)
    assert type(error) is expected
    assert error.status == status


# Of each, the operations that share a row; for these two without the words that all of them begin with.
WALDUR: Final[list[tuple[str, int, str, type[APIError]]]] = [
    # An array is a business rule: the status of the invitation.
    ("cancel send", 400, ARRAY, InvalidStateError),
    ("cancel", 400, "[]", InvalidStateError),
    ("cancel", 400, '["Only pending invitations can be canceled."]', InvalidStateError),
    ("cancel", 400, DETAIL, ValidationError),
    ("send list accept update partial_update create", 400, FIELDS, ValidationError),
    ("approve reject list", 400, ARRAY, ValidationError),
    ("accept", 400, ARRAY, AlreadyMemberError),
    # Words about the whole: only pending ones can be edited. Words about a field: the value is wrong.
    ("update partial_update", 400, GENERAL, InvalidStateError),
    ("create", 400, GENERAL, ValidationError),
    ("create", 400, PAGE, ValidationError),
    # Later servers answer 404 where the caller may not.
    ("create", 404, DETAIL, PermissionDeniedError),
    ("create", 404, PAGE, NotFoundError),
    ("create destroy", 403, DETAIL, PermissionDeniedError),
    ("accept cancel send destroy delete update partial_update retrieve details_retrieve", 404, DETAIL, NotFoundError),
    ("check", 404, NOTHING, NotFoundError),
    ("partial_update", 405, DETAIL, UnsupportedByServerError),
    ("accept", 415, DETAIL, UnsupportedByServerError),
    ("cancel", 401, DETAIL, AuthenticationError),
    ("list", 500, PAGE, ServerError),
    ("cancel", 500, ARRAY, ServerError),
]

CLOUDTRUTH: Final[list[tuple[str, int, str, type[APIError]]]] = [
    # It says 404 for "bad request" on these.
    ("create", 404, DETAIL, ValidationError),
    ("create", 404, NOTHING, ValidationError),
    ("create", 404, PAGE, ValidationError),
    ("create", 400, FIELDS, ValidationError),
    ("create accept_create list", 403, DETAIL, PermissionDeniedError),
    ("create", 409, DETAIL, ConflictError),
    ("create", 422, DETAIL, ValidationError),
    ("create", 507, DETAIL, ServerError),
    ("accept_create resend_create partial_update retrieve", 404, DETAIL, NotFoundError),
    ("destroy", 404, NOTHING, NotFoundError),
    ("list", 401, DETAIL, AuthenticationError),
    ("partial_update", 400, '{"__all__": ["x"]}', ValidationError),
    ("list", 502, PAGE, ServerError),
]

ZENML: Final[list[tuple[str, int, str, type[APIError]]]] = [
    ("get_invitation", 404, DETAIL, NotFoundError),
    ("get_invitation", 422, '{"detail": [{"loc": ["path", "invitation_id"], "msg": "x"}]}', ValidationError),
    ("get_invitation", 422, '{"detail": "x"}', ValidationError),
    ("get_invitation", 422, '{"detail": ["ValueError", "x"]}', ValidationError),
    ("respond_to_invitation", 404, DETAIL, NotFoundError),
    ("respond_to_invitation", 402, DETAIL, PlanLimitError),
    ("respond_to_invitation", 403, DETAIL, PermissionDeniedError),
    ("respond_to_invitation", 409, '{"detail": ["EntityExistsError", "x"]}', ConflictError),
    ("list_invitations", 429, DETAIL, RateLimitedError),
    ("list_invitations", 401, DETAIL, AuthenticationError),
    ("list_invitations", 307, NOTHING, RedirectError),
    ("list_invitations", 503, PAGE, ServerError),
]

ENHANCE: Final[list[tuple[str, int, str, type[APIError]]]] = [
    ("create_invite", 400, '{"code": "already_exists", "detail": "member"}', AlreadyMemberError),
    ("create_invite", 409, '{"code": "already_exists"}', AlreadyMemberError),
    ("create_invite", 409, NOTHING, ConflictError),
    ("create_invite", 400, '{"code": "invalid", "detail": "email"}', ValidationError),
    ("create_invite", 404, '{"code": "not_found", "detail": "org"}', NotFoundError),
    ("create_invite", 404, NOTHING, NotFoundError),
    ("create_invite", 422, '{"code": "already_exists"}', ValidationError),
    ("create_invite", 500, '{"code": "already_exists"}', ServerError),
    ("create_invite", 403, NOTHING, PermissionDeniedError),
    ("create_invite", 401, NOTHING, AuthenticationError),
    ("accept_invite", 401, NOTHING, AuthenticationError),
    ("accept_invite", 403, NOTHING, PermissionDeniedError),
    ("accept_invite", 404, '{"code": "not_found"}', NotFoundError),
    ("accept_invite", 409, '{"code": "already_exists"}', ConflictError),
    ("validate_invite", 404, NOTHING, NotFoundError),
    ("validate_invite", 500, PAGE, ServerError),
]

ROWS: Final = [
    *(("waldur", f"user_invitations_{one}", *row[1:]) for row in WALDUR for one in row[0].split()),
    *(("cloudtruth", f"invitations_{one}", *row[1:]) for row in CLOUDTRUTH for one in row[0].split()),
    *(("zenml", *row) for row in ZENML),
    *(("enhance", *row) for row in ENHANCE),
]


@pytest.mark.parametrize(("service", "operation", "status", "body", "expected"), ROWS)
def test_the_table(service: str, operation: str, status: int, body: str, expected: type[APIError]) -> None:
    error = error_for(service, operation, status, body)
    assert type(error) is expected
    assert error.status == status


@pytest.mark.parametrize("service", SERVICES)
def test_every_rule_is_in_the_table(service: str) -> None:
    bodies = [(operation, status, body) for name, operation, status, body, _ in ROWS if name == service]
    for row in rules_of(service):
        found = [error_from(Response(status, (), body.encode()), one, (row,), NOW) for one, status, body in bodies]
        hint = f"({row.hint})"
        assert any(one.message.endswith(hint) if row.hint else type(one) is row.error for one in found), row


@pytest.mark.parametrize(
    ("service", "operation", "status", "body", "hint"),
    [
        ("waldur", "user_invitations_accept", 404, DETAIL, "does not tell which"),
        ("waldur", "user_invitations_cancel", 404, DETAIL, "does not tell which"),
        ("waldur", "user_invitations_create", 404, DETAIL, "may not invite into the scope"),
        ("cloudtruth", "invitations_create", 404, NOTHING, "invited already"),
        ("cloudtruth", "invitations_accept_create", 403, NOTHING, "address was invited"),
        ("cloudtruth", "invitations_partial_update", 404, NOTHING, "the change is not taken"),
        ("zenml", "respond_to_invitation", 404, DETAIL, "answered already"),
        ("enhance", "accept_invite", 401, NOTHING, "the password of the login"),
        ("enhance", "accept_invite", 403, NOTHING, "somebody else"),
        ("enhance", "create_invite", 404, NOTHING, "the organization is unknown, or the URL"),
        ("waldur", "user_invitations_list", 401, DETAIL, "check the credentials"),
        ("waldur", "user_invitations_list", 301, NOTHING, "check the connection's URL"),
        ("waldur", "user_invitations_update", 405, DETAIL, "does not have the operation"),
    ],
)
def test_an_error_helps_where_the_service_does_not(
    service: str, operation: str, status: int, body: str, hint: str
) -> None:
    assert hint in str(error_for(service, operation, status, body))


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (400, '{"detail": "Wrong."}', "400 Wrong."),
        (400, '{"email": ["Bad.", "Long."], "role": ["Missing."]}', "400 email: Bad. Long. role: Missing."),
        (409, '{"code": "already_exists", "detail": "x"}', "409 [already_exists] x"),
        (418, "", "418 without a word of explanation"),
        (418, "{}", "418"),
        (500, "<title>Oh\nno</title>", "500 Oh no"),
        (500, "line one\r\nline two\x1b[31m", "500 line one line two [31m"),
        (502, "é" * 1000, "502 " + "é" * 200),
        (400, json.dumps({"detail": "w" * 1000}), "400 " + "w" * 297 + "..."),
    ],
)
def test_the_message_is_one_line_that_says_what_the_service_said(status: int, body: str, message: str) -> None:
    assert error_from(Response(status, (), body.encode()), "x", (), NOW).message == message


def test_all_that_may_help_is_kept() -> None:
    error = error_for(
        "zenml",
        "list_invitations",
        429,
        '{"detail": "Slow down."}',
        (
            ("Content-Type", "application/json"),
            ("Retry-After", "12"),
            ("X-Request-ID", "req-1"),
            ("Set-Cookie", "id0=secret"),
            ("Via", "1.1 proxy"),
            ("X-Internal", "no"),
        ),
    )
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == 12.0
    assert error.request_id == "req-1"
    assert error.messages == ("Slow down.",)
    assert error.body == '{"detail": "Slow down."}'
    assert error.headers == {
        "content-type": "application/json",
        "retry-after": "12",
        "x-request-id": "req-1",
        "via": "1.1 proxy",
    }


@pytest.mark.parametrize(
    "body",
    [
        '{"detail": "See https://panel.example/invites/abcdefgh12345678?email=a@b.c"}',
        '{"detail": "See https:\\/\\/panel.example\\/invites\\/abcdefgh12345678"}',
        '{"link": ["/invites/abcdefgh12345678"]}',
        '{"code": "/invites/abcdefgh12345678"}',
        "no such page: /api/user-invitations/x /invitation_approve/abcdefgh12345678/",
        "<title>/invites/abcdefgh12345678</title>",
    ],
)
def test_keys_in_links_are_masked_wherever_they_are_kept(body: str) -> None:
    error = error_for("enhance", "accept_invite", 404, body)
    kept = [str(error), repr(error), error.body, *error.messages, error.code or "", repr(error.field_errors)]
    assert not any("abcdefgh" in text for text in kept)
    assert "...5678" in error.body


def test_the_first_row_that_fits_decides() -> None:
    rows = (
        rule(InvalidStateError, operations=("a",), statuses=(400,), shapes=("array",), hint="first"),
        rule(AlreadyMemberError, statuses=(400,), hint="second"),
        rule(ConflictError, codes=("taken",)),
    )

    def found(operation: str, status: int, body: bytes) -> APIError:
        return error_from(Response(status, (), body), operation, rows, NOW)

    assert type(found("a", 400, b"[]")) is InvalidStateError
    assert str(found("a", 400, b"[]")) == "400 (first)"
    assert type(found("b", 400, b"[]")) is AlreadyMemberError
    assert type(found("a", 400, b"{}")) is AlreadyMemberError
    assert type(found("a", 422, b"[]")) is ValidationError
    assert type(found("a", 500, b'{"code": "taken"}')) is ConflictError


FAMILIES: Final[dict[int, type[APIError]]] = {3: RedirectError, 5: ServerError}
OPERATIONS: Final = sorted({operation for _, operation, *_ in ROWS})
BODIES: Final = st.binary(max_size=80) | st.recursive(
    st.none() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["detail", "code", "message", "email", "__all__"]), inner, max_size=3)
    ),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode())


@settings(deadline=None, derandomize=True, database=None, max_examples=600)
@given(
    service=st.sampled_from(SERVICES),
    operation=st.sampled_from(OPERATIONS),
    status=st.integers(0, 999),
    body=BODIES,
    header=st.sampled_from(["content-type", "retry-after", "x-request-id"]),
    value=st.text(max_size=8),
)
def test_no_answer_makes_the_choice_fail(
    service: str, operation: str, status: int, body: bytes, header: str, value: Any
) -> None:
    error = error_for(service, operation, status, body, ((header, value),))
    assert isinstance(error, APIError)
    assert error.status == status
    if status // 100 in FAMILIES and not isinstance(error, AlreadyMemberError):
        assert type(error) is FAMILIES[status // 100]
    if status == 401:
        assert type(error) is AuthenticationError or error.code == "already_exists"
    text = str(error)
    assert len(text.splitlines()) == 1
    assert len(text) < 600
    text.encode()
    repr(error).encode()
