"""CloudTruth invitations: endpoint functions and wire models, loaded when first used.

Invitations into a CloudTruth organization. They neither expire nor can they be declined; deleting one withdraws it.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api.invitations.invitations_accept_create import invitations_accept_create
    from .api.invitations.invitations_create import invitations_create
    from .api.invitations.invitations_destroy import invitations_destroy
    from .api.invitations.invitations_list import invitations_list
    from .api.invitations.invitations_partial_update import invitations_partial_update
    from .api.invitations.invitations_resend_create import invitations_resend_create
    from .api.invitations.invitations_retrieve import invitations_retrieve
    from .api.invitations.invitations_update import invitations_update
    from .models.invitation import Invitation
    from .models.invitation_create import InvitationCreate
    from .models.invitation_request import InvitationRequest
    from .models.invitation_state import InvitationState
    from .models.paginated_invitation_list import PaginatedInvitationList
    from .models.patched_invitation import PatchedInvitation
    from .models.role_enum import RoleEnum

__all__ = [
    "Invitation",
    "InvitationCreate",
    "InvitationRequest",
    "InvitationState",
    "PaginatedInvitationList",
    "PatchedInvitation",
    "RoleEnum",
    "invitations_accept_create",
    "invitations_create",
    "invitations_destroy",
    "invitations_list",
    "invitations_partial_update",
    "invitations_resend_create",
    "invitations_retrieve",
    "invitations_update",
]

_MODULES = {
    "Invitation": ".models.invitation",
    "InvitationCreate": ".models.invitation_create",
    "InvitationRequest": ".models.invitation_request",
    "InvitationState": ".models.invitation_state",
    "PaginatedInvitationList": ".models.paginated_invitation_list",
    "PatchedInvitation": ".models.patched_invitation",
    "RoleEnum": ".models.role_enum",
    "invitations_accept_create": ".api.invitations.invitations_accept_create",
    "invitations_create": ".api.invitations.invitations_create",
    "invitations_destroy": ".api.invitations.invitations_destroy",
    "invitations_list": ".api.invitations.invitations_list",
    "invitations_partial_update": ".api.invitations.invitations_partial_update",
    "invitations_resend_create": ".api.invitations.invitations_resend_create",
    "invitations_retrieve": ".api.invitations.invitations_retrieve",
    "invitations_update": ".api.invitations.invitations_update",
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
