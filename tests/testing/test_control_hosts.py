"""The control paths of a served fake are for this machine: no page in a browser reads them or drives the fake."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from invite_sdk.testing import FakeApp, FakeRequest, FakeWaldur
from invite_sdk.testing.ways.control import Control
from invite_sdk.testing.ways.control_hosts import ControlHosts

HERE = [
    "localhost",
    "localhost:8001",
    "LOCALHOST:1",
    "localhost.",
    "localhost:",
    "127.0.0.1",
    "127.0.0.1:65535",
    "127.8.9.10:80",
    "127.0.0.1.",
    "[::1]",
    "[::1]:8001",
    "[0:0:0:0:0:0:0:1]:8001",
    "[::ffff:127.0.0.1]:8001",
    "[::FFFF:7f00:1]",
]
ELSEWHERE = [
    "evil.example",
    "evil.example:8001",
    "localhost.evil.example",
    "evil.localhost",
    "127.0.0.1.evil.example",
    "127.0.0.1.nip.io",
    "0.0.0.0",
    "[::]",
    "[::ffff:10.0.0.1]",
    "10.0.0.1",
    "128.0.0.1",
    "[::1%eth0]",
    "[::1%25eth0]",
    "::1",
    "[::1",
    "[localhost]",
    "[127.0.0.1]",
    "127.1",
    "0127.0.0.1",
    "2130706433",
    "0x7f.0.0.1",
    "localhost..",
    "localhost:8001:1",
    "localhost:http",
    "localhost:٣",
    "localhost@evil.example",
    "evil.example@localhost",
    "localhost, evil.example",
    "localhost evil.example",
    " localhost",
    "localhost\x00",
    "localhost/",
    "locaIhost",
    "ｌocalhost",
    ".",
    "",
]
ORIGINS = [
    "http://localhost:3000",
    "https://LOCALHOST",
    "http://127.0.0.1:8001",
    "http://[::1]:8001",
    "HTTP://127.1.1.1",
]
STRANGE_ORIGINS = [
    "null",
    "",
    "http://evil.example",
    "https://localhost.evil.example",
    "http://localhost@evil.example",
    "http://evil.example#localhost",
    "http://evil.example/localhost",
    "http://localhost/",
    "http://localhost http://evil.example",
    "file://localhost",
    "file://",
    "chrome-extension://localhost",
    "localhost",
    "http:localhost",
    "http://",
]


def ask(*headers: tuple[str, str], target: str = "/_fake/state", names: tuple[str, ...] = ()) -> int:
    control = Control(FakeWaldur(), ControlHosts(names))
    request = FakeRequest("GET", target, headers)
    assert control.takes(request)
    return control.handle(request).status


@pytest.mark.parametrize("host", HERE)
def test_this_machine_is_answered_by_whatever_name(host: str) -> None:
    assert ask(("Host", host)) == 200


@pytest.mark.parametrize("host", ELSEWHERE)
def test_a_name_that_is_not_of_this_machine_is_refused(host: str) -> None:
    assert ask(("Host", host)) == 403


def test_one_host_is_needed() -> None:
    assert ask() == 403
    assert ask(("Host", "localhost"), ("host", "localhost")) == 403
    assert ask(("Host", "localhost"), ("Host", "evil.example")) == 403


@pytest.mark.parametrize("origin", ORIGINS)
def test_pages_of_this_machine_are_answered(origin: str) -> None:
    assert ask(("Host", "127.0.0.1:8001"), ("Origin", origin)) == 200
    # localhost and 127.0.0.1 are two sites.
    assert ask(("Host", "127.0.0.1:8001"), ("Origin", origin), ("Sec-Fetch-Site", "cross-site")) == 200


@pytest.mark.parametrize("origin", STRANGE_ORIGINS)
def test_pages_of_others_are_refused(origin: str) -> None:
    assert ask(("Host", "localhost"), ("oRIGIN", origin)) == 403
    assert ask(("Host", "localhost"), ("Origin", "http://localhost"), ("Origin", origin)) == 403


@pytest.mark.parametrize(
    ("site", "status"),
    [("cross-site", 403), ("Cross-Site ", 403), ("same-origin", 200), ("same-site", 200), ("none", 200)],
)
def test_a_browser_says_when_another_site_asks(site: str, status: int) -> None:
    assert ask(("Host", "localhost"), ("Sec-Fetch-Site", site)) == status


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        ("http://localhost:8001/_fake/state", "localhost:8001", 200),
        ("HTTP://[::1]/_fake/state", "localhost", 200),
        ("http://evil.example/_fake/state", "localhost", 403),
        ("http://localhost/_fake/state", "evil.example", 403),
        ("http://localhost@evil.example/_fake/state", "localhost", 403),
        ("https://evil.example/%5Ffake/state", "localhost", 403),
        ("/%5Ffake/state", "evil.example", 403),
        ("/_fake/state?host=localhost", "evil.example", 403),
    ],
)
def test_a_target_may_be_a_whole_url(target: str, host: str, status: int) -> None:
    assert ask(("Host", host), target=target) == status


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("fakes.internal", "fakes.internal:8001"),
        ("Fakes.Internal.", "FAKES.internal"),
        ("10.0.0.5", "10.0.0.5:8001"),
        ("fd00::5", "[fd00:0::5]:8001"),
        ("[fd00::5]", "[fd00::5]"),
        ("under_score", "under_score"),
    ],
)
def test_a_name_that_was_given_is_answered_too(name: str, host: str) -> None:
    assert ask(("Host", host)) == 403
    assert ask(("Host", host), names=(name,)) == 200
    assert ask(("Host", "localhost"), ("Origin", f"http://{host}"), names=(name,)) == 200
    assert ask(("Host", "evil.example"), names=(name,)) == 403
    assert ask(("Host", f"evil.{host}"), names=(name,)) == 403


@pytest.mark.parametrize(
    "name", ["", "http://a", "a:80", "a/b", "*", "*.example", "[::1", "::1%lo", "a b", "ä", 5, None]
)
def test_what_cannot_be_a_host_is_not_taken(name: object) -> None:
    with pytest.raises(ValueError, match="is no host"):
        ControlHosts([name])  # type: ignore[list-item]


def test_one_text_is_not_a_list_of_letters() -> None:
    with pytest.raises(ValueError, match="as a list"):
        FakeApp(FakeWaldur(), control_hosts="fakes.internal")


def test_a_refused_request_does_nothing_and_says_why() -> None:
    fake = FakeWaldur()
    fake.invite("ana@example.com")
    answer = Control(fake).handle(FakeRequest("POST", "/_fake/reset", (("Host", "evil.example" * 50),)))

    assert answer.status == 403
    assert b"control_hosts" in answer.body
    assert b"evil.example" in answer.body
    assert len(answer.body) < 400
    assert len(fake.invitations) == 1


# Over a socket.


def raw(url: str, request: str) -> bytes:
    """The answer to a request that is sent as it stands."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode("latin-1"))
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def test_a_served_fake_answers_its_own_url_and_no_rebound_name() -> None:
    fake = FakeWaldur()
    with fake.serve(control_hosts=["fakes.internal"]) as url:
        own = urlsplit(url).netloc
        statuses = {
            request: raw(url, f"{request}\nConnection: close\n\n").split(b" ", 2)[1].decode()
            for request in (
                f"GET /_fake/effects HTTP/1.1\nHost: {own}",
                "GET /_fake/effects HTTP/1.1\nHost: fakes.internal",
                "GET /_fake/effects HTTP/1.1\nHost: evil.example",
                f"GET /_fake/effects HTTP/1.1\nHost: {own}\nOrigin: http://evil.example",
                f"GET /_fake/effects HTTP/1.1\nHost: {own}\nOrigin: null",
                f"GET http://evil.example/_fake/effects HTTP/1.1\nHost: {own}",
                "GET /_fake/effects HTTP/1.0",
            )
        }

    assert list(statuses.values()) == ["200", "200", "403", "403", "403", "403", "403"]


def test_the_service_itself_answers_any_host_as_real_ones_do() -> None:
    fake = FakeWaldur()
    token = fake.users["staff"].token
    with fake.serve() as url:
        request = f"HEAD /api/user-invitations/ HTTP/1.1\nHost: any.example\nAuthorization: Token {token}\n"
        answer = raw(url, f"{request}Connection: close\n\n")

    assert answer.startswith(b"HTTP/1.1 200")


def test_a_fake_is_served_on_loopback_only() -> None:
    with FakeWaldur().serve() as url:
        assert urlsplit(url).hostname == "127.0.0.1"
