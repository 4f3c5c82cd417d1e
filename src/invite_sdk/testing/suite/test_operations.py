"""Every operation on every service: what is declared works and returns every field, what is not is refused at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from invite_sdk import InviteClient, UnsupportedOperationError
from invite_sdk.services.capabilities import OPERATIONS
from invite_sdk.services.registry import supporting
from invite_sdk.testing import FakeRequest, FakeResponse
from invite_sdk.testing.suite.calling import call, expecting, prepared
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.plain import plain
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import WORLDS, cells, declared, over, start

NATIVE = [cell for cell in cells(OPERATIONS, only_newest=True) if declared(cell[0])[cell[1]].level != "emulated"]
EMULATED = [cell for cell in cells(OPERATIONS, only_newest=True) if declared(cell[0])[cell[1]].level == "emulated"]

ANY_ARGUMENTS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "create": (("ann@example.org",), {"role": "VIEWER"}),
    "ensure": (("ann@example.org",), {"role": "VIEWER"}),
    "list": ((), {}),
    "count": ((), {}),
    "roles": ((), {}),
    "scopes": ((), {}),
    "approve": (("token",), {}),
    "reject": (("token",), {}),
}
"""Arguments for an operation that must not even look at them; for the others an id."""


def call_anyhow(client: InviteClient, operation: str) -> None:
    """Calls an operation of any client with arguments that look right."""
    given, named = ANY_ARGUMENTS.get(operation, (("5f3b9d5e8c5d4b0e9a1f000000000001",), {}))
    getattr(client, operation)(*given, **named)


@pytest.mark.parametrize("name", WORLDS)
def test_each_world_knows_a_case_for_every_operation_that_its_service_declares(name: str) -> None:
    assert start(name).cases == {op for op in OPERATIONS if declared(name).supports(op)}


@over(cells(OPERATIONS))
def test_a_supported_operation_works_and_returns_every_field(world: World, operation: str, connect: Connect) -> None:
    case, client = prepared(world, operation, connect)
    before = Counter(world.fake.effects)

    with expecting(case):
        assert plain(call(client, operation, case)) == case.expected()

    assert client.supports(operation)
    changed = dict(Counter(world.fake.effects) - before)
    if case.error is not None:
        assert changed == {}
    else:
        expected = {} if case.effect is None else {case.effect: 1}
        assert {name: count for name, count in changed.items() if name not in world.side_effects} == expected


@over(cells(OPERATIONS, only_newest=True))
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_an_answer_is_read_however_its_text_is_written(
    world: World, operation: str, encoding: str, connect: Connect
) -> None:
    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        return replace(response, body=response.body.decode().encode(encoding))

    case, client = prepared(world, operation, connect, after=after)

    with expecting(case):
        assert plain(call(client, operation, case)) == case.expected()


@over(cells(OPERATIONS, only_newest=True, supported=False))
def test_an_unsupported_operation_is_refused_before_any_request_naming_what_helps(
    world: World, operation: str, client: InviteClient
) -> None:
    elsewhere = supporting(operation)

    with pytest.raises(UnsupportedOperationError) as caught:
        call_anyhow(client, operation)

    assert world.fake.requests == []
    assert (caught.value.service, caught.value.operation) == (world.service, operation)
    assert not client.supports(operation)
    message = str(caught.value)
    for word in (world.capabilities.title, *elsewhere, world.capabilities[operation].nearest):
        assert word in message
    assert world.capabilities[operation].note in message


@over(EMULATED)
def test_an_emulated_operation_is_refused_where_emulation_is_switched_off(
    world: World, operation: str, connect: Connect
) -> None:
    client = connect()
    strict = connect(emulate=False)
    case = world.case(operation, client)
    world.fake.requests.clear()

    for refusing in (strict, client.with_options(emulate=False)):
        with pytest.raises(UnsupportedOperationError, match=rf"^{world.service} {operation}: .*emulate=False"):
            getattr(refusing, operation)(*case.given, **case.named)
        assert not refusing.supports(operation)

    assert world.fake.requests == []
    assert client.supports(operation)


@over(NATIVE)
def test_a_native_operation_works_without_emulation(world: World, operation: str, connect: Connect) -> None:
    case, client = prepared(world, operation, connect, emulate=False)

    with expecting(case):
        assert plain(call(client, operation, case)) == case.expected()
