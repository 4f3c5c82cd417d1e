"""Whether a client's server and credential are right: asked by the cheapest read that the service has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from invite_sdk import CallOptions, InviteClient

_NO_KEY: Final = "0" * 32


def probe(client: InviteClient, call: CallOptions) -> str | None:
    """Reads something small.

    Args:
        client: the client.
        call: the options of the call.

    Returns:
        What was read with the credential; `None` where the service has nothing that could be, and only answered.

    Raises:
        InviteError: it was refused, or nothing came.
    """
    from invite_sdk import APIError, ConfigurationError

    if client.supports("list"):
        for _ in client.list(limit=1, **call):
            break
        return "list"
    try:
        client.check(_NO_KEY, **call)
    except APIError as error:
        if error.status >= 500:
            raise
        if "html" in error.headers.get("content-type", ""):
            # To a key that nobody has, the service says so in its own way.
            raise ConfigurationError(
                f"{client.base_url} answered {error.status} with a web page: is this the address of the service's API? "
                "check the URL setting"
            ) from None
    return None
