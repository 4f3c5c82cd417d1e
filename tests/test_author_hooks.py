"""What the file of a service may say of its answers, and what becomes of a row that it cannot read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, TypeAdapter

from invite_sdk import (
    AlreadyInvitedError,
    ConfigurationError,
    ConflictError,
    EnsureResult,
    InvalidArgumentError,
    Invitation,
    NotFoundError,
    OutcomeUnknownError,
    PlanLimitError,
    RateLimitedError,
    ResponseParseError,
    ScopeInfo,
    Status,
)
from invite_sdk._flows.retry import NO_RETRIES
from invite_sdk.services import (
    Adapter,
    ArrayPages,
    Capabilities,
    Connection,
    Context,
    ErrorRule,
    Filters,
    Flow,
    InvitationFields,
    Lookup,
    NewInvitation,
    Response,
    Rows,
    Support,
    answered,
    emulated,
    exchange,
    listing,
    local_filter,
    lookup,
    native,
    partial,
    perform,
    rule,
    unset,
)
from invite_sdk.testing import FakeRequest, FakeResponse, Fault
from tests.reliability.doors import Door
from tests.small_service import (
    FakeSmall,
    Row,
    SmallAdapter,
    call,
    changed,
    declared,
    every,
    invitation_of,
    nothing,
    one,
)

ANN, BEN = "ann@example.org", "ben@example.org"
REFUSAL = Fault.status(201, body={"refused": True, "code": "twice", "detail": "Ann is there already."})
FULL = Fault.status(201, body={"refused": True, "code": "full"})


class Polite(SmallAdapter):
    """Of a service that refuses with 201, and whose success alone says nothing."""

    error_rules: ClassVar[tuple[ErrorRule, ...]] = (
        rule(ConflictError, statuses=(201,), codes=("twice",)),
        rule(PlanLimitError, operations=("create_one",), codes=("full",), hint="the house is full"),
    )

    @classmethod
    def refused(cls, response: Response) -> bool | None:
        try:
            said = json.loads(response.body) if response.body else {}
        except ValueError:
            return None
        return "refused" in said


def test_a_refusal_with_a_success_is_the_error_that_the_rules_make_of_it(way: Door) -> None:
    fake = FakeSmall(Polite)
    client = way.open(fake)
    fake.faults.plan(FULL, on="create_one")
    with pytest.raises(PlanLimitError, match="the house is full") as full:
        client.create(ANN, role="reader")

    assert (full.value.status, full.value.code, full.value.attempts) == (201, "full", 1)
    assert fake.effects == {}

    existing = client.create(ANN, role="reader")
    fake.faults.plan(REFUSAL, on="create_one")
    with pytest.raises(AlreadyInvitedError) as twice:
        client.create(ANN, role="reader")
    assert twice.value.existing is not None
    assert twice.value.existing.id == existing.id
    assert "Ann is there already." in twice.value.messages


@pytest.mark.parametrize("operation", ["create", "ensure"])
def test_a_success_that_does_not_tell_confirms_nothing(way: Door, operation: str) -> None:
    fake = FakeSmall(Polite)
    client = way.open(fake, retry=NO_RETRIES)
    fake.faults.plan(Fault.status(201, body="…", headers={"X-Request-Id": "r-7"}), on="create_one")
    with pytest.raises(OutcomeUnknownError) as caught:
        getattr(client, operation)(ANN, role="reader")
    assert (caught.value.request_id, caught.value.status, fake.effects) == ("r-7", None, {})
    assert "status 201" in caught.value.known

    fake.faults.plan(Fault.invalid_json(), on="create_one")
    made = getattr(client, operation)(BEN, role="reader")
    assert getattr(made, "invitation", made).email == BEN
    assert fake.effects == {"created": 1}


def test_a_success_that_does_not_tell_is_asked_for_again_where_that_does_no_harm(way: Door) -> None:
    fake = FakeSmall(Polite)
    found = fake.put(ANN)["id"]
    fake.faults.plan(Fault.status(200, body="…"), on="cancel_one")

    assert way.open(fake).cancel(found).status is Status.CANCELED
    assert [one.request.method for one in fake.requests] == ["POST", "POST", "GET"]


def test_a_read_may_be_refused_with_a_success_too(way: Door) -> None:
    rules = (*Polite.error_rules, rule(NotFoundError, statuses=(200,), codes=("none",)))
    fake = FakeSmall(type("Candid", (Polite,), {"error_rules": rules}))
    found = fake.put(ANN)["id"]
    client = way.open(fake)
    fake.faults.plan(Fault.status(200, body={"refused": 1, "code": "none"}), on="get_one")
    with pytest.raises(NotFoundError):
        client.get(found)
    # What does not tell is read as it stands.
    fake.faults.plan(Fault.status(200, body="…"), on="get_one")
    with pytest.raises(ResponseParseError):
        client.get(found)


class Hasty(SmallAdapter):
    """Whose author thought of every answer but the empty one."""

    @classmethod
    def refused(cls, response: Response) -> bool | None:
        return "refused" in json.loads(response.body)

    @classmethod
    def throttled(cls, response: Response, now: float) -> float | None:
        return float(json.loads(response.body)["wait"])


def test_a_hook_that_raises_says_nothing(way: Door, caplog: pytest.LogCaptureFixture) -> None:
    fake = FakeSmall(Hasty)
    client = way.open(fake)
    for _ in range(3):
        found = fake.put(ANN)["id"]
        fake.faults.plan(Fault.status(503), on="cancel_one")
        assert client.cancel(found).status is Status.CANCELED
    assert fake.effects == {"written": 3}
    assert {record.getMessage() for record in caplog.records if record.levelname == "WARNING"} >= {
        "small: refused failed with JSONDecodeError",
        "small: throttled failed with KeyError",
    }


@pytest.mark.parametrize("operation", ["get", "cancel"])
def test_a_limit_that_is_said_with_a_success_is_a_limit_and_no_result(way: Door, operation: str) -> None:
    fake = FakeSmall(Hasty)
    found = fake.put(ANN)["id"]
    fake.faults.plan(Fault.status(200, body={"refused": 1, "wait": 7}), on=f"{operation}_one", times=2)
    with pytest.raises(RateLimitedError) as caught:
        getattr(way.open(fake, retry=NO_RETRIES), operation)(found)

    assert (caught.value.status, caught.value.retry_after, caught.value.attempts) == (200, 7, 1)
    assert fake.effects == {}

    began = fake.clock.current
    assert getattr(way.open(fake), operation)(found).email == ANN
    assert (fake.clock.current - began).total_seconds() >= 7


class Strict(SmallAdapter):
    """Of a service whose states it knows."""

    def list(self, ctx: Context, filters: Filters, limit: int | None, page_size: int | None) -> Flow[None]:
        pages = ArrayPages(lambda page: call("GET", "", "list_all", "safe", every), Row, _known)
        yield from listing(ctx, pages, filters.checks(), limit)

    def create(self, ctx: Context, new: NewInvitation) -> Flow[Invitation]:
        body = {"email": new.email, "role": new.role, "state": "strange"}
        return (yield from answered(ctx, call("POST", "", "create_one", "once", one, body), _known, new.fields))


def _known(row: Row) -> Invitation:
    if row.state == "strange":
        raise KeyError(row.state)
    return invitation_of(row)


def test_a_row_that_the_author_cannot_read_is_a_problem_and_no_more(way: Door) -> None:
    fake = FakeSmall(Strict)
    fake.put(ANN, state="strange")
    fake.put(BEN)
    client = way.open(fake)
    pager = client.list()

    assert [row.email for row in pager.all()] == [BEN]
    (problem,) = pager.problems
    assert problem.row == fake.rows[next(iter(fake.rows))]
    assert (problem.reason, problem.page) == ("row: KeyError", 1)
    with pytest.raises(ResponseParseError, match="may be open"):
        client.ensure(ANN, role="reader")
    assert client.ensure(BEN, role="reader").created is False


def test_whose_an_unreadable_row_is_stands_where_the_author_says(way: Door) -> None:
    fake = FakeSmall(type("Named", (Strict,), {"email_key": "team"}))
    fake.put("?", team=BEN, state="strange")

    assert way.open(fake).ensure(ANN, role="reader").created
    with pytest.raises(ResponseParseError, match="may be open"):
        way.open(fake).ensure(BEN, role="reader")


def test_an_answer_that_the_author_cannot_read_is_a_confirmation(way: Door) -> None:
    fake = FakeSmall(Strict)
    made = way.open(fake).create(ANN, role="reader")

    assert (made.id, made.email, made.role, made.partial) == (next(iter(fake.rows)), ANN, "reader", True)
    assert fake.effects == {"created": 1}


def test_a_record_that_the_author_cannot_read_back_is_an_answer_that_cannot_be_read(way: Door) -> None:
    def get(self: SmallAdapter, ctx: Context, invitation_id: str) -> Flow[Invitation]:
        said = yield from perform(ctx, call("GET", f"/{invitation_id}", "get_one", "safe", one))
        return {"open": invitation_of(said)}[said.state]

    fake = FakeSmall(changed(get=get))
    client = way.open(fake)
    found = fake.put(ANN)["id"]
    assert client.cancel(found).partial is True
    with pytest.raises(ResponseParseError, match="KeyError") as caught:
        client.get(found)
    assert (caught.value.service, caught.value.operation) == ("small", "get")

    again = fake.put(BEN)["id"]
    fake.faults.plan(Fault.drop_reply(), on="cancel_one")
    with pytest.raises(OutcomeUnknownError, match="may or may not"):
        way.open(fake, retry=NO_RETRIES).cancel(again)
    assert fake.effects == {"written": 2}


def test_a_page_that_is_read_at_once_keeps_its_other_rows() -> None:
    def fields(said: Mapping[str, Any]) -> InvitationFields:
        if said["state"] == "strange":
            raise ValueError(said["state"])
        return {**unset("small"), "id": said["id"], "status": Status.PENDING, "email": said["email"]}

    body = [{"id": str(n), "email": ANN, "state": "strange" if n == 1 else "open"} for n in range(3)]
    found, problems = Rows(Row, fields).read(Response(200, (), json.dumps(body).encode()), 4)

    assert [row.id for row in found] == ["0", "2"]
    assert [(problem.reason, problem.page) for problem in problems] == [("row: ValueError", 4)]


class House(BaseModel):
    """An organization on the wire."""

    id: str
    name: str


def houses(response: Response) -> list[House]:
    return TypeAdapter(list[House]).validate_json(response.body)


def as_scope(row: House) -> ScopeInfo:
    if row.name == "?":
        raise KeyError(row.name)
    return ScopeInfo("house", row.id, row.name, organization_id=row.id, organization_name=row.name, native=row)


class Housed(SmallAdapter):
    """Of a service whose organizations are called houses and go by ids."""

    capabilities = declared(operations={"scopes": native(parameters={"name": local_filter(), "type": local_filter()})})
    takes_names = frozenset({"organization"})
    organization_type = "house"

    def scopes(self, ctx: Context, wanted: Lookup, limit: int | None, page_size: int | None) -> Flow[None]:
        pages = ArrayPages(lambda page: call("GET", "/houses", "list_houses", "safe", houses), House, as_scope)
        return lookup(ctx, [pages], wanted, limit)


class FakeHoused(FakeSmall):
    """With houses to invite into."""

    routes = (("list_houses", "GET", "/invitations/houses"), *FakeSmall.routes)

    def __init__(self, *names: str) -> None:
        super().__init__(Housed)
        self.houses = [{"id": str(self.new_uuid()), "name": name} for name in names]

    def answer_to(self, operation: str | None, request: FakeRequest) -> FakeResponse:
        if operation == "list_houses":
            return FakeResponse.json(200, self.houses)
        return super().answer_to(operation, request)


def test_whoever_lists_scopes_has_names_for_them(way: Door) -> None:
    fake = FakeHoused("Mill", "Barn", "barn")
    client = way.open(fake)
    mill = fake.houses[0]["id"]

    assert [(scope.type, scope.id) for scope in client.scopes(name="MILL", type="house")] == [("house", mill)]
    assert [scope.name for scope in client.scopes(type="project")] == []
    assert client.create(ANN, role="reader", organization="mill").organization_id == mill
    assert client.create(BEN, role="reader", organization=mill).organization_id == mill
    for name, said in (("Mil", r"no house 'Mil' .* nearest: 'Mill'"), ("BARN", r"2 have the name 'BARN' \(house\)")):
        with pytest.raises(InvalidArgumentError, match=said):
            client.create(ANN, role="reader", organization=name)
    assert fake.effects == {"created": 2}


def test_a_scope_that_the_author_cannot_read_is_a_problem_and_no_more(way: Door) -> None:
    fake = FakeHoused("Mill", "?")
    pager = way.open(fake).scopes()

    assert [scope.name for scope in pager.all()] == ["Mill"]
    assert [problem.reason for problem in pager.problems] == ["row: KeyError"]
    assert way.open(fake).create(ANN, role="reader", organization="Mill").organization_id == fake.houses[0]["id"]


def test_an_ensure_of_the_services_own_needs_no_create(way: Door) -> None:
    def ensure(self: SmallAdapter, ctx: Context, new: NewInvitation) -> Flow[EnsureResult]:
        made = yield from perform(ctx, call("POST", "", "create_one", "idempotent", one, {"email": new.email}))
        return EnsureResult(invitation_of(made), created=True)

    operations = {"ensure": native(parameters={"role": Support("native")})}
    members = {"capabilities": Capabilities("small", "Small", operations), "ensure": ensure, "create": Adapter.create}
    fake = FakeSmall(type("Sure", (SmallAdapter,), members))

    assert way.open(fake).ensure(ANN, role="reader").created


def test_what_a_removing_service_says_of_a_canceled_one_is_kept(way: Door) -> None:
    def cancel(self: SmallAdapter, ctx: Context, invitation_id: str, refetch: bool) -> Flow[Invitation]:
        yield from exchange(ctx, call("POST", f"/{invitation_id}/withdraw", "cancel_one", "idempotent", nothing))
        return partial("small", {"id": invitation_id, "email": ANN, "status": Status.CANCELED})

    fake = FakeSmall(changed(cancel_removes=True, cancel=cancel), does=None)
    client = way.open(fake)
    canceled = client.cancel(fake.put(ANN)["id"])
    assert (canceled.email, canceled.status, canceled.partial) == (ANN, "canceled", True)


class Gated(Connection):
    """A connection with a setting that is a word like any other."""

    __slots__ = ()
    service = "gated"
    settings = ("url", "project")

    def __init__(self, url: str, *, project: str) -> None:
        raise ConfigurationError("project must be the number of a project, not its name")


def test_a_variable_is_named_where_its_setting_is_meant() -> None:
    given = {"INVITE_GATED_URL": "https://gate.example", "INVITE_GATED_PROJECT": "apollo"}
    with pytest.raises(ConfigurationError) as caught:
        Gated.from_env(given)

    assert caught.value.message == (
        "INVITE_GATED_PROJECT must be the number of a project, not its name "
        "(settings read: INVITE_GATED_URL, INVITE_GATED_PROJECT)"
    )


def test_what_is_not_declared_is_unsupported() -> None:
    found = Capabilities("gated", "Gated", {"list": native(view="sent"), "create": native()})

    assert [name for name in found if found.supports(name)] == ["list", "create"]
    for operation, parameter in (("create", "extra"), ("list", "native_filters"), ("list", "page_size")):
        assert not found.supports(operation, parameter)
    assert found.supports("list", "limit")


def test_what_is_no_operation_is_named() -> None:
    with pytest.raises(ValueError, match=r"gated: lst, sent is no operation; there are list, count"):
        Capabilities("gated", "Gated", {"lst": native(), "sent": native(), "get": native()})


def test_a_declared_operation_that_is_not_written_is_told_to_its_author() -> None:
    operations = {name: native() for name in ("list", "get", "ensure")} | {"count": emulated("Lists and counts.")}
    with pytest.raises(TypeError, match=r"^Ajar declares list, count, get, ensure and does not write it$"):
        type("Ajar", (Adapter,), {"capabilities": Capabilities("ajar", "Ajar", operations)})
