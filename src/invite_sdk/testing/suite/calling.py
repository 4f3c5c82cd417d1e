"""Calls that several tests make."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from invite_sdk import EnsureResult, Invitation, InviteClient
    from invite_sdk.testing.suite.fixtures import Connect
    from invite_sdk.testing.suite.meddler import Before
    from invite_sdk.testing.suite.world import Case, World


LISTED = ("list", "roles", "scopes")
"""The operations that return a pager."""


def prepared(
    world: World, operation: str, connect: Connect, before: Before | None = None, **options: Any
) -> tuple[Case, InviteClient]:
    """An operation's case and a client of its user, with nothing on the fake's record of requests."""
    case = world.case(operation, connect())
    client = connect(case.user, before=before, **options)
    world.fake.requests.clear()
    return case, client


def fill(world: World, count: int, turn: int = 0) -> list[str]:
    """Puts so many open invitations in place; their ids, sorted."""
    return sorted(world.invite(f"p{turn}-{number:04}@example.org") for number in range(count))


def expecting(case: Case) -> AbstractContextManager[object]:
    """Expects what a case raises on a server that is too old for it, and nothing on any other."""
    return nullcontext() if case.error is None else pytest.raises(case.error)


def call(client: InviteClient, operation: str, case: Case, **changes: Any) -> Any:
    """Calls an operation as a case says, and returns its result; of a listing, all rows."""
    result = getattr(client, operation)(*case.given, **{**case.named, **changes})
    return list(result) if operation in LISTED else result


def created(world: World, client: InviteClient, **changes: Any) -> Invitation:
    """Creates what the world's case creates, with some arguments changed."""
    case = world.case("create", client)
    return client.create(*case.given, **{**case.named, **changes})


def ensured(world: World, client: InviteClient, email: str = "ann@example.org", **changes: Any) -> EnsureResult:
    """Ensures what the world's case ensures, for an address and with some arguments changed."""
    named = {**world.case("ensure", client).named, **changes}
    return client.ensure(email, **named)
