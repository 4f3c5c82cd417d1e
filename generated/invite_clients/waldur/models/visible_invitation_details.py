"""The model VisibleInvitationDetails."""

from ..._wire import WireModel
from .execution_state import ExecutionState
from .invitation_state import InvitationState


class VisibleInvitationDetails(WireModel):
    """An invitation as its invitee may see it. It holds neither its id nor its times."""

    state: InvitationState
    """The state of the invitation."""
    scope_uuid: str | None = None
    """The id of the scope."""
    scope_name: str | None = None
    """The name of the scope."""
    scope_description: str | None = None
    """The description of the scope, may be empty."""
    scope_type: str | None = None
    """The type of the scope, such as customer or project."""
    customer_uuid: str | None = None
    """The id of the organization."""
    customer_name: str | None = None
    """The name of the organization."""
    role_name: str | None = None
    """The name of the role, such as PROJECT.ADMIN."""
    role_description: str | None = None
    """The description of the role, may be empty."""
    created_by_full_name: str | None = None
    """The full name of the inviter."""
    created_by_username: str | None = None
    """The user name of the inviter."""
    created_by_image: str | None = None
    """The picture of the inviter, a path on the portal."""
    email: str | None = None
    """The address that was invited."""
    error_message: str | None = None
    """Why the mail could not be sent, empty otherwise."""
    execution_state: ExecutionState | None = None
    """How far the sending of the mail has come."""
