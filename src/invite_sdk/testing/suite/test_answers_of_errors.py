"""What an error knows of the answer is what the answer said, also where one error became another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from invite_sdk import (
    AlreadyInvitedError,
    APIError,
    InviteError,
    OutcomeUnknownError,
    ResponseParseError,
)
from invite_sdk._flows.retry import NO_RETRIES
from invite_sdk.testing import FakeRequest, FakeResponse
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddler import Before
from invite_sdk.testing.suite.meddling import answering
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import having, newest

HEADERS = (("X-Request-ID", "req-7"), ("Server", "nginx"), ("Retry-After", "1"), ("Set-Cookie", "a=secret"))
KEPT = {"x-request-id": "req-7", "server": "nginx", "retry-after": "1", "content-type": "application/json"}


def with_headers(request: FakeRequest, response: FakeResponse) -> FakeResponse:
    """A service that says more than it must."""
    return replace(response, headers=(*response.headers, *HEADERS))


def caught(connect: Connect, operation: str, given: Any, named: Any, before: Before | None = None) -> InviteError:
    with pytest.raises(InviteError) as raised:
        getattr(connect(before=before, after=with_headers, retry=NO_RETRIES), operation)(*given, **named)
    return raised.value


@having("create", second_open=False)
def test_who_was_invited_already_hears_all_that_the_refusal_said(world: World, connect: Connect) -> None:
    case = world.case("create", connect())
    world.invite()
    error = caught(connect, "create", case.given, case.named)

    assert isinstance(error, AlreadyInvitedError)
    own = {name.lower() for one in world.fake.requests for name, _ in one.response.headers} - set(KEPT)
    assert {name: said for name, said in error.headers.items() if name not in own} == KEPT
    assert (error.request_id, error.retry_after, error.attempts) == ("req-7", 1.0, 1)
    assert isinstance(error.__cause__, APIError)
    told = ("status", "messages", "field_errors", "code", "body", "retry_after", "headers", "request_id", "attempts")
    assert {name: getattr(error, name) for name in told} == {name: getattr(error.__cause__, name) for name in told}
    assert error.messages or error.field_errors


@newest("create")
def test_an_unknown_outcome_tells_what_the_answer_said(world: World, connect: Connect) -> None:
    case = world.case("create", connect())
    before = answering("POST", FakeResponse.json(503, {"code": "busy", "detail": "Busy.", "message": "Busy."}))
    error = caught(connect, "create", case.given, case.named, before)

    assert isinstance(error, OutcomeUnknownError)
    assert (error.status, error.headers, error.request_id, error.retry_after) == (503, KEPT, "req-7", 1.0)
    assert error.attempts == 1
    assert "Busy." in error.body
    assert "Busy." in error.messages


@newest("list", "get")
def test_an_answer_that_cannot_be_read_tells_its_headers(world: World, connect: Connect) -> None:
    found = world.invite()
    error = caught(connect, "get", (found,), {}, answering("GET", FakeResponse.json(200, [1])))

    assert isinstance(error, ResponseParseError)
    assert (error.status, error.headers, error.request_id) == (200, KEPT, "req-7")


@newest("create")
def test_a_web_page_in_place_of_a_confirmation_tells_its_headers(world: World, connect: Connect) -> None:
    case = world.case("create", connect())
    page = FakeResponse(200, (("Content-Type", "text/html"),), b"<html><body>Log in</body></html>")
    error = caught(connect, "create", case.given, case.named, answering("POST", page))

    assert isinstance(error, OutcomeUnknownError)
    assert (error.status, error.headers, error.request_id) == (None, {**KEPT, "content-type": "text/html"}, "req-7")
