"""Filters: whatever the service was asked, each row is checked here."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from invite_sdk import OPEN_STATUSES, InvalidArgumentError, Invitation, Scope, Status, StatusName
from invite_sdk._flows.filters import (
    Filters,
    check_email,
    check_organization,
    check_role,
    check_scope,
    check_status,
    sift,
    statuses_from,
)
from invite_sdk._model.addresses import common_part
from invite_sdk.services.settling import open_for, shows

DASHED = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
PLAIN = "3fa85f6457174562b3fc2c963f66afa6"
OTHER = "00000000000000000000000000000001"


def row(**fields: Any) -> Invitation:
    given: Any = {"status": Status.PENDING, **fields}
    return Invitation.from_fields("postbox", None, given)


@pytest.mark.parametrize(
    ("given", "statuses"),
    [
        (None, None),
        ("pending", {Status.PENDING}),
        (Status.ACCEPTED, {Status.ACCEPTED}),
        (["pending", Status.EXPIRED], {Status.PENDING, Status.EXPIRED}),
        ({"unknown"}, {Status.UNKNOWN}),
        (("pending", "Pending", "PENDING"), {Status.PENDING}),
        (OPEN_STATUSES, {Status.REQUESTED, Status.SCHEDULED, Status.PENDING}),
    ],
)
def test_statuses_come_by_member_or_by_name(given: Any, statuses: set[Status] | None) -> None:
    assert statuses_from(given) == statuses


@pytest.mark.parametrize("given", ["opened", "open", "", " pending", ["pending", "open"], [None], [7]])
def test_a_word_that_is_no_status_is_refused_with_those_that_are(given: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"status must be one of requested, scheduled, .* OPEN_STATUSES"):
        statuses_from(given)


@pytest.mark.parametrize("given", [[], (), set(), frozenset()])
def test_no_status_at_all_is_a_mistake(given: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="names no status at all"):
        statuses_from(given)


@pytest.mark.parametrize(
    ("email", "fits"),
    [
        ("nina@example.org", True),
        ("NINA@Example.ORG", True),
        (" nina@example.org ", True),
        ("nina@example.org.evil", False),
        ("anina@example.org", False),
        ("", False),
        (None, None),
    ],
)
def test_an_address_fits_as_a_whole_and_without_regard_to_case(email: str | None, fits: bool | None) -> None:
    assert check_email(" Nina@example.org")(row(email=email)) is fits


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("\u00dcBER@example.org", "\u00fcber@example.org", True),
        ("\u00fcber@example.org", "u\u0308ber@example.org", True),
        ("\u0130nci@example.org", "I\u0307nci@example.org", True),
        ("nina@b\u00fccher.example", "Nina@XN--BCHER-KVA.Example", True),
        ("nina@bu\u0308cher.example", "nina@xn--bcher-kva.example", True),
        ("nina@mail.\U0001f4a9.la", "nina@mail.xn--ls8h.la", True),
        ("nina@example.org", "\ufeffni\u200bna@exam\u00adple.org\u200e", True),
        ("nina@example.org", "nina@example.org\u00a0", True),
        ("stra\u00dfe@example.org", "strasse@example.org", False),
        ("nina@stra\u00dfe.example", "nina@strasse.example", False),
        ("nina@stra\u00dfe.example", "nina@xn--strae-oqa.example", True),
        ("xn--bcher-kva@example.org", "b\u00fccher@example.org", False),
        ("nina@abc.example", "nina@xn--abc-.example", False),
        ("nina@xn--99999999999.example", "nina@xn--99999999999.example", True),
        ("nina@b\u00fccher.example", "nina@bucher.example", False),
        ("n\u0456na@example.org", "nina@example.org", False),
    ],
)
def test_all_spellings_of_an_address_are_one_persons(one: str, other: str, same: bool) -> None:
    assert check_email(one)(row(email=other)) is same
    assert check_email(other)(row(email=one)) is same
    assert len(open_for([row(email=other)], [], one)) == same
    assert shows(row(email=other), one, None) is same


@pytest.mark.parametrize(
    ("email", "part"),
    [
        ("Nina@Example.org", "Nina@Example.org"),
        ("zo\u00eb@example.org", "@example.org"),
        ("zoe\u0308@example.org", "@example.org"),
        ("nina@b\u00fccher.example", ".example"),
        ("nina@XN--BCHER-KVA.de", "nina@"),
        ("\u00e4@\u00f6.\u0440\u0444", "@"),
    ],
)
def test_a_service_is_asked_for_what_stands_in_all_spellings(email: str, part: str) -> None:
    assert common_part(email) == part


def test_a_service_may_tell_its_people_apart_in_another_way() -> None:
    with_case = Filters(email="Nina@example.org", address_form=str.strip).checks()["email"]

    assert [with_case(row(email=email)) for email in ("Nina@example.org", "nina@example.org")] == [True, False]


@pytest.mark.parametrize(
    ("fields", "wanted", "fits"),
    [
        ({"role": "OWNER"}, "owner", True),
        ({"role": "OWNER"}, "own", False),
        ({"role": "Owner", "roles": ("Owner", "Support")}, "support", True),
        ({"role": "OWNER", "role_id": PLAIN}, DASHED, True),
        ({"role_id": PLAIN}, DASHED.upper(), True),
        ({"role_id": PLAIN}, OTHER, False),
        ({"role": "OWNER", "role_id": PLAIN}, "VIEWER", False),
        ({}, "owner", None),
    ],
)
def test_a_role_fits_by_name_or_by_id(fields: dict[str, Any], wanted: str, fits: bool | None) -> None:
    assert check_role(wanted)(row(**fields)) is fits


@pytest.mark.parametrize(
    ("organization_id", "fits"), [(PLAIN, True), (DASHED, True), (OTHER, False), ("acme", False), (None, None)]
)
def test_an_organization_fits_by_id_in_either_form(organization_id: str | None, fits: bool | None) -> None:
    assert check_organization(DASHED)(row(organization_id=organization_id)) is fits


@pytest.mark.parametrize(
    ("kind", "scope_id", "fits"),
    [
        ("project", PLAIN, True),
        ("project", DASHED, True),
        ("customer", PLAIN, False),
        ("project", OTHER, False),
        (None, PLAIN, None),
        ("project", None, None),
    ],
)
def test_a_scope_fits_by_kind_and_id(kind: str | None, scope_id: str | None, fits: bool | None) -> None:
    assert check_scope("project", DASHED)(row(scope_type=kind, scope_id=scope_id)) is fits


def test_an_unknown_status_is_not_the_one_asked_for() -> None:
    check = check_status(frozenset({Status.PENDING, Status.UNKNOWN}))

    assert [check(row(status=status)) for status in (Status.PENDING, Status.UNKNOWN, Status.ACCEPTED)] == [
        True,
        True,
        False,
    ]


def test_without_checks_every_row_passes() -> None:
    rows = [row(), row(email="a@example.org")]

    assert sift(rows, {}) == (rows, [])


def test_a_row_must_fit_every_check_and_one_that_cannot_tell_is_reported() -> None:
    fitting = row(email="nina@example.org", role="OWNER")
    untold = row(email="nina@example.org")
    says_nothing = row()
    rows = [
        fitting,
        untold,
        row(email="ben@example.org", role="OWNER"),
        # One check that fails is enough, whatever the others cannot tell.
        row(email="ben@example.org"),
        says_nothing,
    ]
    found, problems = sift(rows, {"email": check_email("nina@example.org"), "role": check_role("owner")})

    assert found == [fitting]
    assert problems == [
        (untold, "the row does not say its role, which the filter asks for"),
        (says_nothing, "the row does not say its email or role, which the filter asks for"),
    ]


def test_the_filters_that_are_set_are_named_in_order() -> None:
    assert Filters().given == ()
    assert Filters(scope=Scope("project", DASHED), email="a@example.org", statuses=frozenset()).given == (
        "status",
        "email",
        "scope",
    )


def test_every_status_has_its_name_for_type_checkers() -> None:
    assert list(get_args(StatusName)) == [status.value for status in Status]
