"""Where a Waldur is, and how to show who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invite_sdk._flows.auth import StaticAuth
from invite_sdk.services.connection import Connection, Secret, base_url, one_of
from invite_sdk.services.waldur.capabilities import SERVICE

if TYPE_CHECKING:
    from invite_sdk.services.waldur.adapter import WaldurAdapter


class Waldur(Connection):
    """A Waldur server.

    Args:
        url: the server's address, for example `https://waldur.example.org`.
        token: an API token, sent as `Authorization: Token …`.
        bearer: an OIDC access token instead, sent as `Authorization: Bearer …`; newer servers only.
        allow_http: allow plain http to another machine, which shows the token to the network.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """

    __slots__ = ()
    service = SERVICE
    settings = ("url", "token", "bearer")
    secrets = ("token", "bearer")

    def __init__(
        self, url: str, *, token: Secret | None = None, bearer: Secret | None = None, allow_http: bool = False
    ) -> None:
        root = base_url("url", url, allow_http=allow_http, strip=("/user-invitations", "/api"))
        kind, value = one_of("Waldur", {"token": token, "bearer": bearer})
        scheme = "Token" if kind == "token" else "Bearer"
        super().__init__(root, StaticAuth.authorization(scheme, value))

    @classmethod
    def adapter_type(cls) -> type[WaldurAdapter]:
        """What knows Waldur."""
        from invite_sdk.services.waldur.adapter import WaldurAdapter

        return WaldurAdapter
