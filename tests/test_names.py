"""Names in the place of ids: looked up once, never guessed, and never for what the name does not mean."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeAlias, cast

import anyio
import httpx
import pytest

from invite_sdk import (
    APIError,
    AsyncInviteClient,
    ConflictError,
    DeadlineExceededError,
    InvalidArgumentError,
    InviteClient,
    InviteError,
    OutcomeUnknownError,
    ResponseParseError,
    Scope,
    ValidationError,
)
from invite_sdk._flows.claims import claims
from invite_sdk.services.names import Meaning, Name, Names
from invite_sdk.testing import FakeCloudTruth, FakeRequest, FakeResponse, FakeWaldur, Fault
from invite_sdk.testing.ways.transport import FakeTransport
from tests.reliability.doors import Door
from tests.support.threads import together

Spoil: TypeAlias = Callable[[Any], object]

EMAIL = "ana@example.com"
APOLLO = Scope("project", "Apollo")
LOOKUPS = ("roles_list", "customers_list", "projects_list")


class Meddled(FakeWaldur):
    """A Waldur to which something happens right after an operation was answered, or whose answers are spoiled."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.after: dict[str, Callable[[], object]] = {}
        self.spoils: dict[str, Spoil] = {}

    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        operation, response = super().respond(request)
        if (act := self.after.pop(operation or "", None)) is not None:
            act()
        return operation, response

    def transport(self, *, on_wait: Callable[[float], object] | None = None) -> FakeTransport:
        return SpoilingTransport(self, on_wait=on_wait)


class SpoilingTransport(FakeTransport):
    """Changes the rows of answers on their way."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._spoiled(super().handle_request(request))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._spoiled(await super().handle_async_request(request))

    def _spoiled(self, response: httpx.Response) -> httpx.Response:
        fake = cast("Meddled", self.fake)
        spoil = fake.spoils.get(fake.requests[-1].operation or "")
        if spoil is None or not response.is_success:
            return response
        return httpx.Response(response.status_code, json=spoil(json.loads(fake.requests[-1].response.body)))


def asked(fake: FakeWaldur) -> Counter[str | None]:
    """How often each operation was asked for."""
    return Counter(exchange.operation for exchange in fake.requests)


def second_apollo(fake: FakeWaldur, name: str = "Apollo") -> None:
    """Another organization with a project of the same name, of the same owner."""
    fake.add_customer("Other Org", key="other")
    fake.add_project(name, customer="other", key="second")
    fake.grant("owner", "CUSTOMER.OWNER", "other")


# What a name means


@pytest.mark.parametrize("version", ["7.0.7", "2025", "2026"])
@pytest.mark.parametrize(
    ("place", "scope_name"),
    [
        ({"organization": "Acme Org"}, None),
        ({"organization": "acme ORG"}, None),
        ({"scope": Scope("customer", "Acme Org")}, None),
        ({"scope": APOLLO}, "Apollo"),
        ({"scope": Scope("project", "APOLLO")}, "Apollo"),
        ({"scope": Scope("project", "Apollo", organization="Acme Org")}, "Apollo"),
    ],
)
def test_names_lead_to_what_they_name(version: Any, place: dict[str, Any], scope_name: str | None, way: Door) -> None:
    client = way.open(FakeWaldur(version=version), "staff")
    role = "CUSTOMER.MANAGER" if scope_name is None else "project.manager"

    made = client.create(EMAIL, role=role, **place)

    assert (made.role, made.organization_name, made.scope_name) == (role.upper(), "Acme Org", scope_name)
    assert [row.id for row in client.list(role=role, **place)] == [made.id]
    assert client.count(role=role, **place) == 1
    found = client.ensure(EMAIL, role=role, **place)
    assert (found.invitation.id, found.created) == (made.id, False)


def test_the_servers_own_spelling_wins_over_another_case(way: Door) -> None:
    fake = FakeWaldur()
    for key, name in (("first", "acme org"), ("second", "ACME ORG")):
        fake.add_customer(name, key=key)
    client = way.open(fake, "staff")

    for name in ("Acme Org", "acme org", "ACME ORG"):
        assert client.create(EMAIL, role="CUSTOMER.OWNER", organization=name).organization_name == name
    with pytest.raises(InvalidArgumentError, match=r"3 have the name 'aCME oRG'.*'ACME ORG'.*'Acme Org'.*'acme org'"):
        client.create(EMAIL, role="CUSTOMER.OWNER", organization="aCME oRG")


def test_several_of_a_name_are_refused_with_all_of_them_and_never_guessed(way: Door) -> None:
    fake = FakeWaldur()
    second_apollo(fake)
    client = way.open(fake, "owner")

    with pytest.raises(InvalidArgumentError) as caught:
        client.create(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)

    assert str(caught.value).endswith("Give the id of one, or its organization: Scope(type, name, organization=...)")
    for project, organization in (("apollo", "'Acme Org'"), ("second", "'Other Org'")):
        assert f"'Apollo' of {organization}, id {fake.projects[project].uuid}" in str(caught.value)
    assert fake.invitations == []
    made = client.create(EMAIL, role="PROJECT.ADMIN", scope=Scope("project", "apollo", organization="other org"))
    assert made.scope_id == fake.projects["second"].uuid


@pytest.mark.parametrize(
    ("role", "place", "said"),
    [
        ("PROJECT.ADMN", {"scope": APOLLO}, r"no role 'PROJECT.ADMN' .* nearest: 'PROJECT.ADMIN'"),
        ("PROJECT.ADMIN", {"scope": Scope("project", "Apolo")}, r"no project 'Apolo' .* nearest: 'Apollo'"),
        ("PROJECT.ADMIN", {"organization": "Akme Org"}, r"no customer 'Akme Org' .* nearest: 'Acme Org'"),
        ("PROJECT.ADMIN", {"scope": Scope("project", "Apollo", organization="Acme")}, r"no customer 'Acme' "),
        ("boss", {"scope": APOLLO}, r"there are 'CUSTOMER.MANAGER', 'CUSTOMER.OWNER', 'PROJECT.ADMIN' and 2 more$"),
        ("PROJECT.ADMIN", {"scope": Scope("project", "Zeus", "Acme Org")}, r"you can see in that organization; there"),
        ("PROJECT.ADMIN", {"scope": Scope("offering", "Apollo")}, r"give the UUID of this 'offering'"),
    ],
)
def test_a_name_of_nothing_is_refused_with_the_nearest(role: str, place: dict[str, Any], said: str, way: Door) -> None:
    fake = FakeWaldur()
    client = way.open(fake, "owner")

    for call in (client.create, client.ensure):
        with pytest.raises(InvalidArgumentError, match=said):
            call(EMAIL, role=role, **place)
    with pytest.raises(InvalidArgumentError, match=said):
        client.list(role=role, **place).all()

    assert fake.invitations == []


def test_what_the_caller_may_not_see_has_no_name(way: Door) -> None:
    with pytest.raises(InvalidArgumentError, match=r"no project 'Apollo' that you can see; you can see none at all"):
        way.open(FakeWaldur(), "invitee").create(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)


def test_a_role_that_is_switched_off_is_refused_for_new_ones_and_found_for_old_ones(way: Door) -> None:
    fake = FakeWaldur()
    old = fake.invite(EMAIL, role="PROJECT.ADMIN")
    fake.set_role_active("PROJECT.ADMIN", active=False)
    client = way.open(fake, "owner")

    with pytest.raises(InvalidArgumentError, match=r"'PROJECT.ADMIN' is switched off"):
        client.create("bob@example.com", role="PROJECT.ADMIN", scope=APOLLO)
    assert [row.id for row in client.list(role="PROJECT.ADMIN")] == [old.uuid]


def test_update_takes_the_name_of_a_role(way: Door) -> None:
    fake = FakeWaldur()
    row = fake.invite(EMAIL, role="PROJECT.ADMIN")
    assert way.open(fake, "owner").update(row.uuid, role="Project.Member").role == "PROJECT.MEMBER"


@pytest.mark.parametrize("name", ["0" * 32, "01234567-89ab-cdef-0123-456789abcdef"])
def test_what_looks_like_an_id_is_one(name: str, way: Door) -> None:
    fake = FakeWaldur()
    fake.rename("apollo", name)
    with pytest.raises(APIError):
        way.open(fake, "owner").create(EMAIL, role="PROJECT.ADMIN", scope=Scope("project", name))
    assert "projects_list" not in asked(fake)


def test_names_of_any_characters_are_found(way: Door) -> None:
    fake = FakeWaldur()
    client = way.open(fake, "owner")
    for number, name in enumerate(("Ünïversity & Co", "a/b?c#d%20=+", "  padded ", "日本", "..", "x" * 500)):
        fake.rename("apollo", name)
        assert (
            client.create(f"p{number}@example.com", role="PROJECT.ADMIN", scope=Scope("project", name)).scope_name
            == name
        )


@pytest.mark.parametrize("place", [{"organization": "x" * 501}, {"scope": Scope("project", "")}, {"scope": "Apollo"}])
def test_what_can_be_no_name_is_refused_before_any_request(place: dict[str, Any], way: Door) -> None:
    fake = FakeWaldur()
    with pytest.raises(InvalidArgumentError):
        way.open(fake).create(EMAIL, role="PROJECT.ADMIN", **place)
    assert fake.requests == []


def test_what_is_wrong_beside_a_name_is_refused_before_it_is_looked_up(way: Door) -> None:
    fake = FakeWaldur()
    client = way.open(fake)
    wrong: list[dict[str, Any]] = [{"name": "x" * 101}, {"extra": {"star": 1}}, {"organization": "Acme Org"}]
    for more in wrong:
        with pytest.raises(InvalidArgumentError):
            client.create(EMAIL, role="PROJECT.ADMIN", scope=APOLLO, **more)
    assert fake.requests == []


def test_names_that_may_not_be_looked_up_are_refused(way: Door) -> None:
    fake = FakeWaldur()
    client = way.open(fake, resolve=False)
    for call in (
        lambda: client.create(EMAIL, role="PROJECT.ADMIN", scope=Scope("project", "0" * 32)),
        lambda: client.list(organization="Acme Org").all(),
        lambda: client.count(scope=APOLLO),
    ):
        with pytest.raises(InvalidArgumentError, match="UUID"):
            call()
    assert fake.requests == []
    assert client.with_options(resolve=True).count(scope=APOLLO) == 0


# How often it is asked


def test_a_thousand_creates_by_name_need_three_lookups_and_by_id_none() -> None:
    fake = FakeWaldur()
    client = InviteClient(fake.connection("owner"), transport=fake.transport())
    scope = Scope("project", "Apollo", organization="Acme Org")
    for number in range(1_000):
        client.create(f"p{number}@example.com", role="PROJECT.ADMIN", scope=scope)
    assert asked(fake) == {"user_invitations_create": 1_000, **dict.fromkeys(LOOKUPS, 1)}

    by_id = FakeWaldur()
    client = InviteClient(by_id.connection("owner"), transport=by_id.transport())
    ids: dict[str, Any] = {
        "role": by_id.roles["PROJECT.ADMIN"].uuid,
        "scope": Scope("project", by_id.projects["apollo"].uuid),
    }
    for number in range(1_000):
        client.create(f"p{number}@example.com", **ids)
    assert asked(by_id) == {"user_invitations_create": 1_000}


def test_children_know_what_their_parents_looked_up(way: Door) -> None:
    fake = FakeWaldur()
    client = way.open(fake, "owner")
    client.with_options(timeout=5).count(role="PROJECT.ADMIN", scope=APOLLO)
    client.ensure(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)
    assert (asked(fake)["roles_list"], asked(fake)["projects_list"]) == (1, 1)


def test_calls_at_the_same_time_look_up_once() -> None:
    fake = FakeWaldur()
    with fake.serve() as _, InviteClient(fake.connection("owner")) as client:
        fake.faults.plan(Fault.slow_headers(0.2), on="projects_list")

        def invite(number: int) -> str | None:
            return client.create(f"p{number}@example.com", role="PROJECT.ADMIN", scope=APOLLO).scope_name

        assert together(8, invite) == ["Apollo"] * 8
    assert asked(fake) == {"user_invitations_create": 8, "roles_list": 1, "projects_list": 1}


def test_the_memory_is_bounded() -> None:
    kept: dict[object, Meaning] = {}
    names = Names(kept)
    for number in range(1_500):
        names.keep(Name("role", str(number)), Meaning("id", str(number)))
    assert len(kept) == 1_000
    assert names.get(Name("role", "499")) is None
    assert names.get(Name("role", "500")) == Meaning("id", "500")


# What goes wrong


@pytest.mark.parametrize("lookup", LOOKUPS)
@pytest.mark.parametrize("fault", [Fault.status(503), Fault.drop_reply(), Fault.refuse_connection()])
def test_a_lookup_that_fails_once_is_asked_again_and_one_that_goes_on_makes_nothing(
    lookup: str, fault: Fault, way: Door
) -> None:
    fake = FakeWaldur()
    client = way.open(fake, "owner")
    scope = Scope("project", "Apollo", organization="Acme Org")

    fake.faults.plan(fault, on=lookup, times=None)
    with pytest.raises(InviteError) as caught:
        client.create(EMAIL, role="PROJECT.ADMIN", scope=scope)
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert (caught.value.operation, fake.invitations) == ("create", [])

    fake.faults.clear()
    fake.faults.plan(fault, on=lookup)
    assert client.create(EMAIL, role="PROJECT.ADMIN", scope=scope).scope_name == "Apollo"
    assert len(fake.invitations) == 1


def test_the_deadline_covers_the_lookups(way: Door) -> None:
    fake = FakeWaldur()
    fake.faults.plan(Fault.slow_headers(8.0), on="projects_list")
    with pytest.raises((DeadlineExceededError, InviteError)):
        way.open(fake, "owner").create(EMAIL, role="PROJECT.ADMIN", scope=APOLLO, deadline=5.0)
    assert fake.invitations == []


def test_what_was_looked_up_is_asked_again_when_the_write_says_that_it_is_gone(way: Door) -> None:
    fake = FakeWaldur()
    client = way.open(fake, "owner")
    client.create(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)
    fake.remove_project("apollo")
    fake.add_project("Apollo", key="again")

    made = client.create("bob@example.com", role="PROJECT.ADMIN", scope=APOLLO)

    assert made.scope_id == fake.projects["again"].uuid
    assert asked(fake)["projects_list"] == 2
    assert len(fake.invitations) == 2


def test_what_is_gone_for_good_is_asked_for_once_more_and_refused(way: Door) -> None:
    fake = FakeWaldur()
    client = way.open(fake, "owner")
    client.create(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)
    fake.remove_project("apollo")

    with pytest.raises(InvalidArgumentError, match="no project 'Apollo'"):
        client.create("bob@example.com", role="PROJECT.ADMIN", scope=APOLLO)
    assert len(fake.invitations) == 1


def test_a_refusal_right_after_the_look_is_the_callers(way: Door) -> None:
    fake = Meddled()
    fake.after["projects_list"] = lambda: fake.remove_project("apollo")
    with pytest.raises(ValidationError):
        way.open(fake, "owner").create(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)
    assert asked(fake)["projects_list"] == 1


@pytest.mark.parametrize("call", ["create", "ensure"])
@pytest.mark.parametrize("takes_over", [False, True])
def test_a_name_that_was_given_to_something_else_meanwhile_leaves_no_open_invitation(
    call: str, takes_over: bool, way: Door
) -> None:
    fake = Meddled()

    def rename() -> None:
        fake.rename("apollo", "Zeus")
        if takes_over:
            fake.rename("beta", "Apollo")

    fake.after["projects_list"] = rename
    client = way.open(fake, "owner")

    with pytest.raises(ConflictError, match=r"'Apollo' is called 'Zeus' now.*canceled at once") as caught:
        getattr(client, call)(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)

    (row,) = fake.invitations
    assert (row.state, row.uuid in str(caught.value)) == ("canceled", True)
    if takes_over:
        made = client.ensure(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)
        assert (made.created, made.invitation.scope_id) == (True, fake.projects["beta"].uuid)


def test_an_invitation_that_was_found_by_an_old_name_is_left_alone(way: Door) -> None:
    fake = Meddled()
    row = fake.invite(EMAIL, role="PROJECT.ADMIN")
    fake.after["projects_list"] = lambda: fake.rename("apollo", "Zeus")
    with pytest.raises(ConflictError, match="'Apollo' is called 'Zeus' now"):
        way.open(fake, "owner").ensure(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)
    assert [found.state for found in fake.invitations] == [row.state]


def test_a_server_that_words_names_otherwise_is_believed(way: Door) -> None:
    fake = Meddled()
    fake.spoils["user_invitations_create"] = lambda row: {**row, "scope_name": "Project Apollo"}
    made = way.open(fake, "owner").create(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)
    assert (made.scope_name, made.is_open) == ("Project Apollo", True)


def test_a_name_that_the_servers_filter_misses_is_found(way: Door) -> None:
    fake = FakeWaldur()
    fake.rename("apollo", "Straße")
    client = way.open(fake, "owner")
    assert client.create(EMAIL, role="PROJECT.ADMIN", scope=Scope("project", "STRASSE")).scope_name == "Straße"


def other_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of something else."""
    return [{**row, "name": "Something else"} for row in rows]


def twice(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each row twice."""
    return [*rows, *rows]


def doubled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each row a second time with another id."""
    return [*rows, *({**row, "uuid": row["uuid"][::-1]} for row in rows)]


def unreadable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A second row of each name that cannot be read."""
    return [*rows, *({**row, "uuid": 5} for row in rows)]


@pytest.mark.parametrize("lookup", LOOKUPS)
@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (other_rows, InvalidArgumentError),
        (doubled, InvalidArgumentError),
        (unreadable, ResponseParseError),
        (twice, None),
    ],
)
def test_a_lookup_that_lies_leads_to_no_invitation(
    lookup: str, spoil: Any, error: type[InviteError] | None, way: Door
) -> None:
    fake = Meddled()
    fake.spoils[lookup] = spoil
    client = way.open(fake, "owner")
    scope = Scope("project", "Apollo", organization="Acme Org")

    if error is None:
        assert client.create(EMAIL, role="PROJECT.ADMIN", scope=scope).scope_name == "Apollo"
        return
    with pytest.raises(error):
        client.create(EMAIL, role="PROJECT.ADMIN", scope=scope)
    assert fake.invitations == []


def test_a_lost_reply_to_a_create_by_name_is_found(way: Door) -> None:
    fake = FakeWaldur()
    fake.faults.plan(Fault.drop_reply(), on="user_invitations_create")
    made = way.open(fake, "owner").ensure(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)
    assert [row.uuid for row in fake.invitations] == [made.invitation.id]


def test_a_project_that_is_called_as_its_organization_is_checked_by_its_own_name(way: Door) -> None:
    fake = Meddled()
    fake.rename("apollo", "Acme Org")
    fake.after["projects_list"] = lambda: fake.rename("apollo", "Zeus")
    with pytest.raises(ConflictError, match="'Acme Org' is called 'Zeus' now"):
        way.open(fake, "owner").create(
            EMAIL, role="PROJECT.ADMIN", scope=Scope("project", "Acme Org", organization="Acme Org")
        )


def test_a_letters_case_tells_what_was_renamed(way: Door) -> None:
    fake = Meddled()

    def rename() -> None:
        fake.rename("apollo", "APOLLO")
        fake.rename("beta", "Apollo")

    fake.after["projects_list"] = rename
    with pytest.raises(ConflictError, match="'Apollo' is called 'APOLLO' now"):
        way.open(fake, "owner").create(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)


def test_an_organization_of_which_another_has_the_name_by_now_is_looked_up_again(way: Door) -> None:
    fake = FakeWaldur()
    second_apollo(fake, "Mercury")
    client = way.open(fake, "owner")
    client.create(EMAIL, role="PROJECT.ADMIN", scope=Scope("project", "Apollo", organization="Acme Org"))
    fake.rename("acme", "Old Org")
    fake.rename("other", "Acme Org")

    made = client.create(EMAIL, role="PROJECT.ADMIN", scope=Scope("project", "Mercury", organization="Acme Org"))

    assert made.scope_id == fake.projects["second"].uuid


@pytest.mark.parametrize("call", ["create", "ensure"])
def test_when_the_check_after_the_write_cannot_be_made_nothing_stays_open_in_silence(call: str, way: Door) -> None:
    fake = Meddled()

    def rename() -> None:
        fake.rename("apollo", "Zeus")
        fake.faults.plan(Fault.status(503), on="projects_list", times=None)

    fake.after["roles_list"] = rename
    client = way.open(fake, "owner")
    with pytest.raises(ConflictError, match=r"could not be looked up \(ServerError\).*canceled at once"):
        getattr(client, call)(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)

    fake.faults.clear()
    fake.rename("apollo", "Apollo")
    fake.after["roles_list"] = rename
    fake.faults.plan(Fault.status(503), on="user_invitations_cancel", times=None)
    with pytest.raises(OutcomeUnknownError, match="could not be canceled") as caught:
        getattr(way.open(fake, "owner"), call)("bob@example.com", role="PROJECT.ADMIN", scope=APOLLO)
    assert fake.invitations[-1].uuid in caught.value.known


def test_what_was_found_after_a_lost_answer_is_not_canceled(way: Door) -> None:
    fake = Meddled()
    there = fake.invite(EMAIL, role="PROJECT.ADMIN")
    fake.after["roles_list"] = lambda: fake.rename("apollo", "Zeus")
    fake.faults.plan(Fault.drop_request(), on="user_invitations_create", times=None)
    with pytest.raises(OutcomeUnknownError, match="'Apollo' is called 'Zeus' now"):
        way.open(fake, "owner").create(EMAIL, role="PROJECT.ADMIN", scope=APOLLO)
    assert [(row.uuid, row.state) for row in fake.invitations] == [(there.uuid, there.state)]


def test_an_answer_that_does_not_say_what_it_is_for_is_checked_by_another_look(way: Door) -> None:
    fake = Meddled()
    fake.faults.plan(Fault.invalid_json(), on="user_invitations_create", times=None)
    fake.faults.plan(Fault.status(503), on="user_invitations_list", times=None)
    client = way.open(fake, "owner")
    assert client.create(EMAIL, role="PROJECT.ADMIN", scope=APOLLO).partial
    assert asked(fake)["projects_list"] == 2

    fake.rename("apollo", "Zeus")
    with pytest.raises(OutcomeUnknownError, match="not what was asked for"):
        client.create("bob@example.com", role="PROJECT.ADMIN", scope=APOLLO)


def test_an_update_to_a_role_that_has_another_name_by_now_is_made_again(way: Door) -> None:
    fake = Meddled()
    row = fake.invite(EMAIL, role="PROJECT.ADMIN")
    ids = {fake.roles[name].uuid: name for name in ("PROJECT.MEMBER", "PROJECT.MANAGER")}

    def swapped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        names = dict(zip(ids, reversed(ids.values()), strict=True))
        fake.spoils.clear()
        return [{**one, "name": names.get(one["uuid"], one["name"])} for one in rows]

    fake.spoils["roles_list"] = swapped
    assert way.open(fake, "owner").update(row.uuid, role="PROJECT.MEMBER").role == "PROJECT.MEMBER"
    assert asked(fake)["user_invitations_partial_update"] == 2


def test_an_ensure_has_one_deadline_for_its_lookups_and_all_else(way: Door) -> None:
    fake = FakeWaldur()
    client = way.open(fake, "owner")
    for lookup in LOOKUPS:
        fake.faults.plan(Fault.slow_headers(3.0), on=lookup, times=None)
    fake.faults.plan(Fault.slow_headers(4.0), on="user_invitations_list", times=None)
    scope = Scope("project", "Apollo", organization="Acme Org")
    with pytest.raises(DeadlineExceededError):
        client.ensure(EMAIL, role="PROJECT.ADMIN", scope=scope, deadline=10.0, timeout=9.0)
    assert fake.invitations == []


@pytest.mark.anyio
async def test_a_lookup_that_was_canceled_is_made_again_and_its_turn_is_free() -> None:
    """A step of a listing that was broken off is taken again: it must still be for one project only."""
    fake = FakeWaldur()
    for key in ("apollo", "beta"):
        fake.invite(f"{key}@example.com", scope=key)
    inner = fake.transport()
    stuck = anyio.Event()

    class Stuck(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if not stuck.is_set() and "projects" in request.url.path:
                stuck.set()
                await anyio.sleep_forever()
            return await inner.handle_async_request(request)

    async with AsyncInviteClient(fake.connection("owner"), transport=Stuck()) as client:
        rows = aiter(client.list(scope=APOLLO))
        with anyio.move_on_after(30) as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(_cancel_when, stuck, scope)
                await anext(rows)
        assert [row.email async for row in rows] == ["apollo@example.com"]

        stuck = anyio.Event()
        with anyio.move_on_after(30) as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(_cancel_when, stuck, scope)
                await client.create(EMAIL, role="PROJECT.ADMIN", scope=Scope("project", "Beta"))
        assert claims.held() == []
        assert (await client.create(EMAIL, role="PROJECT.ADMIN", scope=Scope("project", "Beta"))).scope_name == "Beta"


async def _cancel_when(event: anyio.Event, scope: anyio.CancelScope) -> None:
    await event.wait()
    scope.cancel()


def test_who_waits_for_a_lookup_waits_until_the_deadline_and_no_longer() -> None:
    fake = FakeWaldur()
    client = InviteClient(fake.connection("owner"), transport=fake.transport())
    name = Name("role", "PROJECT.ADMIN")
    holder = Lock()
    with holder:
        assert claims.take((id(client._facade.shared.names), name), holder)
        with pytest.raises(DeadlineExceededError, match="looking up the same name"):
            client.create(EMAIL, role="PROJECT.ADMIN", organization="0" * 32, deadline=0.05)
    assert fake.requests == []
    with pytest.raises(APIError):
        client.create(EMAIL, role="PROJECT.ADMIN", organization="0" * 32)


def test_thirty_two_threads_and_a_memory_that_is_too_small() -> None:
    names = Names({})

    def work(number: int) -> int:
        for turn in range(60):
            names.keep(Name("role", f"{number} {turn}"), Meaning(str(number), ""))
            names.forget([Name("role", f"{number} {turn - 1}")])
            found = names.get(Name("role", f"{number} {turn}"))
            assert found is None or found.id == str(number)
        return number

    assert together(32, work) == list(range(32))


@pytest.mark.parametrize("name", ["A\u0308pollo", "\u00c4pollo"])
def test_another_form_of_the_same_letters_is_another_name(name: str, way: Door) -> None:
    fake = FakeWaldur()
    client = way.open(fake, "owner")
    fake.rename("apollo", "A\u0308pollo")
    fake.rename("beta", "\u00c4pollo")
    made = client.create(EMAIL, role="PROJECT.ADMIN", scope=Scope("project", name))
    assert made.scope_name == name


# Roles and scopes themselves


@pytest.mark.parametrize("version", ["7.0.7", "2025", "2026"])
def test_roles_and_scopes_are_listed_with_what_they_are(version: Any, way: Door) -> None:
    fake = FakeWaldur(version=version)
    client = way.open(fake, "owner")

    assert [(role.id, role.name, role.scope_type) for role in client.roles(type="customer")] == [
        (fake.roles[name].uuid, name, "customer") for name in ("CUSTOMER.MANAGER", "CUSTOMER.OWNER")
    ]
    assert [role.name for role in client.roles(name="project.admin")] == ["PROJECT.ADMIN"]
    acme = fake.customers["acme"].uuid
    assert [(scope.type, scope.name, scope.organization_id) for scope in client.scopes()] == [
        ("customer", "Acme Org", acme),
        ("project", "Apollo", acme),
        ("project", "Beta", acme),
    ]
    assert [scope.name for scope in client.scopes(type="project", name="BETA")] == ["Beta"]


def test_scopes_of_an_organization_by_its_name(way: Door) -> None:
    fake = FakeWaldur()
    second_apollo(fake)
    found = way.open(fake, "owner").scopes(organization="Other Org").all()
    assert [(scope.type, scope.name) for scope in found] == [("customer", "Other Org"), ("project", "Apollo")]
    assert {scope.organization_name for scope in found} == {"Other Org"}


def test_they_are_lazy_and_paged_as_invitations_are(way: Door) -> None:
    fake = FakeWaldur()
    for number in range(7):
        fake.add_project(f"P{number}", key=f"p{number}")
    client = way.open(fake, "owner")
    pager = client.scopes(type="project", page_size=4)
    assert fake.requests == []

    assert [len(page.rows) for page in pager.pages()] == [4, 4, 1]
    assert [scope.name for scope in client.scopes(type="project", limit=3)] == ["Apollo", "Beta", "P0"]
    first = client.scopes().first()
    assert first is not None
    assert first.name == "Acme Org"


def test_the_roles_of_a_document_need_no_request(way: Door) -> None:
    fake = FakeCloudTruth()
    client = way.open(fake)
    assert [role.name for role in client.roles()] == ["OWNER", "ADMIN", "CONTRIB", "VIEWER"]
    assert [role.id for role in client.roles(name="admin")] == ["ADMIN"]
    assert fake.requests == []
