"""The fake ZenML Pro: logins and tokens, a person's own invitations, and answers in FastAPI's forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import httpx
import pytest

from invite_sdk.testing import FakeZenML
from tests.testing.asking import client

NOTHING = {"detail": "There is no pending invitation with this ID for the user."}


@pytest.fixture
def fake() -> FakeZenML:
    return FakeZenML()


@pytest.fixture
def ana(fake: FakeZenML) -> httpx.Client:
    return client(fake, "ana")


@pytest.fixture
def anyone(fake: FakeZenML) -> httpx.Client:
    return client(fake, None)


def test_the_list_is_a_bare_array_of_ones_own(fake: FakeZenML, ana: httpx.Client) -> None:
    acme, globex, _ = fake.invitations

    assert ana.get("/invitations").json() == [
        {
            "id": acme.id,
            "organization_name": "Acme",
            "organization_logo_url": "https://logos.example/acme.png",
            "organization_member_count": 1,
            "inviting_user_name": "olivia",
            "inviting_user_avatar_url": "https://avatars.example/olivia.png",
            "expiration_date": "2026-01-12T09:00:00Z",
        },
        {
            "id": globex.id,
            "organization_name": "Globex",
            "organization_logo_url": None,
            "organization_member_count": 1,
            "inviting_user_name": "olivia",
            "inviting_user_avatar_url": "https://avatars.example/olivia.png",
            "expiration_date": "2026-01-12T09:00:00Z",
        },
    ]


@pytest.mark.parametrize(("user", "rows"), [("ana", 2), ("ben", 1), ("olivia", 0), ("ci", 0)])
def test_each_sees_their_own(fake: FakeZenML, user: str, rows: int) -> None:
    assert len(client(fake, user).get("/invitations").json()) == rows


def test_an_inviter_may_have_no_avatar_and_times_no_offset() -> None:
    fake = FakeZenML(naive_dates=True)
    east = timezone(timedelta(hours=2))
    row = fake.invite(
        "BEN@example.com", organization="Globex", by="ana", expires=datetime(2026, 2, 1, 1, 30, 0, 500000, tzinfo=east)
    )
    record = client(fake, "ben").get(f"/invitations/{row.id}").json()

    assert record["inviting_user_avatar_url"] is None
    assert record["expiration_date"] == "2026-01-31T23:30:00.500000"


@pytest.mark.parametrize("word", ["true", "True", "1", "yes", "on", "t", "Y"])
def test_accepting_answers_the_organization_as_a_json_string(fake: FakeZenML, ana: httpx.Client, word: str) -> None:
    row = fake.invitations[0]

    answer = ana.post(f"/invitations/{row.id}", params={"accept": word})

    assert (answer.status_code, answer.text) == (200, f'"{row.organization}"')
    assert fake.invitations[0].state == "accepted"
    assert fake.users["ana"].id in fake.organizations[0].members
    assert fake.effects == {"accepted": 1}


@pytest.mark.parametrize("word", ["false", "0", "no", "off", "F"])
def test_declining_answers_null(fake: FakeZenML, ana: httpx.Client, word: str) -> None:
    row = fake.invitations[0]

    answer = ana.post(f"/invitations/{row.id}", params={"accept": word})

    assert (answer.status_code, answer.text) == (200, "null")
    assert fake.invitations[0].state == "declined"
    assert fake.users["ana"].id not in fake.organizations[0].members
    assert fake.effects == {"declined": 1}


@pytest.mark.parametrize("first", ["true", "false"])
def test_an_answered_one_is_gone(fake: FakeZenML, ana: httpx.Client, first: str) -> None:
    id_ = fake.invitations[0].id
    ana.post(f"/invitations/{id_}", params={"accept": first})

    again = ana.post(f"/invitations/{id_}", params={"accept": first})

    assert (again.status_code, again.json()) == (404, NOTHING)
    assert ana.get(f"/invitations/{id_}").status_code == 404
    assert id_ not in [row["id"] for row in ana.get("/invitations").json()]
    assert sum(fake.effects.values()) == 1


def test_an_invitation_ends_with_its_time(fake: FakeZenML, ana: httpx.Client) -> None:
    id_ = fake.invitations[0].id

    fake.clock.advance(days=6, hours=23)
    before = ana.get(f"/invitations/{id_}").status_code
    fake.clock.advance(hours=1)

    assert before == 200
    assert ana.get("/invitations").json() == []
    assert ana.post(f"/invitations/{id_}", params={"accept": "true"}).status_code == 404


def test_withdrawn_completed_and_foreign_ones_are_missing(fake: FakeZenML, ana: httpx.Client) -> None:
    acme, globex, bens = fake.invitations
    fake.withdraw(acme.id)
    fake.complete(globex.id)

    assert ana.get("/invitations").json() == []
    for row in (acme, globex, bens):
        assert ana.get(f"/invitations/{row.id}").json() == NOTHING
    assert fake.users["ana"].id in fake.organizations[1].members
    assert fake.effects == {"withdrawn": 1, "completed": 1}


def test_the_statuses_that_nobody_published_are_options() -> None:
    fake = FakeZenML(missing_status=409, answered_status=409, foreign_status=403, detail="pair")
    acme, globex, bens = fake.invitations
    fake.withdraw(acme.id)
    fake.complete(globex.id)
    ana = client(fake, "ana")
    answers = [ana.get(f"/invitations/{row.id}") for row in (acme, globex, bens)]

    assert [answer.status_code for answer in answers] == [409, 409, 403]
    assert [answer.json()["detail"][0] for answer in answers] == [
        "EntityExistsError",
        "EntityExistsError",
        "IllegalOperationError",
    ]


def test_a_full_plan_is_a_402_until_it_grows(fake: FakeZenML, ana: httpx.Client) -> None:
    id_ = fake.invitations[0].id
    fake.limit_seats("Acme", 1)

    full = ana.post(f"/invitations/{id_}", params={"accept": "true"})
    fake.limit_seats("Acme", 2)
    grown = ana.post(f"/invitations/{id_}", params={"accept": "true"})

    assert (full.status_code, full.json()) == (402, {"detail": "The plan allows no more members."})
    assert grown.status_code == 200
    assert fake.effects == {"accepted": 1}


def test_a_member_cannot_join_again(fake: FakeZenML) -> None:
    row = fake.invite("olivia@acme.example")
    olivia = client(fake, "olivia")
    assert olivia.post(f"/invitations/{row.id}?accept=true").status_code == 409
    assert olivia.post(f"/invitations/{row.id}?accept=false").status_code == 200


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (
            "/invitations/abc?accept=true",
            {
                "type": "uuid_parsing",
                "loc": ["path", "invitation_id"],
                "msg": "Input should be a valid UUID",
                "input": "abc",
            },
        ),
        (
            "/invitations/00000000-0000-4000-8000-000000000000",
            {"type": "missing", "loc": ["query", "accept"], "msg": "Field required", "input": None},
        ),
        (
            "/invitations/00000000-0000-4000-8000-000000000000?accept=perhaps",
            {
                "type": "bool_parsing",
                "loc": ["query", "accept"],
                "msg": "Input should be a valid boolean, unable to interpret input",
                "input": "perhaps",
            },
        ),
    ],
)
def test_a_bad_parameter_is_a_422_before_anything_is_looked_up(ana: httpx.Client, path: str, error: object) -> None:
    answer = ana.post(path)

    assert (answer.status_code, answer.json()) == (422, {"detail": [error]})


@pytest.mark.parametrize(
    ("shape", "detail"),
    [
        ("string", "accept: Field required"),
        ("pair", ["ValidationError", "accept: Field required"]),
    ],
)
def test_a_422_has_two_more_shapes(shape: str, detail: object) -> None:
    fake = FakeZenML(validation_detail=shape)  # type: ignore[arg-type]
    answer = client(fake, "ana").post(f"/invitations/{fake.invitations[0].id}")

    assert (answer.status_code, answer.json()) == (422, {"detail": detail})


@pytest.mark.parametrize(
    ("shape", "detail"),
    [
        ("string", NOTHING["detail"]),
        ("pair", ["KeyError", NOTHING["detail"]]),
        ("list", [{"type": "KeyError", "loc": [], "msg": NOTHING["detail"]}]),
    ],
)
def test_other_errors_have_three_shapes(shape: str, detail: object) -> None:
    fake = FakeZenML(detail=shape)  # type: ignore[arg-type]
    assert client(fake, "ana").get(f"/invitations/{UUID(int=0)}").json() == {"detail": detail}


def test_an_api_key_buys_a_token_that_works_for_an_hour(fake: FakeZenML, anyone: httpx.Client) -> None:
    answer = anyone.post("/auth/login", data={"password": fake.users["ana"].api_key})
    token = answer.json().pop("access_token")
    headers = {"Authorization": f"Bearer {token}"}

    assert answer.status_code == 200
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("bearer", 3600)
    fake.clock.advance(seconds=3599)
    assert len(anyone.get("/invitations", headers=headers).json()) == 2
    fake.clock.advance(seconds=1)
    expired = anyone.get("/invitations", headers=headers)
    assert (expired.status_code, expired.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert fake.effects == {"logged_in": 1}


def test_client_credentials_buy_a_token_for_their_audience() -> None:
    fake = FakeZenML(audience="https://api.example", token_lifetime=60)
    form = {
        "grant_type": "client_credentials",
        "client_id": fake.users["ana"].client_id,
        "client_secret": fake.users["ana"].client_secret,
    }
    anyone = client(fake, None)
    refused = anyone.post("/auth/login", data=form)
    answer = anyone.post("/auth/login", data={**form, "audience": "https://api.example"})
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    rows = anyone.get("/invitations", headers=headers).json()

    assert refused.status_code == 401
    assert (answer.json()["expires_in"], len(rows)) == (60, 2)


@pytest.mark.parametrize(
    ("form", "status", "field"),
    [
        ({}, 422, "password"),
        ({"password": ""}, 422, "password"),
        ({"password": "wrong"}, 401, None),
        ({"grant_type": "client_credentials"}, 422, "client_id"),
        ({"grant_type": "client_credentials", "client_id": "x"}, 422, "client_secret"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, 401, None),
    ],
)
def test_a_wrong_login_is_refused(anyone: httpx.Client, form: dict[str, str], status: int, field: str | None) -> None:
    answer = anyone.post("/auth/login", data=form)

    assert answer.status_code == status
    if field:
        assert answer.json()["detail"][0]["loc"] == ["body", field]


def test_a_login_takes_a_form_and_not_json(fake: FakeZenML, anyone: httpx.Client) -> None:
    assert anyone.post("/auth/login", json={"password": fake.users["ana"].api_key}).status_code == 422


def test_tokens_can_be_expired_at_once(fake: FakeZenML, anyone: httpx.Client) -> None:
    token = anyone.post("/auth/login", data={"password": fake.users["ana"].api_key}).json()["access_token"]
    fake.expire_tokens()

    assert anyone.get("/invitations", headers={"Authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize("header", [None, "Bearer", "Basic abc", "Bearer wrong"])
def test_without_a_token_nothing_is_told(anyone: httpx.Client, header: str | None) -> None:
    answer = anyone.get("/invitations/abc", headers={"Authorization": header} if header else {})

    assert answer.status_code == 401


def test_api_keys_may_need_a_login_first() -> None:
    assert client(FakeZenML(api_key_as_bearer=False), "ana").get("/invitations").status_code == 401


def test_throttling_lasts_as_many_requests_as_asked(fake: FakeZenML, ana: httpx.Client) -> None:
    fake.throttle(retry_after="7")
    fake.throttle(retry_after=None)

    first, second, third = (ana.get("/invitations") for _ in range(3))

    assert (first.status_code, first.headers["Retry-After"]) == (429, "7")
    assert second.status_code == 429
    assert "Retry-After" not in second.headers
    assert third.status_code == 200


@pytest.mark.parametrize("path", ["/invitations/", "/invitations/abc/", "/auth/login/"])
def test_a_slash_too_many_is_a_307(anyone: httpx.Client, path: str) -> None:
    answer = anyone.post(path, params={"accept": "true"})

    assert answer.status_code == 307
    assert answer.headers["Location"] == f"https://zenml.example{path.rstrip('/')}?accept=true"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/invitations", "GET"),
        ("HEAD", "/invitations", "GET"),
        ("DELETE", "/invitations/abc", "GET, POST"),
        ("GET", "/auth/login", "POST"),
    ],
)
def test_other_methods_are_a_405(anyone: httpx.Client, method: str, path: str, allow: str) -> None:
    answer = anyone.request(method, path)

    assert (answer.status_code, answer.headers["Allow"]) == (405, allow)


def test_other_paths_are_a_404(anyone: httpx.Client) -> None:
    assert anyone.get("/organizations").json() == {"detail": "Not Found"}


def test_every_answer_has_a_request_id(anyone: httpx.Client) -> None:
    first, second = anyone.get("/invitations"), anyone.get("/nowhere")

    assert UUID(first.headers["X-Request-ID"]) != UUID(second.headers["X-Request-ID"])
    assert anyone.get("/nowhere", headers={"X-Request-ID": "mine"}).headers["X-Request-ID"] == "mine"


def test_inviting_mails(fake: FakeZenML) -> None:
    row = fake.invite("new@example.com", organization="Globex")

    assert [(mail.to, mail.invitation_id) for mail in fake.outbox] == [("new@example.com", row.id)]
    assert fake.outbox[0].sent_at == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert fake.effects == {"created": 1, "mailed": 1}


def test_a_dump_loads_into_another_fake(fake: FakeZenML, anyone: httpx.Client) -> None:
    token = anyone.post("/auth/login", data={"password": fake.users["ana"].api_key}).json()["access_token"]
    copy = FakeZenML(empty=True)
    copy.load(fake.dump())

    assert copy.invitations == fake.invitations
    assert len(client(copy, None).get("/invitations", headers={"Authorization": f"Bearer {token}"}).json()) == 2
    copy.clock.advance(hours=1)
    assert fake.clock.now() == datetime(2026, 1, 5, 9, tzinfo=UTC)
