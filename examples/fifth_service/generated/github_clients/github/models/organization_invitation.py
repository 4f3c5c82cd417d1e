"""The model OrganizationInvitation."""

from ..._times import DateTime
from ..._wire import WireModel
from .inviter import Inviter
from .organization_invitation_invitation_source import OrganizationInvitationInvitationSource
from .organization_invitation_role import OrganizationInvitationRole


class OrganizationInvitation(WireModel):
    """An invitation into an organization."""

    id: int
    login: str | None
    """The invitee's login; null where an address was invited."""
    email: str | None
    """The invited address; null where a user was invited."""
    role: OrganizationInvitationRole
    created_at: DateTime
    node_id: str | None = None
    failed_at: str | None = None
    failed_reason: str | None = None
    """Why it failed, in words for people."""
    inviter: Inviter | None = None
    team_count: int | None = None
    invitation_teams_url: str | None = None
    invitation_source: OrganizationInvitationInvitationSource | None = None
