"""The model AcceptInviteBody."""

from pydantic import Field

from ..._wire import RequestModel


class AcceptInviteBody(RequestModel):
    """How an invitee without a session accepts."""

    email: str
    """The invited address."""
    password: str | None = Field(default=None, repr=False)
    """The password to set, or the one that the login has."""
    locale: str | None = None
    """The language for a new login."""
