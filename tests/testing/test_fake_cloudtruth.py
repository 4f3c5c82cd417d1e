"""The fake CloudTruth: what its wire says, who may do what, and the options for what nobody has published."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest

from invite_sdk.testing import FakeCloudTruth
from tests.testing.asking import client

PATH = "/api/v1/invitations/"


@pytest.fixture
def fake() -> FakeCloudTruth:
    return FakeCloudTruth()


@pytest.fixture
def owner(fake: FakeCloudTruth) -> httpx.Client:
    return client(fake, "owner")


def test_create_answers_the_whole_record_and_mails(fake: FakeCloudTruth, owner: httpx.Client) -> None:
    answer = owner.post(PATH, json={"email": "nina@example.com", "role": "ADMIN"})

    assert answer.status_code == 201
    record = answer.json()
    assert str(UUID(record["id"])) == record["id"]
    root = "https://cloudtruth.example/api/v1"
    organization = fake.organizations[0].id
    assert record == {
        "url": f"{root}/invitations/{record['id']}/",
        "id": record["id"],
        "email": "nina@example.com",
        "role": "ADMIN",
        "inviter": f"{root}/users/{fake.users['owner'].id}/",
        "inviter_name": "owner",
        "state": "pending",
        "state_detail": "",
        "membership": None,
        "organization": f"{root}/organizations/{organization}/",
    }
    assert [mail.to for mail in fake.outbox] == ["nina@example.com"]
    assert fake.effects == {"created": 1, "mailed": 1}
    assert [(row.email, row.state) for row in fake.invitations] == [("nina@example.com", "pending")]


def test_an_inviter_who_logs_in_has_a_quoted_id_in_the_link(fake: FakeCloudTruth) -> None:
    record = client(fake, "olivia").post(PATH, json={"email": "nina@example.com", "role": "VIEWER"}).json()

    assert "/users/auth0%7C" in record["inviter"]
    assert record["inviter_name"] == "olivia"


def test_records_of_2021_lack_what_came_later() -> None:
    fake = FakeCloudTruth(era="2021", page_size=1)
    for name in ("b", "a"):
        fake.invite(f"{name}@example.com")
    page = client(fake, "owner").get(PATH, params={"page_size": 2, "ordering": "email"}).json()

    assert page["count"] == 2
    (record,) = page["results"]
    assert record["email"] == "b@example.com"
    assert {"inviter_name", "organization"}.isdisjoint(record)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"email": ["This field is required."], "role": ["This field is required."]}),
        ({"email": "", "role": "VIEWER"}, {"email": ["This field may not be blank."]}),
        ({"email": None, "role": "VIEWER"}, {"email": ["This field may not be null."]}),
        ({"email": "nina@example.com", "role": None}, {"role": ["This field may not be null."]}),
        ({"email": "nina", "role": "VIEWER"}, {"email": ["Enter a valid email address."]}),
        ({"email": ["a@b.example"], "role": "VIEWER"}, {"email": ["Enter a valid email address."]}),
        ({"email": "nina@example.com", "role": "viewer"}, {"role": ['"viewer" is not a valid choice.']}),
        (
            {"email": "n" * 250 + "@example.com", "role": "VIEWER"},
            {"email": ["Ensure this field has no more than 254 characters."]},
        ),
        ([1], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)
def test_create_says_which_field_is_wrong(owner: httpx.Client, body: object, errors: object) -> None:
    answer = owner.post(PATH, json=body)

    assert (answer.status_code, answer.json()) == (400, errors)


@pytest.mark.parametrize("body", [b'{"email": nina}', b'{"email": NaN}', b"\xff", b"[" * 200_000])
def test_a_body_that_is_no_json_is_a_400(owner: httpx.Client, body: bytes) -> None:
    answer = owner.post(PATH, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("JSON parse error - ")


def test_no_body_lacks_every_field(owner: httpx.Client) -> None:
    assert owner.post(PATH).json() == {"email": ["This field is required."], "role": ["This field is required."]}


def test_a_body_of_another_type_is_a_415(owner: httpx.Client) -> None:
    answer = owner.post(PATH, content=b"<a/>", headers={"Content-Type": "text/xml"})

    assert (answer.status_code, answer.json()) == (415, {"detail": 'Unsupported media type "text/xml" in request.'})


def test_forms_are_read_as_json_is(owner: httpx.Client) -> None:
    urlencoded = owner.post(PATH, data={"email": "nina@example.com", "role": "VIEWER"})
    multipart = owner.post(PATH, files={"email": (None, "ivan@example.com"), "role": (None, "ADMIN")})

    assert (urlencoded.status_code, urlencoded.json()["email"]) == (201, "nina@example.com")
    assert (multipart.status_code, multipart.json()["email"]) == (201, "ivan@example.com")


@pytest.mark.parametrize(
    ("user", "role", "status"),
    [
        ("owner", "OWNER", 201),
        ("admin", "OWNER", 403),
        ("admin", "ADMIN", 201),
        ("contrib", "ADMIN", 403),
        ("contrib", "CONTRIB", 201),
        ("viewer", "CONTRIB", 403),
        ("viewer", "VIEWER", 201),
        ("nina", "VIEWER", 403),
    ],
)
def test_nobody_gives_a_role_above_their_own(fake: FakeCloudTruth, user: str, role: str, status: int) -> None:
    assert client(fake, user).post(PATH, json={"email": "new@example.com", "role": role}).status_code == status
    assert len(fake.invitations) == (status == 201)


def test_writing_can_need_a_role() -> None:
    fake = FakeCloudTruth(least_role="ADMIN")
    row = fake.invite("nina@example.com")
    contrib = client(fake, "contrib")
    assert contrib.post(PATH, json={"email": "new@example.com", "role": "VIEWER"}).status_code == 403
    assert contrib.delete(f"{PATH}{row.id}/").status_code == 403
    assert contrib.get(f"{PATH}{row.id}/").status_code == 200


@pytest.mark.parametrize("email", ["nina@example.com", "NINA@example.com", "olivia@acme.example"])
def test_someone_invited_or_a_member_is_a_404_with_a_body(
    fake: FakeCloudTruth, owner: httpx.Client, email: str
) -> None:
    fake.invite("nina@example.com")

    answer = owner.post(PATH, json={"email": email, "role": "VIEWER"})

    assert answer.status_code == 404
    assert list(answer.json()) == ["detail"]
    assert fake.effects["created"] == 1


ALREADY = "An invitation for this email address exists already."


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        ("detail", {"detail": ALREADY}),
        ("detail-list", {"detail": [ALREADY]}),
        ("detail-objects", {"detail": [{"parameter_name": "email", "error_detail": ALREADY}]}),
        ("all", {"__all__": [ALREADY]}),
        ("array", [ALREADY]),
        ("empty", None),
    ],
)
def test_the_404_of_create_comes_in_any_shape_that_was_seen(shape: str, body: object) -> None:
    fake = FakeCloudTruth(refusal=shape)  # type: ignore[arg-type]
    fake.invite("nina@example.com")
    answer = client(fake, "owner").post(PATH, json={"email": "nina@example.com", "role": "VIEWER"})

    assert answer.status_code == 404
    assert (answer.json() if answer.content else None) == body


def test_pages_have_a_count_and_links_that_keep_the_filters(fake: FakeCloudTruth, owner: httpx.Client) -> None:
    for number in range(5):
        fake.invite(f"p{number}@example.com")
    fake.invite("q@example.com", role="ADMIN")

    first = owner.get(PATH, params={"page_size": 2, "role": "VIEWER"}).json()
    second = owner.get(first["next"]).json()
    third = owner.get(second["next"]).json()

    assert [first["count"], second["count"], third["count"]] == [5, 5, 5]
    assert first["previous"] is None
    assert first["next"] == f"https://cloudtruth.example{PATH}?page=2&page_size=2&role=VIEWER"
    assert second["previous"] == f"https://cloudtruth.example{PATH}?page_size=2&role=VIEWER"
    assert third["next"] is None
    emails = [row["email"] for page in (first, second, third) for row in page["results"]]
    assert emails == [f"p{number}@example.com" for number in range(5)]


def test_a_page_has_ten_rows_and_at_most_two_hundred(fake: FakeCloudTruth, owner: httpx.Client) -> None:
    for number in range(201):
        fake.invite(f"p{number}@example.com")

    assert len(owner.get(PATH).json()["results"]) == 10
    assert len(owner.get(PATH, params={"page_size": 1000}).json()["results"]) == 200
    assert len(owner.get(PATH, params={"page_size": "many"}).json()["results"]) == 10


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "9" * 5000])
def test_a_page_past_the_end_is_a_404(fake: FakeCloudTruth, owner: httpx.Client, page: str) -> None:
    fake.invite("nina@example.com")

    answer = owner.get(PATH, params={"page": page})

    assert (answer.status_code, answer.json()) == (404, {"detail": "Invalid page."})


def test_the_last_page_has_a_name(fake: FakeCloudTruth, owner: httpx.Client) -> None:
    for name in ("a", "b", "c"):
        fake.invite(f"{name}@example.com")

    page = owner.get(PATH, params={"page": "last", "page_size": 2}).json()

    assert [row["email"] for row in page["results"]] == ["c@example.com"]


@pytest.mark.parametrize(
    ("query", "emails"),
    [
        ({"email": "b@example.com"}, ["b@example.com"]),
        ({"email": "B@example.com"}, []),
        ({"email": "example.com"}, []),
        ({"role": "ADMIN"}, ["b@example.com"]),
        ({"state": "sent"}, ["c@example.com"]),
        ({"state": "pending"}, ["b@example.com", "a@example.com"]),
        ({"state": ""}, ["b@example.com", "a@example.com", "c@example.com"]),
        ({"unknown": "filter"}, ["b@example.com", "a@example.com", "c@example.com"]),
        ({"ordering": "email"}, ["a@example.com", "b@example.com", "c@example.com"]),
        ({"ordering": "role,-email"}, ["b@example.com", "c@example.com", "a@example.com"]),
        ({"ordering": "nonsense"}, ["b@example.com", "a@example.com", "c@example.com"]),
    ],
)
def test_filters_and_ordering(
    fake: FakeCloudTruth, owner: httpx.Client, query: dict[str, str], emails: list[str]
) -> None:
    fake.invite("b@example.com", role="ADMIN")
    fake.invite("a@example.com")
    fake.deliver(fake.invite("c@example.com").id)

    page = owner.get(PATH, params=query).json()

    assert [row["email"] for row in page["results"]] == emails
    assert page["count"] == len(emails)


def test_the_email_filter_can_ignore_case() -> None:
    fake = FakeCloudTruth(email_case_sensitive=False)
    fake.invite("nina@example.com")
    assert client(fake, "owner").get(PATH, params={"email": "NINA@EXAMPLE.COM"}).json()["count"] == 1


@pytest.mark.parametrize(("name", "value"), [("role", "BOSS"), ("state", "lost")])
def test_an_unknown_filter_value_is_a_400(owner: httpx.Client, name: str, value: str) -> None:
    answer = owner.get(PATH, params={name: value})

    assert answer.status_code == 400
    assert answer.json() == {name: [f"Select a valid choice. {value} is not one of the available choices."]}


def test_states_can_be_written_in_capitals() -> None:
    fake = FakeCloudTruth(state_case="upper")
    fake.invite("nina@example.com")
    owner = client(fake, "owner")
    assert [row["state"] for row in owner.get(PATH).json()["results"]] == ["PENDING"]
    assert owner.get(PATH, params={"state": "pending"}).json()["count"] == 1


def test_an_empty_page_can_lack_its_results() -> None:
    owner = client(FakeCloudTruth(omit_empty_results=True), "owner")
    assert owner.get(PATH).json() == {"count": 0, "next": None, "previous": None}


def test_links_can_point_to_another_host() -> None:
    fake = FakeCloudTruth(link_origin="https://elsewhere.example")
    fake.invite("a@example.com")
    fake.invite("b@example.com")
    page = client(fake, "owner").get(PATH, params={"page_size": 1}).json()

    assert page["next"] == f"https://elsewhere.example{PATH}?page=2&page_size=1"
    assert page["results"][0]["url"].startswith("https://cloudtruth.example/")


def test_another_organization_sees_and_touches_nothing(fake: FakeCloudTruth) -> None:
    row = fake.invite("nina@example.com")
    globex = client(fake, "globex")
    assert globex.get(PATH).json()["count"] == 0
    answers = [
        globex.get(f"{PATH}{row.id}/"),
        globex.patch(f"{PATH}{row.id}/", json={"role": "ADMIN"}),
        globex.delete(f"{PATH}{row.id}/"),
        globex.post(f"{PATH}{row.id}/resend/"),
    ]
    assert globex.post(PATH, json={"email": "nina@example.com", "role": "VIEWER"}).status_code == 201

    assert [(answer.status_code, answer.json()) for answer in answers] == [(404, {"detail": "Not found."})] * 4
    assert fake.invitations[0] == row


@pytest.mark.parametrize("id_", ["00000000-0000-4000-8000-000000000000", "nonsense"])
def test_an_unknown_id_is_a_404(owner: httpx.Client, id_: str) -> None:
    assert owner.get(f"{PATH}{id_}/").json() == {"detail": "Not found."}


def test_patch_changes_what_is_given_and_put_needs_both(fake: FakeCloudTruth, owner: httpx.Client) -> None:
    row = fake.invite("nina@example.com")
    url = f"{PATH}{row.id}/"

    patched = owner.patch(url, json={"role": "CONTRIB", "state": "accepted", "id": "x"})
    refused = owner.put(url, json={"role": "VIEWER"})
    put = owner.put(url, json={**patched.json(), "email": "nina2@example.com", "role": "ADMIN"})

    assert (patched.json()["role"], patched.json()["state"], patched.json()["id"]) == ("CONTRIB", "pending", row.id)
    assert (refused.status_code, refused.json()) == (400, {"email": ["This field is required."]})
    assert (put.status_code, put.json()["email"], put.json()["role"]) == (200, "nina2@example.com", "ADMIN")
    assert fake.effects["updated"] == 2
    assert fake.effects["mailed"] == 1


def test_an_update_keeps_the_rules_of_create(fake: FakeCloudTruth) -> None:
    fake.invite("ivan@example.com")
    row = fake.invite("nina@example.com")
    contrib = client(fake, "contrib")
    above = contrib.patch(f"{PATH}{row.id}/", json={"role": "OWNER"})
    taken = contrib.patch(f"{PATH}{row.id}/", json={"email": "ivan@example.com"})
    same = contrib.patch(f"{PATH}{row.id}/", json={"email": "NINA@example.com"})

    assert (above.status_code, taken.status_code, same.status_code) == (403, 404, 200)


def test_a_changed_address_is_free_again(fake: FakeCloudTruth, owner: httpx.Client) -> None:
    row = fake.invite("nina@example.com")
    owner.patch(f"{PATH}{row.id}/", json={"email": "nina2@example.com"})

    assert owner.post(PATH, json={"email": "nina@example.com", "role": "VIEWER"}).status_code == 201
    assert owner.post(PATH, json={"email": "nina2@example.com", "role": "VIEWER"}).status_code == 404


def test_delete_answers_nothing_and_frees_the_address(fake: FakeCloudTruth, owner: httpx.Client) -> None:
    row = fake.invite("nina@example.com")

    answer = owner.delete(f"{PATH}{row.id}/")

    assert (answer.status_code, answer.content) == (204, b"")
    assert owner.delete(f"{PATH}{row.id}/").status_code == 404
    assert owner.post(PATH, json={"email": "nina@example.com", "role": "VIEWER"}).status_code == 201
    assert fake.effects["deleted"] == 1


def test_mails_go_out_and_come_back(fake: FakeCloudTruth, owner: httpx.Client) -> None:
    nina, ivan = fake.invite("nina@example.com"), fake.invite("ivan@example.com")

    assert fake.deliver() == 2
    fake.bounce(ivan.id, "mailbox full")

    assert fake.deliver() == 0
    states = [(row["state"], row["state_detail"]) for row in owner.get(PATH).json()["results"]]
    assert states == [("sent", ""), ("bounced", "mailbox full")]
    assert nina.state == "pending"


def test_resend_queues_the_mail_again(fake: FakeCloudTruth, owner: httpx.Client) -> None:
    row = fake.invite("nina@example.com")
    fake.bounce(row.id, "mailbox full")

    record = owner.post(f"{PATH}{row.id}/resend/").json()

    assert (record["id"], record["state"], record["state_detail"]) == (row.id, "pending", "")
    assert fake.effects == {"created": 1, "mailed": 2, "resent": 1}


def test_the_invitee_accepts_once(fake: FakeCloudTruth, owner: httpx.Client) -> None:
    row = fake.invite("Nina@example.com", role="ADMIN")
    nina = client(fake, "nina")
    accepted = nina.post(f"{PATH}{row.id}/accept/")
    again = nina.post(f"{PATH}{row.id}/accept/")

    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
    membership = fake.memberships[-1]
    assert (membership.account, membership.role) == (fake.users["nina"].id, "ADMIN")
    assert accepted.json()["membership"] == f"https://cloudtruth.example/api/v1/memberships/{membership.id}/"
    assert (again.status_code, again.json()) == (404, {"detail": "Not found."})
    assert owner.post(f"{PATH}{row.id}/resend/").status_code == 404
    assert fake.effects == {"created": 1, "mailed": 1, "accepted": 1}


@pytest.mark.parametrize("user", ["ivan", "owner", None])
def test_nobody_else_accepts(fake: FakeCloudTruth, user: str | None) -> None:
    row = fake.invite("nina@example.com")
    caller = client(fake, user)
    assert caller.post(f"{PATH}{row.id}/accept/").status_code == 403
    assert caller.post(f"{PATH}nonsense/accept/").status_code == 404
    assert fake.invitations[0].state == "pending"


def test_a_member_needs_a_jwt_for_the_organization(fake: FakeCloudTruth) -> None:
    row = fake.invite("nina@example.com", role="ADMIN")
    nina = client(fake, "nina")
    nina.post(f"{PATH}{row.id}/accept/")
    before = nina.get(PATH).json()["count"]
    fake.mint_jwt("nina", "Acme")
    after = client(fake, "nina").get(PATH).json()["count"]

    assert (before, after) == (0, 1)


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (None, "Authentication credentials were not provided."),
        ("Token abc", "Authentication credentials were not provided."),
        ("Api-Key wrong", "Invalid API key."),
        ("Bearer wrong", "Invalid token."),
    ],
)
def test_wrong_credentials_are_a_401(fake: FakeCloudTruth, header: str | None, text: str) -> None:
    answer = client(fake, None).get(PATH, headers={"Authorization": header} if header else {})

    assert (answer.status_code, answer.json()) == (401, {"detail": text})
    assert "WWW-Authenticate" in answer.headers


def test_a_missing_slash_is_a_redirect_that_keeps_the_query(owner: httpx.Client) -> None:
    answer = owner.get(f"{PATH.rstrip('/')}?page=1")

    assert (answer.status_code, answer.headers["Location"]) == (301, f"{PATH}?page=1")


@pytest.mark.parametrize("path", ["/", "/api/v1/", "//api/v1/invitations/", "//x/api/v1/invitations/"])
def test_other_paths_are_html(owner: httpx.Client, path: str) -> None:
    answer = owner.get(f"https://cloudtruth.example{path}")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", PATH, "GET, POST, HEAD, OPTIONS"),
        ("POST", f"{PATH}x/", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("GET", f"{PATH}x/accept/", "POST, OPTIONS"),
        ("DELETE", f"{PATH}x/resend/", "POST, OPTIONS"),
    ],
)
def test_other_methods_are_a_405(owner: httpx.Client, method: str, path: str, allow: str) -> None:
    answer = owner.request(method, path)

    assert (answer.status_code, answer.headers["Allow"]) == (405, allow)
    assert answer.json() == {"detail": f'Method "{method}" not allowed.'}


def test_head_and_options_answer(fake: FakeCloudTruth, owner: httpx.Client) -> None:
    assert (owner.head(PATH).status_code, owner.head(PATH).content) == (200, b"")
    assert "application/json" in owner.options(PATH).json()["parses"]
    assert fake.requests[0].operation == "invitations_list"


def test_only_json_is_spoken(owner: httpx.Client) -> None:
    assert owner.get(PATH, headers={"Accept": "text/html"}).status_code == 406
    assert owner.get(PATH, headers={"Accept": "text/html, application/json;q=0.5"}).status_code == 200


def test_a_dump_loads_into_another_fake(fake: FakeCloudTruth, owner: httpx.Client) -> None:
    fake.clock.advance(days=2)
    row = fake.invite("nina@example.com")
    copy = FakeCloudTruth(empty=True, seed=5)
    copy.load(fake.dump())

    assert copy.invitations == [row]
    assert copy.outbox == fake.outbox
    assert copy.effects == {"created": 1, "mailed": 1}
    assert copy.new_uuid() == fake.new_uuid()
    other = client(copy, "owner")
    assert other.get(PATH).json() == owner.get(PATH).json()
    assert other.post(PATH, json={"email": "nina@example.com", "role": "VIEWER"}).status_code == 404
