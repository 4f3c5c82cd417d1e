"""Faults: which request meets which, what each does to an answer, and what is on record."""

from __future__ import annotations

import gzip
import json
import pickle
from datetime import UTC, datetime

import pytest
import yaml

from invite_sdk.testing import (
    FakeCloudTruth,
    FakeEnhance,
    FakeRequest,
    FakeResponse,
    FakeService,
    FakeWaldur,
    FakeZenML,
    Fault,
    Plan,
    every_fault,
)
from invite_sdk.testing.faults.kinds import KINDS
from invite_sdk.testing.faults.operations import ROUTES, operation_of
from tests.specified import DOCUMENTS
from tests.testing.asking import FAKES, asked, sign_in

LIST, ONE = "/api/v1/invitations/", "/api/v1/invitations/8b0b8d6e-0d5c-4a4f-9d0a-111111111111/"


@pytest.fixture
def fake() -> FakeCloudTruth:
    return FakeCloudTruth()


def ask(fake: FakeService, target: str = LIST, method: str = "GET", user: str = "", body: object = None) -> int:
    """The status of an answer; 0 where the connection broke."""
    reply = fake.reply(asked(method, target, *([sign_in(fake, user)] if user else []), body=body))
    return 0 if reply.response is None or reply.wire.lost else reply.response.status


def invite(fake: FakeCloudTruth, email: str) -> int:
    return ask(fake, LIST, "POST", "owner", {"email": email, "role": "VIEWER"})


# Planning


def test_a_fault_meets_the_next_request_and_no_other(fake: FakeCloudTruth) -> None:
    fake.faults.plan(Fault.status(520))

    assert [ask(fake) for _ in range(3)] == [520, 401, 401]


def test_faults_for_the_same_requests_wait_for_each_other(fake: FakeCloudTruth) -> None:
    fake.faults.plan(Fault.status(500), times=2)
    fake.faults.plan(Fault.status(503))

    assert [ask(fake) for _ in range(4)] == [500, 500, 503, 401]


@pytest.mark.parametrize(
    ("nth", "times", "statuses"),
    [
        (2, 1, [401, 520, 401, 401, 401, 401]),
        (2, 3, [401, 520, 520, 520, 401, 401]),
        ((1, 4), 1, [520, 401, 401, 520, 401, 401]),
        ((1, 4), 2, [520, 520, 401, 520, 520, 401]),
        (5, None, [401, 401, 401, 401, 520, 520]),
        (None, None, [520, 520, 520, 520, 520, 520]),
    ],
)
def test_requests_are_counted_from_the_planning_on(
    fake: FakeCloudTruth, nth: int | tuple[int, ...] | None, times: int | None, statuses: list[int]
) -> None:
    ask(fake)
    plan = fake.faults.plan(Fault.status(520), nth=nth, times=times)

    assert [ask(fake) for _ in range(6)] == statuses
    assert (plan.seen, plan.met) == (6, statuses.count(520))
    assert fake.faults.unused == ()


def test_only_requests_of_the_operation_count(fake: FakeCloudTruth) -> None:
    fake.faults.plan(Fault.status(520), on="invitations_retrieve", nth=2)
    fake.faults.plan(Fault.status(503), on={"invitations_destroy", "invitations_resend_create"})

    assert [ask(fake, path) for path in (ONE, LIST, ONE, ONE)] == [401, 401, 520, 401]
    assert [ask(fake, LIST, "POST"), ask(fake, f"{ONE}resend/", "POST"), ask(fake, ONE, "DELETE")] == [401, 503, 401]


def test_only_requests_that_fit_count(fake: FakeCloudTruth) -> None:
    fake.faults.plan(Fault.status(520), when=lambda request: request.param("page") == "2", nth=2)

    assert [ask(fake, f"{LIST}?page={page}") for page in (2, 1, 2, 2)] == [401, 401, 520, 401]


def test_requests_of_no_operation_meet_faults_that_are_for_any(fake: FakeCloudTruth) -> None:
    fake.faults.plan(Fault.status(520))

    assert [ask(fake, "/nowhere"), ask(fake, "/nowhere")] == [520, 404]
    assert fake.faults.injected[0].operation is None


def test_a_request_meets_the_earliest_planned_of_its_faults(fake: FakeCloudTruth) -> None:
    fake.faults.plan(Fault.status(500), nth=2)
    late = fake.faults.plan(Fault.status(503), nth=2)

    assert [ask(fake) for _ in range(3)] == [401, 500, 401]
    assert fake.faults.unused == (late,)


def test_what_was_not_met_is_told(fake: FakeCloudTruth) -> None:
    once = fake.faults.plan(Fault.drop_reply(), on="invitations_create")
    twice = fake.faults.plan(Fault.status(520), on="invitations_list", times=2)
    always = fake.faults.plan(Fault.html(), on="invitations_update", times=None)
    far = fake.faults.plan(Fault.empty_body(), on="invitations_retrieve", nth=(1, 7))
    ask(fake)
    ask(fake, ONE)

    assert fake.faults.planned == fake.faults.unused == (once, twice, always, far)
    assert [plan.left for plan in fake.faults.unused] == [1, 1, float("inf"), 1]
    assert [str(plan) for plan in fake.faults.unused] == [
        "drop_reply() on invitations_create",
        "status(status=520) on invitations_list, 2 times",
        "html(status=502) on invitations_update, every time",
        "empty_body() on invitations_retrieve, request 1 and 7",
    ]
    assert str(Plan(Fault.expired_token())) == "expired_token() on any operation"


def test_plans_can_be_forgotten(fake: FakeCloudTruth) -> None:
    fake.faults.plan(Fault.status(520), times=2)
    fake.faults.random(seed=1, rate=1, faults=[Fault.status(503)])
    ask(fake)
    fake.faults.clear()

    assert ask(fake) == 401
    assert (fake.faults.planned, fake.faults.injected) == ((), ())


@pytest.mark.parametrize(
    ("service", "name", "says"),
    [
        (
            FakeCloudTruth,
            "invitation_create",
            "cloudtruth has no operation 'invitation_create'; did you mean invitations_c",
        ),
        (FakeEnhance, "zzz", "did you mean one of create_invite, accept_invite, validate_invite?"),
    ],
)
def test_an_operation_that_does_not_exist_is_refused(service: type[FakeService], name: str, says: str) -> None:
    fake = service()
    with pytest.raises(ValueError, match=says.replace("?", r"\?")):
        fake.faults.plan(Fault.html(), on=name)
    with pytest.raises(ValueError, match=says.replace("?", r"\?")):
        fake.faults.random(seed=1, rate=1, faults=[Fault.html()], on=[name])


@pytest.mark.parametrize("number", [0, -1])
def test_counting_starts_at_one(fake: FakeCloudTruth, number: int) -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        fake.faults.plan(Fault.html(), nth=(1, number))
    with pytest.raises(ValueError, match="counted from 1"):
        fake.faults.plan(Fault.html(), times=number)


# At random


def test_random_faults_follow_from_their_seed() -> None:
    def run(seed: int) -> list[int]:
        fake = FakeCloudTruth()
        fake.faults.random(seed=seed, rate=0.4, faults=[Fault.status(500), Fault.status(503), Fault.drop_reply()])
        return [ask(fake) for _ in range(200)]

    first = run(7)

    assert first == run(7)
    assert first != run(8)
    assert set(first) == {0, 401, 500, 503}
    assert 90 < first.count(401) < 150


def test_the_luck_of_one_request_does_not_depend_on_plans_or_limits() -> None:
    def run(*, planned: bool, times: int | None) -> list[int]:
        fake = FakeCloudTruth()
        fake.faults.random(seed=3, rate=0.5, faults=[Fault.status(500), Fault.status(503)], times=times)
        if planned:
            fake.faults.plan(Fault.status(520), nth=(1, 2, 3))
        return [ask(fake) for _ in range(40)]

    free, planned, limited = run(planned=False, times=None), run(planned=True, times=None), run(planned=False, times=4)

    assert planned == [520, 520, 520, *free[3:]]
    assert [status for status in limited if status != 401] == [status for status in free if status != 401][:4]


def test_random_faults_keep_to_their_requests(fake: FakeCloudTruth) -> None:
    fake.faults.random(seed=1, rate=1, faults=[Fault.status(520)], on="invitations_retrieve")
    fake.faults.random(seed=1, rate=1, faults=[Fault.status(503)], when=lambda request: request.method == "PUT")

    assert [ask(fake, ONE), ask(fake), ask(fake, ONE, "PUT")] == [520, 401, 503]
    assert fake.faults.unused == ()


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_a_rate_is_a_share(fake: FakeCloudTruth, rate: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        fake.faults.random(seed=1, rate=rate, faults=[Fault.html()])
    with pytest.raises(ValueError, match="needs faults"):
        fake.faults.random(seed=1, rate=0.5, faults=[])


# On record


def test_a_lost_reply_is_on_record_with_its_effect(fake: FakeCloudTruth) -> None:
    fake.faults.plan(Fault.drop_reply(), on="invitations_create")

    assert invite(fake, "nina@example.com") == 0
    assert fake.effects == {"created": 1, "mailed": 1}
    (exchange,) = fake.requests
    assert (exchange.operation, exchange.response.status) == ("invitations_create", 201)
    assert exchange.fault == Fault.drop_reply()
    (injected,) = fake.faults.injected
    assert (injected.fault, injected.exchange, injected.visible) == (Fault.drop_reply(), exchange, True)


def test_a_lost_request_never_arrived(fake: FakeCloudTruth) -> None:
    fake.faults.plan(Fault.drop_request())

    assert invite(fake, "nina@example.com") == 0
    assert (fake.effects, fake.requests) == ({}, [])
    (injected,) = fake.faults.injected
    assert (injected.operation, injected.exchange, injected.request.method) == ("invitations_create", None, "POST")


def test_requests_that_go_well_have_no_fault(fake: FakeCloudTruth) -> None:
    ask(fake)
    fake.faults.plan(Fault.status(520), nth=2)
    ask(fake)

    assert [exchange.fault for exchange in fake.requests] == [None, None]
    assert fake.faults.injected == ()


@pytest.mark.parametrize(
    "fault",
    [
        Fault.empty_body(),
        Fault.truncated_body(),
        Fault.slow_body(1),
        Fault.missing_field("results"),
        Fault.null_field("email"),
        Fault.unknown_enum(),
        Fault.dripped_body(),
        Fault.oversized_body(9, chunked=True),
    ],
    ids=str,
)
def test_a_fault_that_cannot_show_says_so(fake: FakeCloudTruth, fault: Fault) -> None:
    fake.faults.plan(fault, on="invitations_list")
    ask(fake, LIST, "HEAD")

    assert [injected.visible for injected in fake.faults.injected] == [False]
    assert fake.faults.unused == ()


def test_the_service_itself_answers_without_faults(fake: FakeCloudTruth) -> None:
    fake.faults.plan(Fault.status(520))

    assert fake.handle(FakeRequest("GET", LIST)).status == 401
    assert len(fake.faults.unused) == 1


# What faults do to answers


def answer_of(fake: FakeService, fault: Fault, target: str, user: str, method: str = "GET") -> FakeResponse:
    fake.faults.plan(fault)
    response = fake.reply(FakeRequest(method, target, (sign_in(fake, user),))).response
    assert response is not None
    return response


def page_of(fault: Fault, *emails: str) -> object:
    """CloudTruth's list of invitations, as a fault left it."""
    fake = FakeCloudTruth(page_size=2)
    for email in emails:
        fake.invite(email)
    return json.loads(answer_of(fake, fault, LIST, "owner").body)


def rows_of(fault: Fault) -> list[dict[str, object]]:
    page = page_of(fault, "a@example.com", "b@example.com")
    assert isinstance(page, dict)
    rows: list[dict[str, object]] = page["results"]
    return rows


def test_fields_of_the_first_row_or_every_row_change() -> None:
    unknown = [row["state"] for row in rows_of(Fault.unknown_enum())]
    every = [(row["role"], row["state"]) for row in rows_of(Fault.unknown_enum("role", value="GURU", every=True))]

    assert unknown == ["brand_new", "pending"]
    assert every == [("GURU", "pending")] * 2
    assert ["role" in row for row in rows_of(Fault.missing_field("role"))] == [False, True]
    assert ["role" in row for row in rows_of(Fault.missing_field("role", every=True))] == [False, False]
    assert [row["email"] for row in rows_of(Fault.null_field("email"))] == [None, "b@example.com"]
    assert [row["email"] for row in rows_of(Fault.null_field("email", every=True))] == [None, None]
    assert ["shoe_size" in row for row in rows_of(Fault.null_field("shoe_size"))] == [False, False]


def test_a_field_of_the_page_changes_rather_than_one_of_its_rows() -> None:
    missing, null = page_of(Fault.missing_field("count"), "a@example.com"), page_of(Fault.null_field("results"))

    assert isinstance(missing, dict)
    assert sorted(missing) == ["next", "previous", "results"]
    assert null == {"count": 0, "next": None, "previous": None, "results": None}


def test_rows_of_plain_lists_and_single_objects_change_too() -> None:
    zenml = FakeZenML()
    listed = json.loads(answer_of(zenml, Fault.missing_field("id"), "/invitations", "ana").body)
    enhance = FakeEnhance()
    checked = answer_of(enhance, Fault.null_field("isValid"), "/api/invites/x/validate", "master", "POST")

    assert ["id" in row for row in listed] == [False, True]
    assert checked.body == b'{"isValid":null}'


def test_lists_of_enums_stay_lists() -> None:
    from invite_sdk.testing.faults.bodies import with_unknown_enum

    answer = with_unknown_enum("roles", "Guru", False, FakeResponse.json(200, {"roles": ["Owner"]}))

    assert answer.body == b'{"roles":["Guru"]}'


def test_a_next_link_leads_elsewhere_in_the_body() -> None:
    followed = page_of(Fault.next_link("http://evil.example/"), "a@example.com", "b@example.com", "c@example.com")
    invented = page_of(Fault.next_link("http://evil.example"))

    assert isinstance(followed, dict)
    assert isinstance(invented, dict)
    assert followed["next"] == "http://evil.example/api/v1/invitations/?page=2"
    assert invented["next"] == "http://evil.example/api/v1/invitations/"


def test_a_next_link_leads_elsewhere_in_the_header() -> None:
    waldur = FakeWaldur()
    for number in range(3):
        waldur.invite(f"p{number}@example.com", scope="acme", role="CUSTOMER.OWNER")
    fault = Fault.next_link("https://evil.example")
    followed = answer_of(waldur, fault, "/api/user-invitations/?page_size=2", "staff")
    invented = answer_of(waldur, fault, "/api/user-invitations/", "staff")
    bare = answer_of(FakeZenML(), fault, "/invitations?x=1", "ana")

    links = [[value for name, value in answer.headers if name == "Link"] for answer in (followed, invented, bare)]
    assert ', <https://evil.example/api/user-invitations/?page=2&page_size=2>; rel="next", ' in links[0][0]
    assert links[1][0].endswith(', <https://evil.example/api/user-invitations/>; rel="next"')
    assert links[2] == ['<https://evil.example/invitations?x=1>; rel="next"']


@pytest.mark.parametrize(
    ("body", "broken"),
    [(b'{"id":"abc"}', b'{"id":'), (b'"abcd"', b'"ab'), (b"1234", b"12{"), (b"", b"{"), (b"null", b"nu")],
)
def test_invalid_json_is_never_valid_by_chance(body: bytes, broken: bytes) -> None:
    from invite_sdk.testing.faults.bodies import as_invalid_json

    assert as_invalid_json(FakeResponse(200, (), body)).body == broken


def test_an_answer_without_a_body_gets_one_to_spoil(fake: FakeCloudTruth) -> None:
    row = fake.invite("nina@example.com")
    answer = answer_of(fake, Fault.invalid_json(), f"{LIST}{row.id}/", "owner", "DELETE")

    assert (answer.status, answer.body) == (200, b"{")


def test_a_bomb_unpacks_to_the_same_value(fake: FakeCloudTruth) -> None:
    answer = answer_of(fake, Fault.compressed_bomb(2_500_000), LIST, "owner")
    unpacked = gzip.decompress(answer.body)

    assert (len(unpacked), len(answer.body) < 6_000) == (2_500_000, True)
    assert json.loads(unpacked)["count"] == 0


@pytest.mark.parametrize(
    ("build", "target", "method", "says"),
    [
        (FakeWaldur, "/api/user-invitations/", "GET", b'{"detail":"Invalid token."}'),
        (FakeCloudTruth, LIST, "GET", b'{"detail":"Invalid API key."}'),
        (FakeZenML, "/invitations", "GET", b'{"detail":"The token is not valid or has expired."}'),
        (FakeEnhance, "/api/orgs/x/invites", "POST", b'{"code":"unauthorized","detail":"token"}'),
        (FakeEnhance, "/api/invites/x/validate", "POST", b'{"detail":"The token has expired."}'),
    ],
)
def test_an_expired_token_is_refused_in_the_words_of_the_service(
    build: type[FakeService], target: str, method: str, says: bytes
) -> None:
    fake = build()
    user = next(iter(fake.credentials))
    answer = answer_of(fake, Fault.expired_token(), target, user, method)

    assert (answer.status, answer.body) == (401, says)
    assert f"Authorization: {fake.requests[0].request.header('Authorization')}" == fake.credentials[user]
    assert ask(fake, target, method, user) != 401


def test_an_expired_session_is_refused_as_well() -> None:
    fake = FakeEnhance()
    fake.faults.plan(Fault.expired_token(), times=2)
    cookie = sign_in(fake, "olivia")
    replies = [
        fake.reply(FakeRequest("POST", "/api/invites/x", headers))
        for headers in ((), (cookie, ("Accept", "*/*")), (cookie,))
    ]

    assert cookie[0] == "Cookie"
    assert [reply.response.status for reply in replies if reply.response] == [401, 401, 404]
    assert b"session" in fake.requests[1].response.body


def test_a_skewed_clock_is_right_again_afterwards(fake: FakeCloudTruth) -> None:
    fake.faults.plan(Fault.clock_skew(3600))
    invite(fake, "nina@example.com")

    assert fake.outbox[0].sent_at == datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert fake.clock.now() == datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fault", "header"),
    [
        (Fault.retry_after(), "1"),
        (Fault.retry_after(datetime(2026, 1, 5, 9, 2, tzinfo=UTC)), "120"),
        (Fault.retry_after(datetime(2026, 1, 5, 8, tzinfo=UTC)), "0"),
        (
            Fault.retry_after(datetime.fromisoformat("2026-01-05T10:00:00+01:00"), form="date"),
            "Mon, 05 Jan 2026 09:00:00 GMT",
        ),
        (Fault.retry_after(3600, form="date"), "Mon, 05 Jan 2026 10:00:00 GMT"),
    ],
    ids=str,
)
def test_retry_after_counts_by_the_clock_of_the_fake(fake: FakeCloudTruth, fault: Fault, header: str) -> None:
    answer = answer_of(fake, fault, LIST, "owner")

    assert dict(answer.headers)["Retry-After"] == header


def test_a_status_can_carry_any_body(fake: FakeCloudTruth) -> None:
    answers = [
        answer_of(fake, Fault.status(500, body=body, headers={"X-Id": "7"}), LIST, "owner")
        for body in (b"\xff", "busy", {"code": 7}, ["no"])
    ]

    assert Fault.status(500, body=b"\xff").to_dict() == {"kind": "status", "status": 500, "body": "�"}
    assert [answer.body for answer in answers] == [b"\xff", b"busy", b'{"code":7}', b'["no"]']
    assert all(("X-Id", "7") in answer.headers for answer in answers)


def test_a_success_status_after_the_effect_keeps_the_body(fake: FakeCloudTruth) -> None:
    answer = answer_of(fake, Fault.status(203, headers={"Via": "proxy"}, after_effect=True), LIST, "owner")

    assert (answer.status, json.loads(answer.body)["count"]) == (203, 0)
    assert ("Via", "proxy") in answer.headers


# Faults as values


def test_faults_are_values() -> None:
    assert Fault.status(520) == Fault.status(520)
    assert Fault.status(520) != Fault.status(521)
    assert Fault.slow_body(1) != Fault.slow_headers(1)
    assert len({Fault.drop_reply(), Fault.drop_reply(), Fault.drop_request()}) == 2
    assert str(Fault.status(503, headers={"A": "b"}, after_effect=True)) == (
        "status(status=503, headers={'A': 'b'}, after_effect=True)"
    )


def test_faults_survive_pickling(fake: FakeCloudTruth) -> None:
    fake.faults.plan(pickle.loads(pickle.dumps(Fault.status(520))))
    fake.faults.plan(pickle.loads(pickle.dumps(Fault.drop_reply())))

    assert [ask(fake), ask(fake)] == [520, 0]


WITH_SETTINGS = (
    Fault.status(503, body={"a": 1}, headers={"A": "b"}, after_effect=True),
    Fault.retry_after(datetime(2026, 1, 5, 10, tzinfo=UTC), form="date", status=503),
    Fault.html(200, text="<p>", after_effect=True),
    Fault.redirect("https://evil.example", status=302),
    Fault.slow_headers(2.5),
    Fault.dripped_body(3, interval=0.5),
    Fault.truncated_body(4),
    Fault.wrong_content_type("text/csv"),
    Fault.next_link("https://evil.example"),
    Fault.unknown_enum("role", value="GURU", every=True),
)


@pytest.mark.parametrize("fault", [*every_fault(), *WITH_SETTINGS], ids=str)
def test_faults_go_through_json(fault: Fault) -> None:
    again = Fault.from_dict(json.loads(json.dumps(fault.to_dict())))

    assert again.to_dict() == fault.to_dict()
    assert (again, again.wire, again.effect) == (fault, fault.wire, fault.effect)


def test_every_kind_is_told() -> None:
    assert {fault.kind for fault in every_fault()} == set(KINDS)


def test_a_sample_of_all_faults_has_each_of_them_once() -> None:
    faults = every_fault(seconds=2, size=50, field="email")

    assert len(set(map(str, faults))) == len(faults)
    assert {Fault.slow_body(2), Fault.compressed_bomb(50), Fault.missing_field("email")} <= set(faults)


@pytest.mark.parametrize("status", [0, 100, 199, 1000])
def test_an_answer_has_a_status(status: int) -> None:
    for make in (Fault.status, Fault.html):
        with pytest.raises(ValueError, match="200 to 999"):
            make(status)
    with pytest.raises(ValueError, match="200 to 999"):
        Fault.retry_after(1, status=status)


@pytest.mark.parametrize("number", [0, -1, float("nan")])
def test_waits_and_drips_are_positive(number: float) -> None:
    for make in (Fault.slow_headers, Fault.slow_body, lambda seconds: Fault.dripped_body(1, interval=seconds)):
        with pytest.raises(ValueError, match="more than 0"):
            make(number)


def test_other_settings_without_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        Fault.truncated_body(-1)
    with pytest.raises(ValueError, match="time zone"):
        Fault.retry_after(datetime(2026, 1, 5))  # noqa: DTZ001
    with pytest.raises(ValueError, match="more than 0"):
        Fault.oversized_body(0)


# Operations


@pytest.mark.parametrize("service", DOCUMENTS)
def test_every_published_operation_is_known_by_its_path(service: str) -> None:
    document = yaml.safe_load(DOCUMENTS[service].read_text(encoding="utf-8"))
    prefix = "/api" if service == "enhance" else ""
    published = {
        (method.upper(), prefix + path): operation["operationId"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }

    for (method, path), name in published.items():
        assert (
            operation_of(ROUTES[service], FakeRequest(method, f"{path.replace('{', '').replace('}', '')}?a=b")) == name
        )
    beyond = {name for name, _, _ in ROUTES[service]} - set(published.values())
    assert beyond == ({"user_invitations_check_duplicates"} if service == "waldur" else set())


@pytest.mark.parametrize("build", FAKES)
def test_a_fake_and_its_faults_agree_on_operations(build: type[FakeService]) -> None:
    fake = build()
    for name, methods, path in ROUTES[fake.service]:
        for method in methods.split():
            fake.handle(FakeRequest(method, path.replace("*", "8b0b8d6e0d5c4a4f9d0a111111111111")))
            assert fake.requests[-1].operation == name


class Fifth(FakeService):
    """A service of one's own."""

    service = "fifth"
    routes = (("invites_list", "GET", "/invites"),)

    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        return self.operation_of(request), FakeResponse.json(200, [])


class Sixth(FakeService):
    """A service that does not tell its operations."""

    service = "sixth"

    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        return "anything", FakeResponse.json(200, [])


class Seventh(Fifth):
    """A service with users and a state."""

    keeps = ("names",)

    def __init__(self) -> None:
        super().__init__()
        self.names = ["ann"]

    @property
    def credentials(self) -> dict[str, str]:
        return {"ann": "X-Key: 1: 2", "bea": "Authorization: Bearer b"}


def test_a_fake_knows_its_users_by_their_lines() -> None:
    fake = Seventh()

    def user(*headers: tuple[str, str]) -> str | None:
        return fake.user_of(FakeRequest("GET", "/", headers))

    assert [user(("x-key", "1: 2")), user(("Authorization", "Bearer b"))] == ["ann", "bea"]
    assert [user(), user(("X-Key", "1")), user(("Authorization", "bearer b"))] == [None] * 3


def test_a_fake_keeps_what_it_names_and_takes_nothing_else_over() -> None:
    fake, other = Seventh(), Seventh()
    fake.names.append("bea")
    state = fake.dump()
    fake.names.append("cat")
    other.load(json.loads(json.dumps(state)))

    assert other.names == ["ann", "bea"]
    wrongs: list[object] = [[], {}, {"names": [], "more": 1}, {"names": {}}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="names"):
            other.load({**state, "world": wrong})
    assert other.names == ["ann", "bea"]


@pytest.mark.parametrize(
    ("query", "number"), [("?n=7", 7), ("", 1), ("?n=0", 1), ("?n=-3", 1), ("?n=x", 1), ("?n=٣", 1), ("?n=2&n=3", 3)]
)
def test_a_number_in_a_query_is_one_above_nothing(query: str, number: int) -> None:
    assert FakeRequest("GET", f"/invites{query}").number("n", 1) == number


def test_fakes_of_other_services_have_faults_too() -> None:
    fifth, sixth = Fifth(), Sixth()
    fifth.faults.plan(Fault.status(520), on="invites_list")
    with pytest.raises(ValueError, match="did you mean invites_list"):
        fifth.faults.plan(Fault.status(520), on="invite_list")
    sixth.faults.plan(Fault.status(520))

    assert [ask(fifth, "/"), ask(fifth, "/invites"), ask(fifth, "/invites")] == [200, 520, 200]
    assert [ask(sixth), ask(sixth)] == [520, 200]
