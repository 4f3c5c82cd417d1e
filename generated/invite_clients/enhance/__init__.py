"""Enhance invites: endpoint functions and wire models, loaded when first used.

Invites into an organization of a control panel. They can be made, checked and accepted, but neither listed nor
withdrawn.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api.invites.accept_invite import accept_invite
    from .api.invites.create_invite import create_invite
    from .api.invites.validate_invite import validate_invite
    from .models.accept_invite_body import AcceptInviteBody
    from .models.invite_validation import InviteValidation
    from .models.new_invite import NewInvite
    from .models.role import Role

__all__ = [
    "AcceptInviteBody",
    "InviteValidation",
    "NewInvite",
    "Role",
    "accept_invite",
    "create_invite",
    "validate_invite",
]

_MODULES = {
    "AcceptInviteBody": ".models.accept_invite_body",
    "InviteValidation": ".models.invite_validation",
    "NewInvite": ".models.new_invite",
    "Role": ".models.role",
    "accept_invite": ".api.invites.accept_invite",
    "create_invite": ".api.invites.create_invite",
    "validate_invite": ".api.invites.validate_invite",
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
