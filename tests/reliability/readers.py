"""For each operation of the specifications, everything in the SDK that reads its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from invite_clients import cloudtruth, enhance, waldur, zenml
from invite_sdk import (
    AlreadyInvitedError,
    CloudTruth,
    ConflictError,
    Enhance,
    InvalidArgumentError,
    InvalidStateError,
    InviteClient,
    InviteError,
    NotFoundError,
    ResponseParseError,
    Scope,
    Waldur,
    ZenML,
)
from tests.reliability.subjects import made

HEX, ID = "0" * 31 + "1", "00000000-0000-4000-8000-000000000001"

Drive = Callable[[InviteClient], object]


@dataclass(frozen=True, slots=True)
class Reader:
    """One operation of the SDK that reads an answer."""

    name: str
    drive: Drive
    is_write: bool = False
    """Whether the answer confirms a write: then nothing may claim that it failed."""
    also: tuple[type[InviteError], ...] = ()
    """What a valid answer may mean."""
    is_listing: bool = False


def connections() -> dict[str, Any]:
    """A connection of each service."""
    return {
        "waldur": Waldur("https://waldur.example", token="t" * 40),
        "cloudtruth": CloudTruth("https://cloudtruth.example", api_key="k" * 32),
        "zenml": ZenML("https://zenml.example", api_key="z" * 32),
        "enhance": Enhance("https://enhance.example", token="e" * 32, organization=ID),
    }


_W: dict[str, Any] = {"role": HEX, "organization": HEX}
_E: dict[str, Any] = {"role": "Support", "name": "Ann"}
_ANN = "ann@example.org"

# A drawn name is nobody's, as a rule; and of rows that cannot be read each may have the name that is asked for.
_BY_NAME: Any = {"also": (ConflictError, InvalidArgumentError, ResponseParseError)}

READERS: Mapping[str, tuple[Reader, ...]] = {
    "roles_list": (
        Reader("roles", lambda c: c.roles(), is_listing=True),
        Reader("roles filtered", lambda c: c.roles(name="Ann", type="project").all()),
        Reader("create", lambda c: c.create(_ANN, role="Ann", organization=HEX), **_BY_NAME),
        Reader("list filtered", lambda c: c.list(role="Ann").all(), **_BY_NAME),
        Reader("native", lambda c: c.native(waldur.roles_list())),
    ),
    "customers_list": (
        Reader("scopes", lambda c: c.scopes(type="customer"), is_listing=True),
        Reader("scopes filtered", lambda c: c.scopes(name="Ann", type="customer", organization=HEX).all()),
        Reader("ensure", lambda c: c.ensure(_ANN, role=HEX, organization="Ann"), **_BY_NAME),
        Reader("count", lambda c: c.count(organization="Ann"), **_BY_NAME),
        Reader("native", lambda c: c.native(waldur.customers_list())),
    ),
    "projects_list": (
        Reader("scopes", lambda c: c.scopes(type="project"), is_listing=True),
        Reader("scopes filtered", lambda c: c.scopes(name="Ann", type="project", organization=HEX).all()),
        Reader("create", lambda c: c.create(_ANN, role=HEX, scope=Scope("project", "Ann")), **_BY_NAME),
        Reader("list filtered", lambda c: c.list(scope=Scope("project", "Ann")).all(), **_BY_NAME),
        Reader("native", lambda c: c.native(waldur.projects_list())),
    ),
    "user_invitations_list": (
        Reader("list", lambda c: c.list(), is_listing=True),
        Reader("list filtered", lambda c: c.list(email=_ANN, status="pending", role=HEX).all()),
        Reader("count", lambda c: c.count(email=_ANN)),
        Reader("ensure", lambda c: c.ensure(_ANN, **_W), also=(ResponseParseError,)),
        Reader("native", lambda c: c.native(waldur.user_invitations_list())),
    ),
    "user_invitations_count": (
        Reader("count", lambda c: c.count()),
        Reader("native", lambda c: c.native(waldur.user_invitations_count())),
    ),
    "user_invitations_create": (
        Reader("create", lambda c: c.create(_ANN, **_W), is_write=True),
        Reader("ensure", lambda c: c.ensure(_ANN, **_W), is_write=True),
    ),
    "user_invitations_retrieve": (
        Reader("get", lambda c: c.get(HEX)),
        Reader("cancel", lambda c: c.cancel(HEX), is_write=True),
        Reader("update", lambda c: c.update(HEX, email=_ANN), is_write=True),
        Reader("resend", lambda c: c.resend(HEX), is_write=True),
        Reader("native", lambda c: c.native(waldur.user_invitations_retrieve(HEX))),
    ),
    "user_invitations_update": (
        Reader(
            "native",
            lambda c: c.native(waldur.user_invitations_update(HEX, body=waldur.InvitationUpdateRequest(email=_ANN))),
        ),
    ),
    "user_invitations_partial_update": (Reader("update", lambda c: c.update(HEX, email=_ANN), is_write=True),),
    "user_invitations_destroy": (Reader("delete", lambda c: c.delete(HEX), is_write=True),),
    "user_invitations_delete": (Reader("native", lambda c: c.native(waldur.user_invitations_delete(HEX))),),
    "user_invitations_details_retrieve": (
        Reader("preview", lambda c: c.preview(HEX)),
        Reader("accept", lambda c: c.accept(HEX), is_write=True),
    ),
    "user_invitations_accept": (Reader("accept", lambda c: c.accept(HEX), is_write=True),),
    "user_invitations_cancel": (Reader("cancel", lambda c: c.cancel(HEX), is_write=True),),
    "user_invitations_send": (Reader("resend", lambda c: c.resend(HEX), is_write=True),),
    # Its document requires no address, and without one it may be an answer of anybody's.
    "user_invitations_check": (Reader("check", lambda c: c.check(HEX), also=(ResponseParseError,)),),
    "user_invitations_approve": (Reader("approve", lambda c: c.approve("a.b:c"), is_write=True),),
    "user_invitations_reject": (Reader("reject", lambda c: c.reject("a.b:c"), is_write=True),),
    # Its document requires no rows, and a page without is no page.
    "invitations_list": (
        Reader("list", lambda c: c.list(), is_listing=True, also=(ResponseParseError,)),
        Reader(
            "list filtered",
            lambda c: c.list(email=_ANN, status="pending", role="VIEWER").all(),
            also=(ResponseParseError,),
        ),
        Reader("count", lambda c: c.count(), also=(ResponseParseError,)),
        Reader("ensure", lambda c: c.ensure(_ANN, role="VIEWER"), also=(AlreadyInvitedError, ResponseParseError)),
        Reader("native", lambda c: c.native(cloudtruth.invitations_list())),
    ),
    "invitations_create": (
        Reader("create", lambda c: c.create(_ANN, role="VIEWER"), is_write=True),
        Reader("ensure", lambda c: c.ensure(_ANN, role="VIEWER"), is_write=True),
    ),
    "invitations_retrieve": (
        Reader("get", lambda c: c.get(ID)),
        Reader("check", lambda c: c.check(ID)),
        Reader("preview", lambda c: c.preview(ID)),
        # Read before anything is deleted: what cannot be read, or is accepted, stays.
        Reader("cancel", lambda c: c.cancel(ID), also=(InvalidStateError, ResponseParseError)),
        Reader("update", lambda c: c.update(ID, email=_ANN), also=(InvalidStateError, ResponseParseError)),
    ),
    "invitations_update": (
        Reader(
            "native",
            lambda c: c.native(
                cloudtruth.invitations_update(
                    ID, body=cloudtruth.InvitationRequest(email=_ANN, role=cloudtruth.RoleEnum.VIEWER)
                )
            ),
        ),
    ),
    # An answer that says that it was accepted meanwhile is no success.
    "invitations_partial_update": (
        Reader("update", lambda c: c.update(ID, email=_ANN), is_write=True, also=(InvalidStateError,)),
    ),
    "invitations_destroy": (Reader("delete", lambda c: c.delete(ID), is_write=True),),
    "invitations_accept_create": (Reader("accept", lambda c: c.accept(ID), is_write=True),),
    "invitations_resend_create": (Reader("resend", lambda c: c.resend(ID), is_write=True, also=(InvalidStateError,)),),
    "list_invitations": (
        Reader("list", lambda c: c.list(), is_listing=True),
        Reader("count", lambda c: c.count()),
        Reader("native", lambda c: c.native(zenml.list_invitations())),
    ),
    "get_invitation": (
        Reader("get", lambda c: c.get(ID)),
        Reader("check", lambda c: c.check(ID)),
        Reader("accept", lambda c: c.accept(ID), is_write=True),
        Reader("decline", lambda c: c.decline(ID), is_write=True),
        Reader("preview", lambda c: c.preview(ID)),
    ),
    "respond_to_invitation": (
        Reader("accept", lambda c: c.accept(ID), is_write=True),
        Reader("decline", lambda c: c.decline(ID), is_write=True),
    ),
    # A token that no header can carry is none.
    "auth_login": (Reader("login", lambda c: c.get(ID), also=(NotFoundError, ResponseParseError)),),
    "create_invite": (
        Reader("create", lambda c: c.create(_ANN, **_E), is_write=True),
        Reader("resend", lambda c: c.resend(made("https://enhance.example")), is_write=True),
        Reader("native", lambda c: c.native(_invite()), also=(ResponseParseError,)),
    ),
    "validate_invite": (
        Reader("check", lambda c: c.check(HEX)),
        Reader("get", lambda c: c.get(HEX), also=(NotFoundError,)),
        Reader("preview", lambda c: c.preview(HEX), also=(NotFoundError,)),
        Reader("accept", lambda c: c.accept(HEX, email=_ANN, password="secret enough"), is_write=True),
    ),
    "accept_invite": (
        Reader("accept", lambda c: c.accept(HEX, email=_ANN, password="secret enough"), is_write=True),
        Reader("accept again", lambda c: c.accept(HEX, session="a-session-of-hers"), is_write=True),
    ),
}


def _invite() -> Any:
    return enhance.create_invite(ID, body=enhance.NewInvite(email=_ANN, name="Ann", roles=[enhance.Role.SUPPORT]))


WRITES = frozenset(
    one
    for one in READERS
    if not any(word in one for word in ("list", "count", "retrieve", "check", "get_", "validate", "login"))
)
"""The operations whose success confirms a write."""
