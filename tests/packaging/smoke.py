"""Run by the interpreter of an environment that holds the wheel and nothing else: two invitations, start to end."""

from __future__ import annotations

import asyncio

import invite_clients
import invite_sdk
from invite_sdk import AsyncInviteClient, InviteClient
from invite_sdk.testing import FakeWaldur

fake = FakeWaldur()
ROLE = fake.add_role("LIBRARIAN", "customer").uuid
ORGANIZATION = fake.add_customer("The Library").uuid


def sync_life() -> None:
    with InviteClient(fake.connection(), transport=fake.transport()) as client:
        created = client.create("ada@example.org", role=ROLE, organization=ORGANIZATION)
        assert created.status == "pending"
        assert [each.email for each in client.list(status="pending")] == ["ada@example.org"]
        assert client.cancel(created).status == "canceled"
        assert client.count(status="pending") == 0


async def async_life() -> None:
    async with AsyncInviteClient(fake.connection(), transport=fake.transport()) as client:
        created = await client.create("grace@example.org", role=ROLE, organization=ORGANIZATION)
        assert created.status == "pending"
        assert [each.email async for each in client.list(status="pending")] == ["grace@example.org"]
        assert (await client.cancel(created)).status == "canceled"
        assert await client.count(status="pending") == 0


for module in (invite_sdk, invite_clients):
    assert "site-packages" in str(module.__file__), module.__file__
sync_life()
asyncio.run(async_life())
