"""The model LoginRequest."""

from pydantic import Field

from ..._wire import RequestModel


class LoginRequest(RequestModel):
    """The credentials of a login; either the password alone or the other four."""

    password: str | None = Field(default=None, repr=False)
    """The API key."""
    grant_type: str | None = None
    """The word client_credentials for a machine."""
    client_id: str | None = None
    """The id of the machine."""
    client_secret: str | None = Field(default=None, repr=False)
    """The secret of the machine."""
    audience: str | None = None
    """What the token is for."""
