"""Words that a newer server may know are sent as they are, and the server judges; known ones are spelled its way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from invite_sdk import InvalidArgumentError, InviteClient, Scope, ServerError, ValidationError
from invite_sdk._flows.retry import NO_RETRIES
from invite_sdk.testing import FakeRequest, FakeResponse
from invite_sdk.testing.suite.calling import created
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddler import After, Before
from tests.behaviour.worlds import WaldurWorld, World, of

PAGE = FakeResponse(500, (("Content-Type", "text/html"),), b"<h1>Server Error (500)</h1>")


def knowing(new: str, old: str) -> tuple[Before, After]:
    """A server that knows a new word, made of one that knows an old one."""

    def before(request: FakeRequest) -> FakeRequest:
        return replace(
            request, target=request.target.replace(new, old), body=request.body.replace(new.encode(), old.encode())
        )

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        return replace(response, body=response.body.replace(b'"%b"' % old.encode(), b'"%b"' % new.encode()))

    return before, after


@of("cloudtruth", "enhance-url")
@pytest.mark.parametrize("role", ["Auditor", "AUDITOR", "ſupport", "Admin;", "OWNER,ADMIN"])
def test_a_role_that_the_server_does_not_know_is_refused_by_the_server(
    world: World, role: str, client: InviteClient
) -> None:
    with pytest.raises(ValidationError):
        created(world, client, role=role)

    sent = next(one.request.body.decode() for one in world.fake.requests if one.request.method == "POST")
    assert f'"{role}"' in sent
    assert world.fake.effects.get("created", 0) == 0


@of("cloudtruth", "enhance-url")
def test_a_role_that_only_a_newer_server_knows_is_granted(world: World, connect: Connect) -> None:
    old = "VIEWER" if world.service == "cloudtruth" else "Support"
    before, after = knowing("Auditor", old)

    assert created(world, connect(before=before, after=after), role="Auditor").role == "Auditor"


@of("cloudtruth")
def test_what_is_asked_for_by_a_new_role_is_checked_here_too(world: World, connect: Connect) -> None:
    before, after = knowing("AUDITOR", "VIEWER")
    client = connect(before=before, after=after)
    found = client.create("ann@example.org", role="AUDITOR")
    client.create("bea@example.org", role="ADMIN")

    def ignoring(request: FakeRequest) -> FakeRequest:
        return replace(request, target=request.target.replace("role=AUDITOR", "colour=red"))

    assert [row.id for row in client.list(role="AUDITOR")] == [found.id]
    assert [row.id for row in connect(before=ignoring, after=after).list(role="AUDITOR")] == [found.id]
    assert client.update(found, role="AUDITOR").role == "AUDITOR"
    assert not client.ensure("ann@example.org", role="AUDITOR").created


@of("cloudtruth")
def test_a_role_that_a_filter_cannot_have_is_refused_by_the_server(world: World, client: InviteClient) -> None:
    with pytest.raises(ValidationError) as caught:
        client.list(role="BOSS").all()

    assert list(caught.value.field_errors) == ["role"]
    found = world.invite()
    with pytest.raises(ValidationError):
        client.update(found, role="BOSS")


@of("waldur")
@pytest.mark.parametrize("named", [{"native_filters": {"scope_type": "star"}}, {"scope": Scope("star", "0" * 32)}])
def test_a_type_of_scope_that_only_a_newer_server_knows_is_sent(
    world: WaldurWorld, named: dict[str, Any], connect: Connect
) -> None:
    before, after = knowing("star", "project")
    world.invite()
    if "scope" in named:
        named = {"scope": Scope("star", world.fake.projects["apollo"].uuid)}
    asked: list[str] = []

    def listening(request: FakeRequest) -> FakeRequest | FakeResponse:
        asked.append(request.target)
        return before(request)

    client = connect(before=listening, after=after)
    rows = client.list(**named).all()

    assert [row.scope_type for row in rows] == ["star"]
    assert [target for target in asked if "scope_type=star" not in target] == []
    assert client.count(**named) == 1


@of("waldur")
@pytest.mark.parametrize("word", ["star", "service_provider", "resource"])
def test_a_type_of_scope_that_the_server_fails_on_is_looked_for_in_every_row(
    world: World, word: str, connect: Connect
) -> None:
    """7.0.7 answers 500 to a type that it does not know, and so do those of 2026."""
    for number in range(3):
        world.invite(f"p{number}@example.org")

    def failing(request: FakeRequest) -> FakeRequest | FakeResponse:
        return PAGE if f"scope_type={word}" in request.target else request

    client = connect(before=failing, retry=NO_RETRIES)

    assert client.list(native_filters={"scope_type": word}).all() == []
    assert client.count(native_filters={"scope_type": word}) == 0


@of("waldur-2026")
@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_fails_on_what_each_of_them_knows_fails(world: World, status: int, connect: Connect) -> None:
    def failing(request: FakeRequest) -> FakeResponse:
        return replace(PAGE, status=status)

    client = connect(before=failing, retry=NO_RETRIES)
    with pytest.raises(ServerError):
        client.list(native_filters={"scope_type": "customer"}).all()
    if status == 503:
        with pytest.raises(ServerError):
            client.list(native_filters={"scope_type": "star"}).all()


@of("waldur-2026")
def test_a_scope_whose_url_nobody_knows_is_asked_for_by_its_url(world: World, client: InviteClient) -> None:
    with pytest.raises(InvalidArgumentError, match="give the URL of this 'star'"):
        created(world, client, scope=Scope("star", "0" * 32))

    assert world.fake.requests == []


@of("waldur-2026")
@pytest.mark.parametrize(
    ("kind", "folder"),
    [
        ("offering", "marketplace-provider-offerings"),
        ("service_provider", "marketplace-service-providers"),
        ("call", "proposal-protected-calls"),
        ("call_organizer", "call-managing-organisations"),
        ("proposal", "proposal-proposals"),
    ],
)
def test_a_scope_of_any_type_with_a_known_place_becomes_its_url(
    world: World, kind: str, folder: str, client: InviteClient
) -> None:
    with pytest.raises(ValidationError) as caught:
        created(world, client, scope=Scope(kind, "0" * 32))

    assert list(caught.value.field_errors) == ["scope"]
    assert f'"scope":"{world.fake.base_url}/api/{folder}/{"0" * 32}/"' in world.fake.requests[-1].request.body.decode()
