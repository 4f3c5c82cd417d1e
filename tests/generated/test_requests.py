"""Every operation of every service becomes the right request, and knows how careful to be with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from invite_clients import cloudtruth, enhance, waldur, zenml
from invite_clients._runtime import Call
from tests.generated import BUILDERS

HEX = "0123456789abcdef0123456789abcdef"
DASHED = "01234567-89ab-cdef-0123-456789abcdef"
ROW = f"/api/user-invitations/{HEX}/"
ITEM = f"/api/v1/invitations/{DASHED}/"
ORDER = waldur.InvitationOrder
PENDING, EXPIRED = waldur.InvitationState.PENDING, waldur.InvitationState.EXPIRED

NEW = waldur.InvitationRequest(role=HEX, scope="https://w/", email="a@b.c")
CHANGED = waldur.InvitationUpdateRequest(email="a@b.c")
TOKEN = waldur.TokenRequest(token="t:1")
NEW_VIEWER = cloudtruth.InvitationCreate(email="a@b.c", role=cloudtruth.RoleEnum.VIEWER)
ADMIN = cloudtruth.InvitationRequest(email="a@b.c", role=cloudtruth.RoleEnum.ADMIN)
NEW_INVITE = enhance.NewInvite(email="a@b.c", name="Ann", roles=[enhance.Role.SUPER_ADMIN])

Case = tuple[Call[Any], str, str, set[int], bool, str]

OPERATIONS: list[Case] = [
    (waldur.user_invitations_list(), "GET", "/api/user-invitations/", {200}, False, "safe"),
    (waldur.user_invitations_count(), "HEAD", "/api/user-invitations/", {200}, False, "safe"),
    (waldur.user_invitations_create(body=NEW), "POST", "/api/user-invitations/", {201}, False, "once"),
    (waldur.user_invitations_retrieve(HEX), "GET", ROW, {200}, False, "safe"),
    (waldur.user_invitations_update(HEX, body=CHANGED), "PUT", ROW, {200}, False, "idempotent"),
    (waldur.user_invitations_partial_update(HEX), "PATCH", ROW, {200}, False, "idempotent"),
    (waldur.user_invitations_destroy(HEX), "DELETE", ROW, {200, 204}, False, "idempotent"),
    (waldur.user_invitations_details_retrieve(HEX), "GET", f"{ROW}details/", {200}, False, "safe"),
    (waldur.user_invitations_accept(HEX), "POST", f"{ROW}accept/", {200}, False, "once"),
    (waldur.user_invitations_cancel(HEX), "POST", f"{ROW}cancel/", {200}, False, "idempotent"),
    (waldur.user_invitations_send(HEX), "POST", f"{ROW}send/", {200}, False, "once"),
    (waldur.user_invitations_check(HEX), "POST", f"{ROW}check/", {200}, True, "safe"),
    (waldur.user_invitations_delete(HEX), "POST", f"{ROW}delete/", {200}, False, "idempotent"),
    (waldur.user_invitations_approve(body=TOKEN), "POST", "/api/user-invitations/approve/", {200}, True, "once"),
    (waldur.user_invitations_reject(body=TOKEN), "POST", "/api/user-invitations/reject/", {200}, True, "once"),
    (waldur.roles_list(), "GET", "/api/roles/", {200}, False, "safe"),
    (waldur.customers_list(), "GET", "/api/customers/", {200}, False, "safe"),
    (waldur.projects_list(), "GET", "/api/projects/", {200}, False, "safe"),
    (cloudtruth.invitations_list(), "GET", "/api/v1/invitations/", {200}, False, "safe"),
    (cloudtruth.invitations_create(body=NEW_VIEWER), "POST", "/api/v1/invitations/", {201}, False, "once"),
    (cloudtruth.invitations_retrieve(DASHED), "GET", ITEM, {200}, False, "safe"),
    (cloudtruth.invitations_update(DASHED, body=ADMIN), "PUT", ITEM, {200}, False, "idempotent"),
    (cloudtruth.invitations_partial_update(DASHED), "PATCH", ITEM, {200}, False, "idempotent"),
    (cloudtruth.invitations_destroy(DASHED), "DELETE", ITEM, {204}, False, "idempotent"),
    (cloudtruth.invitations_accept_create(DASHED), "POST", f"{ITEM}accept/", {200}, False, "once"),
    (cloudtruth.invitations_resend_create(DASHED), "POST", f"{ITEM}resend/", {200}, False, "once"),
    (zenml.list_invitations(), "GET", "/invitations", {200}, False, "safe"),
    (zenml.get_invitation(DASHED), "GET", f"/invitations/{DASHED}", {200}, False, "safe"),
    (zenml.respond_to_invitation(DASHED, accept=True), "POST", f"/invitations/{DASHED}", {200}, False, "once"),
    (zenml.auth_login(body=zenml.LoginRequest(password="k")), "POST", "/auth/login", {200}, True, "safe"),
    (enhance.create_invite(DASHED, body=NEW_INVITE), "POST", f"/orgs/{DASHED}/invites", {201}, False, "once"),
    (enhance.accept_invite("key-1"), "POST", "/invites/key-1", {200}, True, "once"),
    (enhance.validate_invite("key-1"), "POST", "/invites/key-1/validate", {200}, True, "safe"),
]


@pytest.mark.parametrize(
    ("call", "method", "path", "success", "public", "repeat"),
    OPERATIONS,
    ids=[f"{case[0].service}-{case[0].operation}" for case in OPERATIONS],
)
def test_an_operation_says_what_to_send_and_how_carefully(
    call: Call[Any], method: str, path: str, success: set[int], public: bool, repeat: str
) -> None:
    assert (call.request.method, call.request.path) == (method, path)
    assert call.success == success
    assert call.public is public
    assert call.repeat == repeat
    assert ("Accept", "application/json") in call.request.headers


def test_every_operation_is_in_the_table() -> None:
    assert {(case[0].service, case[0].operation) for case in OPERATIONS} == set(BUILDERS)


@pytest.mark.parametrize(
    ("call", "query"),
    [
        pytest.param(waldur.user_invitations_list(), (), id="nothing"),
        pytest.param(
            waldur.projects_list(field=["uuid", "name"], customer=HEX),
            (("customer", HEX), ("field", "uuid"), ("field", "name")),
            id="field-is-repeated",
        ),
        # The server keeps only the last `o`, so several go out as one value.
        pytest.param(
            waldur.user_invitations_list(o=[ORDER.CREATED, ORDER.EMAIL_DESCENDING]),
            (("o", "created,-email"),),
            id="o-is-joined-with-commas",
        ),
        pytest.param(waldur.user_invitations_list(o="-created"), (("o", "-created"),), id="one-o"),
        pytest.param(waldur.user_invitations_list(o=[]), (), id="an-empty-o"),
        pytest.param(waldur.user_invitations_count(o=["state", "email"]), (("o", "state,email"),), id="o-of-count"),
        pytest.param(
            waldur.user_invitations_list(state=[PENDING, EXPIRED, "frozen"]),
            (("state", "pending"), ("state", "expired"), ("state", "frozen")),
            id="state-is-repeated",
        ),
        pytest.param(waldur.user_invitations_list(state="pending"), (("state", "pending"),), id="one-state-as-text"),
        pytest.param(waldur.user_invitations_list(state=[]), (), id="no-states"),
        pytest.param(
            waldur.user_invitations_list(email="a+b@c.d", page=2, page_size=100),
            (("email", "a+b@c.d"), ("page", "2"), ("page_size", "100")),
            id="in-the-order-of-the-specification",
        ),
        pytest.param(zenml.respond_to_invitation(HEX, accept=True), (("accept", "true"),), id="true"),
        pytest.param(zenml.respond_to_invitation(HEX, accept=False), (("accept", "false"),), id="false"),
        pytest.param(
            cloudtruth.invitations_list(role=cloudtruth.RoleEnum.OWNER, state="SENT"),
            (("role", "OWNER"), ("state", "SENT")),
            id="an-enum-and-a-text-that-it-does-not-list",
        ),
    ],
)
def test_query_parameters(call: Call[Any], query: tuple[tuple[str, str], ...]) -> None:
    assert call.request.query == query


@pytest.mark.parametrize(
    ("call", "body"),
    [
        pytest.param(
            waldur.user_invitations_create(body=NEW),
            {"role": HEX, "scope": "https://w/", "email": "a@b.c"},
            id="what-is-not-given-is-not-sent",
        ),
        pytest.param(
            waldur.user_invitations_partial_update(HEX, body=waldur.PatchedInvitationUpdateRequest(email=None)),
            {},
            id="none-is-never-sent",
        ),
        pytest.param(
            waldur.user_invitations_partial_update(
                HEX, body=waldur.PatchedInvitationUpdateRequest(role=DASHED.upper())
            ),
            {"role": DASHED.upper()},
            id="an-id-stays-the-text-that-was-given",
        ),
        pytest.param(
            cloudtruth.invitations_create(
                body=cloudtruth.InvitationCreate(email="a@b.c", role=cloudtruth.RoleEnum("JANITOR"))
            ),
            {"email": "a@b.c", "role": "JANITOR"},
            id="an-enum-value-that-a-newer-server-invented",
        ),
        pytest.param(
            enhance.create_invite(
                DASHED,
                body=enhance.NewInvite(
                    email="a@b.c", name="Ann", roles=[enhance.Role.SITE_ACCESS], site_accesses=["s1"], send_email=False
                ),
            ),
            {"email": "a@b.c", "name": "Ann", "roles": ["SiteAccess"], "siteAccesses": ["s1"], "sendEmail": False},
            id="camel-case-on-the-wire",
        ),
    ],
)
def test_json_bodies(call: Call[Any], body: dict[str, object]) -> None:
    assert call.request.body is not None
    assert json.loads(call.request.body) == body
    assert ("Content-Type", "application/json") in call.request.headers


def test_a_login_is_sent_as_a_form() -> None:
    request = zenml.auth_login(
        body=zenml.LoginRequest(grant_type="client_credentials", client_id="a b", client_secret="s&cret+")
    ).request
    assert request.body == b"grant_type=client_credentials&client_id=a+b&client_secret=s%26cret%2B"
    assert request.headers == (
        ("Accept", "application/json"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    )


@pytest.mark.parametrize(
    "call",
    [
        enhance.accept_invite("key-1"),
        enhance.validate_invite("key-1"),
        waldur.user_invitations_cancel(HEX),
        waldur.user_invitations_partial_update(HEX),
        waldur.user_invitations_count(),
        cloudtruth.invitations_destroy(DASHED),
    ],
    ids=lambda call: call.operation,
)
def test_without_a_body_there_is_no_content_type(call: Call[Any]) -> None:
    assert call.request.body is None
    assert call.request.headers == (("Accept", "application/json"),)


def test_an_accepting_invitee_may_send_a_body() -> None:
    request = enhance.accept_invite("k", body=enhance.AcceptInviteBody(email="a@b.c", password="pw")).request
    assert request.body == b'{"email":"a@b.c","password":"pw"}'
    assert ("Content-Type", "application/json") in request.headers
