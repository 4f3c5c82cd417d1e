"""No id can address another endpoint than the one that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from invite_clients import cloudtruth, enhance, waldur, zenml
from invite_clients._runtime import Call

BODY = enhance.NewInvite(email="a@b.c", name="Ann", roles=[enhance.Role.OWNER])
TAKES_AN_ID: dict[str, Callable[[str], Call[Any]]] = {
    "waldur-retrieve": waldur.user_invitations_retrieve,
    "waldur-update": lambda id_: waldur.user_invitations_update(
        id_, body=waldur.InvitationUpdateRequest(email="a@b.c")
    ),
    "waldur-partial-update": waldur.user_invitations_partial_update,
    "waldur-destroy": waldur.user_invitations_destroy,
    "waldur-details": waldur.user_invitations_details_retrieve,
    "waldur-accept": waldur.user_invitations_accept,
    "waldur-cancel": waldur.user_invitations_cancel,
    "waldur-send": waldur.user_invitations_send,
    "waldur-check": waldur.user_invitations_check,
    "waldur-delete": waldur.user_invitations_delete,
    "cloudtruth-retrieve": cloudtruth.invitations_retrieve,
    "cloudtruth-update": lambda id_: cloudtruth.invitations_update(
        id_, body=cloudtruth.InvitationRequest(email="a@b.c", role=cloudtruth.RoleEnum.ADMIN)
    ),
    "cloudtruth-partial-update": cloudtruth.invitations_partial_update,
    "cloudtruth-destroy": cloudtruth.invitations_destroy,
    "cloudtruth-accept": cloudtruth.invitations_accept_create,
    "cloudtruth-resend": cloudtruth.invitations_resend_create,
    "zenml-get": zenml.get_invitation,
    "zenml-respond": lambda id_: zenml.respond_to_invitation(id_, accept=True),
    "enhance-create": lambda id_: enhance.create_invite(id_, body=BODY),
    "enhance-accept": enhance.accept_invite,
    "enhance-validate": enhance.validate_invite,
}


@pytest.mark.parametrize("id_", ["", ".", "..", "a/b", "/", "../x", "a\\b", "a\nb", "a\x00", "\x7f"], ids=repr)
@pytest.mark.parametrize("build", TAKES_AN_ID.values(), ids=TAKES_AN_ID)
def test_an_id_that_quoting_cannot_save_is_refused(build: Callable[[str], Call[Any]], id_: str) -> None:
    with pytest.raises(ValueError, match="must be one non-empty path segment"):
        build(id_)


@pytest.mark.parametrize("id_", [7, None, b"key", ["key"]], ids=repr)
def test_an_id_that_is_not_text_is_refused(id_: object) -> None:
    with pytest.raises(ValueError, match="uuid must be a string"):
        waldur.user_invitations_destroy(cast("str", id_))


@pytest.mark.parametrize(
    ("id_", "quoted"),
    [
        ("a b", "a%20b"),
        ("%2e%2e", "%252e%252e"),
        ("..%2f", "..%252f"),
        ("k?x=1#y", "k%3Fx%3D1%23y"),
        ("...", "..."),
        ("é", "%C3%A9"),
        ("a;b", "a%3Bb"),
    ],
)
def test_any_other_id_is_quoted_as_one_segment(id_: str, quoted: str) -> None:
    assert enhance.validate_invite(id_).request.path == f"/invites/{quoted}/validate"


def test_an_id_keeps_its_spelling() -> None:
    dashed = "01234567-89AB-cdef-0123-456789abcdef"
    assert waldur.user_invitations_retrieve(dashed).request.path == f"/api/user-invitations/{dashed}/"
