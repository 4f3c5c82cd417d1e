"""Listing 3,000 invitations from a service that takes 50 ms for every request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import httpx
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.user_invitations import user_invitations_list

from benchmarks._data import ORIGIN, TOKEN, WaldurPages
from benchmarks._measure import Bench, Side, Target, once, once_async
from benchmarks._transports import Delayed, pages_of
from invite_sdk import AsyncInviteClient, InviteClient, Waldur

TOTAL = 3_000
SECONDS = 0.05


def prepare(stack: ExitStack) -> Bench:
    """The sides."""
    transport = Delayed(SECONDS, pages_of(WaldurPages(TOTAL)))
    connection, headers = Waldur(ORIGIN, token=TOKEN), {"Authorization": f"Token {TOKEN}"}
    runner = stack.enter_context(asyncio.Runner())
    ours = stack.enter_context(InviteClient(connection, transport=transport))
    ours_async = AsyncInviteClient(connection, transport=transport)
    official = AuthenticatedClient(base_url=ORIGIN, token=TOKEN, prefix="Token")
    official.set_httpx_client(httpx.Client(base_url=ORIGIN, transport=transport, headers=headers))
    official.set_async_httpx_client(httpx.AsyncClient(base_url=ORIGIN, transport=transport, headers=headers))

    async def ours_in_async() -> int:
        return len(await ours_async.list().all())

    async def official_in_async() -> int:
        return len(await user_invitations_list.asyncio_all(client=official))

    async def first_in_async() -> int:
        return 1 if await ours_async.list().first() else 0

    sync: dict[str, Callable[[], int]] = {
        "waldur-api-client, sync_all": lambda: len(user_invitations_list.sync_all(client=official)),
        "invite-sdk": lambda: len(ours.list().all()),
        "invite-sdk, the first row only": lambda: 1 if ours.list().first() else 0,
    }
    in_async: dict[str, Callable[[], Awaitable[int]]] = {
        "waldur-api-client, asyncio_all": official_in_async,
        "invite-sdk, async": ours_in_async,
        "invite-sdk, async, the first row only": first_in_async,
    }
    requests: dict[str, int] = {}
    for name, call in sync.items():
        before = transport.requests
        _check(name, call())
        requests[name] = transport.requests - before
    for name, call_async in in_async.items():
        before = transport.requests
        _check(name, runner.run(_awaited(call_async)))
        requests[name] = transport.requests - before

    base, base_async = "waldur-api-client, sync_all", "waldur-api-client, asyncio_all"
    sides = [Side(name, once(call, "ms"), None if name == base else base) for name, call in sync.items()]
    sides += [
        Side(name, once_async(call, "ms", runner), None if name == base_async else base_async)
        for name, call in in_async.items()
    ]
    return Bench(
        "listing",
        f"Listing {TOTAL:,} invitations at {SECONDS * 1e3:.0f} ms a request",
        "ms",
        tuple(sides),
        rounds=7,
        targets=(
            Target("at least 4 times faster than sync_all", "invite-sdk", "ratio", 0.25),
            Target("at least 4 times faster than asyncio_all", "invite-sdk, async", "ratio", 0.25),
        ),
        notes=("Requests sent: " + ", ".join(f"{name} {count}" for name, count in requests.items()) + ".",),
    )


def _check(name: str, rows: int) -> None:
    if rows != (1 if "first" in name else TOTAL):
        raise AssertionError(f"{name} brought {rows} rows")


async def _awaited(call: Callable[[], Awaitable[int]]) -> int:
    return await call()
