"""The enum InvitationState."""

from ..._runtime import OpenEnum


class InvitationState(OpenEnum):
    """A state to ask for: pending is queued, sent is on its way, bounced came back, accepted is done."""

    ACCEPTED = "accepted"
    BOUNCED = "bounced"
    PENDING = "pending"
    SENT = "sent"
