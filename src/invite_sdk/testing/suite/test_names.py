"""Names in the place of ids: looked up, never guessed, and never for something that the name does not mean."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from invite_sdk import ConflictError, InvalidArgumentError, InviteClient, InviteError, ResponseParseError
from invite_sdk.testing import FakeRequest, FakeResponse
from invite_sdk.testing.suite.calling import created, ensured
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddler import After
from invite_sdk.testing.suite.world import Naming, World
from invite_sdk.testing.suite.worlds import having

Rows = list[dict[str, Any]]
Lie = Callable[[Rows, Naming], Rows]


def lying(world: World, lookup: str, lie: Lie) -> After:
    """Changes the rows that a lookup brings."""
    names = world.names()

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        if world.fake.operation_of(request) != lookup or response.status != 200:
            return response
        told = json.loads(response.body)
        world.rows(told)[:] = lie(world.rows(told), names)
        return replace(response, body=json.dumps(told).encode())

    return after


def others(rows: Rows, names: Naming) -> Rows:
    """Rows of something else."""
    return [{**row, names.name_key: "Something else"} for row in rows]


def none(rows: Rows, names: Naming) -> Rows:
    """No rows."""
    return []


def namesakes(rows: Rows, names: Naming) -> Rows:
    """Each row a second time, with another id."""
    return [*rows, *({**row, names.id_key: str(row[names.id_key])[::-1]} for row in rows)]


def unreadable(rows: Rows, names: Naming) -> Rows:
    """Each row a second time, in a form that nobody can read."""
    return [*rows, *({**row, names.id_key: []} for row in rows)]


def asked(world: World) -> list[str | None]:
    """The lookups so far."""
    return [one.operation for one in world.fake.requests if one.operation in world.names().lookups]


@having("create", takes_names=True)
def test_a_name_leads_to_what_its_id_leads_to(world: World, client: InviteClient) -> None:
    by_id = created(world, client)
    assert asked(world) == []
    client.cancel(by_id)
    by_name = created(world, client, **world.names().named)

    what = ("role", "role_id", "organization_id", "scope_type", "scope_id")
    assert [getattr(by_name, field) for field in what] == [getattr(by_id, field) for field in what]


@having("create", "ensure", takes_names=True)
def test_a_name_is_looked_up_once(world: World, connect: Connect) -> None:
    client = connect()
    named = world.names().named
    for call in (created, ensured, ensured):
        call(world, client.with_options(timeout=5), **named)

    assert sorted(map(str, asked(world))) == sorted(world.names().lookups)
    assert world.fake.effects["created"] == 1


@having("create", takes_names=True)
def test_names_are_refused_unasked_where_they_may_not_be_looked_up(world: World, connect: Connect) -> None:
    with pytest.raises(InvalidArgumentError):
        created(world, connect(resolve=False), **world.names().named)

    assert world.fake.requests == []


@having("create", "ensure", takes_names=True)
@pytest.mark.parametrize("call", [created, ensured])
@pytest.mark.parametrize(
    ("lie", "error"),
    [
        (others, InvalidArgumentError),
        (none, InvalidArgumentError),
        (namesakes, InvalidArgumentError),
        (unreadable, ResponseParseError),
    ],
)
def test_a_lookup_that_lies_invites_nobody(
    world: World, lie: Lie, error: type[InviteError], call: Callable[..., object], connect: Connect
) -> None:
    names = world.names()
    for lookup in names.lookups:
        with pytest.raises(error):
            call(world, connect(after=lying(world, lookup, lie)), **names.named)

    assert world.fake.effects["created"] == 0


@having("create", "ensure", "cancel", takes_names=True)
@pytest.mark.parametrize("call", [created, ensured])
@pytest.mark.parametrize("is_remembered", [False, True])
def test_a_name_that_was_given_away_before_the_write_leaves_nothing_open(
    world: World, call: Callable[..., object], is_remembered: bool, connect: Connect
) -> None:
    names = world.names()
    due = [names.give_away]

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        if due and not is_remembered and world.fake.operation_of(request) == names.lookups[-1]:
            due.pop()()
        return response

    client = connect(after=after)
    if is_remembered:
        client.cancel(created(world, client, **names.named))
        due.pop()()
    before = world.fake.effects["canceled"]

    with pytest.raises(ConflictError, match="canceled at once"):
        call(world, client, **names.named)

    assert world.fake.effects["canceled"] == before + 1
    # Then it is known what the name means now.
    told = ensured(world, client, **names.named)
    assert told.created
    assert client.count(**names.named) == 1


@having("list", "count", "create", takes_names=True)
def test_a_listing_knows_what_a_name_means_now(world: World, client: InviteClient) -> None:
    names = world.names()
    created(world, client, **names.named)
    assert client.count(**names.named) == len(client.list(**names.named).all()) == 1

    names.give_away()

    assert client.count(**names.named) == len(client.list(**names.named).all()) == 0
