"""The model PassPage."""

from pydantic import Field

from ..._wire import WireModel
from .pass_ import Pass


class PassPage(WireModel):
    """One page of passes."""

    passes: list[Pass]
    """The passes of this page."""
    total: int | None = None
    """How many passes match, over all pages."""
    next_: str | None = Field(default=None, validation_alias="next", serialization_alias="next")
    """The URL of the next page, null on the last."""
