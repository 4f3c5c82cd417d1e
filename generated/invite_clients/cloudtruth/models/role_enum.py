"""The enum RoleEnum."""

from ..._runtime import OpenEnum


class RoleEnum(OpenEnum):
    """A role in the organization."""

    OWNER = "OWNER"
    ADMIN = "ADMIN"
    CONTRIB = "CONTRIB"
    VIEWER = "VIEWER"
