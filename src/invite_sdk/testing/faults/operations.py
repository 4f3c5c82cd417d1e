"""Which operation a request addresses, known before the service has seen it. A fault without an effect needs that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TypeAlias

from invite_sdk.testing.messages import FakeRequest

_WALDUR = "/api/user-invitations/"
_CLOUDTRUTH = "/api/v1/invitations/"

Routes: TypeAlias = tuple[tuple[str, str, str], ...]
"""Each operation by its operationId, its methods, and its path with `*` for a segment. The first that fits counts."""

ROUTES: Mapping[str, Routes] = {
    "waldur": (
        ("user_invitations_list", "GET", _WALDUR),
        ("user_invitations_count", "HEAD", _WALDUR),
        ("user_invitations_create", "POST", _WALDUR),
        ("user_invitations_approve", "POST", f"{_WALDUR}approve/"),
        ("user_invitations_reject", "POST", f"{_WALDUR}reject/"),
        ("user_invitations_check_duplicates", "POST", f"{_WALDUR}check-duplicates/"),
        ("user_invitations_retrieve", "GET", f"{_WALDUR}*/"),
        ("user_invitations_update", "PUT", f"{_WALDUR}*/"),
        ("user_invitations_partial_update", "PATCH", f"{_WALDUR}*/"),
        ("user_invitations_destroy", "DELETE", f"{_WALDUR}*/"),
        ("user_invitations_details_retrieve", "GET", f"{_WALDUR}*/details/"),
        ("user_invitations_accept", "POST", f"{_WALDUR}*/accept/"),
        ("user_invitations_cancel", "POST", f"{_WALDUR}*/cancel/"),
        ("user_invitations_send", "POST", f"{_WALDUR}*/send/"),
        ("user_invitations_check", "POST", f"{_WALDUR}*/check/"),
        ("user_invitations_delete", "POST", f"{_WALDUR}*/delete/"),
        ("roles_list", "GET", "/api/roles/"),
        ("customers_list", "GET", "/api/customers/"),
        ("projects_list", "GET", "/api/projects/"),
    ),
    "cloudtruth": (
        ("invitations_list", "GET HEAD", _CLOUDTRUTH),
        ("invitations_create", "POST", _CLOUDTRUTH),
        ("invitations_retrieve", "GET HEAD", f"{_CLOUDTRUTH}*/"),
        ("invitations_update", "PUT", f"{_CLOUDTRUTH}*/"),
        ("invitations_partial_update", "PATCH", f"{_CLOUDTRUTH}*/"),
        ("invitations_destroy", "DELETE", f"{_CLOUDTRUTH}*/"),
        ("invitations_accept_create", "POST", f"{_CLOUDTRUTH}*/accept/"),
        ("invitations_resend_create", "POST", f"{_CLOUDTRUTH}*/resend/"),
    ),
    "zenml": (
        ("list_invitations", "GET", "/invitations"),
        ("get_invitation", "GET", "/invitations/*"),
        ("respond_to_invitation", "POST", "/invitations/*"),
        ("auth_login", "POST", "/auth/login"),
    ),
    "enhance": (
        ("create_invite", "POST", "/api/orgs/*/invites"),
        ("accept_invite", "POST", "/api/invites/*"),
        ("validate_invite", "POST", "/api/invites/*/validate"),
    ),
}


def methods_of(routes: Routes, path: str) -> tuple[str, ...]:
    """The methods that operations at a path have, in their order; none where no operation is there."""
    return tuple(method for _, methods, pattern in _compiled(routes) if pattern.fullmatch(path) for method in methods)


def operation_of(routes: Routes, request: FakeRequest) -> str | None:
    """The operationId that a request addresses by its method and path; `None` where there is none."""
    path = request.path
    for name, methods, pattern in _compiled(routes):
        if request.method in methods and pattern.fullmatch(path):
            return name
    return None


@cache
def _compiled(routes: Routes) -> tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...]:
    return tuple(
        (name, tuple(methods.split()), re.compile("[^/]+".join(map(re.escape, path.split("*")))))
        for name, methods, path in routes
    )
