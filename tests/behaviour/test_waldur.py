"""Waldur alone: its states, its rights, its silence about why, at each of its ages."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from urllib.parse import unquote
from uuid import UUID

import pytest

from invite_sdk import (
    AlreadyMemberError,
    APIError,
    InvalidStateError,
    InvitationCheck,
    InviteClient,
    NotFoundError,
    PermissionDeniedError,
    Scope,
    Status,
    UnsupportedByServerError,
    ValidationError,
)
from invite_sdk.testing import FakeRequest, FakeResponse
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddling import without_filters
from invite_sdk.testing.suite.test_ids import UUIDS
from invite_sdk.testing.suite.world import with_header
from tests.behaviour.worlds import WaldurWorld, World, of

ROLE = "0" * 32


@of("waldur")
@pytest.mark.parametrize("state", ["accepted", "canceled", "expired", "requested", "rejected", "project"])
def test_waldur_says_of_no_settled_one_why(world: WaldurWorld, state: str, connect: Connect) -> None:
    found = world.fake.set_state(world.invite(), state).uuid

    with pytest.raises(NotFoundError, match="does not tell which"):
        connect("invitee").accept(found)
    assert connect().check(found) == InvitationCheck(valid=False)


@of("waldur")
def test_waldur_says_who_has_the_role_already(world: WaldurWorld, connect: Connect) -> None:
    world.fake.grant("invitee", "PROJECT.MEMBER", "apollo")

    with pytest.raises(AlreadyMemberError) as caught:
        connect("invitee").accept(world.invite())

    assert caught.value.status == 400


@of("waldur")
def test_waldur_asks_for_a_civil_number(world: WaldurWorld, connect: Connect) -> None:
    found = world.fake.invite("ann@example.org", civil_number="EE123").uuid

    assert connect().check(found).civil_number_required is True
    with pytest.raises(NotFoundError):
        connect("invitee").accept(found)


@of("waldur")
@pytest.mark.parametrize("state", ["accepted", "canceled", "expired", "requested", "rejected"])
def test_waldur_cancels_no_settled_one(world: WaldurWorld, state: str, client: InviteClient) -> None:
    found = world.fake.set_state(world.invite(), state).uuid

    with pytest.raises(InvalidStateError, match="canceled") as caught:
        client.cancel(found)

    assert caught.value.status == 400
    assert world.fake.invitation(found).state == state


@of("waldur")
def test_waldur_cancels_a_planned_one(world: WaldurWorld, client: InviteClient) -> None:
    found = world.fake.set_state(world.invite(), "project").uuid

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
def test_waldur_resends_what_is_called_resendable(
    world: WaldurWorld, state: str, works: bool, client: InviteClient
) -> None:
    fake = world.fake
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
def test_waldur_hides_what_one_may_not_change(world: WaldurWorld, operation: str, connect: Connect) -> None:
    found = world.invite()

    with pytest.raises((PermissionDeniedError, NotFoundError)) as caught:
        getattr(connect("support"), operation)(found)
    assert caught.value.status == (403 if world.fake.version == "7.0.7" else 404)
    with pytest.raises(NotFoundError):
        getattr(connect("bob"), operation)(found)


@of("waldur")
def test_waldur_tells_a_failed_mail(world: WaldurWorld, client: InviteClient) -> None:
    world.fake.configure(mail_error="550 no such user")
    found = world.invite()
    client.resend(found)

    shown = client.get(found)
    assert (shown.delivery, shown.delivery_detail, shown.status) == ("failed", "550 no such user", "pending")


@of("waldur-2025", "waldur-2026")
def test_waldur_edits_pending_ones_only(world: WaldurWorld, client: InviteClient) -> None:
    found = world.invite()

    only_email = client.update(found, email="anna@example.org")
    assert (only_email.email, only_email.role) == ("anna@example.org", "PROJECT.MEMBER")
    only_role = client.update(found, role=world.role("PROJECT.MANAGER"))
    assert (only_role.email, only_role.role) == ("anna@example.org", "PROJECT.MANAGER")
    with pytest.raises(ValidationError) as caught:
        client.update(found, role=world.role("CUSTOMER.OWNER"))
    assert list(caught.value.field_errors) == ["role"]

    world.fake.set_state(found, "accepted")
    with pytest.raises(InvalidStateError):
        client.update(found, email="bea@example.org")


@of("waldur-7.0.7")
def test_old_waldur_has_no_update_and_lets_only_staff_delete(world: WaldurWorld, connect: Connect) -> None:
    found = world.invite()

    with pytest.raises(UnsupportedByServerError, match="does not have"):
        connect().update(found, email="anna@example.org")
    with pytest.raises(PermissionDeniedError):
        connect().delete(found)
    connect("staff").delete(found)

    assert world.fake.invitations == []


@of("waldur")
def test_waldur_deletes_settled_ones_too(world: WaldurWorld, connect: Connect) -> None:
    found = world.fake.set_state(world.invite(), "accepted").uuid

    connect("staff").delete(found)

    with pytest.raises(NotFoundError):
        connect("staff").delete(found)


@of("waldur")
@pytest.mark.parametrize("operation", ["approve", "reject"])
def test_waldur_takes_an_approval_token_once_and_no_forged_one(
    world: WaldurWorld, operation: str, client: InviteClient
) -> None:
    row = world.fake.invite("ann@example.org", state="requested")
    token = world.fake.approval_token(row)

    with pytest.raises(ValidationError) as forged:
        getattr(client, operation)(token[:-1] + ("A" if token[-1] != "A" else "B"))
    getattr(client, operation)(f" {token}\n")
    with pytest.raises(ValidationError) as again:
        getattr(client, operation)(token)

    assert (forged.value.status, again.value.status) == (400, 400)
    assert world.fake.invitation(row).state == {"approve": "pending", "reject": "rejected"}[operation]


@of("waldur")
def test_waldur_shows_an_invitee_what_is_hidden_from_strangers_later(world: WaldurWorld, connect: Connect) -> None:
    found = world.invite()

    assert connect("bob").preview(found).email == "ann@example.org"
    world.fake.set_state(found, "accepted")
    with pytest.raises(NotFoundError):
        connect("bob").preview(found)
    assert connect("staff").preview(found).status is Status.ACCEPTED


@of("waldur")
def test_waldur_keeps_what_the_service_said_and_leaves_out_what_it_did_not(
    world: WaldurWorld, connect: Connect
) -> None:
    found = world.fake.invite("ann@example.org", by=None).uuid

    shown = connect().get(found)

    assert (shown.inviter_name, shown.inviter_id, shown.inviter_avatar_url, shown.message) == (None, None, None, None)
    assert shown.native is not None
    assert shown.native.model_dump()["url"] == f"https://waldur.example/api/user-invitations/{found}/"


@of("waldur")
def test_the_list_of_an_invitee_is_an_inbox_on_servers_of_2026_only(world: World, connect: Connect) -> None:
    mine = world.invite("invitee@example.com")

    assert [row.id for row in connect("invitee").list()] == ([mine] if world.inbox else [])
    assert [row.id for row in connect("owner").list()] == [mine]


@of("waldur-2026")
def test_an_exact_address_is_one_in_any_of_its_spellings(world: World, connect: Connect) -> None:
    found = world.invite("Zoe\u0308@example.org")
    client = connect(before=without_filters(world))

    assert [row.id for row in client.list(native_filters={"email_exact": "zo\u00eb@example.org"})] == [found]
    assert client.list(native_filters={"email_exact": "zoe@example.org"}).all() == []


@of("waldur")
@pytest.mark.parametrize("said", ["", "3.0", "3,0", "-1", "many", "3, 3", "9" * 5_000])
def test_rows_are_counted_where_the_header_says_no_number(world: World, said: str, connect: Connect) -> None:
    found = sorted(world.invite(f"p{number}@example.org") for number in range(3))
    client = connect(after=lambda request, response: with_header(response, "X-Result-Count", said))

    assert client.count() == 3
    assert sorted(row.id or "" for row in client.list()) == found


@of("waldur")
def test_a_filter_for_a_scope_that_is_gone_is_an_error_and_no_empty_list(world: World, connect: Connect) -> None:
    with pytest.raises((ValidationError, NotFoundError)):
        connect().list(scope=Scope("project", world.unknown_id())).all()


@of("waldur")
@pytest.mark.parametrize("form", UUIDS)
def test_every_other_id_of_waldur_reaches_the_wire_as_it_was_written(world: World, form: str, connect: Connect) -> None:
    sent: list[str] = []

    def listening(request: FakeRequest) -> FakeResponse:
        sent.append(unquote(request.target) + request.body.decode())
        return FakeResponse.json(403, {"detail": "Not for you."})

    client = connect(before=listening)
    scope = f"{world.fake.base_url}/api/projects/{form}/"
    for ask in (
        lambda: client.list(role=form).all(),
        lambda: client.list(organization=form).all(),
        lambda: client.list(scope=Scope("project", form)).all(),
        lambda: client.list(scope=scope).all(),
        lambda: client.create("ann@example.org", role=form, scope=scope),
        lambda: client.create("ann@example.org", role=ROLE, scope=Scope("project", form)),
        lambda: client.create("ann@example.org", role=ROLE, organization=form),
        lambda: client.update(ROLE, role=form),
    ):
        sent.clear()
        with suppress(APIError):
            ask()
        assert [one for one in sent if form in one] == sent != []


@of("waldur-2026")
def test_an_id_in_any_form_is_the_same_where_rows_are_checked(world: World, client: InviteClient) -> None:
    found = client.get(world.invite())
    assert found.organization_id is not None
    assert found.role_id is not None
    for form in (str(UUID(found.organization_id)), found.organization_id.upper()):
        assert [row.id for row in client.list(organization=form)] == [found.id]
    for form in (str(UUID(found.role_id)), found.role_id.upper()):
        assert [row.id for row in client.list(role=form)] == [found.id]
