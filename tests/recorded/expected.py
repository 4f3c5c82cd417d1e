"""What the recorded answers mean, written down by hand: the documented tables, and values read from the JSON itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from invite_sdk import (
    AlreadyMemberError,
    APIError,
    AuthenticationError,
    InvalidStateError,
    Invitation,
    NotFoundError,
    PermissionDeniedError,
    RedirectError,
    ServerError,
    UnsupportedByServerError,
    ValidationError,
)
from tests.recorded.exchanges import Recorded

Json = Mapping[str, Any]

STATUS: Final = {
    "requested": "requested",
    "project": "scheduled",
    "pending": "pending",
    "accepted": "accepted",
    "rejected": "rejected",
    "canceled": "canceled",
    "expired": "expired",
}
DELIVERY: Final = {"Scheduled": "queued", "Processing": "queued", "OK": "sent", "Erred": "failed"}

BY_STATUS: Final[Mapping[int, type[APIError]]] = {
    301: RedirectError,
    400: ValidationError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: UnsupportedByServerError,
    406: APIError,
    415: UnsupportedByServerError,
    500: ServerError,
}
BY_MEANING: Final[Mapping[tuple[str, int], type[APIError]]] = {
    ("user_invitations_cancel", 400): InvalidStateError,
    ("user_invitations_send", 400): InvalidStateError,
    ("user_invitations_accept", 400): AlreadyMemberError,
}
"""Where the operation says more than the status: business rules, which are arrays on this server."""


def error_class(operation: str, exchange: Recorded) -> type[APIError]:
    """The class of a refusal."""
    return BY_MEANING.get((operation, exchange.status), BY_STATUS[exchange.status])


def messages(exchange: Recorded) -> tuple[str, ...]:
    """What a refusal says about the whole."""
    if exchange.is_html:
        return ("Server Error (500)",)
    if not exchange.body:
        return ()
    said: Any = json.loads(exchange.body)
    if exchange.body.startswith("["):
        return tuple(said)
    if "detail" in said:
        return (said["detail"],)
    return tuple(said.get("non_field_errors", ()))


def field_errors(exchange: Recorded) -> dict[str, tuple[str, ...]]:
    """What a refusal says about single fields."""
    if exchange.is_html or not exchange.body:
        return {}
    said: Any = json.loads(exchange.body)
    if exchange.body.startswith("[") or "detail" in said:
        return {}
    return {name: tuple(words) for name, words in said.items() if name != "non_field_errors"}


def time(text: str) -> datetime:
    """A time of this server: UTC with a Z."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


NOTHING: Final[Mapping[str, object]] = {
    **{name: None for name in Invitation.model_fields if name != "native"},
    "service": "waldur",
    "roles": (),
    "partial": False,
}
"""Every field of an Invitation of which nothing is known."""


def _shared(row: Json) -> dict[str, object]:
    assert row["scope_type"] == "project"
    return {
        **NOTHING,
        "status": STATUS[row["state"]],
        "native_status": row["state"],
        "email": row["email"],
        "role": row["role_name"],
        "roles": (row["role_name"],),
        "organization_id": row["customer_uuid"],
        "organization_name": row["customer_name"],
        "scope_type": "project",
        "scope_id": row["scope_uuid"],
        "scope_name": row["scope_name"],
        "inviter_name": row["created_by_full_name"],
        "inviter_id": row["created_by_username"],
        "delivery": DELIVERY[row["execution_state"]],
        "delivery_detail": row["error_message"] or None,
    }


def invitation(row: Json) -> dict[str, object]:
    """The fields of the Invitation for a full record."""
    return {
        **_shared(row),
        "id": row["uuid"],
        "name": row["full_name"] or None,
        "role_id": row["role"],
        "created_at": time(row["created"]),
        "expires_at": time(row["expires"]),
        "message": row["extra_invitation_text"] or None,
    }


def details(invitation_id: str, row: Json) -> dict[str, object]:
    """The fields of the Invitation for what an invitee sees."""
    return {**_shared(row), "id": invitation_id}


def known(invitation_id: str, status: str, **more: object) -> dict[str, object]:
    """The fields of the Invitation after a confirmed write that nothing was read after."""
    return {**NOTHING, "id": invitation_id, "status": status, "partial": True, **more}
