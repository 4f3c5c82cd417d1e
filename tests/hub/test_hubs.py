"""What a hub is made from, what it owns, and what it is not."""

from __future__ import annotations

import asyncio
import copy
import pickle
from inspect import signature
from typing import Any

import pytest

from invite_sdk import AsyncHub, AsyncInviteClient, CallOptions, ConfigurationError, Hub, InviteClient, ZenML
from invite_sdk import hub as public
from invite_sdk.testing import FakeCloudTruth, FakeWaldur
from tests.support import programs

SYNC = InviteClient(ZenML(api_key="a-very-secret-key"))
ASYNC = AsyncInviteClient(ZenML(api_key="a-very-secret-key"))


@pytest.mark.parametrize(("kind", "client"), [(Hub, SYNC), (AsyncHub, ASYNC)])
def test_a_hub_shows_its_clients_and_no_secret(kind: Any, client: Any) -> None:
    hub = kind({"a": client, "b": client})

    assert repr(hub) == f"{kind.__name__}({{'a': {client!r}, 'b': {client!r}}})"
    assert "secret" not in repr(hub)
    assert (list(hub), len(hub), hub["a"]) == (["a", "b"], 2, client)
    assert dict(hub.clients) == {"a": client, "b": client}
    with pytest.raises(TypeError):
        hub.clients["c"] = client


@pytest.mark.parametrize(
    ("kind", "clients", "said"),
    [
        (Hub, {}, "at least one"),
        (AsyncHub, None, "at least one"),
        (Hub, [SYNC], "named clients"),
        (Hub, {"": SYNC}, "not blank"),
        (Hub, {" ": SYNC}, "not blank"),
        (Hub, {"a\nb": SYNC}, r"printable text, and not blank; not 'a\\nb'"),
        (Hub, {1: SYNC}, "printable text"),
        (Hub, {"cloud": ASYNC}, "'cloud' is a AsyncInviteClient"),
        (AsyncHub, {"cloud": SYNC}, "AsyncHub takes clients of the class AsyncInviteClient; 'cloud' is a InviteClient"),
        (Hub, {"cloud": "waldur"}, "'cloud' is a str"),
    ],
)
def test_what_is_no_named_client_is_refused_by_its_name(kind: Any, clients: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        kind(clients)


@pytest.mark.parametrize("wrong", [0, -1, True, 2.5, "8", None])
def test_a_bound_is_a_whole_number(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="max_concurrency"):
        Hub({"a": SYNC}, max_concurrency=wrong)


@pytest.mark.parametrize("attempt", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_hub_does_not_pickle_or_copy(attempt: Any) -> None:
    with pytest.raises(TypeError, match="a Hub holds clients"):
        attempt(Hub({"a": SYNC}))


def test_a_hub_leaves_clients_open_that_are_not_its_own() -> None:
    fake = FakeWaldur()
    with InviteClient(fake.connection(), transport=fake.transport()) as client:
        with Hub({"a": client}) as hub:
            hub.close()
        assert client.count() == 0


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVITE_WALDUR_URL", "https://waldur.example")
    monkeypatch.setenv("INVITE_WALDUR_TOKEN", "a-very-secret-token")
    monkeypatch.setenv("INVITE_ZENML_API_KEY", "a-very-secret-key")


@pytest.mark.usefixtures("variables")
def test_a_hub_closes_the_clients_that_it_made() -> None:
    with Hub.from_env("waldur", "zenml", deadline=5) as hub:
        assert [client.service for client in hub.clients.values()] == list(hub) == ["waldur", "zenml"]

    result = hub.list()
    assert [str(each.errors[0]) for each in result if "closed" in str(each.errors[0])] == [
        str(each.errors[0]) for each in result
    ]


@pytest.mark.usefixtures("variables")
@pytest.mark.parametrize("close", ["close", "aclose"])
def test_an_async_hub_closes_the_clients_that_it_made(close: str) -> None:
    async def main() -> None:
        async with AsyncHub.from_env("waldur", "zenml", max_concurrency=1) as hub:
            await getattr(hub, close)()
        result = await hub.list()
        assert all("closed" in str(each.errors[0]) for each in result)

    asyncio.run(main())


@pytest.mark.usefixtures("variables")
@pytest.mark.parametrize("kind", [Hub, AsyncHub])
def test_a_hub_from_the_environment_says_what_is_missing(kind: Any) -> None:
    for services, said in (
        (("waldur", "cloudtruth"), "INVITE_CLOUDTRUTH_API_KEY"),
        (("waldur", "waldur"), "twice"),
        ((), "at least one"),
        (("nowhere",), "nowhere"),
        ((["waldur"],), "each by itself, not a list"),
        ((None,), "each by itself"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            kind.from_env(*services)


def test_the_package_loads_no_hub_before_it_is_used() -> None:
    assert programs.run("import sys, invite_sdk; print('invite_sdk.hub' in sys.modules)").strip() == "False"
    assert programs.run("from invite_sdk import AsyncHub, Hub; print(Hub.__module__)").strip() == "invite_sdk.hub.hubs"


def test_a_method_that_a_test_replaced_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeCloudTruth()
    with InviteClient(fake.connection(), transport=fake.transport()) as client:
        monkeypatch.setattr(client, "count", lambda **_: 300)
        assert Hub({"a": client, "b": client}).count().total == 600


@pytest.mark.parametrize("name", public.__all__)
def test_every_name_can_be_imported_and_is_explained(name: str) -> None:
    assert getattr(public, name).__doc__
    assert getattr(public, name).__module__.startswith("invite_sdk.hub.")


def names_of(method: Any) -> set[str]:
    """What a method takes by keyword."""
    return {one.name for one in signature(method).parameters.values() if one.kind is one.KEYWORD_ONLY}


def test_a_hub_takes_the_filters_and_options_that_its_clients_take() -> None:
    assert set(public.ListFilters.__optional_keys__) - set(CallOptions.__optional_keys__) == names_of(InviteClient.list)
    assert set(public.CountFilters.__optional_keys__) - set(CallOptions.__optional_keys__) == names_of(
        InviteClient.count
    )
    for options in (public.ClientOptions, public.AsyncClientOptions):
        assert {*options.__optional_keys__, "transport", "http_client"} == names_of(InviteClient.from_env)
