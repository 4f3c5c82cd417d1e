"""The enum ListPendingInvitationsInvitationSource."""

from ..._runtime import OpenEnum


class ListPendingInvitationsInvitationSource(OpenEnum):
    """ListPendingInvitationsInvitationSource."""

    ALL = "all"
    MEMBER = "member"
    SCIM = "scim"
