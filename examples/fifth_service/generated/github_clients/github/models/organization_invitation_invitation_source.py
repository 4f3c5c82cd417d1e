"""The enum OrganizationInvitationInvitationSource."""

from ..._runtime import OpenEnum


class OrganizationInvitationInvitationSource(OpenEnum):
    """OrganizationInvitationInvitationSource."""

    MEMBER = "member"
    SCIM = "scim"
