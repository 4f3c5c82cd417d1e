"""What somebody new to the SDK is told after a mistake, and what its objects show of themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from invite_sdk import (
    APIError,
    AsyncInviteClient,
    CloudTruth,
    ConfigurationError,
    ConnectError,
    Enhance,
    InvalidArgumentError,
    Invitation,
    InvitationList,
    InviteClient,
    NotFoundError,
    OutcomeUnknownError,
    ResponseParseError,
    RetryPolicy,
    Scope,
    ServerError,
    Status,
    TimeoutError,  # noqa: A004 - ours
    Waldur,
    ZenML,
)
from invite_sdk._model.installed import BUILT_IN
from invite_sdk.services.capabilities import OPERATIONS
from invite_sdk.services.connection import Connection
from invite_sdk.services.waldur.reading import from_details, from_wire
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeService, FakeWaldur, FakeZenML, Fault
from invite_sdk.testing.installed import fake_class
from tests.behaviour.worlds import WORLDS

KEY = "k3y-that-nobody-may-see"
UUID = "5f3b9d5e8c5d4b0e9a1f000000000001"
AT_ONCE = RetryPolicy(base=0)


def answering(*answers: httpx.Response | Exception) -> httpx.MockTransport:
    """Gives these answers in turn, the last of them for ever."""
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)

    return httpx.MockTransport(handle)


def waldur(*answers: httpx.Response | Exception, **options: Any) -> InviteClient:
    connection = Waldur("https://nosuch.example", token=KEY)
    return InviteClient(connection, transport=answering(*answers), retry=AT_ONCE, **options)


# Lost answers


@pytest.mark.parametrize(
    ("name", "operation", "write", "advice"),
    [
        ("waldur-2026", "create", "user_invitations_create", "call ensure: it finds the invitation or makes it"),
        ("waldur-2026", "resend", "user_invitations_send", "the mail may have gone out; sending again mails again"),
        ("cloudtruth-2025", "create", "invitations_create", "call ensure: it finds the invitation or makes it"),
        ("zenml-offset", "decline", "respond_to_invitation", "while it is there, it was not answered"),
        ("enhance-url", "create", "create_invite", "inviting again mails again, with a new key"),
        ("enhance-url", "resend", "create_invite", "the mail may have gone out; sending again mails again"),
        ("enhance-url", "accept", "accept_invite", "while it is valid, it was not accepted"),
    ],
)
def test_advice_after_a_lost_answer_is_of_the_service_and_operation(
    name: str, operation: str, write: str, advice: str
) -> None:
    world = WORLDS[name]()
    client = InviteClient(world.fake.connection(world.sender), transport=world.fake.transport())
    case = world.case(operation, client)
    world.fake.faults.plan(Fault.drop_request(), on=write)
    client = InviteClient(world.fake.connection(case.user or world.sender), transport=world.fake.transport())

    with pytest.raises(OutcomeUnknownError) as caught:
        getattr(client, operation)(*case.given, **case.named)

    assert advice in caught.value.advice
    assert str(caught.value).endswith(f"; {caught.value.advice}")


@pytest.mark.parametrize("operation", ["create", "resend"])
def test_nothing_is_said_of_reading_back_where_nothing_can_be_read(operation: str) -> None:
    world = WORLDS["enhance-url"]()
    client = InviteClient(world.fake.connection(), transport=world.fake.transport())
    case = world.case(operation, client)
    world.fake.faults.plan(Fault.drop_reply(), on="create_invite")

    with pytest.raises(OutcomeUnknownError) as caught:
        getattr(client, operation)(*case.given, **case.named)

    assert caught.value.known.endswith("; nothing that can be read back would show it")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"detail": "Service Unavailable."}', "503 Service Unavailable; it may"),
        (b"<title>503</title>", "answer to the write was 503; it may"),
        (b"<title>503 Service Unavailable</title>", "answer to the write was 503 Service Unavailable; it may"),
    ],
)
def test_quoted_reasons_read_as_part_of_the_sentence(body: bytes, said: str) -> None:
    fake = FakeEnhance()
    fake.faults.plan(Fault.status(503, body=body), on="create_invite")
    client = InviteClient(fake.connection(), transport=fake.transport())

    with pytest.raises(OutcomeUnknownError, match=said):
        client.create("ann@example.org", name="Ann", role="Business")


# Networks and servers


def test_no_connection_names_the_host_the_attempts_and_the_setting() -> None:
    with pytest.raises(ConnectError) as caught:
        waldur(httpx.ConnectError("Name or service not known")).get(UUID)

    assert str(caught.value) == (
        "waldur get: no connection to nosuch.example (ConnectError: Name or service not known) after 4 attempts; "
        "check the URL setting"
    )


@pytest.mark.parametrize(
    ("answer", "kind"), [(httpx.Response(503, text="Busy."), ServerError), (httpx.ReadTimeout("late"), TimeoutError)]
)
def test_an_error_after_several_attempts_says_how_many(
    answer: httpx.Response | Exception, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=r"[^.] after 4 attempts$"):
        waldur(answer).get(UUID)
    with pytest.raises(kind) as caught:
        waldur(answer).with_options(retry=RetryPolicy(attempts=1)).get(UUID)
    assert "attempts" not in str(caught.value)


PAGE = httpx.Response(404, html="<h1>Not Found</h1>")
NOTHING = httpx.Response(404)
DETAIL = httpx.Response(404, json={"detail": "Not found."})


@pytest.mark.parametrize("answer", [PAGE, NOTHING])
@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.list().all(),
        lambda client: client.count(),
        lambda client: client.create("ann@example.org", role=UUID, organization=UUID),
        lambda client: client.roles().all(),
        lambda client: client.scopes().all(),
    ],
)
def test_a_404_of_another_server_asks_whether_the_url_is_right(
    call: Callable[[InviteClient], object], answer: httpx.Response
) -> None:
    with pytest.raises(
        NotFoundError, match="is this the address of a Waldur server\\? check the URL setting"
    ) as caught:
        call(waldur(answer))
    assert caught.value.is_url_doubtful


def test_a_web_page_in_the_place_of_rows_asks_whether_the_url_is_right() -> None:
    with pytest.raises(ResponseParseError, match=r"it is a web page: .*check the URL setting") as caught:
        waldur(httpx.Response(200, html="<!doctype html><title>Portal</title>")).list().all()
    assert caught.value.is_url_doubtful


def test_a_404_about_an_invitation_or_in_the_service_s_own_words_is_not_one_about_the_url() -> None:
    for answer in (PAGE, NOTHING, DETAIL):
        with pytest.raises(NotFoundError) as caught:
            waldur(answer).get(UUID)
        assert "address" not in str(caught.value)
    with pytest.raises(APIError) as refused:
        waldur(DETAIL).list().all()
    assert "address" not in str(refused.value)


def test_the_article_fits_the_service() -> None:
    client = InviteClient(Enhance("https://p.example", token=KEY, organization=UUID), transport=answering(PAGE))

    with pytest.raises(NotFoundError, match="the address of an Enhance server"):
        client.create("ann@example.org", name="Ann", role="Business")


def test_a_key_in_the_words_of_a_refusal_is_masked() -> None:
    key = "abcdefgh12345678"
    client = InviteClient(
        Enhance("https://p.example", token=KEY), transport=answering(httpx.Response(404, json={"detail": f"no {key}"}))
    )
    for call in (client.check, client.get):
        with pytest.raises(NotFoundError) as caught:
            call(key)
        shown = (str(caught.value), repr(caught.value), caught.value.body, *caught.value.messages)
        assert not any(key[:12] in text for text in shown)
        assert "no ...5678" in str(caught.value)


# Arguments


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"organization": "Acme Org"}, "organization must be the customer's UUID, with or without dashes, where "),
        ({"scope": Scope("customer", "Acme Org")}, "Scope id must be the customer's UUID, with or without dashes, "),
        ({"scope": Scope("project", "Apollo")}, "names are not looked up (resolve=False); scopes() lists both"),
    ],
)
def test_a_name_that_may_not_be_looked_up_is_refused_by_the_name_of_its_parameter(
    named: dict[str, Any], said: str
) -> None:
    client = waldur(PAGE).with_options(resolve=False)
    for call in (lambda: client.create("ann@example.org", role=UUID, **named), lambda: client.list(**named)):
        with pytest.raises(InvalidArgumentError) as caught:
            call()
        assert said in str(caught.value)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Waldur("https://w.example", token=f"Token {KEY}"), "Token"),
        (lambda: Waldur("https://w.example", token=f"token  {KEY}"), "Token"),
        (lambda: Waldur("https://w.example", bearer=f"Bearer {KEY}"), "Bearer"),
        (lambda: CloudTruth(api_key=f"Api-Key {KEY}"), "Api-Key"),
        (lambda: ZenML(token=f"bearer {KEY}"), "Bearer"),
    ],
)
def test_a_credential_copied_with_its_scheme_is_told_so(make: Callable[[], Connection], word: str) -> None:
    with pytest.raises(ConfigurationError, match=f"must be given without the word {word}") as caught:
        make()

    assert KEY not in str(caught.value)


# The environment


def test_plain_http_from_the_environment_is_asked_for_in_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"INVITE_WALDUR_URL": "http://w.example", "INVITE_WALDUR_TOKEN": KEY}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert Waldur.from_env(environ, allow_http=True).base_url == "http://w.example"
    for make in (InviteClient, AsyncInviteClient):
        assert make.from_env("waldur", allow_http=True)._facade.connection.base_url == "http://w.example"
        with pytest.raises(ConfigurationError, match="allow_http=True"):
            make.from_env("waldur")


def test_a_client_from_the_environment_takes_every_option_of_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    fake, events = FakeWaldur(), list[object]()
    fake.faults.plan(Fault.status(503), on="user_invitations_count", times=2)
    monkeypatch.setenv("INVITE_WALDUR_URL", fake.base_url)
    monkeypatch.setenv("INVITE_WALDUR_TOKEN", fake.users["owner"].token)
    client = InviteClient.from_env(
        "waldur",
        retry=AT_ONCE,
        hooks=[events.append],
        headers={"X-Trace": "7"},
        max_body=1000,
        transport=fake.transport(),
    )

    assert client.count() == 0
    assert len(events) == 6
    assert fake.requests[-1].request.header("x-trace") == "7"
    assert client._facade.options.max_body == 1000
    with httpx.Client(transport=fake.transport()) as own:
        assert InviteClient.from_env("waldur", http_client=own).count() == 0
    with pytest.raises(ConfigurationError, match="proxy"):
        InviteClient.from_env("waldur", proxy="nonsense")


# What there is


def test_a_misspelled_operation_or_parameter_is_answered_with_those_that_are() -> None:
    capabilities = waldur(PAGE).capabilities

    with pytest.raises(KeyError, match=r"no operation 'lst'; there are list, count, get, create"):
        capabilities["lst"]
    with pytest.raises(KeyError, match=r"no operation 'lst'"):
        capabilities.supports("lst")
    with pytest.raises(KeyError, match=r"list has no parameter 'colour'; there are status, email"):
        capabilities.supports("list", "colour")


def test_capabilities_show_as_a_table() -> None:
    lines = repr(waldur(PAGE).capabilities).splitlines()

    assert lines[0] == "Capabilities of Waldur:"
    assert len(lines) == 1 + len(OPERATIONS)
    assert "  list     native (both)" in lines
    assert "  decline  unsupported (see cancel)" in lines
    assert "  update   native (from 7.9.2)" in lines


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        ({}, "waldur"),
        ({"status": "pending"}, "waldur status=pending"),
        ({"status": {Status.EXPIRED, "pending"}, "limit": 5}, "waldur status=pending|expired limit=5"),
        ({"scope": Scope("project", UUID)}, f"waldur scope=project:{UUID}"),
        ({"native_filters": {"civil_number": "38001010014"}}, "waldur native_filters=civil_number"),
    ],
)
def test_a_pager_says_what_it_lists_and_how_to_get_at_it(named: dict[str, Any], shown: str) -> None:
    connection = Waldur("https://w.example", token=KEY)

    assert repr(InviteClient(connection).list(**named)) == (f"<Pager {shown}: iterate, or .all(), .first(), .pages()>")
    assert repr(AsyncInviteClient(connection).list(**named)).startswith(f"<AsyncPager {shown}: ")


def test_a_list_shows_a_row_a_line_and_no_more_than_twenty() -> None:
    rows = InvitationList(Invitation(service="waldur", id=str(n), status=Status.PENDING) for n in range(25))

    assert repr(InvitationList()) == "[]"
    assert repr(rows[:2]) == (
        "[<Invitation waldur id='0' status=pending>,\n <Invitation waldur id='1' status=pending>]"
    )
    lines = repr(rows).splitlines()
    assert len(lines) == 21
    assert lines[-1] == " ... and 5 more]"
    assert str(rows) == repr(rows)
    assert len(repr(rows[:20]).splitlines()) == 20


def test_a_scope_without_words_is_none_of_them() -> None:
    fake = FakeWaldur()
    fake.invite("ann@example.org")
    client = InviteClient(fake.connection("owner"), transport=fake.transport())
    found = client.list().first()
    assert found is not None
    empty = {"scope_type": "", "scope_uuid": "", "scope_name": ""}
    wire: Any = found.native
    details: Any = client.preview(found).native

    for row in (from_wire(wire.model_copy(update=empty)), from_details(UUID, details.model_copy(update=empty))):
        assert (row.scope_type, row.scope_id, row.scope_name) == (None, None, None)


# Fakes

FAKES = [fake_class(name) for name in BUILT_IN]


@pytest.mark.parametrize("make", FAKES)
def test_a_fake_shows_where_it_is_and_what_it_saw(make: Callable[[], FakeService]) -> None:
    fake = make()
    fake.faults.plan(Fault.status(500))

    assert repr(fake) == f"<{type(fake).__name__} at https://{fake.service}.example: 0 requests, 0 mails>"
    assert repr(fake.faults) == f"<Faults of {fake.service}: 1 planned, 1 unused, 0 injected>"


@pytest.mark.parametrize("make", FAKES)
def test_a_misspelled_user_of_a_fake_is_answered_with_those_that_are(make: Callable[[], FakeService]) -> None:
    fake = make()

    with pytest.raises(KeyError) as caught:
        fake.connection("ownr")
    assert f"no user 'ownr'; there are {', '.join(fake.credentials)}" in str(caught.value)


def test_a_fake_without_users_says_so() -> None:
    with pytest.raises(KeyError, match="there is no user yet"):
        FakeWaldur(empty=True).connection()


def test_misspelled_names_of_a_fake_waldur_are_answered_with_those_that_are() -> None:
    fake = FakeWaldur()

    with pytest.raises(KeyError, match=r"no role 'MEMBER'; there are CUSTOMER\.OWNER, .*PROJECT\.MEMBER"):
        fake.roles["MEMBER"]
    with pytest.raises(KeyError, match="no scope 'apolo'; there are the projects apollo, beta and the organizations"):
        fake.scope_url("apolo")
    with pytest.raises(TypeError, match=r"FakeWaldur takes no 'versoin'; it takes version, empty, .*lifetime"):
        FakeWaldur(versoin="2026")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="FakeWaldur takes no 'strict'; it takes only_staff_can_invite"):
        fake.configure(strict=True)  # type: ignore[call-arg]
    assert repr(fake.projects) == "<2 by name: apollo, beta>"
    assert (len(fake.projects), list(fake.projects), "apolo" in fake.projects) == (2, ["apollo", "beta"], False)


@pytest.mark.parametrize(
    "invite",
    [
        lambda: FakeCloudTruth().add_service_account("new", organization="Acne", role="OWNER"),
        lambda: FakeZenML().invite("ann@example.org", organization="Acne"),
        lambda: FakeEnhance().invite("ann@example.org", org="Acne"),
    ],
)
def test_a_misspelled_organization_is_answered_with_those_that_are(invite: Callable[[], object]) -> None:
    with pytest.raises(KeyError, match=r"no organization 'Acne'; there are .*Acme"):
        invite()


@pytest.mark.parametrize(
    ("made_of", "said"),
    [
        ({"kind": "status"}, "status: Missing required argument; a fault of the kind status takes status, body"),
        ({"kind": "status", "status": 500, "bdy": 1}, "bdy: Unexpected keyword argument; a fault of the kind status"),
        ({"kind": "expired_token", "x": 1}, "a fault of the kind expired_token takes nothing"),
    ],
)
def test_a_fault_that_cannot_be_made_says_what_it_takes(made_of: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        Fault.from_dict(made_of)

    assert "http" not in str(caught.value)
