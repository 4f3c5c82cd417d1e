"""The model InvitationRequest."""

from pydantic import Field

from ..._wire import RequestModel


class InvitationRequest(RequestModel):
    """An invitation to create. Null is refused in every field."""

    role: str
    """The id of the role to give; a name or URL is refused."""
    scope: str = Field(min_length=1)
    """The API URL of the organization, project or other scope, with its trailing slash."""
    email: str = Field(min_length=1, max_length=254)
    """The address to mail. Another address may accept unless the portal is strict."""
    full_name: str | None = Field(default=None, max_length=100)
    """The invitee's full name."""
    native_name: str | None = Field(default=None, max_length=100)
    """The invitee's name in their own script. Newer servers may ignore it."""
    phone_number: str | None = Field(default=None, max_length=255)
    """The invitee's phone number. Newer servers may ignore it."""
    organization: str | None = Field(default=None, max_length=255)
    """Where the invitee works."""
    job_title: str | None = Field(default=None, max_length=120)
    """The invitee's job title."""
    civil_number: str | None = Field(default=None, max_length=50)
    """The civil number that the invitee must have; anyone may without. Newer servers may ignore it."""
    extra_invitation_text: str | None = Field(default=None, max_length=250)
    """The inviter's own words for the mail."""
