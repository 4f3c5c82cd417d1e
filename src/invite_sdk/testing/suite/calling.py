"""Calls that several tests make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from invite_sdk import EnsureResult, Invitation, InviteClient
    from invite_sdk.testing.suite.world import Case, World


def call(client: InviteClient, operation: str, case: Case, **changes: Any) -> Any:
    """Calls an operation as a case says, and returns its result; of a list, all rows."""
    result = getattr(client, operation)(*case.given, **{**case.named, **changes})
    return list(result) if operation == "list" else result


def created(world: World, client: InviteClient, **changes: Any) -> Invitation:
    """Creates what the world's case creates, with some arguments changed."""
    case = world.case("create", client)
    return client.create(*case.given, **{**case.named, **changes})


def ensured(world: World, client: InviteClient, email: str = "ann@example.org", **changes: Any) -> EnsureResult:
    """Ensures what the world's case ensures, for an address and with some arguments changed."""
    named = {**world.case("ensure", client).named, **changes}
    return client.ensure(email, **named)
