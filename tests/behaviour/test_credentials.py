"""Who sees which credentials: the configured origin only, no public endpoint, and never a stranger's cookie."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest

from invite_sdk import AuthenticationError, ConfigurationError, InviteClient, ZenML
from invite_sdk.testing import FakeRequest, FakeResponse
from invite_sdk.testing.suite.fixtures import Connect
from tests.behaviour.worlds import EnhanceWorld, World, ZenMLWorld, of

# Enhance: the invitee's session is no concern of the client's.


@of("enhance")
def test_a_new_session_goes_to_the_caller_and_nowhere_else(world: World, connect: Connect) -> None:
    client = connect()
    case = world.case("accept", client)

    accepted = client.accept(*case.given, **case.named)
    client.create("bea@example.org", role="Support", name="Bea")
    client.check(case.given[0])

    assert accepted.session is not None
    session = accepted.session.get_secret_value()
    assert session.startswith("eyJ")
    assert session not in repr(accepted)
    accepting, *later = world.fake.requests[-3:]
    assert session in str(dict(accepting.response.headers))
    assert all(session not in str(one.request) for one in later)
    assert [one.request.header("Cookie") for one in later] == [None, None]


@of("enhance")
def test_a_session_of_the_connection_is_a_cookie_and_no_invitees(world: EnhanceWorld, connect: Connect) -> None:
    client = connect("olivia")

    client.create("ann@example.org", role="Support", name="Ann")
    assert world.fake.requests[-1].request.header("Cookie") == f"id0={world.fake.users['olivia'].session}"
    client.accept(world.invite("bea@example.org"), email="bea@example.org", password="a long enough secret")
    assert world.fake.requests[-1].request.header("Cookie") is None


@of("enhance-url")
def test_a_callers_client_that_keeps_cookies_is_refused_for_accepting(world: World) -> None:
    with httpx.Client(transport=world.fake.transport()) as keeping:
        client = InviteClient(world.connection(), http_client=keeping)
        case = world.case("accept", client)
        with pytest.raises(ConfigurationError, match="jar"):
            client.accept(*case.given, **case.named)
        assert world.fake.requests == []
        assert client.check(*case.given).valid


# ZenML: logging in.


def logins(world: World) -> int:
    return sum(one.operation == "auth_login" for one in world.fake.requests)


@of("zenml")
def test_one_login_serves_many_callers_at_once(world: World, client: InviteClient) -> None:
    found = world.invite()

    with ThreadPoolExecutor(8) as threads:
        got = list(threads.map(lambda _: client.get(found), range(24)))

    assert len(got) == 24
    assert logins(world) == 1


@of("zenml")
def test_one_login_serves_a_client_and_its_children(world: World, client: InviteClient) -> None:
    found = world.invite()

    client.with_options(timeout=3.0).get(found)
    client.get(found)
    client.with_options(deadline=9.0).check(found)

    assert logins(world) == 1


@of("zenml")
def test_the_login_is_the_services_own_form(world: ZenMLWorld, connect: Connect) -> None:
    connect().list().all()
    (login, _) = world.fake.requests

    assert login.request.target == "/auth/login"
    assert login.request.header("Content-Type") == "application/x-www-form-urlencoded"
    assert login.request.body.decode() == f"password={world.fake.users['ana'].api_key}"


@of("zenml")
def test_a_machine_logs_in_with_its_own_credentials(world: ZenMLWorld, way: Any) -> None:
    world.fake.audience = "https://audience.example"
    client = way.open(world.fake.connection("ana", client_credentials=True), world.transport())
    world.invite()

    assert len(client.list().all()) == 1
    body = world.fake.requests[0].request.body.decode()
    assert "grant_type=client_credentials" in body
    assert "audience=https%3A%2F%2Faudience.example" in body
    assert "password" not in body
    client.close()


@of("zenml")
def test_a_token_that_is_ready_needs_no_login(world: ZenMLWorld, way: Any) -> None:
    client = way.open(ZenML(world.fake.base_url, token=world.fake.users["ana"].api_key), world.transport())
    world.invite()

    assert len(client.list().all()) == 1
    assert logins(world) == 0
    client.close()


def lasting(seconds: object) -> Any:
    """A login whose token is said to last so long."""

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        if request.path != "/auth/login" or response.status != 200:
            return response
        return replace(response, body=json.dumps({**json.loads(response.body), "expires_in": seconds}).encode())

    return after


@of("zenml")
@pytest.mark.parametrize(("seconds", "wanted"), [(0, 3), (3600, 1), (301, 1), (None, 1)])
def test_a_token_is_renewed_before_its_end_and_not_earlier(
    world: World, seconds: object, wanted: int, connect: Connect
) -> None:
    client = connect(after=lasting(seconds))
    found = world.invite()

    for _ in range(3):
        client.get(found)

    assert logins(world) == wanted
    assert [one.response.status for one in world.fake.requests] == [200] * (3 + wanted)


@of("zenml")
@pytest.mark.parametrize("operation", ["get", "accept", "decline", "list"])
def test_a_refused_token_is_renewed_and_the_request_repeated_once(
    world: ZenMLWorld, operation: str, client: InviteClient
) -> None:
    client.list().all()
    found = world.invite()
    world.fake.expire_tokens()
    world.fake.requests.clear()

    if operation == "list":
        client.list().all()
    elif operation == "get":
        client.get(found)
    else:
        getattr(client, operation)(found, refetch=False)

    assert [(one.operation == "auth_login", one.response.status) for one in world.fake.requests] == [
        (False, 401),
        (True, 200),
        (False, 200),
    ]


@of("zenml")
def test_a_token_that_is_refused_again_is_an_error(world: World, connect: Connect) -> None:
    def before(request: FakeRequest) -> FakeRequest | FakeResponse:
        return request if request.path == "/auth/login" else FakeResponse.json(401, {"detail": "Not authenticated"})

    client = connect(before=before)

    with pytest.raises(AuthenticationError) as caught:
        client.list().all()

    assert caught.value.operation == "list"
    assert logins(world) == 2


@of("zenml")
def test_many_callers_with_a_refused_token_log_in_once_more(world: ZenMLWorld, client: InviteClient) -> None:
    found = world.invite()
    client.get(found)
    world.fake.expire_tokens()
    world.fake.requests.clear()

    with ThreadPoolExecutor(8) as threads:
        got = list(threads.map(lambda _: client.get(found), range(16)))

    assert len(got) == 16
    assert logins(world) == 1


@of("zenml")
def test_a_refused_login_is_an_error_of_credentials(world: World, way: Any) -> None:
    client = way.open(ZenML(world.fake.base_url, api_key="ZENPROKEY_wrong"), world.transport())

    with pytest.raises(AuthenticationError) as caught:
        client.list().all()

    assert (caught.value.service, caught.value.operation, caught.value.status) == ("zenml", "list", 401)
    assert "ZENPROKEY_wrong" not in str(caught.value)
    assert logins(world) == 1
    client.close()
