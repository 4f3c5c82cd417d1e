"""The way to the network, synchronous and not: time, size, proxies, TLS, redirects, cookies, logs, lives of clients."""

from __future__ import annotations

import gc
import json
import logging
import re
import select
import socket
import ssl
import threading
import tracemalloc
import zlib
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any

import httpx
import pytest

import invite_sdk
from invite_clients._runtime import Call
from invite_clients.enhance import NewInvite, create_invite
from invite_sdk import (
    APIError,
    ConfigurationError,
    ConnectError,
    DeadlineExceededError,
    Enhance,
    NotFoundError,
    OutcomeUnknownError,
    RedirectError,
    ResponseParseError,
    RetryPolicy,
    ServerError,
    TransportError,
)
from invite_sdk._flows.effects import TransportFailure
from invite_sdk._http.pools import Pool
from invite_sdk._http.ways import Proxy, Way
from tests.support.bombs import BOMBS, MEGABYTE, gzipped
from tests.support.flows import outgoing
from tests.support.net import DELETE, KEY, Net
from tests.support.wire import (
    FOUND,
    ID,
    ROW,
    Heard,
    Line,
    babble,
    json_response,
    refused_url,
    response,
    serve,
    trusting,
)


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


# What was sent, and what came of it


def test_a_request_and_its_answer_go_over_a_real_connection(net: Net) -> None:
    with serve(FOUND) as server, net.connect(server.url) as client:
        found = client.get(ID)

    (heard,) = server.requests
    assert found.email == "nina@example.org"
    assert (heard.method, heard.target) == ("GET", f"/api/v1/invitations/{ID}/")
    assert heard.headers["authorization"] == f"Api-Key {KEY}"
    assert heard.headers["accept-encoding"] == "gzip, deflate"


def test_a_refused_port_means_that_nothing_was_sent(net: Net) -> None:
    with net.connect(refused_url()) as client:
        with pytest.raises(ConnectError, match=r"no connection to 127\.0\.0\.1 .*check the URL"):
            client.get(ID)
        with pytest.raises(ConnectError, match=r"no connection to 127\.0\.0\.1 .*check the URL") as caught:
            client.native(DELETE)

    assert (caught.value.service, caught.value.operation) == ("cloudtruth", "invitations_destroy")
    assert caught.value.attempts == 1


def hang_up(line: Line, _: Heard) -> None:
    line.close()


def cut(line: Line, _: Heard) -> None:
    line.send(FOUND[:-20])
    line.close()


def hang(line: Line, _: Heard) -> None:
    line.hang()


def garbage(line: Line, _: Heard) -> None:
    line.send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    line.close()


@pytest.mark.parametrize("fault", [hang_up, cut, garbage])
def test_a_broken_answer_leaves_a_read_failed_and_a_write_unknown(
    net: Net, fault: Callable[[Line, Heard], None]
) -> None:
    with serve(fault) as server, net.connect(server.url) as client:
        with pytest.raises(TransportError, match="the connection broke") as read:
            client.get(ID)
        with pytest.raises(OutcomeUnknownError, match="may or may not have taken effect") as write:
            client.native(DELETE)

    assert type(read.value) is TransportError
    assert "the connection broke" in write.value.known
    assert len(server.requests) == 2


def test_how_far_a_broken_answer_came_is_said(net: Net) -> None:
    def half(line: Line, _: Heard) -> None:
        said = f'{{"note": "sent", "by": "{KEY}", "for": "{KEY[:9]}'
        line.send(f"HTTP/1.1 201 Created\r\nContent-Length: 999\r\n\r\n{said}".encode())
        line.close()

    with serve(half) as server, net.connect(server.url) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.native(DELETE)
        made = client.resend(ID)

    assert "status 201" in caught.value.known
    assert caught.value.body == '{"note": "sent", "by": "...", "for": "...'
    assert (made.partial, made.answer) == (True, caught.value.body)


def test_silence_is_a_timeout_for_a_read_and_an_unknown_outcome_for_a_write(net: Net) -> None:
    with serve(hang) as server, net.connect(server.url, timeout=0.05) as client:
        with pytest.raises(invite_sdk.TimeoutError, match="no answer came in time"):
            client.get(ID)
        with pytest.raises(OutcomeUnknownError):
            client.native(DELETE)


def test_a_connection_that_the_server_has_closed_meanwhile_is_not_used_again(net: Net) -> None:
    closed = threading.Event()

    def once(line: Line, _: Heard) -> None:
        line.send(FOUND)
        line.close()
        closed.set()

    with serve(once) as server, net.connect(server.url) as client:
        client.get(ID)
        assert closed.wait(5)
        # The end may arrive a little later than the event.
        _until_readable(net.run(client._http.client))
        assert client.get(ID).id == ID

    assert server.connections == 2


def test_a_connection_that_ends_under_a_request_is_a_lost_answer(net: Net) -> None:
    def second(line: Line, heard: Heard) -> None:
        if len(server.requests) == 1:
            line.send(FOUND)
        else:
            line.close()

    with serve(second) as server, net.connect(server.url) as client:
        client.get(ID)
        with pytest.raises(OutcomeUnknownError):
            client.native(DELETE)

    assert [heard.connection for heard in server.requests] == [1, 1]


@pytest.mark.parametrize("status", [520, 561, 599])
def test_statuses_that_nobody_registered_are_server_errors(net: Net, status: int) -> None:
    with pytest.raises(ServerError) as caught:
        net.ask(response(status, b"odd"))

    assert caught.value.status == status


@pytest.mark.parametrize(
    ("error", "sent", "kind"),
    [
        (httpx.ConnectTimeout("x"), "no", "timeout"),
        (httpx.PoolTimeout("x"), "no", "timeout"),
        (httpx.WriteTimeout("x"), "maybe", "timeout"),
        (httpx.ReadTimeout("x"), "maybe", "timeout"),
        (httpx.ConnectError("x"), "no", "connect"),
        (httpx.ProxyError("x"), "no", "connect"),
        (httpx.UnsupportedProtocol("x"), "no", "connect"),
        (httpx.InvalidURL("x"), "no", "connect"),
        (httpx.ReadError("x"), "maybe", "broken"),
        (httpx.WriteError("x"), "maybe", "broken"),
        (httpx.RemoteProtocolError("x"), "maybe", "broken"),
        (httpx.LocalProtocolError("x"), "maybe", "broken"),
        (OSError("x"), "maybe", "broken"),
        (ssl.SSLError("x"), "maybe", "broken"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_each_failure_says_whether_anything_can_have_been_sent(
    net: Net, error: Exception, sent: str, kind: str
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    (outcome,) = net.outcomes(fail, outgoing())

    assert isinstance(outcome, TransportFailure)
    assert (outcome.sent, outcome.kind) == (sent, kind)


def test_the_reason_is_found_below_errors_that_give_none(net: Net) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        try:
            raise OSError("no route to host, by /invites/a-key-of-somebodys")
        except OSError as error:
            raise httpx.ConnectError("") from error

    (outcome,) = net.outcomes(fail, outgoing())

    assert isinstance(outcome, TransportFailure)
    assert "no route to host" in outcome.detail
    assert "a-key-of" not in outcome.detail


def test_what_a_layer_looked_for_in_vain_is_no_reason(net: Net) -> None:
    """As anyio's streams do when another task closes them."""

    def fail(request: httpx.Request) -> httpx.Response:
        try:
            deque[bytes]().popleft()
        except IndexError:
            raise httpx.ReadError("") from None
        raise AssertionError

    (outcome,) = net.outcomes(fail, outgoing())

    assert isinstance(outcome, TransportFailure)
    assert outcome.detail == "the connection broke (ReadError: no reason given)"


def test_errors_of_the_callers_own_transport_are_the_callers(net: Net) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise RuntimeError("a bug in the transport")

    with (
        net.connect("https://ct.example", transport=httpx.MockTransport(fail)) as client,
        pytest.raises(RuntimeError, match="a bug in the transport"),
    ):
        client.get(ID)


def test_a_pool_that_is_closed_under_a_request_says_so(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    with net.brought() as pool:
        http = net.http(pool)
    monkeypatch.setattr(http, "_held", lambda _: Pool(pool, 0))
    with pytest.raises(ConfigurationError, match="closed"):
        net.run(http.send, [outgoing()])


# Time


def test_a_body_that_drips_is_stopped_at_the_deadline(net: Net) -> None:
    def drip(line: Line, _: Heard) -> None:
        if len(server.requests) == 1:
            line.send(FOUND)
        else:
            line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            line.drip(b" " * 1000, 0.01)

    with serve(drip) as server, net.connect(server.url) as client:
        # Makes the pool, which takes its time.
        client.get(ID)
        with pytest.raises(DeadlineExceededError, match="status 200"):
            client.get(ID, deadline=0.15)
        with pytest.raises(OutcomeUnknownError, match="deadline"):
            client.native(DELETE, deadline=0.15)


def test_silence_is_stopped_at_the_deadline_whatever_the_timeout(net: Net) -> None:
    with pytest.raises(DeadlineExceededError):
        net.ask(hang, deadline=0.1, timeout=30)


def test_an_operation_that_has_no_time_left_sends_nothing(net: Net) -> None:
    with serve(FOUND) as server, net.connect(server.url) as client:
        outcome = net.run(client._http.send, [outgoing(server.url, deadline=client._http.monotonic() - 1)])

    assert outcome == (TransportFailure("no", "deadline", "the deadline passed before the answer was whole"),)
    assert server.requests == []


def test_the_deadline_spans_all_requests_of_an_operation(net: Net) -> None:
    moment = 1000.0

    def slow(request: httpx.Request) -> httpx.Response:
        nonlocal moment
        moment += 40.0
        return httpx.Response(200, json=ROW) if request.method == "GET" else httpx.Response(204)

    with net.connect("https://ct.example", transport=httpx.MockTransport(slow), deadline=60) as client:
        client._http.monotonic = lambda: moment
        # It reads, then deletes; 40 seconds each.
        client.cancel(ID)
        moment = 1000.0
        with pytest.raises(DeadlineExceededError):
            client.cancel(ID, deadline=39)


# Size


def test_a_body_beyond_the_limit_is_refused(net: Net) -> None:
    with serve(response(200, b" " * 2000)) as server, net.connect(server.url, max_body=1999) as client:
        with pytest.raises(TransportError, match="more than 1999 bytes"):
            client.get(ID)
        with pytest.raises(OutcomeUnknownError, match="more than 1999 bytes"):
            client.native(DELETE)


def test_a_body_that_a_transport_has_read_already_is_measured_too(net: Net) -> None:
    read = httpx.MockTransport(lambda request: httpx.Response(200, content=b" " * 2000))
    with (
        net.connect("https://ct.example", transport=read, max_body=1999) as client,
        pytest.raises(TransportError, match="more than 1999 bytes"),
    ):
        client.get(ID)


def test_an_endless_body_is_refused(net: Net) -> None:
    def endless(line: Line, _: Heard) -> None:
        line.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            line.send(b"10000\r\n" + b" " * 65536 + b"\r\n")

    with pytest.raises(TransportError, match="more than 1048576 bytes"):
        net.ask(endless, max_body=MEGABYTE)


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_goes_off_in_a_few_megabytes(net: Net, bomb: str) -> None:
    body, encoding = BOMBS[bomb]
    with (
        serve(response(200, body, Content_Encoding=encoding)) as server,
        net.connect(server.url, max_body=MEGABYTE) as client,
    ):
        with pytest.raises(TransportError):
            client.get(ID)
        tracemalloc.start()
        try:
            with pytest.raises(TransportError):
                client.get(ID)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < 4 * MEGABYTE


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzipped),
        ("x-gzip", gzipped),
        ("GZip", gzipped),
        ("identity, gzip", gzipped),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("identity", lambda data: data),
        ("", lambda data: data),
        (", identity,", lambda data: data),
        ("utf-8", lambda data: data),
        ("gzip, gzip", lambda data: gzipped(gzipped(data))),
        ("deflate, identity, gzip", lambda data: gzipped(zlib.compress(data))),
    ],
    ids=lambda value: repr(value) if isinstance(value, str) else None,
)
def test_a_compressed_answer_is_read(net: Net, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    row = json.dumps(ROW | {"state_detail": "x" * 200_000}).encode()
    with serve(response(200, pack(row), Content_Encoding=encoding)) as server, net.connect(server.url) as client:
        found = client.get(ID)

    assert found.delivery_detail == "x" * 200_000


def test_an_answer_without_a_body_needs_no_compressed_one(net: Net) -> None:
    with serve(response(204, b"", Content_Encoding="gzip")) as server, net.connect(server.url) as client:
        client.native(DELETE)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (gzipped(b"x" * 1000)[:-9], "ends too early"),
        (b"not gzip at all", "not compressed as its header says"),
        (gzipped(gzipped(b"{}")), None),
    ],
)
def test_a_body_that_is_not_what_its_header_says_is_a_failure(net: Net, body: bytes, reason: str | None) -> None:
    with pytest.raises(TransportError if reason else ResponseParseError, match=reason or "could not be read"):
        net.ask(response(200, body, Content_Encoding="gzip"))


@pytest.mark.parametrize("encoding", ["br", "zstd", "Br, GZIP", "gzip, br", "gzip, gzip, gzip", "of-tomorrow"])
def test_an_encoding_that_was_not_asked_for_is_named_and_hides_no_status(net: Net, encoding: str) -> None:
    body = gzipped(b"\x8b\x02\x80") if encoding.endswith("GZIP") else b"\x8b\x02\x80"
    words = f"came with Content-Encoding '{encoding.lower()}', which was not asked for"
    for status, kind in ((200, ResponseParseError), (404, NotFoundError), (502, ServerError)):
        with pytest.raises(kind, match=words) as caught:
            net.ask(response(status, body, Content_Encoding=encoding))
        assert getattr(caught.value, "status", None) == status
    with pytest.raises(TransportError, match="more than 2 bytes"):
        net.ask(response(404, body, Content_Encoding="br"), max_body=2)


def test_what_somebody_has_undone_already_is_read_whatever_its_header_says(net: Net) -> None:
    def undone(request: httpx.Request) -> httpx.Response:
        answer = httpx.Response(200, json=ROW)
        answer.headers["Content-Encoding"] = "br"
        return answer

    with net.connect("https://ct.example", transport=httpx.MockTransport(undone)) as client:
        assert client.get(ID).id == ID


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed_and_takes_no_credentials_along(net: Net, status: int) -> None:
    with (
        serve(FOUND) as elsewhere,
        serve(response(status, Location=elsewhere.url + "/x")) as server,
        net.brought(follow_redirects=True) as own,
    ):
        for brought in (None, own):
            with net.connect(server.url, http_client=brought) as client:
                with pytest.raises(RedirectError, match="never followed") as caught:
                    client.get(ID)
                assert caught.value.status == status
                with pytest.raises(RedirectError, match="never followed"):
                    client.native(DELETE)

    assert elsewhere.requests == []
    assert len(server.requests) == 4


# Cookies


def test_cookies_are_never_stored_nor_sent_by_our_clients(net: Net) -> None:
    with (
        serve(json_response(200, ROW, Set_Cookie="id0=a-session; Path=/")) as server,
        net.connect(server.url) as client,
    ):
        client.get(ID)
        client.get(ID)
        jar = net.run(client._http.client).cookies.jar

    assert not list(jar)
    assert all("cookie" not in heard.headers for heard in server.requests)


def test_a_callers_client_gives_us_neither_its_cookies_nor_its_credentials(net: Net) -> None:
    with (
        serve(json_response(200, ROW, Set_Cookie="tracked=1; Path=/")) as server,
        net.brought(
            cookies={"id0": "of-the-caller"}, auth=("caller", "secret"), headers={"Authorization": "Bearer other"}
        ) as own,
    ):
        net.client(server.url, http_client=own).get(ID)
        net.client(server.url, http_client=own).get(ID)
        net.client(Enhance(server.url, session="our-session"), http_client=own).native(_invite())
        with pytest.raises(ResponseParseError):
            net.client(Enhance(server.url, token=KEY), http_client=own).check("invite-key")

    ours, again, session, public = server.requests
    assert (ours.headers["authorization"], "cookie" in ours.headers) == (f"Api-Key {KEY}", False)
    assert "cookie" not in again.headers
    assert (session.headers["cookie"], "authorization" in session.headers) == ("id0=our-session", False)
    assert not {"cookie", "authorization"} & set(public.headers)


def _invite() -> Call[str | None]:
    """A call of Enhance's that takes any answer for good."""
    body = NewInvite.model_validate({"email": "a@example.org", "name": "A", "roles": []})
    return replace(create_invite("acme", body=body), success=frozenset({200}), reader=lambda _: None)


@pytest.mark.parametrize("storing", [None, CookieJar(), CookieJar(DefaultCookiePolicy(allowed_domains=["p.example"]))])
def test_a_callers_client_that_would_keep_the_invitees_session_is_refused(net: Net, storing: CookieJar | None) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise AssertionError("nothing may be sent")

    with net.brought(cookies=storing, transport=httpx.MockTransport(answer)) as own:
        client = net.client(Enhance("https://p.example", token=KEY), http_client=own)
        with pytest.raises(ConfigurationError, match="DefaultCookiePolicy"):
            client.accept("invite-key", email="a@example.org", password="open sesame")


def test_the_way_out_that_the_refusal_names_works(net: Net) -> None:
    accepted = response(200, Set_Cookie="id0=the-invitees-session; Path=/")
    jar = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    with serve(accepted) as server, net.brought(cookies=jar) as own:
        for brought in (own, None):
            with net.connect(Enhance(server.url, token=KEY), http_client=brought) as client:
                answer = client.accept("invite-key", email="a@example.org", password="open sesame", refetch=False)
                assert answer.session is not None
                assert answer.session.get_secret_value() == "the-invitees-session"
        assert not list(jar)


# Proxies and TLS


def test_a_proxy_is_used(net: Net) -> None:
    with serve(FOUND) as proxy, net.connect("http://inside.localhost:1", proxy=proxy.url) as client:
        assert client.get(ID).id == ID

    assert proxy.requests[0].target == f"http://inside.localhost:1/api/v1/invitations/{ID}/"


@pytest.mark.parametrize(
    ("status", "attempts", "words"),
    [
        (407, 1, "wants a user and a password .*; put the right ones into {}"),
        (403, 1, "made no connection to api.cloudtruth.io .403 .*; check {}"),
        (502, 2, "made no connection to api.cloudtruth.io .502 .* after 2 attempts; check {}"),
    ],
)
def test_a_proxy_that_refuses_the_tunnel_means_that_nothing_was_sent(
    net: Net, status: int, attempts: int, words: str
) -> None:
    twice = RetryPolicy(attempts=2, base=0)
    for ways in ("the proxy setting", "your http_client"):
        with serve(response(status)) as proxy, net.brought(proxy=proxy.url) as own:
            way: dict[str, Any] = {"proxy": proxy.url} if ways == "the proxy setting" else {"http_client": own}
            named = f"the proxy {proxy.url.removeprefix('http://')}, named by {ways}, "
            with (
                net.connect("https://api.cloudtruth.io", retry=twice, **way) as client,
                pytest.raises(ConnectError, match=named + words.format(ways)) as caught,
            ):
                client.native(DELETE)

        assert caught.value.attempts == len(proxy.requests) == attempts
        assert {(asked.method, asked.target) for asked in proxy.requests} == {("CONNECT", "api.cloudtruth.io:443")}
        assert KEY not in str(proxy.requests)
        assert "check the URL" not in str(caught.value)


def test_a_proxy_that_wants_a_password_for_plain_http_is_no_service(net: Net) -> None:
    with serve(response(407, b"<html>")) as proxy:
        with (
            net.connect("http://inside.localhost:1", proxy=proxy.url, retry=RetryPolicy(base=0)) as client,
            pytest.raises(ConnectError, match="named by the proxy setting, wants a user and a password") as caught,
        ):
            client.native(DELETE)
        assert caught.value.attempts == len(proxy.requests) == 1
        with net.connect(proxy.url) as client, pytest.raises(APIError, match=r"407 .*a proxy on the way wants a user"):
            client.get(ID)


def test_a_dead_proxy_is_named(net: Net) -> None:
    dead = refused_url()
    address = dead.removeprefix("http://")
    hidden = dead.replace("//", "//user:hidden@")
    with net.brought(proxy=hidden) as own:
        for options, named in (({"proxy": hidden}, "the proxy setting"), ({"http_client": own}, "your http_client")):
            words = rf"no connection to the proxy {address}, named by {named} \(.*\); check {named}$"
            for url in ("https://api.cloudtruth.io", "http://inside.localhost:1"):
                with net.connect(url, **options) as client, pytest.raises(ConnectError, match=words) as caught:
                    client.native(DELETE)
                assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "proxy", ["", "proxy.example:3128", "ftp://u:hidden@proxy.example", "http://", 7, "http://[::1"]
)
def test_a_proxy_that_cannot_be_one_is_refused_without_repeating_it(net: Net, proxy: Any) -> None:
    with pytest.raises(ConfigurationError, match="proxy must be a URL") as caught:
        net.client("https://ct.example", proxy=proxy)

    assert "hidden" not in str(caught.value)


def test_a_socks_proxy_says_what_to_install(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(ConfigurationError, match=r"pip install 'httpx\[socks\]'"):
        net.client("https://ct.example", proxy="socks5://127.0.0.1:1080")


@pytest.mark.parametrize("verify", [None, trusting("other_authority")])
def test_a_server_that_nobody_trusts_gets_nothing(net: Net, verify: ssl.SSLContext | None) -> None:
    with (
        serve(FOUND, tls=True) as server,
        net.connect(server.url, verify=verify, retry=RetryPolicy(base=0)) as client,
        pytest.raises(ConnectError, match=r"certificate of localhost cannot be trusted .*CERTIFICATE_VERIFY") as caught,
    ):
        client.native(DELETE)

    assert server.requests == []
    assert caught.value.attempts == 1
    assert str(caught.value).endswith("give verify=ssl.create_default_context(cafile=...), or set SSL_CERT_FILE")


def test_a_callers_client_that_trusts_another_authority_is_named(net: Net) -> None:
    with (
        serve(FOUND, tls=True) as server,
        net.brought() as own,
        net.connect(server.url, http_client=own) as client,
        pytest.raises(ConnectError, match=r"give your http_client an ssl\.SSLContext that trusts it$"),
    ):
        client.get(ID)


def test_a_proxy_over_tls_is_trusted_as_the_services_are(net: Net) -> None:
    with serve(FOUND, tls=True) as proxy:
        with net.connect("http://inside.localhost:1", proxy=proxy.url, verify=trusting("authority")) as client:
            assert client.get(ID).id == ID
        words = (
            "certificate of inside.localhost, or of the proxy localhost:.*, named by the proxy setting, cannot be trust"
        )
        other = trusting("other_authority")
        with (
            net.connect("http://inside.localhost:1", proxy=proxy.url, verify=other) as client,
            pytest.raises(ConnectError, match=words),
        ):
            client.get(ID)

    assert len(proxy.requests) == 1


BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
ALERT = b"\x15\x03\x03\x00\x02\x02\x46"


@pytest.mark.parametrize(
    ("url", "proxy", "words"),
    [
        ("https://127.0.0.1:{}", None, r"no TLS connection to 127\.0\.0\.1 .*; its port may be one of plain http$"),
        ("https://ct.example", "https://127.0.0.1:{}", r"no TLS connection to the proxy .* with http://$"),
    ],
)
def test_a_port_that_does_not_speak_tls_says_so(net: Net, url: str, proxy: str | None, words: str) -> None:
    with babble(BAD_REQUEST) as port:
        way = None if proxy is None else proxy.format(port)
        with (
            net.connect(url.format(port), proxy=way, verify=trusting("authority"), retry=RetryPolicy(base=0)) as client,
            pytest.raises(ConnectError, match=words) as caught,
        ):
            client.native(DELETE)

    assert caught.value.attempts == 1


@pytest.mark.parametrize(
    ("url", "proxy", "words"),
    [
        ("http://127.0.0.1:{}", None, "the port may be one of TLS: then the URL begins with https://"),
        ("http://inside.localhost", "http://127.0.0.1:{}", "named by the proxy setting, may speak TLS only"),
        ("https://ct.example", "http://127.0.0.1:{}", "named by the proxy setting, may speak TLS only"),
    ],
)
def test_a_port_that_speaks_tls_says_so(net: Net, url: str, proxy: str | None, words: str) -> None:
    with babble(ALERT) as port:
        way = None if proxy is None else proxy.format(port)
        with net.connect(url.format(port), proxy=way) as client, pytest.raises(TransportError, match=words):
            client.get(ID)


def caused(fault: Exception) -> Exception:
    error = httpx.ConnectError("of httpx")
    error.__cause__ = fault
    return error


def certificate(code: int) -> ssl.SSLCertVerificationError:
    fault = ssl.SSLCertVerificationError("not verified")
    fault.verify_code = code
    return fault


TUNNEL = Proxy("http", "proxy.example:3128", "HTTPS_PROXY")


@pytest.mark.parametrize(
    ("error", "proxy", "is_final", "words"),
    [
        (caused(certificate(10)), None, True, "the certificate of ct.example .* it is out of date, or the clock"),
        (
            caused(certificate(9)),
            TUNNEL,
            True,
            "the certificate of ct.example cannot .* it is out of date, or the clock",
        ),
        (caused(certificate(64)), TUNNEL, True, "the certificate of ct.example cannot .* it is for another name"),
        (
            caused(ssl.SSLEOFError("eof")),
            TUNNEL,
            False,
            "no TLS connection to ct.example through the proxy .* HTTPS_PROXY",
        ),
        (caused(ssl.SSLEOFError("eof")), None, False, "no TLS connection to ct.example .* one of plain http"),
        (
            httpx.ProxyError("Invalid username/password"),
            TUNNEL,
            True,
            "the proxy proxy.example:3128, .* check HTTPS_PROXY",
        ),
        (httpx.ProxyError("429 Too Many"), TUNNEL, False, "the proxy proxy.example:3128, .* check HTTPS_PROXY"),
        (httpx.ProxyError("407 Wanted"), None, True, "the proxy on the way wants a user"),
    ],
    ids=lambda value: None,
)
def test_what_no_connection_is_due_to(error: Exception, proxy: Proxy | None, is_final: bool, words: str) -> None:
    found = Way("ct.example", True, "trust it", proxy).no_connection(error)

    assert (found.sent, found.kind, found.is_final) == ("no", "connect", is_final)
    assert re.match(words, f"{found.detail}; {found.advice}")


def test_a_connection_that_takes_too_long_is_said_with_its_proxy() -> None:
    assert Way("ct.example", True, "", TUNNEL).too_slow() == (
        "no connection to ct.example through the proxy proxy.example:3128, named by HTTPS_PROXY, was made in time"
    )


def test_a_certificate_for_another_name_is_refused(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    found = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *given, **named: found("127.0.0.1", *given, **named))
    with serve(FOUND, tls=True) as server:
        url = server.url.replace("localhost", "other.localhost")
        words = r"certificate of other\.localhost cannot be trusted .*; it is for another name: use one that it holds"
        with net.connect(url, verify=trusting("authority")) as client, pytest.raises(ConnectError, match=words):
            client.get(ID)

    assert server.requests == []


@pytest.mark.parametrize("verify", [True, False, "authority.pem", Path("authority.pem")])
def test_verify_takes_a_context_and_nothing_else(net: Net, verify: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"verify takes an ssl.SSLContext"):
        net.client("https://ct.example", verify=verify)


# Settings that contradict


@pytest.mark.parametrize("other", ["transport", "proxy", "verify"])
def test_a_client_of_the_callers_has_its_own_settings(net: Net, other: str) -> None:
    values = {
        "transport": httpx.MockTransport(lambda request: httpx.Response(200)),
        "proxy": "http://proxy.example:3128",
        "verify": ssl.create_default_context(),
    }
    with net.brought() as own, pytest.raises(ConfigurationError, match="http_client has its own"):
        net.client("https://ct.example", http_client=own, **{other: values[other]})


@pytest.mark.parametrize("other", [{"proxy": "http://proxy.example:3128"}, {"verify": ssl.create_default_context()}])
def test_so_has_a_transport(net: Net, other: dict[str, Any]) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200))

    with pytest.raises(ConfigurationError, match="transport has its own"):
        net.client("https://ct.example", transport=transport, **other)


def test_what_is_of_the_other_kind_is_refused(net: Net) -> None:
    ours, other = ("", "Async") if net.is_sync else ("Async", "")
    transport = httpx.AsyncHTTPTransport() if net.is_sync else httpx.HTTPTransport()
    with pytest.raises(ConfigurationError, match=rf"http_client must be an httpx\.{ours}Client, not {other}Client"):
        net.client("https://ct.example", http_client=getattr(httpx, f"{other}Client")())
    with pytest.raises(ConfigurationError, match=rf"transport must be an httpx\.{ours}BaseTransport"):
        net.client("https://ct.example", transport=transport)


# Logs


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """What httpx and httpcore have logged."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpcore.connection", "httpcore.http11"):
        caplog.set_level(logging.DEBUG, logger=name)
    names = ("httpx", "httpcore")
    return lambda: "\n".join(
        f"{record.name} {record.getMessage()}" for record in caplog.records if record.name.startswith(names)
    )


def test_the_http_libraries_log_nothing_of_ours(net: Net, logged: Callable[[], str]) -> None:
    valid = json_response(200, {"isValid": True, "email": None})
    with serve(valid) as server, net.brought() as own:
        panel = Enhance(server.url, token=KEY)
        for brought in (None, own):
            with net.connect(panel, http_client=brought) as client:
                client.check("an-invite-key-to-keep")
                client.native(_invite())
        text = logged()

    assert len(server.requests) == 4
    assert "/invites/an-invite-key-to-keep/" in server.requests[0].target
    for secret in (KEY, "an-invite-key-to-keep", "Bearer", "/invites/"):
        assert secret not in text


def test_other_uses_of_httpx_log_as_ever(net: Net, logged: Callable[[], str]) -> None:
    with serve(FOUND) as server, net.brought() as own:
        net.client(server.url, http_client=own).get(ID)
        silent = logged()
        net.run(own.get, server.url + "/of-the-program")
        text = logged()

    # Older versions of httpx tell of the trust store when a client is made.
    assert "httpx " not in "\n".join(line for line in silent.splitlines() if " load_" not in line)
    assert "/of-the-program" in text
    assert "httpcore.http11 receive_response_headers.complete" in text
    assert ID not in text


def test_another_thread_logs_while_ours_is_silent(net: Net, logged: Callable[[], str]) -> None:
    def answer(line: Line, heard: Heard) -> None:
        if "of-the-program" not in heard.target:
            with httpx.Client() as other:
                thread = threading.Thread(target=other.get, args=(server.url + "/of-the-program",))
                thread.start()
                thread.join()
        line.send(FOUND)

    with serve(answer) as server, net.connect(server.url) as client:
        client.get(ID)
        text = logged()

    assert "/of-the-program" in text
    assert ID not in text


# Lives of clients


def test_a_closed_client_says_so(net: Net) -> None:
    with serve(FOUND) as server:
        with net.connect(server.url) as client:
            child = client.with_options(timeout=5)
            client.get(ID)
        for used in (client, child):
            with pytest.raises(ConfigurationError, match="this client is closed") as caught:
                used.get(ID)
            assert caught.value.operation == "get"
            with pytest.raises(ConfigurationError, match="this client is closed") as caught:
                used.list().first()
            assert caught.value.operation == "list"
        client.close()


def test_a_closed_client_of_the_callers_is_named(net: Net) -> None:
    with net.brought() as own:
        client = net.client("https://ct.example", http_client=own)
    with pytest.raises(ConfigurationError, match="the http_client is closed"):
        client.get(ID)


def test_children_share_the_pool_and_never_close_it(net: Net) -> None:
    with serve(FOUND) as server, net.connect(server.url) as client:
        with closing(client.with_options(timeout=5)) as child, closing(child.with_options(deadline=9)) as grandchild:
            grandchild.get(ID)
            child.get(ID)
        client.get(ID)
        assert client._http is child._http

    assert server.connections == 1


def test_a_client_of_the_callers_stays_open(net: Net) -> None:
    with serve(FOUND) as server, net.brought() as own:
        with net.connect(server.url, http_client=own) as client:
            client.get(ID)
        assert not own.is_closed
        assert net.run(own.get, server.url).status_code == 200


def test_no_pool_is_made_before_the_first_request(net: Net) -> None:
    with net.connect("https://ct.example") as client:
        client.supports("list")

        assert client._http._pool is None


def test_children_leave_nothing_behind(net: Net) -> None:
    with net.connect("https://ct.example") as client:
        for _ in range(3):
            client.with_options(timeout=1)
        gc.collect()
        before = len(gc.get_objects())
        for _ in range(200):
            client.with_options(timeout=1)
        gc.collect()
        after = len(gc.get_objects())

    assert after - before < 50


def test_one_failing_request_of_a_step_does_not_hide_the_others(net: Net) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/1":
            raise httpx.ConnectError("refused")
        return httpx.Response(200, text=request.url.path)

    first, second, third = net.outcomes(answer, *(outgoing(f"https://ct.example/{number}") for number in range(3)))

    assert (getattr(first, "body", None), getattr(third, "body", None)) == (b"/0", b"/2")
    assert isinstance(second, TransportFailure)
    assert (second.sent, second.kind) == ("no", "connect")


def _until_readable(pool: Any) -> None:
    for connection in pool._transport._pool.connections:
        socket = connection._connection._network_stream.get_extra_info("socket")
        assert select.select([socket], [], [], 5)[0]
