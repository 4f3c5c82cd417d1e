"""Ensuring: the open invitation that fits or a new one, and never two."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from invite_sdk import APIError, InviteClient, PermissionDeniedError, ResponseParseError
from invite_sdk.testing.suite.calling import ensured, fill
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddling import failing, rows_changed, without_filters
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import having


@having("ensure")
def test_asking_twice_creates_once(world: World, client: InviteClient) -> None:
    first, second = ensured(world, client), ensured(world, client)

    assert (first.created, second.created) == (True, False)
    assert second.invitation.same_as(first.invitation)
    assert world.fake.effects["created"] == 1
    assert [mail.to for mail in world.fake.outbox] == ["ann@example.org"] * world.mails


@having("ensure")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann@Example.org", "aNN@example.ORG "),
        ("ann@zo\u00eb.example", "Ann@Zoe\u0308.example"),
        ("ann@zoe\u0308.example", "ANN@ZO\u00cb.example"),
        ("ann@xn--bcher-kva.example", "ann@b\u00fccher.example"),
        ("ann@XN--bcher-kva.example", "Ann@BU\u0308CHER.example"),
    ],
    ids=["case", "composed", "decomposed", "punycode", "both"],
)
def test_another_spelling_of_an_address_makes_no_second(
    world: World, one: str, other: str, client: InviteClient
) -> None:
    first, second = ensured(world, client, one), ensured(world, client, other)

    assert second.invitation.same_as(first.invitation)
    assert world.fake.effects["created"] == 1


@having("ensure")
def test_a_longer_address_is_another_one(world: World, client: InviteClient) -> None:
    first, second = ensured(world, client, "joann@example.org"), ensured(world, client, "ann@example.org")

    assert (first.created, second.created) == (True, True)


@having("ensure")
@pytest.mark.parametrize("status", [403, 404])
def test_who_may_not_list_is_refused_and_nothing_is_created(world: World, status: int, connect: Connect) -> None:
    with pytest.raises(APIError) as caught:
        ensured(world, connect(before=failing("GET", status=status)))

    assert caught.value.status == status
    assert isinstance(caught.value, PermissionDeniedError) == (status == 403)
    assert world.fake.requests == []


@having("ensure")
def test_a_server_that_ignores_filters_makes_no_difference(world: World, connect: Connect) -> None:
    fill(world, 25)
    found = world.invite()

    result = ensured(world, connect(before=without_filters(world)))

    assert (result.created, result.invitation.id) == (False, found)


@having("ensure")
def test_a_row_that_may_be_the_one_and_cannot_be_read_stops_it(world: World, connect: Connect) -> None:
    world.invite()

    def change(row: dict[str, Any]) -> None:
        row[world.id_key] = None

    with pytest.raises(ResponseParseError, match="may be open"):
        ensured(world, connect(after=rows_changed(world, change)))

    assert [one.request.method for one in world.fake.requests] == ["GET"]


@having("ensure")
def test_a_row_of_somebody_else_that_cannot_be_read_stops_nothing(world: World, connect: Connect) -> None:
    world.invite("bea@example.org")
    there = world.fake.effects.get("created", 0)
    told: list[object] = []
    email_key = world.connection().adapter_type().email_key

    def change(row: dict[str, Any]) -> None:
        row[world.id_key] = None
        told.append(row.get(email_key))

    client = connect(before=without_filters(world), after=rows_changed(world, change))
    assert client.list().all() == []

    # Where the address is the id, nobody knows whose such a row is: it may be the one.
    known = set(told) == {"bea@example.org"}
    with nullcontext() if known else pytest.raises(ResponseParseError, match="may be open"):
        assert ensured(world, client).created
    assert world.fake.effects.get("created", 0) == there + known
