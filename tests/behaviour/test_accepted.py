"""What somebody has accepted is not changed, mailed, deleted or invited once more, and no success is told of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from invite_sdk import (
    AlreadyInvitedError,
    AlreadyMemberError,
    ConflictError,
    InvalidStateError,
    InviteClient,
    InviteError,
    OutcomeUnknownError,
    ResponseParseError,
    RetryPolicy,
    Status,
    ValidationError,
)
from invite_sdk.testing import FakeRequest, FakeResponse, Fault
from invite_sdk.testing.suite.calling import ensured
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddler import Before
from invite_sdk.testing.suite.meddling import rows_changed
from tests.behaviour.worlds import CloudTruthWorld, EnhanceWorld, WaldurWorld, World, of
from tests.behaviour.worlds.enhance import PASSWORD

NAMED: dict[str, dict[str, Any]] = {"update": {"email": "anna@example.org"}, "resend": {}, "cancel": {}}
every_write = pytest.mark.parametrize("operation", NAMED)
everywhere = of("waldur", "cloudtruth")


def accept(world: World, invitation_id: str) -> str:
    """The invitee accepts, without the SDK."""
    if isinstance(world, WaldurWorld):
        world.fake.set_state(invitation_id, "accepted")
    else:
        world.settle(invitation_id)
    return invitation_id


def records(world: Any) -> tuple[object, ...]:
    """All that a write could have changed."""
    return list(world.fake.invitations), dict(world.fake.effects), len(world.fake.outbox)


def meanwhile(world: World, what: Callable[[], object], *, on: str) -> Before:
    """Something happens just before the first request with this method arrives."""
    waiting = [what]

    def before(request: FakeRequest) -> FakeRequest:
        if request.method == on and waiting:
            waiting.pop()()
        return request

    return before


# Inviting.


@everywhere
def test_who_accepted_is_found_by_one_request_and_not_invited_again(world: World, client: InviteClient) -> None:
    found = accept(world, world.invite())
    before = records(world)

    for email in ("ann@example.org", " ann@example.org "):
        world.fake.requests.clear()
        result = ensured(world, client, email)
        assert (result.created, result.invitation.id, result.invitation.status) == (False, found, Status.ACCEPTED)
        assert [one.request.method for one in world.fake.requests] == ["GET"]
    assert records(world) == before


@everywhere
def test_an_open_one_wins_over_an_accepted_one_wherever_it_stands(world: World, connect: Connect) -> None:
    older, newer = world.invite(), world.invite()
    for accepted, still_open in ((older, newer), (newer, older)):

        def change(row: dict[str, Any], accepted: str = accepted) -> None:
            world.with_state(row, "accepted" if world.id_of(row) == accepted else "pending")

        result = ensured(world, connect(after=rows_changed(world, change)))
        assert (result.created, result.invitation.id) == (False, still_open)


@of("waldur")
def test_who_has_left_is_invited_again_where_that_is_asked_for(world: World, client: InviteClient) -> None:
    found = accept(world, world.invite())

    first, second = (ensured(world, client, reinvite=True) for _ in range(2))

    assert (first.created, first.invitation.status, second.created) == (True, Status.PENDING, False)
    assert second.invitation.id == first.invitation.id != found


@of("waldur")
def test_who_accepted_for_another_role_is_invited(world: WaldurWorld, client: InviteClient) -> None:
    accept(world, world.invite())

    assert ensured(world, client, role=world.role("PROJECT.ADMIN")).created


@of("cloudtruth")
def test_where_an_accepted_one_is_in_the_way_of_another_role_it_is_told(world: World, client: InviteClient) -> None:
    found = accept(world, world.invite())
    before = records(world)

    with pytest.raises(ConflictError, match="accepted an earlier invitation, as VIEWER") as caught:
        client.ensure("ann@example.org", role="ADMIN")
    with pytest.raises(ValidationError, match="invited already"):
        client.ensure("ann@example.org", role="VIEWER", reinvite=True)

    assert not isinstance(caught.value, AlreadyInvitedError)
    assert caught.value.existing is not None
    assert (caught.value.existing.id, caught.value.status) == (found, 404)
    assert records(world) == before


@of("cloudtruth")
@pytest.mark.parametrize("case_sensitive", [True, False])
def test_who_accepted_in_another_spelling_is_found_through_the_refusal(
    world: CloudTruthWorld, case_sensitive: bool, client: InviteClient
) -> None:
    world.fake.email_case_sensitive = case_sensitive
    found = accept(world, world.invite("Ann@Example.org"))

    result = ensured(world, client)

    assert (result.created, result.invitation.id) == (False, found)


@of("waldur-2026", "cloudtruth")
def test_who_is_invited_and_accepts_between_the_look_and_the_creation_is_found(world: World, connect: Connect) -> None:
    made: list[str] = []

    def others() -> None:
        made.append(world.invite())
        # Waldur refuses for the open one only, and hears of the acceptance right after.
        if world.service == "cloudtruth":
            accept(world, made[0])

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        if request.method == "POST":
            accept(world, made[0])
        return response

    result = ensured(world, connect(before=meanwhile(world, others, on="POST"), after=after))

    assert (result.created, result.invitation.id, result.invitation.status) == (False, made[0], Status.ACCEPTED)


@everywhere
def test_a_lost_creation_that_is_accepted_at_once_was_made_by_this_call(world: World, connect: Connect) -> None:
    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        if request.method != "POST":
            return response
        accept(world, world.id_of(json.loads(response.body)))
        return FakeResponse(502)

    result = ensured(world, connect(after=after))

    assert (result.created, result.invitation.status) == (True, Status.ACCEPTED)
    assert world.fake.effects["created"] == 1


@everywhere
def test_where_an_older_one_was_accepted_a_lost_reinvitation_stays_unknown(world: World, client: InviteClient) -> None:
    accept(world, world.invite())
    world.fake.faults.plan(Fault.drop_request(), when=lambda request: request.method == "POST")

    with pytest.raises(OutcomeUnknownError):
        ensured(world, client, reinvite=True)


@everywhere
def test_an_accepted_one_that_does_not_say_its_role_is_not_passed_over(world: World, connect: Connect) -> None:
    accept(world, world.invite())
    before = records(world)

    def change(row: dict[str, Any]) -> None:
        row["role"] = None if world.service == "waldur" else ""

    with pytest.raises(ResponseParseError, match="was accepted, but its row does not say"):
        ensured(world, connect(after=rows_changed(world, change)))

    assert records(world) == before


# Changing, mailing, taking back.


@of("waldur-2026", "waldur-2025", "cloudtruth")
@every_write
def test_one_that_was_accepted_meanwhile_stays_as_it_is(world: World, operation: str, client: InviteClient) -> None:
    known = client.get(world.invite())
    found = accept(world, str(known.id))
    before = records(world)

    for given in (found, known):
        with pytest.raises(InvalidStateError) as caught:
            getattr(client, operation)(given, **NAMED[operation])
        assert caught.value.existing is not None
        assert (caught.value.existing.id, caught.value.existing.status) == (found, Status.ACCEPTED)
        assert caught.value.operation == operation
    assert records(world) == before


@everywhere
@every_write
def test_a_record_that_says_so_is_refused_before_any_request(
    world: World, operation: str, client: InviteClient
) -> None:
    known = client.get(accept(world, world.invite()))
    world.fake.requests.clear()

    with pytest.raises(InvalidStateError, match="nothing was sent") as caught:
        getattr(client, operation)(known, **NAMED[operation])

    assert (caught.value.existing, caught.value.attempts, world.fake.requests) == (known, 0, [])


@of("waldur-2026")
@every_write
def test_a_refusal_is_told_where_the_invitation_cannot_be_read(world: World, operation: str, connect: Connect) -> None:
    found = accept(world, world.invite())

    def before(request: FakeRequest) -> FakeRequest | FakeResponse:
        return FakeResponse(403) if request.method == "GET" else request

    with pytest.raises(InvalidStateError) as caught:
        getattr(connect(before=before), operation)(found, **NAMED[operation])

    assert (caught.value.existing, caught.value.status) == (None, 400)


@of("cloudtruth")
def test_a_change_that_meets_one_accepted_since_the_look_is_no_success(world: World, connect: Connect) -> None:
    found = world.invite()
    client = connect(before=meanwhile(world, lambda: accept(world, found), on="PATCH"))

    with pytest.raises(InvalidStateError, match="its record was changed") as caught:
        client.update(found, role="ADMIN")

    assert caught.value.existing is not None
    assert (caught.value.existing.status, caught.value.existing.role) == (Status.ACCEPTED, "ADMIN")


@of("cloudtruth")
def test_a_resend_that_is_answered_with_an_accepted_one_is_no_success(world: World, connect: Connect) -> None:
    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        if request.method != "POST":
            return response
        return replace(response, body=json.dumps({**json.loads(response.body), "state": "accepted"}).encode())

    with pytest.raises(InvalidStateError) as caught:
        connect(after=after).resend(world.invite())

    assert caught.value.existing is not None


after_a_wait = pytest.mark.parametrize(
    ("operation", "method", "status"),
    [("update", "PATCH", 425), ("update", "PATCH", 503), ("cancel", "DELETE", 425), ("cancel", "DELETE", 503)],
)
"""Writes whose first attempt is answered so, and whose next one leaves after a while."""


@of("cloudtruth-2025")
@after_a_wait
def test_who_accepts_before_an_attempt_that_had_to_wait_is_seen(
    world: CloudTruthWorld, operation: str, method: str, status: int, connect: Connect
) -> None:
    found = world.invite()

    def before(request: FakeRequest) -> FakeRequest | FakeResponse:
        if request.method != method:
            return request
        accept(world, found)
        return FakeResponse(status)

    with pytest.raises(InvalidStateError) as caught:
        getattr(connect(before=before, retry=RetryPolicy(base=0)), operation)(found, **NAMED[operation])

    assert caught.value.existing is not None
    assert [one.operation for one in world.fake.requests if one.request.method == method] == []
    assert [row.state for row in world.fake.invitations] == ["accepted"]


@of("cloudtruth-2025")
@after_a_wait
@pytest.mark.parametrize("fault", [Fault.drop_reply(), Fault.status(403), Fault.status(200, body=[])], ids=str)
def test_where_the_second_look_fails_nothing_is_sent_again(
    world: CloudTruthWorld, operation: str, method: str, status: int, fault: Fault, connect: Connect
) -> None:
    """Only where the first attempt may have taken effect, that is unknown."""
    found = world.invite()
    written = "invitations_partial_update" if operation == "update" else "invitations_destroy"
    world.fake.faults.plan(Fault.status(status), on=written)
    world.fake.faults.plan(fault, on="invitations_retrieve", nth=2, times=None)

    with pytest.raises(InviteError) as caught:
        getattr(connect(retry=RetryPolicy(attempts=2, base=0)), operation)(found, **NAMED[operation])

    assert isinstance(caught.value, OutcomeUnknownError) == (status == 503)
    assert sum(one.operation == written for one in world.fake.requests) == 1
    assert [(row.email, row.state) for row in world.fake.invitations] == [("ann@example.org", "pending")]


@of("cloudtruth-2025")
@pytest.mark.parametrize("took", [True, False])
def test_a_change_whose_answer_was_lost_is_no_success_for_one_accepted_since(
    world: CloudTruthWorld, took: bool, connect: Connect
) -> None:
    """It may have come before the acceptance or after; where the record does not have it, it has not come."""
    found = world.invite()

    def before(request: FakeRequest) -> FakeRequest | FakeResponse:
        if request.method != "PATCH":
            return request
        if took:
            world.fake.handle(request)
        accept(world, found)
        return FakeResponse(502)

    with pytest.raises(OutcomeUnknownError if took else InvalidStateError) as caught:
        connect(before=before, retry=RetryPolicy(base=0)).update(found, role="ADMIN")

    assert not isinstance(caught.value, OutcomeUnknownError) or "accepted meanwhile" in caught.value.known


@of("enhance")
def test_a_member_is_not_sent_the_invite_again(world: EnhanceWorld, client: InviteClient) -> None:
    made = client.create("ann@example.org", role="Support", name="Ann")
    key = made if made.id is not None else world.fake.invitations[-1].id
    accepted = client.accept(key, email="ann@example.org", password=PASSWORD).invitation
    before = records(world)

    with pytest.raises(AlreadyMemberError):
        client.resend(made)
    world.fake.requests.clear()
    with pytest.raises(InvalidStateError, match="nothing was sent"):
        client.resend(accepted)

    assert (records(world), world.fake.requests) == (before, [])
