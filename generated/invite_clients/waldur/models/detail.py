"""The model Detail."""

from ..._wire import WireModel


class Detail(WireModel):
    """One message."""

    detail: str
    """The message, in the language that was asked for."""
