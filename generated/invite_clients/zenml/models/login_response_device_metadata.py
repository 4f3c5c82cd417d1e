"""The model LoginResponseDeviceMetadata."""

from ..._runtime import WireModel


class LoginResponseDeviceMetadata(WireModel):
    """More on that device."""
