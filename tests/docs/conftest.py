"""The hosts that the pages and examples speak to, answered by fakes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import certifi
import httpx
import pytest

from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeService, FakeTransport, FakeWaldur, FakeZenML
from tests.docs import ROOT
from tests.docs.blocks import blocks

STATE = ROOT / "examples" / "waldur-state.json"


@dataclass(frozen=True, slots=True)
class Hosts:
    """The fakes behind the hosts, and the variables that lead to them."""

    waldur: FakeWaldur
    cloudtruth: FakeCloudTruth
    zenml: FakeZenML
    enhance: FakeEnhance

    @property
    def by_name(self) -> Mapping[str, FakeService]:
        return {
            "waldur.example.org": self.waldur,
            "api.cloudtruth.io": self.cloudtruth,
            "cloudapi.zenml.io": self.zenml,
            "panel.example.org": self.enhance,
        }

    @property
    def variables(self) -> dict[str, str]:
        token = self.enhance.users["acme"].token
        api_key = self.cloudtruth.users["owner"].api_key
        assert token is not None
        assert api_key is not None
        return {
            "INVITE_WALDUR_URL": "https://waldur.example.org",
            "INVITE_WALDUR_TOKEN": self.waldur.users["staff"].token,
            "INVITE_CLOUDTRUTH_API_KEY": api_key,
            "INVITE_ZENML_API_KEY": self.zenml.users["ana"].api_key,
            "INVITE_ENHANCE_URL": "https://panel.example.org",
            "INVITE_ENHANCE_TOKEN": token,
            "INVITE_ENHANCE_ORGANIZATION": self.enhance.org_id("Acme"),
            "PRIVATE_CA": certifi.where(),
        }


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hosts:
    """Routes what any httpx client sends to a fake, by host. Beside them only this machine is reached."""
    state = json.loads(STATE.read_text(encoding="utf-8"))
    # The invitations of the recorded server, after its update to a release of 2026.
    state["world"]["version"] = "2026"
    waldur = FakeWaldur(base_url="https://waldur.example.org")
    waldur.load(state)
    made = Hosts(
        waldur,
        FakeCloudTruth(base_url="https://api.cloudtruth.io", clock=waldur.clock),
        FakeZenML(base_url="https://cloudapi.zenml.io", clock=waldur.clock),
        FakeEnhance(base_url="https://panel.example.org", clock=waldur.clock),
    )
    transports = {name: FakeTransport(fake) for name, fake in made.by_name.items()}
    send, send_async = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request

    def handle(own: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if request.url.host == "127.0.0.1":
            return send(own, request)
        return transports[request.url.host].handle_request(request)

    async def handle_async(own: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        if request.url.host == "127.0.0.1":
            return await send_async(own, request)
        return await transports[request.url.host].handle_async_request(request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle_async)
    for name, value in made.variables.items():
        monkeypatch.setenv(name, value)
    [profiles] = blocks(ROOT / "docs" / "settings.md", "toml")
    (tmp_path / "config.toml").write_text(profiles.text, encoding="utf-8")
    (tmp_path / "panel.token").write_text(made.variables["INVITE_ENHANCE_TOKEN"], encoding="utf-8")
    (tmp_path / "panel.token").chmod(0o600)
    monkeypatch.setenv("INVITE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("ACME_TOKEN", made.variables["INVITE_WALDUR_TOKEN"])
    [people] = blocks(ROOT / "docs" / "hub.md", "csv")
    (tmp_path / "people.csv").write_text(people.text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return made
