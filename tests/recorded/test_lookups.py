"""What a real Waldur 7.0.7 says of its roles, organizations and projects: read, and answered alike by the fake."""

from __future__ import annotations

import json
from typing import Any, Final

import httpx
import pytest

from invite_clients import waldur
from invite_sdk import NO_RETRIES, NotFoundError, RoleInfo, ScopeInfo, Waldur
from invite_sdk.testing import FakeRequest, FakeWaldur
from invite_sdk.testing.suite.ways import Way
from tests.recorded.exchanges import LOOKUPS, ORIGIN, Recorded, read_recording

EXCHANGES: Final = read_recording(LOOKUPS)
PAGES: Final = [each for each in EXCHANGES if each.method == "GET" and each.status == 200 and each.body[0] == "["]
MAKE: Final[dict[str, Any]] = {
    "roles": waldur.roles_list,
    "customers": waldur.customers_list,
    "projects": waldur.projects_list,
}

NOT_IMITATED: Final = {
    "nobody who invites asks who else holds a role": ("users_count",),
    "the fake knows those permissions that decide over invitations": ("permissions",),
    "of the rest of an organization's record the fake has a part": (
        *("display_name", "projects", "projects_count", "image", "blocked", "archived", "native_name", "email"),
        "is_service_provider",
    ),
    "and so it is with a project": (
        *("customer", "customer_native_name", "customer_abbreviation", "description", "type", "start_date", "end_date"),
        "is_industry",
    ),
}
"""Which keys of a record the fake may lack or have otherwise, and why."""
NOT_FAKED: Final = {"projects_f_can_manage=true": "this filter, which nobody who invites needs"}


def kind_of(exchange: Recorded) -> str:
    """What is listed: roles, customers or projects."""
    return exchange.path.split("/")[2]


def role(row: dict[str, Any]) -> RoleInfo:
    return RoleInfo(row["uuid"], row["name"], row["description"] or None, row["content_type"], row["is_active"])


def customer(row: dict[str, Any]) -> ScopeInfo:
    return ScopeInfo("customer", row["uuid"], row["name"], row["url"], row["uuid"], row["name"])


def project(row: dict[str, Any]) -> ScopeInfo:
    return ScopeInfo("project", row["uuid"], row["name"], row["url"], row["customer_uuid"], row["customer_name"])


READ: Final[dict[str, Any]] = {"roles": role, "customers": customer, "projects": project}


def test_all_of_them_are_asked() -> None:
    assert len(EXCHANGES) == 53
    assert len(PAGES) == 45


@pytest.mark.parametrize("exchange", PAGES, ids=str)
def test_a_page_is_read(exchange: Recorded, way: Way) -> None:
    said, kind = json.loads(exchange.body), kind_of(exchange)
    answer = httpx.Response(200, headers=list(exchange.headers), content=exchange.body.encode())
    client = way.open(Waldur(ORIGIN, token="0" * 40), httpx.MockTransport(lambda _: answer), retry=NO_RETRIES)

    pager: Any = client.roles() if kind == "roles" else client.scopes(type=kind.removesuffix("s"))
    page = next(iter(pager.pages()))
    natives = client.native(MAKE[kind]())

    assert (page.number, page.total, page.problems) == (1, int(exchange.header("x-result-count")), ())
    assert page.rows == [READ[kind](row) for row in said]
    for native, row in zip(natives, said, strict=True):
        kept = native.model_dump(exclude_unset=True)
        assert {name: kept[name] for name in row} == row
    client.close()


def test_the_rest_of_a_record_is_kept(way: Way) -> None:
    (exchange,) = [each for each in EXCHANGES if each.name == "customers_full"]
    answer = httpx.Response(200, headers=list(exchange.headers), content=exchange.body.encode())
    client = way.open(Waldur(ORIGIN, token="0" * 40), httpx.MockTransport(lambda _: answer), retry=NO_RETRIES)
    (found,) = client.scopes(type="customer")
    native: Any = found.native
    assert (native.abbreviation, native.model_extra["slug"]) == ("AL", "acme-liv-1")
    client.close()


# The fake


def acme() -> FakeWaldur:
    """A fake with what the recorded server has."""
    fake = FakeWaldur("7.0.7", empty=True, base_url=ORIGIN)
    for name, kind, description in (
        ("CALL.MANAGER", "call", "Call manager"),
        ("CALL.REVIEWER", "call", ""),
        ("CUSTOMER.READER", "customer", ""),
        ("CUSTOMER.SUPPORT", "customer", ""),
        ("OFFERING.MANAGER", "offering", "Offering manager"),
        ("PROPOSAL.MANAGER", "proposal", "Proposal manager"),
        ("PROPOSAL.MEMBER", "proposal", ""),
    ):
        fake.add_role(name, kind, description=description)
    fake.add_customer("Acme Live", key="acme", abbreviation="AL")
    fake.add_customer("Other Live", key="other")
    fake.add_customer("acme live", key="small")
    fake.add_customer("Ünïversity & Co", key="university")
    for name, customer_key, key in (
        ("Apollo North", "acme", "north"),
        ("apollo", "acme", "apollo"),
        ("zeus", "acme", "zeus"),
        ("apollo", "other", "second"),
    ):
        fake.add_project(name, customer=customer_key, key=key)
    for user in ("staff", "owner", "stranger"):
        fake.add_user(user)
    fake.update_user("staff", is_staff=True)
    fake.grant("owner", "CUSTOMER.OWNER", "acme")
    return fake


def ids_of(fake: FakeWaldur) -> dict[str, str]:
    """The recorded id of each record of the fake, found by name."""
    recorded: dict[tuple[str, ...], str] = {}
    for exchange in PAGES:
        for row in json.loads(exchange.body):
            recorded[kind_of(exchange), row["name"], row.get("customer_name", "")] = row["uuid"]
    ids = {each.uuid: recorded["roles", each.name, ""] for each in fake.roles.values()}
    ids |= {each.uuid: recorded["customers", each.name, ""] for each in fake.customers.values()}
    names = {each.uuid: each.name for each in fake.customers.values()}
    return ids | {each.uuid: recorded["projects", each.name, names[each.customer]] for each in fake.projects.values()}


@pytest.mark.parametrize("exchange", [each for each in EXCHANGES if each.name not in NOT_FAKED], ids=str)
def test_the_fake_answers_alike(exchange: Recorded) -> None:
    fake = acme()
    ids = ids_of(fake)
    target = exchange.url.removeprefix(ORIGIN)
    for own, recorded in ids.items():
        target = target.replace(recorded, own)
    token = [] if exchange.as_user == "-" else [("Authorization", f"Token {fake.users[exchange.as_user].token}")]
    answer = fake.handle(FakeRequest(exchange.method, target, (("Host", "waldur.example.org"), *token)))
    headers, body = dict(answer.headers), answer.body.decode()
    for own, recorded in ids.items():
        body = body.replace(own, recorded)
        headers = {name: value.replace(own, recorded) for name, value in headers.items()}

    assert answer.status == exchange.status
    assert headers == {name: value for name, value in exchange.headers if name != "Content-Length"}
    excused = {key for keys in NOT_IMITATED.values() for key in keys}
    whole = "_full" in exchange.name
    if exchange.method == "HEAD":
        return
    found, said = json.loads(body), json.loads(exchange.body)
    for one, other in zip(*([each] if isinstance(each, dict) else each for each in (found, said)), strict=True):
        alike = one.keys() & other.keys() - excused
        assert {key: one[key] for key in alike} == {key: other[key] for key in alike}
        assert one.keys() - excused <= other.keys()
        assert whole or other.keys() - excused == one.keys() - excused


def test_who_is_not_logged_in_sees_roles_only() -> None:
    fake = FakeWaldur()
    assert fake.handle(FakeRequest("GET", "/api/roles/")).status == 200
    assert fake.handle(FakeRequest("GET", "/api/customers/")).status == 401
    assert fake.handle(FakeRequest("GET", "/api/projects/")).status == 401


@pytest.mark.parametrize(("version", "found"), [("7.0.7", 5), ("2025", 3), ("2026", 3)])
def test_newer_servers_filter_roles(version: Any, found: int) -> None:
    answer = FakeWaldur(version).handle(FakeRequest("GET", "/api/roles/?name=project&field=name"))
    rows = json.loads(answer.body)
    assert len(rows) == found
    assert (set(rows[0]) == {"name"}) is (version != "7.0.7")


def test_what_is_not_there_is_a_404_of_its_kind(way: Way) -> None:
    fake = FakeWaldur()
    fake.remove_project("beta")
    headers = (("Authorization", f"Token {fake.users['staff'].token}"),)
    for path, word in (("customers/" + "0" * 32, "Customer"), (f"projects/{fake.projects['beta'].uuid}", "Project")):
        answer = fake.handle(FakeRequest("GET", f"/api/{path}/", headers))
        assert (answer.status, json.loads(answer.body)) == (404, {"detail": f"No {word} matches the given query."})
    client = way.open(fake.connection(), fake.transport(), retry=NO_RETRIES)
    with pytest.raises(NotFoundError):
        client.native(waldur.roles_list(page=99))
    client.close()
