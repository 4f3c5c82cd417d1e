"""Pages of 100 rows through well-known SDKs, each beside the bare library that it stands on, with the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from benchmarks._fields import attributes_of, every_attribute, every_key
from benchmarks._measure import Bench, Side, timed
from benchmarks._peers import Peer, peers
from benchmarks._transports import canned_for

ROWS = 100


def prepare(stack: ExitStack) -> Bench:
    """Two sides a peer."""
    sides: list[Side] = []
    sizes: list[str] = []
    for peer in peers(ROWS, stack):
        base = f"{peer.library.__name__} + json.loads, {peer.name}'s bytes"
        read = every_attribute(attributes_of(peer.rows[0]))
        assert len(list(peer.listed())) == ROWS, peer.name  # noqa: S101 - both sides must read the same
        sides.append(Side(base, timed(_bare(peer, stack), "ms")))
        sides.append(Side(peer.name, timed(_through(peer, read), "ms"), base))
        sizes.append(f"{peer.name} {len(attributes_of(peer.rows[0]))} fields, {len(peer.body) // ROWS} bytes")
    return Bench(
        "peer_pages",
        f"A page of {ROWS} rows through well-known SDKs",
        "ms",
        tuple(sides),
        rounds=15,
        notes=(
            f"A row: {'; '.join(sizes)}. Waldur's have 27 fields and some 800 bytes.",
            "Invitations, but for Stripe: customers. Retries and caches are off where a setting is public.",
        ),
    )


def _bare(peer: Peer, stack: ExitStack) -> Callable[[], object]:
    client = stack.enter_context(peer.library.Client(transport=canned_for(peer.library, peer.body)))
    read, key = every_key(peer.rows[0]), peer.key
    headers = {"Authorization": "Bearer token"}

    def call() -> None:
        decoded = json.loads(client.get("https://peer.example.org/v1/rows?limit=100", headers=headers).content)
        read(decoded if key is None else decoded[key])

    return call


def _through(peer: Peer, read: Callable[[Any], None]) -> Callable[[], object]:
    return lambda: read(peer.listed())
