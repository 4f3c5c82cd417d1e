"""ZenML Pro invitations: endpoint functions and wire models, loaded when first used.

Invitations into organizations, as the invited user sees and answers them.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api.auth.auth_login import auth_login
    from .api.invitations.get_invitation import get_invitation
    from .api.invitations.list_invitations import list_invitations
    from .api.invitations.respond_to_invitation import respond_to_invitation
    from .models.invitation import Invitation
    from .models.login_request import LoginRequest
    from .models.login_response import LoginResponse
    from .models.login_response_device_metadata import LoginResponseDeviceMetadata

__all__ = [
    "Invitation",
    "LoginRequest",
    "LoginResponse",
    "LoginResponseDeviceMetadata",
    "auth_login",
    "get_invitation",
    "list_invitations",
    "respond_to_invitation",
]

_MODULES = {
    "Invitation": ".models.invitation",
    "LoginRequest": ".models.login_request",
    "LoginResponse": ".models.login_response",
    "LoginResponseDeviceMetadata": ".models.login_response_device_metadata",
    "auth_login": ".api.auth.auth_login",
    "get_invitation": ".api.invitations.get_invitation",
    "list_invitations": ".api.invitations.list_invitations",
    "respond_to_invitation": ".api.invitations.respond_to_invitation",
}

# Type checkers see the names above and nothing else, so that they notice a misspelled one.
if not TYPE_CHECKING:

    def __getattr__(name):
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(module, __name__), name)
        globals()[name] = value
        return value

    # Whoever looks through all modules asks for every name that he is told; people are told all of them.
    def __dir__():
        return sorted({*globals(), *(_MODULES if hasattr(sys, "ps1") else ())})
