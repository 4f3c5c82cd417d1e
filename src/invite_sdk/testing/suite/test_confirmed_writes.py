"""A write that the service has confirmed never looks failed, whatever happens to the reading around it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import cast

import pytest

from invite_sdk import NO_RETRIES, OutcomeUnknownError, PermissionDeniedError
from invite_sdk.services.capabilities import OPERATIONS, PARAMETERS
from invite_sdk.testing import FakeRequest, FakeResponse
from invite_sdk.testing.suite.calling import call, created, expecting, prepared
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddler import After, Before
from invite_sdk.testing.suite.plain import plain
from invite_sdk.testing.suite.world import Case, World
from invite_sdk.testing.suite.worlds import cells, having, over

READING = cells(op for op in OPERATIONS if "refetch" in PARAMETERS[op])
WRITING = cells(
    ("create", "ensure", "update", "delete", "cancel", "accept", "decline", "resend", "approve", "reject"),
    only_newest=True,
)


def reading_fails(world: World) -> Before:
    """A service that answers every write and no read but a login."""

    def before(request: FakeRequest) -> FakeRequest | FakeResponse:
        fails = world.reads(request) and not world.is_login(request)
        return FakeResponse.json(403, {"detail": "Not for you."}) if fails else request

    return before


def confirming(world: World, body: bytes) -> After:
    """A service that confirms every write with this body."""

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        done = response.status // 100 == 2 and not world.reads(request)
        return replace(response, body=body) if done else response

    return after


def invitation_in(found: object) -> object:
    """The invitation in a plain result."""
    if not isinstance(found, dict):
        return found
    known = cast("dict[str, object]", found)
    return known.get("invitation", known)


def what_is_known(world: World, case: Case, known: Mapping[str, object] | None) -> object:
    """The invitation of a case whose reading failed, in plain form: all of it where `known` is `None`."""
    if known is None:
        return invitation_in(case.expected())
    return {"service": world.service, "id": case.given[0], "partial": True, **known}


@over(READING)
def test_a_write_whose_reading_fails_returns_what_is_known(world: World, operation: str, connect: Connect) -> None:
    case, client = prepared(world, operation, connect, before=reading_fails(world))
    known = world.reading_fails(operation)
    before = world.fake.effects.get(case.effect or "", 0)

    if known == "refused":
        with pytest.raises(PermissionDeniedError):
            call(client, operation, case)
        return
    with expecting(case):
        assert invitation_in(plain(call(client, operation, case))) == what_is_known(world, case, known)
        assert world.fake.effects[case.effect or ""] == before + 1


@over(READING)
def test_reading_may_be_left_out(world: World, operation: str, connect: Connect) -> None:
    case, client = prepared(world, operation, connect)
    known = world.reading_fails(operation)

    with expecting(case):
        made = call(client, operation, case, refetch=False)
        assert invitation_in(plain(made)) == what_is_known(world, case, None if known == "refused" else known)
    # Whoever must read before writing, lest it take more than was asked for, reads all the same.
    assert len(world.asked()) == (2 if known == "refused" else 1)


@over(WRITING)
@pytest.mark.parametrize("body", [b"", b"{}", b"[5]"], ids=["nothing", "object", "array"])
def test_an_unreadable_confirmation_is_a_confirmation(
    world: World, operation: str, body: bytes, connect: Connect
) -> None:
    case, client = prepared(world, operation, connect, after=confirming(world, body))
    before = world.fake.effects.get(case.effect or "", 0)

    with expecting(case):
        call(client, operation, case)
        made = world.fake.effects[case.effect or ""] - before
        # Where it confirms nothing, what does no harm is asked for again.
        again = not world.confirms_unread and operation not in ("create", "ensure")
        assert made == 1 or (again and made > 1)


@having("create")
def test_what_could_not_be_read_of_a_new_one_is_what_was_asked_for(world: World, connect: Connect) -> None:
    asked: list[str] = []

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        asked.extend(value for name, value in request.headers if name.lower() == "authorization")
        said = {"as": "nobody expects", "asked": asked[-1], "see": "https://p.example/invites/a-key-that-is-long"}
        return confirming(world, json.dumps(said).encode())(request, response)

    made = created(world, connect(after=after))

    assert made.email == "ann@example.org"
    assert not made.is_final
    # Where a success may be a refusal, or holds no record, it is read back.
    if world.confirms_unread and world.reading_fails("create") is None:
        assert (made.partial, made.id) == (True, None)
        kept = {"as": "nobody expects", "asked": "...", "see": "https://p.example/invites/...long"}
        assert json.loads(made.answer or "") == kept
        assert made.model_copy().answer == deepcopy(made).answer == made.answer
        assert made == made.model_copy(update={"name": made.name})
        assert "nobody expects" not in f"{made!r} {made.model_dump_json()}"


@over(cells(("create", "ensure"), confirms_unread=False))
def test_a_success_that_does_not_tell_confirms_nothing(world: World, operation: str, connect: Connect) -> None:
    def before(request: FakeRequest) -> FakeRequest | FakeResponse:
        return request if world.reads(request) else FakeResponse(201, (("Content-Type", "application/json"),), b"{")

    case, client = prepared(world, operation, connect, before=before, retry=NO_RETRIES)

    with pytest.raises(OutcomeUnknownError):
        call(client, operation, case)
    assert world.fake.effects.get("created", 0) == 0
