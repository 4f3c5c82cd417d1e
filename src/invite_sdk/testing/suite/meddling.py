"""What may stand between a client and a fake: servers that ignore, lie, fail, or write rows that nobody expects."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from invite_sdk.testing import FakeRequest, FakeResponse

if TYPE_CHECKING:
    from invite_sdk.testing.suite.meddler import After, Before
    from invite_sdk.testing.suite.world import World


def with_param(request: FakeRequest, name: str, value: object) -> FakeRequest:
    """A request with one parameter of its query changed, where it has it."""
    path, _, query = request.target.partition("?")
    pairs = [(key, str(value) if key == name else said) for key, said in parse_qsl(query, keep_blank_values=True)]
    return replace(request, target=f"{path}?{urlencode(pairs)}")


def without_filters(world: World) -> Before:
    """A server that knows pages and no filter at all."""

    def before(request: FakeRequest) -> FakeRequest:
        path, _, query = request.target.partition("?")
        kept = [(name, value) for name, value in parse_qsl(query) if name in (world.page_key, world.size_key)]
        return replace(request, target=f"{path}?{urlencode(kept)}")

    return before


def answering(methods: str, answer: FakeResponse) -> Before:
    """A server that answers these methods so."""
    return lambda request: answer if request.method in methods.split() else request


def failing(methods: str, *, status: int = 403) -> Before:
    """A server that refuses these methods: for good, so that there is no use in asking again."""
    return answering(methods, FakeResponse.json(status, {"detail": "Not for you."}))


def pages_changed(world: World, change: Callable[[FakeResponse], FakeResponse]) -> After:
    """Changes every page of a listing, as a proxy would, or a server with a mind of its own."""
    return lambda request, response: change(response) if world.is_listing(request, response) else response


def rows_changed(world: World, change: Callable[[dict[str, Any]], object]) -> After:
    """Applies `change` to every row of a listing; what it returns, unless `None`, stands in the row's place."""

    def changed(page: FakeResponse) -> FakeResponse:
        body = json.loads(page.body)
        rows = world.rows(body)
        for index, row in enumerate(rows):
            instead = change(row)
            if instead is not None:
                rows[index] = instead
        return replace(page, body=json.dumps(body).encode())

    return pages_changed(world, changed)
