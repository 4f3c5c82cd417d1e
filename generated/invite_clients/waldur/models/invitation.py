"""The model Invitation."""

from ..._times import DateTime
from ..._wire import WireModel
from .execution_state import ExecutionState
from .invitation_state import InvitationState


class Invitation(WireModel):
    """An invitation as those who manage it see it."""

    uuid: str
    """The id of the invitation."""
    email: str
    """The address that the mail goes to. Another address may accept unless the portal is strict."""
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
    """The picture of the inviter."""
    url: str | None = None
    """The API URL of the invitation."""
    role: str | None = None
    """The id of the role."""
    created: DateTime | None = None
    """When it was created, or last sent after it had expired or been canceled."""
    expires: DateTime | None = None
    """When it expires; a daily task makes it so, so a pending one may be past its time."""
    full_name: str | None = None
    """The invitee's full name, empty where not given."""
    native_name: str | None = None
    """The invitee's name in their own script, empty where not given."""
    tax_number: str | None = None
    """The invitee's tax number, empty where not given. Old servers only."""
    phone_number: str | None = None
    """The invitee's phone number, empty where not given."""
    organization: str | None = None
    """Where the invitee works, empty where not given."""
    job_title: str | None = None
    """The invitee's job title, empty where not given."""
    civil_number: str | None = None
    """The civil number that the invitee must have, empty for anyone."""
    error_message: str | None = None
    """Why the mail could not be sent, empty otherwise."""
    extra_invitation_text: str | None = None
    """The inviter's own words in the mail, may be empty."""
    execution_state: ExecutionState | None = None
    """How far the sending of the mail has come."""
