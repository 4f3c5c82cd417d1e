"""What an attacker on the wire, or a caller's mistake, could do between a call and its result; and what comes of it."""

from __future__ import annotations

import copy
import gzip
import json
import pickle
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import anyio
import httpx
import pytest
from pydantic import BaseModel, ValidationError

from invite_clients._runtime import Call, Request, Response
from invite_sdk import (
    AsyncInviteClient,
    ConfigurationError,
    InvalidArgumentError,
    Invitation,
    InviteClient,
    OutcomeUnknownError,
    ResponseParseError,
    Status,
    Waldur,
)
from invite_sdk._clients.pager import Pager
from invite_sdk._errors.bodies import read_error_body
from invite_sdk._flows.auth import LoginAuth, NewToken, StaticAuth, TokenKeeper
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import AttemptEvent, Effect, Flow, Outcome, Outgoing, Send, TransportFailure
from invite_sdk._flows.exchange import perform
from invite_sdk._flows.options import Options
from invite_sdk._flows.outcomes import read
from invite_sdk._flows.paging import read_rows
from invite_sdk._flows.retry import RetryPolicy
from invite_sdk._http.body import Body, BodyError
from invite_sdk._privacy.masking import Hidden
from tests.support import programs
from tests.support.flows import Hand, answer, call, context, outgoing
from tests.support.net import Net
from tests.support.pages import listing

KEY = "k3y-that-nobody-may-see"


# A client that is closed between two attempts


def closing(outcomes: list[Outcome]) -> Callable[[Outgoing], Outcome]:
    """Answers so, and then the client is closed."""

    def respond(_: Outgoing) -> Outcome:
        if not outcomes:
            raise ConfigurationError("this client is closed; make a new one")
        return outcomes.pop(0)

    return respond


def patient() -> Context:
    return context(options=Options(retry=RetryPolicy(attempts=3)))


def test_a_client_closed_after_a_write_that_may_have_taken_effect_leaves_the_outcome_unknown() -> None:
    lost = TransportFailure("maybe", "broken", "the connection broke")
    hand = Hand(closing([lost]))
    with pytest.raises(OutcomeUnknownError, match="closed") as raised:
        hand.run(perform(patient(), call("DELETE", repeat="idempotent")))

    assert raised.value.attempts == 1


@pytest.mark.parametrize(
    ("outcomes", "repeat"),
    [([], "idempotent"), ([TransportFailure("no", "connect", "refused")], "idempotent"), ([answer(503)], "safe")],
)
def test_a_client_closed_before_anything_can_have_happened_is_a_configuration_error(
    outcomes: list[Outcome], repeat: str
) -> None:
    given = replace(call("DELETE"), repeat=repeat)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError):
        Hand(closing(outcomes)).run(perform(patient(), given))


# Where a request goes


@pytest.mark.parametrize(
    "path",
    [
        ".evil.example/",
        ":8443/",
        "@evil.example/x",
        "",
        "/../../x",
        "/a/..",
        "/./a",
        "/%2e%2E/x",
        "/.%2e",
        "/a?b=c",
        "/a#b",
        "/a\\b",
        "/a b",
        "/a\nb",
        "/ä",
    ],
)
def test_a_call_with_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    hand = Hand(lambda _: answer(200, {}))
    with pytest.raises(InvalidArgumentError, match="path"):
        hand.run(perform(context(), call(path=path)))

    assert hand.sent == []


@pytest.mark.parametrize("path", ["/", "/a/b/", "/a..b/.c/...", "/a%2Fb", "/%252e%252e/"])
def test_a_path_that_stays_is_sent(path: str) -> None:
    hand = Hand(lambda _: answer(200, {}))
    hand.run(perform(context(), call(path=path)))

    assert hand.sent[0][0].url == f"https://postbox.example/v1{path}"


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/a", (), (("X-A", "b\r\nX-B: c"),)),
        Request("GET", "/a", (), (("X A", "b"),)),
        Request("GET", "/a", (), (("X-A", "ä"),)),
        Request("GET / HTTP/1.1\r\n", "/a"),
        Request("GET", "/a", (("q", "\ud800"),)),
    ],
)
def test_a_call_that_no_request_can_carry_is_refused(request_: Request) -> None:
    with pytest.raises(InvalidArgumentError):
        Hand(lambda _: answer(200, {})).run(perform(context(), replace(call(), request=request_)))


# What shows


def enhance_invitation() -> Invitation:
    return Invitation.from_fields(
        "enhance",
        None,
        {"id": "invite-key-of-somebody", "status": Status.PENDING, "url": "https://p.example/invites/invite-key-of-s"},
    )


def test_a_validation_error_shows_no_invite_key() -> None:
    with pytest.raises(ValidationError) as raised:
        Invitation.model_validate({"service": "enhance", "id": ["invite-key"], "status": "pending"})

    assert "invite-key" not in str(raised.value)


def test_the_set_of_fields_is_everybodys_own() -> None:
    invitation = enhance_invitation()
    invitation.model_fields_set.clear()

    assert "id" in invitation.model_fields_set
    assert enhance_invitation().model_fields_set == invitation.model_fields_set
    assert copy.copy(invitation) == invitation


@pytest.mark.parametrize(
    "holder",
    [
        StaticAuth.authorization("Bearer", Hidden(KEY)),
        NewToken(Hidden(KEY), None),
        LoginAuth(enhance_invitation),  # type: ignore[arg-type]
    ],
)
def test_what_holds_a_credential_does_not_pickle(holder: object) -> None:
    with pytest.raises(TypeError, match="does not pickle"):
        pickle.dumps(holder)


def test_a_reason_is_one_line(net: Net) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused\r\n  by \x1b[31mthem\x00")

    (outcome,) = net.outcomes(fail, outgoing())

    assert isinstance(outcome, TransportFailure)
    assert outcome.detail == "no connection to postbox.example (ConnectError: refused by [31mthem)"


# What takes long, or never ends


@pytest.mark.anyio
async def test_a_hook_that_hangs_ends_with_the_deadline() -> None:
    async def hang(_: AttemptEvent) -> None:
        await anyio.sleep_forever()

    transport = httpx.MockTransport(lambda _: httpx.Response(404, json={}))
    connection = Waldur("https://waldur.example", token=KEY)
    with anyio.fail_after(5):
        async with AsyncInviteClient(connection, transport=transport, hooks=[hang], deadline=0.01) as client:
            with pytest.raises(Exception, match="deadline"):
                await client.get("3fa85f6457174562b3fc2c963f66afa6")


class Row(BaseModel):
    ids: list[int]


def test_a_page_of_rubbish_is_given_up() -> None:
    rows: list[object] = [{"ids": 1}] * 5_000
    with pytest.raises(ResponseParseError, match="more than 1000 cannot be read"):
        read_rows(Response(200), rows, Row, 1)


def test_a_row_with_many_faults_is_one_short_problem() -> None:
    _, (problem,) = read_rows(Response(200), [{"ids": ["x"] * 5_000}], Row, 1)

    assert problem.reason == "row: 5000 values are not what the specification says"


def test_an_answer_with_many_faults_is_one_short_error() -> None:
    body = json.dumps({"ids": ["x"] * 5_000}).encode()
    given = Call(
        "s", "o", Request("GET", "/"), frozenset({200}), False, "safe", lambda r: Row.model_validate_json(r.body)
    )
    with pytest.raises(ResponseParseError, match="body: 5000 values are not"):
        read(given, Response(200, (), body))


def test_a_refusal_about_very_many_fields_is_read_up_to_a_hundred() -> None:
    deep = {f"a{i}": {f"b{j}": {f"c{k}": "no" for k in range(20)} for j in range(20)} for i in range(20)}
    said = read_error_body(Response(400, (), json.dumps({"x": deep}).encode()))

    assert len(said.field_errors) == 100


def test_a_token_of_a_mail_has_a_longest_length() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    with InviteClient(Waldur("https://waldur.example", token=KEY), transport=transport) as client:
        client.approve("t" * 4_096)
        with pytest.raises(InvalidArgumentError, match="4096"):
            client.approve("t" * 4_097)


@pytest.mark.parametrize("name", ["timeout", "deadline"])
def test_nobody_waits_longer_than_a_day(name: str) -> None:
    Options().changed({name: 86_400})
    with pytest.raises(ConfigurationError, match="86400"):
        Options().changed({name: 86_401})
    with pytest.raises(InvalidArgumentError, match="86400"):
        Options().with_call({name: 1e12})  # type: ignore[misc]


@pytest.mark.parametrize("lifetime", [float("inf"), 10**400, 1e300])
def test_no_token_is_kept_for_ever(lifetime: float) -> None:
    keeper = TokenKeeper()
    keeper.keep(NewToken(Hidden(KEY), lifetime), 1_000.0)

    assert keeper.renew_at == 1_000.0 + 7 * 86_400 - 300


# Bodies of several gzip members


def whole(data: bytes, chunk: int, limit: int = 1_000_000) -> bytes:
    body = Body(limit, "gzip")
    for start in range(0, len(data), chunk):
        body.add(data[start : start + chunk])
    return body.whole()


@pytest.mark.parametrize("chunk", [1, 7, 1_000_000])
@pytest.mark.parametrize("behind", [b"", b"\0" * 40, b"rubbish"])
def test_every_member_of_a_gzip_body_is_read(chunk: int, behind: bytes) -> None:
    data = gzip.compress(b'{"a":') + gzip.compress(b"") + gzip.compress(b"1}" + b" " * 200_000)

    assert whole(data + behind, chunk) == b'{"a":1}' + b" " * 200_000


@pytest.mark.parametrize("chunk", [1, 1_000_000])
def test_a_member_that_ends_too_early_is_no_body(chunk: int) -> None:
    with pytest.raises(BodyError, match="too early"):
        whole(gzip.compress(b"one") + gzip.compress(b"two")[:-3], chunk)


def test_very_many_members_are_refused() -> None:
    with pytest.raises(BodyError, match="too many parts"):
        whole(gzip.compress(b"") * 10_001, 1_000_000)


def test_the_limit_holds_over_all_members() -> None:
    with pytest.raises(BodyError, match="more than 1000 bytes"):
        whole(gzip.compress(b" " * 600) * 2, 1_000_000, 1_000)


# Errors that are nobody's


def test_several_requests_at_once_raise_one_error(net: Net) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError("a fault of the transport's own")

    with pytest.raises(ZeroDivisionError):
        net.outcomes(fail, outgoing(), outgoing())


def test_a_name_that_cannot_be_looked_up_is_no_connection(net: Net) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        "a..b".encode("idna")
        raise AssertionError

    (outcome,) = net.outcomes(fail, outgoing())

    assert outcome == TransportFailure("no", "connect", "the URL or a header cannot be sent")


def test_a_header_that_cannot_be_written_is_no_connection(net: Net) -> None:
    (outcome,) = net.outcomes(lambda _: httpx.Response(200), outgoing(headers=(("X-A", "\ud800"),)))

    assert outcome == TransportFailure("no", "connect", "the URL or a header cannot be sent")


def test_text_that_a_transport_cannot_read_may_come_after_the_request(net: Net) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        b"\xff".decode()
        raise AssertionError

    (outcome,) = net.outcomes(fail, outgoing())

    assert isinstance(outcome, TransportFailure)
    assert outcome.sent == "maybe"


def test_a_hook_that_asks_the_listing_it_watches_for_more_harms_nobody() -> None:
    asked: list[str] = []

    def hook(_: AttemptEvent) -> None:
        if asked:
            try:
                next(rows, None)
            except ConfigurationError as error:
                asked.append(error.message)
                raise
        asked.append("began")

    transport = httpx.MockTransport(listing(8, 2))
    with InviteClient(Waldur("https://w.example", token=KEY), transport=transport, hooks=[hook]) as client:
        rows = iter(client.list())
        found = [row.id for row in rows]

    assert found == [f"{page:016x}{row:016x}" for page in range(1, 9) for row in range(2)]
    assert any("two threads iterate over one listing" in said for said in asked)


def test_a_listing_that_is_left_when_the_program_ends_says_nothing() -> None:
    program = """
        import httpx
        from invite_sdk import InviteClient, Waldur
        from tests.support.pages import listing
        class Job:
            def __init__(self):
                transport = httpx.MockTransport(listing(8, 2))
                self.rows = iter(InviteClient(Waldur("https://w.example", token="t" * 40), transport=transport).list())
                self.step = lambda: next(self.rows)
        job = Job()
        print(job.step().status)
    """

    assert programs.run(program) == "pending\n"


def test_a_body_is_the_same_in_whatever_pieces_it_comes() -> None:
    reused = bytearray(b"ab")
    body = Body(100)
    body.add(reused)  # type: ignore[arg-type]
    reused[:] = b"cd"
    body.add(reused)  # type: ignore[arg-type]
    body.add(memoryview(b"ef"))  # type: ignore[arg-type]

    assert body.whole() == b"abcdef"


def test_two_threads_in_one_iteration_are_told_so() -> None:
    inside, go_on = threading.Event(), threading.Event()

    def start() -> Flow[None]:
        yield Send(())

    def interpret(_: Effect) -> object:
        inside.set()
        go_on.wait(10)
        return ()

    rows: Iterator[Invitation] = iter(Pager(start, interpret))
    other = threading.Thread(target=lambda: next(rows, None))
    other.start()
    try:
        assert inside.wait(10)
        with pytest.raises(ConfigurationError, match="two threads"):
            next(rows)
    finally:
        go_on.set()
        other.join()
