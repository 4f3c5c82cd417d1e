"""The enum ListPendingInvitationsRole."""

from ..._runtime import OpenEnum


class ListPendingInvitationsRole(OpenEnum):
    """ListPendingInvitationsRole."""

    ALL = "all"
    ADMIN = "admin"
    DIRECT_MEMBER = "direct_member"
    BILLING_MANAGER = "billing_manager"
    HIRING_MANAGER = "hiring_manager"
