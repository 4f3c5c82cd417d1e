"""The model NewInvitation."""

from pydantic import Field

from ..._wire import RequestModel
from .new_invitation_role import NewInvitationRole


class NewInvitation(RequestModel):
    """Whom to invite, by one of address and id."""

    email: str | None = Field(default=None, max_length=254)
    """The invitee's address."""
    invitee_id: int | None = None
    """The invitee's id as a user of GitHub."""
    role: NewInvitationRole | None = None
    """A member unless another is given; `reinstate` is the role that a former member had."""
    team_ids: list[int] | None = None
    """The teams to join."""
