"""The enum InvitationOrder."""

from ..._runtime import OpenEnum


class InvitationOrder(OpenEnum):
    """A field to sort by, descending with a minus sign."""

    CREATED = "created"
    CREATED_DESCENDING = "-created"
    CREATED_BY = "created_by"
    CREATED_BY_DESCENDING = "-created_by"
    EMAIL = "email"
    EMAIL_DESCENDING = "-email"
    STATE = "state"
    STATE_DESCENDING = "-state"
