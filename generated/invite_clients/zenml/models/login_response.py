"""The model LoginResponse."""

from pydantic import Field

from ..._wire import WireModel
from .login_response_device_metadata import LoginResponseDeviceMetadata


class LoginResponse(WireModel):
    """A token and how long it lasts; more keys may come along."""

    access_token: str = Field(repr=False)
    """The token, to be sent as bearer."""
    token_type: str | None = None
    """The kind of token, bearer."""
    expires_in: int | None = None
    """Seconds until the token expires, as a rule 3600."""
    device_id: str | None = None
    """The id of the device that the token is bound to."""
    device_metadata: LoginResponseDeviceMetadata | None = None
    """More on that device."""
