"""What a caller learns of a write whose answer was lost or spoiled: for each operation that writes, on each service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from invite_sdk import (
    Acceptance,
    EnsureResult,
    InvalidStateError,
    Invitation,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    ResponseParseError,
)
from invite_sdk._flows.retry import NO_RETRIES
from invite_sdk.services.adapter import ADVICE
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur, FakeZenML, Fault
from invite_sdk.testing.suite.plain import plain
from tests.behaviour.worlds import NEWEST, WORLDS, World
from tests.reliability.doors import Door


@dataclass(frozen=True)
class Write:
    """A write, and what a caller learns of it, by hand."""

    operation: str
    write: str
    """The operationId of the write."""
    read: str | None
    """The operationId that tells of its outcome; `None` where nothing does."""
    unread: Mapping[str, object] = field(default_factory=dict[str, object])
    """What is known of a write that was confirmed, when neither the answer nor the state can be read."""
    is_repeated: bool = False
    reads_before: int = 0
    """How often the same is read before the write."""
    back: str | None = None
    """The operationId that a confirmed write is read back with, where that is another one."""
    world: str = ""

    @property
    def lost(self) -> str:
        """The service did it, and its answer was lost."""
        return UNKNOWN if self.read is None else RESULT

    @property
    def dropped(self) -> str:
        """The service never knew of it, which nobody can tell."""
        return RESULT if self.is_repeated else UNKNOWN


RESULT, UNKNOWN = "result", "unknown"
OPEN = {"status": "unknown", "partial": True}
PENDING = {"status": "pending", "partial": True}
QUEUED = {"delivery": "queued", "partial": True}
ACCEPTED, DECLINED, CANCELED = {"status": "accepted"}, {"status": "declined"}, {"status": "canceled"}
WRITES = {
    "waldur-2026": [
        Write("create", "user_invitations_create", "user_invitations_list", OPEN),
        Write("ensure", "user_invitations_create", "user_invitations_list", OPEN, reads_before=1),
        Write("update", "user_invitations_partial_update", "user_invitations_retrieve", OPEN, is_repeated=True),
        Write("delete", "user_invitations_destroy", "user_invitations_retrieve", is_repeated=True),
        Write(
            "cancel",
            "user_invitations_cancel",
            "user_invitations_retrieve",
            {**CANCELED, "partial": True},
            is_repeated=True,
        ),
        Write("accept", "user_invitations_accept", "user_invitations_details_retrieve", ACCEPTED, reads_before=1),
        # A resent one that was pending stays as it is: nothing shows.
        Write("resend", "user_invitations_send", None, QUEUED, back="user_invitations_retrieve"),
        Write("approve", "user_invitations_approve", "user_invitations_retrieve"),
        Write("reject", "user_invitations_reject", "user_invitations_retrieve"),
    ],
    "cloudtruth-2025": [
        Write("create", "invitations_create", "invitations_list", OPEN),
        Write("ensure", "invitations_create", "invitations_list", OPEN, reads_before=1),
        Write("update", "invitations_partial_update", "invitations_retrieve", OPEN, is_repeated=True, reads_before=1),
        Write("delete", "invitations_destroy", "invitations_retrieve", is_repeated=True),
        Write("cancel", "invitations_destroy", "invitations_retrieve", CANCELED, is_repeated=True, reads_before=1),
        # The invitee's login may read nothing of the organization, neither before nor after.
        Write("accept", "invitations_accept_create", None, {**ACCEPTED, "partial": True}),
        Write("resend", "invitations_resend_create", None, QUEUED),
    ],
    "zenml-offset": [
        Write("accept", "respond_to_invitation", "get_invitation", ACCEPTED, reads_before=1),
        Write("decline", "respond_to_invitation", "get_invitation", DECLINED, reads_before=1),
    ],
    "enhance-url": [
        Write("create", "create_invite", None, PENDING),
        Write("resend", "create_invite", None, PENDING),
        Write("accept", "accept_invite", "validate_invite", ACCEPTED, reads_before=1),
    ],
}
"""One world a service: how an age differs does not show here."""

CASES = [replace(write, world=world) for world, writes in WRITES.items() for write in writes]


def told_by(cases: list[Write]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=lambda case: f"{case.world}-{case.operation}")


every_write = told_by(CASES)


@pytest.mark.parametrize("way", ["sync"], indirect=True)
@pytest.mark.parametrize("name", NEWEST)
def test_every_operation_with_an_effect_is_among_them(way: Door, name: str) -> None:
    world = WORLDS[name]()
    client = way.open(world.fake, world.sender)
    writing = {operation for operation in world.cases if world.case(operation, client).effect is not None}

    assert writing == {write.operation for write in WRITES[name]}
    assert writing <= set(ADVICE)


@dataclass
class Tried:
    """One write, and what came of it."""

    world: World
    case: Write
    result: object
    effect: str | None
    before: int

    @property
    def effects(self) -> int:
        return self.world.fake.effects.get(self.effect or "", 0) - self.before

    def sent(self, operation: str | None) -> int:
        return sum(one.operation == operation for one in self.world.fake.requests)


def attempt(
    way: Door,
    case: Write,
    fault: Fault,
    *,
    times: int | None = 1,
    later: Fault | None = None,
    read: Fault | None = None,
    **options: Any,
) -> Tried:
    """Makes one write while things go wrong.

    Args:
        fault: what happens to the write.
        times: how often.
        later: what happens to every further attempt.
        read: what happens to each reading after the write.
    """
    world = WORLDS[case.world]()
    given = world.case(case.operation, way.open(world.fake, world.sender))
    before = world.fake.effects.get(given.effect or "", 0)
    world.fake.requests.clear()
    world.fake.faults.plan(fault, on=case.write, times=times)
    if later is not None:
        world.fake.faults.plan(later, on=case.write, nth=2, times=None)
    reading = case.back or case.read
    if read is not None and reading is not None:
        world.fake.faults.plan(read, on=reading, nth=case.reads_before + 1, times=None)
    client = way.open(world.fake, given.user or world.sender, **options)
    try:
        result: object = getattr(client, case.operation)(*given.given, **given.named)
    except OutcomeUnknownError as error:
        result = error
    made = Tried(world, case, result, given.effect, before)
    if not isinstance(result, OutcomeUnknownError):
        made.result = (result, plain(result))
    return made


def flat(result: object) -> Invitation | None:
    """The invitation in a result."""
    if isinstance(result, (Acceptance, EnsureResult)):
        return result.invitation
    assert result is None or isinstance(result, Invitation)
    return result


def check(tried: Tried, expected: str) -> None:
    if expected == UNKNOWN:
        error = tried.result
        assert isinstance(error, OutcomeUnknownError), error
        assert error.known
        assert error.advice
        assert error.service == tried.world.service
    else:
        assert isinstance(tried.result, tuple), tried.result


@every_write
def test_after_a_lost_answer_the_state_tells_what_happened(way: Door, case: Write) -> None:
    tried = attempt(way, case, Fault.drop_reply())

    check(tried, case.lost)
    # What may be repeated was, and the second time found its work done; an update is made again.
    assert tried.effects == (2 if case.operation == "update" else 1)
    # Where the invitation is read before each attempt, it is found to be gone.
    is_seen = case.operation == "cancel" and case.reads_before > 0
    assert tried.sent(case.write) == (2 if case.is_repeated and not is_seen else 1)


@every_write
def test_a_lost_request_is_repeated_where_that_is_safe_and_else_unknown(way: Door, case: Write) -> None:
    tried = attempt(way, case, Fault.drop_request())

    check(tried, case.dropped)
    assert tried.effects == (1 if case.is_repeated else 0)
    # The lost one never arrived.
    assert tried.sent(case.write) == (1 if case.is_repeated else 0)


@pytest.mark.parametrize("way", ["sync"], indirect=True)
@every_write
@pytest.mark.parametrize("status", [408, 500, 502, 520, 599])
def test_a_failing_service_may_have_done_it(way: Door, case: Write, status: int) -> None:
    tried = attempt(way, case, Fault.status(status, after_effect=True))

    check(tried, case.lost)
    assert tried.effects == (2 if case.operation == "update" else 1)
    if case.lost == UNKNOWN:
        assert isinstance(tried.result, OutcomeUnknownError)
        assert tried.result.status == status


@pytest.mark.parametrize("way", ["sync"], indirect=True)
@every_write
@pytest.mark.parametrize("fault", [Fault.refuse_connection(), Fault.retry_after(3), Fault.status(425)], ids=str)
def test_what_provably_had_no_effect_is_made_again(way: Door, case: Write, fault: Fault) -> None:
    tried = attempt(way, case, fault, times=3)

    check(tried, RESULT)
    assert tried.effects == 1
    assert isinstance(tried.result, tuple)
    found = flat(tried.result[0])
    assert found is None or not found.partial


@told_by([case for case in CASES if case.read is not None])
@pytest.mark.parametrize("fault", [Fault.status(503), Fault.drop_reply()], ids=str)
def test_where_reading_back_fails_the_outcome_is_unknown(way: Door, case: Write, fault: Fault) -> None:
    tried = attempt(way, case, Fault.drop_reply(), times=None, read=fault, retry=NO_RETRIES)

    check(tried, UNKNOWN)
    assert tried.effects == 1
    assert isinstance(tried.result, OutcomeUnknownError)
    assert "could not be read back" in tried.result.known


@told_by([case for case in CASES if case.is_repeated and case.operation != "update"])
def test_a_refusal_after_a_lost_answer_does_not_hide_it_where_reading_back_fails(way: Door, case: Write) -> None:
    """The second attempt is refused because the first one took; nobody can tell, as nothing can be read."""
    tried = attempt(way, case, Fault.drop_reply(), read=Fault.status(503))

    check(tried, UNKNOWN)
    assert tried.effects == 1


@told_by([case for case in CASES if case.is_repeated])
@pytest.mark.parametrize("last", [Fault.refuse_connection(), Fault.status(429)], ids=str)
def test_no_late_failure_hides_that_an_early_attempt_took(way: Door, case: Write, last: Fault) -> None:
    """The first answer is lost, then the service cannot be reached any more: the state tells."""
    tried = attempt(way, case, Fault.drop_reply(), later=last)

    check(tried, RESULT)
    assert tried.effects == 1


SPOILED = [
    Fault.truncated_body(0),
    Fault.truncated_body(),
    Fault.invalid_json(),
    Fault.empty_body(),
    Fault.status(200, body=b"\xff\xfe\x00", after_effect=True),
    Fault.status(299, after_effect=True),
    Fault.status(200, body={"surprise": [1, None]}, after_effect=True),
    Fault.status(200, body=[], after_effect=True),
    Fault.status(200, body=b"null", after_effect=True),
]


@pytest.mark.parametrize("way", ["sync"], indirect=True)
@every_write
@pytest.mark.parametrize("fault", SPOILED, ids=str)
def test_a_confirmed_write_with_a_spoiled_answer_is_a_result(way: Door, case: Write, fault: Fault) -> None:
    tried = attempt(way, case, fault)

    check(tried, RESULT)
    # What is cut off is made again where that is safe.
    assert tried.effects in ((1, 2) if case.operation == "update" else (1,))


@pytest.mark.parametrize("way", ["sync"], indirect=True)
@every_write
@pytest.mark.parametrize("fault", SPOILED, ids=str)
def test_a_confirmed_write_of_which_nothing_can_be_read_is_a_partial_result(
    way: Door, case: Write, fault: Fault
) -> None:
    tried = attempt(way, case, fault, read=Fault.status(503), retry=NO_RETRIES)

    check(tried, RESULT)
    assert tried.effects == 1
    assert isinstance(tried.result, tuple)
    if case.unread and fault != Fault.status(299, after_effect=True):
        found = flat(tried.result[0])
        assert found is not None
        shown = plain(found)
        assert isinstance(shown, dict)
        assert {key: shown.get(key) for key in case.unread} == case.unread


# What shows for some only.


def test_a_revival_shows_after_a_lost_answer(way: Door) -> None:
    fake = FakeWaldur()
    found = fake.set_state(fake.invite("ann@example.org"), "expired").uuid
    client = way.open(fake, "owner")
    known = client.get(found)
    fake.faults.plan(Fault.drop_reply(), on="user_invitations_send")

    assert client.resend(known).status == "pending"
    assert fake.effects["resent"] == 1


def test_a_bounced_one_that_is_queued_again_shows_after_a_lost_answer(way: Door) -> None:
    fake = FakeCloudTruth()
    found = fake.invite("ann@example.org").id
    fake.bounce(found)
    client = way.open(fake, "owner")
    known = client.get(found)
    fake.faults.plan(Fault.drop_reply(), on="invitations_resend_create")

    assert client.resend(known).delivery == "queued"
    assert len(fake.outbox) == 2


def test_who_was_invited_already_hears_so_after_a_lost_refusal(way: Door) -> None:
    fake = FakeCloudTruth()
    first = fake.invite("ann@example.org", role="ADMIN").id
    fake.faults.plan(Fault.drop_reply(), on="invitations_create")
    client = way.open(fake, "owner")

    # The same role is what was asked for; another one is not.
    assert client.create("ann@example.org", role="ADMIN").id == first
    fake.faults.plan(Fault.drop_reply(), on="invitations_create")
    with pytest.raises(OutcomeUnknownError):
        client.create("ann@example.org", role="VIEWER")
    assert [row.role for row in fake.invitations] == ["ADMIN"]


def test_a_look_that_shows_nothing_leaves_a_plain_refusal_as_it_is(way: Door) -> None:
    """A proxy fails once, then the service says what it would have said at once."""
    fake = FakeWaldur()
    found = fake.set_state(fake.invite("ann@example.org"), "accepted").uuid
    client = way.open(fake, "owner")
    fake.faults.plan(Fault.html(502), on="user_invitations_cancel")
    with pytest.raises(InvalidStateError):
        client.cancel(found)
    fake.faults.plan(Fault.html(502), on="user_invitations_cancel")
    with pytest.raises(NotFoundError):
        client.cancel("0" * 32)


def test_a_limit_that_outlasts_the_deadline_is_told_with_its_seconds(way: Door) -> None:
    fake = FakeEnhance()
    fake.faults.plan(Fault.retry_after(90, form="date"), on="create_invite", times=None)
    with pytest.raises(RateLimitedError) as caught:
        way.open(fake, "acme").create("ann@example.org", role="Support", name="Ann")

    assert (caught.value.retry_after, caught.value.attempts, len(fake.requests)) == (90.0, 1, 1)
    assert fake.effects.get("created", 0) == 0


def test_a_native_call_that_was_repeated_and_refused_has_an_unknown_outcome(way: Door) -> None:
    from invite_clients import waldur

    fake = FakeWaldur()
    found = fake.invite("ann@example.org").uuid
    fake.faults.plan(Fault.drop_reply(), on="user_invitations_destroy")
    with pytest.raises(OutcomeUnknownError) as caught:
        way.open(fake, "owner").native(waldur.user_invitations_destroy(found))

    assert caught.value.status == 404
    assert isinstance(caught.value.__cause__, NotFoundError)
    with pytest.raises(NotFoundError):
        way.open(fake, "owner").native(waldur.user_invitations_destroy(found))


def test_an_answer_to_an_invitation_shows_as_its_absence(way: Door) -> None:
    fake = FakeZenML()
    found = fake.invitations[0].id
    fake.faults.plan(Fault.truncated_body(0), on="respond_to_invitation")
    accepted = way.open(fake, "ana").accept(found)

    assert (accepted.invitation.status, accepted.organization_id, accepted.invitation.partial) == (
        "accepted",
        None,
        True,
    )
    assert fake.effects["accepted"] == 1


@pytest.mark.parametrize(
    "fault", [Fault.missing_field("scope_uuid"), Fault.null_field("scope_uuid"), Fault.null_field("role")], ids=str
)
def test_an_open_one_that_does_not_say_its_scope_or_role_is_not_passed_over(way: Door, fault: Fault) -> None:
    """Old servers would make a second invitation."""
    fake = FakeWaldur("7.0.7")
    fake.invite("ann@example.org")
    client = way.open(fake, "owner")
    fake.faults.plan(fault, on="user_invitations_list")
    named: dict[str, Any] = {"role": fake.roles["PROJECT.MEMBER"].uuid, "scope": fake.scope_url("apollo")}
    with pytest.raises(ResponseParseError):
        client.ensure("ann@example.org", **named)

    assert fake.effects.get("created", 0) == 0
    assert not client.ensure("ann@example.org", **named).created


def test_an_open_one_of_a_scope_that_is_gone_stands_in_nobodys_way(way: Door) -> None:
    fake = FakeWaldur("7.0.7")
    fake.invite("ann@example.org", scope="beta")
    fake.remove_project("beta", for_good=True)
    client = way.open(fake, "owner")

    named: dict[str, Any] = {"role": fake.roles["PROJECT.MEMBER"].uuid, "scope": fake.scope_url("apollo")}
    assert client.ensure("ann@example.org", **named).created


def test_where_several_are_open_after_a_lost_answer_none_is_called_the_new_one(way: Door) -> None:
    """Waldur before 2026 makes a second invitation: either may be the one of the lost answer."""
    fake = FakeWaldur("2025")
    first = fake.invite("ann@example.org").uuid
    client = way.open(fake, "owner")
    named: dict[str, Any] = {"role": fake.roles["PROJECT.MEMBER"].uuid, "scope": fake.scope_url("apollo")}
    fake.faults.plan(Fault.drop_request(), on="user_invitations_create")
    assert client.create("ann@example.org", **named).id == first
    fake.faults.plan(Fault.drop_reply(), on="user_invitations_create")
    with pytest.raises(OutcomeUnknownError) as caught:
        client.create("ann@example.org", **named)

    assert "2 open invitations" in caught.value.known
    assert fake.effects["created"] == 1
