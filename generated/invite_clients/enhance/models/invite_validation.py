"""The model InviteValidation."""

from pydantic import Field

from ..._wire import WireModel
from .role import Role


class InviteValidation(WireModel):
    """Whether an invite is valid, and what it is for. There is no reason given for an invalid one."""

    is_valid: bool = Field(validation_alias="isValid", serialization_alias="isValid")
    """Whether the invite can be accepted."""
    login_id: str | None = Field(default=None, validation_alias="loginId", serialization_alias="loginId")
    """The id of the invitee's login."""
    org_id: str | None = Field(default=None, validation_alias="orgId", serialization_alias="orgId")
    """The id of the organization."""
    org_name: str | None = Field(default=None, validation_alias="orgName", serialization_alias="orgName")
    """The name of the organization."""
    role: Role | None = None
    """The role that the invitee gets."""
