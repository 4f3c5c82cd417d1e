"""An `http_client` of the caller's: everything that it can change, while our requests and answers stay the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from invite_sdk import (
    AlreadyInvitedError,
    CloudTruth,
    ConfigurationError,
    Enhance,
    InviteClient,
    NotFoundError,
    OutcomeUnknownError,
    PlanLimitError,
    RedirectError,
    RetryPolicy,
    ServerError,
    TransportError,
    ValidationError,
    Waldur,
)
from invite_sdk.testing import FakeCloudTruth
from tests.support.net import DELETE, KEY, Net
from tests.support.wire import FOUND, ID, ROW, Heard, Line, json_response, response, serve

VALID = {"isValid": True, "email": None}
HEADERS = {
    "X-Api-Key": "of-the-caller",
    "Authorization": "Bearer of-the-caller",
    "Proxy-Authorization": "Basic of-the-caller",
    "Cookie": "a=of-the-caller",
    "Content-Type": "text/of-the-caller",
    "Accept": "text/of-the-caller",
    "Accept-Encoding": "br",
    "Connection": "close",
    "Host": "of-the-caller.example",
    "User-Agent": "of-the-caller",
    "X-HTTP-Method-Override": "DELETE",
}


class Signing(httpx.Auth):
    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["X-Signature"] = "of-the-caller"
        request.url = request.url.copy_set_param("signed", "of-the-caller")
        yield request


class Building:
    """What a client of a class of its own may do with the requests that it makes itself."""

    def build_request(self, *given: Any, **named: Any) -> httpx.Request:
        return httpx.Request("DELETE", "https://of-the-caller.example")

    def request(self, *given: Any, **named: Any) -> httpx.Response:
        raise AssertionError

    def _merge_url(self, url: Any) -> httpx.URL:
        return httpx.URL("https://of-the-caller.example")

    def _merge_queryparams(self, params: Any = None) -> Any:
        return {"of": "the-caller"}

    def _merge_headers(self, headers: Any = None) -> Any:
        return HEADERS

    def _merge_cookies(self, cookies: Any = None) -> Any:
        return {"of": "the-caller"}

    def _build_request_auth(self, *given: Any) -> httpx.Auth:
        return Signing()


CHANGES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "params": {"params": {"state": "canceled", "page": "7"}},
    "headers": {"headers": HEADERS},
    "cookies": {"cookies": {"a": "of-the-caller"}},
    "a user and a password": {"auth": ("of-the-caller", "secret")},
    "auth": {"auth": Signing()},
    "base_url": {"base_url": "http://of-the-caller.example/base/?of=the-caller"},
    "follow_redirects": {"follow_redirects": True},
    "max_redirects": {"max_redirects": -1},
    "trust_env": {"trust_env": True},
    "default_encoding": {"default_encoding": "utf-16"},
    "timeout": {"timeout": httpx.Timeout(None)},
    "limits": {"limits": httpx.Limits(max_keepalive_connections=0)},
    "a class": {"of": Building},
}
"""Everything that a client takes but for its ways (`transport`, `mounts`, `proxy`, `verify`) and its hooks."""


@pytest.mark.parametrize("change", CHANGES)
def test_our_request_is_what_we_made(net: Net, change: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    passwords = tmp_path / "netrc"
    passwords.write_text("machine 127.0.0.1 login of-the-caller password secret")
    monkeypatch.setenv("NETRC", str(passwords))
    options = dict(CHANGES[change])
    kind: Any = httpx.Client if net.is_sync else httpx.AsyncClient
    if extra := options.pop("of", None):
        kind = type("Theirs", (extra, kind), {})
    own = kind(**options)

    def answer(line: Line, heard: Heard) -> None:
        if heard.method == "HEAD":
            line.send(response(200, X_Result_Count="7", Set_Cookie="sid=of-the-service; Path=/"))
        else:
            line.send(json_response(200, VALID if "invites" in heard.target else ROW))

    with serve(answer) as server, net.connect(server.url, http_client=own) as client:
        client.get(ID)
        client.native(DELETE)
        assert net.client(Waldur(server.url, token=KEY), http_client=own).count(status="canceled") == 7
        client.create("a@example.org", role="VIEWER")
        net.client(Enhance(server.url, token=KEY), http_client=own).check("invite-key")
    net.run(own.close if net.is_sync else own.aclose)
    assert "sid" not in own.cookies

    host = server.url.removeprefix("http://")
    head = [
        f"Host: {host}",
        "Accept-Encoding: gzip, deflate",
        "User-Agent: invite-sdk/0.1.0",
        "Accept: application/json",
    ]
    key, json = f"Authorization: Api-Key {KEY}", "Content-Type: application/json"
    place = "/api/v1/invitations/"
    assert [(heard.method, heard.target, list(heard.lines), heard.body) for heard in server.requests] == [
        ("GET", f"{place}{ID}/", [*head, key], b""),
        ("DELETE", f"{place}{ID}/", [*head, key], b""),
        (
            "HEAD",
            "/api/user-invitations/?state=canceled",
            [*head, f"Authorization: Token {KEY}"],
            b"",
        ),
        ("POST", place, [*head, json, key, "Content-Length: 41"], b'{"email":"a@example.org","role":"VIEWER"}'),
        ("POST", "/api/invites/invite-key/validate", [head[0], "Content-Length: 0", *head[1:]], b""),
    ]


@pytest.mark.parametrize("mounted", [False, True])
def test_its_transports_are_used(net: Net, mounted: bool) -> None:
    way = httpx.MockTransport(lambda request: httpx.Response(200, json=ROW))
    other = httpx.MockTransport(lambda request: httpx.Response(500))
    options: dict[str, Any] = (
        {"transport": other, "mounts": {"https://ct.example": way}} if mounted else {"transport": way}
    )
    with net.brought(**options) as own, net.connect("https://ct.example", http_client=own) as client:
        assert client.get(ID).id == ID


@pytest.mark.parametrize(
    "name", ["send", "_send_handling_auth", "_send_handling_redirects", "_send_single_request", "_transport_for_url"]
)
@pytest.mark.parametrize("by_hand", [False, True])
def test_a_client_that_sends_by_itself_is_refused(net: Net, name: str, by_hand: bool) -> None:
    kind: Any = httpx.Client if net.is_sync else httpx.AsyncClient
    own = kind() if by_hand else type("Theirs", (kind,), {name: getattr(kind, name).__call__})()
    if by_hand:
        setattr(own, name, getattr(own, name))
    with pytest.raises(
        ConfigurationError, match=f"http_client has a `{name}` of its own.*transport or its event hooks"
    ):
        net.client("https://ct.example", http_client=own)


def test_a_class_that_closes_its_client_at_its_end_keeps_its_connections(net: Net) -> None:
    kind: Any = httpx.Client if net.is_sync else httpx.AsyncClient
    ended: list[int] = []
    own = type("Theirs", (kind,), {"__del__": lambda self: ended.append(1)})()
    with serve(FOUND) as server, net.connect(server.url, http_client=own) as client:
        client.get(ID)
        client.get(ID)
        assert ended == []
    net.run(own.close if net.is_sync else own.aclose)

    assert server.connections == 1


# Its event hooks


def hooks(
    net: Net, *, request: Callable[[Any], Any] | None = None, response: Callable[[Any], Any] | None = None
) -> Any:
    """Event hooks, asynchronous ones where they have to be."""

    def made(hook: Callable[[Any], Any]) -> Callable[[Any], Any]:
        async def later(given: Any) -> None:
            found = hook(given)
            if isinstance(found, Awaitable):
                await found

        return hook if net.is_sync else later

    return {"request": [made(request)] if request else [], "response": [made(response)] if response else []}


def test_its_hooks_see_requests_and_answers_and_may_add_headers(net: Net) -> None:
    seen: list[object] = []

    def trace(request: httpx.Request) -> None:
        seen.append((request.method, request.url.path))
        request.headers["Traceparent"] = "00-1-1-01"
        request.headers["User-Agent"] = "of-the-caller"

    def look(answer: httpx.Response) -> None:
        seen.append((answer.status_code, answer.headers.get("location"), answer.request.method))

    answer = json_response(200, ROW, Location="/elsewhere")
    with (
        serve(answer) as server,
        net.brought(event_hooks=hooks(net, request=trace, response=look)) as own,
        net.connect(server.url, http_client=own) as client,
    ):
        assert client.get(ID).id == ID

    (heard,) = server.requests
    assert (heard.headers["traceparent"], heard.headers["user-agent"]) == ("00-1-1-01", "of-the-caller")
    assert heard.headers["authorization"] == f"Api-Key {KEY}"
    assert seen == [("GET", f"/api/v1/invitations/{ID}/"), (200, "/elsewhere", "GET")]


def put(name: str, value: Any) -> Callable[[httpx.Request], None]:
    return lambda request: setattr(request, name, value)


@pytest.mark.parametrize(
    ("changed", "hook"),
    [
        ("method", put("method", "PUT")),
        ("URL", put("url", httpx.URL("https://of-the-caller.example/"))),
        ("URL", lambda request: put("url", request.url.copy_set_param("state", "canceled"))(request)),
        ("URL", lambda request: request.extensions.update(target=b"/elsewhere")),
        ("body", put("stream", httpx.ByteStream(b"{}"))),
        ("header Authorization", lambda request: request.headers.update({"Authorization": "Bearer of-the-caller"})),
        ("header Authorization", lambda request: request.headers.pop("Authorization")),
        ("header Accept-Encoding", lambda request: request.headers.update({"Accept-Encoding": "br"})),
        ("header Host", lambda request: request.headers.update({"Host": "of-the-caller.example"})),
        ("header Authorization", put("headers", httpx.Headers({"X-Only": "1"}))),
    ],
)
def test_a_hook_that_changes_our_request_is_refused_before_anything_is_sent(
    net: Net, changed: str, hook: Callable[[httpx.Request], None]
) -> None:
    with (
        serve(FOUND) as server,
        net.brought(event_hooks=hooks(net, request=hook)) as own,
        net.connect(server.url, http_client=own) as client,
    ):
        for call in (lambda: client.get(ID), lambda: client.native(DELETE)):
            with pytest.raises(
                ConfigurationError, match=f"changed the {changed} of a request.*nothing was sent"
            ) as raised:
                call()
            assert "of-the-caller" not in str(raised.value)

    assert server.requests == []


def raise_for_status(answer: httpx.Response) -> None:
    answer.raise_for_status()


def read_and_raise(answer: httpx.Response) -> Any:
    if isinstance(answer.stream, httpx.SyncByteStream):
        answer.read()
        answer.raise_for_status()
        return None

    async def later() -> None:
        await answer.aread()
        answer.raise_for_status()

    return later()


class UnhappyError(Exception):
    """As callers make them for themselves."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__("unhappy")
        self.response = response


def raise_of_its_own(answer: httpx.Response) -> None:
    if answer.status_code != 200:
        raise UnhappyError(answer)


@pytest.mark.parametrize("hook", [raise_for_status, read_and_raise, raise_of_its_own])
@pytest.mark.parametrize(
    ("status", "kind", "attempts"),
    [(404, NotFoundError, 1), (402, PlanLimitError, 1), (302, RedirectError, 1), (503, ServerError, 2)],
)
def test_a_hook_that_raises_over_a_refusal_changes_nothing(
    net: Net, hook: Callable[[httpx.Response], Any], status: int, kind: type[Exception], attempts: int
) -> None:
    with (
        serve(json_response(status, {"detail": "said by the service"}, Location="https://ct.example:port/")) as server,
        net.brought(event_hooks=hooks(net, response=hook)) as own,
        net.connect(server.url, http_client=own, retry=RetryPolicy(attempts=2, base=0)) as client,
        pytest.raises(kind, match="said by the service") as raised,
    ):
        client.get(ID)

    assert getattr(raised.value, "attempts", None) == attempts == len(server.requests)


@pytest.mark.parametrize("hook", [raise_for_status, read_and_raise, raise_of_its_own])
def test_a_refusal_of_a_write_is_a_plain_refusal_whatever_a_hook_raises(
    net: Net, hook: Callable[[httpx.Response], Any]
) -> None:
    fake = FakeCloudTruth()
    fake.invite("ana@example.com")
    with (
        net.brought(transport=fake.transport(), event_hooks=hooks(net, response=hook)) as own,
        net.connect(fake.connection(), http_client=own) as client,
    ):
        with pytest.raises(AlreadyInvitedError):
            client.create("ana@example.com", role="VIEWER")
        with pytest.raises(ValidationError, match="role"):
            client.create("ben@example.com", role="NOBODY")


def test_a_transport_that_raises_over_a_refusal_changes_nothing(net: Net) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        answer = httpx.Response(402, json={"detail": "said by the service"}, request=request)
        raise httpx.HTTPStatusError("402", request=request, response=answer)

    with (
        net.connect("https://ct.example", transport=httpx.MockTransport(refuse)) as client,
        pytest.raises(PlanLimitError, match="said by the service"),
    ):
        client.native(DELETE)


def close(answer: httpx.Response) -> Any:
    return answer.close() if isinstance(answer.stream, httpx.SyncByteStream) else answer.aclose()


def use_up(answer: httpx.Response) -> Any:
    if isinstance(answer.stream, httpx.SyncByteStream):
        return list(answer.iter_raw()) and None

    async def later() -> None:
        async for _ in answer.aiter_raw():
            pass

    return later()


@pytest.mark.parametrize("hook", [close, use_up])
def test_an_answer_that_a_hook_has_used_up_is_no_empty_one(net: Net, hook: Callable[[httpx.Response], Any]) -> None:
    refusal = json_response(404, {"detail": "gone"})
    for answer, kind, write in ((FOUND, TransportError, OutcomeUnknownError), (refusal, NotFoundError, NotFoundError)):
        with (
            serve(answer) as server,
            net.brought(event_hooks=hooks(net, response=hook)) as own,
            net.connect(server.url, http_client=own, retry=RetryPolicy(base=0)) as client,
        ):
            with pytest.raises(kind) as raised:
                client.get(ID)
            assert getattr(raised.value, "attempts", None) == 1
            assert kind is NotFoundError or "used up the body of the answer, after an answer with status 200" in str(
                raised.value
            )
            with pytest.raises(write):
                client.native(DELETE)
        assert len(server.requests) == 2


OWN_FAULTS = [
    httpx.ConnectError("of the hook's own"),
    httpx.ConnectTimeout("of the hook's own"),
    httpx.ProxyError("of the hook's own"),
    httpx.InvalidURL("of the hook's own"),
    httpx.ReadError("of the hook's own"),
    httpx.HTTPStatusError(
        "of the hook's own", request=httpx.Request("GET", "https://a.example"), response=httpx.Response(404)
    ),
    ConnectionResetError("of the hook's own"),
]
each_fault = pytest.mark.parametrize("error", OWN_FAULTS, ids=lambda error: type(error).__name__)


@each_fault
def test_a_hook_that_fails_before_sending_means_that_nothing_was_sent(net: Net, error: Exception) -> None:
    def fail(_: object) -> None:
        raise error

    with (
        serve(FOUND) as server,
        net.brought(event_hooks=hooks(net, request=fail)) as own,
        net.connect(server.url, http_client=own) as client,
        pytest.raises(TransportError, match=r"an event hook of the http_client failed \(.*own\); nothing was sent"),
    ):
        client.native(DELETE)

    assert server.requests == []


@each_fault
def test_a_hook_that_fails_behind_the_answer_repeats_no_write(net: Net, error: Exception) -> None:
    def fail(_: object) -> None:
        raise error

    def answer(line: Line, heard: Heard) -> None:
        line.send(json_response(201, ROW) if heard.method == "POST" else response(500))

    with (
        serve(answer) as server,
        net.brought(event_hooks=hooks(net, response=fail)) as own,
        net.connect(server.url, http_client=own, retry=RetryPolicy(base=0, attempts=2)) as client,
    ):
        assert client.create("a@example.org", role="VIEWER").partial
        with pytest.raises(TransportError, match="an answer with status 500 had begun"):
            client.get(ID)

    assert [heard.method for heard in server.requests].count("POST") == 1


def test_errors_of_its_hooks_that_are_none_of_the_networks_are_the_callers(net: Net) -> None:
    def fail(_: object) -> None:
        raise LookupError("a bug in the hook")

    for place in ("request", "response"):
        with (
            serve(FOUND) as server,
            net.brought(event_hooks=hooks(net, **{place: fail})) as own,
            net.connect(server.url, http_client=own) as client,
            pytest.raises(LookupError, match="a bug in the hook"),
        ):
            client.get(ID)


def test_what_the_caller_changes_later_counts() -> None:
    seen: list[str] = []
    with serve(FOUND) as server, httpx.Client() as own:
        client = InviteClient(CloudTruth(server.url, api_key=KEY), http_client=own)
        client.get(ID)
        own.event_hooks["request"].append(lambda request: seen.append(request.method))
        client.get(ID)

    assert seen == ["GET"]
