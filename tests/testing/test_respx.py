"""The way in through respx: next to a user's own routes, under respx's own strictness, sync and async."""

from __future__ import annotations

import httpx
import pytest
import respx
from respx.models import AllMockedAssertionError

from invite_sdk import AsyncInviteClient, InviteClient
from invite_sdk.testing import FakeCloudTruth, FakeService, FakeWaldur, FakeZenML, Fault
from tests.testing.asking import FAKES, TLS, sign_in

LIST = "/api/user-invitations/"


def get(url: str, headers: dict[str, str] | None = None) -> httpx.Response:
    # With a context at hand, as making one for every request takes longer than all else here.
    return httpx.get(url, headers=headers, verify=TLS)


def ask(fake: FakeService, path: str = LIST) -> httpx.Response:
    return get(f"{fake.base_url}{path}", headers=dict([sign_in(fake, "owner")]))


@pytest.fixture
def fake() -> FakeWaldur:
    return FakeWaldur()


# The ways to start respx


def test_the_fixture(fake: FakeWaldur, respx_mock: respx.MockRouter) -> None:
    fake.mount(respx_mock)

    assert ask(fake).headers["X-Result-Count"] == "0"
    assert [exchange.operation for exchange in fake.requests] == ["user_invitations_list"]


def test_a_context_of_its_own(fake: FakeWaldur) -> None:
    with respx.mock() as router:
        fake.mount(router)
        assert ask(fake).status_code == 200


def test_the_global_router_forgets_the_fake_when_it_stops(fake: FakeWaldur) -> None:
    with respx.mock:
        fake.mount(respx.mock)
        assert ask(fake).status_code == 200
    with respx.mock, pytest.raises(AllMockedAssertionError):
        ask(fake)


def test_a_router_that_is_mounted_before_it_starts_serves_each_time(fake: FakeWaldur) -> None:
    router = respx.mock(assert_all_called=True)
    route = fake.mount(router)
    for _ in range(2):
        with router:
            assert not route.called
            assert ask(fake).status_code == 200
            assert route.call_count == 1


@respx.mock
def test_the_decorator(fake: FakeWaldur) -> None:
    fake.mount(respx.mock)

    assert ask(fake).status_code == 200


@pytest.mark.anyio
@respx.mock
async def test_the_decorator_of_an_async_test() -> None:
    fake = FakeZenML()
    fake.mount(respx.mock)
    async with AsyncInviteClient(fake.connection("ana")) as client:
        assert len(await client.list().all()) == 2


@pytest.mark.anyio
@pytest.mark.parametrize("using", ["httpcore", "httpx"])
async def test_both_clients_go_through_either_patch(fake: FakeWaldur, using: str) -> None:
    async with respx.mock(using=using) as router:
        fake.mount(router)
        with InviteClient(fake.connection("staff")) as client:
            role, organization = fake.roles["CUSTOMER.MANAGER"].uuid, fake.customers["acme"].uuid
            made = client.create("nina@example.com", role=role, organization=organization)
        async with AsyncInviteClient(fake.connection("staff")) as other:
            assert (await other.get(made)).email == "nina@example.com"


def test_a_plain_router_is_one_too(fake: FakeWaldur) -> None:
    router = respx.Router()
    fake.mount(router)
    with httpx.Client(transport=httpx.MockTransport(router.handler)) as client:
        assert client.get(f"{fake.base_url}{LIST}").status_code == 401


# Faults


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.refuse_connection(), httpx.ConnectError),
        (Fault.drop_reply(), httpx.RemoteProtocolError),
        (Fault.drop_request(reset=True), httpx.ReadError),
        (Fault.slow_headers(60), httpx.ReadTimeout),
        (Fault.slow_body(60), httpx.ReadTimeout),
        (Fault.truncated_body(), httpx.RemoteProtocolError),
    ],
    ids=str,
)
def test_faults_show_as_the_exceptions_of_httpx(fault: Fault, error: type[Exception], using: str) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(fault)
    with respx.mock(using=using) as router:
        fake.mount(router)
        with pytest.raises(error):
            ask(fake, "/api/v1/invitations/")
        assert router.calls.call_count == 1
        assert ask(fake, "/api/v1/invitations/").status_code == 200


@pytest.mark.anyio
async def test_faults_show_to_async_clients_too(fake: FakeWaldur, respx_mock: respx.MockRouter) -> None:
    fake.faults.plan(Fault.truncated_body())
    fake.mount(respx_mock)
    async with httpx.AsyncClient(verify=TLS) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"{fake.base_url}{LIST}")


# The user's own routes


@pytest.mark.parametrize("fake_first", [True, False])
def test_the_users_routes_go_first_whichever_came_first(
    fake: FakeWaldur, respx_mock: respx.MockRouter, fake_first: bool
) -> None:
    if fake_first:
        fake.mount(respx_mock)
    own = respx_mock.get(f"{fake.base_url}{LIST}", params={"page": 2}).respond(520)
    other = respx_mock.get("https://elsewhere.example/").respond(204)
    if not fake_first:
        fake.mount(respx_mock)

    assert ask(fake, f"{LIST}?page=2").status_code == 520
    assert ask(fake, f"{LIST}?page=1").status_code == 200
    assert get("https://elsewhere.example/").status_code == 204
    assert (own.call_count, other.call_count, len(fake.requests)) == (1, 1, 1)


@pytest.mark.parametrize("fake_first", [True, False])
def test_a_users_route_that_declines_leaves_the_request_to_the_fake(
    fake: FakeWaldur, respx_mock: respx.MockRouter, fake_first: bool
) -> None:
    answers = iter([httpx.Response(503), None])
    if fake_first:
        fake.mount(respx_mock)
    respx_mock.route(host="waldur.example").mock(side_effect=lambda request: next(answers))
    if not fake_first:
        fake.mount(respx_mock)

    assert [ask(fake).status_code, ask(fake).status_code] == [503, 200]


@pytest.mark.parametrize("fake_first", [True, False])
def test_a_users_route_for_the_same_origin_neither_replaces_the_fake_nor_is_replaced(
    fake: FakeWaldur, fake_first: bool
) -> None:
    router = respx.Router()
    if fake_first:
        fake.mount(router)
    router.route(scheme="https", host="waldur.example", port=443, name="own").respond(204)
    if not fake_first:
        fake.mount(router)

    assert len(router.routes) == 2
    assert router["own"].return_value is not None


def test_named_routes_are_still_found(fake: FakeWaldur, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{fake.base_url}/health", name="health").respond(204)
    fake.mount(respx_mock)
    ask(fake)

    assert ask(fake, "/health").status_code == 204
    assert respx_mock["health"].called


def test_the_base_url_of_the_users_router_is_not_the_fakes(fake: FakeWaldur) -> None:
    with respx.mock(base_url="https://own.example/v1") as router:
        fake.mount(router)
        router.get("/thing").respond(204)

        assert ask(fake).status_code == 200
        assert get("https://own.example/v1/thing").status_code == 204


# Several fakes


def test_every_fake_answers_for_its_own_origin(respx_mock: respx.MockRouter) -> None:
    fakes = [kind() for kind in FAKES]
    for fake in fakes:
        fake.mount(respx_mock)
    for fake in fakes:
        get(f"{fake.base_url}/api/")

    assert [len(fake.requests) for fake in fakes] == [1, 1, 1, 1]


def test_a_second_fake_at_the_same_base_url_replaces_the_first(respx_mock: respx.MockRouter) -> None:
    first, second = FakeWaldur(), FakeWaldur()
    first.mount(respx_mock)
    second.mount(respx_mock)
    ask(second)

    assert (len(first.requests), len(second.requests)) == (0, 1)


@pytest.mark.parametrize(
    ("base_url", "asked", "reaches"),
    [
        ("https://Waldur.Example:443", "https://waldur.example/", True),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/", True),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8001/", False),
        ("https://waldur.example", "http://waldur.example/", False),
        ("https://waldur.example", "https://waldur.example:8443/", False),
        ("https://waldur.example", "https://waldur.example.org/", False),
    ],
)
def test_a_fake_answers_for_its_origin_only(base_url: str, asked: str, reaches: bool) -> None:
    fake = FakeWaldur(base_url=base_url)
    with respx.mock(assert_all_called=False, assert_all_mocked=False) as router:
        fake.mount(router)
        get(asked)

    assert bool(fake.requests) is reaches


# respx's strictness


def test_a_fake_that_nobody_asks_counts_as_a_route_that_was_not_called() -> None:
    router = respx.mock()
    FakeWaldur().mount(router)

    with pytest.raises(AssertionError, match=r"<FakeWaldur at https://waldur\.example>"), router:
        pass


def test_a_fake_whose_answer_the_user_overrides_counts_as_called(fake: FakeWaldur) -> None:
    with respx.mock() as router:
        route = fake.mount(router)
        router.get(f"{fake.base_url}{LIST}").respond(503)

        assert ask(fake).status_code == 503
        assert (route.called, route.call_count) == (True, 0)


def test_a_users_route_that_is_not_called_still_fails(fake: FakeWaldur) -> None:
    router = respx.mock()
    fake.mount(router)
    router.get("https://own.example/")

    with pytest.raises(AssertionError, match="not called"), router:
        ask(fake)


def test_requests_to_elsewhere_are_refused_or_answered_as_the_router_says(fake: FakeWaldur) -> None:
    with respx.mock(assert_all_called=False) as router:
        fake.mount(router)
        with pytest.raises(AllMockedAssertionError):
            get("https://elsewhere.example/")
    with respx.mock(assert_all_called=False, assert_all_mocked=False) as router:
        fake.mount(router)
        assert get("https://elsewhere.example/").status_code == 200


def test_the_calls_are_on_record_on_both_sides(fake: FakeWaldur, respx_mock: respx.MockRouter) -> None:
    route = fake.mount(respx_mock)
    ask(fake, "/api/user-invitations/?state=pending")

    assert route.calls.last.request.url.query == b"state=pending"
    assert respx_mock.calls.last.response.status_code == 200
    assert fake.requests[0].request.target == "/api/user-invitations/?state=pending"
