"""Creating: duplicates, members, rights, and answers that cannot be read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from invite_sdk import (
    AlreadyInvitedError,
    AlreadyMemberError,
    APIError,
    Enhance,
    InvalidArgumentError,
    InviteClient,
    PermissionDeniedError,
    Scope,
    Status,
    ValidationError,
)
from invite_sdk.testing.suite.calling import created
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddling import failing
from tests.behaviour.worlds import CloudTruthWorld, EnhanceWorld, WaldurWorld, World, of


@of("cloudtruth")
@pytest.mark.parametrize("refusal", ["detail", "detail-list", "detail-objects", "all", "array", "empty"])
def test_a_refusal_in_any_shape_is_read_back_to_the_open_one(
    world: CloudTruthWorld, refusal: Any, client: InviteClient
) -> None:
    world.fake.refusal = refusal
    first = world.invite()

    with pytest.raises(AlreadyInvitedError) as caught:
        client.create("ann@example.org", role="ADMIN")

    assert caught.value.existing is not None
    assert caught.value.existing.id == first


@of("cloudtruth")
def test_a_refusal_with_nothing_open_is_no_invitation_that_exists(world: World, client: InviteClient) -> None:
    with pytest.raises(ValidationError, match="member") as caught:
        client.create("olivia@acme.example", role="VIEWER")

    assert caught.value.status == 404
    assert not isinstance(caught.value, AlreadyInvitedError)


@of("cloudtruth")
def test_a_refusal_whose_reading_back_fails_is_still_the_refusal(world: World, connect: Connect) -> None:
    world.invite()

    with pytest.raises(APIError) as caught:
        connect(before=failing("GET")).create("ann@example.org", role="VIEWER")

    assert (caught.value.status, caught.value.operation) == (404, "create")


@of("cloudtruth")
def test_a_role_above_ones_own_is_refused(connect: Connect, world: World) -> None:
    with pytest.raises(PermissionDeniedError, match="your own") as caught:
        connect("contrib").create("ann@example.org", role="OWNER")

    assert caught.value.status == 403


@of("enhance")
@pytest.mark.parametrize("status", [400, 409])
def test_inviting_a_member_says_so(world: EnhanceWorld, status: Any, client: InviteClient) -> None:
    world.fake.member_status = status

    with pytest.raises(AlreadyMemberError) as caught:
        client.create("olivia@acme.example", role="Support", name="Olivia")

    assert (caught.value.status, caught.value.code) == (status, "already_exists")
    assert world.fake.effects.get("created", 0) == 0


@of("enhance")
def test_inviting_again_mails_again_under_a_new_key(world: EnhanceWorld, client: InviteClient) -> None:
    one, two = created(world, client), created(world, client)

    assert len(world.fake.invitations) == 2
    assert one.id != two.id or one.id is None
    assert [mail.to for mail in world.fake.outbox] == ["ann@example.org"] * 2


@of("enhance")
def test_no_mail_is_no_delivery(world: World, client: InviteClient) -> None:
    made = created(world, client, extra={"sendEmail": False})

    assert made.delivery is None
    assert world.fake.outbox == []


@of("enhance")
@pytest.mark.parametrize("named", [{"name": None}, {"organization": "../x"}])
def test_what_enhance_cannot_take_is_refused_before_any_request(
    world: World, named: dict[str, Any], client: InviteClient
) -> None:
    with pytest.raises(InvalidArgumentError):
        created(world, client, **named)

    assert world.fake.requests == []


@of("enhance")
def test_the_organization_may_come_from_the_connection_or_the_call(world: EnhanceWorld, connect: Connect) -> None:
    acme, bakery = world.fake.org_id("Acme"), world.fake.org_id("Bakery")

    assert created(world, connect()).organization_id == acme
    assert created(world, connect(), organization=bakery).organization_id == bakery


@of("enhance")
def test_an_organization_in_nobodys_hands_is_asked_for(world: World, way: Any) -> None:
    connection = Enhance("https://enhance.example", token="a-token")
    client = way.open(connection, world.transport())

    with pytest.raises(InvalidArgumentError, match="organization"):
        client.create("ann@example.org", role="Support", name="Ann")

    assert world.fake.requests == []
    client.close()


@of("waldur")
@pytest.mark.parametrize(
    "place",
    [
        {},
        {"organization": "0" * 32, "scope": Scope("project", "0" * 32)},
        {"organization": "Acme Org", "scope": Scope("project", "Apollo")},
        {"organization": "https://waldur.example/api/customers/x/"},
        {"scope": Scope("star", "0" * 32)},
        {"scope": Scope("star", "apollo")},
        {"scope": "https://evil.example/api/projects/" + "0" * 32 + "/"},
        {"scope": "https://waldur.example/api/projects/../customers/" + "0" * 32 + "/"},
        {"scope": "apollo"},
    ],
)
def test_a_place_that_cannot_be_one_is_refused_before_any_request(
    world: World, place: dict[str, Any], client: InviteClient
) -> None:
    role = world.case("create", client).named["role"]

    with pytest.raises(InvalidArgumentError):
        client.create("ann@example.org", role=role, **place)

    assert world.fake.requests == []


@of("waldur")
@pytest.mark.parametrize(
    "role", ["https://waldur.example/api/roles/x/", ["0" * 32, "1" * 32], ["PROJECT.ADMIN", "PROJECT.MEMBER"]]
)
def test_a_role_that_cannot_be_one_is_refused_before_any_request(world: World, role: Any, client: InviteClient) -> None:
    with pytest.raises(InvalidArgumentError, match=r"UUID|exactly one"):
        created(world, client, role=role)

    assert world.fake.requests == []


@of("waldur")
def test_texts_that_are_too_long_are_refused_by_our_own_names(world: World, client: InviteClient) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^waldur create: name: "):
        created(world, client, name="x" * 101)
    with pytest.raises(InvalidArgumentError, match=r"^waldur create: message: "):
        created(world, client, message="x" * 251)

    assert world.fake.requests == []


@of("waldur")
def test_a_scope_is_taken_in_every_form(world: WaldurWorld, client: InviteClient) -> None:
    apollo = world.fake.projects["apollo"].uuid
    forms: list[Scope | str] = [
        Scope("project", apollo),
        f"https://waldur.example/api/projects/{apollo}/",
        f"https://waldur.example/api/projects/{apollo}",
        f"/api/projects/{apollo}/",
    ]

    for number, scope in enumerate(forms):
        made = client.create(f"p{number}@example.org", role=world.role("PROJECT.ADMIN"), scope=scope)
        assert (made.scope_type, made.scope_id) == ("project", apollo)


@of("waldur")
def test_an_organization_is_invited_into_by_its_id(world: WaldurWorld, connect: Connect) -> None:
    acme = world.fake.customers["acme"].uuid

    made = connect("staff").create("ann@example.org", role=world.role("CUSTOMER.OWNER"), organization=acme)

    assert (made.organization_id, made.scope_type, made.scope_id) == (acme, None, None)


@of("waldur")
def test_a_place_that_one_may_not_invite_into_is_a_matter_of_rights(world: World, connect: Connect) -> None:
    with pytest.raises(PermissionDeniedError) as caught:
        created(world, connect("support"))

    assert caught.value.status in (403, 404)


@of("waldur")
def test_a_refused_value_names_its_field(world: World, client: InviteClient) -> None:
    with pytest.raises(ValidationError) as caught:
        created(world, client, role=world.unknown_id())

    assert list(caught.value.field_errors) == ["role"]
    assert caught.value.status == 400


@of("waldur")
def test_an_invitation_that_waits_for_approval_or_for_its_project_is_open(world: WaldurWorld, connect: Connect) -> None:
    fake = world.fake
    fake.set_start_date("apollo", date(2026, 3, 1))
    planned = created(world, connect())
    fake.set_start_date("apollo", None)
    fake.configure(only_staff_can_invite=True)
    requested = connect().create(
        "bea@example.org",
        role=world.role("PROJECT.ADMIN"),
        scope=Scope("project", fake.projects["apollo"].uuid),
    )

    assert (planned.status, planned.native_status, planned.is_open) == (Status.SCHEDULED, "project", True)
    assert (requested.status, requested.native_status, requested.is_open) == (Status.REQUESTED, "requested", True)
