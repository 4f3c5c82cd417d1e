"""Importing the package and making a client of one service loads what that service needs, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest

from invite_sdk.testing.installed import fake_class
from tests.frozen_time import INVITEES, calls
from tests.support import programs

MAKE = {
    "waldur": "Waldur('https://waldur.example.org', token='t' * 40)",
    "cloudtruth": "CloudTruth(api_key='k' * 40)",
    "zenml": "ZenML(token='t' * 40)",
    "enhance": "Enhance('https://panel.example.org', token='t' * 40, organization='o')",
}
CLIENTS = ("InviteClient", "AsyncInviteClient")
# Optional packages, servers, and what only tests, notebooks or the command line need.
NEVER = (
    "IPython",
    "click",
    "fastapi",
    "invite_sdk._clients.profiles",
    "invite_sdk._clients.progress",
    "invite_sdk._frames",
    "invite_sdk._model.frames",
    "invite_sdk._model.html",
    "invite_sdk.cli",
    "invite_sdk.hub",
    "invite_sdk.plots",
    "invite_sdk.roster",
    "invite_sdk.testing",
    "keyring",
    "matplotlib",
    "numpy",
    "opentelemetry",
    "pandas",
    "platformdirs",
    "polars",
    "pyarrow",
    "pytest",
    "respx",
    "rich",
    "sqlite3",
    "starlette",
    "tomlkit",
    "tomllib",
    "tqdm",
    "trio",
    "typer",
    "uvicorn",
)
SERVICE_PACKAGES = ("invite_sdk.services", "invite_clients")


@cache
def loaded_after(code: str) -> frozenset[str]:
    """The modules that a fresh interpreter has loaded beyond its own after some code."""
    script = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return frozenset(done.stdout.split())


def below(modules: frozenset[str], packages: tuple[str, ...]) -> set[str]:
    """Those modules that are one of the packages, or in one."""
    return {name for name in modules if any(name == one or name.startswith(f"{one}.") for one in packages)}


def test_the_package_by_itself_loads_neither_a_service_nor_pydantic_nor_httpx() -> None:
    loaded = loaded_after("import invite_sdk")

    assert below(loaded, ("invite_sdk", "invite_clients", "httpx", "pydantic", "anyio")) == {
        "invite_sdk",
        "invite_sdk._forks",
        "invite_sdk._lazy",
    }


def loaded_by(client: str, service: str) -> frozenset[str]:
    """The modules that making a client of one service loads."""
    name = MAKE[service].partition("(")[0]
    return loaded_after(f"from invite_sdk import {client}, {name}\n{client}({MAKE[service]})")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("service", MAKE)
def test_a_client_loads_its_own_service_only(service: str, client: str) -> None:
    loaded = loaded_by(client, service)

    others = tuple(f"{package}.{other}" for package in SERVICE_PACKAGES for other in MAKE if other != service)
    assert f"invite_sdk.services.{service}" in loaded
    assert below(loaded, others) == set()


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("service", MAKE)
def test_a_client_that_has_done_nothing_yet_has_loaded_no_model(service: str, client: str) -> None:
    loaded = loaded_by(client, service)

    assert below(loaded, ("pydantic", "pydantic_core", "invite_sdk._model.invitation")) == set()
    # The service's loads its own late.
    parts = {f"invite_clients.{name}" for name in ("_runtime", "_times", "_values", service)}
    assert below(loaded, ("invite_clients",)) == {"invite_clients", *parts}


@pytest.mark.parametrize("service", MAKE)
def test_an_operation_loads_its_own_service_only(service: str) -> None:
    name = MAKE[service].partition("(")[0]
    loaded = loaded_after(
        f"import httpx\nfrom invite_sdk import InviteClient, InviteError, {name}\n"
        "transport = httpx.MockTransport(lambda request: httpx.Response(404))\n"
        f"client = InviteClient({MAKE[service]}, transport=transport)\n"
        "try:\n    client.get('0' * 32)\n    raise SystemExit('an answer came')\nexcept InviteError:\n    pass"
    )

    others = tuple(f"{package}.{other}" for package in SERVICE_PACKAGES for other in MAKE if other != service)
    assert f"invite_clients.{service}" in loaded
    assert below(loaded, others) == set()


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("service", MAKE)
def test_a_client_loads_nothing_that_is_optional(service: str, client: str) -> None:
    loaded = loaded_by(client, service)

    # httpx's own command line, and with it rich and click, is loaded where those are installed; that is not ours.
    theirs = below(loaded_after("import httpx, pydantic, anyio"), NEVER)
    assert below(loaded, NEVER) - theirs == set()


@pytest.mark.parametrize(("client", "other"), [CLIENTS, CLIENTS[::-1]])
def test_one_kind_of_client_does_not_load_the_other(client: str, other: str) -> None:
    loaded = loaded_by(client, "waldur")

    module = {"InviteClient": "invite_sdk._clients.sync", "AsyncInviteClient": "invite_sdk._clients.aio"}
    assert module[client] in loaded
    assert module[other] not in loaded


def test_the_synchronous_client_loads_no_event_loop_of_its_own() -> None:
    loaded = loaded_by("InviteClient", "waldur")

    theirs = loaded_after("import httpx, pydantic")
    assert below(loaded, ("asyncio", "trio")) - theirs == set()


FIRST_CALLS = """
import asyncio, inspect, json, os, sys
import invite_sdk
service, *grounds = json.loads(sys.argv[1])

async def live(kind):
    settings, calls = grounds.pop()
    from invite_sdk.services import registry
    connect = registry.connection_class(service)
    users = {name: kind(connect(**settings[name])) for name in settings}
    before, made, wrong = {*sys.modules}, None, []
    for name, given, named in [*calls, ["get", ["0" * 32], {}]]:
        client = users["invitee" if name == "accept" else "caller"]
        try:
            result = getattr(client, name)(*([made] if given is None else given), **named)
            result = result.all() if name == "list" else result
            result = await result if inspect.isawaitable(result) else result
            repr(result)
            made = result if name == "create" else made
        except invite_sdk.InviteError as error:
            wrong.append(f"{name}: {type(error).__name__}")
    # By a name, and by TLS with a server that does not speak it.
    secure = {**settings["caller"], "url": settings["caller"]["url"].replace("http://127.0.0.1", "https://localhost")}
    users["secure"] = kind(connect(**secure), retry=invite_sdk.NO_RETRIES)
    try:
        result = users["secure"].get("0" * 32)
        await result if inspect.isawaitable(result) else result
    except invite_sdk.TransportError as error:
        wrong.append(f"TLS: {type(error).__name__}")
    for client in users.values():
        closed = client.close()
        await closed if inspect.isawaitable(closed) else closed
    return [*wrong, *sorted({*sys.modules} - before)]

def on_trio():
    import trio
    invite_sdk.preload(service)
    return trio.run(live, invite_sdk.AsyncInviteClient)

invite_sdk.preload(service)
for way in (
    lambda: asyncio.run(live(invite_sdk.InviteClient)),
    lambda: asyncio.run(live(invite_sdk.AsyncInviteClient)),
    on_trio,
):
    if not os.fork():
        print(*way(), sep=", ", flush=True)
        os._exit(0)
    os.wait()
    grounds.pop()
"""


def settings(fake: Any, user: str | None) -> dict[str, str]:
    """What a user of a served fake connects with."""
    users = getattr(fake, "users", {})
    having = users.get(user) or next(iter(users.values()), fake)
    named = {name: str(value) for name in fake.connects_with if (value := getattr(having, name, None))}
    return {"url": fake.connection().base_url, **named}


@pytest.mark.parametrize("service", MAKE)
def test_after_preload_the_first_calls_of_every_kind_import_nothing(service: str) -> None:
    fakes = [fake_class(service)() for _ in range(3)]
    with ExitStack() as stack:
        for fake in fakes:
            stack.enter_context(fake.serve())
        grounds = [
            ({"caller": settings(fake, None), "invitee": settings(fake, INVITEES.get(service))}, [*calls(fake)])
            for fake in fakes
        ]
        said = programs.run(FIRST_CALLS, json.dumps([service, *grounds]))

    assert said.splitlines() == ["get: NotFoundError, TLS: ConnectError"] * 3
