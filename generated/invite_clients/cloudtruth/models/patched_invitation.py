"""The model PatchedInvitation."""

from pydantic import Field

from ..._wire import RequestModel
from .role_enum import RoleEnum


class PatchedInvitation(RequestModel):
    """What to change of an invitation; only email and role count."""

    url: str | None = None
    """Ignored; the API URL of the invitation."""
    id: str | None = None
    """Ignored; the id of the invitation."""
    email: str | None = Field(default=None, max_length=254)
    """The address to invite."""
    role: RoleEnum | None = None
    """The role to give."""
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
