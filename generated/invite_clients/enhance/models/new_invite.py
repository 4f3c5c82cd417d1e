"""The model NewInvite."""

from pydantic import Field

from ..._wire import RequestModel
from .role import Role


class NewInvite(RequestModel):
    """An invite to create."""

    email: str
    """The address to invite."""
    name: str
    """The name of the invitee."""
    roles: list[Role]
    """The roles to give."""
    site_accesses: list[str] | None = Field(
        default=None, validation_alias="siteAccesses", serialization_alias="siteAccesses"
    )
    """The websites that the invitee may enter."""
    notifications: list[str] | None = None
    """The notifications that the invitee gets."""
    send_email: bool | None = Field(default=None, validation_alias="sendEmail", serialization_alias="sendEmail")
    """Whether the panel mails the invite; it does unless told otherwise."""
