"""The model NewPass."""

from pydantic import Field

from ..._wire import RequestModel
from .pass_level import PassLevel


class NewPass(RequestModel):
    """A pass to issue."""

    email: str = Field(max_length=254)
    """The address to mail."""
    level: PassLevel
    """What the pass opens."""
    guest_name: str | None = None
    """The name of the guest."""
