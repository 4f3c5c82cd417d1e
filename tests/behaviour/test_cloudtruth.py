"""CloudTruth alone: accepted ones are kept, bounces are told, only the invitee's login accepts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from invite_sdk import (
    AlreadyInvitedError,
    InvalidStateError,
    InviteClient,
    InviteError,
    NotFoundError,
    PermissionDeniedError,
    Status,
)
from invite_sdk.testing import FakeRequest, FakeResponse
from invite_sdk.testing.suite.calling import fill
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddling import failing
from tests.behaviour.worlds import CloudTruthWorld, World, of


@of("cloudtruth")
def test_an_accepted_one_is_not_deleted_in_the_name_of_canceling(world: CloudTruthWorld, client: InviteClient) -> None:
    found = world.invite()
    world.settle(found)

    with pytest.raises(InvalidStateError, match="accepted"):
        client.cancel(found)

    assert [one.request.method for one in world.fake.requests] == ["GET"]
    assert len(world.fake.invitations) == 1


@of("cloudtruth-2025")
@pytest.mark.parametrize(
    ("count", "following"),
    [
        *((0, None), (2, None), (1, "?page=2"), (0, "?page=2"), (-3, None), (True, None), ("3", 5), (None, None)),
        *((1, 2), (1, True), (1, {})),
    ],
)
def test_a_count_that_the_page_itself_contradicts_is_not_taken(
    world: CloudTruthWorld, count: object, following: object, connect: Connect
) -> None:
    fill(world, 3)

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        if request.param("page_size") != "1":
            return response
        return FakeResponse.json(200, {**json.loads(response.body), "count": count, "next": following})

    assert connect(after=after).count() == 3


@of("cloudtruth")
@pytest.mark.parametrize("following", ["as it is", "none", 2, True])
@pytest.mark.parametrize("rows", [1, 5, 10, 13])
def test_a_count_of_the_rows_of_each_page_loses_none(
    world: CloudTruthWorld, rows: int, following: object, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.small_pages(monkeypatch)
    wanted = fill(world, rows)

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        if not world.is_listing(request, response):
            return response
        page = json.loads(response.body)
        page["count"] = len(page["results"])
        if following != "as it is":
            page["next"] = following
        if following == "none":
            del page["next"]
        return FakeResponse.json(200, page)

    client = connect(after=after)

    assert sorted(row.id or "" for row in client.list()) == wanted
    assert client.count() == client.count(status="pending") == rows


@of("cloudtruth")
def test_canceling_reads_the_record_whatever_refetch_says(world: World, client: InviteClient) -> None:
    canceled = client.cancel(world.invite(), refetch=False)

    assert (canceled.email, canceled.partial) == ("ann@example.org", False)
    assert [one.request.method for one in world.fake.requests] == ["GET", "DELETE"]


@of("cloudtruth")
def test_only_the_invitees_login_may_accept(world: World, connect: Connect) -> None:
    found = world.invite("nina@example.com")

    for user in ("owner", "ivan"):
        with pytest.raises(PermissionDeniedError, match="login"):
            connect(user).accept(found)
    assert connect("nina").accept(found).invitation.status is Status.ACCEPTED


@of("cloudtruth")
def test_an_accepted_one_is_not_resendable_and_an_unknown_one_stays_unknown(world: World, client: InviteClient) -> None:
    found = world.invite()
    world.settle(found)

    assert not client.get(found).is_resendable
    with pytest.raises(NotFoundError, match="accepted already") as caught:
        client.resend(world.unknown_id())
    assert caught.value.status == 404


@of("cloudtruth")
def test_a_bounce_is_told_with_its_reason_and_mended_by_resending(world: CloudTruthWorld, client: InviteClient) -> None:
    found = world.invite()
    world.fake.bounce(found, "550 no such user")

    shown = client.get(found)
    assert (shown.status, shown.delivery, shown.delivery_detail) == ("pending", "failed", "550 no such user")
    assert shown.is_resendable
    again = client.resend(found)
    assert (again.status, again.delivery, again.delivery_detail) == ("pending", "queued", None)


@of("cloudtruth")
def test_another_organizations_invitations_do_not_show(world: World, connect: Connect) -> None:
    found = world.invite()

    assert connect("globex").list().all() == []
    with pytest.raises(NotFoundError):
        connect("globex").get(found)
    with pytest.raises(NotFoundError):
        connect("globex").cancel(found)


@of("cloudtruth")
@pytest.mark.parametrize("refusal", ["detail", "detail-list", "detail-objects", "all", "array", "empty"])
def test_a_change_to_an_address_that_is_invited_already_says_so(
    world: CloudTruthWorld, refusal: Any, client: InviteClient
) -> None:
    world.fake.refusal = refusal
    first, second = world.invite(), world.invite("bea@example.org")

    with pytest.raises(AlreadyInvitedError) as caught:
        client.update(second, email="ANN@example.org")

    assert caught.value.existing is not None
    assert (caught.value.existing.id, caught.value.status, caught.value.operation) == (first, 404, "update")
    assert world.fake.effects.get("updated", 0) == 0


@of("cloudtruth")
def test_a_change_of_an_unknown_one_is_not_found_whatever_the_address(world: World, client: InviteClient) -> None:
    world.invite()

    for email in ("ann@example.org", "bea@example.org"):
        with pytest.raises(NotFoundError):
            client.update(world.unknown_id(), email=email)
    assert {one.request.method for one in world.fake.requests} == {"GET"}


@of("cloudtruth")
def test_a_change_to_the_address_of_a_member_is_refused_as_it_is(world: World, client: InviteClient) -> None:
    found = world.invite()
    with pytest.raises(NotFoundError, match="the address of a member"):
        client.update(found, email="olivia@acme.example")


@of("cloudtruth")
def test_a_change_of_the_role_alone_looks_for_nobody(world: World, connect: Connect) -> None:
    with pytest.raises(PermissionDeniedError):
        connect("viewer").update(world.invite(), role="OWNER")

    assert [one.operation for one in world.fake.requests] == ["invitations_retrieve", "invitations_partial_update"]


@of("cloudtruth")
@pytest.mark.parametrize("said", ['"3"', '""', '"3.0"', "3.0", "2.5", "null", "-1", "1e999", "NaN", "true", "[3]"])
def test_a_number_of_rows_in_another_shape_is_counted(world: World, said: str, connect: Connect) -> None:
    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        return replace(response, body=re.sub(rb'"count": ?\d+', b'"count": ' + said.encode(), response.body))

    found = sorted(world.invite(f"p{number}@example.org") for number in range(3))
    client = connect(after=after)

    assert client.count() == 3
    assert sorted(row.id or "" for row in client.list()) == found


@of("cloudtruth")
def test_what_cannot_be_read_is_not_canceled_where_canceling_deletes(world: World, connect: Connect) -> None:
    found = world.invite()

    with pytest.raises(InviteError):
        connect(before=failing("GET")).cancel(found)

    assert world.fake.requests == []
