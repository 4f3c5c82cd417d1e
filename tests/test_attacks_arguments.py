"""Arguments that cannot be right: refused in words of our own, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

import httpx
import pytest
from pydantic import SecretStr

from invite_sdk import (
    AsyncInviteClient,
    CloudTruth,
    ConfigurationError,
    InvalidArgumentError,
    InviteClient,
    ResponseParseError,
    Scope,
    Status,
    Waldur,
)
from invite_sdk._flows.filters import check_email
from invite_sdk._model.invitation import Invitation
from invite_sdk.services import registry, settling
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur

HALF = "a\ud800b"
HUGE = 10**5000
LONG = "x" * 100_000
ID = "5f3b9d5e8c5d4b0e9a1f000000000001"
ROLE = "5f3b9d5e8c5d4b0e9a1f000000000002"
HOST = "https://waldur.example:8443/base"

Act = Callable[[InviteClient], object]


def offline(request: httpx.Request) -> httpx.Response:
    raise AssertionError("a request was sent")


def waldur(url: str = HOST) -> InviteClient:
    return InviteClient(Waldur(url, token="t"), transport=httpx.MockTransport(offline))


def row(email: str) -> Invitation:
    fields: Any = {"id": ID, "status": Status.PENDING, "email": email}
    return Invitation.from_fields("waldur", None, fields)


@pytest.mark.parametrize(
    ("one", "other"), [("straße@example.org", "strasse@example.org"), ("ﬁ@example.org", "fi@example.org")]
)
def test_different_addresses_stay_different(one: str, other: str) -> None:
    assert check_email(one)(row(other)) is False
    assert settling.open_for([row(other)], [], one) == []
    assert not settling.shows(row(other), one, None)
    assert settling.shows(row(one), one.upper().replace("SS", "ß").replace("FI", "ﬁ"), None)


class Ambiguous:
    """As arrays and frames are, and what stands for a missing value in them."""

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    def __eq__(self, other: object) -> Any:
        return self

    __hash__ = object.__hash__

    def __len__(self) -> int:
        return 2

    def __contains__(self, _: object) -> bool:
        return False

    def __iter__(self) -> Iterator[object]:
        raise TypeError("iteration over a 0-d array")


def new(**fields: Any) -> Act:
    given: Any = {"role": ROLE, "organization": ID, **fields}
    email = given.pop("email", "ann@example.org")
    return lambda client: client.create(email, **given)


def listed(**filters: Any) -> Act:
    return lambda client: client.list(**filters)


@pytest.mark.parametrize(
    "act",
    [
        new(email=f"{HALF}@example.org"),
        new(role=HALF),
        new(name=HALF),
        new(message=HALF),
        new(organization=HALF),
        new(organization=None, scope=HALF),
        new(organization=None, scope=Scope("project", HALF)),
        new(extra={"job_title": HALF}),
        listed(email=f"{HALF}@example.org"),
        listed(role=HALF),
        listed(organization=HALF),
        listed(scope=HALF),
        listed(native_filters={"scope_name": HALF}),
        listed(native_filters={"o": [HALF]}),
        listed(native_filters={HALF: "x"}),
        lambda client: client.approve(HALF),
        lambda client: client.reject(HALF),
        lambda client: client.update(ID, email=f"{HALF}@example.org"),
        lambda client: client.update(ID, role=HALF),
        lambda client: client.get(HALF),
    ],
)
def test_half_a_character_is_refused(act: Act) -> None:
    with waldur() as client, pytest.raises(InvalidArgumentError):
        act(client)


@pytest.mark.parametrize(
    "act",
    [
        *(
            new(**{name: Ambiguous()})
            for name in ("email", "role", "organization", "scope", "name", "message", "extra")
        ),
        *(
            listed(**{name: Ambiguous()})
            for name in (
                *("status", "email", "role", "organization", "scope"),
                *("native_filters", "limit", "page_size"),
            )
        ),
        lambda client: client.count(native_filters=cast("Any", Ambiguous())),
        lambda client: client.supports(cast("Any", Ambiguous())),
        lambda client: client.supports("list", cast("Any", Ambiguous())),
        lambda client: client.ensure("a@example.org", role=ROLE, organization=ID, reinvite=cast("Any", Ambiguous())),
        *(
            lambda client, name=name: getattr(client, name)(ID, refetch=Ambiguous())
            for name in ("cancel", "resend", "accept")
        ),
        lambda client: client.update(ID, role=ROLE, refetch=cast("Any", Ambiguous())),
        lambda client: client.get(cast("Any", Ambiguous())),
        lambda client: client.approve(cast("Any", Ambiguous())),
    ],
)
def test_what_is_neither_true_nor_false_is_refused_in_our_words(act: Act) -> None:
    """So says pandas of its missing value, and numpy of an array."""
    with waldur() as client, pytest.raises(InvalidArgumentError):
        act(client)


@pytest.mark.parametrize(
    ("char", "name"),
    [
        ("\u200b", "ZERO WIDTH SPACE (U+200B)"),
        ("\u200d", "ZERO WIDTH JOINER (U+200D)"),
        ("\ufeff", "ZERO WIDTH NO-BREAK SPACE (U+FEFF)"),
        ("\u00ad", "SOFT HYPHEN (U+00AD)"),
        ("\u00a0", "NO-BREAK SPACE (U+00A0)"),
        ("\u202e", "RIGHT-TO-LEFT OVERRIDE (U+202E)"),
        ("\u2066", "LEFT-TO-RIGHT ISOLATE (U+2066)"),
        ("\u2060", "WORD JOINER (U+2060)"),
        ("\u3164", "HANGUL FILLER (U+3164)"),
        ("\U000e0041", "TAG LATIN CAPITAL LETTER A (U+E0041)"),
    ],
)
def test_what_nobody_can_see_in_an_address_is_named_and_nothing_is_sent(char: str, name: str) -> None:
    for place, email in ((1, f"{char}ann@example.org"), (4, f"ann{char}@example.org"), (16, f"ann@example.org{char}")):
        acts = (
            new(email=email),
            listed(email=email),
            partial(InviteClient.ensure, email=email, role=ROLE, organization=ID),
            partial(InviteClient.count, email=email),
            partial(InviteClient.update, id=ID, email=email),
        )
        for act in acts:
            with waldur() as client, pytest.raises(InvalidArgumentError) as caught:
                act(client)
            assert f"{name}, as character {place};" in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [{"password": HALF}, {"password": SecretStr(HALF)}, {"locale": HALF}, {"session": HALF}, {"locale": 5}],
)
def test_half_a_character_is_refused_in_what_accepts(given: Any) -> None:
    fake = FakeEnhance()
    with InviteClient(fake.connection(), transport=fake.transport()) as client, pytest.raises(InvalidArgumentError):
        client.accept("key-of-an-invite", email="ann@example.org", **given)


@pytest.mark.parametrize(
    "act",
    [
        listed(status=5),
        listed(status=[5]),
        listed(scope=5),
        listed(scope=[]),
        listed(scope=b"x"),
        listed(scope="http://[x"),
        listed(scope=Scope([], ID)),  # type: ignore[arg-type]
        listed(scope=Scope("project", 5)),  # type: ignore[arg-type]
        listed(native_filters=5),
        listed(native_filters=[]),
        listed(native_filters={5: "x"}),
        listed(page_size=HUGE),
        listed(limit=HUGE),
        listed(timeout=HUGE),
        lambda client: client.get(row("ann@example.org").model_copy(update={"id": 5})),
    ],
)
def test_a_wrong_type_is_refused(act: Act) -> None:
    with waldur() as client, pytest.raises(InvalidArgumentError):
        act(client)


@pytest.mark.parametrize("kind", [InviteClient, AsyncInviteClient])
def test_a_client_refuses_what_it_cannot_use(kind: Any) -> None:
    connection = Waldur(HOST, token="t")
    with pytest.raises(ConfigurationError, match="hooks must be"):
        kind(connection, hooks=None)
    with pytest.raises(ConfigurationError, match="named by text"):
        kind.from_env([])
    with pytest.raises(ConfigurationError, match="mapping"):
        Waldur.from_env([])  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="deadline must be"):
        kind(connection, deadline=-HUGE)


@pytest.mark.parametrize(
    "act",
    [
        listed(status=LONG),
        listed(native_filters={LONG: "x"}),
        new(extra={LONG: "x"}),
        lambda client: client.supports(LONG),
        lambda client: client.supports("list", LONG),
        lambda client: client.get(ID, **{LONG: 5}),
        lambda client: client.list(scope=Scope("project", LONG)),
        new(scope=Scope(LONG, ID)),
    ],
)
def test_a_long_argument_is_not_echoed_whole(act: Act) -> None:
    with waldur() as client, pytest.raises(InvalidArgumentError) as caught:
        act(client)
    assert len(str(caught.value)) < 500


def test_a_long_setting_is_not_echoed_whole() -> None:
    for act in (
        lambda: InviteClient.from_env(LONG),
        lambda: InviteClient(Waldur(HOST, token="t"), emulate=LONG),  # type: ignore[arg-type]
        lambda: InviteClient(Waldur(HOST, token="t"), timeout=LONG),  # type: ignore[arg-type]
        lambda: registry.capabilities(LONG),
    ):
        with pytest.raises(ConfigurationError) as caught:
            act()
        assert len(str(caught.value)) < 500


def test_hooks_may_come_from_an_iterator() -> None:
    fake = FakeWaldur()
    seen: list[object] = []
    with InviteClient(fake.connection(), transport=fake.transport(), hooks=iter([seen.append])) as client:  # type: ignore[arg-type]
        client.count()
    assert seen


@pytest.mark.parametrize(
    "scope",
    [
        f"//evil.com/api/projects/{ID}/",
        f"foo/api/projects/{ID}/",
        f"/foo/api/projects/{ID}/",
        f"/api/projects/{ID}/users/",
        f"/api/projects/{ID}/?a=b",
        f"/api/projects/{ID}/?",
        f"/api/projects/{ID}/#x",
        f"/api/projects/{ID[:-1]}-/",
        f"https://waldur.example/base/api/projects/{ID}/",
        f"https://waldur.example:8444/base/api/projects/{ID}/",
        f"https://evil.com:8443/base/api/projects/{ID}/",
        f"https://ann@waldur.example:8443/base/api/projects/{ID}/",
        f"https://@waldur.example:8443/base/api/projects/{ID}/",
        f"{HOST}/foo/api/projects/{ID}/",
        f"{HOST}foo/api/projects/{ID}/",
        f"https://waldur.example:8443/api/projects/{ID}/",
        f"ftp://waldur.example:8443/base/api/projects/{ID}/",
    ],
)
def test_a_scope_that_is_not_of_this_server_is_refused(scope: str) -> None:
    with waldur() as client:
        for act in (listed(scope=scope), new(organization=None, scope=scope)):
            with pytest.raises(InvalidArgumentError):
                act(client)


@pytest.mark.parametrize(
    "scope",
    [f"/api/projects/{ID}/", f"{HOST}/api/projects/{ID}", f"http://WALDUR.example:8443/base/api/call-rounds/{ID}/"],
)
def test_a_scope_of_this_server_is_taken(scope: str) -> None:
    with waldur() as client:
        client.list(scope=scope)


@pytest.mark.parametrize("order", [5, None, b"created", [], "", [5], ["created", 5], {"created": 1}])
def test_an_order_is_text_or_several(order: object) -> None:
    with waldur() as client, pytest.raises(InvalidArgumentError, match="filter o"):
        client.list(native_filters={"o": order})


@pytest.mark.parametrize("order", ["created", "-created", ["email", "-created"], ("email",)])
def test_an_order_is_sent(order: object) -> None:
    fake = FakeWaldur()
    fake.invite("ann@example.org", scope="beta")
    with InviteClient(fake.connection(), transport=fake.transport()) as client:
        assert [row.email for row in client.list(native_filters={"o": order})] == ["ann@example.org"]


def test_another_record_than_the_one_asked_for_is_not_deleted() -> None:
    fake = FakeCloudTruth()
    other = fake.invite("ann@example.org")
    asked = fake.invite("bea@example.org")
    inner = fake.transport()
    methods: list[str] = []

    def swapped(request: httpx.Request) -> httpx.Response:
        methods.append(request.method)
        url = str(request.url).replace(asked.id, other.id)
        answer = inner.handle_request(httpx.Request(request.method, url, headers=request.headers))
        answer.read()
        return answer

    connection = fake.connection()
    assert isinstance(connection, CloudTruth)
    client = InviteClient(connection, transport=httpx.MockTransport(swapped))
    with client, pytest.raises(ResponseParseError, match="nothing was deleted"):
        client.cancel(asked.id)
    assert methods == ["GET"]
