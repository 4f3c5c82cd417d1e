"""Every parameter of every operation: a supported one arrives, an unsupported one is refused before any request."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import pytest

from invite_sdk import APIError, InvalidArgumentError, InviteClient, UnsupportedParameterError
from invite_sdk.services.capabilities import FILTERS, OPERATIONS, PARAMETERS
from invite_sdk.services.registry import supporting
from invite_sdk.testing.suite.calling import LISTED, created, prepared
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import WORLDS, cells, declared, having, newest, newest_worlds, over, start

SOME_VALUE: dict[str, object] = {
    "status": "pending",
    "email": "ann@example.org",
    "role": "VIEWER",
    "organization": "5f3b9d5e8c5d4b0e9a1f000000000001",
    "scope": "https://waldur.example/api/projects/5f3b9d5e8c5d4b0e9a1f000000000001/",
    "native_filters": {"o": "email"},
    "page_size": 5,
    "name": "Ann",
    "type": "project",
    "extra": {"job_title": "Pilot"},
    "message": "Join us",
    "password": "a secret",
    "locale": "en-GB",
    "session": "a-session",
}
"""A value that looks right, for a parameter that must be refused unseen."""

FILTERED = ("list", "count")
GENERIC = {("list", "page_size"), *((operation, "limit") for operation in LISTED)}
"""What the tests of paging prove."""
OURS = ("refetch", "reinvite")
"""What says how the SDK asks and shows in no request."""


def supports(name: str, operation: str, parameter: str) -> bool:
    return declared(name).supports(operation, parameter)


NEWEST = newest_worlds()
CELLS = [(name, op, parameter) for name, op in cells(OPERATIONS) for parameter in PARAMETERS[op]]
SUPPORTED = [cell for cell in CELLS if supports(*cell)]
UNSUPPORTED = [(name, f"{op}.{word}") for name, op, word in CELLS if name in NEWEST and not supports(name, op, word)]
WRITTEN = [
    (name, f"{op}.{word}")
    for name, op, word in SUPPORTED
    if name in NEWEST and op not in FILTERED and word not in (*OURS, "limit")
]


@pytest.mark.parametrize("name", WORLDS)
def test_each_world_knows_a_value_for_every_parameter_that_its_service_declares(name: str) -> None:
    world = start(name)
    filtered = {
        (op, next(iter(case.named)))
        for op in FILTERED
        if declared(name).supports(op)
        for case in world.filters().values()
        if len(case.named) == 1
    }

    known = set(world.samples()) | filtered
    wanted = {(op, parameter) for n, op, parameter in SUPPORTED if n == name and parameter not in OURS}
    assert known == wanted - GENERIC


@over(UNSUPPORTED, "cell")
def test_an_unsupported_parameter_is_refused_before_any_request_naming_who_has_it(
    world: World, cell: str, connect: Connect
) -> None:
    operation, _, parameter = cell.partition(".")
    elsewhere = supporting(operation, parameter)
    case, client = prepared(world, operation, connect)

    with pytest.raises(UnsupportedParameterError, match=parameter) as caught:
        getattr(client, operation)(*case.given, **{**case.named, parameter: SOME_VALUE[parameter]})

    assert world.fake.requests == []
    assert (caught.value.service, caught.value.operation) == (world.service, operation)
    assert elsewhere
    assert all(title in str(caught.value) for title in elsewhere)
    assert not client.supports(operation, parameter)


@over(WRITTEN, "cell")
def test_a_supported_parameter_arrives_at_the_service(world: World, cell: str, connect: Connect) -> None:
    operation, _, parameter = cell.partition(".")
    case, client = prepared(world, operation, connect)
    sample = world.samples()[operation, parameter]
    named = {
        name: value for name, value in {**case.named, parameter: sample.value}.items() if name not in sample.without
    }

    # The service may refuse the value.
    with suppress(APIError) if case.error is None else pytest.raises(case.error):
        result = getattr(client, operation)(*case.given, **named)
        if operation in LISTED:
            result.all()

    assert client.supports(operation, parameter)
    assert not sample.shows or any(sample.shows in text for text in wire(world))


@having("list", "count")
def test_every_filter_of_a_list_is_one_of_its_count(world: World) -> None:
    for name in (*FILTERS, "native_filters"):
        assert world.capabilities.supports("list", name) == world.capabilities.supports("count", name)


@having("create")
def test_nothing_is_sent_of_what_is_not_given(world: World, client: InviteClient) -> None:
    case = world.case("create", client)
    client.create(*case.given, **{**dict.fromkeys(("organization", "scope", "name", "message", "extra")), **case.named})

    assert "null" not in world.fake.requests[-1].request.body.decode()


@having("create.extra")
def test_a_misspelled_extra_field_is_refused_before_any_request(world: World, client: InviteClient) -> None:
    for name, value in (("colour", "red"), ("email", "bea@example.org")):
        with pytest.raises(InvalidArgumentError, match=name):
            created(world, client, extra={name: value})

    assert world.fake.requests == []


WRONG_ADDRESSES = [
    "",
    " ",
    "ann",
    "@example.org",
    "ann@",
    "a b@example.org",
    "a@example.org,b@example.org",
    "<ann@example.org>",
    "ann@example.org\nBcc: bea@example.org",
    f"{'a' * 250}@example.org",
    None,
    5,
]


@newest("create")
def test_an_address_that_cannot_be_one_is_refused_before_any_request(world: World, client: InviteClient) -> None:
    named = world.case("create", client).named

    for email in WRONG_ADDRESSES:
        with pytest.raises(InvalidArgumentError, match="email"):
            client.create(email, **named)  # type: ignore[arg-type]

    assert world.fake.requests == []


@newest("create")
def test_a_role_that_cannot_be_one_is_refused_before_any_request(world: World, client: InviteClient) -> None:
    wrong: list[object] = ["", " ", [], None, 5, ["VIEWER", ""], {}]
    for role in wrong:
        with pytest.raises(InvalidArgumentError, match="role"):
            created(world, client, role=role)

    assert world.fake.requests == []


@newest("update")
def test_an_update_of_nothing_is_refused_before_any_request(world: World, client: InviteClient) -> None:
    with pytest.raises(InvalidArgumentError, match="changes nothing"):
        client.update(world.invite())

    assert world.fake.requests == []


@newest("approve", "reject")
def test_a_token_that_cannot_be_one_is_refused_before_any_request(world: World, client: InviteClient) -> None:
    for operation in (client.approve, client.reject):
        for token in ("", "  ", None, 7):
            with pytest.raises(InvalidArgumentError, match="token"):
                operation(token)  # type: ignore[arg-type]

    assert world.fake.requests == []


@newest("list.page_size")
def test_a_number_that_cannot_be_one_is_refused_at_once(world: World, client: InviteClient) -> None:
    for name in ("limit", "page_size"):
        for value in (-1, 1.5, True, "10"):
            with pytest.raises(InvalidArgumentError, match=name):
                client.list(**{name: value})  # type: ignore[arg-type]

    assert world.fake.requests == []


@newest("list", "count")
def test_a_filter_that_cannot_be_right_is_refused_at_once(world: World, client: InviteClient) -> None:
    wrong: list[dict[str, Any]] = [
        {"status": "open"},
        {"status": []},
        {"status": ["pending", 5]},
        {"native_filters": {"colour": "red"}},
        {"role": ""},
        {"organization": " "},
        {"email": "ann"},
    ]
    for named in wrong:
        for ask in (client.list, client.count):
            with pytest.raises((InvalidArgumentError, UnsupportedParameterError)):
                ask(**named)

    assert world.fake.requests == []


@newest()
def test_asking_for_an_operation_or_parameter_of_no_service_is_an_error(client: InviteClient) -> None:
    with pytest.raises(InvalidArgumentError, match="revoke"):
        client.supports("revoke")
    with pytest.raises(InvalidArgumentError, match="colour"):
        client.supports("list", "colour")


def wire(world: World) -> list[str]:
    """Each request as text: target, headers and body."""
    asked = [one.request for one in world.fake.requests]
    return ["\n".join([unquote(one.target), *(value for _, value in one.headers), one.body.decode()]) for one in asked]
