"""Every answer is read as what it is; what it cannot be raises ValueError and nothing else."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from invite_clients import cloudtruth, enhance, waldur, zenml
from invite_clients._runtime import Call, Response

HEX = "0123456789abcdef0123456789abcdef"
ROW: dict[str, object] = {
    "scope_uuid": "11111111111111111111111111111111",
    "scope_name": "Telescope",
    "scope_description": "",
    "scope_type": "project",
    "customer_uuid": "22222222222222222222222222222222",
    "customer_name": "Observatory",
    "role_name": "PROJECT.ADMIN",
    "role_description": "Project administrator",
    "created_by_full_name": "Ann Bee",
    "created_by_username": "ann",
    "created_by_image": None,
    "url": f"https://w.example/api/user-invitations/{HEX}/",
    "uuid": HEX,
    "role": "33333333333333333333333333333333",
    "created": "2025-11-01T10:11:12.345678Z",
    "expires": "2025-11-08T10:11:12+00:00",
    "full_name": "",
    "email": "carl@example.org",
    "state": "pending",
    "error_message": "",
    "execution_state": "OK",
}
CLOUDTRUTH_ROW: dict[str, object] = {
    "url": "https://c.example/api/v1/invitations/1/",
    "id": "1",
    "email": "carl@example.org",
    "role": "ADMIN",
    "inviter": "https://c.example/api/v1/users/2/",
    "state": "SENT",
    "state_detail": "",
    "membership": None,
}
LIST = waldur.user_invitations_list()
GET = waldur.user_invitations_retrieve(HEX)
SEND = waldur.user_invitations_send(HEX)
DESTROY = waldur.user_invitations_destroy(HEX)
COUNT = waldur.user_invitations_count()
TOTAL = "X-Result-Count"
RESPOND = zenml.respond_to_invitation(HEX, accept=True)
CREATE = enhance.create_invite(HEX, body=enhance.NewInvite(email="a@b.c", name="Ann", roles=[enhance.Role.OWNER]))


def answer(body: object, status: int = 200, **headers: str) -> Response:
    """An answer with a JSON body, or with the bytes given."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, tuple((key.replace("_", "-"), value) for key, value in headers.items()), raw)


def without(*keys: str) -> dict[str, object]:
    return {key: value for key, value in ROW.items() if key not in keys}


def test_a_page_becomes_rows() -> None:
    (row,) = LIST.read(answer([ROW]))
    assert row.uuid == HEX
    assert row.state is waldur.InvitationState.PENDING
    assert row.execution_state is waldur.ExecutionState.OK
    assert row.created_by_image is None
    assert row.created == datetime.datetime(2025, 11, 1, 10, 11, 12, 345678, tzinfo=datetime.UTC)
    assert row.expires == datetime.datetime(2025, 11, 8, 10, 11, 12, tzinfo=datetime.UTC)
    assert LIST.read(answer([])) == []


def test_a_row_is_read_alone_as_well_as_in_its_page() -> None:
    assert waldur.Invitation.model_validate(ROW) == LIST.read(answer([ROW]))[0]


@pytest.mark.parametrize("key", ["state", "execution_state"])
def test_an_enum_value_that_a_newer_server_invented_keeps_its_text(key: str) -> None:
    row = GET.read(answer({**ROW, key: "Thawing"}))
    value: waldur.InvitationState | waldur.ExecutionState = getattr(row, key)
    assert value == "Thawing"
    assert str(value) == value.value == "Thawing"
    assert not value.is_known
    assert json.loads(row.model_dump_json())[key] == "Thawing"
    assert row.model_dump(mode="json")[key] == "Thawing"


@pytest.mark.parametrize(
    "keys",
    [
        ("scope_uuid", "scope_name"),
        ("created_by_full_name", "created_by_username", "created_by_image"),
        ("scope_description", "created_by_image"),
        ("full_name",),
    ],
)
def test_keys_that_real_servers_leave_out_are_none(keys: tuple[str, ...]) -> None:
    (row,) = LIST.read(answer([without(*keys)]))
    assert [getattr(row, key) for key in keys] == [None] * len(keys)


@pytest.mark.parametrize("key", ["scope_name", "scope_type", "created_by_image", "full_name"])
def test_null_is_none(key: str) -> None:
    (row,) = LIST.read(answer([{**ROW, key: None}]))
    assert getattr(row, key) is None


def test_null_for_optional_times_enums_and_objects_is_none() -> None:
    invitation = zenml.get_invitation(HEX).read(answer({"id": "1", "expiration_date": None}))
    assert invitation.expiration_date is None
    validation = enhance.validate_invite("k").read(answer({"isValid": False, "role": None, "orgId": None}))
    assert (validation.is_valid, validation.role, validation.org_id) == (False, None, None)
    login = zenml.auth_login(body=zenml.LoginRequest(password="k"))
    assert login.read(answer({"access_token": "t", "device_metadata": None})).device_metadata is None


def test_an_enum_or_null_takes_new_values_too() -> None:
    call = enhance.validate_invite("k")
    assert call.read(answer({"isValid": True, "role": "Sysadmin"})).role is enhance.Role.SYSADMIN
    role = call.read(answer({"isValid": True, "role": "Astronomer"})).role
    assert isinstance(role, enhance.Role)
    assert role == "Astronomer"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05", datetime.datetime(2026, 1, 2, 3, 4, 5)),  # noqa: DTZ001 (naive on the wire)
        ("2026-01-02T03:04:05Z", datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)),
        (
            "2026-01-02T03:04:05.5+02:00",
            datetime.datetime(2026, 1, 2, 3, 4, 5, 500000, datetime.timezone(datetime.timedelta(hours=2))),
        ),
    ],
)
def test_times_are_read_as_they_were_sent(text: str, expected: datetime.datetime) -> None:
    read = zenml.get_invitation(HEX).read(answer({"id": "1", "expiration_date": text})).expiration_date
    assert read == expected
    assert read is not None
    assert (read.tzinfo is None) == (expected.tzinfo is None)


def test_unknown_keys_are_kept() -> None:
    row = GET.read(answer({**ROW, "mood": ["calm"]}))
    assert row.model_extra == {"mood": ["calm"]}


def test_a_limit_of_the_specification_does_not_refuse_an_answer() -> None:
    name = "x" * 200
    assert GET.read(answer({**ROW, "full_name": name})).full_name == name


def test_clashing_and_camel_case_names_have_python_names() -> None:
    page = cloudtruth.invitations_list().read(
        answer({"count": 1, "next": "https://c.example/?page=2", "results": [CLOUDTRUTH_ROW]})
    )
    assert page.next_ == "https://c.example/?page=2"
    assert page.results is not None
    assert page.results[0].state == "SENT"
    assert json.loads(page.model_dump_json(by_alias=True, exclude_none=True))["next"] == page.next_
    valid = enhance.validate_invite("k").read(answer({"isValid": True, "orgName": "Observatory"}))
    assert (valid.is_valid, valid.org_name) == (True, "Observatory")


@pytest.mark.parametrize(
    ("call", "response", "expected"),
    [
        pytest.param(SEND, answer({"detail": "sent"}), waldur.Detail(detail="sent"), id="a-message"),
        pytest.param(SEND, answer(b""), None, id="no-body-where-one-was-published"),
        pytest.param(SEND, answer(b" \r\n"), None, id="blank"),
        pytest.param(DESTROY, answer(b"", 204), None, id="no-content"),
        pytest.param(DESTROY, answer({"detail": "gone"}), waldur.Detail(detail="gone"), id="old-servers-say-more"),
        pytest.param(cloudtruth.invitations_destroy("1"), answer(b"", 204), None, id="deleted"),
        pytest.param(COUNT, answer(b"", X_Result_Count="123"), 123, id="the-count-of-head"),
        pytest.param(COUNT, answer(b"", x_result_count="0"), 0, id="headers-have-no-case"),
        pytest.param(COUNT, answer(b""), None, id="no-count"),
        pytest.param(COUNT, Response(200, (("a-count", "9"), (TOTAL, "7"), (TOTAL, " 7 "))), 7, id="a-count-twice"),
        pytest.param(RESPOND, answer(b"null"), None, id="null"),
        pytest.param(RESPOND, answer(b'"0123-45"'), "0123-45", id="a-quoted-id"),
        pytest.param(CREATE, answer(b'"https://p/invite/k"', 201), "https://p/invite/k", id="a-link"),
        pytest.param(CREATE, answer(b"k-1", 201, content_type="text/plain"), "k-1", id="a-bare-key"),
        pytest.param(CREATE, answer(b"1234", 201), "1234", id="a-bare-key-of-digits"),
        pytest.param(CREATE, answer(b"", 201), None, id="old-panels-say-nothing"),
        pytest.param(
            enhance.accept_invite("k"), answer(b"", Set_Cookie="id0=s; HttpOnly"), None, id="a-cookie-is-not-a-result"
        ),
    ],
)
def test_answers_without_a_model(call: Call[Any], response: Response, expected: object) -> None:
    assert call.read(response) == expected


@pytest.mark.parametrize(
    ("call", "response"),
    [
        pytest.param(GET, answer(without("email")), id="a-missing-required-key"),
        pytest.param(GET, answer({**ROW, "email": None}), id="null-for-a-required-key"),
        pytest.param(GET, answer({**ROW, "email": 7}), id="a-wrong-type"),
        pytest.param(GET, answer({**ROW, "state": 7}), id="a-number-for-an-enum"),
        pytest.param(GET, answer({**ROW, "created": "yesterday"}), id="no-time"),
        pytest.param(LIST, answer({"results": [ROW]}), id="an-envelope-for-a-list"),
        pytest.param(LIST, answer(ROW), id="one-for-many"),
        pytest.param(LIST, answer(b"<html>502</html>", content_type="text/html"), id="html"),
        pytest.param(LIST, answer(b""), id="nothing"),
        pytest.param(LIST, answer(b"\xff\xfe"), id="no-text"),
        pytest.param(GET, answer(b'{"uuid": '), id="cut-off"),
        pytest.param(SEND, answer(b"done"), id="text-for-a-message"),
        pytest.param(CREATE, answer(b"<html>", 201), id="html-for-text"),
        pytest.param(CREATE, answer({"key": "k"}, 201), id="an-object-for-text"),
        pytest.param(CREATE, answer(b'"cut off', 201), id="broken-text"),
        pytest.param(CREATE, answer(b"\xff", 201), id="undecodable-text"),
        pytest.param(COUNT, answer(b"", X_Result_Count="many"), id="no-count"),
        pytest.param(COUNT, answer(b"", X_Result_Count="-1"), id="less-than-nothing"),
        pytest.param(COUNT, Response(200, ((TOTAL, "7"), (TOTAL.lower(), "8"))), id="two-counts"),
    ],
)
def test_what_the_specification_does_not_say_raises_value_error(call: Call[Any], response: Response) -> None:
    with pytest.raises(ValueError):
        call.read(response)


@pytest.mark.parametrize("status", [202, 301, 400, 403, 404, 499, 500, 520, 561, 999])
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"detail": "no"}', json.dumps([ROW]).encode()])
def test_any_other_status_carries_no_result_whatever_its_body(status: int, body: bytes) -> None:
    with pytest.raises(ValueError, match=f"waldur user_invitations_list: status {status} carries no result"):
        LIST.read(Response(status, (), body))


@pytest.mark.parametrize(
    ("call", "body", "expected"),
    [
        (waldur.user_invitations_cancel(HEX), {}, waldur.Detail()),
        (waldur.user_invitations_send(HEX), {}, waldur.Detail()),
        (waldur.user_invitations_accept(HEX), {"detail": None}, waldur.Detail()),
        (waldur.user_invitations_delete(HEX), {}, waldur.Detail()),
        (waldur.user_invitations_destroy(HEX), {}, waldur.Detail()),
        (waldur.user_invitations_approve(body=waldur.TokenRequest(token="t")), {}, waldur.Detail()),
        (waldur.user_invitations_reject(body=waldur.TokenRequest(token="t")), {}, waldur.Detail()),
        (waldur.user_invitations_partial_update(HEX), {}, waldur.InvitationUpdate()),
        (
            waldur.user_invitations_update(HEX, body=waldur.InvitationUpdateRequest(email="a@b.c")),
            {"role": HEX},
            waldur.InvitationUpdate(role=HEX),
        ),
        (waldur.user_invitations_check(HEX), {}, waldur.InvitationCheck()),
    ],
    ids=lambda value: getattr(value, "operation", ""),
)
def test_a_write_that_is_answered_with_less_than_is_published_took_effect(
    call: Call[object], body: object, expected: object
) -> None:
    assert call.read(answer(body)) == expected


@pytest.mark.parametrize(
    ("call", "least"),
    [
        (GET, {"uuid": HEX, "email": "ann@example.org", "state": "pending"}),
        (waldur.user_invitations_details_retrieve(HEX), {"state": "pending"}),
        (cloudtruth.invitations_accept_create(HEX), {"id": HEX, "email": "ann@example.org", "state": "pending"}),
        (zenml.get_invitation(HEX), {"id": HEX}),
        (enhance.validate_invite("k"), {"isValid": True}),
        (zenml.auth_login(body=zenml.LoginRequest(password="k")), {"access_token": "t"}),
    ],
    ids=lambda value: getattr(value, "operation", ""),
)
def test_only_what_nobody_can_do_without_is_required(call: Call[object], least: dict[str, object]) -> None:
    assert call.read(answer(least)) is not None
    for key in least:
        with pytest.raises(ValueError, match="1 validation error"):
            call.read(answer({name: value for name, value in least.items() if name != key}))
