"""How to reach a fake with the SDK: the connection of each service, by service name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invite_sdk.services.connection import Connection
    from invite_sdk.testing.base.fake import FakeService


def connection(fake: FakeService, user: str | None) -> Connection:
    """The SDK's connection to a fake that has none of its own: Waldur, with one of its users' tokens."""
    from invite_sdk.testing.waldur.fake import FakeWaldur

    if not isinstance(fake, FakeWaldur):
        msg = f"{type(fake).__name__} does not say how to connect to it: it has no `connection` of its own"
        raise NotImplementedError(msg)
    from invite_sdk.services.waldur import Waldur

    chosen = fake.users[user] if user else fake.users.first()
    return Waldur(fake.base_url, token=chosen.token)
