"""Options: what a client, a child of it and a single call may ask for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from invite_sdk import CloudTruth, ConfigurationError, InvalidArgumentError, InviteClient
from invite_sdk._flows.options import DEFAULT_DEADLINE, DEFAULT_MAX_BODY, DEFAULT_TIMEOUT, Options
from tests.support.wire import ID, ROW

CONNECTION = CloudTruth("https://ct.example", api_key="k3y-that-nobody-may-see")


class Ear:
    """A transport that answers every read and keeps what came."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def client(self, **options: Any) -> InviteClient:
        return InviteClient(CONNECTION, transport=httpx.MockTransport(self._answer), **options)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, json=ROW)

    @property
    def headers(self) -> httpx.Headers:
        return self.requests[-1].headers

    @property
    def timeouts(self) -> Mapping[str, float]:
        found: Mapping[str, float] = self.requests[-1].extensions["timeout"]
        return found


@pytest.fixture
def ear() -> Ear:
    return Ear()


# Values


def test_the_defaults_are_finite_and_as_documented() -> None:
    assert (DEFAULT_TIMEOUT, DEFAULT_DEADLINE, DEFAULT_MAX_BODY) == (20.0, 60.0, 33_554_432)
    assert Options().timeout is None
    assert (Options().deadline, Options().max_body, Options().emulate) == (60.0, 33_554_432, True)


WRONG: list[object] = [0, -1, 0.0, -0.5, math.inf, -math.inf, math.nan, True, "20", (1, 2)]


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize("name", ["timeout", "deadline", "max_body"])
def test_a_limit_is_a_positive_finite_number(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} must be a positive, finite number"):
        InviteClient(CONNECTION, **{name: value})
    with InviteClient(CONNECTION) as client, pytest.raises(ConfigurationError, match=f"^{name} must be"):
        client.with_options(**{name: value})


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize("name", ["timeout", "deadline"])
def test_so_is_one_for_a_call_and_nothing_is_sent(name: str, value: Any, ear: Ear) -> None:
    with ear.client() as client, pytest.raises(InvalidArgumentError, match=f"{name} must be") as caught:
        client.get(ID, **{name: value})

    assert (caught.value.service, caught.value.operation) == ("cloudtruth", "get")
    assert ear.requests == []


def test_emulate_is_a_yes_or_no() -> None:
    wrong: Any = "no"
    with pytest.raises(ConfigurationError, match="emulate must be True or False"):
        InviteClient(CONNECTION, emulate=wrong)


@pytest.mark.parametrize("option", ["max_body", "emulate", "retries", "time_out"])
def test_a_call_takes_no_option_that_it_does_not_know(option: str, ear: Ear) -> None:
    wrong: dict[str, Any] = {option: 1}
    with ear.client() as client:
        with pytest.raises(InvalidArgumentError, match=f"there is no parameter {option}"):
            client.get(ID, **wrong)
        with pytest.raises(InvalidArgumentError, match=f"there is no parameter {option}"):
            client.list(**wrong)

    assert ear.requests == []


def test_an_unknown_option_of_a_client_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="there is no option retries"):
        Options().changed({"retries": 1})


# Headers


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Authorization": "Bearer x"}, "credentials belong into the connection"),
        ({"authorization": "Bearer x"}, "credentials belong into the connection"),
        ({"COOKIE": "id0=x"}, "credentials belong into the connection"),
        ({"Proxy-Authorization": "Basic x"}, "credentials belong into the connection"),
        ({"Host": "evil.example"}, "the client's own"),
        ({"Content-Length": "0"}, "the client's own"),
        ({"content-type": "text/plain"}, "the client's own"),
        ({"Transfer-Encoding": "chunked"}, "the client's own"),
        ({"Accept": "text/html"}, "the client's own"),
        ({"Accept-Encoding": "br"}, "the client's own"),
        ({"X-A": "line\r\nX-B: y"}, "no header can carry"),
        ({"X-A": "nul\x00"}, "no header can carry"),
        ({"X-A": "smörgås"}, "no header can carry"),
        ({"X-A": " leading"}, "no header can carry"),
        ({"X A": "b"}, "no header can carry"),
        ({"X-A:": "b"}, "no header can carry"),
        ({"": "b"}, "no header can carry"),
        ({"X-A": 7}, "must be text"),
        ({7: "X-A"}, "must be text"),
        (["X-A"], "mapping"),
        ("X-A", "mapping"),
    ],
)
def test_a_header_that_is_not_the_callers_to_set_is_refused(headers: Any, reason: str, ear: Ear) -> None:
    with ear.client() as client:
        with pytest.raises(ConfigurationError, match=reason):
            client.with_options(headers=headers)
        with pytest.raises(InvalidArgumentError, match=reason):
            client.get(ID, headers=headers)
    with pytest.raises(ConfigurationError, match=reason):
        InviteClient(CONNECTION, headers=headers)

    assert ear.requests == []


def test_headers_of_the_client_the_child_and_the_call_come_together(ear: Ear) -> None:
    with ear.client(headers={"X-Client": "1", "X-Who": "client"}) as client:
        child = client.with_options(headers={"X-Child": "2", "x-who": "child"})
        child.get(ID, headers={"X-Call": "3", "X-WHO": "call", "X-Empty": ""})
        sent = ear.headers
        child.get(ID)
        of_the_child = ear.headers
        client.get(ID)

    assert [sent.get(name) for name in ("X-Client", "X-Child", "X-Call", "X-Who", "X-Empty")] == [
        "1",
        "2",
        "3",
        "call",
        "",
    ]
    assert (of_the_child["X-Who"], of_the_child.get("X-Call")) == ("child", None)
    assert (ear.headers["X-Who"], ear.headers.get("X-Child")) == ("client", None)


def test_the_user_agent_can_be_another_one(ear: Ear) -> None:
    with ear.client() as client:
        client.get(ID)
        assert ear.headers["User-Agent"].startswith("invite-sdk/")
        client.get(ID, headers={"user-agent": "mine/1"})

    assert ear.headers.get_list("User-Agent") == ["mine/1"]


def test_options_keep_a_copy_of_the_headers(ear: Ear) -> None:
    headers = {"X-A": "1"}
    with ear.client(headers=headers) as client:
        headers["X-A"] = "2"
        headers["Authorization"] = "Bearer sneaked in"
        client.get(ID)

    assert ear.headers["X-A"] == "1"
    assert "sneaked" not in ear.headers["Authorization"]


# Timeouts


@pytest.mark.parametrize(
    ("options", "call", "expected"),
    [
        ({}, {}, {"connect": 10.0, "read": 20.0, "write": 20.0, "pool": 20.0}),
        ({"timeout": 5}, {}, {"connect": 5, "read": 5, "write": 5, "pool": 5}),
        ({"timeout": 5}, {"timeout": 30.0}, {"connect": 10.0, "read": 30.0, "write": 30.0, "pool": 30.0}),
        ({"timeout": 5}, {"timeout": None}, {"connect": 5, "read": 5, "write": 5, "pool": 5}),
    ],
)
def test_each_wait_has_a_limit(
    options: Mapping[str, Any], call: Mapping[str, Any], expected: Mapping[str, float], ear: Ear
) -> None:
    with ear.client(**options) as client:
        client.get(ID, **call)

    assert dict(ear.timeouts) == expected


@pytest.mark.parametrize(
    ("given", "options", "expected"),
    [
        (httpx.Timeout(7.0, connect=3.0), {}, {"connect": 3.0, "read": 7.0, "write": 7.0, "pool": 7.0}),
        (httpx.Timeout(7.0), {"timeout": 4.0}, {"connect": 4.0, "read": 4.0, "write": 4.0, "pool": 4.0}),
        (httpx.Timeout(None), {}, {"connect": None, "read": None, "write": None, "pool": None}),
    ],
)
def test_the_timeouts_of_a_callers_client_hold_unless_others_are_asked_for(
    given: httpx.Timeout, options: Mapping[str, Any], expected: Mapping[str, float | None], ear: Ear
) -> None:
    with httpx.Client(timeout=given, transport=httpx.MockTransport(ear._answer)) as own:
        InviteClient(CONNECTION, http_client=own, **options).get(ID)

    assert dict(ear.timeouts) == expected


@pytest.mark.parametrize("phase", ["connect", "read", "write", "pool"])
@pytest.mark.parametrize("timeout", [httpx.Timeout(None), httpx.Timeout(7.0)])
def test_no_wait_outlasts_the_deadline_even_where_the_callers_client_has_none(
    timeout: httpx.Timeout, phase: str, ear: Ear
) -> None:
    with httpx.Client(timeout=timeout, transport=httpx.MockTransport(ear._answer)) as own:
        client = InviteClient(CONNECTION, http_client=own, deadline=2.0)
        moment = 100.0
        client._http.monotonic = lambda: moment
        client.get(ID)

    assert ear.timeouts.get(phase) == 2.0
    moment = 101.5
    assert ear.timeouts.get(phase) == 0.5
