"""Generations of connections: a pool that was cut in the middle of things is replaced by a new one.

The HTTP library loses a connection of its pool for ever when a request is cut at certain moments: by cancellation, by
our own deadline, by an interrupt. From outside nobody can tell which of the cut requests hit such a moment. So they are
counted, and after some of them new requests go to a new pool; the old one is closed when its last request has ended.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from threading import Lock
from typing import Generic, TypeVar

Client = TypeVar("Client")

MAX_CUTS = 20
"""Requests that may be cut before a pool is replaced: a fifth of its connections may be lost by then."""


class Pool(Generic[Client]):
    """One generation: its HTTP client, and the requests that use it.

    Args:
        client: what sends.
        weight: how much one request counts that was ended by force.
    """

    __slots__ = ("client", "doubts", "process", "users", "weight")

    def __init__(self, client: Client, weight: int) -> None:
        self.client = client
        self.weight = weight
        self.process = os.getpid()
        self.users: set[Lock] = set()
        """The lock of each request, locked while it runs. Who ends by force stays in here, and is counted so."""
        self.doubts = 0
        """How many requests ended in order and may have cost a connection all the same."""

    def is_doubtful(self) -> bool:
        """Whether too many requests were cut."""
        if self.doubts + len(self.users) * self.weight < MAX_CUTS:
            return False
        return self.doubts + self.weight * sum(not one.locked() for one in self.users.copy()) >= MAX_CUTS

    def is_used(self) -> bool:
        """Whether a request is still under way."""
        return any(one.locked() for one in self.users.copy())


def unstick(client: object) -> None:
    """Gives the pools of a synchronous httpx client a lock that no interrupt can leave locked.

    httpcore's own is taken and left by Python code, which an interrupt can end between the two; every other thread
    would then wait without end. It is a private attribute: where there is none, nothing is done.
    """
    for pool in _pools_of(client):
        if hasattr(pool, "_optional_thread_lock"):
            pool._optional_thread_lock = Lock()


def _pools_of(client: object) -> Iterator[object]:
    mounts: dict[object, object] = getattr(client, "_mounts", {})
    for transport in (getattr(client, "_transport", None), *mounts.values()):
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            yield pool
