"""1,000 `create` and 1,000 `ensure` calls, 32 at once, at 50 ms a request: how much of the waiting overlaps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import anyio
import httpx

from benchmarks._data import ORIGIN, PATH, TOKEN, WaldurPages, compact, waldur_row
from benchmarks._measure import Bench, Side, Target, once, once_async
from benchmarks._transports import JSON, Answer, Delayed
from invite_sdk import AsyncInviteClient, InviteClient, Waldur

CALLS, AT_ONCE, SECONDS = 1_000, 32, 0.05
REQUESTS = {"create": 1, "ensure": 2}
"""Requests that one call needs: `ensure` looks for an open invitation first."""


def prepare(stack: ExitStack) -> Bench:
    """The sides."""
    transport = Delayed(SECONDS, _answer())
    role, organization = waldur_row(0)["role"], waldur_row(0)["customer_uuid"]
    connection = Waldur(ORIGIN, token=TOKEN)
    runner = stack.enter_context(asyncio.Runner())
    pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
    ours = stack.enter_context(InviteClient(connection, transport=transport))
    ours_async = AsyncInviteClient(connection, transport=transport)
    emails = [f"new{number}@example.com" for number in range(CALLS)]
    payload = compact({"email": emails[0], "role": role, "scope": f"{ORIGIN}/api/customers/{organization}/"})
    plain = stack.enter_context(httpx.Client(transport=transport))
    plain_async = httpx.AsyncClient(transport=transport)

    def from_threads(call: Callable[[str], object]) -> Callable[[], object]:
        return lambda: list(pool.map(call, emails))

    async def limited(call: Callable[[str], Awaitable[object]]) -> None:
        limiter = anyio.CapacityLimiter(AT_ONCE)

        async def one(email: str) -> None:
            async with limiter:
                await call(email)

        async with anyio.create_task_group() as tasks:
            for email in emails:
                tasks.start_soon(one, email)

    def sync_call(operation: str) -> Callable[[str], object]:
        write = ours.create if operation == "create" else ours.ensure
        return lambda email: write(email, role=role, organization=organization)

    def async_call(operation: str) -> Callable[[str], Awaitable[object]]:
        write = ours_async.create if operation == "create" else ours_async.ensure
        return lambda email: write(email, role=role, organization=organization)

    sides: list[Side] = []
    targets: list[Target] = []
    for operation, requests in REQUESTS.items():
        ideal = f"the ideal, {operation}"
        seconds = CALLS * requests / AT_ONCE * SECONDS
        sides.append(Side(ideal, _constant(seconds)))
        threads, in_async = f"invite-sdk, {operation}, {AT_ONCE} threads", f"invite-sdk, {operation}, async"
        call, call_async = sync_call(operation), async_call(operation)
        for run in (lambda call=call: call(emails[0]), lambda call=call_async: runner.run(_awaited(call, emails[0]))):
            before = transport.requests
            run()
            if transport.requests - before != requests:
                raise AssertionError(f"{operation} sent {transport.requests - before} requests")
        sides.append(Side(threads, once(from_threads(call), "s"), ideal))
        sides.append(Side(in_async, once_async(lambda call=call_async: limited(call), "s", runner), ideal))
        text = "at least 0.9 of the ideal: at most 1.11 of its time"
        targets.extend(Target(text, name, "ratio", 1 / 0.9) for name in (threads, in_async))

    def bare(_: str) -> object:
        return json.loads(plain.post(f"{ORIGIN}{PATH}", content=payload).content)

    async def bare_async(_: str) -> object:
        return json.loads((await plain_async.post(f"{ORIGIN}{PATH}", content=payload)).content)

    sides.append(Side(f"httpx, create, {AT_ONCE} threads", once(from_threads(bare), "s"), "the ideal, create"))
    sides.append(
        Side("httpx, create, async", once_async(lambda: limited(bare_async), "s", runner), "the ideal, create")
    )
    return Bench(
        "writing",
        f"{CALLS:,} writes, {AT_ONCE} at once, at {SECONDS * 1e3:.0f} ms a request",
        "s",
        tuple(sides),
        rounds=5,
        targets=tuple(targets),
        notes=(
            (
                f"The ideal is requests / {AT_ONCE} × {SECONDS * 1e3:.0f} ms, no time for anything but waiting. "
                "`ensure` sends two requests: it lists, then creates."
            ),
        ),
    )


def _answer() -> Callable[[httpx.Request], Answer]:
    created = compact(waldur_row(0))
    empty, headers = WaldurPages(0).page(1, 300)

    def answer(request: httpx.Request) -> Answer:
        return (201, created, JSON) if request.method == "POST" else (200, empty, headers)

    return answer


def _constant(seconds: float) -> Callable[[], float]:
    return lambda: seconds


async def _awaited(call: Callable[[str], Awaitable[object]], email: str) -> object:
    return await call(email)
