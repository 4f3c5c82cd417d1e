"""The model Invitation."""

from ..._wire import WireModel
from .role_enum import RoleEnum


class Invitation(WireModel):
    """An invitation into the organization. It carries no times."""

    url: str
    """The API URL of the invitation."""
    id: str
    """The id of the invitation."""
    email: str
    """The address of the invitee."""
    role: RoleEnum
    """The role that the invitee gets on accepting."""
    inviter: str
    """The API URL of the inviter."""
    state: str
    """The state, in upper or lower case."""
    state_detail: str
    """More on the state, such as why the mail bounced; may be empty."""
    membership: str | None
    """The API URL of the membership, null until accepted."""
    inviter_name: str | None = None
    """The name of the inviter."""
    organization: str | None = None
    """The API URL of the organization."""
