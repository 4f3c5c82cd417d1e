"""The model Project."""

from ..._wire import WireModel


class Project(WireModel):
    """A project of an organization."""

    uuid: str
    """The id."""
    name: str
    """The name; others may have the same."""
    url: str | None = None
    """The API URL, which an invitation takes as its scope."""
    customer_uuid: str | None = None
    """The id of its organization."""
    customer_name: str | None = None
    """The name of its organization."""
