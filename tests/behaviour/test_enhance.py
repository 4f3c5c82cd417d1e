"""Enhance alone: keys that change, sessions, passwords, and links that hold an address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from invite_sdk import (
    AuthenticationError,
    ConfigurationError,
    Enhance,
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
from invite_sdk.testing.suite.fixtures import Connect
from tests.behaviour.worlds import EnhanceWorld, World, of
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
def test_nulls_in_place_of_absent_fields_say_the_same(world: EnhanceWorld, client: InviteClient) -> None:
    world.fake.validate_nulls = True

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
def test_a_wrong_password_is_refused(world: EnhanceWorld, status: Any, client: InviteClient) -> None:
    world.fake.wrong_password_status = status
    found = world.invite("ivan@example.com")

    with pytest.raises((ValidationError, AuthenticationError, PermissionDeniedError)) as caught:
        client.accept(found, email="ivan@example.com", password="wrong")

    assert caught.value.status == status
    assert world.fake.effects.get("accepted", 0) == 0


@of("enhance")
def test_an_invitee_accepts_with_a_session_of_their_own(world: EnhanceWorld, client: InviteClient) -> None:
    session = world.fake.users["ivan"].session
    assert session is not None
    found = world.invite("ivan@example.com")

    accepted = client.accept(found, session=session)

    assert accepted.invitation.status is Status.ACCEPTED
    assert accepted.session is None
    assert world.fake.requests[-1].request.body == b""


@of("enhance")
def test_beside_a_session_nothing_that_was_given_is_dropped(world: EnhanceWorld, client: InviteClient) -> None:
    session = world.fake.users["ivan"].session
    assert session is not None

    client.accept(world.invite("ivan@example.com"), session=session, email="ivan@example.com", locale="de-CH")

    assert world.fake.requests[-1].request.body == b'{"email":"ivan@example.com","locale":"de-CH"}'


@of("enhance")
def test_a_session_of_somebody_else_is_refused(world: EnhanceWorld, client: InviteClient) -> None:
    session = world.fake.users["olivia"].session
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
def test_the_address_comes_from_the_link_or_the_invitation(world: EnhanceWorld, client: InviteClient) -> None:
    fake = world.fake
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


RESELLER = "panel.reseller.example"


def on_reseller(world: EnhanceWorld) -> FakeEnhance:
    """A panel whose links are on another host."""
    world.fake.panel = RESELLER
    return world.fake


def hosts(world: World) -> set[str | None]:
    """Where the requests went."""
    return {one.request.header("host") for one in world.fake.requests}


@of("enhance-url")
def test_a_link_that_the_panel_returned_is_taken_wherever_it_is(world: EnhanceWorld, client: InviteClient) -> None:
    on_reseller(world)
    made = client.create("ann@example.org", role="Support", name="Ann")
    assert made.url is not None
    assert urlsplit(made.url).hostname == RESELLER

    assert client.check(made.url).valid
    assert client.get(made.url).id == made.id
    again = client.resend(made)
    assert again.url is not None
    accepted = client.accept(again.url, password=PASSWORD)

    assert accepted.invitation.email == "ann@example.org"
    assert hosts(world) == {"enhance.example"}


@of("enhance-url")
def test_a_link_in_an_invitation_is_taken_wherever_it_is(
    world: EnhanceWorld, client: InviteClient, connect: Connect
) -> None:
    on_reseller(world)
    made = client.create("ann@example.org", role="Support", name="Ann")
    kept = Invitation.model_validate_json(made.model_dump_json())
    nameless = kept.model_copy(update={"id": None, "email": None})
    linked = kept.model_copy(update={"id": made.url})

    for one in (kept, nameless, linked):
        assert connect().check(one).valid
    assert connect().accept(nameless, password=PASSWORD).invitation.email == "ann@example.org"
    assert hosts(world) == {"enhance.example"}


@of("enhance-url")
def test_a_link_on_another_host_is_refused_unless_the_connection_names_it(
    world: EnhanceWorld, connect: Connect
) -> None:
    fake = on_reseller(world)
    link = fake.link(fake.invite("ann@example.org"))
    with pytest.raises(InvalidArgumentError, match="link_hosts") as caught:
        connect().accept(link, password=PASSWORD)

    assert RESELLER in str(caught.value)
    assert urlsplit(link).path.rpartition("/")[2] not in str(caught.value)
    assert fake.requests == []

    named: list[Any] = [
        [RESELLER],
        (f"{RESELLER.upper()}.",),
        f"other.example, {RESELLER}",
        ["other.example", RESELLER],
    ]
    for names in named:
        connection = Enhance(fake.base_url, token="t", link_hosts=names)
        with InviteClient(connection, transport=fake.transport()) as client:
            assert client.check(link).valid
            assert client.with_options(deadline=9).check(link).valid
            with pytest.raises(InvalidArgumentError):
                client.check(link.replace(RESELLER, "evil.example"))
    assert hosts(world) == {"enhance.example"}


@of("enhance-url")
def test_a_key_in_an_invitation_can_address_nothing_else(world: World, client: InviteClient) -> None:
    wrong = [
        "https://evil.example/invites/..",
        "https://evil.example/invites/a%2Fb",
        "https://evil.example/orgs/x",
        "a/b",
    ]
    for link in wrong:
        with pytest.raises(InvalidArgumentError):
            client.check(Invitation(service="enhance", id=link, status=Status.PENDING))
    assert world.fake.requests == []


@pytest.mark.parametrize(
    "names", ["https://panel.example", "panel.example:8443", "a b", ["panel.example/x"], [""], 5, [5]]
)
def test_a_host_that_cannot_be_one_is_no_setting(names: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"link_hosts (must be|names)"):
        Enhance("https://panel.example", token="t", link_hosts=names)


def test_the_hosts_of_links_come_from_the_environment_too() -> None:
    environ = {"INVITE_ENHANCE_URL": "https://panel.example", "INVITE_ENHANCE_TOKEN": "t"}
    names = {"INVITE_ENHANCE_LINK_HOSTS": " one.example, Two.example "}

    assert Enhance.from_env(environ).link_hosts == ()
    assert Enhance.from_env(environ | names).link_hosts == ("one.example", "two.example")
    with pytest.raises(ConfigurationError, match="INVITE_ENHANCE_LINK_HOSTS must be bare names"):
        Enhance.from_env(environ | {"INVITE_ENHANCE_LINK_HOSTS": "https://one.example"})
