"""Waldur user invitations: endpoint functions and wire models, loaded when first used.

Invitations to an organization, project or other scope of a Waldur portal. Messages in errors follow the Accept-Language
header, so their text says nothing to a program.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api.lookups.customers_list import customers_list
    from .api.lookups.projects_list import projects_list
    from .api.lookups.roles_list import roles_list
    from .api.user_invitations.user_invitations_accept import user_invitations_accept
    from .api.user_invitations.user_invitations_approve import user_invitations_approve
    from .api.user_invitations.user_invitations_cancel import user_invitations_cancel
    from .api.user_invitations.user_invitations_check import user_invitations_check
    from .api.user_invitations.user_invitations_count import user_invitations_count
    from .api.user_invitations.user_invitations_create import user_invitations_create
    from .api.user_invitations.user_invitations_delete import user_invitations_delete
    from .api.user_invitations.user_invitations_destroy import user_invitations_destroy
    from .api.user_invitations.user_invitations_details_retrieve import user_invitations_details_retrieve
    from .api.user_invitations.user_invitations_list import user_invitations_list
    from .api.user_invitations.user_invitations_partial_update import user_invitations_partial_update
    from .api.user_invitations.user_invitations_reject import user_invitations_reject
    from .api.user_invitations.user_invitations_retrieve import user_invitations_retrieve
    from .api.user_invitations.user_invitations_send import user_invitations_send
    from .api.user_invitations.user_invitations_update import user_invitations_update
    from .models.customer import Customer
    from .models.detail import Detail
    from .models.execution_state import ExecutionState
    from .models.invitation import Invitation
    from .models.invitation_check import InvitationCheck
    from .models.invitation_order import InvitationOrder
    from .models.invitation_request import InvitationRequest
    from .models.invitation_state import InvitationState
    from .models.invitation_update import InvitationUpdate
    from .models.invitation_update_request import InvitationUpdateRequest
    from .models.patched_invitation_update_request import PatchedInvitationUpdateRequest
    from .models.project import Project
    from .models.role import Role
    from .models.scope_type import ScopeType
    from .models.token_request import TokenRequest
    from .models.visible_invitation_details import VisibleInvitationDetails

__all__ = [
    "Customer",
    "Detail",
    "ExecutionState",
    "Invitation",
    "InvitationCheck",
    "InvitationOrder",
    "InvitationRequest",
    "InvitationState",
    "InvitationUpdate",
    "InvitationUpdateRequest",
    "PatchedInvitationUpdateRequest",
    "Project",
    "Role",
    "ScopeType",
    "TokenRequest",
    "VisibleInvitationDetails",
    "customers_list",
    "projects_list",
    "roles_list",
    "user_invitations_accept",
    "user_invitations_approve",
    "user_invitations_cancel",
    "user_invitations_check",
    "user_invitations_count",
    "user_invitations_create",
    "user_invitations_delete",
    "user_invitations_destroy",
    "user_invitations_details_retrieve",
    "user_invitations_list",
    "user_invitations_partial_update",
    "user_invitations_reject",
    "user_invitations_retrieve",
    "user_invitations_send",
    "user_invitations_update",
]

_MODULES = {
    "Customer": ".models.customer",
    "Detail": ".models.detail",
    "ExecutionState": ".models.execution_state",
    "Invitation": ".models.invitation",
    "InvitationCheck": ".models.invitation_check",
    "InvitationOrder": ".models.invitation_order",
    "InvitationRequest": ".models.invitation_request",
    "InvitationState": ".models.invitation_state",
    "InvitationUpdate": ".models.invitation_update",
    "InvitationUpdateRequest": ".models.invitation_update_request",
    "PatchedInvitationUpdateRequest": ".models.patched_invitation_update_request",
    "Project": ".models.project",
    "Role": ".models.role",
    "ScopeType": ".models.scope_type",
    "TokenRequest": ".models.token_request",
    "VisibleInvitationDetails": ".models.visible_invitation_details",
    "customers_list": ".api.lookups.customers_list",
    "projects_list": ".api.lookups.projects_list",
    "roles_list": ".api.lookups.roles_list",
    "user_invitations_accept": ".api.user_invitations.user_invitations_accept",
    "user_invitations_approve": ".api.user_invitations.user_invitations_approve",
    "user_invitations_cancel": ".api.user_invitations.user_invitations_cancel",
    "user_invitations_check": ".api.user_invitations.user_invitations_check",
    "user_invitations_count": ".api.user_invitations.user_invitations_count",
    "user_invitations_create": ".api.user_invitations.user_invitations_create",
    "user_invitations_delete": ".api.user_invitations.user_invitations_delete",
    "user_invitations_destroy": ".api.user_invitations.user_invitations_destroy",
    "user_invitations_details_retrieve": ".api.user_invitations.user_invitations_details_retrieve",
    "user_invitations_list": ".api.user_invitations.user_invitations_list",
    "user_invitations_partial_update": ".api.user_invitations.user_invitations_partial_update",
    "user_invitations_reject": ".api.user_invitations.user_invitations_reject",
    "user_invitations_retrieve": ".api.user_invitations.user_invitations_retrieve",
    "user_invitations_send": ".api.user_invitations.user_invitations_send",
    "user_invitations_update": ".api.user_invitations.user_invitations_update",
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
