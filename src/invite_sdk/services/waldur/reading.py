"""Waldur's records become invitations."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from invite_clients import waldur
from invite_sdk._model.ids import canonical_id
from invite_sdk._model.records import Delivery, InvitationFields, Status, unset
from invite_sdk.services import common
from invite_sdk.services.waldur.capabilities import SERVICE

if TYPE_CHECKING:
    from invite_sdk._flows.rows import Rows
    from invite_sdk._model.invitation import Invitation

STATUS: dict[str, Status] = {
    "requested": Status.REQUESTED,
    "project": Status.SCHEDULED,
    "pending": Status.PENDING,
    "accepted": Status.ACCEPTED,
    "rejected": Status.REJECTED,
    "canceled": Status.CANCELED,
    "expired": Status.EXPIRED,
}


_UNSET = unset(SERVICE)
_UNKNOWN = Status.UNKNOWN
_UNKNOWN_DELIVERY = Delivery.UNKNOWN
DELIVERY: dict[str, Delivery] = {
    "Scheduled": Delivery.QUEUED,
    "Processing": Delivery.QUEUED,
    "OK": Delivery.SENT,
    "Erred": Delivery.FAILED,
}


@cache
def rows() -> Rows[waldur.Invitation]:
    """How the full records are read."""
    from invite_sdk._flows.rows import Rows

    return Rows(waldur.Invitation, _fields)


def from_wire(row: waldur.Invitation) -> Invitation:
    """An Invitation from the full record."""
    return rows().one(row)


def _fields(said: Mapping[str, Any]) -> InvitationFields:
    """The unified fields from those of the full record. Listings spend most of their own time here."""
    fields = _UNSET.copy()
    state, created, expires = said["state"], said["created"], said["expires"]
    fields["id"] = said["uuid"]
    fields["status"] = STATUS.get(state, _UNKNOWN)
    fields["native_status"] = state if type(state) is str else str(state)
    fields["email"] = said["email"] or None
    fields["name"] = said["full_name"] or None
    if role := said["role_name"]:
        fields["role"] = role
        fields["roles"] = (role,)
    fields["role_id"] = said["role"] or None
    fields["organization_id"] = said["customer_uuid"] or None
    fields["organization_name"] = said["customer_name"] or None
    if said["scope_type"] != "customer":
        fields["scope_type"] = said["scope_type"] or None
        fields["scope_id"] = said["scope_uuid"] or None
        fields["scope_name"] = said["scope_name"] or None
    fields["inviter_name"] = said["created_by_full_name"] or None
    fields["inviter_id"] = said["created_by_username"] or None
    fields["inviter_avatar_url"] = said.get("created_by_image") or None
    fields["created_at"] = created if created is None or created.tzinfo else common.aware(created)
    fields["expires_at"] = expires if expires is None or expires.tzinfo else common.aware(expires)
    fields["message"] = said["extra_invitation_text"] or None
    fields["delivery"] = DELIVERY.get(said["execution_state"], _UNKNOWN_DELIVERY)
    fields["delivery_detail"] = said["error_message"] or None
    return fields


def from_details(invitation_id: str, row: waldur.VisibleInvitationDetails, base_url: str = "") -> Invitation:
    """An Invitation from what its invitee may see, which does not say the id: it is written as the server would."""
    narrower = row.scope_type != "customer"
    return common.invitation(
        SERVICE,
        row,
        {
            "id": canonical_id(invitation_id),
            "status": STATUS.get(row.state, Status.UNKNOWN),
            "native_status": str(row.state),
            "email": row.email or None,
            "role": row.role_name or None,
            "roles": (row.role_name,) if row.role_name else (),
            "organization_id": row.customer_uuid or None,
            "organization_name": row.customer_name or None,
            "scope_type": (row.scope_type or None) if narrower else None,
            "scope_id": (row.scope_uuid or None) if narrower else None,
            "scope_name": (row.scope_name or None) if narrower else None,
            "inviter_name": row.created_by_full_name or None,
            "inviter_id": row.created_by_username or None,
            "inviter_avatar_url": common.absolute(row.created_by_image, base_url),
            "delivery": DELIVERY.get(row.execution_state or "", Delivery.UNKNOWN),
            "delivery_detail": row.error_message or None,
        },
    )


def wire_of(row: Invitation) -> waldur.Invitation:
    """The full record of a listed invitation."""
    return cast("waldur.Invitation", row.native)
