"""Both clients as objects: immutable, quiet about secrets, and clear about what they are made from."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any
from unittest import mock

import httpx
import pytest

from invite_sdk import (
    AsyncInviteClient,
    AsyncPager,
    CloudTruth,
    ConfigurationError,
    InvalidArgumentError,
    Invitation,
    InvitationList,
    InviteClient,
    Pager,
    PermissionDeniedError,
    Waldur,
)
from invite_sdk._flows.effects import Emit, Page, Sleep
from invite_sdk.services.capabilities import OPERATIONS
from tests.support.net import KEY, Net
from tests.support.pages import listing
from tests.support.wire import ID, ROW

CONNECTION = CloudTruth("https://ct.example", api_key=KEY)
WALDUR = Waldur("https://w.example", token=KEY)
MADE: list[Callable[..., Any]] = [InviteClient, AsyncInviteClient]


def refuse(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.method} {request.url} was sent")


# What they are made from


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize("given", ["https://w.example", None, {"url": "x"}, CloudTruth, httpx.Client])
def test_a_client_is_made_from_a_connection(make: Callable[..., Any], given: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"made from a connection such as Waldur\(url, token=\.\.\.\)"):
        make(given)


@pytest.mark.parametrize("make", MADE)
def test_a_client_comes_from_the_environment_by_name(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVITE_ENHANCE_URL", "https://p.example")
    monkeypatch.setenv("INVITE_ENHANCE_TOKEN", KEY)
    client = make.from_env("enhance", timeout=5, deadline=9, emulate=False)

    assert (client.service, client._facade.connection.base_url) == ("enhance", "https://p.example/api")
    assert (client._facade.options.timeout, client._facade.options.deadline) == (5, 9)
    assert not client.supports("get")
    monkeypatch.delenv("INVITE_ENHANCE_TOKEN")
    with pytest.raises(ConfigurationError, match="INVITE_ENHANCE_TOKEN"):
        make.from_env("enhance")


# What they show


@pytest.mark.parametrize("make", MADE)
def test_a_client_shows_its_server_and_no_credential(make: Callable[..., Any]) -> None:
    client = make(CONNECTION, headers={"X-Key": KEY})

    assert repr(client) == f"{make.__name__}(CloudTruth('https://ct.example'))"
    assert KEY not in f"{client} {client.list()!r}"


@pytest.mark.parametrize("make", MADE)
def test_a_client_does_not_pickle_and_says_what_to_do(make: Callable[..., Any]) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="does not pickle; build one in the worker"):
            pickle.dumps(make(CONNECTION), protocol)
    with pytest.raises(TypeError, match="does not pickle"):
        copy.deepcopy(make(CONNECTION))


@pytest.mark.parametrize("make", MADE)
def test_a_client_is_immutable(make: Callable[..., Any]) -> None:
    client = make(CONNECTION)

    for name in ("timeout", "token", "service", "capabilities", "create"):
        with pytest.raises(AttributeError):
            setattr(client, name, 1)


# Replaced by tests

METHODS = sorted({*OPERATIONS, "native", "supports", "with_options", "close"})
METHODS_OF = [(make, name) for make in MADE for name in (*METHODS, *(["aclose"] if make is AsyncInviteClient else []))]


@pytest.mark.parametrize(("make", "name"), METHODS_OF)
def test_a_method_of_one_client_can_be_replaced_and_comes_back(make: Callable[..., Any], name: str) -> None:
    client, other = make(CONNECTION), make(CONNECTION)
    stand_in: Any = object

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, name, stand_in)
        assert getattr(client, name) is stand_in
        assert getattr(other, name) is not stand_in
        assert vars(client) == {name: stand_in}
    with mock.patch.object(client, name) as mocked:
        assert getattr(client, name) is mocked
    with mock.patch.object(client, name, autospec=True) as mocked:
        assert getattr(client, name) is mocked

    assert getattr(client, name).__func__ is getattr(type(client), name)
    assert getattr(client, name).__self__ is client


@pytest.mark.parametrize("make", MADE)
def test_a_client_shows_nothing_of_what_it_holds(make: Callable[..., Any]) -> None:
    client = make(CONNECTION)

    assert vars(client) == vars(client.with_options(timeout=5)) == {}
    with pytest.raises(AttributeError, match=r"cannot be changed \(with_options gives another\).*: not timeout"):
        client.timeout = 5


@pytest.mark.parametrize("make", MADE)
def test_a_child_takes_over_what_was_replaced(make: Callable[..., Any]) -> None:
    client = make(CONNECTION)
    with mock.patch.object(client, "count") as mocked:
        child = client.with_options(timeout=5)
        assert child.count is mocked
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "count", mocked)

    # What a patch leaves behind is the client's own.
    assert client.with_options(timeout=5).count.__self__ is not client


@pytest.mark.parametrize("kind", MADE)
def test_a_subclass_has_what_it_likes_and_its_children_too(kind: Any) -> None:
    class Mine(kind):  # type: ignore[misc]
        team = "nobody"

        def __init__(self, *given: Any, team: str, **named: Any) -> None:
            super().__init__(*given, **named)
            self.team = team
            self._greeting = f"hello {team}"

    child = Mine(CONNECTION, team="apollo").with_options(timeout=5)

    assert (type(child), child.team, child._greeting) == (Mine, "apollo", "hello apollo")
    assert child._facade.options.timeout == 5

    class Slotted(Mine):
        __slots__ = ("__hidden", "empty", "greet", "room")

        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.room, self.__hidden, self.greet = "one", "two", self.hello
            self.asks = self.hello

        def hello(self) -> object:
            return self, self.__hidden

    child = Slotted(CONNECTION, team="apollo").with_options(timeout=5).with_options(deadline=6)

    assert (child.team, child.room) == ("apollo", "one")
    assert child.greet() == child.asks() == (child, "two")
    assert not hasattr(child, "empty")
    assert (child._facade.options.timeout, child._facade.options.deadline) == (5, 6)


@pytest.mark.parametrize("awaited", [False, True])
def test_a_pager_of_a_replaced_listing_can_be_replaced_too(awaited: bool) -> None:
    pager: Any = (AsyncInviteClient if awaited else InviteClient)(CONNECTION).list()
    with mock.patch.object(pager, "all", list):
        assert pager.all() == []
    assert KEY not in f"{vars(pager)} {pager!r}"


@pytest.mark.parametrize("kind", MADE)
def test_a_client_of_mocks_knows_the_arguments_of_the_real_one(kind: type[Any]) -> None:
    client = mock.create_autospec(kind, instance=True)

    assert isinstance(client, kind)
    assert isinstance(client.create, mock.AsyncMock) is (kind is AsyncInviteClient)
    with pytest.raises(TypeError, match="rol"):
        client.create("ana@example.com", rol="VIEWER")
    with pytest.raises(AttributeError):
        client.invite("ana@example.com")


@pytest.mark.anyio
async def test_an_async_client_is_closed_by_either_name() -> None:
    async with contextlib.aclosing(AsyncInviteClient(CONNECTION)) as client:
        await client.with_options(timeout=5).aclose()
        assert not client._http.is_closed
    assert client._http.is_closed


# Children


@pytest.mark.parametrize("make", MADE)
def test_a_child_changes_what_it_is_asked_for_and_nothing_of_its_parent(make: Callable[..., Any]) -> None:
    parent = make(CONNECTION, timeout=5, headers={"X-A": "1"})
    child = parent.with_options(timeout=7, deadline=8.0, emulate=False, headers={"X-B": "2"}, max_body=9)
    options = child._facade.options

    assert type(child) is type(parent)
    assert (options.timeout, options.deadline, options.emulate, options.max_body) == (7, 8.0, False, 9)
    assert dict(options.headers) == {"X-A": "1", "X-B": "2"}
    assert (parent._facade.options.timeout, parent._facade.options.deadline) == (5, 60.0)
    assert dict(parent._facade.options.headers) == {"X-A": "1"}
    assert child._http is parent._http
    assert child._keeper is parent._keeper
    assert child._facade.shared is parent._facade.shared
    same = parent.with_options()
    assert same._facade.options == parent._facade.options


def test_a_write_of_a_child_is_seen_by_a_listing_of_its_parent() -> None:
    with InviteClient(CONNECTION, transport=httpx.MockTransport(lambda _: httpx.Response(204))) as parent:
        parent.with_options(timeout=3).delete(ID)

        assert parent._facade.shared.writes.count == 1


# Operations and capabilities


@pytest.mark.parametrize("make", MADE)
def test_supports_answers_for_operations_and_parameters(make: Callable[..., Any]) -> None:
    client = make(WALDUR)

    assert client.supports("cancel")
    assert client.supports("list", "email")
    assert not client.supports("decline")
    assert client.capabilities["list"].view == "both"
    with pytest.raises(InvalidArgumentError, match="there is no operation 'revoke'; there are list, count"):
        client.supports("revoke")
    with pytest.raises(InvalidArgumentError, match="list has no parameter 'phone' anywhere"):
        client.supports("list", "phone")


@pytest.mark.parametrize("wrong", [None, 7, "user_invitations_list", object()])
def test_native_takes_a_call_and_nothing_else(wrong: Any) -> None:
    with (
        InviteClient(WALDUR, transport=httpx.MockTransport(refuse)) as client,
        pytest.raises(InvalidArgumentError, match="a function of invite_clients returned"),
    ):
        client.native(wrong)


def test_native_refuses_a_call_of_another_service() -> None:
    from invite_clients.cloudtruth import invitations_retrieve

    with (
        InviteClient(WALDUR, transport=httpx.MockTransport(refuse)) as client,
        pytest.raises(InvalidArgumentError, match="this call is for cloudtruth, this client for waldur"),
    ):
        client.native(invitations_retrieve(ID))


def test_native_sends_a_call_with_the_same_credentials_and_options() -> None:
    from invite_clients.cloudtruth import invitations_retrieve

    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=ROW | {"new_key": "kept"})

    with InviteClient(CONNECTION, transport=httpx.MockTransport(answer)) as client:
        found = client.native(invitations_retrieve(ID), headers={"X-A": "1"}, timeout=3)

    assert (found.email, found.model_extra) == ("nina@example.org", {"new_key": "kept"})
    assert (seen[0].headers["authorization"], seen[0].headers["x-a"]) == (f"Api-Key {KEY}", "1")


def test_an_invitation_of_another_service_is_refused() -> None:
    foreign = Invitation.from_fields("zenml", None, {"id": ID})
    nameless = Invitation.from_fields("cloudtruth", None, {})
    with InviteClient(CONNECTION, transport=httpx.MockTransport(refuse)) as client:
        with pytest.raises(
            InvalidArgumentError, match="an invitation of zenml; this client is connected to cloudtruth"
        ):
            client.get(foreign)
        with pytest.raises(InvalidArgumentError, match="has no id"):
            client.get(nameless)


# Pagers


def test_a_listing_is_lazy_and_starts_again_with_each_iteration(net: Net) -> None:
    asked: list[int] = []
    with net.connect(WALDUR, transport=httpx.MockTransport(listing(2, 2, tell=asked.append))) as client:
        pager = client.list()
        assert asked == []
        assert pager.first() is not None
        assert asked == [1]
        found = pager.all()
        assert isinstance(found, InvitationList)
        assert len(found) == 4
        assert asked == [1, 1, 2]
        assert [len(page.invitations) for page in pager.pages()] == [2, 2]
        assert [page.total for page in pager.pages()] == [4, 4]
        assert client.list(limit=0).all() == []
        assert client.list(limit=0).first() is None


NOT_A_LIST: dict[str, Callable[[Any], object]] = {
    "not known": lambda lazy: not lazy,
    "equals nothing": lambda lazy: lazy == [],
    "not read yet": lambda lazy: lazy != [],
    "equals": lambda lazy: lazy == lazy,  # noqa: PLR0124 - what is tested
    "no length": len,
    "no indexes": lambda lazy: lazy[0],
    "or slices": lambda lazy: lazy[:2],
    "filters do": lambda lazy: "ann@example.org" in lazy,
    "own order": reversed,
}
LAZY: dict[str, Callable[[Any], Any]] = {
    "Pager": lambda pager: pager,
    "its pages": lambda pager: pager.pages(),
    "its rows": lambda pager: aiter(pager) if isinstance(pager, AsyncPager) else iter(pager),
}


@pytest.mark.parametrize(("why", "take"), NOT_A_LIST.items(), ids=NOT_A_LIST)
@pytest.mark.parametrize("lazy", LAZY.values(), ids=LAZY)
@pytest.mark.parametrize("make", MADE)
def test_what_is_lazy_does_not_pass_for_a_list(
    make: Callable[..., Any], lazy: Callable[[Any], Any], why: str, take: Callable[[Any], object]
) -> None:
    found = lazy(make(CONNECTION).list())
    advice = r"\.first\(\).*\.all\(\)" if isinstance(found, (Pager, AsyncPager)) else "iterate"
    with pytest.raises(TypeError, match=f"{why}.*{advice}"):
        take(found)


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize("lazy", LAZY.values(), ids=LAZY)
def test_what_is_lazy_is_itself_and_can_be_kept_and_passed_on(make: Any, lazy: Callable[[Any], Any]) -> None:
    found = lazy(make(CONNECTION).list())
    asked = mock.Mock()
    asked(found)

    asked.assert_called_once_with(found)
    assert found in [found]  # noqa: FURB171 - what is tested
    assert {found: 1}[found] == 1
    assert len({found, lazy(make(CONNECTION).list())}) == 2


@pytest.mark.parametrize("make", MADE)
def test_only_invitations_are_counted_by_the_client(make: Callable[..., Any]) -> None:
    for lazy, is_counted in ((make(CONNECTION).list(), True), (make(CONNECTION).roles(), False)):
        with pytest.raises(TypeError, match="has no length") as caught:
            len(lazy)
        assert ("client.count" in str(caught.value)) is is_counted


def test_a_pager_can_still_be_unpacked(net: Net) -> None:
    if not net.is_sync:
        return
    with net.connect(WALDUR, transport=httpx.MockTransport(listing(2, 2))) as client:
        assert len(list(client.list())) == len(tuple(client.list())) == len([*client.list()]) == 4
        first, *_ = client.list()
        assert first.id


@pytest.mark.anyio
async def test_whoever_takes_one_kind_for_the_other_is_told_how() -> None:
    client: Any = AsyncInviteClient(CONNECTION)
    other: Any = InviteClient(CONNECTION)
    with pytest.raises(TypeError, match=r"async for.*await pager\.all\(\)"):
        for _ in client.list():
            pass
    # What waits for whatever can be awaited, such as templates, must not take it for such.
    assert not inspect.isawaitable(client.list())
    with pytest.raises(TypeError, match="async with"), client:
        pass
    with pytest.raises(TypeError, match="AsyncInviteClient"):
        async with other:
            pass


def _bad(request: httpx.Request) -> httpx.Response:
    answer = listing(1, 2)(request)
    rows = answer.json()
    rows[0]["email"] = 7
    link = '<https://w.example/api/user-invitations/?page=1>; rel="first"'
    return httpx.Response(200, json=rows, headers={"X-Result-Count": "2", "Link": link})


def test_problems_are_those_of_the_latest_iteration(net: Net) -> None:
    with net.connect(WALDUR, transport=httpx.MockTransport(_bad)) as client:
        pager = client.list()
        assert list(pager.problems) == []
        assert len(pager.all()) == 1
        assert len(pager.all()) == 1

        assert [problem.reason for problem in pager.problems] == ["email: Input should be a valid string"]


@pytest.mark.anyio
async def test_a_pager_may_begin_with_a_page() -> None:
    page = Page(InvitationList([Invitation.from_fields("postbox", None, {"id": "1"})]), 1, 1)

    def start() -> Any:
        yield Emit(page)
        yield Emit(page)

    assert [found.id for found in Pager(start, refuse)] == ["1", "1"]  # type: ignore[arg-type]
    assert [found.id async for found in AsyncPager(start, refuse)] == ["1", "1"]  # type: ignore[arg-type]


# Effects


def test_a_pause_is_slept_and_an_unknown_effect_is_a_bug(net: Net) -> None:
    with net.connect(CONNECTION) as client:
        ctx = client._facade.context("get", {})
        assert client._interpret(Sleep(0), ctx) is None
        odd: Any = "odd"
        with pytest.raises(AssertionError, match="odd"):
            client._interpret(odd, ctx)


def test_the_time_of_a_client_is_the_machines() -> None:
    with InviteClient(CONNECTION) as client:
        one, other = client._http.now(), client._http.now()

    assert one.monotonic <= other.monotonic
    assert one.unix > 1_700_000_000


def test_a_failure_to_read_back_a_confirmed_write_does_not_make_it_look_failed() -> None:
    """Whatever goes wrong between the steps reaches the flow, which knows what has been confirmed."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            client.close()
            return httpx.Response(200, json={"detail": "canceled"})
        return refuse(request)

    client = InviteClient(WALDUR, transport=httpx.MockTransport(answer))
    canceled = client.cancel(ID)

    assert (canceled.id, canceled.status, canceled.partial) == (ID.replace("-", ""), "canceled", True)


def fails_on_its_second_page(request: httpx.Request) -> httpx.Response:
    if request.url.params["page"] != "1":
        return httpx.Response(403, json={"detail": "No."})
    return listing(3, 2)(request)


def test_a_listing_that_failed_does_not_look_complete_when_it_is_asked_again() -> None:
    transport = httpx.MockTransport(fails_on_its_second_page)
    with InviteClient(Waldur("https://w.example", token="t"), transport=transport) as client:
        rows = iter(client.list(page_size=2))
        assert [next(rows).email, next(rows).email] == ["nina@example.org"] * 2
        with pytest.raises(PermissionDeniedError):
            next(rows)
        for _ in range(2):
            with pytest.raises(ConfigurationError, match="has failed, and rows may be missing"):
                list(rows)


def test_an_asynchronous_one_neither() -> None:
    async def asked() -> None:
        transport = httpx.MockTransport(fails_on_its_second_page)
        async with AsyncInviteClient(Waldur("https://w.example", token="t"), transport=transport) as client:
            rows = aiter(client.list(page_size=2))
            with pytest.raises(PermissionDeniedError):
                _ = [row async for row in rows]
            with pytest.raises(ConfigurationError, match="has failed, and rows may be missing"):
                await anext(rows)

    asyncio.run(asked())
