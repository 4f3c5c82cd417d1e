"""ZenML alone: answers are final, and what is somebody else's stays so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from invite_sdk import (
    APIError,
    AuthenticationError,
    ConflictError,
    InviteClient,
    NotFoundError,
    PermissionDeniedError,
    PlanLimitError,
    Status,
)
from invite_sdk.testing import FakeRequest, FakeResponse
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddling import answering
from invite_sdk.testing.suite.test_answers_of_errors import KEPT, caught
from tests.behaviour.worlds import World, ZenMLWorld, of


@of("zenml")
@pytest.mark.parametrize("operation", ["accept", "decline"])
def test_an_answer_is_final(world: World, operation: str, client: InviteClient) -> None:
    found = world.invite()
    getattr(client, operation)(found)

    for again in (client.accept, client.decline):
        with pytest.raises(NotFoundError):
            again(found)
    assert client.list().all() == []


@of("zenml")
@pytest.mark.parametrize(
    ("status", "error"), [(404, NotFoundError), (403, PermissionDeniedError), (409, ConflictError)]
)
def test_somebody_elses_is_refused_in_whatever_way(
    world: ZenMLWorld, status: Any, error: type[APIError], connect: Connect
) -> None:
    fake = world.fake
    fake.foreign_status = status
    found = fake.invite("ben@example.com").id

    for operation in ("get", "accept", "decline", "check", "preview"):
        with pytest.raises(error):
            getattr(connect("ana"), operation)(found)
    assert fake.effects.get("accepted", 0) == fake.effects.get("declined", 0) == 0


@of("zenml")
def test_a_plan_without_seats_is_a_limit_of_the_plan(world: ZenMLWorld, client: InviteClient) -> None:
    found = world.invite()
    world.fake.limit_seats("Acme", 1)

    with pytest.raises(PlanLimitError) as caught:
        client.accept(found)

    assert caught.value.status == 402
    assert client.get(found).is_open


@of("zenml")
def test_one_that_vanished_between_list_and_answer_is_not_found(world: ZenMLWorld, client: InviteClient) -> None:
    world.invite()
    (row,) = client.list()
    world.fake.complete(row.id or "")

    with pytest.raises(NotFoundError, match="answered already"):
        client.accept(row)


@of("zenml-offset")
@pytest.mark.parametrize("status", [400, 401, 403, 422])
def test_a_refused_login_tells_what_the_answer_said(world: World, status: int, connect: Connect) -> None:
    refusing = answering("POST", FakeResponse.json(status, {"detail": "No."}))
    error = caught(connect, "get", (world.unknown_id(),), {}, refusing)

    assert isinstance(error, AuthenticationError)
    assert (error.status, error.headers, error.request_id, error.retry_after) == (status, KEPT, "req-7", 1.0)
    assert (error.messages, error.body, error.attempts) == (("No.",), '{"detail":"No."}', 1)


@of("zenml")
@pytest.mark.parametrize(
    ("body", "organization"),
    [
        ('\ufeff"an-organization"', "an-organization"),
        ('{"organization_id": "an-organization"}', "an-organization"),
        ('[{"data": {"organizationId": "an-organization"}}]', "an-organization"),
        ('{"id": "an-invitation"}', None),
        ("true", None),
        ('"an-org', None),
    ],
)
def test_the_organization_is_found_in_an_answer_of_another_shape(
    world: World, body: str, organization: str | None, connect: Connect
) -> None:
    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        is_write = request.method == "POST" and not world.is_login(request)
        return replace(response, body=body.encode()) if is_write else response

    accepted = connect(after=after).accept(world.invite())

    assert accepted.organization_id == accepted.invitation.organization_id == organization
    assert accepted.invitation.status is Status.ACCEPTED
    is_plain = body.startswith("\ufeff")
    assert (accepted.invitation.partial, accepted.invitation.answer) == (not is_plain, None if is_plain else body)
    assert world.fake.effects["accepted"] == 1
