"""The model InvitationCreate."""

from pydantic import Field

from ..._wire import RequestModel
from .role_enum import RoleEnum


class InvitationCreate(RequestModel):
    """An invitation to create."""

    email: str = Field(max_length=254)
    """The address to invite."""
    role: RoleEnum
    """The role to give, at most the caller's own."""
