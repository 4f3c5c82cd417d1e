"""The model TokenRequest."""

from pydantic import Field

from ..._wire import RequestModel


class TokenRequest(RequestModel):
    """The proof that a staff member answers a request."""

    token: str = Field(repr=False, min_length=1)
    """The signed token from the link in the mail to staff."""
