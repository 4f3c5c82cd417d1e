"""The enum OrganizationInvitationRole."""

from ..._runtime import OpenEnum


class OrganizationInvitationRole(OpenEnum):
    """OrganizationInvitationRole."""

    ADMIN = "admin"
    DIRECT_MEMBER = "direct_member"
    BILLING_MANAGER = "billing_manager"
    HIRING_MANAGER = "hiring_manager"
    REINSTATE = "reinstate"
