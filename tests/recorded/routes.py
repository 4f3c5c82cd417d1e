"""Which operation a recorded request belongs to: what a user would have called, in the generated client and in ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from invite_clients import waldur
from invite_clients._runtime import Call
from tests.recorded.exchanges import ORIGIN, Recorded

NO_READER: Final = {
    "008_options": "OPTIONS is no operation of the API",
    "009_roles_list": "another endpoint: roles",
    "010_version": "another endpoint: version",
    "106_list_accept_html": "the browsable page, which only a browser asks for",
    "137_check_get_method": "check has no GET",
    "143_details_post_method": "details has no POST",
    "150_send_get_method": "send has no GET",
    "220_DELETE_verb_on_list": "the list has no DELETE, and the SDK refuses an empty id",
    "221_check_duplicates": "another endpoint: check-duplicates, of later servers",
}
"""The exchanges that no operation reads, with the reason."""

ROLE: Final = "a5362da7f81e455b8cb02acf82aacb86"
PROJECT_URL: Final = f"{ORIGIN}/api/projects/aec40e9f4c1648f29bbeb3704048cfd0/"
EMAIL: Final = "ann@example.org"

AnyCall: TypeAlias = "Call[Any]"
_ROOT = "/api/user-invitations/"
_ID = r"(?P<id>[^/]+)"


@dataclass(frozen=True, slots=True)
class Unified:
    """A method of the clients with its arguments; `{id}` stands for the recorded id."""

    name: str
    arguments: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the API."""

    method: str
    path: re.Pattern[str]
    native: Callable[[str], AnyCall]
    unified: Unified | None


def _route(method: str, path: str, native: Callable[[str], AnyCall], unified: Unified | None = None) -> Route:
    # Without its last slash the same operation is redirected to.
    return Route(method, re.compile(f"{_ROOT}{path}/?" if path else f"{_ROOT}?"), native, unified)


def _new() -> waldur.InvitationRequest:
    return waldur.InvitationRequest(email=EMAIL, role=ROLE, scope=PROJECT_URL)


def _token() -> waldur.TokenRequest:
    return waldur.TokenRequest(token="a.b:1abc:zzz")


_BRIEF = {"refetch": False}
ROUTES: Final = (
    _route("GET", "", lambda _: waldur.user_invitations_list(), Unified("list")),
    _route("HEAD", "", lambda _: waldur.user_invitations_count(), Unified("count")),
    _route(
        "POST",
        "",
        lambda _: waldur.user_invitations_create(body=_new()),
        Unified("create", (EMAIL,), {"role": ROLE, "scope": PROJECT_URL}),
    ),
    _route(
        "POST", "approve", lambda _: waldur.user_invitations_approve(body=_token()), Unified("approve", ("a.b:1:z",))
    ),
    _route("POST", "reject", lambda _: waldur.user_invitations_reject(body=_token()), Unified("reject", ("a.b:1:z",))),
    _route("GET", _ID, waldur.user_invitations_retrieve, Unified("get", ("{id}",))),
    _route(
        "PUT",
        _ID,
        lambda uuid: waldur.user_invitations_update(uuid, body=waldur.InvitationUpdateRequest(email=EMAIL, role=ROLE)),
    ),
    _route(
        "PATCH",
        _ID,
        lambda uuid: waldur.user_invitations_partial_update(
            uuid, body=waldur.PatchedInvitationUpdateRequest(email=EMAIL)
        ),
        Unified("update", ("{id}",), {"email": EMAIL, **_BRIEF}),
    ),
    _route("DELETE", _ID, waldur.user_invitations_destroy, Unified("delete", ("{id}",))),
    _route("POST", f"{_ID}/accept", waldur.user_invitations_accept, Unified("accept", ("{id}",), _BRIEF)),
    _route("POST", f"{_ID}/cancel", waldur.user_invitations_cancel, Unified("cancel", ("{id}",), _BRIEF)),
    _route("POST", f"{_ID}/check", waldur.user_invitations_check, Unified("check", ("{id}",))),
    _route("POST", f"{_ID}/delete", waldur.user_invitations_delete),
    _route("GET", f"{_ID}/details", waldur.user_invitations_details_retrieve, Unified("preview", ("{id}",))),
    _route("POST", f"{_ID}/send", waldur.user_invitations_send, Unified("resend", ("{id}",), _BRIEF)),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A recorded exchange with the operation that reads its answer."""

    exchange: Recorded
    route: Route
    invitation_id: str

    def __str__(self) -> str:
        return self.exchange.name

    @property
    def call(self) -> AnyCall:
        """The call of the generated client."""
        return self.route.native(self.invitation_id)


def asked(exchange: Recorded) -> Asked | None:
    """The operation of an exchange, or `None` where there is none."""
    for route in ROUTES:
        found = route.path.fullmatch(exchange.path)
        if found and route.method == exchange.method:
            return Asked(exchange, route, found.groupdict().get("id", ""))
    return None
