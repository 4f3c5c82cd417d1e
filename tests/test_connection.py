"""Connections: which URLs and credentials are taken, what they become, and what never shows."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pydantic import SecretStr

from invite_sdk import CloudTruth, ConfigurationError, Enhance, InviteClient, Waldur, ZenML
from invite_sdk._flows.auth import LoginAuth, StaticAuth
from invite_sdk.services.connection import Connection
from tests.small_service import Small, SmallAdapter

KEY = "k3y-that-nobody-may-see"
ORGANIZATION = "3fa85f64-5717-4562-b3fc-2c963f66afa6"

ALL: list[Callable[[], Connection]] = [
    lambda: Waldur("https://waldur.example", token=KEY),
    lambda: Waldur("https://waldur.example", bearer=KEY),
    lambda: CloudTruth(api_key=KEY),
    lambda: CloudTruth(jwt=KEY),
    lambda: ZenML(api_key=KEY),
    lambda: ZenML(token=KEY),
    lambda: ZenML(client_id="ci", client_secret=KEY, audience="cloud"),
    lambda: Enhance("https://panel.example", token=KEY),
    lambda: Enhance("https://panel.example", session=KEY, organization=ORGANIZATION),
]


# URLs


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://waldur.example", "https://waldur.example"),
        ("https://waldur.example/", "https://waldur.example"),
        ("https://waldur.example//", "https://waldur.example"),
        ("  https://waldur.example\n", "https://waldur.example"),
        ("HTTPS://Waldur.Example", "https://waldur.example"),
        ("https://waldur.example/api", "https://waldur.example"),
        ("https://waldur.example/api/", "https://waldur.example"),
        ("https://waldur.example/api/user-invitations/", "https://waldur.example"),
        ("https://waldur.example:8443", "https://waldur.example:8443"),
        ("https://example.org/waldur/", "https://example.org/waldur"),
        ("https://example.org/waldur/api/", "https://example.org/waldur"),
        ("https://[2001:db8::1]:8443/api", "https://[2001:db8::1]:8443"),
        ("https://bücher.example", "https://bücher.example"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://waldur.localhost", "http://waldur.localhost"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        # Every spelling of a server becomes one.
        ("https://waldur.example:443", "https://waldur.example"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:443", "http://localhost:443"),
        ("https://waldur.example.", "https://waldur.example"),
        ("https://[2001:DB8:0:0:0:0:0:1]", "https://[2001:db8::1]"),
        ("https://xn--bcher-kva.example", "https://bücher.example"),
        ("https://BÜCHER.example", "https://bücher.example"),
    ],
)
def test_a_url_becomes_the_root_that_every_path_is_put_behind(url: str, base: str) -> None:
    assert Waldur(url, token=KEY).base_url == base


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://panel.example", "https://panel.example/api"),
        ("https://panel.example/", "https://panel.example/api"),
        ("https://panel.example/api", "https://panel.example/api"),
        ("https://panel.example/api/", "https://panel.example/api"),
        ("https://panel.example:8443/sub", "https://panel.example:8443/sub/api"),
    ],
)
def test_an_enhance_panel_has_its_api_path_once(url: str, base: str) -> None:
    assert Enhance(url, token=KEY).base_url == base


@pytest.mark.parametrize(
    ("connection", "base"),
    [
        (CloudTruth(api_key=KEY), "https://api.cloudtruth.io"),
        (CloudTruth("https://ct.example/api/v1/", api_key=KEY), "https://ct.example"),
        (CloudTruth("https://ct.example/api/v1/invitations", api_key=KEY), "https://ct.example"),
        (ZenML(api_key=KEY), "https://cloudapi.zenml.io"),
        (ZenML("https://zen.example/", api_key=KEY), "https://zen.example"),
    ],
)
def test_hosted_services_have_an_address_of_their_own(connection: Connection, base: str) -> None:
    assert connection.base_url == base


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "missing"),
        ("   ", "missing"),
        (None, "missing"),
        (7, "missing"),
        ("waldur.example", "absolute URL"),
        ("/api", "absolute URL"),
        ("ftp://waldur.example", "absolute URL"),
        ("https://", "absolute URL"),
        ("https:///api", "absolute URL"),
        ("https://:443", "absolute URL"),
        ("https://waldur.example:http", "not a URL"),
        ("https://waldur.example:99999", "not a URL"),
        ("https://[::1", "not a URL"),
        ("https://[::1::2]", "not a URL"),
        ("https://waldur.example;evil.example", "host"),
        ("https://[fe80::1%25eth0]", "host"),
        # No lookup takes them.
        ("https://a..example", "host"),
        ("https://.example", "host"),
        ("https://a.example..", "host"),
        (f"https://{'a' * 64}.example", "host"),
        ("https://xn--a.example", "host"),
        (f"https://{'.'.join(['abc'] * 70)}", "host"),
        ("https://ann@waldur.example", "credentials"),
        ("https://ann:secret@waldur.example", "credentials"),
        ("https://@waldur.example", "credentials"),
        ("https://waldur.example?a=1", "query"),
        ("https://waldur.example?", "query"),
        ("https://waldur.example/#top", "fragment"),
        ("https://waldur.example#", "fragment"),
        ("https://waldur.example/a b", "space"),
        ("https://waldur\t.example", "space"),
        ("https://waldur.example/\r\nX: y", "control"),
        ("https://waldur.example\x00", "control"),
        ("https://waldur.example/\u200b", "control"),
        ("https://waldur.example\\@evil.example", "backslash"),
        ("https://waldur.example/a//b", "path"),
        ("https://waldur.example/../b", "path"),
        ("https://waldur.example/./b", "path"),
        ("https://waldur.example/%2e%2e", "path"),
        ("http://waldur.example", "allow_http=True"),
        ("http://10.0.0.1", "allow_http=True"),
        ("http://localhost.evil.example", "allow_http=True"),
        ("http://0.0.0.0", "allow_http=True"),
    ],
)
def test_a_url_that_cannot_be_right_is_refused_by_the_name_of_its_setting(url: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as caught:
        Waldur(url, token=KEY)

    assert str(caught.value).startswith("url ")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("connect", [Waldur, CloudTruth, Enhance])
def test_plain_http_to_another_machine_is_asked_for_by_name(connect: Callable[..., Connection]) -> None:
    credential = {"api_key": KEY} if connect is CloudTruth else {"token": KEY}

    assert connect("http://inside.example", allow_http=True, **credential).base_url.startswith("http://inside.example")


# Credentials


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Waldur("https://w.example"), ["token", "bearer"]),
        (lambda: Waldur("https://w.example", token=KEY, bearer=KEY), ["token", "bearer"]),
        (lambda: CloudTruth(), ["api_key", "jwt"]),
        (lambda: CloudTruth(api_key=KEY, jwt=KEY), ["api_key", "jwt"]),
        (lambda: ZenML(), ["api_key", "client_secret", "token"]),
        (lambda: ZenML(api_key=KEY, token=KEY), ["api_key", "token"]),
        (lambda: ZenML(client_secret=KEY), ["client_id", "audience"]),
        (lambda: ZenML(client_secret=KEY, client_id="ci"), ["audience"]),
        (lambda: ZenML(client_secret=KEY, audience="cloud"), ["client_id"]),
        (lambda: ZenML(client_id="ci", audience="cloud"), ["api_key", "client_secret", "token"]),
        (lambda: ZenML(api_key=KEY, client_id="ci"), ["client_id", "api_key"]),
        (lambda: Enhance("https://p.example"), ["token", "session"]),
        (lambda: Enhance("https://p.example", token=KEY, session=KEY), ["token", "session"]),
        (lambda: Enhance("https://p.example", token=KEY, organization="a/b"), ["organization"]),
        (lambda: Enhance("https://p.example", token=KEY, organization=".."), ["organization"]),
        (lambda: Enhance("https://p.example", token=KEY, organization=""), ["organization"]),
    ],
)
def test_missing_and_contradicting_settings_are_named(make: Callable[[], Connection], named: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make()

    assert all(name in str(caught.value) for name in named)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "empty"),
        (SecretStr(""), "empty"),
        ("two words", "space"),
        ("line\nbreak", "line break"),
        (" leading", "space"),
        ("smörgås", "ASCII"),
        ("del\x7f", "ASCII"),
        (42, "not int"),
        (b"bytes", "not bytes"),
    ],
)
def test_a_credential_that_no_header_can_carry_is_refused(value: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as caught:
        Waldur("https://waldur.example", token=value)

    assert "token" in str(caught.value)
    assert not value or str(value) not in str(caught.value)


class Boastful:
    """Has the method that secrets have, and no secret to give."""

    def get_secret_value(self) -> str:
        raise RuntimeError(f"the secret is {KEY}")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (SecretStr, "ModelMetaclass|type"),
        (SecretStr(5), "int"),  # type: ignore[arg-type]
        (SecretStr(b"x"), "bytes"),  # type: ignore[arg-type]
        (Boastful(), "Boastful"),
    ],
)
def test_what_only_looks_like_a_credential_is_refused(value: Any, kind: str) -> None:
    with pytest.raises(ConfigurationError, match=f"token must be text, not ({kind})") as caught:
        Waldur("https://waldur.example", token=value)

    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("connection", "header", "value"),
    [
        (Waldur("https://w.example", token=KEY), "Authorization", f"Token {KEY}"),
        (Waldur("https://w.example", token=SecretStr(KEY)), "Authorization", f"Token {KEY}"),
        (Waldur("https://w.example", bearer=KEY), "Authorization", f"Bearer {KEY}"),
        (CloudTruth(api_key=KEY), "Authorization", f"Api-Key {KEY}"),
        (CloudTruth(jwt=KEY), "Authorization", f"Bearer {KEY}"),
        (ZenML(token=KEY), "Authorization", f"Bearer {KEY}"),
        (Enhance("https://p.example", token=KEY), "Authorization", f"Bearer {KEY}"),
        (Enhance("https://p.example", session=KEY), "Cookie", f"id0={KEY}"),
    ],
)
def test_each_kind_of_credential_has_its_header(connection: Connection, header: str, value: str) -> None:
    auth = connection.auth

    assert isinstance(auth, StaticAuth)
    assert (auth.header, auth.value.get_secret_value()) == (header, value)


@pytest.mark.parametrize(
    ("connection", "form"),
    [
        (ZenML(api_key="zk-1"), b"password=zk-1"),
        (
            ZenML(client_id="ci", client_secret="s&1", audience="https://cloud"),
            b"grant_type=client_credentials&client_id=ci&client_secret=s%261&audience=https%3A%2F%2Fcloud",
        ),
    ],
)
def test_zenml_logs_in_with_a_form_of_its_own(connection: ZenML, form: bytes) -> None:
    auth = connection.auth
    assert isinstance(auth, LoginAuth)
    call = auth.login()

    assert (call.request.method, call.request.path, call.request.body) == ("POST", "/auth/login", form)
    assert dict(call.request.headers)["Content-Type"] == "application/x-www-form-urlencoded"
    assert call.public


def test_enhance_offers_its_organization_to_create() -> None:
    with_one = Enhance("https://p.example", token=KEY, organization=ORGANIZATION)

    assert (with_one.organization, with_one.defaults) == (ORGANIZATION, {"organization": ORGANIZATION})
    assert Enhance("https://p.example", token=KEY).defaults == {}


def test_the_account_of_a_cloudtruth_key_is_told_without_the_key() -> None:
    accounts = [CloudTruth(api_key=key).account for key in (KEY, KEY, f"{KEY}-2")]

    assert accounts[0] == accounts[1] != accounts[2]
    assert all(re.fullmatch("[0-9a-f]{12}", account) for account in accounts)
    assert InviteClient(CloudTruth(api_key=KEY)).account == accounts[0]


@pytest.mark.parametrize(
    "connection", [CloudTruth(jwt=KEY), Waldur("https://w.example", token=KEY), Small("x", key=KEY)]
)
def test_where_the_credential_does_not_say_whose_it_is_the_account_is_empty(connection: Connection) -> None:
    assert connection.account == ""


def test_a_client_tells_what_the_connection_gives_to_create() -> None:
    client = InviteClient(Enhance("https://p.example", token=KEY, organization=ORGANIZATION))

    assert client.defaults == {"organization": ORGANIZATION}


# The environment


def variables(kind: type[Connection], settings: Mapping[str, str]) -> dict[str, str]:
    """Variables of a service, given by what follows on its name."""
    return {f"INVITE_{kind.service.upper()}_{name}": value for name, value in settings.items()}


@pytest.mark.parametrize(
    ("kind", "settings", "base"),
    [
        (Waldur, {"URL": "https://w.example/api/", "TOKEN": KEY}, "https://w.example"),
        (Waldur, {"URL": "https://w.example", "BEARER": KEY}, "https://w.example"),
        (CloudTruth, {"API_KEY": KEY}, "https://api.cloudtruth.io"),
        (CloudTruth, {"URL": "https://ct.example", "JWT": f"  {KEY}\n"}, "https://ct.example"),
        (ZenML, {"API_KEY": KEY, "URL": ""}, "https://cloudapi.zenml.io"),
        (ZenML, {"TOKEN": KEY}, "https://cloudapi.zenml.io"),
        (
            ZenML,
            {"URL": "https://zen.example", "CLIENT_ID": "ci", "CLIENT_SECRET": KEY, "AUDIENCE": "cloud"},
            "https://zen.example",
        ),
        (Enhance, {"URL": "https://p.example", "TOKEN": KEY, "ORGANIZATION": ORGANIZATION}, "https://p.example/api"),
        (Enhance, {"URL": "https://p.example", "SESSION": KEY}, "https://p.example/api"),
    ],
)
def test_a_connection_is_read_from_the_environment(
    kind: type[Connection], settings: Mapping[str, str], base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = variables(kind, settings)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    for made in (kind.from_env(), kind.from_env(environ), InviteClient.from_env(kind.service)._facade.connection):
        assert (type(made), made.base_url) == (kind, base)


@pytest.mark.parametrize(
    ("kind", "settings", "said"),
    [
        (Waldur, {}, "INVITE_WALDUR_URL is not set"),
        (Waldur, {"TOKEN": KEY}, "INVITE_WALDUR_URL is not set"),
        (Waldur, {"URL": "https://w.example"}, "Waldur needs a credential: give INVITE_WALDUR_TOKEN or "),
        (Waldur, {"URL": "w.example", "TOKEN": KEY}, "INVITE_WALDUR_URL "),
        (Waldur, {"URL": "http://w.example", "TOKEN": KEY}, "INVITE_WALDUR_URL "),
        (Waldur, {"URL": "https://w.example", "TOKEN": "a b"}, "INVITE_WALDUR_TOKEN "),
        (Waldur, {"URL": "https://w.example", "BEARER": "å"}, "INVITE_WALDUR_BEARER "),
        (CloudTruth, {}, "CloudTruth needs a credential: give INVITE_CLOUDTRUTH_API_KEY or "),
        (CloudTruth, {"API_KEY": f"Api-Key {KEY}"}, "INVITE_CLOUDTRUTH_API_KEY "),
        (CloudTruth, {"URL": "/api", "JWT": KEY}, "INVITE_CLOUDTRUTH_URL "),
        (ZenML, {}, "ZenML needs a credential: give INVITE_ZENML_API_KEY or "),
        (ZenML, {"CLIENT_SECRET": KEY}, "INVITE_ZENML_CLIENT_SECRET needs INVITE_ZENML_CLIENT_ID and INVITE_ZENML_AUD"),
        (ZenML, {"CLIENT_ID": "ci", "TOKEN": KEY}, "INVITE_ZENML_CLIENT_ID "),
        (Enhance, {}, "INVITE_ENHANCE_URL is not set"),
        (Enhance, {"URL": "https://p.example"}, "Enhance needs a credential: give INVITE_ENHANCE_TOKEN or INVITE_ENH"),
        (Enhance, {"URL": "https://p.example", "TOKEN": KEY, "ORGANIZATION": "a/b"}, "INVITE_ENHANCE_ORGANIZATION "),
    ],
)
def test_a_variable_that_is_wrong_or_missing_is_named(
    kind: type[Connection], settings: Mapping[str, str], said: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        kind.from_env(variables(kind, settings))

    assert str(caught.value).startswith(said)
    assert KEY not in str(caught.value)


# What they are


@pytest.mark.parametrize("make", ALL)
def test_no_credential_shows(make: Callable[[], Connection]) -> None:
    connection = make()

    for shown in (repr(connection), str(connection), repr(connection.auth), str(connection.auth), f"{connection}"):
        assert KEY not in shown
    assert connection.base_url in repr(connection)
    assert not hasattr(connection, "__dict__")


@pytest.mark.parametrize("make", ALL)
def test_a_connection_does_not_pickle_and_says_what_to_do(make: Callable[[], Connection]) -> None:
    connection = make()

    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match=r"build one in the worker.*from_env\(\)"):
            pickle.dumps(connection, protocol)


def test_a_constructor_sets_what_is_its_own_once() -> None:
    made = Small("https://small.example", key=KEY)

    assert (made.adapter, made.base_url) == (SmallAdapter, "https://small.example")
    with pytest.raises(AttributeError, match="immutable"):
        made.adapter = SmallAdapter


@pytest.mark.parametrize("make", ALL)
def test_a_connection_is_immutable(make: Callable[[], Connection]) -> None:
    connection = make()

    for name in ("base_url", "_base_url", "auth", "_auth", "token", "anything"):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(connection, name, "x")
        with pytest.raises(AttributeError, match="immutable"):
            delattr(connection, name)


@pytest.mark.parametrize("make", ALL)
def test_a_copy_is_the_same_connection(make: Callable[[], Connection]) -> None:
    connection = make()

    assert copy.copy(connection) is connection
    assert copy.deepcopy({"a": connection})["a"] is connection
