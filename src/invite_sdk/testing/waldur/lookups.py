"""What a fake Waldur has to grant, and where: its roles, organizations and projects, as lists and one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TypeVar

from invite_sdk.testing.base import drf
from invite_sdk.testing.messages import FakeRequest, FakeResponse
from invite_sdk.testing.waldur.listing import MAX_PAGE_SIZE, PAGE_SIZE, links, not_a_choice
from invite_sdk.testing.waldur.model import Era, Scope, WaldurCustomer, WaldurProject, WaldurRole, WaldurUser
from invite_sdk.testing.waldur.wire import Problem, detail
from invite_sdk.testing.waldur.world import World, hex_of

if TYPE_CHECKING:
    from invite_sdk.testing.waldur.model import Record

    R = TypeVar("R", bound=Record)

KINDS: Final = {"roles": "Role", "customers": "Customer", "projects": "Project"}
"""The folders of the API, and the word for one of each in a 404."""
_LANGUAGES: Final = ("en", "et", "lt", "lv", "ru", "it", "de", "da", "sv", "es", "fr", "nb", "ar", "cs")
_SYSTEM_ROLES: Final = ("CALL.", "CUSTOMER.", "OFFERING.", "PROJECT.", "PROPOSAL.")

Text = Callable[["R"], str]


class Lookups:
    """Answers requests for roles, organizations and projects. Only reading is imitated."""

    def __init__(self, world: World, era: Era) -> None:
        self._world = world
        self._era = era

    def answer(self, kind: str, uuid: str, request: FakeRequest, user: WaldurUser | None, origin: str) -> FakeResponse:
        """The page, or the record.

        Raises:
            Problem: 400 for a filter that the server refuses, 404 for what is not there or not the caller's to see.
        """
        rows = {"roles": self._roles, "customers": self._customers, "projects": self._projects}[kind]
        if not uuid:
            return self._page(kind, rows(request, user, origin), request, origin)
        plain = FakeRequest("GET", request.path, request.headers)
        found = [row for row in rows(plain, user, origin) if row["uuid"] == hex_of(uuid)]
        if not found:
            raise detail(404, f"No {KINDS[kind]} matches the given query.")
        return FakeResponse.json(200, self._narrowed(kind, found[0], request))

    def _page(self, kind: str, rows: list[dict[str, object]], request: FakeRequest, origin: str) -> FakeResponse:
        size = drf.page_size(request, PAGE_SIZE, MAX_PAGE_SIZE)
        number, pages = drf.page_window(request, len(rows), size)
        chosen = [self._narrowed(kind, row, request) for row in rows[(number - 1) * size : number * size]]
        linked = links(origin, request, number, pages)
        return FakeResponse.json(200, chosen, (("X-Result-Count", str(len(rows))), ("Link", linked)))

    def _narrowed(self, kind: str, row: dict[str, object], request: FakeRequest) -> dict[str, object]:
        """The row with the fields that were asked for; names that it does not have are ignored."""
        fields = request.params("field")
        if not fields or (kind == "roles" and not self._era.new_filters):
            return row
        return {name: value for name, value in row.items() if name in fields}

    def _roles(self, request: FakeRequest, user: WaldurUser | None, origin: str) -> list[dict[str, object]]:
        del origin
        found: Iterable[WaldurRole] = self._world.roles
        if self._era.new_filters:
            found = _holding(found, request, {"name": _name, "description": lambda role: role.description})
        active = {"true": True, "false": False}.get((request.param("is_active") or "").lower())
        if active is not None:
            found = [role for role in found if role.is_active is active]
        return [self._role(role, user) for role in sorted(found, key=_name)]

    def _role(self, role: WaldurRole, user: WaldurUser | None) -> dict[str, object]:
        described = {f"description_{language}": None for language in _LANGUAGES}
        wire: dict[str, object] = {"uuid": role.uuid, "name": role.name, "description": role.description, **described}
        wire["description_en"] = role.description or None
        wire["permissions"] = sorted(role.permissions)
        wire["is_system_role"] = role.name.startswith(_SYSTEM_ROLES)
        wire["is_active"] = role.is_active
        if user is not None and user.is_staff:
            held = (grant.role for grants in self._world.grants.values() for grant in grants)
            wire["users_count"] = sum(uuid == role.uuid for uuid in held)
        wire["content_type"] = role.content_type
        return wire

    def _customers(self, request: FakeRequest, user: WaldurUser | None, origin: str) -> list[dict[str, object]]:
        texts: dict[str, Text[WaldurCustomer]] = {"name": _name, "abbreviation": lambda customer: customer.abbreviation}
        texts["query"] = lambda customer: f"{customer.name}\n{customer.abbreviation}"
        found = _ordered(_holding(self._seen(self._world.customers, user), request, texts), request)
        return [self._customer(customer, origin) for customer in found]

    def _customer(self, customer: WaldurCustomer, origin: str) -> dict[str, object]:
        projects = [each for each in self._world.projects if each.customer == customer.uuid and not each.removed]
        return {
            "url": f"{origin}/api/customers/{customer.uuid}/",
            "uuid": customer.uuid,
            "display_name": customer.abbreviation or customer.name,
            "projects": [
                {"url": f"{origin}/api/projects/{each.uuid}/", "uuid": each.uuid, "name": each.name, "image": None}
                for each in _ordered(projects, None)
            ],
            "image": None,
            "blocked": False,
            "archived": False,
            "projects_count": len(projects),
            "name": customer.name,
            "native_name": "",
            "abbreviation": customer.abbreviation,
            "email": "",
            "is_service_provider": False,
        }

    def _projects(self, request: FakeRequest, user: WaldurUser | None, origin: str) -> list[dict[str, object]]:
        texts: dict[str, Text[WaldurProject]] = {
            "name": _name,
            "customer_name": lambda project: self._owner(project).name,
        }
        texts["query"] = _name
        found = _holding(self._seen(self._world.projects, user), request, texts)
        if customer := (request.param("customer") or "").strip():
            wanted = hex_of(customer)
            if wanted is None:
                raise Problem(400, {"customer": ["Enter a valid UUID."]})
            found = [project for project in found if project.customer == wanted]
        return [self._project(project, origin) for project in _ordered(found, request)]

    def _project(self, project: WaldurProject, origin: str) -> dict[str, object]:
        owner = self._owner(project)
        return {
            "url": f"{origin}/api/projects/{project.uuid}/",
            "uuid": project.uuid,
            "name": project.name,
            "customer": f"{origin}/api/customers/{owner.uuid}/",
            "customer_uuid": owner.uuid,
            "customer_name": owner.name,
            "customer_native_name": "",
            "customer_abbreviation": owner.abbreviation,
            "description": project.description,
            "type": None,
            "start_date": None if project.start_date is None else project.start_date.isoformat(),
            "end_date": None,
            "is_industry": False,
            "image": None,
        }

    def _owner(self, project: WaldurProject) -> WaldurCustomer:
        return self._world.customers.find(project.customer)

    def _seen(self, scopes: Iterable[S], user: WaldurUser | None) -> list[S]:
        """Those that the caller may see: soft deletion hides a project from everybody."""
        return [
            scope
            for scope in scopes
            if user is not None
            and self._world.connected(user, scope)
            and not (isinstance(scope, WaldurProject) and scope.removed)
        ]


S = TypeVar("S", WaldurCustomer, WaldurProject)
Named = TypeVar("Named", WaldurCustomer, WaldurProject, WaldurRole)


def _name(record: Scope | WaldurRole) -> str:
    return record.name


def _holding(rows: Iterable[Named], request: FakeRequest, texts: dict[str, Callable[[Named], str]]) -> list[Named]:
    """The rows that hold each text that was asked for, in any case; `name_exact` minds it. Other names are ignored."""
    found = list(rows)
    for name, text in {**texts, "name_exact": _name}.items():
        wanted = (request.param(name) or "").strip()
        if "\x00" in wanted:
            raise Problem(400, {name: ["Null characters are not allowed."]})
        if not wanted:
            continue
        if name == "name_exact":
            found = [row for row in found if row.name == wanted]
        else:
            found = [row for row in found if wanted.lower() in text(row).lower()]
    return found


def _ordered(rows: Iterable[S], request: FakeRequest | None) -> list[S]:
    """By name, as the database compares: capitals first."""
    asked = "name" if request is None else (request.param("o") or "name")
    if asked.removeprefix("-") != "name":
        raise Problem(400, {"o": [not_a_choice(asked)]})
    return sorted(rows, key=_name, reverse=asked.startswith("-"))
