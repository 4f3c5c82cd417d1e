"""What every service gets, however little its file says: one `ensure` at a time, and a look after a lost answer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import anyio
import pytest

from invite_sdk import (
    Acceptance,
    AlreadyInvitedError,
    AlreadyMemberError,
    AsyncInviteClient,
    EnsureResult,
    InvalidArgumentError,
    Invitation,
    OutcomeUnknownError,
    ResponseParseError,
)
from invite_sdk._errors.classify import rule
from invite_sdk._errors.tree import ConflictError, NotFoundError
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Flow
from invite_sdk._flows.exchange import exchange
from invite_sdk._flows.filters import Filters
from invite_sdk._flows.retry import NO_RETRIES
from invite_sdk.services import common, settling
from invite_sdk.services.adapter import AcceptWith, NewInvitation
from invite_sdk.services.capabilities import Support, native, unsupported
from invite_sdk.testing import Fault
from tests.reliability.doors import Door
from tests.small_service import FakeSmall, SmallAdapter, call, changed, declared, nothing

ANN = "ann@example.org"


# One at a time.


class HandMade(SmallAdapter):
    """Looks and creates by hand, as an author may."""

    def ensure(self, ctx: Context, new: NewInvitation) -> Flow[EnsureResult]:
        rows, problems = yield from common.collected(self.candidates(ctx, new, "before"))
        found = settling.open_for(rows, problems, new.email)
        if found:
            return common.ensured(found[0], created=False)
        return common.ensured((yield from self.create(ctx, new)), created=True)


@pytest.mark.anyio
@pytest.mark.parametrize("adapter", [SmallAdapter, HandMade])
async def test_two_tasks_make_one_invitation_whoever_wrote_the_ensure(adapter: type[SmallAdapter]) -> None:
    fake = FakeSmall(adapter)
    results: list[bool] = []
    async with AsyncInviteClient(fake.connection(), transport=fake.transport()) as client:

        async def run(email: str) -> None:
            results.append((await client.ensure(email, role="reader")).created)

        async with anyio.create_task_group() as group:
            group.start_soon(run, ANN)
            group.start_soon(run, ANN.upper())

    assert sorted(results) == [False, True]
    assert fake.effects == {"created": 1}


def test_what_create_refuses_at_once_is_refused_before_anything_is_sent(way: Door) -> None:
    fake = FakeSmall()
    with pytest.raises(InvalidArgumentError, match="one role"):
        way.open(fake).ensure(ANN, role=["reader", "writer"])

    assert fake.requests == []


# What fits.


@pytest.mark.parametrize(
    ("row", "named", "created"),
    [
        ({}, {}, False),
        ({"email": "ANN@Example.org"}, {}, False),
        ({"email": "bea@example.org"}, {}, True),
        ({"role": "READER"}, {}, False),
        ({"role": "writer"}, {}, True),
        ({"state": "withdrawn"}, {}, True),
        ({"state": "taken"}, {}, False),
        ({"state": "taken"}, {"reinvite": True}, True),
        ({"state": "taken", "role": "writer"}, {}, True),
        ({"state": "a word of tomorrow"}, {}, False),
        ({"team": "red"}, {"organization": "red"}, False),
        ({"team": "red"}, {"organization": "blue"}, True),
    ],
)
def test_the_open_or_accepted_one_for_the_same_is_found(
    way: Door, row: dict[str, Any], named: dict[str, Any], created: bool
) -> None:
    fake = FakeSmall()
    fake.put(**{"email": ANN, **row})

    assert way.open(fake).ensure(ANN, role="reader", **named).created is created
    assert fake.effects.get("created", 0) == created


@pytest.mark.parametrize(("row", "named"), [({"role": None}, {}), ({}, {"organization": "red"})])
def test_an_open_one_that_does_not_tell_stops_it(way: Door, row: dict[str, Any], named: dict[str, Any]) -> None:
    fake = FakeSmall()
    fake.put(**{"email": ANN, **row})
    with pytest.raises(ResponseParseError, match="does not say"):
        way.open(fake).ensure(ANN, role="reader", **named)

    assert fake.effects == {}


def test_one_with_another_role_is_told_where_no_second_may_be(way: Door) -> None:
    fake = FakeSmall(changed(capabilities=declared(duplicates=False)))
    found = fake.put(ANN, role="writer")
    with pytest.raises(AlreadyInvitedError, match="writer") as caught:
        way.open(fake).ensure(ANN, role="reader")

    assert caught.value.existing is not None
    assert caught.value.existing.id == found["id"]
    assert [one.operation for one in fake.requests] == ["list_all"]


# A second invitation, refused.


@pytest.mark.parametrize(
    ("email", "asked"), [(ANN, ANN), ("zo\u00eb@example.org", None), ("ann@xn--bcher-kva.example", None)]
)
def test_a_service_is_asked_for_an_address_that_has_one_spelling_only(way: Door, email: str, asked: str | None) -> None:
    class Watched(SmallAdapter):
        def list(self, ctx: Context, filters: Filters, limit: int | None, page_size: int | None) -> Flow[None]:
            wanted.append(filters.email)
            yield from super().list(ctx, filters, limit, page_size)

    wanted: list[str | None] = []
    assert way.open(FakeSmall(Watched)).ensure(email, role="reader").created
    assert wanted == [asked]


def race(fake: FakeSmall, **row: Any) -> None:
    """Lets another process create between the look and the creation."""
    respond = fake.respond

    def first(request: Any) -> Any:
        if fake.operation_of(request) == "create_one" and not fake.rows:
            fake.put(ANN, **row)
        return respond(request)

    fake.respond = first  # type: ignore[method-assign]


def test_an_ensure_that_lost_a_race_finds_what_the_other_made(way: Door) -> None:
    fake = FakeSmall(unique=True)
    race(fake)
    result = way.open(fake).ensure(ANN, role="reader")

    assert (result.created, result.invitation.id) == (False, next(iter(fake.rows)))
    assert fake.effects == {}


@pytest.mark.parametrize("refusal", [AlreadyInvitedError, AlreadyMemberError])
def test_an_ensure_that_lost_a_race_to_an_acceptance_finds_it(way: Door, refusal: type[ConflictError]) -> None:
    rules = (rule(refusal, statuses=(409,), codes=("twice",)),)
    fake = FakeSmall(changed(error_rules=rules), unique=True)
    race(fake, state="taken")
    result = way.open(fake).ensure(ANN, role="reader")

    assert (result.created, result.invitation.status) == (False, "accepted")
    assert fake.effects == {}
    with pytest.raises(refusal):
        way.open(fake).ensure(ANN, role="reader", reinvite=True)


def test_an_ensure_that_lost_a_race_to_another_role_is_refused(way: Door) -> None:
    fake = FakeSmall(changed(capabilities=declared(duplicates=False)), unique=True)
    race(fake, role="writer")
    with pytest.raises(AlreadyInvitedError) as caught:
        way.open(fake).ensure(ANN, role="reader")

    assert caught.value.existing is not None
    assert caught.value.existing.role == "writer"


@pytest.mark.parametrize("rules", [SmallAdapter.error_rules, ()])
def test_a_second_one_that_the_service_refuses_comes_with_the_first(way: Door, rules: Any) -> None:
    fake = FakeSmall(changed(error_rules=rules), unique=True)
    found = fake.put(ANN)
    with pytest.raises(AlreadyInvitedError) as caught:
        way.open(fake).create(ANN, role="reader")

    assert caught.value.existing is not None
    assert (caught.value.existing.id, caught.value.status, caught.value.code) == (found["id"], 409, "twice")


def test_a_conflict_about_something_else_stays_one(way: Door) -> None:
    fake = FakeSmall(changed(error_rules=()), unique=True)
    fake.put(ANN, role="writer")
    with pytest.raises(ConflictError) as caught:
        way.open(fake).create(ANN, role="reader")

    assert type(caught.value) is ConflictError


# Lost answers.


@pytest.mark.parametrize(
    "fault", [Fault.drop_reply(), Fault.status(502, after_effect=True), Fault.truncated_body(0)], ids=str
)
def test_a_lost_answer_to_a_creation_is_settled(way: Door, fault: Fault) -> None:
    fake = FakeSmall()
    fake.put("bea@example.org")
    client = way.open(fake)
    fake.faults.plan(fault, on="create_one")
    assert client.create(ANN, role="reader").email == ANN
    fake.faults.plan(fault, on="create_one")
    result = client.ensure("cat@example.org", role="reader")

    assert (result.created, result.invitation.email) == (True, "cat@example.org")
    assert fake.effects == {"created": 2}


@pytest.mark.parametrize("adapter", [SmallAdapter, HandMade])
def test_a_lost_request_leaves_the_outcome_of_a_creation_unknown(way: Door, adapter: type[SmallAdapter]) -> None:
    fake = FakeSmall(adapter)
    client = way.open(fake)
    for ask, looks in ((client.create, 1), (client.ensure, 2)):
        fake.requests.clear()
        fake.faults.plan(Fault.drop_request(), on="create_one")
        with pytest.raises(OutcomeUnknownError, match="call ensure") as caught:
            ask(ANN, role="reader")
        assert "did not show it" in caught.value.known
        assert [one.operation for one in fake.requests] == ["list_all"] * looks

    assert fake.effects == {}


def test_of_several_none_is_called_the_new_one(way: Door) -> None:
    fake = FakeSmall()
    fake.put(ANN)
    fake.faults.plan(Fault.drop_reply(), on="create_one")
    with pytest.raises(OutcomeUnknownError, match="may or may not") as caught:
        way.open(fake).create(ANN, role="reader")

    assert "2 open invitations" in caught.value.known


def test_a_hand_made_ensure_is_settled_too(way: Door) -> None:
    fake = FakeSmall(HandMade)
    fake.faults.plan(Fault.drop_reply(), on="create_one")
    result = way.open(fake).ensure(ANN, role="reader")

    assert (result.created, result.invitation.email, fake.effects) == (True, ANN, {"created": 1})


def test_a_lost_answer_to_a_cancellation_is_settled(way: Door) -> None:
    fake = FakeSmall()
    client = way.open(fake, retry=NO_RETRIES)
    found = fake.put(ANN)["id"]
    fake.faults.plan(Fault.drop_reply(), on="cancel_one")
    assert client.cancel(found).status == "canceled"

    again = fake.put(ANN)["id"]
    fake.faults.plan(Fault.drop_request(), on="cancel_one")
    with pytest.raises(OutcomeUnknownError):
        client.cancel(again)
    assert fake.rows[again]["state"] == "open"


def test_a_repeated_cancellation_that_is_refused_was_the_first_ones_doing(way: Door) -> None:
    fake = FakeSmall()
    found = fake.put(ANN)["id"]
    fake.faults.plan(Fault.drop_reply(), on="cancel_one")

    assert way.open(fake).cancel(found).status == "canceled"
    assert fake.effects == {"written": 1}


def test_a_record_that_is_gone_was_canceled_where_it_was_there_before(way: Door) -> None:
    fake = FakeSmall(does=None)
    client = way.open(fake, retry=NO_RETRIES)
    found = client.create(ANN, role="reader")
    fake.faults.plan(Fault.drop_reply(), on="cancel_one")
    canceled = client.cancel(found)

    assert (canceled.id, canceled.email, canceled.status) == (found.id, ANN, "canceled")
    fake.faults.plan(Fault.drop_request(), on="cancel_one")
    with pytest.raises(OutcomeUnknownError, match="may or may not") as caught:
        client.cancel("0" * 32)
    assert "no such invitation" in caught.value.known


def test_a_service_that_removes_what_is_canceled_may_say_so(way: Door) -> None:
    fake = FakeSmall(changed(cancel_removes=True), does=None)
    found = fake.put(ANN)["id"]
    fake.faults.plan(Fault.drop_reply(), on="cancel_one")
    client = way.open(fake, retry=NO_RETRIES)
    canceled = client.cancel(found)

    assert (canceled.id, canceled.status, canceled.partial) == (found, "canceled", True)
    # Nothing can be read back any more, so a record that the caller had is what is known: it may be an old one.
    before = client.create(ANN, role="reader")
    after = client.cancel(before)
    assert (after.id, after.email, after.status, after.partial) == (before.id, ANN, "canceled", True)


@pytest.mark.parametrize("fault", [Fault.status(503), Fault.drop_reply(), Fault.status(404)], ids=str)
def test_a_confirmed_write_is_a_result_although_it_cannot_be_read_back(way: Door, fault: Fault) -> None:
    fake = FakeSmall()
    found = fake.put(ANN)["id"]
    fake.faults.plan(fault, on="get_one", times=None)
    canceled = way.open(fake).cancel(found)

    assert (canceled.id, canceled.status, canceled.partial) == (found, "canceled", True)
    assert fake.effects == {"written": 1}


@pytest.mark.parametrize(
    "fault", [Fault.invalid_json(), Fault.empty_body(), Fault.status(200, body=[], after_effect=True)], ids=str
)
def test_a_confirmed_creation_that_cannot_be_read_is_looked_up(way: Door, fault: Fault) -> None:
    fake = FakeSmall()
    fake.faults.plan(fault, on="create_one")
    made = way.open(fake).create(ANN, role="reader")

    assert (made.email, made.id, made.partial) == (ANN, next(iter(fake.rows)), False)


def test_a_confirmation_that_nobody_can_read_is_kept(way: Door) -> None:
    said = {"as": "nobody expects", "see": "https://small.example/invites/a-key-that-is-long"}
    kept = "https://small.example/invites/...long"
    for adapter in (SmallAdapter, HandMade):
        fake = FakeSmall(adapter)
        fake.faults.plan(Fault.status(200, body=said, after_effect=True), on="create_one")
        made = way.open(fake, retry=NO_RETRIES).create(ANN, role="reader")
        assert (made.partial, made.answer) == (False, None)  # it was found

        fake = FakeSmall(adapter)
        fake.faults.plan(Fault.status(200, body=said, after_effect=True), on="create_one")
        fake.faults.plan(Fault.status(403), on="list_all", times=None)
        made = way.open(fake).create(ANN, role="reader")
        assert (made.email, made.partial, json.loads(made.answer or "")) == (ANN, True, {**said, "see": kept})
        assert fake.effects == {"created": 1}

    fake = FakeSmall(HandMade)
    fake.faults.plan(Fault.status(200, body=said, after_effect=True), on="create_one")
    fake.faults.plan(Fault.status(403), on="list_all", nth=2)
    with pytest.raises(OutcomeUnknownError, match="confirmed the write") as caught:
        way.open(fake).ensure(ANN, role="reader")
    assert json.loads(caught.value.body) == {**said, "see": kept}


@pytest.mark.parametrize("operation", ["create", "cancel"])
@pytest.mark.parametrize("said", [{"error": "quota exceeded"}, {"errors": ["no"], "message": "not done"}])
def test_an_error_that_is_told_with_success_confirms_no_write(way: Door, operation: str, said: object) -> None:
    fake = FakeSmall()
    row = fake.put("bea@example.org")["id"]
    fake.faults.plan(Fault.status(200, body=said), on=f"{operation}_one", times=None)
    client = way.open(fake, retry=NO_RETRIES)
    with pytest.raises(OutcomeUnknownError):
        client.create(ANN, role="reader") if operation == "create" else client.cancel(row)
    assert fake.effects == {}


def test_a_plain_refusal_is_one(way: Door) -> None:
    fake = FakeSmall()
    client = way.open(fake)
    with pytest.raises(NotFoundError):
        client.cancel("0" * 32)

    assert [one.operation for one in fake.requests] == ["cancel_one"]


class More(SmallAdapter):
    """The other writes, each of which sends a request and no more."""

    capabilities = declared(
        operations={
            **dict.fromkeys(("delete", "accept", "decline", "resend"), native()),
            "update": native(parameters={"email": Support("native"), "role": Support("native")}),
        }
    )

    def _send(self, ctx: Context, invitation_id: str) -> Flow[Invitation]:
        yield from exchange(ctx, call("POST", f"/{invitation_id}/withdraw", "cancel_one", "once", nothing))
        return common.partial("small", {"id": invitation_id})

    def update(
        self, ctx: Context, invitation_id: str, email: str | None, role: str | None, refetch: bool
    ) -> Flow[Invitation]:
        return (yield from self._send(ctx, invitation_id))

    def delete(self, ctx: Context, invitation_id: str) -> Flow[None]:
        yield from self._send(ctx, invitation_id)

    def accept(self, ctx: Context, invitation_id: str, given: AcceptWith) -> Flow[Acceptance]:
        return common.accepted((yield from self._send(ctx, invitation_id)), None)

    def decline(self, ctx: Context, invitation_id: str, refetch: bool) -> Flow[Invitation]:
        return (yield from self._send(ctx, invitation_id))

    def resend(self, ctx: Context, invitation_id: str, known: Invitation | None, refetch: bool) -> Flow[Invitation]:
        return (yield from self._send(ctx, invitation_id))


class Listing(More):
    """The same without a way to read one alone."""

    capabilities = replace(More.capabilities, operations={**More.capabilities.operations, "get": unsupported()})


WRITES: dict[str, tuple[dict[str, str] | None, dict[str, Any]]] = {
    "update": ({"email": "bea@example.org", "role": "writer"}, {"email": "Bea@example.org", "role": "Writer"}),
    "delete": (None, {}),
    "accept": ({"state": "taken"}, {}),
    "decline": ({"state": "refused"}, {}),
}
"""What each changes, and what it is given."""


@pytest.mark.parametrize("adapter", [More, Listing])
@pytest.mark.parametrize("operation", WRITES)
def test_a_lost_answer_to_any_other_write_is_settled(way: Door, adapter: type[More], operation: str) -> None:
    does, named = WRITES[operation]
    fake = FakeSmall(adapter, does=does)
    client = way.open(fake)
    found = fake.put(ANN)["id"]
    fake.faults.plan(Fault.drop_reply(), on="cancel_one")
    result = getattr(client, operation)(found, **named)

    assert fake.effects == {"written": 1}
    shown = result.invitation if isinstance(result, Acceptance) else result
    assert (shown is None) is (operation == "delete")
    assert shown is None or (shown.id, shown.partial) == (found, False)


@pytest.mark.parametrize("adapter", [More, Listing])
@pytest.mark.parametrize("operation", [*WRITES, "resend"])
def test_a_lost_request_leaves_the_outcome_of_any_other_write_unknown(
    way: Door, adapter: type[More], operation: str
) -> None:
    _, named = WRITES.get(operation, (None, {}))
    fake = FakeSmall(adapter)
    client = way.open(fake)
    found = fake.put(ANN)["id"]
    fake.faults.plan(Fault.drop_request(), on="cancel_one")
    with pytest.raises(OutcomeUnknownError) as caught:
        getattr(client, operation)(found, **named)

    assert caught.value.known
    assert fake.effects == {}


def test_a_revival_shows(way: Door) -> None:
    fake = FakeSmall(More, does={"state": "open"})
    client = way.open(fake)
    known = client.get(fake.put(ANN, state="late")["id"])
    fake.faults.plan(Fault.drop_reply(), on="cancel_one")

    assert client.resend(known).status == "pending"
