"""From a call to its result, driven by hand: credentials, limits, the one repetition, and what failures become."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest
from pydantic import BaseModel

import invite_sdk
from invite_clients._runtime import Call, Repeat, Request, Response
from invite_sdk import (
    APIError,
    AuthenticationError,
    ConnectError,
    DeadlineExceededError,
    InviteError,
    NotFoundError,
    OutcomeUnknownError,
    ResponseParseError,
    TransportError,
)
from invite_sdk._clients.facade import located
from invite_sdk._errors.classify import rule
from invite_sdk._flows.auth import LoginAuth, NewToken, StaticAuth, TokenKeeper
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Outcome, Outgoing, TransportFailure
from invite_sdk._flows.exchange import encode_query, exchange_all, perform, plain
from invite_sdk._flows.login import renew
from invite_sdk._flows.options import Options
from invite_sdk._privacy.masking import Hidden
from tests.support.flows import KEY, Hand, answer, call, context, headers_of

LOGIN = LoginAuth(
    lambda: Call(
        "postbox",
        "login",
        Request("POST", "/login", body=b'{"password":"open-sesame"}'),
        frozenset({200}),
        True,
        "once",
        lambda response: NewToken(Hidden(response.body.decode()), 3600),
    )
)


def ok(_: Outgoing) -> Outcome:
    return answer(200, {"a": 1})


# The request


def test_a_request_has_its_origin_its_limits_and_its_credential() -> None:
    hand = Hand(ok)
    ctx = context(options=Options(timeout=3, deadline=30, max_body=99, headers={"X-A": "b"}))
    given = call("POST", "/letters/7", body=b"{}", repeat="once")

    assert hand.run(perform(ctx, given)) == {"a": 1}
    ((sent,),) = hand.sent
    assert (sent.operation, sent.method, sent.url) == ("letters", "POST", "https://postbox.example/v1/letters/7")
    assert (sent.body, sent.timeout, sent.deadline, sent.max_body) == (b"{}", 3, 1030.0, 99)
    assert headers_of(sent) == {
        "user-agent": "tests/1",
        "x-a": "b",
        "accept": "application/json",
        "authorization": f"Bearer {KEY}",
    }


def test_a_request_shows_neither_its_url_nor_its_headers_nor_its_body() -> None:
    hand = Hand(ok)
    ctx = context()
    hand.run(perform(ctx, call("POST", "/letters/a-key-of-somebodys", body=b"open-sesame")))

    for shown in (repr(hand.sent), repr(ctx)):
        assert not [secret for secret in (KEY, "a-key-of-somebodys", "open-sesame") if secret in shown]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ((), ""),
        ((("a", "1"), ("a", "2")), "?a=1&a=2"),
        ((("email", "a+b@example.org"), ("o", "-created,email")), "?email=a%2Bb%40example.org&o=-created%2Cemail"),
        ((("q", "a b&c=d#e/f"),), "?q=a%20b%26c%3Dd%23e%2Ff"),
        ((("q", ""), ("ü", "é")), "?q=&%C3%BC=%C3%A9"),
    ],
)
def test_a_query_is_encoded_once(query: tuple[tuple[str, str], ...], text: str) -> None:
    assert encode_query(query) == text


def test_the_deadline_is_set_once_for_all_requests_and_anew_when_asked() -> None:
    hand = Hand(ok)
    ctx = context(options=Options(deadline=10), operation="list")
    hand.run(perform(ctx, call()))
    hand.moment += 7
    hand.run(perform(ctx, call()))
    ctx.renew_deadline()
    hand.run(perform(ctx, call()))

    assert [sent.deadline for (sent,) in hand.sent] == [1010.0, 1010.0, 1017.0]


@pytest.mark.parametrize(("repeat", "counted"), [("safe", 0), ("idempotent", 1), ("once", 1)])
def test_writes_are_counted(repeat: Repeat, counted: int) -> None:
    ctx = context()
    Hand(ok).run(perform(ctx, call("POST", repeat=repeat)))

    assert ctx.writes.count == counted


def test_each_character_stands_in_a_query_as_the_library_writes_it() -> None:
    for query in ([("q", chr(code))] for code in range(256)):
        assert encode_query(query) == "?" + urlencode(query, quote_via=quote)


# Tokens


@pytest.mark.parametrize(("auth", "public"), [(None, False), (None, True), (LOGIN, True)])
def test_a_401_that_no_login_can_help_is_final(auth: LoginAuth | None, public: bool) -> None:
    hand = Hand(lambda _: answer(401))

    with pytest.raises(AuthenticationError):
        hand.run(perform(context(auth=auth), call(public=public)))
    assert (len(hand.sent), hand.refused) == (1, [])


def test_of_several_requests_only_the_refused_ones_are_repeated() -> None:
    def respond(sent: Outgoing) -> Outcome:
        if sent.url.endswith("/2") and headers_of(sent)["authorization"] == "Bearer old":
            return answer(401)
        return answer(200, sent.url[-1])

    hand = Hand(respond, tokens=["old", "new"])
    found = hand.run(exchange_all(context(auth=LOGIN), [call(path=f"/{number}") for number in (1, 2, 3)]))

    assert [response.body for response in found] == [b'"1"', b'"2"', b'"3"']
    assert [[sent.url[-1] for sent in step] for step in hand.sent] == [["1", "2", "3"], ["2"]]


def test_a_token_that_a_success_refuses_is_renewed() -> None:
    def respond(sent: Outgoing) -> Outcome:
        is_old = headers_of(sent)["authorization"] == "Bearer old"
        return answer(200, {"code": "auth"} if is_old else {"code": "other"} if sent.method == "POST" else "fine")

    rules = (rule(AuthenticationError, statuses=(200,), codes=("auth",)),)
    hand = Hand(respond, tokens=["old", "new", "old", "new"])

    def ctx() -> Context:
        return dataclasses.replace(context(auth=LOGIN), rules=rules, refused=lambda said: b"code" in said.body)

    assert hand.run(perform(ctx(), call())) == "fine"
    with pytest.raises(APIError, match="other"):
        hand.run(perform(ctx(), call("POST", repeat="once")))
    assert hand.refused == [None, "old", None, "old"]


def test_a_token_that_somebody_else_has_brought_is_taken() -> None:
    keeper = TokenKeeper()
    keeper.keep(NewToken(Hidden("theirs"), 3600), 1000.0)
    hand = Hand(ok)

    assert hand.run(renew(context(auth=LOGIN), keeper, "old")) == "theirs"
    assert hand.sent == []


def test_a_login_is_a_request_without_a_credential_and_no_write() -> None:
    hand = Hand(lambda _: Response(200, (), b"brand-new"))
    ctx = context(auth=LOGIN).for_login(0)
    keeper = TokenKeeper()

    assert hand.run(renew(ctx, keeper, None)) == "brand-new"
    assert "authorization" not in headers_of(hand.sent[0][0])
    assert keeper.usable(1000.0 + 3299, None) == "brand-new"
    assert keeper.usable(1000.0 + 3300, None) is None
    assert keeper.usable(1000.0, "brand-new") is None


# Failures


@pytest.mark.parametrize(
    ("failure", "repeat", "error"),
    [
        (TransportFailure("no", "connect", "refused"), "safe", ConnectError),
        (TransportFailure("no", "connect", "refused"), "once", ConnectError),
        (TransportFailure("no", "timeout", "no connection in time"), "once", invite_sdk.TimeoutError),
        (TransportFailure("no", "deadline", "too late"), "safe", DeadlineExceededError),
        (TransportFailure("no", "deadline", "too late"), "once", DeadlineExceededError),
        (TransportFailure("maybe", "timeout", "silence"), "safe", invite_sdk.TimeoutError),
        (TransportFailure("maybe", "deadline", "too late"), "safe", DeadlineExceededError),
        (TransportFailure("maybe", "broken", "reset"), "safe", TransportError),
        (TransportFailure("maybe", "too_large", "too large"), "safe", TransportError),
        (TransportFailure("maybe", "timeout", "silence"), "once", OutcomeUnknownError),
        (TransportFailure("maybe", "timeout", "silence"), "idempotent", OutcomeUnknownError),
        (TransportFailure("maybe", "deadline", "too late"), "once", OutcomeUnknownError),
        (TransportFailure("maybe", "broken", "reset"), "once", OutcomeUnknownError),
        (TransportFailure("maybe", "too_large", "too large"), "once", OutcomeUnknownError),
    ],
)
def test_a_lost_answer_becomes_the_error_that_says_what_is_known(
    failure: TransportFailure, repeat: Repeat, error: type[InviteError]
) -> None:
    with pytest.raises(InviteError, match=failure.detail) as caught:
        Hand(lambda _: failure).run(perform(context(), call("POST", repeat=repeat)))

    assert type(caught.value) is error
    if isinstance(caught.value, OutcomeUnknownError):
        assert caught.value.known == failure.detail
        assert "before trying again" in caught.value.advice


def test_a_refusal_becomes_its_class_and_keeps_what_was_said() -> None:
    refused = answer(404, {"detail": "No such letter."}, X_Request_ID="r-17", Set_Cookie="id0=hidden")

    with pytest.raises(NotFoundError, match="No such letter") as caught:
        Hand(lambda _: refused).run(perform(context(), call()))
    assert (caught.value.status, caught.value.request_id) == (404, "r-17")
    assert "hidden" not in str(caught.value.__dict__)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_a_refusal_is_read_however_its_text_is_written(encoding: str) -> None:
    refused = answer(404, {"code": "gone", "detail": "No such \u00c4rger."})
    refused = dataclasses.replace(refused, body=refused.body.decode().encode(encoding))

    with pytest.raises(NotFoundError, match="No such \u00c4rger") as caught:
        Hand(lambda _: refused).run(perform(context(), call()))
    assert caught.value.code == "gone"


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfeabc", b"\x00", b"a\x00\x00\xd8", b"\xef\xbb\xbf\xff", "\u00e4".encode()]
)
def test_what_is_no_text_in_another_encoding_stays_as_it_is(body: bytes) -> None:
    assert plain(Response(200, (), body)).body == body


@pytest.mark.parametrize("status", [100, 204, 299, 418, 600, 999])
def test_any_status_that_carries_no_result_is_an_error_with_that_status(status: int) -> None:
    with pytest.raises(InviteError) as caught:
        Hand(lambda _: answer(status)).run(perform(context(), call()))

    assert getattr(caught.value, "status", None) == status


class Letter(BaseModel):
    sender: str
    weight: int


def _fails(error: Exception) -> Callable[[Response], object]:
    def reader(_: Response) -> object:
        raise error

    return reader


@pytest.mark.parametrize(
    ("reader", "body", "said"),
    [
        (
            lambda r: Letter.model_validate_json(r.body),
            b'{"weight": "secret stuff"}',
            "sender: Field required; weight:",
        ),
        (lambda r: Letter.model_validate_json(r.body), b"<html>secret stuff", "body: Invalid JSON"),
        (_fails(ValueError("expected a string, got an HTML page")), b"secret stuff", "expected a string"),
        (_fails(ValueError("secret stuff is no letter")), b"secret stuff", "not what the specification says"),
        (_fails(RecursionError("too deep")), b"secret stuff", "not what the specification says"),
    ],
)
def test_an_unreadable_answer_says_where_and_keeps_the_bytes(
    reader: Callable[[Response], object], body: bytes, said: str
) -> None:
    given = dataclasses.replace(call(), reader=reader)
    with pytest.raises(ResponseParseError, match="could not be read") as caught:
        Hand(lambda _: Response(200, (("X-Request-Id", "r-18"),), body)).run(perform(context(), given))

    assert said in str(caught.value)
    assert "secret stuff" not in str(caught.value)
    assert (caught.value.status, caught.value.body, caught.value.request_id) == (200, body, "r-18")


def test_errors_say_where_they_happened() -> None:
    ctx = context(auth=LOGIN, operation="list")
    with pytest.raises(AuthenticationError) as caught:
        Hand(lambda _: answer(401), tokens=["a", "b"]).run(located(ctx, perform(ctx, call())))

    assert (caught.value.service, caught.value.operation, caught.value.attempts) == ("postbox", "list", 1)
    assert str(caught.value).startswith("postbox list: 401")


# Credentials that come back


@pytest.mark.parametrize(
    ("body", "sent_secret"),
    [
        (b'{"password":"open-sesame"}', "open-sesame"),
        (b"client_secret=open-sesame&audience=x", "open-sesame"),
        (b'{"session":"open-sesame","note":["open"]}', "open-sesame"),
        (None, KEY),
        (b"[1, 2]", KEY),
        (b"\xff\xfe not a form", KEY),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_what_a_server_repeats_of_our_secrets_is_taken_out(body: bytes | None, sent_secret: str, status: int) -> None:
    echo = Response(
        status, (("Server", f"says {sent_secret}"),), f'{{"detail": "not {sent_secret}"'.encode() + b" \xff"
    )
    ctx = context()
    with pytest.raises(InviteError) as caught:
        Hand(lambda _: echo).run(located(ctx, perform(ctx, call("POST", body=body))))

    assert sent_secret not in f"{caught.value} {caught.value!r} {caught.value.__dict__}"
    assert sent_secret.encode() not in pickle.dumps(caught.value)
    assert sent_secret not in f"{caught.value.__context__!r} {caught.value.__cause__!r}"
    assert "not ..." in str(caught.value.__dict__) or b"not ..." in caught.value.__dict__["body"]


def test_the_token_of_a_mail_keeps_its_end() -> None:
    ctx = context()
    echo = answer(400, {"token": ["a-token-from-a-mail is used up"]})
    with pytest.raises(InviteError, match=r"\.\.\.mail is used up") as caught:
        Hand(lambda _: echo).run(located(ctx, perform(ctx, call("POST", body=b'{"token":"a-token-from-a-mail"}'))))

    assert "a-token-from" not in str(caught.value.__dict__)


def test_short_values_are_left_alone() -> None:
    ctx = context(auth=StaticAuth("X-Key", Hidden("ab")))
    with pytest.raises(InviteError, match="grab a cab"):
        Hand(lambda _: answer(400, {"detail": "grab a cab"})).run(
            located(ctx, perform(ctx, call("POST", body=b'{"password":"ab"}')))
        )
