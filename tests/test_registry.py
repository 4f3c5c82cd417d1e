"""The registry: our services by name, others by their entry points, and nothing loaded before its time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

import invite_sdk
from invite_sdk import (
    CloudTruth,
    ConfigurationError,
    Enhance,
    Invitation,
    InviteClient,
    Status,
    UnsupportedOperationError,
    Waldur,
    ZenML,
)
from invite_sdk._model import installed
from invite_sdk.services import registry
from invite_sdk.services.adapter import Adapter
from invite_sdk.services.capabilities import Capabilities, native
from invite_sdk.services.connection import Connection
from tests.small_service import Small, SmallAdapter, changed
from tests.support import programs


class Postbox(Small):
    service = "postbox"
    __slots__ = ()

    @classmethod
    def adapter_type(cls) -> type[Adapter]:
        operations = {"get": native(), "decline": native()}
        return changed(capabilities=Capabilities("postbox", "Postbox", operations), decline=SmallAdapter.cancel)


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """The entry points of other distributions; a test may add to them."""
    found: list[EntryPoint] = []
    module = ModuleType("postbox_invites")
    module.Postbox = Postbox  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "postbox_invites", module)
    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda *, group: found if group == "invite_sdk.services" else []
    )
    _forget()
    yield found
    _forget()


def _forget() -> None:
    installed._others.cache_clear()
    installed.connection_class.cache_clear()


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, installed.ENTRY_POINTS)


@pytest.mark.parametrize(
    ("name", "connection"), [("waldur", Waldur), ("cloudtruth", CloudTruth), ("zenml", ZenML), ("enhance", Enhance)]
)
def test_each_service_is_known_by_its_name(name: str, connection: type[Connection]) -> None:
    assert registry.connection_class(name) is connection
    assert connection.service == name
    assert registry.capabilities(name).service == name
    assert registry.adapter_class(name) is connection.adapter_type()


@pytest.mark.parametrize("name", ["", "Waldur", "gitlab", "invite_sdk.services.waldur:Waldur"])
def test_an_unknown_service_is_refused_with_the_known_ones(name: str, points: list[EntryPoint]) -> None:
    with pytest.raises(ConfigurationError, match=r"there are waldur, cloudtruth, zenml, enhance$") as caught:
        InviteClient.from_env(name)

    assert repr(name) in str(caught.value)
    assert registry.adapter_class(name) is None


def test_a_service_of_another_distribution_is_found(points: list[EntryPoint], monkeypatch: pytest.MonkeyPatch) -> None:
    points.append(point("postbox", "postbox_invites:Postbox"))
    monkeypatch.setenv("INVITE_POSTBOX_URL", "https://postbox.example")
    monkeypatch.setenv("INVITE_POSTBOX_KEY", "k3y")

    assert installed.service_names() == ("waldur", "cloudtruth", "zenml", "enhance", "postbox")
    with InviteClient.from_env("postbox") as client:
        assert (client.service, client.supports("decline"), client.supports("list")) == ("postbox", True, False)
    assert registry.supporting("decline") == ("ZenML Pro", "Postbox")
    with pytest.raises(ConfigurationError, match="there are waldur, cloudtruth, zenml, enhance, postbox"):
        registry.connection_class("gitlab")


def test_a_built_in_service_cannot_be_replaced(points: list[EntryPoint]) -> None:
    points.append(point("waldur", "postbox_invites:Postbox"))

    assert registry.connection_class("waldur") is Waldur
    assert installed.service_names() == ("waldur", "cloudtruth", "zenml", "enhance")


@pytest.mark.parametrize("value", ["no_such_module_of_ours:X", "postbox_invites:NoSuchClass"])
def test_one_that_cannot_be_loaded_says_so_and_harms_no_other(value: str, points: list[EntryPoint]) -> None:
    points.append(point("broken", value))

    with pytest.raises(ConfigurationError, match="the service 'broken' is installed and cannot be loaded"):
        registry.connection_class("broken")
    assert registry.supporting("decline") == ("ZenML Pro",)
    with (
        InviteClient(Waldur("https://w.example", token="t0ken")) as client,
        pytest.raises(UnsupportedOperationError, match="ZenML Pro does"),
    ):
        client.decline("3fa85f64-5717-4562-b3fc-2c963f66afa6")


@pytest.mark.usefixtures("points")
def test_ids_of_an_unknown_service_are_taken_for_keys() -> None:
    names = ("waldur", "cloudtruth", "zenml", "enhance", "gone")
    shown = [
        Invitation(service=name, id="abcdefghijklmnop", status=Status.PENDING).to_dict(mask=True)["id"]
        for name in names
    ]

    assert shown == ["abcdefghijklmnop"] * 3 + ["...mnop"] * 2


def test_services_that_have_a_parameter_are_named() -> None:
    assert registry.supporting("list", "scope") == ("Waldur",)
    assert registry.supporting("create", "name") == ("Waldur", "Enhance")


def test_naming_one_service_loads_no_other() -> None:
    program = """
        import sys
        from invite_sdk._model import installed
        def services():
            return sorted(name for name in sys.modules if name.split(".")[-1] in installed.BUILT_IN)
        before = services()
        installed.connection_class("zenml")
        print(before, services())
    """

    assert programs.run(program) == "[] ['invite_clients.zenml', 'invite_sdk.services.zenml']\n"


def test_everything_that_is_installed_can_be_preloaded_and_nothing_else() -> None:
    invite_sdk.preload()
    invite_sdk.preload("waldur", "enhance")
    with pytest.raises(ConfigurationError, match="there is no service 'jira'; there are waldur"):
        invite_sdk.preload("waldur", "jira")
