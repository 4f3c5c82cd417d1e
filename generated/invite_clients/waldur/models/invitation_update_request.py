"""The model InvitationUpdateRequest."""

from pydantic import Field

from ..._wire import RequestModel


class InvitationUpdateRequest(RequestModel):
    """New email and role of an invitation."""

    email: str = Field(min_length=1, max_length=254)
    """The address to invite."""
    role: str | None = None
    """The id of the new role, one for the same type of scope."""
