"""The enum NewInvitationRole."""

from ..._runtime import OpenEnum


class NewInvitationRole(OpenEnum):
    """A member unless another is given; `reinstate` is the role that a former member had."""

    ADMIN = "admin"
    DIRECT_MEMBER = "direct_member"
    BILLING_MANAGER = "billing_manager"
    REINSTATE = "reinstate"
