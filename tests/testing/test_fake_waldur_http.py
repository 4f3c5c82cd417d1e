"""The fake Waldur as a server: credentials, methods, media types and bodies.

What the recorded server answered, and its age does not change, is not told again here: test_fake_waldur_recorded.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.testing.waldur_driver import UNKNOWN, Driver, driver

INVALID = "Invalid token."


def test_the_scheme_may_be_in_any_case(call: Driver) -> None:
    assert call("GET", "", None, headers={"Authorization": f"token {call.fake.users['owner'].token}"}).status == 200


def test_tokens_of_inactive_users_and_expired_ones(call: Driver) -> None:
    call.fake.update_user("owner", is_active=False)
    call.fake.update_user("manager", token_expired=True)

    assert call("GET").json == {"detail": "User inactive or deleted."}
    assert call("GET", "", "manager").json == {"detail": "Token has expired."}


def test_a_token_expires_after_a_time_of_inactivity(call: Driver) -> None:
    call.fake.configure(token_lifetime=timedelta(hours=1))

    assert call("GET").status == 200
    call.fake.clock.advance(minutes=50)
    assert call("GET").status == 200
    call.fake.clock.advance(minutes=50)
    assert call("GET").status == 200
    call.fake.clock.advance(minutes=61)
    assert call("GET").json == {"detail": "Token has expired."}


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", f"{UNKNOWN}/send/", "POST, DELETE, OPTIONS"),
        ("GET", "approve/", "POST, DELETE, OPTIONS"),
        ("POST", f"{UNKNOWN}/details/", "GET, DELETE, HEAD, OPTIONS"),
        ("PATCH", "", "GET, POST, DELETE, HEAD, OPTIONS"),
    ],
)
def test_methods_that_are_not_allowed(call: Driver, method: str, path: str, allow: str) -> None:
    answer = call(method, path, "bob")

    assert (answer.status, answer.json) == (405, {"detail": f'Method "{method}" not allowed.'})
    assert answer.headers["Allow"] == allow


def test_newer_servers_allow_updates() -> None:
    answer = driver("2025")("POST", f"{UNKNOWN}/")

    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/api/user-invitations", "/api/user-invitations/"),
        ("/api/user-invitations?page=2", "/api/user-invitations/?page=2"),
        (f"/api/user-invitations/{UNKNOWN}", f"/api/user-invitations/{UNKNOWN}/"),
        (f"/api/user-invitations/{UNKNOWN}/accept", f"/api/user-invitations/{UNKNOWN}/accept/"),
        ("/api/user-invitations/approve", "/api/user-invitations/approve/"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_missing_slash_redirects(call: Driver, method: str, path: str, location: str) -> None:
    answer = call(method, path, "owner", {"email": "x@example.com"} if method == "POST" else None)

    assert (answer.status, answer.body) == (301, b"")
    assert answer.headers["Location"] == location
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    ["/", "/api/", "/api/nope/", f"/api/user-invitations/{UNKNOWN}/nope/", f"/user-invitations/{UNKNOWN}/", "a.b/"],
)
def test_an_unknown_path_is_a_page(call: Driver, path: str) -> None:
    answer = call("GET", path)

    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"<h1>Not Found</h1>" in answer.body
    assert call.fake.requests[-1].operation is None


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json; indent=4", "application/json"),
        ("text/html, application/json", "application/json"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("text/*", "text/html; charset=utf-8"),
    ],
)
def test_what_the_caller_accepts(call: Driver, accept: str | None, kind: str) -> None:
    answer = call("GET", headers={} if accept is None else {"Accept": accept})

    assert answer.status == 200
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["X-Result-Count"] == "0"


def test_errors_are_pages_too_for_those_who_ask_for_html(call: Driver) -> None:
    answer = call("GET", "", None, headers={"Accept": "text/html"})

    assert answer.status == 401
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_another_type_is_not_acceptable(call: Driver) -> None:
    answer = call("GET", "", None, headers={"Accept": "application/xml"})

    assert (answer.status, answer.json) == (406, {"detail": "Could not satisfy the request Accept header."})


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("json", 200, "application/json"),
        ("api", 200, "text/html; charset=utf-8"),
        ("xml", 404, "application/json"),
    ],
)
def test_the_format_can_be_chosen_in_the_query(call: Driver, name: str, status: int, kind: str) -> None:
    answer = call("GET", f"?format={name}", headers={"Accept": "*/*"})

    assert (answer.status, answer.headers["Content-Type"]) == (status, kind)


@pytest.mark.parametrize(
    ("kind", "body", "status", "text"),
    [
        ("text/plain", b"x", 415, 'Unsupported media type "text/plain" in request.'),
        (
            "application/json",
            b'{"email":',
            400,
            "JSON parse error - Expecting value: line 1 column 10 (char 9)",
        ),
        (
            "application/json",
            b'{"email": NaN}',
            400,
            "JSON parse error - Out of range float values are not JSON compliant: 'NaN'",
        ),
    ],
)
def test_bodies_that_cannot_be_read(call: Driver, kind: str, body: bytes, status: int, text: str) -> None:
    answer = call("POST", body=body, headers={"Content-Type": kind})

    assert (answer.status, answer.json) == (status, {"detail": text})


def test_a_body_without_a_type_cannot_be_read(call: Driver) -> None:
    assert call("POST", body=b"{}").status == 415


@pytest.mark.parametrize("kind", [None, "application/json", "text/plain"])
def test_no_body_is_an_empty_object(call: Driver, kind: str | None) -> None:
    answer = call("POST", headers={} if kind is None else {"Content-Type": kind})

    assert answer.status == 400
    assert list(answer.json) == ["role", "scope", "email"]


def test_form_encoded_bodies_are_taken(call: Driver) -> None:
    role, scope = call.fake.roles["PROJECT.MEMBER"].uuid, call.fake.scope_url("apollo")
    body = f"email=old%40example.com&email=form%40example.com&role={role}&scope={scope}".encode()

    answer = call("POST", body=body, headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert (answer.status, answer.json["email"]) == (201, "form@example.com")


def test_multipart_bodies_are_taken(call: Driver) -> None:
    fields = {
        "email": "part@example.com",
        "role": call.fake.roles["PROJECT.MEMBER"].uuid,
        "scope": call.fake.scope_url("apollo"),
    }
    parts = [
        f'--cut\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()
    ]
    body = f"{''.join(parts)}--cut--\r\n".encode()

    answer = call("POST", body=body, headers={"Content-Type": "multipart/form-data; boundary=cut"})

    assert (answer.status, answer.json["email"]) == (201, "part@example.com")


def test_half_a_surrogate_pair_is_refused(call: Driver) -> None:
    assert call.create(full_name="\ud800").json == {"full_name": ["Surrogate characters are not allowed: U+D800."]}
    assert call("POST", "approve/", None, {"token": "\ud800"}).json == ["Invalid signature."]
    assert call.create(role="\ud800").status == 500


def test_texts_are_translated() -> None:
    answer = driver()("POST", data={}, headers={"Accept-Language": "et"})

    assert answer.json["email"] == ["Väli on kohustuslik."]
    assert answer.headers["Content-Language"] == "et"


def test_options_tell_the_fields(call: Driver) -> None:
    answer = call("OPTIONS")

    fields = answer.json["actions"]["POST"]
    assert answer.json["name"] == "Invitation List"
    assert [name for name, field in fields.items() if field["required"]] == ["role", "scope", "email"]
    assert ("tax_number" in fields) == (call.fake.version == "7.0.7")
    assert ("civil_number" in fields) == (call.fake.version != "2026")
    assert "actions" not in call("OPTIONS", f"{UNKNOWN}/").json


@pytest.mark.parametrize(
    ("path", "otherwise"),
    [("", 401), (f"{UNKNOWN}/accept/", 401), ("approve/", 200), ("/api/user-invitations", 301), ("/nope", 404)],
)
def test_every_preflight_gets_an_empty_answer(call: Driver, path: str, otherwise: int) -> None:
    origin = {"Origin": "https://a.example"}
    answer = call("OPTIONS", path, None, headers={**origin, "Access-Control-Request-Method": "POST"})

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers == {"Content-Type": "text/html; charset=utf-8"}
    assert call.fake.requests[-1].operation is None
    assert call("OPTIONS", path, None, headers=origin).status == otherwise


@pytest.mark.parametrize(("method", "path"), [("DELETE", f"{UNKNOWN}/send/"), ("TRACE", "")])
def test_what_is_no_operation_is_on_record_as_none(newest: Driver, method: str, path: str) -> None:
    newest(method, path)

    assert newest.fake.requests[-1].operation is None
