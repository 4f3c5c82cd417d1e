"""Several named clients at once: find, list, count and offboard, with one result for each client.

It composes the public operations of clients and knows no service. It imports public names only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invite_sdk._lazy import lazy

if TYPE_CHECKING:
    from invite_sdk.hub.filters import AsyncClientOptions, ClientOptions, CountFilters, ListFilters
    from invite_sdk.hub.hubs import AsyncHub, Hub
    from invite_sdk.hub.results import ClientResult, HubResult

_HOMES = {
    "invite_sdk.hub.filters": "AsyncClientOptions ClientOptions CountFilters ListFilters",
    "invite_sdk.hub.hubs": "AsyncHub Hub",
    "invite_sdk.hub.results": "ClientResult HubResult",
}

__all__ = [
    "AsyncClientOptions",
    "AsyncHub",
    "ClientOptions",
    "ClientResult",
    "CountFilters",
    "Hub",
    "HubResult",
    "ListFilters",
]

__getattr__, __dir__ = lazy(__name__, _HOMES)
