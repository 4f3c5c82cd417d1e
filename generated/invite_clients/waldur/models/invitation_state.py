"""The enum InvitationState."""

from ..._runtime import OpenEnum


class InvitationState(OpenEnum):
    """The state of an invitation: waiting for its project to start, for staff to approve, or for the invitee; or
    settled.
    """

    PROJECT = "project"
    REQUESTED = "requested"
    REJECTED = "rejected"
    PENDING = "pending"
    ACCEPTED = "accepted"
    CANCELED = "canceled"
    EXPIRED = "expired"
