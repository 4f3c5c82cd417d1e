"""Credentials on the way: which requests carry them, how a token is got, kept, renewed and given up."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from urllib.parse import parse_qs

import anyio
import anyio.lowlevel
import httpx
import pytest

from invite_sdk import (
    NO_RETRIES,
    AsyncInviteClient,
    AuthenticationError,
    CloudTruth,
    DeadlineExceededError,
    Enhance,
    InviteClient,
    NotFoundError,
    ResponseParseError,
    TransportError,
    Waldur,
    ZenML,
)
from invite_sdk._flows.auth import LoginAuth, NewToken, StaticAuth, TokenKeeper
from invite_sdk._flows.turns import Turns
from invite_sdk._privacy.masking import Hidden
from invite_sdk.services.connection import Connection
from tests.support.net import Net
from tests.support.threads import together
from tests.support.wire import ID

KEY = "zenml-api-key-nobody-may-see"
MACHINE = ZenML(client_id="ci", client_secret=KEY, audience="cloud")
PERSON = ZenML(api_key=KEY)
WEEK = 7 * 86_400 - 300


class Service:
    """ZenML as far as logins go: hands out token-1, token-2, …, and takes only those in `good`."""

    def __init__(self, expires_in: str | None = "3600") -> None:
        self.expires_in = expires_in
        self.good: set[str] = set()
        self.logins: list[dict[str, list[str]]] = []
        self.login_headers: list[httpx.Headers] = []
        self.asked: list[str | None] = []
        self.answer_login: Callable[[], httpx.Response] | None = None
        self.before_login: Callable[[], object] = lambda: None
        self.moment = 1000.0
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/auth/login":
            self.before_login()
            return self._login(request)
        with self._lock:
            said = request.headers.get("authorization")
            self.asked.append(said)
            if said is None or said.removeprefix("Bearer ") not in self.good:
                return httpx.Response(401, json={"detail": "Not authenticated"})
            return httpx.Response(200, json=[])

    def _login(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.logins.append(parse_qs(request.content.decode()))
            self.login_headers.append(request.headers)
            if self.answer_login is not None:
                return self.answer_login()
            token = f"token-{len(self.logins)}"
            self.good.add(token)
            lasts = "" if self.expires_in is None else f', "expires_in": {self.expires_in}'
            return httpx.Response(200, text=f'{{"access_token": "{token}", "token_type": "bearer"{lasts}}}')

    def client(self, connection: Connection = PERSON) -> InviteClient:
        made = InviteClient(connection, transport=httpx.MockTransport(self), retry=NO_RETRIES)
        made._http.monotonic = lambda: self.moment
        return made

    def async_client(self, connection: Connection = PERSON) -> AsyncInviteClient:
        made = AsyncInviteClient(connection, transport=httpx.MockTransport(self._later), retry=NO_RETRIES)
        made._http.monotonic = lambda: self.moment
        return made

    async def _later(self, request: httpx.Request) -> httpx.Response:
        await anyio.lowlevel.checkpoint()
        return self(request)


@pytest.fixture
def service() -> Service:
    return Service()


# Which requests carry credentials


def test_public_requests_carry_no_credential() -> None:
    seen: dict[str, httpx.Headers] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        seen[request.url.path] = request.headers
        if request.url.path.endswith("/validate"):
            return httpx.Response(200, json={"isValid": False})
        return httpx.Response(200, json={"detail": "done", "email": "nina@example.org"})

    transport = httpx.MockTransport(answer)
    for connection in (Enhance("https://p.example", token=KEY), Enhance("https://p.example", session=KEY)):
        with InviteClient(connection, transport=transport) as client:
            client.check("some-invite-key")
    with InviteClient(Waldur("https://w.example", token=KEY), transport=transport) as client:
        client.check(ID)
        client.approve("a-token-from-a-mail")
        client.reject("a-token-from-a-mail")

    assert len(seen) == 4
    for headers in seen.values():
        assert not {"authorization", "cookie"} & set(headers)
        assert KEY not in str(headers.raw)


def test_the_login_itself_carries_no_credential_but_its_form(service: Service) -> None:
    with service.client() as client:
        client.list().all()

    assert service.logins == [{"password": [KEY]}]
    assert "authorization" not in service.login_headers[0]
    assert service.asked == ["Bearer token-1"]


def test_a_ready_token_needs_no_login_and_is_not_renewed(service: Service) -> None:
    with service.client(ZenML(token="stale-token-of-mine")) as client, pytest.raises(AuthenticationError):
        client.list().all()

    assert service.logins == []
    assert service.asked == ["Bearer stale-token-of-mine"]


# Keeping and renewing


def test_one_token_serves_many_calls_and_children(service: Service) -> None:
    with service.client() as client:
        client.list().all()
        client.with_options(timeout=1).list().all()
        client.with_options(timeout=2).with_options(deadline=3).count()
        client.list().all()

    assert len(service.logins) == 1
    assert service.asked == ["Bearer token-1"] * 4


@pytest.mark.parametrize(
    ("said", "good_for"),
    [
        ("3600", 3300),
        ("400", 200),
        ("60", 30),
        ("3599.5", 3299.5),
        ('"3600"', 3300),
        ('" 60.0 "', 30),
        ("9" * 5_000, WEEK),
        ("1e999", WEEK),
        ("1e300", WEEK),
    ],
)
def test_a_token_is_renewed_before_it_ends(said: str, good_for: float) -> None:
    service = Service(said)
    with service.client() as client:
        client.list().all()
        service.moment += good_for - 0.25
        client.list().all()
        assert len(service.logins) == 1
        service.moment += 0.25
        client.list().all()

    assert len(service.logins) == 2
    assert service.asked[-1] == "Bearer token-2"


@pytest.mark.parametrize(
    "said", [None, "null", '""', '"an hour"', "-5", '"-5"', "NaN", "-1e999", "true", "[3600]", '{"seconds": 3600}']
)
def test_a_token_whose_end_is_not_said_is_used_until_it_is_refused(said: str | None) -> None:
    service = Service(said)
    with service.client() as client:
        client.list().all()
        service.moment += 10 * WEEK
        client.list().all()
        assert len(service.logins) == 1
        service.good.clear()
        client.list().all()

    assert len(service.logins) == 2
    assert service.asked[-1] == "Bearer token-2"


def test_what_else_is_wrong_with_a_login_does_not_end_it(service: Service) -> None:
    said = {"access_token": "token-1", "token_type": 5, "expires_in": 60, "device_id": 7, "device_metadata": "none"}
    service.good.add("token-1")
    service.answer_login = lambda: httpx.Response(200, json=said)
    with service.client() as client:
        assert client.list().all() == []


def test_a_refused_token_is_renewed_once_and_the_request_repeated_once(service: Service) -> None:
    with service.client() as client:
        client.list().all()
        service.good.clear()
        client.list().all()

    assert len(service.logins) == 2
    assert service.asked == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_a_token_that_is_refused_when_new_is_not_renewed_again(service: Service) -> None:
    with service.client() as client:
        service.answer_login = lambda: httpx.Response(200, json={"access_token": "never-good", "expires_in": 3600})
        with pytest.raises(AuthenticationError) as caught:
            client.list().all()

    assert len(service.logins) == 2
    assert service.asked == ["Bearer never-good"] * 2
    assert caught.value.status == 401
    assert caught.value.operation == "list"


def test_a_write_is_repeated_after_a_renewal_too(service: Service) -> None:
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path != "/auth/login":
            bodies.append(request.content)
            if len(bodies) > 1:
                return httpx.Response(200, json="7a9f1a52-1f0e-4c8b-9d55-2f3f8c8f0a11")
            return httpx.Response(401, json={"detail": "expired"})
        return service(request)

    with InviteClient(PERSON, transport=httpx.MockTransport(answer)) as client:
        accepted = client.accept(ID, refetch=False)

    assert accepted.organization_id == "7a9f1a52-1f0e-4c8b-9d55-2f3f8c8f0a11"
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]


# One login for many


def test_many_threads_share_one_login_and_one_renewal(service: Service) -> None:
    with service.client() as client:
        together(16, lambda _: client.list().all())
        assert len(service.logins) == 1
        assert service.asked == ["Bearer token-1"] * 16
        service.good.clear()
        together(8, lambda _: client.list().all())

    assert len(service.logins) == 2


@pytest.mark.anyio
async def test_many_tasks_share_one_login_and_one_renewal(service: Service) -> None:
    async def ask() -> None:
        await client.list().all()

    async with service.async_client() as client:
        async with anyio.create_task_group() as tasks:
            for _ in range(16):
                tasks.start_soon(ask)
        assert len(service.logins) == 1
        service.good.clear()
        async with anyio.create_task_group() as tasks:
            for _ in range(16):
                tasks.start_soon(ask)

    assert len(service.logins) == 2
    assert service.asked.count("Bearer token-2") == 16


# Refused and lost logins


@pytest.fixture(params=[400, 401, 403, 422])
def refusal(request: pytest.FixtureRequest, service: Service) -> int:
    status: int = request.param
    service.answer_login = lambda: httpx.Response(
        status, json={"detail": [{"loc": ["body", "password"], "msg": f"{KEY} is wrong", "type": "x", "input": KEY}]}
    )
    return status


def test_a_refused_login_is_an_authentication_error_and_not_repeated(service: Service, refusal: int) -> None:
    with service.client() as client, pytest.raises(AuthenticationError) as caught:
        client.list().all()

    assert len(service.logins) == 1
    assert service.asked == []
    assert (caught.value.status, caught.value.service, caught.value.operation) == (refusal, "zenml", "list")


def test_what_a_refused_login_repeats_of_the_key_is_taken_out(service: Service, refusal: int) -> None:
    with service.client() as client, pytest.raises(AuthenticationError) as caught:
        client.list().all()
    error = caught.value

    for shown in (str(error), repr(error), error.body, str(error.messages), str(error.field_errors), str(error.args)):
        assert KEY not in shown
    assert KEY.encode() not in pickle.dumps(error)


def test_a_login_that_was_refused_is_not_tried_again_within_an_operation(service: Service, refusal: int) -> None:
    # accept reads before it writes, and a failed reading does not stop it.
    with service.client() as client, pytest.raises(AuthenticationError):
        client.accept(ID)

    assert len(service.logins) == 1


def test_the_next_operation_may_try_again(service: Service) -> None:
    service.answer_login = lambda: httpx.Response(401, json={"detail": "locked for a minute"})
    with service.client() as client:
        with pytest.raises(AuthenticationError):
            client.list().all()
        service.answer_login = None
        assert client.list().all() == []
        pager = client.list()
        assert pager.all() == pager.all() == []

    assert len(service.logins) == 2


def test_threads_that_wait_for_a_refused_login_are_refused_with_it(service: Service) -> None:
    service.answer_login = lambda: httpx.Response(401, json={"detail": "no"})
    all_wait = threading.Event()
    service.before_login = lambda: all_wait.wait(10)
    caught: list[AuthenticationError] = []

    def ask() -> None:
        try:
            client.list().all()
        except AuthenticationError as error:
            caught.append(error)

    with service.client() as client:
        waiting = [threading.Thread(target=ask) for _ in range(8)]
        came: list[float] = []

        class Watched(Turns):
            def wait(self, key: object, holder: threading.Lock, seconds: float) -> bool:
                came.append(seconds)
                if len(came) == len(waiting):
                    all_wait.set()
                return super().wait(key, holder, seconds)

        client._logins = Watched()
        for thread in waiting:
            thread.start()
        for thread in waiting:
            thread.join()

    assert len(service.logins) == 1
    assert len({id(error) for error in caught}) == 8
    assert {error.status for error in caught} == {401}


@pytest.mark.anyio
async def test_tasks_that_wait_for_a_refused_login_are_refused_with_it(service: Service) -> None:
    service.answer_login = lambda: httpx.Response(401, json={"detail": "no"})
    caught: list[AuthenticationError] = []

    async def ask() -> None:
        try:
            await client.list().all()
        except AuthenticationError as error:
            caught.append(error)

    async with service.async_client() as client, anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(ask)

    assert len(service.logins) == 1
    assert len(caught) == 8


def test_nobody_waits_for_another_ones_login_beyond_the_deadline(service: Service, net: Net) -> None:
    with net.connect(PERSON, transport=httpx.MockTransport(service)) as client:
        other = threading.Lock()
        with other:
            assert client._logins.take("login", other)
            with pytest.raises(DeadlineExceededError, match="another caller") as caught:
                client.list(deadline=0.01).all()
        assert client.list().all() == []

    assert (caught.value.service, caught.value.operation) == ("zenml", "list")


def test_a_lost_login_is_no_write_whose_outcome_is_unknown(service: Service) -> None:
    def lose() -> httpx.Response:
        raise httpx.ReadError("connection reset")

    service.answer_login = lose
    with service.client() as client, pytest.raises(TransportError) as caught:
        client.accept(ID)

    assert type(caught.value) is TransportError
    assert service.asked == []


def test_other_refusals_of_a_login_keep_their_class(service: Service) -> None:
    service.answer_login = lambda: httpx.Response(404, text="nothing here")
    with service.client() as client, pytest.raises(NotFoundError):
        client.list().all()


@pytest.mark.parametrize(
    "said",
    [
        {"access_token": 5, "refresh_token": "token-that-was-meant-to-help"},
        {"token": "token-that-was-meant-to-help"},
        {"access_token": "token-that-was-meant-to-help\n"},
        ["token-that-was-meant-to-help"],
    ],
)
def test_an_unreadable_login_shows_none_of_it(said: object, service: Service) -> None:
    service.answer_login = lambda: httpx.Response(200, json=said)
    with service.client() as client, pytest.raises(ResponseParseError) as caught:
        client.list().all()

    assert caught.value.body == b""
    assert "meant-to-help" not in f"{caught.value} {caught.value!r}"


def test_a_login_within_a_listing_is_no_write_that_shifts_pages(service: Service) -> None:
    with service.client() as client:
        client.list().all()

        assert client._facade.shared.writes.count == 0


# What shows


def test_tokens_show_nowhere() -> None:
    keeper = TokenKeeper()
    keeper.keep(NewToken(Hidden("tok-1234567"), 60), 0.0)
    shown = [
        repr(keeper),
        repr(NewToken(Hidden("tok-1234567"), 60)),
        repr(StaticAuth.authorization("Bearer", Hidden("tok-1234567"))),
        repr(LoginAuth(lambda: None)),  # type: ignore[arg-type, return-value]
        repr(PERSON.auth),
        repr(MACHINE.auth),
    ]

    assert not [text for text in shown if "tok-1234567" in text or KEY in text]


def test_a_server_that_repeats_credentials_does_not_get_them_into_errors() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        seen = dict(request.headers) | {"body": request.content.decode()}
        return httpx.Response(400, json={"detail": f"bad request: {seen}", "code": "x"}, headers={"Server": KEY})

    def check(client: InviteClient, ask: Callable[[InviteClient], object], *secrets: str) -> None:
        with client, pytest.raises(Exception, match=r".") as caught:
            ask(client)
        state = f"{caught.value!r} {caught.value} {caught.value.__dict__}"
        assert "bad request" in state
        assert not [secret for secret in secrets if secret in state]

    transport = httpx.MockTransport(echo)
    check(InviteClient(CloudTruth(api_key=KEY), transport=transport), lambda client: client.get(ID), KEY)
    check(InviteClient(Waldur("https://w.example", token=KEY), transport=transport), lambda c: c.get(ID), KEY)
    check(
        InviteClient(Enhance("https://p.example", session=KEY), transport=transport),
        lambda client: client.create("a@example.org", role="Owner", organization="acme", name="A"),
        KEY,
    )
    check(
        InviteClient(Enhance("https://p.example", token=KEY), transport=transport),
        lambda client: client.accept("invite-key", email="a@example.org", password="open sesame", session="s-e-s-s-1"),
        "open sesame",
        "s-e-s-s-1",
    )
