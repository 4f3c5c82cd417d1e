"""The fake Enhance panel: who may invite, the forms of its answers, and the ways to accept."""

from __future__ import annotations

from functools import partial

import httpx
import pytest

from invite_sdk.testing import FakeEnhance
from tests.testing import asking

NEW = {"email": "nina@example.com", "name": "Nina", "roles": ["SiteAccess"]}


client = partial(asking.client, root="/api")


def invites(fake: FakeEnhance, org: str = "Acme") -> str:
    return f"/orgs/{fake.org_id(org)}/invites"


@pytest.fixture
def fake() -> FakeEnhance:
    return FakeEnhance()


@pytest.fixture
def acme(fake: FakeEnhance) -> httpx.Client:
    return client(fake, "acme")


@pytest.fixture
def anyone(fake: FakeEnhance) -> httpx.Client:
    return client(fake, None)


def test_create_answers_the_link_as_a_json_string(fake: FakeEnhance, acme: httpx.Client) -> None:
    answer = acme.post(invites(fake), json={**NEW, "email": "nina+1@example.com"})

    (row,) = fake.invitations
    link = f"http://enhance.example/invites/{row.id}?email=nina+1@example.com"
    assert (answer.status_code, answer.json()) == (201, link)
    assert [(mail.to, mail.link) for mail in fake.outbox] == [("nina+1@example.com", link)]
    assert fake.effects == {"created": 1, "mailed": 1}
    assert [(login.email, login.password) for login in fake.logins][-1] == ("nina+1@example.com", None)
    assert not fake.members[-1].active


@pytest.mark.parametrize(
    ("answer", "media_type", "body"),
    [
        ("key", "application/json", '"{key}"'),
        ("text", "text/plain; charset=utf-8", "http://enhance.example/invites/{key}?email=nina@example.com"),
        ("empty", None, ""),
    ],
)
def test_other_panels_answer_otherwise(answer: str, media_type: str | None, body: str) -> None:
    fake = FakeEnhance(answer=answer)  # type: ignore[arg-type]
    got = client(fake, "acme").post(invites(fake), json=NEW)

    assert (got.status_code, got.text) == (201, body.format(key=fake.invitations[0].id))
    assert got.headers.get("Content-Type") == media_type


def test_a_reseller_has_its_own_panel_and_addresses_can_be_escaped() -> None:
    fake = FakeEnhance(panel="panel.example:2087", escape_email=True)
    fake.add_org("Bistro", parent="Acme")
    fake.add_org("Initech", parent="Hosting", panel="my.initech.example")
    fake.add_org("Deli", parent="Initech")

    links = [fake.link(fake.invite("a+b@example.com", org=org)) for org in ("Bistro", "Deli")]

    assert links[0].startswith("http://panel.example:2087/invites/")
    assert links[1].startswith("http://my.initech.example/invites/")
    assert links[1].endswith("?email=a%2Bb%40example.com")


def test_send_email_false_mails_nobody(fake: FakeEnhance, acme: httpx.Client) -> None:
    answer = acme.post(
        invites(fake),
        json={
            **NEW,
            "sendEmail": False,
            "siteAccesses": ["s1"],
            "notifications": ["all"],
            "roles": ["Owner", "Support"],
        },
    )

    assert answer.status_code == 201
    (row,) = fake.invitations
    assert (row.send_email, row.site_accesses, row.notifications) == (False, ("s1",), ("all",))
    assert row.roles == ("Owner", "Support")
    assert fake.outbox == []


@pytest.mark.parametrize(
    ("user", "org", "status"),
    [
        ("acme", "Acme", 201),
        ("acme", "Bakery", 201),
        ("master", "Bakery", 201),
        ("olivia", "Bakery", 201),
        ("acme", "Hosting", 403),
        ("acme", "Globex", 403),
        ("bakery", "Acme", 403),
        ("support", "Acme", 403),
        ("ivan", "Globex", 403),
        ("ivan", "Acme", 403),
        (None, "Acme", 401),
    ],
)
def test_a_super_admin_invites_here_and_below(fake: FakeEnhance, user: str | None, org: str, status: int) -> None:
    assert client(fake, user).post(invites(fake, org), json=NEW).status_code == status
    assert fake.effects.get("created", 0) == (status == 201)


@pytest.mark.parametrize(
    "change",
    [
        {"email": "nina"},
        {"email": None},
        {"email": 5},
        {"name": ""},
        {"roles": []},
        {"roles": ["Boss"]},
        {"roles": "Owner"},
        {"roles": [1]},
        {"sendEmail": "no"},
        {"siteAccesses": [None]},
        {"notifications": {}},
    ],
)
def test_a_bad_field_is_a_400_that_names_it(fake: FakeEnhance, acme: httpx.Client, change: dict[str, object]) -> None:
    answer = acme.post(invites(fake), json={**NEW, **change})

    assert answer.status_code == 400
    assert answer.json() == {"code": "invalid_input", "detail": next(iter(change))}
    assert fake.invitations == []


@pytest.mark.parametrize(
    ("body", "media_type"),
    [(b"{", "application/json"), (b"[]", "application/json"), (b"", "application/json"), (b"{}", "text/plain")],
)
def test_a_body_that_is_no_json_object_is_a_400(
    fake: FakeEnhance, acme: httpx.Client, body: bytes, media_type: str
) -> None:
    answer = acme.post(invites(fake), content=body, headers={"Content-Type": media_type})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_an_unknown_organization_is_a_404(acme: httpx.Client) -> None:
    for org in ("00000000-0000-4000-8000-000000000000", "acme"):
        answer = acme.post(f"/orgs/{org}/invites", json=NEW)
        assert (answer.status_code, answer.json()) == (404, {"code": "not_found", "detail": "org"})


@pytest.mark.parametrize("status", [400, 409])
def test_a_member_cannot_be_invited(status: int) -> None:
    fake = FakeEnhance(member_status=status)  # type: ignore[arg-type]
    acme = client(fake, "acme")
    answer = acme.post(invites(fake), json={**NEW, "email": "Olivia@acme.example"})

    assert (answer.status_code, answer.json()) == (status, {"code": "already_exists", "detail": "member"})


@pytest.mark.parametrize(
    ("bodies", "forbidden", "missing"),
    [
        ("full", {"code": "forbidden", "detail": "role"}, {"code": "not_found", "detail": "org"}),
        ("empty", None, {"code": "not_found", "detail": "org"}),
        ("none", None, None),
    ],
)
def test_errors_may_have_no_body(bodies: str, forbidden: object, missing: object) -> None:
    fake = FakeEnhance(error_bodies=bodies)  # type: ignore[arg-type]
    support = client(fake, "support")
    first, second = support.post(invites(fake), json=NEW), support.post("/orgs/x/invites", json=NEW)

    assert (first.status_code, second.status_code) == (403, 404)
    assert [answer.json() if answer.content else None for answer in (first, second)] == [forbidden, missing]


@pytest.mark.parametrize("header", [{"Authorization": "Bearer wrong"}, {"Cookie": "id0=wrong"}])
def test_wrong_credentials_are_a_401(fake: FakeEnhance, anyone: httpx.Client, header: dict[str, str]) -> None:
    assert anyone.post(invites(fake), json=NEW, headers=header).status_code == 401


@pytest.mark.parametrize("kills", [True, False])
def test_inviting_again_mails_a_new_key(kills: bool) -> None:
    fake = FakeEnhance(reissue_kills_old_key=kills)
    acme = client(fake, "acme")
    first, second = (acme.post(invites(fake), json=NEW).json() for _ in range(2))
    old, new = fake.invitations

    assert first != second
    assert fake.effects == {"created": 1, "resent": 1, "mailed": 2}
    assert len({row.member for row in fake.invitations}) == 1
    anyone = client(fake, None)
    valid = [anyone.post(f"/invites/{row.id}/validate").json()["isValid"] for row in (old, new)]
    assert valid == [not kills, True]


def test_validate_tells_the_organization_and_one_role_as_it_is(fake: FakeEnhance, anyone: httpx.Client) -> None:
    # Newer panels may have roles that this one does not know.
    row = fake.invite("nina@example.com", roles=("Webmaster", "SiteAccess"))

    answer = anyone.post(f"/invites/{row.id}/validate")

    assert answer.json() == {
        "isValid": True,
        "loginId": row.login,
        "orgId": fake.org_id("Acme"),
        "orgName": "Acme",
        "role": "Webmaster",
    }


def test_an_invalid_invite_says_only_that(fake: FakeEnhance, anyone: httpx.Client) -> None:
    row = fake.invite("nina@example.com")
    fake.withdraw(row.id)
    fake.withdraw(row.id)

    for key in (row.id, "nonsense"):
        answer = anyone.post(f"/invites/{key}/validate")
        assert (answer.status_code, answer.json()) == (200, {"isValid": False})


def test_absent_fields_can_be_null() -> None:
    anyone = client(FakeEnhance(validate_nulls=True), None)
    nulls = dict.fromkeys(("loginId", "orgId", "orgName", "role"))
    assert anyone.post("/invites/nonsense/validate").json() == {"isValid": False, **nulls}


def test_a_new_user_sets_a_password_and_gets_a_session(fake: FakeEnhance, anyone: httpx.Client) -> None:
    row = fake.invite("nina@example.com")

    answer = anyone.post(
        f"/invites/{row.id}", json={"email": "Nina@example.com", "password": "secret", "locale": "en-GB"}
    )

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Set-Cookie"].startswith("id0=")
    assert (fake.logins[-1].password, fake.members[-1].active) == ("secret", True)
    assert anyone.post(f"/invites/{row.id}/validate").json() == {"isValid": False}
    assert anyone.post(f"/invites/{row.id}").json() == {"code": "not_found", "detail": "invite"}
    assert fake.effects == {"created": 1, "mailed": 1, "accepted": 1}


def test_the_new_session_works(fake: FakeEnhance, anyone: httpx.Client) -> None:
    row = fake.invite("nina@example.com", roles=("Owner",))
    cookie = anyone.post(f"/invites/{row.id}", json={"email": "nina@example.com", "password": "secret"}).cookies["id0"]
    anyone.cookies.clear()

    answer = anyone.post(invites(fake), json={**NEW, "email": "new@example.com"}, headers={"Cookie": f"id0={cookie}"})

    assert answer.status_code == 201


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_known_user_proves_the_password(status: int) -> None:
    fake = FakeEnhance(wrong_password_status=status)  # type: ignore[arg-type]
    row = fake.invite("ivan@example.com")
    anyone = client(fake, None)
    url = f"/invites/{row.id}"
    wrong = anyone.post(url, json={"email": "ivan@example.com", "password": "wrong"})
    other = anyone.post(url, json={"email": "nina@example.com", "password": "correct horse"})
    right = anyone.post(url, json={"email": "ivan@example.com", "password": "correct horse"})

    assert [answer.status_code for answer in (wrong, other, right)] == [status, status, 200]
    assert "Set-Cookie" in right.headers
    assert fake.effects["accepted"] == 1


def test_the_invitees_session_needs_no_body_and_gets_no_cookie(fake: FakeEnhance) -> None:
    row = fake.invite("ivan@example.com")
    answer = client(fake, "ivan").post(f"/invites/{row.id}", headers={"Content-Type": "application/json"})

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert fake.invitations[0].state == "accepted"


@pytest.mark.parametrize("user", ["olivia", "master", "acme"])
def test_the_session_or_token_of_another_is_refused(fake: FakeEnhance, user: str) -> None:
    row = fake.invite("ivan@example.com")
    caller = client(fake, user)
    answer = caller.post(f"/invites/{row.id}", json={"email": "ivan@example.com", "password": "correct horse"})

    assert answer.status_code == 403
    assert fake.invitations[0].state == "pending"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (None, "body"),
        ({}, "email"),
        ({"email": "nina@example.com"}, "password"),
        ({"email": "nina@example.com", "password": "x", "locale": "?"}, "locale"),
    ],
)
def test_accepting_without_a_session_needs_a_whole_body(
    fake: FakeEnhance, anyone: httpx.Client, body: object, detail: str
) -> None:
    row = fake.invite("nina@example.com")

    answer = anyone.post(f"/invites/{row.id}", json=body) if body is not None else anyone.post(f"/invites/{row.id}")

    assert (answer.status_code, answer.json()) == (400, {"code": "invalid_input", "detail": detail})
    assert fake.invitations[0].state == "pending"


def test_someone_withdrawn_can_be_invited_again(fake: FakeEnhance, acme: httpx.Client) -> None:
    fake.withdraw(fake.invite("nina@example.com").id)

    assert acme.post(invites(fake), json=NEW).status_code == 201
    assert fake.effects == {"created": 2, "mailed": 2, "withdrawn": 1}


@pytest.mark.parametrize("path", ["/orgs/x/invites", "/invites/x", "/invites/x/validate"])
def test_only_post_is_known(anyone: httpx.Client, path: str) -> None:
    answer = anyone.get(path)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_without_api_in_the_path_the_panel_itself_answers(fake: FakeEnhance, anyone: httpx.Client) -> None:
    page = anyone.get(f"https://enhance.example/orgs/{fake.org_id('Acme')}")
    wrong = anyone.post(f"https://enhance.example{invites(fake)}", json=NEW)

    assert (page.status_code, wrong.status_code) == (200, 405)
    assert page.headers["Content-Type"].startswith("text/html")
    assert anyone.get("https://enhance.example/api/nowhere").status_code == 404


def test_a_cookie_header_that_is_none_is_no_session(fake: FakeEnhance, anyone: httpx.Client) -> None:
    for cookie in ("theme=dark", 'a b="', "id0"):
        assert anyone.post(invites(fake), json=NEW, headers={"Cookie": cookie}).status_code == 401


def test_the_world_can_be_shaped(fake: FakeEnhance) -> None:
    fake.add_login("zoe", "zoe@example.com", password="secret")
    row = fake.invite("zoe@example.com")
    zoe = client(fake, "zoe")
    assert zoe.post(f"/invites/{row.id}").status_code == 200
    assert zoe.post(invites(fake), json=NEW).status_code == 403
    assert [org.name for org in fake.orgs] == ["Hosting", "Acme", "Bakery", "Globex"]


def test_a_dump_loads_into_another_fake(fake: FakeEnhance) -> None:
    row = fake.invite("nina@example.com")
    copy = FakeEnhance(empty=True)
    copy.load(fake.dump())

    acme = client(copy, "acme")
    assert acme.post(invites(copy), json=NEW).status_code == 201
    assert acme.post(invites(copy), json={**NEW, "email": "olivia@acme.example"}).status_code == 409
    assert [one.state for one in copy.invitations] == ["replaced", "pending"]
    assert fake.invitations == [row]
