"""The model LoginResponseDeviceMetadata."""

from ..._wire import WireModel


class LoginResponseDeviceMetadata(WireModel):
    """More on that device."""
