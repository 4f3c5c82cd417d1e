"""The model Customer."""

from ..._wire import WireModel


class Customer(WireModel):
    """An organization."""

    uuid: str
    """The id."""
    name: str
    """The name; others may have the same."""
    url: str | None = None
    """The API URL, which an invitation takes as its scope."""
