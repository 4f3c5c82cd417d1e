"""Accepting, declining, checking, previewing, resending and canceling, with every refusal that the services know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from invite_sdk import (
    AlreadyMemberError,
    APIError,
    AuthenticationError,
    ConflictError,
    InvalidArgumentError,
    InvalidStateError,
    Invitation,
    InvitationCheck,
    InviteClient,
    NotFoundError,
    PermissionDeniedError,
    PlanLimitError,
    Status,
    UnsupportedByServerError,
    ValidationError,
)
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur, FakeZenML
from tests.behaviour.conftest import Connect
from tests.behaviour.worlds import World, having, of
from tests.behaviour.worlds.enhance import PASSWORD

# What is settled.


@having("accept")
def test_accepting_twice_is_refused(world: World, connect: Connect) -> None:
    case = world.case("accept", connect())
    client = connect(case.user)
    client.accept(*case.given, **case.named)

    with pytest.raises(APIError) as caught:
        client.accept(*case.given, **case.named)

    assert caught.value.status in (403, 404, 409)
    assert world.fake.effects["accepted"] == 1


@having("accept")
def test_a_settled_one_is_not_accepted(world: World, connect: Connect) -> None:
    case = world.case("accept", connect())
    world.settle(case.given[0])

    with pytest.raises(NotFoundError):
        connect(case.user).accept(*case.given, **case.named)

    assert world.fake.effects.get("accepted", 0) == 0


@having("check")
def test_a_settled_one_cannot_be_accepted_says_the_check(world: World, client: InviteClient) -> None:
    found = world.invite()
    world.settle(found)

    if world.check_tells_settled:
        assert client.check(found).valid is False
    else:
        with pytest.raises(NotFoundError):
            client.check(found)


@having("check")
def test_an_unknown_one_is_told_from_a_settled_one_where_the_service_does(world: World, client: InviteClient) -> None:
    if world.check_tells_unknown:
        with pytest.raises(NotFoundError):
            client.check(world.unknown_id())
    else:
        assert client.check(world.unknown_id()) == InvitationCheck(valid=False)


# Waldur.


@of("waldur")
@pytest.mark.parametrize("state", ["accepted", "canceled", "expired", "requested", "rejected", "project"])
def test_waldur_says_of_no_settled_one_why(world: World, state: str, connect: Connect) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    found = fake.set_state(world.invite(), state).uuid

    with pytest.raises(NotFoundError, match="does not tell which"):
        connect("invitee").accept(found)
    assert connect().check(found) == InvitationCheck(valid=False)


@of("waldur")
def test_waldur_says_who_has_the_role_already(world: World, connect: Connect) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    fake.grant("invitee", "PROJECT.MEMBER", "apollo")

    with pytest.raises(AlreadyMemberError) as caught:
        connect("invitee").accept(world.invite())

    assert caught.value.status == 400


@of("waldur")
def test_waldur_asks_for_a_civil_number(world: World, connect: Connect) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    found = fake.invite("ann@example.org", civil_number="EE123").uuid

    assert connect().check(found).civil_number_required is True
    with pytest.raises(NotFoundError):
        connect("invitee").accept(found)


@of("waldur")
@pytest.mark.parametrize("state", ["accepted", "canceled", "expired", "requested", "rejected"])
def test_waldur_cancels_no_settled_one(world: World, state: str, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    found = fake.set_state(world.invite(), state).uuid

    with pytest.raises(InvalidStateError, match="canceled") as caught:
        client.cancel(found)

    assert caught.value.status == 400
    assert fake.invitation(found).state == state


@of("waldur")
def test_waldur_cancels_a_planned_one(world: World, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    found = fake.set_state(world.invite(), "project").uuid

    assert client.cancel(found).status is Status.CANCELED


@of("waldur")
@pytest.mark.parametrize(
    ("state", "works"),
    [
        ("pending", True),
        ("canceled", True),
        ("expired", True),
        ("accepted", False),
        ("requested", False),
        ("rejected", False),
    ],
)
def test_waldur_resends_what_is_called_resendable(world: World, state: str, works: bool, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    row = fake.set_state(world.invite(), state)
    fake.clock.advance(days=1)
    found = client.get(row.uuid)

    assert found.is_resendable == works
    if works:
        again = client.resend(found)
        assert (again.status, again.delivery) == (Status.PENDING, "sent")
        renewed = timedelta(0) if state == "pending" else timedelta(days=1)
        assert found.created_at is not None
        assert again.created_at == found.created_at + renewed
        assert [mail.to for mail in fake.outbox] == ["ann@example.org"]
    else:
        with pytest.raises(InvalidStateError):
            client.resend(found)
        assert fake.outbox == []


@of("waldur")
@pytest.mark.parametrize("operation", ["cancel", "resend"])
def test_waldur_hides_what_one_may_not_change(world: World, operation: str, connect: Connect) -> None:
    found = world.invite()

    with pytest.raises((PermissionDeniedError, NotFoundError)) as caught:
        getattr(connect("support"), operation)(found)
    assert caught.value.status == (403 if world.fake.version == "7.0.7" else 404)  # type: ignore[attr-defined]
    with pytest.raises(NotFoundError):
        getattr(connect("bob"), operation)(found)


@of("waldur")
def test_waldur_tells_a_failed_mail(world: World, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    fake.configure(mail_error="550 no such user")
    found = world.invite()
    client.resend(found)

    shown = client.get(found)
    assert (shown.delivery, shown.delivery_detail, shown.status) == ("failed", "550 no such user", "pending")


@of("waldur-2025", "waldur-2026")
def test_waldur_edits_pending_ones_only(world: World, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    found = world.invite()

    only_email = client.update(found, email="anna@example.org")
    assert (only_email.email, only_email.role) == ("anna@example.org", "PROJECT.MEMBER")
    only_role = client.update(found, role=fake.roles["PROJECT.MANAGER"].uuid)
    assert (only_role.email, only_role.role) == ("anna@example.org", "PROJECT.MANAGER")
    with pytest.raises(ValidationError) as caught:
        client.update(found, role=fake.roles["CUSTOMER.OWNER"].uuid)
    assert list(caught.value.field_errors) == ["role"]

    fake.set_state(found, "accepted")
    with pytest.raises(InvalidStateError):
        client.update(found, email="bea@example.org")


@of("waldur-7.0.7")
def test_old_waldur_has_no_update_and_lets_only_staff_delete(world: World, connect: Connect) -> None:
    found = world.invite()

    with pytest.raises(UnsupportedByServerError, match="does not have"):
        connect().update(found, email="anna@example.org")
    with pytest.raises(PermissionDeniedError):
        connect().delete(found)
    connect("staff").delete(found)

    assert world.fake.invitations == []  # type: ignore[attr-defined]


@of("waldur")
def test_waldur_deletes_settled_ones_too(world: World, connect: Connect) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    found = fake.set_state(world.invite(), "accepted").uuid

    connect("staff").delete(found)

    with pytest.raises(NotFoundError):
        connect("staff").delete(found)


@of("waldur")
@pytest.mark.parametrize("operation", ["approve", "reject"])
def test_waldur_takes_an_approval_token_once_and_no_forged_one(
    world: World, operation: str, client: InviteClient
) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    row = fake.invite("ann@example.org", state="requested")
    token = fake.approval_token(row)

    with pytest.raises(ValidationError) as forged:
        getattr(client, operation)(token[:-1] + ("A" if token[-1] != "A" else "B"))
    getattr(client, operation)(f" {token}\n")
    with pytest.raises(ValidationError) as again:
        getattr(client, operation)(token)

    assert (forged.value.status, again.value.status) == (400, 400)
    assert fake.invitation(row).state == {"approve": "pending", "reject": "rejected"}[operation]


@of("waldur")
def test_waldur_shows_an_invitee_what_is_hidden_from_strangers_later(world: World, connect: Connect) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    found = world.invite()

    assert connect("bob").preview(found).email == "ann@example.org"
    fake.set_state(found, "accepted")
    with pytest.raises(NotFoundError):
        connect("bob").preview(found)
    assert connect("staff").preview(found).status is Status.ACCEPTED


@of("waldur")
def test_waldur_keeps_what_the_service_said_and_leaves_out_what_it_did_not(world: World, connect: Connect) -> None:
    fake = world.fake
    assert isinstance(fake, FakeWaldur)
    found = fake.invite("ann@example.org", by=None).uuid

    shown = connect().get(found)

    assert (shown.inviter_name, shown.inviter_id, shown.inviter_avatar_url, shown.message) == (None, None, None, None)
    assert shown.native is not None
    assert shown.native.model_dump()["url"] == f"https://waldur.example/api/user-invitations/{found}/"


# CloudTruth.


@of("cloudtruth")
def test_an_accepted_one_is_not_deleted_in_the_name_of_canceling(world: World, client: InviteClient) -> None:
    found = world.invite()
    world.settle(found)

    with pytest.raises(InvalidStateError, match="accepted"):
        client.cancel(found)

    assert [one.request.method for one in world.fake.requests] == ["GET"]
    assert len(world.fake.invitations) == 1  # type: ignore[attr-defined]


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
def test_an_accepted_one_is_not_resent(world: World, client: InviteClient) -> None:
    found = world.invite()
    world.settle(found)

    assert not client.get(found).is_resendable
    with pytest.raises(NotFoundError, match="accepted already") as caught:
        client.resend(found)
    assert caught.value.status == 404


@of("cloudtruth")
def test_a_bounce_is_told_with_its_reason_and_mended_by_resending(world: World, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeCloudTruth)
    found = world.invite()
    fake.bounce(found, "550 no such user")

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


# ZenML.


@of("zenml")
@pytest.mark.parametrize("operation", ["accept", "decline"])
def test_an_answer_is_final(world: World, operation: str, client: InviteClient) -> None:
    found = world.invite()
    getattr(client, operation)(found)

    for again in (client.accept, client.decline):
        with pytest.raises(NotFoundError):
            again(found)
    assert client.list().all() == []


@of("zenml")
@pytest.mark.parametrize(
    ("status", "error"), [(404, NotFoundError), (403, PermissionDeniedError), (409, ConflictError)]
)
def test_somebody_elses_is_refused_in_whatever_way(
    world: World, status: Any, error: type[APIError], connect: Connect
) -> None:
    fake = world.fake
    assert isinstance(fake, FakeZenML)
    fake.foreign_status = status
    found = fake.invite("ben@example.com").id

    for operation in ("get", "accept", "decline", "check", "preview"):
        with pytest.raises(error):
            getattr(connect("ana"), operation)(found)
    assert fake.effects.get("accepted", 0) == fake.effects.get("declined", 0) == 0


@of("zenml")
def test_a_plan_without_seats_is_a_limit_of_the_plan(world: World, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeZenML)
    found = world.invite()
    fake.limit_seats("Acme", 1)

    with pytest.raises(PlanLimitError) as caught:
        client.accept(found)

    assert caught.value.status == 402
    assert client.get(found).is_open


@of("zenml")
def test_one_that_vanished_between_list_and_answer_is_not_found(world: World, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeZenML)
    world.invite()
    (row,) = client.list()
    fake.complete(row.id or "")

    with pytest.raises(NotFoundError, match="answered already"):
        client.accept(row)


# Enhance.


@of("enhance")
def test_an_invalid_invite_is_not_found_by_get_and_preview(world: World, client: InviteClient) -> None:
    found = world.invite()
    world.settle(found)

    for read in (client.get, client.preview):
        with pytest.raises(NotFoundError, match="not valid"):
            read(found)
    assert client.check(found) == InvitationCheck(valid=False)


@of("enhance")
def test_nulls_in_place_of_absent_fields_say_the_same(world: World, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeEnhance)
    fake.validate_nulls = True

    assert client.check(world.unknown_id()) == InvitationCheck(valid=False)


@of("enhance-url", "enhance-key", "enhance-text")
def test_resending_gives_a_new_id_and_names_the_old_one(world: World, client: InviteClient) -> None:
    created = client.create("ann@example.org", role=["SiteAccess", "Support"], name="Ann Example")
    assert created.is_resendable

    again = client.resend(created)

    assert again.previous_id == created.id
    assert again.id not in (None, created.id)
    assert (again.email, again.name, again.roles) == (created.email, created.name, created.roles)
    assert client.check(created).valid is False
    assert client.check(again).valid is True
    assert client.resend(again).previous_id == again.id
    assert len(world.fake.outbox) == 3


@of("enhance")
def test_resending_takes_only_what_create_returned(world: World, client: InviteClient) -> None:
    found = world.invite()
    others: list[str | Invitation] = [
        found,
        client.get(found),
        Invitation(service="enhance", id=found, status=Status.PENDING, email="ann@example.org"),
    ]
    world.fake.requests.clear()

    for other in others:
        assert isinstance(other, str) or not other.is_resendable
        with pytest.raises(InvalidArgumentError, match="create returned"):
            client.resend(other)
    assert world.fake.requests == []


@of("enhance-url")
def test_what_create_returned_can_be_kept_as_json_and_resent(world: World, client: InviteClient) -> None:
    created = client.create("ann@example.org", role="Support", name="Ann Example")
    kept = Invitation.model_validate_json(created.model_dump_json())

    assert kept == created
    assert client.resend(kept).previous_id == created.id


@of("enhance")
@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_wrong_password_is_refused(world: World, status: Any, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeEnhance)
    fake.wrong_password_status = status
    found = world.invite("ivan@example.com")

    with pytest.raises((ValidationError, AuthenticationError, PermissionDeniedError)) as caught:
        client.accept(found, email="ivan@example.com", password="wrong")

    assert caught.value.status == status
    assert fake.effects.get("accepted", 0) == 0


@of("enhance")
def test_an_invitee_accepts_with_a_session_of_their_own(world: World, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeEnhance)
    session = fake.users["ivan"].session
    assert session is not None
    found = world.invite("ivan@example.com")

    accepted = client.accept(found, session=session)

    assert accepted.invitation.status is Status.ACCEPTED
    assert accepted.session is None
    assert fake.requests[-1].request.body == b""


@of("enhance")
def test_beside_a_session_nothing_that_was_given_is_dropped(world: World, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeEnhance)
    session = fake.users["ivan"].session
    assert session is not None

    client.accept(world.invite("ivan@example.com"), session=session, email="ivan@example.com", locale="de-CH")

    assert fake.requests[-1].request.body == b'{"email":"ivan@example.com","locale":"de-CH"}'


@of("enhance")
def test_a_session_of_somebody_else_is_refused(world: World, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeEnhance)
    session = fake.users["olivia"].session
    assert session is not None

    with pytest.raises(PermissionDeniedError, match="somebody else"):
        client.accept(world.invite("ivan@example.com"), session=session)


@of("enhance")
def test_what_is_missing_to_accept_is_named_before_any_request(world: World, client: InviteClient) -> None:
    found = world.invite()
    missing: list[tuple[dict[str, str], str]] = [
        ({}, "email and password"),
        ({"email": "ann@example.org"}, "password"),
        ({"password": PASSWORD}, "email"),
        ({"session": "a session"}, "session"),
        ({"session": "abc;x=1"}, "session"),
        ({"session": "abc", "locale": "en-GB"}, "email"),
    ]

    for named, word in missing:
        with pytest.raises(InvalidArgumentError, match=word):
            client.accept(found, **named)  # type: ignore[arg-type]
    assert world.fake.requests == []


@of("enhance")
def test_the_address_comes_from_the_link_or_the_invitation(world: World, client: InviteClient) -> None:
    fake = world.fake
    assert isinstance(fake, FakeEnhance)
    for escaped in (False, True):
        fake.escape_email = escaped
        row = fake.invite(f"ann+{escaped}@example.org")

        accepted = client.accept(fake.link(row), password=PASSWORD)

        assert accepted.invitation.email == f"ann+{escaped}@example.org"
    assert fake.effects["accepted"] == 2


@of("enhance-url")
def test_an_invitation_that_create_returned_is_accepted_as_it_is(world: World, client: InviteClient) -> None:
    created = client.create("ann@example.org", role="Support", name="Ann")
    world.fake.requests.clear()

    accepted = client.accept(created, password=PASSWORD)

    assert (accepted.invitation.name, accepted.invitation.status) == ("Ann", "accepted")
    assert [one.operation for one in world.fake.requests] == ["accept_invite"]
