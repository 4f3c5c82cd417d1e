"""The model VisibleInvitationDetails."""

from ..._wire import WireModel
from .execution_state import ExecutionState
from .invitation_state import InvitationState


class VisibleInvitationDetails(WireModel):
    """An invitation as its invitee may see it. It holds neither its id nor its times."""

    scope_type: str | None
    """The type of the scope, such as customer or project."""
    customer_uuid: str
    """The id of the organization."""
    customer_name: str
    """The name of the organization."""
    role_name: str
    """The name of the role, such as PROJECT.ADMIN."""
    role_description: str
    """The description of the role, may be empty."""
    email: str
    """The address that was invited."""
    error_message: str
    """Why the mail could not be sent, empty otherwise."""
    execution_state: ExecutionState
    """How far the sending of the mail has come."""
    state: InvitationState
    """The state of the invitation."""
    scope_uuid: str | None = None
    """The id of the scope."""
    scope_name: str | None = None
    """The name of the scope."""
    scope_description: str | None = None
    """The description of the scope, may be empty."""
    created_by_full_name: str | None = None
    """The full name of the inviter."""
    created_by_username: str | None = None
    """The user name of the inviter."""
    created_by_image: str | None = None
    """The picture of the inviter, a path on the portal."""
