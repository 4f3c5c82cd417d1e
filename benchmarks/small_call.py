"""One small call: what an SDK adds to a bare GET whose answer is decoded and read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import ExitStack

import httpx
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.user_invitations import user_invitations_retrieve

from benchmarks._data import ORIGIN, PATH, TOKEN, compact, waldur_row
from benchmarks._fields import attributes_of, every_attribute, every_key
from benchmarks._measure import Bench, Side, Target, timed, timed_async
from benchmarks._peers import Peer, peers
from benchmarks._transports import Canned
from benchmarks.list_page import UNIFIED
from invite_sdk import AsyncInviteClient, InviteClient, Waldur


def prepare(stack: ExitStack) -> Bench:
    """The sides."""
    row = waldur_row(0)
    transport = Canned(compact(row))
    uuid, headers = row["uuid"], {"Authorization": f"Token {TOKEN}"}
    url = f"{ORIGIN}{PATH}{uuid}/"
    by_key, by_attribute, unified = every_key(row), every_attribute(row), every_attribute(UNIFIED)

    plain = stack.enter_context(httpx.Client(transport=transport, headers=headers))
    connection = Waldur(ORIGIN, token=TOKEN)
    ours = stack.enter_context(InviteClient(connection, transport=transport))
    runner = stack.enter_context(asyncio.Runner())
    plain_async = httpx.AsyncClient(transport=transport, headers=headers)
    ours_async = AsyncInviteClient(connection, transport=transport)
    official = AuthenticatedClient(base_url=ORIGIN, token=TOKEN, prefix="Token")
    official.set_httpx_client(httpx.Client(base_url=ORIGIN, transport=transport, headers=headers))

    async def bare_async() -> None:
        by_key([json.loads((await plain_async.get(url)).content)])

    async def sdk_async() -> None:
        unified([await ours_async.get(uuid)])

    bare, bare_in_async = "httpx + json.loads", "httpx + json.loads, async"
    sides = [
        Side(bare, timed(lambda: by_key([json.loads(plain.get(url).content)]), "µs")),
        Side("invite-sdk", timed(lambda: unified([ours.get(uuid)]), "µs"), bare),
        Side(
            "waldur-api-client",
            timed(lambda: by_attribute([user_invitations_retrieve.sync(uuid, client=official)]), "µs"),
            bare,
        ),
        Side(bare_in_async, timed_async(bare_async, "µs", runner)),
        Side("invite-sdk, async", timed_async(sdk_async, "µs", runner), bare_in_async),
    ]
    for peer in peers(2, stack):
        if peer.got is not None:
            base = f"{peer.library.__name__} + json.loads, {peer.name}'s bytes"
            sides.append(Side(base, timed(_bare(peer, stack), "µs")))
            sides.append(Side(peer.name, timed(_through(peer, peer.got), "µs"), base))
    return Bench(
        "small_call",
        "One small call: get",
        "µs",
        tuple(sides),
        rounds=61,
        targets=(
            Target("at most 60 µs added", "invite-sdk", "added", 60.0),
            Target("at most 60 µs added, async", "invite-sdk, async", "added", 60.0),
        ),
    )


def _bare(peer: Peer, stack: ExitStack) -> Callable[[], object]:
    body = compact(peer.rows[0])
    client = stack.enter_context(httpx.Client(transport=Canned(body), headers={"Authorization": "Bearer token"}))
    read = every_key(peer.rows[0])
    return lambda: read([json.loads(client.get("https://peer.example.org/v1/rows/1").content)])


def _through(peer: Peer, got: Callable[[], object]) -> Callable[[], object]:
    read = every_attribute(attributes_of(peer.rows[0]))
    return lambda: read([got()])
