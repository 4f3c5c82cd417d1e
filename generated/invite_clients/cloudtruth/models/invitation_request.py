"""The model InvitationRequest."""

from pydantic import Field

from ..._wire import RequestModel
from .role_enum import RoleEnum


class InvitationRequest(RequestModel):
    """An invitation to put in place of another; only email and role count."""

    email: str = Field(max_length=254)
    """The address to invite."""
    role: RoleEnum
    """The role to give."""
    url: str | None = None
    """Ignored; the API URL of the invitation."""
    id: str | None = None
    """Ignored; the id of the invitation."""
    inviter: str | None = None
    """Ignored; the API URL of the inviter."""
    inviter_name: str | None = None
    """Ignored; the name of the inviter."""
    state: str | None = None
    """Ignored; the state."""
    state_detail: str | None = None
    """Ignored; more on the state."""
    membership: str | None = None
    """Ignored; the API URL of the membership."""
    organization: str | None = None
    """Ignored; the API URL of the organization."""
