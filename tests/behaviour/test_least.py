"""Records that hold no more than they must: a deleted inviter or scope takes its keys along."""

from __future__ import annotations

import json
from typing import Any

import pytest

from invite_sdk import EnsureResult, Invitation, ResponseParseError
from invite_sdk.services.common import absolute
from invite_sdk.services.settling import open_for
from invite_sdk.testing import FakeRequest, FakeResponse, Fault
from invite_sdk.testing.suite.calling import fill
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddling import rows_changed, with_param
from tests.behaviour.worlds import World, ZenMLWorld, of

LEAST = {"waldur": ("uuid", "email", "state"), "cloudtruth": ("id", "email", "state"), "zenml": ("id",)}


def bare(world: World) -> Any:
    def change(row: dict[str, Any]) -> None:
        for key in set(row) - set(LEAST[world.service]):
            del row[key]

    return change


@of("waldur", "cloudtruth", "zenml")
def test_a_record_that_holds_the_least_is_listed(world: World, connect: Connect) -> None:
    found = world.invite()
    pager = connect(after=rows_changed(world, bare(world))).list()
    (row,) = [row for row in pager if row.id == found]

    assert pager.problems == ()
    assert (row.status, row.partial) == ("pending", False)
    assert (row.role, row.roles, row.role_id, row.created_at, row.expires_at) == (None, (), None, None, None)
    assert isinstance(row, Invitation)
    assert row.native is not None
    assert type(row).model_validate_json(row.model_dump_json()) == row


@of("waldur-2026", "cloudtruth")
@pytest.mark.parametrize("most", [5, 2], ids=["as many as are asked for", "fewer"])
def test_pages_that_say_nothing_of_others_are_read_and_counted_to_the_end(
    world: World, most: int, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.small_pages(monkeypatch)
    wanted = fill(world, 13)

    def silent(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        if world.is_listing(request, response):
            response = world.unclear()["nothing, no total" if world.service == "waldur" else "nothing"](response)
        return world.without_total(response) if request.method == "HEAD" else response

    client = connect(before=lambda request: with_param(request, world.size_key, most), after=silent)

    assert sorted(row.id or "" for row in client.list()) == wanted
    assert client.count() == client.count(status="pending") == 13


@of("waldur", "cloudtruth")
def test_a_record_that_may_be_the_one_stops_ensure(world: World, connect: Connect) -> None:
    world.invite()
    case = world.case("ensure", connect())
    with pytest.raises(ResponseParseError, match="does not say"):
        connect(after=rows_changed(world, bare(world))).ensure(*case.given, **case.named)

    assert {one.request.method for one in world.fake.requests} == {"GET"}


def test_an_open_row_without_an_address_may_be_for_any() -> None:
    row = Invitation.model_validate({"service": "postbox", "id": "1", "status": "pending"})
    with pytest.raises(ResponseParseError, match="may be for this address"):
        open_for([row], [], "ann@example.org")
    settled = row.model_copy(update={"status": "accepted"})

    assert open_for([settled], [], "ann@example.org") == []


@of("waldur", "cloudtruth")
def test_a_creation_that_is_answered_with_the_least_is_whole(world: World, connect: Connect) -> None:
    case = world.case("create", connect())

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        if request.method != "POST":
            return response
        row = json.loads(response.body)
        return FakeResponse.json(201, {key: row[key] for key in LEAST[world.service]})

    made = connect(after=after).create(*case.given, **case.named)

    assert (made.email, made.status, made.partial) == ("ann@example.org", "pending", False)


@of("waldur-2026")
@pytest.mark.parametrize("operation", ["accept", "cancel", "resend", "approve", "reject"])
def test_a_write_that_is_answered_with_an_empty_object_took_effect(
    world: World, operation: str, connect: Connect
) -> None:
    case = world.case(operation, connect())
    write = {"cancel": "cancel", "resend": "send"}.get(operation, operation)
    world.fake.faults.plan(Fault.status(200, body={}, after_effect=True), on=f"user_invitations_{write}")
    result = getattr(connect(case.user), operation)(*case.given, **case.named)

    assert world.fake.effects[case.effect or ""] == 1
    assert not isinstance(result, EnsureResult)


# Pictures.


@of("waldur-2026", "waldur-2025")
@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("/media/owner.png", "https://waldur.example/media/owner.png"),
        ("/media/owner.png?v=1#x", "https://waldur.example/media/owner.png?v=1#x"),
        ("https://pictures.example/owner.png", "https://pictures.example/owner.png"),
        ("//elsewhere.example/owner.png", "//elsewhere.example/owner.png"),
        ("data:image/png;base64,AAAA", "data:image/png;base64,AAAA"),
        (None, None),
        ("", None),
    ],
)
def test_a_picture_on_the_server_has_a_whole_url(
    world: World, said: str | None, shown: str | None, connect: Connect
) -> None:
    found = world.invite()

    def respond(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        return FakeResponse.json(200, {**json.loads(response.body), "created_by_image": said})

    assert connect(after=respond).preview(found).inviter_avatar_url == shown


def test_a_path_is_one_on_the_host_of_the_connection_whatever_its_own_path() -> None:
    assert absolute("/media/a.png", "http://localhost:8000/waldur") == "http://localhost:8000/media/a.png"
    assert absolute("/\\evil.example/a.png", "https://host.example") == "/\\evil.example/a.png"
    assert absolute("media/a.png", "https://host.example") == "media/a.png"


@of("zenml-offset")
def test_a_logo_on_the_server_has_a_whole_url(world: ZenMLWorld, connect: Connect) -> None:
    found = world.invite()

    def change(row: dict[str, Any]) -> None:
        row["organization_logo_url"] = "/logos/acme.png"
        row["inviting_user_avatar_url"] = "/faces/olivia.png"

    rows = connect(after=rows_changed(world, change)).list().all()
    (row,) = [row for row in rows if row.id == found]

    assert row.organization_logo_url == f"{world.fake.base_url}/logos/acme.png"
    assert row.inviter_avatar_url == f"{world.fake.base_url}/faces/olivia.png"
