"""What can be watched: events for hooks, records of the logger, and what neither ever shows."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from invite_clients._runtime import Response
from invite_sdk import (
    ConfigurationError,
    InviteClient,
    InviteError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    ServerError,
)
from invite_sdk._flows.effects import AttemptEvent, Outgoing, TransportFailure
from invite_sdk._flows.events import after, before, log, shown_headers
from invite_sdk._flows.retry import NO_RETRIES, RetryPolicy, Stop
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur, FakeZenML, Fault
from tests.reliability.doors import Door, door

KEY = "0123456789abcdef0123456789abcdef"
SECRET = "a-credential-of-somebody"


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, logger="invite_sdk")
    return caplog


def outgoing(path: str = "/api/invites/", *headers: tuple[str, str]) -> Outgoing:
    return Outgoing("letters", "POST", f"https://panel.example{path}?token={SECRET}", headers, None, 1.0, None, 1)


# The events themselves.


def test_an_event_has_the_path_without_its_query_and_with_invite_keys_masked() -> None:
    event = before("enhance", "check", outgoing(f"/api/invites/{KEY}/validate"), 2)

    assert (event.phase, event.attempt, event.operation, event.native_operation) == ("before", 2, "check", "letters")
    assert event.path.startswith("/api/invites/")
    assert event.path.endswith("cdef/validate")
    assert KEY not in repr(event)
    assert SECRET not in repr(event)


def test_the_event_after_says_how_it_ended() -> None:
    begun = before("enhance", "check", outgoing(), 1)

    answered = after(begun, outgoing(), Response(503), 0.5, 2.0)
    assert (answered.phase, answered.status, answered.failure, answered.seconds, answered.retry_in) == (
        "after",
        503,
        None,
        0.5,
        2.0,
    )
    lost = after(begun, outgoing(), TransportFailure("maybe", "broken", "the connection broke"), 1.5, None)
    assert (lost.status, lost.failure, lost.seconds, lost.retry_in) == (None, "the connection broke", 1.5, None)
    assert (begun.status, begun.failure, begun.seconds, begun.retry_in) == (None, None, None, None)


def test_the_event_after_says_by_whom_and_when_it_was_answered_and_nothing_that_was_sent() -> None:
    sent = outgoing("/x", ("Authorization", SECRET))
    begun = before("enhance", "check", sent, 1)
    said = (("Date", "Mon, 05 Jan 2026 09:00:00 GMT"), ("Server", f"nginx {SECRET} {'x' * 1000}"))

    answered = after(begun, sent, Response(200, said), 0.5, None)

    assert answered.answered_at == 1767603600
    assert answered.server is not None
    assert answered.server.startswith("nginx ")
    assert len(answered.server) <= 200
    assert SECRET not in answered.server
    for headers in ((), (("Date", "yesterday"),)):
        silent = after(begun, sent, Response(200, headers), 0.5, None)
        assert (silent.answered_at, silent.server) == (None, None)


@pytest.mark.parametrize(
    ("stopped_by", "level", "words"),
    [
        ("attempts", "DEBUG", "; not tried again: no attempts are left"),
        ("deadline", "DEBUG", "; not tried again: the next would come after the deadline"),
        ("budget", "WARNING", "; not tried again: the client's retry budget is used up"),
    ],
)
def test_the_log_says_why_there_is_no_next_attempt(
    stopped_by: Stop, level: str, words: str, records: pytest.LogCaptureFixture
) -> None:
    log(
        after(before("enhance", "check", outgoing(), 1), outgoing(), Response(503), 0.5, None, stopped_by),
        outgoing(),
        None,
    )

    (record,) = records.records
    assert record.levelname == level
    assert record.getMessage() == f"enhance check: POST /api/invites/ brought status 503 after 0.500 s{words}"


def test_headers_are_shown_by_an_allow_list() -> None:
    shown = shown_headers(
        (
            ("Accept", "application/json"),
            ("Authorization", f"Bearer {SECRET}"),
            ("Cookie", f"id0={SECRET}"),
            ("Set-Cookie", f"id0={SECRET}"),
            ("Proxy-Authorization", SECRET),
            ("X-Api-Key", SECRET),
            ("Location", f"https://panel.example/invites/{KEY}"),
            ("Link", f"<https://panel.example/invites/{KEY}>"),
            ("X-Of-My-Own", SECRET),
            ("RETRY-AFTER", "7"),
            ("X-Request-ID", "r-1"),
            ("X-Result-Count", "3"),
            ("Content-Type", "application/json"),
            ("User-Agent", "invite-sdk/1"),
        )
    )

    assert shown == {
        "accept": "application/json",
        "retry-after": "7",
        "x-request-id": "r-1",
        "x-result-count": "3",
        "content-type": "application/json",
        "user-agent": "invite-sdk/1",
    }


# The logger.


def test_a_repetition_is_a_warning_and_all_else_is_for_debugging(records: pytest.LogCaptureFixture) -> None:
    sent = outgoing("/x", ("Accept", "application/json"), ("Authorization", SECRET))
    begun = before("waldur", "get", sent, 1)
    log(begun, sent, None)
    again = Response(503, (("Retry-After", "2"), ("Set-Cookie", SECRET)))
    log(after(begun, sent, again, 0.25, 2.5), sent, again)
    lost = TransportFailure("maybe", "broken", "the connection broke")
    log(after(begun, sent, lost, 0.25, 0.125), sent, lost)
    good = Response(200, (("X-Request-ID", "r-1"), ("Set-Cookie", SECRET)))
    log(after(begun, sent, good, 0.25, None), sent, good)

    assert [(record.levelname, record.getMessage()) for record in records.records] == [
        ("DEBUG", "waldur get: POST /x, attempt 1, headers {'accept': 'application/json'}"),
        ("WARNING", "waldur get: POST /x brought status 503 after 0.250 s; trying again in 2.50 s"),
        ("WARNING", "waldur get: POST /x brought the connection broke after 0.250 s; trying again in 0.12 s"),
        ("DEBUG", "waldur get: POST /x brought status 200 after 0.250 s, headers {'x-request-id': 'r-1'}"),
    ]


def test_nothing_is_logged_above_debug_when_all_goes_well(way: Door, caplog: pytest.LogCaptureFixture) -> None:
    fake = FakeWaldur()
    caplog.set_level(logging.INFO)
    client = way.open(fake, "owner")
    client.list().all()
    with pytest.raises(NotFoundError):
        client.get("0" * 32)

    assert [record for record in caplog.records if record.name == "invite_sdk"] == []


def test_a_repetition_warns_even_where_nobody_debugs(way: Door, caplog: pytest.LogCaptureFixture) -> None:
    fake = FakeWaldur()
    caplog.set_level(logging.WARNING)
    fake.faults.plan(Fault.status(503))
    way.open(fake, "owner").list().all()

    (record,) = [record for record in caplog.records if record.name == "invite_sdk"]
    assert record.levelname == "WARNING"
    assert "trying again in 0.25 s" in record.getMessage()


def test_the_logger_is_silent_by_default(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a program that has configured no logging at all.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    fake = FakeWaldur()
    fake.faults.plan(Fault.status(503))
    with door("sync") as made:
        made.open(fake, "owner").list().all()

    assert capsys.readouterr() == ("", "")
    assert any(isinstance(one, logging.NullHandler) for one in logging.getLogger("invite_sdk").handlers)


def test_debug_records_hold_no_secret(way: Door, records: pytest.LogCaptureFixture) -> None:
    fake = FakeEnhance()
    found = fake.invite("ann@example.org").id
    fake.faults.plan(Fault.status(503), on="validate_invite")
    client = way.open(fake, "acme")
    assert client.check(found).valid
    client.accept(found, email="ann@example.org", password="a password of hers")

    text = records.text
    assert "enhance check" in text
    assert "enhance accept" in text
    credential = fake.users["acme"].token or ""
    assert len(credential) == 32
    for secret in (found, credential, "a password of hers", "id0"):
        assert secret not in text


# Hooks.


def test_hooks_are_told_in_pairs_of_every_attempt(way: Door) -> None:
    fake = FakeWaldur()
    found = fake.invite("ann@example.org").uuid
    fake.faults.plan(Fault.status(503), on="user_invitations_cancel")
    told: list[AttemptEvent] = []
    client = way.open(fake, "owner", hooks=[told.append])
    client.cancel(found)

    assert [(e.phase, e.native_operation, e.attempt, e.status, e.retry_in) for e in told] == [
        ("before", "user_invitations_cancel", 1, None, None),
        ("after", "user_invitations_cancel", 1, 503, 0.25),
        ("before", "user_invitations_cancel", 2, None, None),
        ("after", "user_invitations_cancel", 2, 200, None),
        ("before", "user_invitations_retrieve", 1, None, None),
        ("after", "user_invitations_retrieve", 1, 200, None),
    ]
    assert {(e.service, e.operation) for e in told} == {("waldur", "cancel")}
    assert {e.seconds for e in told if e.phase == "after"} == {0.0}


@pytest.mark.parametrize(
    ("fault", "policy", "stops"),
    [
        (Fault.status(503), RetryPolicy(attempts=2), [None, "attempts"]),
        (Fault.status(503), RetryPolicy(budget=1), [None, "budget"]),
        (Fault.retry_after(40), RetryPolicy(), [None, "deadline"]),
        (Fault.slow_headers(15), RetryPolicy(base=0, attempts=9), [None, None, None, None, None, "deadline"]),
        (Fault.status(404), RetryPolicy(), [None]),
    ],
    ids=str,
)
def test_the_last_event_says_why_there_is_no_next_attempt(
    way: Door, fault: Fault, policy: RetryPolicy, stops: list[Stop | None]
) -> None:
    fake = FakeWaldur()
    fake.faults.plan(fault, times=None)
    told: list[AttemptEvent] = []
    with pytest.raises(InviteError):
        way.open(fake, "owner", hooks=[told.append], retry=policy, timeout=10).get("0" * 32)

    assert [event.stopped_by for event in told if event.phase == "after"] == stops


def test_a_wait_before_sending_is_in_the_log(way: Door, records: pytest.LogCaptureFixture) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.retry_after(3))
    client = way.open(fake, "owner", retry=NO_RETRIES)
    with pytest.raises(RateLimitedError):
        client.count()
    client.count()

    said = [record.getMessage() for record in records.records if "waiting" in record.getMessage()]
    assert said == ["cloudtruth count: waiting 3.50 s, as the service asked this client to"]


def test_every_hook_is_told_and_a_child_tells_the_same_ones(way: Door) -> None:
    fake = FakeCloudTruth()
    one: list[AttemptEvent] = []
    two: list[AttemptEvent] = []
    client = way.open(fake, "owner", hooks=(one.append, two.append))
    client.with_options(timeout=5).count()

    assert len(one) == 2
    assert one == two


def test_a_login_is_told_too(way: Door) -> None:
    fake = FakeZenML()
    told: list[AttemptEvent] = []
    way.open(fake, "ana", hooks=[told.append]).list().all()

    assert [(e.phase, e.native_operation) for e in told] == [
        ("before", "auth_login"),
        ("after", "auth_login"),
        ("before", "list_invitations"),
        ("after", "list_invitations"),
    ]


@pytest.mark.parametrize(
    "error", [ValueError("no"), RuntimeError(SECRET), StopIteration(), NotFoundError("x", status=404)]
)
def test_what_a_hook_raises_loses_no_answer(way: Door, error: Exception, records: pytest.LogCaptureFixture) -> None:
    def fail(event: AttemptEvent) -> None:
        raise error

    fake = FakeWaldur()
    told: list[AttemptEvent] = []
    client = way.open(fake, "owner", hooks=[fail, told.append])
    created = client.create("ann@example.org", role=fake.roles["PROJECT.MEMBER"].uuid, scope=fake.scope_url("apollo"))

    assert created.email == "ann@example.org"
    assert len(told) == 2
    warnings = [record.getMessage() for record in records.records if record.levelname == "WARNING"]
    assert warnings == [f"a hook failed with {type(error).__name__}"] * 2
    assert SECRET not in records.text


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_an_asynchronous_hook_is_awaited_before_the_flow_goes_on(name: str) -> None:
    import anyio

    done: list[str] = []

    async def slow(event: AttemptEvent) -> None:
        await anyio.lowlevel.checkpoint()
        done.append(event.phase)

    async def broken(event: AttemptEvent) -> None:
        await anyio.lowlevel.checkpoint()
        raise ValueError(event.phase)

    fake = FakeCloudTruth()
    with door(name) as made:
        client = made.open(fake, "owner", hooks=[broken, slow])
        assert client.count() == 0

    assert done == ["before", "after"]


@pytest.mark.parametrize("hooks", [["print"], [None], [print, 3]])
def test_what_is_no_function_is_no_hook(hooks: Any) -> None:
    with pytest.raises(ConfigurationError, match="hooks"):
        InviteClient(FakeWaldur().connection(), hooks=hooks)


async def slow(_: AttemptEvent) -> None:
    raise AssertionError("nobody would await it")


class Slow:
    async def __call__(self, event: AttemptEvent) -> None:
        await slow(event)


@pytest.mark.parametrize("hook", [slow, Slow()], ids=["function", "object"])
def test_a_synchronous_client_takes_no_asynchronous_hook(hook: Any) -> None:
    with pytest.raises(ConfigurationError, match="async hook"):
        InviteClient(FakeWaldur().connection(), hooks=[hook])


# Per client and per call.


def test_retries_are_set_for_a_client_a_child_and_a_call(way: Door) -> None:
    fake = FakeWaldur()
    fake.faults.plan(Fault.status(503), times=None)
    client = way.open(fake, "owner", retry=NO_RETRIES)

    for caller, call, expected in (
        (client, {}, 1),
        (client.with_options(retry=RetryPolicy(attempts=3)), {}, 3),
        (client, {"retry": RetryPolicy(attempts=2)}, 2),
        (client.with_options(retry=RetryPolicy(attempts=3)), {"retry": NO_RETRIES}, 1),
        (client.with_options(timeout=3), {}, 1),
    ):
        with pytest.raises(ServerError) as caught:
            caller.get("0" * 32, **call)  # type: ignore[arg-type]
        assert caught.value.attempts == expected
    assert len(fake.requests) == 1 + 3 + 2 + 1 + 1


@pytest.mark.parametrize("retry", [0, False, 3, "never"])
def test_a_policy_is_a_policy(retry: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"retry must be a RetryPolicy, not {type(retry).__name__}"):
        InviteClient(FakeWaldur().connection(), retry=retry)


def test_the_attempts_of_an_error_are_those_of_what_failed(way: Door) -> None:
    fake = FakeWaldur()
    found = fake.invite("ann@example.org").uuid
    fake.faults.plan(Fault.status(503), on="user_invitations_cancel", times=None)
    with pytest.raises(OutcomeUnknownError) as caught:
        way.open(fake, "owner").cancel(found)

    # Four attempts to cancel; the state was read once after that.
    assert [one.operation for one in fake.requests] == ["user_invitations_cancel"] * 4 + ["user_invitations_retrieve"]
    assert caught.value.attempts == 4


def test_a_child_tells_its_own_hooks_after_those_of_its_parent(way: Door) -> None:
    fake = FakeWaldur()
    told: list[str] = []
    parent = way.open(fake, "owner", hooks=[lambda event: told.append(f"parent {event.phase}")])

    child = parent.with_options(hooks=[lambda event: told.append(f"child {event.phase}")])

    child.list().first()
    assert told == ["parent before", "child before", "parent after", "child after"]
    told.clear()
    parent.list().first()
    assert told == ["parent before", "parent after"]


def test_an_async_hook_is_refused_by_a_child_of_the_synchronous_client() -> None:
    async def hook(event: AttemptEvent) -> None: ...

    with pytest.raises(ConfigurationError, match="AsyncInviteClient"):
        InviteClient(FakeWaldur().connection()).with_options(hooks=[hook])
