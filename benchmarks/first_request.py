"""The first request of a new client, to a real server on loopback: TLS set-up included, as every new client pays it."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from contextlib import ExitStack

import httpx

from benchmarks._data import PATH, TOKEN, compact, waldur_row
from benchmarks._fields import every_key
from benchmarks._measure import Bench, Side, Target, timed
from benchmarks._server import answering
from invite_sdk import InviteClient, Waldur


def prepare(stack: ExitStack) -> Bench:
    """The sides, and how many TLS contexts each made."""
    row = waldur_row(0)
    url = stack.enter_context(answering(compact(row)))
    uuid, read = row["uuid"], every_key(row)

    def bare() -> None:
        with httpx.Client(headers={"Authorization": f"Token {TOKEN}"}) as client:
            read([json.loads(client.get(f"{url}{PATH}{uuid}/").content)])

    def ours() -> None:
        with InviteClient(Waldur(url, token=TOKEN)) as client:
            client.get(uuid)

    def children() -> None:
        with InviteClient(Waldur(url, token=TOKEN)) as client:
            client.get(uuid)
            client.with_options(timeout=5).get(uuid)

    contexts = {
        "httpx": contexts_made(bare),
        "invite-sdk": contexts_made(ours),
        "invite-sdk with a child of with_options": contexts_made(children),
    }
    if set(contexts.values()) != {1}:
        raise AssertionError(f"more than one TLS context was made: {contexts}")
    return Bench(
        "first_request",
        "A new client and its first request",
        "ms",
        (Side("httpx", timed(bare, "ms")), Side("invite-sdk", timed(ours, "ms"), "httpx")),
        rounds=15,
        targets=(Target("no second TLS context: at most 1.2 of httpx", "invite-sdk", "ratio", 1.2),),
        notes=("TLS contexts made: " + ", ".join(f"{name} {count}" for name, count in contexts.items()) + ".",),
    )


def contexts_made(call: Callable[[], object]) -> int:
    """How many TLS contexts a call makes."""
    original = ssl.SSLContext.__new__
    made = 0

    def counting(cls: type[ssl.SSLContext], *given: object, **named: object) -> ssl.SSLContext:
        nonlocal made
        made += 1
        return original(cls, *given, **named)

    ssl.SSLContext.__new__ = counting  # type: ignore[method-assign,assignment]
    try:
        call()
    finally:
        ssl.SSLContext.__new__ = original  # type: ignore[method-assign]
    return made
