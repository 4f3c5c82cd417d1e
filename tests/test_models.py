"""The one Invitation: frozen, comparable, the same after every journey, and at home in other people's models."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any, Final, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr, TypeAdapter
from pydantic import ValidationError as PydanticError

from invite_clients import cloudtruth, enhance, waldur, zenml
from invite_sdk import (
    FINAL_STATUSES,
    OPEN_STATUSES,
    Acceptance,
    Delivery,
    EnsureResult,
    Invitation,
    InvitationCheck,
    InvitationList,
    Problem,
    Scope,
    Status,
)
from invite_sdk._model.records import InvitationFields
from invite_sdk.services import cloudtruth as cloudtruth_service
from invite_sdk.services import zenml as zenml_service
from invite_sdk.services.waldur import reading as waldur_service
from tests.samples import CLOUDTRUTH, ENHANCE, KEY, SAMPLES, WALDUR, WALDUR_ROW, ZENML

LONG_AGO: Final = datetime(2001, 2, 3, tzinfo=UTC)
FAR_OFF: Final = datetime(9000, 1, 1, tzinfo=UTC)

by_sample = pytest.mark.parametrize("invitation", SAMPLES.values(), ids=SAMPLES)


def pending(**fields: Any) -> Invitation:
    return Invitation.model_validate({"service": "waldur", "id": "1" * 32, "status": Status.PENDING, **fields})


class Journey(BaseModel):
    """A model of a user's own."""

    invitation: Invitation
    others: list[Invitation] = []


def pickled(one: Invitation, *, protocol: int) -> Invitation:
    found: Invitation = pickle.loads(pickle.dumps(one, protocol))
    return found


JOURNEYS: Final[dict[str, Callable[[Invitation], Invitation]]] = {
    "model_dump": lambda one: Invitation.model_validate(one.model_dump()),
    "model_dump by alias": lambda one: Invitation.model_validate(one.model_dump(by_alias=True)),
    "model_dump mode json": lambda one: Invitation.model_validate(one.model_dump(mode="json")),
    "model_dump_json": lambda one: Invitation.model_validate_json(one.model_dump_json()),
    "model_dump_json by alias": lambda one: Invitation.model_validate_json(one.model_dump_json(by_alias=True)),
    "json text": lambda one: Invitation.model_validate(json.loads(one.model_dump_json(indent=2))),
    "a field of another model": lambda one: (
        Journey.model_validate_json(Journey(invitation=one).model_dump_json()).invitation
    ),
    "in a list of another model": lambda one: Journey.model_validate(
        Journey(invitation=one, others=[one, one]).model_dump()
    ).others[1],
    "a type adapter": lambda one: TypeAdapter(list[Invitation]).validate_json(
        TypeAdapter(list[Invitation]).dump_json([one])
    )[0],
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "model_copy": lambda one: one.model_copy(),
    "model_copy deep": lambda one: one.model_copy(deep=True),
    **{f"pickle {protocol}": partial(pickled, protocol=protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)},
}


@pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS)
@by_sample
def test_an_invitation_is_the_same_after_a_journey(
    invitation: Invitation, journey: Callable[[Invitation], Invitation]
) -> None:
    other = journey(invitation)

    assert other == invitation
    assert hash(other) == hash(invitation)
    assert other.same_as(invitation)
    assert repr(other) == repr(invitation)
    assert type(other) is Invitation
    assert type(other.native) is type(invitation.native)
    assert other.native == invitation.native
    assert (other.native.model_extra if other.native else None) == (
        invitation.native.model_extra if invitation.native else None
    )


def test_json_has_the_unified_fields_and_what_the_service_said() -> None:
    said = json.loads(WALDUR.model_dump_json())

    assert said["status"] == "unknown"
    assert said["native_status"] == "frozen"
    assert said["roles"] == ["PROJECT.MEMBER"]
    assert said["created_at"] == "2026-11-22T00:39:31.321542Z"
    assert said["native"]["invented_in_2031"] == {"deep": [1, None, "x"]}
    assert said["native"]["state"] == "frozen"
    assert {name: said["native"][name] for name in WALDUR_ROW} == WALDUR_ROW


def test_a_record_of_a_service_that_is_not_installed_keeps_its_keys() -> None:
    text = '{"service": "elsewhere", "id": "7", "status": "pending", "native": {"a": 1, "b": {"c": [2]}}}'
    invitation = Invitation.model_validate_json(text)

    assert invitation.native is not None
    assert invitation.native.model_extra == {"a": 1, "b": {"c": [2]}}
    assert Invitation.model_validate_json(invitation.model_dump_json()) == invitation


def test_a_record_that_fits_no_type_of_its_service_keeps_its_keys() -> None:
    invitation = pending(native={"neither": "nor"})
    assert invitation.native is not None
    assert invitation.native.model_extra == {"neither": "nor"}


def test_a_model_with_an_invitation_has_a_json_schema() -> None:
    schema = Journey.model_json_schema()
    properties = schema["$defs"]["Invitation"]["properties"]
    assert set(properties) == set(Invitation.model_fields)
    assert schema["$defs"]["Status"]["enum"] == [status.value for status in Status]


@pytest.mark.parametrize("name", Invitation.model_fields)
def test_nothing_can_be_changed(name: str) -> None:
    with pytest.raises(PydanticError, match="frozen"):
        setattr(WALDUR, name, None)
    with pytest.raises(PydanticError, match="frozen"):
        delattr(WALDUR, name)


@pytest.mark.parametrize(
    "fields",
    [
        {"service": "waldur", "id": "1"},
        {"service": "waldur", "status": "pending"},
        {"id": "1", "status": "pending"},
        {"service": "waldur", "id": "1", "status": "frozen"},
        {"service": "waldur", "id": "1", "status": "pending", "state": "pending"},
    ],
)
def test_what_is_no_invitation_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(PydanticError):
        Invitation.model_validate(fields)


def test_equal_means_every_field() -> None:
    for name in Invitation.model_fields:
        assert WALDUR.model_copy(update={name: "else"}) != WALDUR, name
    assert WALDUR.model_copy() == WALDUR
    assert object() != WALDUR


def test_the_same_is_decided_by_service_and_id() -> None:
    dashed = "b91ff318-AD0D-47c7-b606-aa332478155a"
    later = WALDUR.model_copy(update={"id": dashed, "status": Status.ACCEPTED, "native": None})

    assert later != WALDUR
    assert later.same_as(WALDUR)
    assert WALDUR.same_as(later)
    assert hash(later) == hash(WALDUR)
    assert later.canonical_id == WALDUR.id
    assert not WALDUR.same_as(WALDUR.model_copy(update={"service": "zenml"}))
    assert not WALDUR.same_as(pending())


def test_two_without_an_id_are_not_known_to_be_the_same() -> None:
    nameless = pending(id=None)
    assert nameless == nameless.model_copy()
    assert not nameless.same_as(nameless)
    assert nameless.canonical_id is None


def test_the_case_of_an_invite_key_matters() -> None:
    assert not ENHANCE.same_as(ENHANCE.model_copy(update={"id": KEY.lower()}))


def test_a_set_holds_each_invitation_once() -> None:
    assert len({WALDUR, WALDUR.model_copy(), CLOUDTRUTH, ZENML}) == 3


OPEN: Final = {"requested", "scheduled", "pending"}
FINAL: Final = {"accepted", "declined", "rejected", "canceled", "expired"}


@pytest.mark.parametrize("status", Status)
def test_open_and_final_are_what_the_status_says(status: Status) -> None:
    invitation = pending(status=status)
    assert (invitation.is_open, invitation.is_final) == (status.value in OPEN, status.value in FINAL)
    assert (status.is_open, status.is_final) == (status.value in OPEN, status.value in FINAL)
    assert (status in OPEN_STATUSES, status in FINAL_STATUSES) == (status.value in OPEN, status.value in FINAL)


def test_every_status_has_its_word() -> None:
    assert {status.value for status in Status} == OPEN | FINAL | {"unknown"}
    assert {delivery.value for delivery in Delivery} == {"queued", "sent", "failed", "unknown"}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize(("expires_at", "passed"), [(LONG_AGO, True), (FAR_OFF, False), (None, False)])
def test_only_what_is_open_can_be_overdue(status: Status, expires_at: datetime | None, passed: bool) -> None:
    assert pending(status=status, expires_at=expires_at).is_overdue is (passed and status.value in OPEN)


def test_a_past_expiry_does_not_make_it_expired() -> None:
    assert pending(expires_at=LONG_AGO).status is Status.PENDING


RESENDABLE: Final = {
    "waldur": {"pending", "expired", "canceled"},
    "cloudtruth": {"pending"},
    "zenml": set[str](),
    "enhance": set[str](),
}


@pytest.mark.parametrize("service", RESENDABLE)
@pytest.mark.parametrize("status", Status)
def test_it_is_resendable_where_the_service_would(service: str, status: Status) -> None:
    assert pending(service=service, status=status).is_resendable is (status.value in RESENDABLE[service])


def test_of_enhance_only_what_create_returned_is_resendable() -> None:
    assert ENHANCE.is_resendable
    assert not ENHANCE.model_copy(update={"native": None}).is_resendable
    assert not ENHANCE.model_copy(update={"organization_id": None}).is_resendable
    assert not SAMPLES["enhance checked"].is_resendable
    assert Invitation.model_validate_json(ENHANCE.model_dump_json()).is_resendable


def test_of_an_unknown_service_nothing_is_resendable() -> None:
    assert not pending(service="elsewhere").is_resendable


@pytest.mark.parametrize("name", ["created_at", "expires_at"])
@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-12-24T12:00:00", datetime(2026, 12, 24, 12, tzinfo=UTC)),
        ("2026-12-24T12:00:00Z", datetime(2026, 12, 24, 12, tzinfo=UTC)),
        ("2026-12-24T12:00:00.5+02:00", datetime(2026, 12, 24, 10, 0, 0, 500_000, UTC)),
        (datetime(2026, 12, 24, 12), datetime(2026, 12, 24, 12, tzinfo=UTC)),  # noqa: DTZ001 - the case
    ],
)
def test_a_time_without_an_offset_is_utc(name: str, said: object, meant: datetime) -> None:
    found = getattr(pending(**{name: said}), name)
    assert found == meant
    assert found.utcoffset() is not None


def test_every_naive_time_of_a_service_becomes_utc() -> None:
    row = waldur.Invitation.model_validate(
        {**WALDUR_ROW, "created": "2026-01-02T03:04:05", "expires": "2026-02-03T04:05"}
    )
    invitation = waldur_service.from_wire(row)
    assert invitation.created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert invitation.expires_at == datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    found = zenml_service.from_wire(
        zenml.Invitation.model_validate({"id": "1", "expiration_date": "2026-12-24T12:00:00"})
    )
    assert found.expires_at == datetime(2026, 12, 24, 12, tzinfo=UTC)


def test_a_word_that_nobody_knows_keeps_its_text() -> None:
    waldur_one = waldur_service.from_wire(waldur.Invitation.model_validate(WALDUR_ROW))
    assert waldur_one == WALDUR
    assert (waldur_one.is_open, waldur_one.is_final, waldur_one.is_resendable) == (False, False, False)
    assert CLOUDTRUTH.native is not None
    row = cloudtruth.Invitation.model_validate({**CLOUDTRUTH.native.model_dump(), "state": "Vaporized"})
    found = cloudtruth_service.from_wire(row)
    assert (found.status, found.native_status, found.delivery) == (Status.UNKNOWN, "Vaporized", Delivery.UNKNOWN)


def test_the_row_of_a_table_has_every_field_but_native() -> None:
    row = WALDUR.to_dict()
    assert list(row) == [name for name in Invitation.model_fields if name != "native"]
    assert row["status"] is Status.UNKNOWN
    assert row["roles"] == ("PROJECT.MEMBER",)
    assert row["created_at"] == datetime(2026, 11, 22, 0, 39, 31, 321542, UTC)


def test_the_repr_is_short_and_tells_what_matters() -> None:
    assert repr(WALDUR) == (
        "<Invitation waldur id='b91ff318ad0d47c7b606aa332478155a' status=unknown email='ann@example.org' "
        "role='PROJECT.MEMBER' organization_name='Acme Org' scope_name='Apollo'>"
    )
    assert str(ZENML) == (
        "<Invitation zenml id='0d0714f8-3b5c-4f4b-8f5e-6d0f2f3f0c11' status=pending "
        "organization_name='Acme <b>ML</b>' expires_at=2026-12-24>"
    )
    assert repr(pending(id=None, partial=True)) == "<Invitation waldur status=pending partial=True>"


def test_a_list_stays_a_list_of_invitations_when_sliced() -> None:
    rows = InvitationList([WALDUR, CLOUDTRUTH, ZENML])
    assert type(rows[1:]) is InvitationList
    assert rows[1:] == [CLOUDTRUTH, ZENML]
    assert rows[::-2] == [ZENML, WALDUR]
    assert rows[-1] is ZENML
    assert type(rows[:0]) is InvitationList
    with pytest.raises(IndexError):
        _ = rows[3]


def test_a_list_stays_one_when_lists_are_joined_and_copied() -> None:
    rows = InvitationList([WALDUR, CLOUDTRUTH])
    longer, doubled = rows.copy(), copy.copy(rows)
    longer += [*rows]
    doubled *= 2
    copies: list[Invitation] = copy.deepcopy(rows) + pickle.loads(pickle.dumps(rows))
    plain = [WALDUR, CLOUDTRUTH]
    for made in (rows + rows, rows + plain, plain + rows, rows * 2, 2 * rows, longer, doubled, copies):
        assert type(made) is InvitationList
        assert made == [WALDUR, CLOUDTRUTH, WALDUR, CLOUDTRUTH]
    assert rows == [WALDUR, CLOUDTRUTH]
    anything: Any
    for anything in ((WALDUR,), None, "text"):
        with pytest.raises(TypeError):
            _ = rows + anything
        with pytest.raises(TypeError):
            _ = anything + rows
    header: list[Any] = ["a header"]
    for mixed in (header + rows, rows + header):
        assert type(mixed) is list
        assert sorted(map(str, mixed)) == sorted(map(str, [*header, *plain]))


class Report(BaseModel):
    """As a user has one."""

    rows: InvitationList
    more: InvitationList | None = None


def test_a_list_is_a_field_of_a_users_model() -> None:
    report = Report(rows=[WALDUR, ENHANCE])  # type: ignore[arg-type]
    assert type(report.rows) is InvitationList
    assert report.rows == [WALDUR, ENHANCE]
    assert Report(rows=report.rows).rows == report.rows

    dumped = report.model_dump(mode="json")
    assert dumped == {"rows": [WALDUR.model_dump(mode="json"), ENHANCE.model_dump(mode="json")], "more": None}
    read = Report.model_validate_json(report.model_dump_json())
    assert read == report
    assert type(read.rows) is InvitationList
    rows = Report.model_json_schema()["properties"]["rows"]
    assert rows == {"items": {"$ref": "#/$defs/Invitation"}, "title": "Rows", "type": "array"}
    with pytest.raises(PydanticError):
        Report.model_validate({"rows": [{"id": "1"}]})


def test_a_list_turns_into_rows() -> None:
    rows = InvitationList([WALDUR, ENHANCE])
    assert rows.to_dicts() == [WALDUR.to_dict(), ENHANCE.to_dict()]
    assert rows.to_dicts(mask=True) == [WALDUR.to_dict(mask=True), ENHANCE.to_dict(mask=True)]
    assert InvitationList().to_dicts() == []
    assert pickle.loads(pickle.dumps(rows)) == rows


@pytest.mark.parametrize(
    "value",
    [
        Problem("email: missing", {"uuid": "1"}, 2),
        EnsureResult(WALDUR, created=True),
        Acceptance(WALDUR, "org", SecretStr("cookie")),
        InvitationCheck(valid=True, email="ann@example.org"),
        Scope("project", "1" * 32),
    ],
)
def test_what_operations_answer_is_frozen_and_travels(value: Any) -> None:
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.deepcopy(value) == value
    assert not hasattr(value, "__dict__")
    with pytest.raises(AttributeError):
        setattr(value, next(iter(value.__slots__)), None)


def test_no_result_shows_a_session_or_a_bad_row() -> None:
    assert "cookie" not in repr(Acceptance(WALDUR, "org", SecretStr("cookie")))
    assert "ann@" not in repr(Problem("email: wrong", {"email": "ann@"}, 1))


# The fast path: a service's file fills in fields that a wire model has validated.

TEXTS: Final = st.text(max_size=6)
IDS: Final = st.text(min_size=1, max_size=6)
MAYBE: Final = st.none() | TEXTS
EARLIEST: Final = datetime(1, 1, 3)  # noqa: DTZ001 - zones are drawn
LATEST: Final = datetime(9999, 12, 29)  # noqa: DTZ001
TIMES: Final = st.datetimes(EARLIEST, LATEST) | st.datetimes(
    EARLIEST, LATEST, timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])
)
EXTRAS: Final = st.dictionaries(
    TEXTS.map(lambda text: f"x_{text}"), st.none() | st.booleans() | st.integers() | TEXTS | st.lists(TEXTS), max_size=2
)


def rows(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    def merged(row: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
        return {**more, **row}

    return st.builds(merged, st.fixed_dictionaries(required, optional=optional), EXTRAS)


def maybe(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), MAYBE)


WALDUR_ROWS: Final = rows(
    {
        "scope_type": st.none() | st.sampled_from(["customer", "project", "star"]),
        "customer_uuid": TEXTS,
        "customer_name": TEXTS,
        "role_name": TEXTS,
        "role_description": TEXTS,
        "url": TEXTS,
        "uuid": IDS,
        "role": TEXTS,
        "created": TIMES,
        "expires": TIMES,
        "email": TEXTS,
        "state": st.sampled_from(list(waldur.InvitationState)) | TEXTS,
        "error_message": TEXTS,
        "execution_state": st.sampled_from(list(waldur.ExecutionState)) | TEXTS,
    },
    maybe(
        "scope_uuid scope_name scope_description created_by_full_name created_by_username created_by_image "
        "full_name extra_invitation_text civil_number"
    ),
)
CLOUDTRUTH_ROWS: Final = rows(
    {
        **dict.fromkeys(("url", "email", "inviter", "state_detail"), TEXTS),
        "id": IDS,
        "role": st.sampled_from(list(cloudtruth.RoleEnum)) | TEXTS,
        "state": st.sampled_from(["pending", "SENT", "Bounced", "accepted"]) | TEXTS,
        "membership": MAYBE,
    },
    {"inviter_name": MAYBE, "organization": st.none() | st.just("https://api.example/api/v1/organizations/7/")},
)
ZENML_ROWS: Final = rows(
    {"id": IDS},
    {
        **maybe("organization_name organization_logo_url inviting_user_name inviting_user_avatar_url"),
        "organization_member_count": st.none() | st.integers(-1, 10**12),
        "expiration_date": st.none() | TIMES,
    },
)
HINTS: Final = get_type_hints(InvitationFields)


def allowed(hint: object) -> tuple[type, ...]:
    parts = get_args(hint) or (hint,)
    return tuple(part for part in parts if isinstance(part, type))


def assert_as_if_validated(invitation: Invitation) -> None:
    """Every field has its declared type, and pydantic's own validation finds nothing to change."""
    assert set(vars(invitation)) == set(Invitation.model_fields)
    for name, hint in HINTS.items():
        value = getattr(invitation, name)
        if name == "roles":
            assert type(value) is tuple
            assert {type(role) for role in invitation.roles} <= {str}
        else:
            assert type(value) in allowed(hint), (name, value)
        if isinstance(value, datetime):
            assert value.utcoffset() is not None
    assert Invitation.model_validate(invitation.model_dump()) == invitation
    assert Invitation.model_validate_json(invitation.model_dump_json()) == invitation
    slow = Invitation(**vars(invitation))
    assert slow == invitation
    assert slow.model_dump_json() == invitation.model_dump_json()
    assert slow.model_dump(exclude_defaults=True) == invitation.model_dump(exclude_defaults=True)


MANY = settings(deadline=None, derandomize=True, database=None, max_examples=150)


READ: Final[dict[str, tuple[st.SearchStrategy[dict[str, Any]], type[BaseModel], Callable[[Any], Invitation]]]] = {
    "waldur": (WALDUR_ROWS, waldur.Invitation, waldur_service.from_wire),
    "cloudtruth": (CLOUDTRUTH_ROWS, cloudtruth.Invitation, cloudtruth_service.from_wire),
    "zenml": (ZENML_ROWS, zenml.Invitation, zenml_service.from_wire),
}


@pytest.mark.parametrize("service", READ)
@MANY
@given(data=st.data())
def test_a_row_is_as_if_validated(service: str, data: st.DataObject) -> None:
    rows, model, from_wire = READ[service]
    row = data.draw(rows)
    wire = model.model_validate(row)
    invitation = from_wire(wire)
    assert_as_if_validated(invitation)
    assert invitation.native is wire
    assert invitation.native_status == row.get("state")


@MANY
@given(role=st.none() | st.sampled_from(list(enhance.Role)) | TEXTS, name=MAYBE, org=MAYBE, more=EXTRAS)
def test_an_enhance_validation_travels(
    role: str | None, name: str | None, org: str | None, more: dict[str, Any]
) -> None:
    native = enhance.InviteValidation.model_validate(
        {**more, "isValid": True, "role": role, "orgName": name, "orgId": org}
    )
    invitation = ENHANCE.model_copy(update={"native": native})
    assert Invitation.model_validate_json(invitation.model_dump_json()) == invitation
    assert Invitation.model_validate(invitation.model_dump()) == invitation
