"""The model Role."""

from ..._wire import WireModel


class Role(WireModel):
    """A role, which an invitation grants in a scope."""

    uuid: str
    """The id."""
    name: str
    """The name, such as PROJECT.ADMIN; no two roles have the same."""
    description: str | None = None
    """What it is, for people; may be empty."""
    content_type: str | None = None
    """The type of scope that it is granted in, such as customer or project."""
    is_active: bool | None = None
    """Whether it can be granted."""
    is_system_role: bool | None = None
    """Whether every portal has it."""
