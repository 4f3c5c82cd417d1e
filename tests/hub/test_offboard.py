"""Offboarding: what is open for one address is taken back, nobody else's, and what was not is told."""

from __future__ import annotations

from typing import Any

import pytest

from invite_sdk import (
    InvalidArgumentError,
    Invitation,
    InviteError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ServerError,
    Status,
    UnsupportedOperationError,
)
from invite_sdk.hub import HubResult
from invite_sdk.testing import (
    FakeCloudTruth,
    FakeEnhance,
    FakeRequest,
    FakeResponse,
    FakeWaldur,
    FakeZenML,
    Fault,
)
from invite_sdk.testing.suite.meddler import Before, Meddler
from tests.hub.conftest import Ground
from tests.hub.test_reading import outcomes, spoiling

ANA, BEN = "ana@example.com", "ben@example.com"


def states(fake: FakeWaldur) -> list[str]:
    return [row.state for row in fake.invitations]


def asked(fake: FakeWaldur | FakeCloudTruth) -> list[str | None]:
    return [each.operation for each in fake.requests]


def numbers(result: HubResult, name: str = "portal") -> tuple[str, int | None, int]:
    return result[name].outcome, result[name].done, len(result[name].left)


def test_what_is_open_is_taken_back_everywhere_and_what_was_accepted_is_left(ground: Ground) -> None:
    waldur, cloudtruth = FakeWaldur(), FakeCloudTruth()
    for state in ("pending", "accepted", "project", "canceled"):
        waldur.invite(ANA, state=state)
    waldur.invite(BEN)
    cloudtruth.invite("Ana@Example.com")
    cloudtruth.invite(BEN)

    result = ground.hub_of(portal=waldur, secrets=cloudtruth).offboard(ANA)

    assert states(waldur) == ["canceled", "accepted", "canceled", "canceled", "pending"]
    assert [row.email for row in cloudtruth.invitations] == [BEN]
    assert numbers(result) == ("done", 2, 1)
    assert numbers(result, "secrets") == ("done", 1, 0)
    assert {row.status for row in result.invitations} == {Status.CANCELED}
    assert {row.email for row in result["portal"].invitations} == {ANA}
    assert [row.status for row in result.left] == [Status.ACCEPTED]
    assert result.ok


def test_after_taking_back_nothing_is_read(ground: Ground) -> None:
    fake = FakeWaldur()
    fake.invite(ANA)

    ground.hub_of(portal=fake).offboard(ANA)

    assert asked(fake) == ["user_invitations_list", "user_invitations_cancel"]


def test_an_overdue_one_is_taken_back_as_well(ground: Ground) -> None:
    fake = FakeWaldur()
    fake.invite(ANA)
    fake.clock.advance(days=3650)

    assert numbers(ground.hub_of(portal=fake).offboard(ANA)) == ("done", 1, 0)
    assert states(fake) == ["canceled"]


def test_a_dry_run_writes_nothing_and_tells_what_would_be_taken_back(ground: Ground) -> None:
    fake, other = FakeWaldur(), FakeCloudTruth()
    fake.invite(ANA)
    fake.invite(ANA, state="accepted")

    result = ground.hub_of(portal=fake, secrets=other).offboard(ANA, dry_run=True)

    assert outcomes(result) == {"portal": "found", "secrets": "nothing"}
    assert (result["portal"].count, result["portal"].done, len(result.left)) == (1, None, 1)
    assert [row.status for row in result.invitations] == [Status.PENDING]
    assert states(fake) == ["pending", "accepted"]
    assert {each.request.method for each in [*fake.requests, *other.requests]} == {"GET"}


@pytest.mark.parametrize(
    ("state", "expected"), [(None, ("nothing", 0, 0)), ("canceled", ("nothing", 0, 0)), ("accepted", ("found", 0, 1))]
)
def test_where_nothing_is_open_nothing_is_written(
    ground: Ground, state: str | None, expected: tuple[str, int, int]
) -> None:
    fake = FakeWaldur()
    if state is not None:
        fake.invite(ANA, state=state)

    assert numbers(ground.hub_of(portal=fake).offboard(ANA)) == expected
    assert asked(fake) == ["user_invitations_list"]


def test_a_client_that_cannot_look_for_an_address_is_told_and_not_asked(ground: Ground) -> None:
    zenml, enhance = FakeZenML(), FakeEnhance()
    enhance.invite(ANA)

    result = ground.hub_of(zenml=zenml, enhance=enhance).offboard("ana@example.com")

    assert outcomes(result) == {"zenml": "unsupported", "enhance": "unsupported"}
    assert zenml.requests == enhance.requests == []


def test_a_client_that_cannot_cancel_deletes(ground: Ground) -> None:
    fake = FakeCloudTruth()
    fake.invite(ANA)
    client = ground.client(fake, emulate=False)

    result = ground.hub({"secrets": client}).offboard(ANA)

    assert numbers(result, "secrets") == ("done", 1, 0)
    assert asked(fake) == ["invitations_list", "invitations_destroy"]
    assert fake.invitations == []


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_client_that_can_neither_is_unsupported_where_something_is_open(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    fake = FakeWaldur()
    client = ground.client(fake)
    monkeypatch.setattr(client, "supports", lambda operation, parameter=None: operation not in ("cancel", "delete"))
    hub = ground.hub({"portal": client})
    assert outcomes(hub.offboard(ANA, dry_run=dry_run)) == {"portal": "nothing"}
    fake.invite(ANA)

    result = hub.offboard(ANA, dry_run=dry_run)

    assert outcomes(result) == {"portal": "unsupported"}
    assert isinstance(result["portal"].errors[0], UnsupportedOperationError)
    assert [row.email for row in result.left] == [ANA]
    assert states(fake) == ["pending"]


def between(fake: FakeWaldur, state: str) -> Before:
    """Gives the invitation another state after the look and before the write."""

    def before(request: FakeRequest) -> FakeRequest | FakeResponse:
        if request.method == "POST":
            fake.set_state(fake.invitations[0], state)
        return request

    return before


@pytest.mark.parametrize(
    ("state", "expected"), [("accepted", ("found", 0, 1)), ("rejected", ("done", 1, 0)), ("expired", ("done", 1, 0))]
)
def test_what_was_settled_between_the_look_and_the_write_is_told_as_it_is(
    ground: Ground, state: str, expected: tuple[str, int, int]
) -> None:
    fake = FakeWaldur(version="2026")
    fake.invite(ANA)
    client = ground.client(fake, transport=Meddler(fake, between(fake, state), None))

    result = ground.hub({"portal": client}).offboard(ANA)

    assert numbers(result) == expected
    assert [str(row.status) for row in [*result.invitations, *result.left]] == [state]
    assert states(fake) == [state]


def test_what_is_gone_meanwhile_is_done_and_nobody_says_how_it_ended(ground: Ground) -> None:
    fake = FakeWaldur()
    fake.invite(ANA)
    fake.faults.plan(Fault.status(404), on="user_invitations_cancel")

    result = ground.hub_of(portal=fake).offboard(ANA)

    assert numbers(result) == ("done", 1, 0)
    assert result.invitations[0].status is Status.UNKNOWN


def test_a_lost_answer_to_a_cancellation_that_took_effect_is_made_up_for(ground: Ground) -> None:
    fake = FakeWaldur()
    fake.invite(ANA)
    fake.faults.plan(Fault.drop_reply(), on="user_invitations_cancel")

    assert numbers(ground.hub_of(portal=fake).offboard(ANA)) == ("done", 1, 0)


@pytest.mark.parametrize(
    ("fault", "error", "outcome"),
    [
        (Fault.drop_request(), OutcomeUnknownError, "unknown"),
        (Fault.status(403), PermissionDeniedError, "failed"),
    ],
    ids=str,
)
def test_what_fails_is_told_and_the_others_are_taken_back_all_the_same(
    ground: Ground, fault: Fault, error: type[InviteError], outcome: str
) -> None:
    fake = FakeWaldur()
    fake.invite(ANA)
    fake.invite(ANA)
    fake.faults.plan(fault, on="user_invitations_cancel")

    result = ground.hub_of(portal=fake).offboard(ANA)

    assert numbers(result) == (outcome, 1, 1)
    assert [type(each) for each in result["portal"].errors] == [error]
    assert result.left[0].is_open
    assert not result.ok


def test_a_watcher_hears_of_each_one_and_cannot_stop_it(ground: Ground) -> None:
    fake = FakeWaldur()
    fake.invite(ANA)
    fake.invite(ANA)
    fake.faults.plan(Fault.status(403), on="user_invitations_cancel")
    heard: list[tuple[str, Status, type[InviteError] | None]] = []

    def hear(client: str, invitation: Invitation, error: InviteError | None) -> None:
        heard.append((client, invitation.status, error if error is None else type(error)))
        raise RuntimeError("a watcher that fails")

    result = ground.hub_of(portal=fake).offboard(ANA, on_event=hear)

    assert heard == [("portal", Status.PENDING, PermissionDeniedError), ("portal", Status.CANCELED, None)]
    assert numbers(result) == ("failed", 1, 1)


def test_a_watcher_must_be_a_function(ground: Ground) -> None:
    with pytest.raises(InvalidArgumentError, match="on_event"):
        ground.hub_of(portal=FakeWaldur()).offboard(ANA, on_event="print")


def test_what_the_service_does_not_let_anybody_cancel_is_left_with_its_words(ground: Ground) -> None:
    fake = FakeWaldur()
    fake.invite(ANA, state="requested")

    result = ground.hub_of(portal=fake).offboard(ANA)

    assert numbers(result) == ("failed", 0, 1)
    assert "Only pending or planned invitations can be canceled." in str(result["portal"].errors[0])


def test_where_the_listing_breaks_nothing_is_written_and_what_was_found_is_left(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = FakeWaldur(), FakeCloudTruth()
    for _ in range(2):
        broken.invite(ANA)
    sound.invite(ANA)
    broken.faults.plan(Fault.status(500), on="user_invitations_list", nth=2)
    client = ground.client(broken)
    by_page = client.list
    monkeypatch.setattr(client, "list", lambda **filters: by_page(**filters, page_size=1))

    result = ground.hub({"portal": client, "secrets": ground.client(sound)}).offboard(ANA)

    assert numbers(result) == ("failed", 0, 1)
    assert isinstance(result["portal"].errors[0], ServerError)
    assert states(broken) == ["pending", "pending"]
    assert numbers(result, "secrets") == ("done", 1, 0)


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_row_that_cannot_be_read_leaves_doubt_and_the_others_are_taken_back(ground: Ground, dry_run: bool) -> None:
    fake = FakeWaldur()
    bad, _ = fake.invite(ANA), fake.invite(ANA)
    client = ground.client(fake, transport=Meddler(fake, None, spoiling(f'"{bad.uuid}"', "[]")))

    result = ground.hub({"portal": client}).offboard(ANA, dry_run=dry_run)

    assert outcomes(result) == {"portal": "unknown"}
    assert len(result["portal"].problems) == len(result.invitations) == 1
    assert states(fake) == ["pending", "pending" if dry_run else "canceled"]


@pytest.mark.parametrize("dry_run", [False, True])
def test_nobody_elses_row_is_written_to_whatever_a_listing_brings(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    fake = FakeWaldur()
    fake.invite(ANA)
    fake.invite(BEN)
    client = ground.client(fake)
    everything = client.list
    monkeypatch.setattr(client, "list", lambda **_: everything())

    result = ground.hub({"portal": client}).offboard(ANA, dry_run=dry_run)

    assert [row.email for row in result.invitations] == [ANA]
    assert [row.email for row in result.left] == [BEN]
    assert fake.invitations[1].state == "pending"


@pytest.mark.parametrize("more", [{"status": "pending"}, {"limit": 1}, {"organization": "Acme Org"}])
def test_an_offboarding_takes_no_filters_since_it_must_meet_every_one(ground: Ground, more: dict[str, Any]) -> None:
    fake = FakeWaldur()

    with pytest.raises(InvalidArgumentError, match=f"no parameter {next(iter(more))}"):
        ground.hub_of(portal=fake).offboard(ANA, **more)

    assert fake.requests == []


@pytest.mark.parametrize("wrong", ["yes", 0, None])
def test_a_dry_run_is_asked_for_in_no_doubtful_way(ground: Ground, wrong: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="dry_run"):
        ground.hub_of(portal=FakeWaldur()).offboard(ANA, dry_run=wrong)


def test_the_options_of_the_call_hold_for_its_writes(ground: Ground) -> None:
    fake = FakeWaldur()
    fake.invite(ANA)

    ground.hub_of(portal=fake).offboard(ANA, headers={"X-Ticket": "4711"})

    assert {each.request.header("X-Ticket") for each in fake.requests} == {"4711"}
