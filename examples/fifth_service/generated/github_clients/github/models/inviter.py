"""The model Inviter."""

from ..._wire import WireModel


class Inviter(WireModel):
    """The user who invited."""

    login: str
    id: int
    avatar_url: str | None = None
