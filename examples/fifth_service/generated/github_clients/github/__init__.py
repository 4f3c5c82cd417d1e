"""GitHub organization invitations: endpoint functions and wire models, loaded when first used.

Invite people into an organization, see who has not answered, and take invitations back.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api.invitations.cancel_invitation import cancel_invitation
    from .api.invitations.create_invitation import create_invitation
    from .api.invitations.list_failed_invitations import list_failed_invitations
    from .api.invitations.list_pending_invitations import list_pending_invitations
    from .models.inviter import Inviter
    from .models.list_pending_invitations_invitation_source import ListPendingInvitationsInvitationSource
    from .models.list_pending_invitations_role import ListPendingInvitationsRole
    from .models.new_invitation import NewInvitation
    from .models.new_invitation_role import NewInvitationRole
    from .models.organization_invitation import OrganizationInvitation
    from .models.organization_invitation_invitation_source import OrganizationInvitationInvitationSource
    from .models.organization_invitation_role import OrganizationInvitationRole

__all__ = [
    "Inviter",
    "ListPendingInvitationsInvitationSource",
    "ListPendingInvitationsRole",
    "NewInvitation",
    "NewInvitationRole",
    "OrganizationInvitation",
    "OrganizationInvitationInvitationSource",
    "OrganizationInvitationRole",
    "cancel_invitation",
    "create_invitation",
    "list_failed_invitations",
    "list_pending_invitations",
]

_MODULES = {
    "Inviter": ".models.inviter",
    "ListPendingInvitationsInvitationSource": ".models.list_pending_invitations_invitation_source",
    "ListPendingInvitationsRole": ".models.list_pending_invitations_role",
    "NewInvitation": ".models.new_invitation",
    "NewInvitationRole": ".models.new_invitation_role",
    "OrganizationInvitation": ".models.organization_invitation",
    "OrganizationInvitationInvitationSource": ".models.organization_invitation_invitation_source",
    "OrganizationInvitationRole": ".models.organization_invitation_role",
    "cancel_invitation": ".api.invitations.cancel_invitation",
    "create_invitation": ".api.invitations.create_invitation",
    "list_failed_invitations": ".api.invitations.list_failed_invitations",
    "list_pending_invitations": ".api.invitations.list_pending_invitations",
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
