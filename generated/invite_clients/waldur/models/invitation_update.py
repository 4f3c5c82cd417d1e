"""The model InvitationUpdate."""

from ..._wire import WireModel


class InvitationUpdate(WireModel):
    """The fields of an invitation that can change, as they are now."""

    email: str | None = None
    """The address of the invitee."""
    role: str | None = None
    """The id of the role."""
