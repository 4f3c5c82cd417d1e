"""Ids: in every form that a user may write, of this service only, and never able to address anything else."""

from __future__ import annotations

from contextlib import suppress
from inspect import signature

import pytest

from invite_sdk import APIError, InvalidArgumentError, Invitation, InviteClient, NotFoundError, Status
from invite_sdk.services.capabilities import OPERATIONS
from invite_sdk.testing import FakeRequest, FakeResponse
from invite_sdk.testing.suite.calling import prepared
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.plain import plain
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import cells, having, newest, over, start

WITH_ID = [name for name in OPERATIONS if "id" in signature(getattr(InviteClient, name)).parameters]
CELLS = cells(WITH_ID, only_newest=True)
TAKING_ANY = [(name, operation) for name, operation in CELLS if operation not in start(name).needs_record]

HOSTILE = [
    "",
    " ",
    ".",
    "..",
    "../",
    "a/b",
    "/",
    "\\",
    "..\\",
    "%2e%2e",
    "%2F",
    "\x00",
    "\n",
    "\r\nX-Evil: 1",
    "id?x=1",
    "id#x",
    "\u2028",
    "\x7f",
    "approve",
    "5f3b9d5e8c5d4b0e9a1f00000000000",
    "5f3b9d5e8c5d4b0e9a1f0000000000011",
    "5f3b9d5e8c5d4b0e9a1f000000000001\n",
    "5f3b9d5e-8c5d4b0e9a1f-000000000001",
    "５f3b9d5e8c5d4b0e9a1f000000000001",
    "-1",
    "+1",
    "1/2",
    "1.0",
    "１",
    "1" * 21,
    "https://evil.example/invites/key",
    "https://enhance.example/invites/",
    "https://enhance.example/invites/..",
    "https://enhance.example/other/key",
    "javascript://enhance.example/invites/key",
]
"""None of these is an id of a service whose ids are UUIDs or numbers."""
OPAQUE = {
    "approve",
    "5f3b9d5e8c5d4b0e9a1f00000000000",
    "5f3b9d5e8c5d4b0e9a1f0000000000011",
    "5f3b9d5e-8c5d4b0e9a1f-000000000001",
    "５f3b9d5e8c5d4b0e9a1f000000000001",
    "-1",
    "+1",
    "1.0",
    "１",
    "1" * 21,
}
"""Those that may be a key where ids are opaque."""
NO_NUMBERS = ["1.0", "1e3", "0x10", "1_000", "+1", "-1", "１２"]
"""None of these is an id where ids are whole numbers, whatever `int` makes of them."""


@over(CELLS)
def test_an_id_that_cannot_be_one_is_refused_before_any_request(world: World, operation: str, connect: Connect) -> None:
    case, client = prepared(world, operation, connect)
    wrong: list[object] = [text for text in HOSTILE if not (world.id_kind == "opaque" and text in OPAQUE)]
    wrong += NO_NUMBERS if world.id_kind == "integer" else [5]

    for value in [*wrong, None, b"x", ["x"], object()]:
        with pytest.raises(InvalidArgumentError) as caught:
            getattr(client, operation)(value, **case.named)
        assert (caught.value.service, caught.value.operation) == (world.service, operation)

    assert world.fake.requests == []


@over(CELLS)
def test_an_invitation_of_another_service_is_refused_before_any_request(
    world: World, operation: str, connect: Connect
) -> None:
    case, client = prepared(world, operation, connect)
    foreign = Invitation(service="elsewhere", id=world.unknown_id(), status=Status.PENDING)

    with pytest.raises(InvalidArgumentError, match="elsewhere"):
        getattr(client, operation)(foreign, **case.named)

    assert world.fake.requests == []


@over(CELLS)
def test_an_invitation_without_an_id_is_refused_before_any_request(
    world: World, operation: str, connect: Connect
) -> None:
    case, client = prepared(world, operation, connect)

    with pytest.raises(InvalidArgumentError):
        getattr(client, operation)(Invitation(service=world.service, id=None, status=Status.PENDING), **case.named)

    assert world.fake.requests == []


@over(TAKING_ANY)
def test_an_id_may_be_written_in_any_form(world: World, operation: str, connect: Connect) -> None:
    at_first = world.fake.dump()
    for form in range(len(world.forms(world.invite()))):
        world.fake.load(at_first)
        case = world.case(operation, connect())
        (found,) = case.given

        result = plain(getattr(connect(case.user), operation)(world.forms(found)[form], **case.named))

        assert result == case.expected()
        assert world.fake.effects.get(case.effect or "", 0) == (case.effect is not None)


@over(TAKING_ANY)
def test_wherever_an_id_is_taken_an_invitation_will_do(world: World, operation: str, connect: Connect) -> None:
    case, client = prepared(world, operation, connect)
    known = Invitation(service=world.service, id=case.given[0], status=Status.PENDING)

    getattr(client, operation)(known, **case.named)

    if case.effect is not None:
        assert world.fake.effects[case.effect] == 1


@having("get")
def test_an_unknown_id_is_not_found(world: World, client: InviteClient) -> None:
    with pytest.raises(NotFoundError) as caught:
        client.get(world.unknown_id())

    assert (caught.value.service, caught.value.operation) == (world.service, "get")


@newest("get")
def test_what_was_listed_or_got_is_the_same_invitation_in_every_form(world: World, client: InviteClient) -> None:
    found = world.invite()

    got = [client.get(form) for form in world.forms(found)]

    assert all(one.same_as(got[0]) for one in got)
    assert len(set(got)) == 1
    assert {one.id for one in got} == {found}


def holds(world: World, request: FakeRequest, form: str) -> bool:
    """Whether a request names an id so, in its path or query, or is for a listing, to be looked through for it."""
    named = form in [*request.path.split("/"), *(value for _, value in request.query)]
    return named or world.is_listing(request, FakeResponse.json(200, []))


@newest("get")
def test_an_id_is_sent_as_it_was_given(world: World, client: InviteClient) -> None:
    found = world.invite()

    for form in world.forms(found):
        client.get(form)
        assert holds(world, world.asked()[-1].request, found if "://" in form else form)


UUIDS = [
    "5F3b9d5e8c5d4b0e9a1f000000000001",
    "5f3b9d5e-8c5d-4b0e-9a1f-000000000001",
    "5F3B9D5E-8C5D-4B0E-9A1F-000000000001",
]


@over(cells(WITH_ID, only_newest=True, id_kind="uuid"))
@pytest.mark.parametrize("form", UUIDS)
@pytest.mark.parametrize("as_record", [False, True])
def test_a_uuid_reaches_the_wire_as_it_was_written(
    world: World, operation: str, form: str, as_record: bool, connect: Connect
) -> None:
    """What a server wrote goes back to it as it came, and so does what a user wrote."""
    case = world.case(operation, connect())
    asked: list[FakeRequest] = []

    def listening(request: FakeRequest) -> FakeRequest | FakeResponse:
        if world.is_login(request):
            return request
        asked.append(request)
        return FakeResponse.json(403, {"detail": "Not for you."})

    given = Invitation(service=world.service, id=form, status=Status.PENDING) if as_record else form
    with suppress(APIError):
        getattr(connect(case.user, before=listening), operation)(given, **case.named)

    assert asked
    assert [request.target for request in asked if not holds(world, request, form)] == []
