"""Creating on a fake Waldur.

What the recorded server answered, and its age does not change, is not told again here: test_fake_waldur_recorded.
"""

from __future__ import annotations

import pytest

from invite_sdk.testing.waldur.fake import FakeWaldur
from tests.testing.waldur_driver import FORBIDDEN, Driver, driver


def test_a_new_fake_can_be_used_at_once() -> None:
    fake = FakeWaldur()

    assert list(fake.users) == ["staff", "support", "owner", "manager", "bob", "invitee"]
    assert list(fake.projects) == ["apollo", "beta"]
    assert fake.customers["acme"].name == "Acme Org"
    assert len(fake.users["owner"].token) == 40
    assert len(fake.roles["PROJECT.ADMIN"].uuid) == 32
    assert fake.version == "2026"


def test_an_empty_fake_has_roles_only() -> None:
    fake = FakeWaldur(empty=True)

    assert not fake.users
    assert not fake.customers
    assert "PROJECT.ADMIN" in fake.roles


def test_a_created_invitation_says_all_about_itself(newest: Driver) -> None:
    fake = newest.fake

    answer = newest.create(full_name=" New Person ", extra_invitation_text="Hello")

    uuid = fake.invitations[0].uuid
    assert answer.headers["Location"] == f"https://waldur.example/api/user-invitations/{uuid}/"
    expected = {
        "scope_uuid": fake.projects["apollo"].uuid,
        "scope_name": "Apollo",
        "scope_description": "To the moon",
        "scope_type": "project",
        "customer_uuid": fake.customers["acme"].uuid,
        "customer_name": "Acme Org",
        "role_name": "PROJECT.MEMBER",
        "role_description": "",
        "created_by_full_name": "Owner Tester",
        "created_by_username": "owner",
        "created_by_image": None,
        "url": f"https://waldur.example/api/user-invitations/{uuid}/",
        "uuid": uuid,
        "role": fake.roles["PROJECT.MEMBER"].uuid,
        "created": "2026-01-05T09:00:00+00:00",
        "expires": "2026-01-12T09:00:00+00:00",
        "full_name": "New Person",
        "organization": "",
        "job_title": "",
        "email": "new@example.com",
        "state": "pending",
        "error_message": "",
        "extra_invitation_text": "Hello",
        "execution_state": "Scheduled",
    }
    assert answer.json == expected
    assert list(answer.json) == list(expected)
    assert newest("GET", f"{uuid}/").json == {**answer.json, "execution_state": "OK"}
    assert fake.effects == {"created": 1, "mailed": 1}


def test_2025_tells_more_of_the_invitee() -> None:
    newer, older = driver("2026").create().json, driver("2025").create().json

    assert older == {**newer, "native_name": "", "phone_number": "", "civil_number": ""}


def test_no_two_invitations_share_their_time_of_creation(newest: Driver) -> None:
    times = [newest.create(email=f"n{number}@example.com").json["created"] for number in range(3)]

    assert times == [
        "2026-01-05T09:00:00+00:00",
        "2026-01-05T09:00:00.000001+00:00",
        "2026-01-05T09:00:00.000002+00:00",
    ]


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"email": ["a@example.com"]}, {"email": ["Enter a valid email address."]}),
        ({"full_name": True}, {"full_name": ["Not a valid string."]}),
        ({"role": ""}, {"role": ["This field may not be null."]}),
        ({"role": True}, {"role": ["Invalid value."]}),
        (
            {"extra_invitation_text": "x" * 251},
            {"extra_invitation_text": ["Ensure this field has no more than 250 characters."]},
        ),
        ({"full_name": "a\x00b"}, {"full_name": ["Null characters are not allowed."]}),
    ],
)
def test_create_refuses_bad_fields(call: Driver, fields: dict[str, object], errors: dict[str, list[str]]) -> None:
    answer = call.create("owner", **fields)

    assert (answer.status, answer.json) == (400, errors)
    assert call.fake.invitations == []


def test_create_refuses_a_role_that_is_switched_off(newest: Driver) -> None:
    role = newest.fake.set_role_active("PROJECT.MEMBER", active=False)

    assert newest.create().json == {"role": [f"Object with uuid={role.uuid} does not exist."]}


@pytest.mark.parametrize(
    ("version", "status", "body"),
    [("7.0.7", 403, FORBIDDEN), ("2025", 404, {"detail": "Not found."}), ("2026", 404, {"detail": "Not found."})],
)
def test_support_sees_a_scope_but_may_not_invite_to_it(version: str, status: int, body: dict[str, str]) -> None:
    answer = driver(version).create("support")

    assert (answer.status, answer.json) == (status, body)


def test_an_owner_invites_to_projects_and_not_to_the_organization() -> None:
    call = driver("7.0.7")
    owner_role, acme = call.fake.roles["CUSTOMER.OWNER"].uuid, call.fake.scope_url("acme")

    assert call.create().status == 201
    assert call.create(role=owner_role, scope=acme).json == FORBIDDEN
    made = call.create("staff", role=owner_role, scope=acme)
    assert made.status == 201
    assert made.json["scope_type"] == "customer"
    assert made.json["scope_uuid"] == made.json["customer_uuid"]


def test_a_manager_invites_to_their_own_project_only(newest: Driver) -> None:
    assert newest.create("manager").status == 201
    assert newest.create("manager", scope=newest.fake.scope_url("beta")).status == 400


@pytest.mark.parametrize("state", ["pending", "project", "requested"])
def test_2026_refuses_a_second_open_invitation(newest: Driver, state: str) -> None:
    newest.fake.invite("New@Example.com", state=state)

    answer = newest.create()

    assert (answer.status, answer.json) == (
        400,
        {"email": ["Pending invitation already exists for this email and role."]},
    )


@pytest.mark.parametrize("state", ["accepted", "canceled", "expired", "rejected"])
def test_2026_takes_a_new_invitation_after_a_settled_one(newest: Driver, state: str) -> None:
    newest.fake.invite("new@example.com", state=state)

    assert newest.create().status == 201


def test_2026_drops_fields_that_the_deployment_does_not_allow(newest: Driver) -> None:
    made = newest.create(civil_number="EE38001010001", native_name="x" * 500, phone_number=None)

    assert made.status == 201
    assert not {"civil_number", "native_name", "phone_number"} & set(made.json)
    assert newest.fake.invitations[0].civil_number == ""


def test_2026_keeps_the_fields_that_it_is_told_to() -> None:
    call = driver(allowed_fields=["civil_number"])

    made = call.create(civil_number="EE38001010001", full_name="ignored")

    assert made.json["civil_number"] == "EE38001010001"
    assert "full_name" not in made.json


@pytest.mark.parametrize("version", ["7.0.7", "2025"])
def test_older_servers_have_no_allowed_fields(version: str) -> None:
    with pytest.raises(ValueError, match=f"Waldur {version} has no setting allowed_fields"):
        driver(version, allowed_fields=["full_name"])


def test_an_unknown_allowed_field_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown fields: shoe_size"):
        driver(allowed_fields=["shoe_size"])


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(ValueError, match=r"one of 7\.0\.7, 2025, 2026"):
        driver("6.0")


def test_an_email_must_match_the_patterns_of_the_scope(newest: Driver) -> None:
    lab = newest.fake.add_project("Lab", email_patterns=[r".*@lab\.example"])

    refused = newest.create(scope=newest.fake.scope_url(lab))
    assert refused.json == {"email": ["Email does not match the membership restrictions of the project."]}
    assert newest.create(scope=newest.fake.scope_url(lab), email="a@LAB.example").status == 201


def test_check_duplicates_tells_who_is_invited_or_has_a_role(newest: Driver) -> None:
    twin = newest.fake.invite("twin@example.com")
    member, admin = newest.fake.roles["PROJECT.MEMBER"].uuid, newest.fake.roles["PROJECT.ADMIN"].uuid

    answer = newest(
        "POST",
        "check-duplicates/",
        data={
            "scope": newest.fake.scope_url("apollo"),
            "invitations": [
                {"email": "TWIN@example.com", "role": member},
                {"email": "twin@example.com", "role": admin},
                {"email": "other@example.com", "role": member},
                {"email": "twice@example.com", "role": member},
                {"email": "Twice@example.com", "role": member},
                {"email": "Manager@example.com", "role": member},
            ],
        },
    )

    assert answer.status == 200
    assert answer.json == {
        "duplicates": [
            {"email": "TWIN@example.com", "role": member, "existing_invitation_uuid": twin.uuid},
            {"email": "twice@example.com", "role": member, "existing_invitation_uuid": None},
        ],
        "existing_roles": [
            {
                "email": "Manager@example.com",
                "role": member,
                "existing_role": newest.fake.roles["PROJECT.MANAGER"].uuid,
                "existing_role_name": "PROJECT.MANAGER",
                "existing_role_description": "Project manager",
                "is_same_role": False,
            }
        ],
    }


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 400),
        ({"scope": ""}, 400),
        ({"scope": "", "invitations": []}, 400),
        ({"scope": "", "invitations": "x"}, 400),
        ({"scope": "apollo", "invitations": [{"email": "a"}]}, 400),
        ({"scope": "apollo", "invitations": []}, 200),
    ],
)
def test_check_duplicates_checks_its_fields(newest: Driver, data: dict[str, object], status: int) -> None:
    if data.get("scope") == "apollo":
        data = {**data, "scope": newest.fake.scope_url("apollo")}

    assert newest("POST", "check-duplicates/", data=data).status == status


def test_check_duplicates_is_for_those_who_may_invite(newest: Driver) -> None:
    data = {"scope": newest.fake.scope_url("apollo"), "invitations": []}

    assert newest("POST", "check-duplicates/", "support", data).json == {"detail": "Not found."}


def test_an_email_must_match_the_patterns_of_the_organization_too(newest: Driver) -> None:
    newest.fake.add_customer("Lab", email_patterns=[r".*@lab\.example"])
    newest.fake.add_project("Gamma", customer="lab")

    answer = newest.create("staff", scope=newest.fake.scope_url("gamma"))

    assert answer.json == {"email": ["Email does not match the membership restrictions of the organization."]}


def test_2026_tells_of_a_duplicate_before_it_looks_at_rights(newest: Driver) -> None:
    newest.fake.invite("new@example.com")

    assert newest.create("support").status == 400
