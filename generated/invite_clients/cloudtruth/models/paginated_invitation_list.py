"""The model PaginatedInvitationList."""

from pydantic import Field

from ..._wire import WireModel
from .invitation import Invitation


class PaginatedInvitationList(WireModel):
    """One page of invitations. The service promises none of the keys."""

    count: int | None = None
    """How many invitations match, over all pages."""
    next_: str | None = Field(default=None, validation_alias="next", serialization_alias="next")
    """The URL of the next page, null on the last."""
    previous: str | None = None
    """The URL of the page before, null on the first."""
    results: list[Invitation] | None = None
    """The invitations of this page."""
