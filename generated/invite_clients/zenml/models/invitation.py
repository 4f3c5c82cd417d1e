"""The model Invitation."""

from ..._times import DateTime
from ..._wire import WireModel


class Invitation(WireModel):
    """A pending invitation to the caller. It names neither email nor role, and the organization only by name."""

    id: str
    """The id of the invitation."""
    organization_name: str | None = None
    """The name of the organization."""
    organization_logo_url: str | None = None
    """The logo of the organization."""
    organization_member_count: int | None = None
    """How many members the organization has."""
    inviting_user_name: str | None = None
    """The name of the inviter."""
    inviting_user_avatar_url: str | None = None
    """The picture of the inviter."""
    expiration_date: DateTime | None = None
    """When the invitation expires; UTC where no offset is given."""
