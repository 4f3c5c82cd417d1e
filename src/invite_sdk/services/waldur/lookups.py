"""What can be granted on a Waldur, and where: its roles, organizations and projects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from invite_clients import waldur
from invite_clients._runtime import Call, Response
from invite_clients._values import value_class
from invite_sdk._errors.tree import InvalidArgumentError
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Flow
from invite_sdk._flows.lookups import Lookup, lookup
from invite_sdk._flows.walk import Reading
from invite_sdk._model.lookups import RoleInfo, ScopeInfo
from invite_sdk._privacy.texts import shown
from invite_sdk.services.common import rows_of
from invite_sdk.services.ids import require_uuid
from invite_sdk.services.waldur.capabilities import MAX_PAGE_SIZE
from invite_sdk.services.waldur.listing import reading

if TYPE_CHECKING:
    from pydantic import BaseModel

Row = TypeVar("Row", bound="BaseModel")
Info = TypeVar("Info", RoleInfo, ScopeInfo)

ORGANIZATION = "customer"
_PROJECT = "project"
_SCOPE_FIELDS = ("uuid", "name", "url")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    ORGANIZATION: _SCOPE_FIELDS,
    _PROJECT: (*_SCOPE_FIELDS, "customer_uuid", "customer_name"),
}
"""What is asked for of each row, which saves nine tenths of it. Roles come whole from 7.0.7 on, whatever is asked."""
_ROLE_FIELDS = ("uuid", "name", "description", "content_type", "is_active", "is_system_role")


@value_class
class _Pages(Generic[Row, Info]):
    """One of these lists: bare arrays, with the number of rows and the next page in headers."""

    make: Callable[..., Call[list[Row]]]
    model: type[Row]
    from_wire: Callable[[Row], Info]
    query: Mapping[str, object]
    size: int

    def call(self, page: int) -> Call[list[Row]]:
        return self.make(**self.query, page=page, page_size=self.size)

    def read(self, response: Response, page: int) -> Reading[Info]:
        rows, problems = rows_of(response, self.call(page).reader, self.model, page)
        return reading(response, [self.from_wire(row) for row in rows], problems, page, self.size)


def roles(ctx: Context, wanted: Lookup, limit: int | None, page_size: int | None) -> Flow[None]:
    """Every role of the portal. Servers of 2024 send all of them, whatever the filter."""
    query = {"name": wanted.name, "field": _ROLE_FIELDS}
    return lookup(ctx, [_Pages(waldur.roles_list, waldur.Role, _role, query, _size(page_size))], wanted, limit)


def scopes(ctx: Context, wanted: Lookup, limit: int | None, page_size: int | None) -> Flow[None]:
    """The organizations, then the projects.

    Raises:
        InvalidArgumentError: they are to be of another type.
    """
    check_scopes(wanted)
    query: dict[str, object] = {"name": wanted.name}
    lists: list[_Pages[waldur.Customer, ScopeInfo] | _Pages[waldur.Project, ScopeInfo]] = []
    if wanted.type in (None, ORGANIZATION):
        asked = {**query, "field": _FIELDS[ORGANIZATION]}
        lists.append(_Pages(waldur.customers_list, waldur.Customer, _customer, asked, _size(page_size)))
    if wanted.type in (None, _PROJECT):
        asked = {**query, "field": _FIELDS[_PROJECT], "customer": wanted.organization}
        lists.append(_Pages(waldur.projects_list, waldur.Project, _project, asked, _size(page_size)))
    return lookup(ctx, lists, wanted, limit)


def check_scopes(wanted: Lookup) -> None:
    """Raises for a type of scope that cannot be listed here, before anything is sent."""
    if wanted.type not in (None, *_FIELDS):
        raise InvalidArgumentError(
            f"Waldur's {' and '.join(_FIELDS)} scopes can be listed and named; "
            f"give the UUID of this {shown(wanted.type)}, or its URL"
        )
    if wanted.organization is not None:
        require_uuid("organization", wanted.organization)


def _size(asked: int | None) -> int:
    return min(asked or MAX_PAGE_SIZE, MAX_PAGE_SIZE)


def _role(row: waldur.Role) -> RoleInfo:
    return RoleInfo(row.uuid, row.name, row.description or None, row.content_type or None, row.is_active, row)


def _customer(row: waldur.Customer) -> ScopeInfo:
    return ScopeInfo(ORGANIZATION, row.uuid, row.name, row.url, row.uuid, row.name, row)


def _project(row: waldur.Project) -> ScopeInfo:
    return ScopeInfo(_PROJECT, row.uuid, row.name, row.url, row.customer_uuid, row.customer_name, row)
