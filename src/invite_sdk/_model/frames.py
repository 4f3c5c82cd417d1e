"""What each column of a frame of invitations holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invite_sdk._model.installed import service_names
from invite_sdk._model.records import ROW_FIELDS, Delivery, Status

if TYPE_CHECKING:
    from invite_sdk._frames import Columns, Kind


def columns() -> Columns:
    """The unified fields: text, but for these. Named one by one, so that no row and many rows give the same frame."""
    others: dict[str, Kind] = {
        # Another distribution's service is known while it is installed.
        "service": service_names(),
        "status": tuple(map(str, Status)),
        "organization_member_count": "number",
        "created_at": "time",
        "expires_at": "time",
        "delivery": tuple(map(str, Delivery)),
        "partial": "flag",
    }
    return {name: others.get(name, "text") for name in ROW_FIELDS}
