"""The model InvitationCheck."""

from ..._wire import WireModel


class InvitationCheck(WireModel):
    """A pending invitation, as anyone with its id may see it."""

    email: str | None = None
    """The address that was invited."""
    civil_number_required: bool | None = None
    """Whether the invitee must have a certain civil number; absent means no."""
