"""Wire models: frozen, comparable, picklable, and silent about secrets."""

from __future__ import annotations

import copy
import pickle
from typing import Any, cast

import pytest
from pydantic import BaseModel, ValidationError

from invite_clients import enhance, waldur, zenml
from invite_clients._runtime import Request, Response
from invite_clients._wire import RequestModel, WireModel

HEX = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "value",
    [
        waldur.InvitationUpdate(email="a@b.c"),
        waldur.InvitationRequest(role=HEX, scope="https://w/", email="a@b.c"),
        enhance.InviteValidation(is_valid=True, role=enhance.Role("Astronomer")),
        zenml.Invitation.model_validate({"id": "1", "mood": "calm"}),
        waldur.InvitationState.PENDING,
        waldur.InvitationState("thawing"),
    ],
    ids=repr,
)
def test_values_survive_copying_and_pickling(value: object) -> None:
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.deepcopy(value) == value


def test_models_are_frozen_and_hashable() -> None:
    model = waldur.InvitationUpdate(email="a@b.c")
    with pytest.raises(ValidationError, match="frozen"):
        model.email = "d@e.f"
    assert {model: 1}[waldur.InvitationUpdate(email="a@b.c")] == 1


def test_what_is_only_sent_is_strict_and_what_is_got_is_not() -> None:
    assert issubclass(waldur.InvitationRequest, RequestModel)
    assert issubclass(waldur.Invitation, WireModel)
    with pytest.raises(ValidationError, match="rol"):
        waldur.PatchedInvitationUpdateRequest.model_validate({"rol": HEX})


@pytest.mark.parametrize(
    ("field", "text"),
    [("full_name", "x" * 101), ("extra_invitation_text", "x" * 251), ("email", "x" * 255), ("email", "")],
)
def test_a_request_is_refused_before_the_service_would(field: str, text: str) -> None:
    given = {"role": HEX, "scope": "https://w/", "email": "a@b.c", field: text}
    with pytest.raises(ValidationError, match=field):
        waldur.InvitationRequest.model_validate(given)


def test_enum_members_have_readable_names() -> None:
    assert waldur.InvitationOrder.CREATED_DESCENDING.value == "-created"
    assert enhance.Role.SUPER_ADMIN.value == "SuperAdmin"
    assert waldur.ExecutionState.ERRED.value == "Erred"
    assert waldur.InvitationState.PENDING.is_known


@pytest.mark.parametrize(
    "secretive",
    [
        zenml.LoginRequest(password="s3cret"),
        zenml.LoginRequest(client_secret="s3cret"),
        enhance.AcceptInviteBody(email="a@b.c", password="s3cret"),
        Request("POST", "/invites/s3cret", query=(("key", "s3cret"),), body=b"s3cret"),
        Response(200, (("Set-Cookie", "id0=s3cret"),), b"s3cret"),
        enhance.accept_invite("s3cret", body=enhance.AcceptInviteBody(email="a@b.c", password="s3cret")),
        zenml.auth_login(body=zenml.LoginRequest(password="s3cret")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_secrets_do_not_show(secretive: object) -> None:
    assert "s3cret" not in repr(secretive)
    assert "s3cret" not in str(secretive)


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (zenml.LoginRequest, {"password": ["s3cret"]}),
        (enhance.AcceptInviteBody, {"email": "a@b.c", "pasword": "s3cret"}),
        (waldur.TokenRequest, {"token": {"s3cret": 1}}),
        (zenml.LoginResponse, {"access_token": ["s3cret"]}),
    ],
)
def test_validation_errors_do_not_quote_what_was_given(model: type[BaseModel], given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(given)
    assert "s3cret" not in str(caught.value)


def test_an_unreadable_page_is_not_quoted_either() -> None:
    with pytest.raises(ValueError) as caught:
        waldur.user_invitations_list().read(Response(200, (), b'[{"uuid": "s3cret"}]'))
    assert "s3cret" not in str(caught.value)


def test_a_call_with_a_broken_body_is_refused_by_the_model() -> None:
    with pytest.raises(ValidationError):
        enhance.NewInvite(email="a@b.c", name="Ann", roles=cast("list[enhance.Role]", "Owner"))
