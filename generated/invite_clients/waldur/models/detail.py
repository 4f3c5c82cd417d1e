"""The model Detail."""

from ..._wire import WireModel


class Detail(WireModel):
    """One message, or none."""

    detail: str | None = None
    """The message, in the language that was asked for."""
