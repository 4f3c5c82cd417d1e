"""The model Invitation."""

from ..._wire import WireModel
from .role_enum import RoleEnum


class Invitation(WireModel):
    """An invitation into the organization. It carries no times."""

    id: str
    """The id of the invitation."""
    email: str
    """The address of the invitee."""
    state: str
    """The state, in upper or lower case."""
    url: str | None = None
    """The API URL of the invitation."""
    role: RoleEnum | None = None
    """The role that the invitee gets on accepting."""
    inviter: str | None = None
    """The API URL of the inviter."""
    inviter_name: str | None = None
    """The name of the inviter."""
    state_detail: str | None = None
    """More on the state, such as why the mail bounced; may be empty."""
    membership: str | None = None
    """The API URL of the membership, null until accepted."""
    organization: str | None = None
    """The API URL of the organization."""
