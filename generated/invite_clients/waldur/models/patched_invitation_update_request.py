"""The model PatchedInvitationUpdateRequest."""

from pydantic import Field

from ..._wire import RequestModel


class PatchedInvitationUpdateRequest(RequestModel):
    """A new email or role of an invitation."""

    email: str | None = Field(default=None, min_length=1, max_length=254)
    """The address to invite."""
    role: str | None = None
    """The id of the new role, one for the same type of scope."""
