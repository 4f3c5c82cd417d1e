"""The network's variables: broken ones keep nobody back whom they do not concern, and are named to those they do."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from invite_sdk import CloudTruth, ConfigurationError, ConnectError, Invitation, InviteClient
from invite_sdk.testing import FakeCloudTruth
from tests.support.net import KEY, Net
from tests.support.wire import FOUND, ID, refused_url, serve, trusting

AUTHORITY = Path(__file__).parent / "support" / "certificates" / "authority.pem"
NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(autouse=True)
def _no_socks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)


@pytest.fixture(autouse=True)
def _nothing_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """No request leaves this machine."""
    found = socket.getaddrinfo

    def look(host: Any, *given: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not name.startswith("127.") and name not in ("localhost", "::1"):
            raise socket.gaierror(f"looked up {name}")
        return found(host, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look)


Get = Callable[..., Invitation]


@pytest.fixture
def get(net: Net) -> Get:
    """Asks a server at a URL for an invitation."""

    def ask(url: str, **options: Any) -> Invitation:
        with net.connect(CloudTruth(url, api_key=KEY, allow_http=True), **options) as client:
            return client.get(ID)

    return ask


BROKEN: list[tuple[dict[str, str], str, str]] = [
    # What is set, the variable that is named, and why.
    ({"ALL_PROXY": "socks5://u:hidden@127.0.0.1:1080"}, "ALL_PROXY", r"pip install 'httpx\[socks\]'"),
    ({"ALL_PROXY": "socks5h://u:hidden@127.0.0.1:1080"}, "ALL_PROXY", r"pip install 'httpx\[socks\]'|must be a URL"),
    ({"ALL_PROXY": "gopher://u:hidden@proxy.example"}, "ALL_PROXY", "must be a URL"),
    ({"HTTPS_PROXY": "http://u:hidden@[::1"}, "HTTPS_PROXY", "must be a URL"),
    ({"HTTPS_PROXY": "http://u:hidden@proxy.example:port"}, "HTTPS_PROXY", "must be a URL"),
    ({"HTTPS_PROXY": "u:hidden@proxy.example:99999"}, "HTTPS_PROXY", "must be a URL"),
    ({"HTTPS_PROXY": "http://"}, "HTTPS_PROXY", "must be a URL"),
    ({"https_proxy": "ftp://u:hidden@proxy.example"}, "HTTPS_PROXY (set as https_proxy)", "must be a URL"),
    ({"all_proxy": "socks4://hidden"}, "ALL_PROXY (set as all_proxy)", "must be a URL"),
    ({"ALL_PROXY": "http://127.0.0.1:9", "NO_PROXY": "a.example:port"}, "NO_PROXY", "cannot be read as a host"),
    ({"ALL_PROXY": "http://127.0.0.1:9", "NO_PROXY": "[::g]"}, "NO_PROXY", "cannot be read as a host"),
    (
        {"ALL_PROXY": "http://127.0.0.1:9", "no_proxy": "a.example:x"},
        "NO_PROXY (set as no_proxy)",
        "cannot be read",
    ),
    ({"ALL_PROXY": "http://127.0.0.1:9", "NO_PROXY": "http://u:hidden@x:y"}, "NO_PROXY", "cannot be read as a host"),
    ({"SSL_CERT_FILE": "/nowhere/authorities.pem"}, "SSL_CERT_FILE", "'/nowhere/authorities.pem', which is not there"),
    ({"SSL_CERT_FILE": "/"}, "SSL_CERT_FILE", "'/', which cannot be read"),
    ({"SSL_CERT_FILE": __file__}, "SSL_CERT_FILE", "holds no certificate that can be read"),
    ({"SSL_CERT_FILE": os.devnull}, "SSL_CERT_FILE", "holds no certificate that can be read"),
    ({"SSL_CERT_DIR": "/nowhere"}, "SSL_CERT_DIR", "'/nowhere', which is no folder"),
    ({"SSL_CERT_DIR": __file__}, "SSL_CERT_DIR", "which is no folder"),
    ({"SSLKEYLOGFILE": "/nowhere/keys"}, "SSLKEYLOGFILE", "'/nowhere/keys', which cannot be written"),
    ({"SSLKEYLOGFILE": "/", "SSL_CERT_FILE": str(AUTHORITY)}, "SSLKEYLOGFILE", "cannot be written"),
]
IDS = [" ".join(f"{name}={value[-24:]}" for name, value in setting.items()) for setting, _, _ in BROKEN]
each_setting = pytest.mark.parametrize("setting", [setting for setting, _, _ in BROKEN], ids=IDS)
each_broken = pytest.mark.parametrize(("setting", "variable", "reason"), BROKEN, ids=IDS)


def put(setting: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in setting.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("tls", [False, True])
@each_setting
def test_this_machine_is_reached_whatever_the_environment_holds(
    get: Get, setting: dict[str, str], tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = trusting("authority") if tls else None
    put(setting, monkeypatch)

    with serve(FOUND, tls=tls) as server:
        assert get(server.url, verify=trusted).id == ID


@each_setting
def test_a_fake_is_reached_whatever_the_environment_holds(
    net: Net, setting: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(setting, monkeypatch)
    fake = FakeCloudTruth()
    made = fake.invite("ana@example.com")

    with net.connect(fake.connection(), transport=fake.transport()) as client:
        assert client.get(made.id).email == "ana@example.com"


@each_broken
def test_another_machine_is_not_and_the_message_names_the_one_variable(
    get: Get, setting: dict[str, str], variable: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(setting, monkeypatch)

    with pytest.raises(ConfigurationError, match=reason) as caught:
        get("https://ct.example")

    text = str(caught.value)
    assert text.startswith(f"cloudtruth get: {variable} ")
    assert [name for name in NAMES if name in text] == [variable.partition(" ")[0]]
    assert "hidden" not in text + repr(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    "setting",
    [
        # Not for https.
        {"HTTP_PROXY": "socks5://127.0.0.1:1080"},
        {"http_proxy": "gopher://x"},
        # Not for this host.
        {"ALL_PROXY": "socks5://127.0.0.1:1080", "NO_PROXY": "ct.example"},
        {"ALL_PROXY": "gopher://x", "NO_PROXY": ".example"},
        {"HTTPS_PROXY": "gopher://x", "NO_PROXY": "https://ct.example"},
        {"ALL_PROXY": "http://127.0.0.1:9", "NO_PROXY": "a.example:port,ct.example"},
        # For no host.
        {"ALL_PROXY": "gopher://x", "NO_PROXY": "*"},
        {"ALL_PROXY": "gopher://x", "no_proxy": "a.example:port, * ,b"},
        {"NO_PROXY": "a.example:port,[::g]"},
        {"ALL_PROXY": ""},
        {"SSL_CERT_FILE": "", "SSL_CERT_DIR": "", "SSLKEYLOGFILE": ""},
    ],
    ids=str,
)
def test_what_does_not_concern_a_host_does_not_keep_it_back(
    get: Get, setting: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(setting, monkeypatch)

    with pytest.raises(ConnectError, match=r"looked up ct\.example"):
        get("https://ct.example")


@pytest.mark.parametrize(
    "host", ["fd07:b51a::/64", "[::1]", "[fd07::1]:8080", "::1/128", "[fd07::]/64", "fe80::1%eth0"]
)
def test_ipv6_among_the_hosts_without_a_proxy_is_read(get: Get, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(FOUND) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", f"localhost,{host},.internal")

        assert get("http://ct.example").id == ID
    assert proxy.requests[0].target == f"http://ct.example/api/v1/invitations/{ID}/"


@pytest.mark.parametrize(
    "host", ["127.0.0.2", "waldur.localhost", "[0:0:0:0:0:0:0:1]", "localhost.", "[fd07::1]", "[fd08::]", "[fd07::2]"]
)
def test_this_machine_and_an_address_without_a_proxy_are_reached_directly(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({"ALL_PROXY": "http://127.0.0.1:9", "NO_PROXY": "[fd07::1],fd08::/64"}, monkeypatch)
    connection = CloudTruth(f"http://{host}:9", api_key=KEY, allow_http=True)
    with InviteClient(connection) as client:
        pool = client._http.client()
        way = pool._transport_for_url(httpx.URL(connection.base_url))
        assert (way is pool._transport) is (host != "[fd07::2]")


# What is read as httpx reads it.

SETTINGS: list[dict[str, str]] = [
    {"HTTP_PROXY": "http://plain.example:3128"},
    {"HTTPS_PROXY": "secure.example:3128", "ALL_PROXY": "http://all.example"},
    {"https_proxy": "http://small.example", "HTTPS_PROXY": "http://capital.example"},
    {"ALL_PROXY": "http://u:p@all.example"},
    {"ALL_PROXY": "http://all.example", "NO_PROXY": "*"},
    {"ALL_PROXY": "http://all.example", "NO_PROXY": "a.example, *"},
    {"ALL_PROXY": "http://all.example", "NO_PROXY": "a.example,.b.example , *.c.example,,10.0.0.0/8,10.1.2.3,fd00::1"},
    {"ALL_PROXY": "http://all.example", "NO_PROXY": "http://a.example,a.example:8443,LOCALHOST"},
    {"HTTP_PROXY": "http://plain.example", "REQUEST_METHOD": "GET"},
    {"NO_PROXY": "a.example"},
]
URLS = [
    f"{scheme}://{host}/"
    for scheme in ("http", "https")
    for host in (
        "a.example",
        "x.a.example",
        "xa.example",
        "b.example",
        "x.b.example",
        "c.example",
        "x.c.example",
        "10.0.0.0",
        "10.9.9.9",
        "10.1.2.3",
        "[fd00::1]",
        "[fd00::2]",
        "a.example:8443",
    )
]


def route(client: httpx.Client, url: str) -> object:
    """The proxy that a request would go through."""
    way: Any = client._transport_for_url(httpx.URL(url))
    found = getattr(way._pool, "_proxy_url", None)
    return None if found is None else (found.scheme, found.host, found.port)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_the_proxies_are_those_of_httpx(setting: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    put(setting, monkeypatch)
    with httpx.Client() as theirs, InviteClient(CloudTruth("https://ct.example", api_key=KEY)) as ours:
        pool = ours._http.client()
        assert [route(pool, url) for url in URLS] == [route(theirs, url) for url in URLS]


def test_the_authorities_of_the_environment_are_trusted(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(FOUND, tls=True) as server:
        with pytest.raises(ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            get(server.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
        # The first of them counts alone.
        monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
        assert get(server.url).id == ID


def test_keys_are_logged_where_the_environment_says(get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    with serve(FOUND, tls=True) as server:
        get(server.url)

    assert "CLIENT" in (tmp_path / "keys").read_text(encoding="ascii")


def test_over_tls_this_machine_needs_the_authorities_that_are_named(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/authorities.pem")

    with serve(FOUND, tls=True) as server, pytest.raises(ConfigurationError, match="SSL_CERT_FILE names"):
        get(server.url)
    assert server.requests == []


def test_no_authorities_are_read_for_what_needs_no_tls(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", read)
    with serve(FOUND) as server:
        assert get(server.url).id == ID


def test_a_proxy_that_is_given_counts_alone(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    put({"ALL_PROXY": "gopher://x", "NO_PROXY": "a.example:port,ct.example"}, monkeypatch)

    with serve(FOUND) as proxy:
        assert get("http://ct.example", proxy=proxy.url).id == ID
        assert get("http://127.0.0.1:9", proxy=proxy.url).id == ID
    assert len(proxy.requests) == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("HTTPS_PROXY", "HTTPS_PROXY"),
        ("https_proxy", r"HTTPS_PROXY \(set as https_proxy\)"),
        ("ALL_PROXY", "ALL_PROXY"),
    ],
)
def test_a_proxy_that_cannot_be_reached_is_named_with_its_variable(
    get: Get, name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = refused_url().removeprefix("http://")
    for proxy in (address, "proxy.example:3128"):
        monkeypatch.setenv(name, f"http://user:hidden@{proxy}")
        words = rf"no connection to the proxy {proxy}, named by {said} \(.*\); check {said}$"
        with pytest.raises(ConnectError, match=words) as caught:
            get("https://ct.example")
        assert "hidden" not in str(caught.value)
