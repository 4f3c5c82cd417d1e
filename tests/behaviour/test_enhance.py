"""Enhance alone: keys that change, sessions, passwords, and links that hold an address."""

from __future__ import annotations

from typing import Any

import pytest

from invite_sdk import (
    AuthenticationError,
    InvalidArgumentError,
    Invitation,
    InvitationCheck,
    InviteClient,
    NotFoundError,
    PermissionDeniedError,
    Status,
    ValidationError,
)
from invite_sdk.testing import FakeEnhance
from tests.behaviour.worlds import World, of
from tests.behaviour.worlds.enhance import PASSWORD


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
