"""Waldur's listing: its query, its pages, and what is checked on every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from invite_clients import waldur
from invite_sdk._errors import tree as errors
from invite_sdk._flows.context import Context
from invite_sdk._flows.filters import Check, Filters, check_email
from invite_sdk._flows.paging import following
from invite_sdk._flows.walk import Identified, Reading
from invite_sdk._model.addresses import common_part
from invite_sdk._model.ids import is_uuid
from invite_sdk._model.records import Problem, Scope, Status
from invite_sdk._privacy.texts import shown
from invite_sdk.services.ids import require_uuid
from invite_sdk.services.waldur.reading import STATUS, rows, wire_of
from invite_sdk.services.waldur.scopes import PATHS, check_scope, scope_key, scope_url, uuid_of

if TYPE_CHECKING:
    from invite_clients._runtime import Call, Response
    from invite_sdk._model.invitation import Invitation

Row = TypeVar("Row", bound=Identified)

STATE = {status: state for state, status in STATUS.items()}


class Pages:
    """Waldur's listing: bare arrays, with the number of rows and the next page in headers."""

    def __init__(self, query: Mapping[str, object], size: int) -> None:
        self._query = query
        self._size = size
        self.were_read = False

    def call(self, page: int) -> Call[object]:
        make = cast("Callable[..., Call[object]]", waldur.user_invitations_list)
        return make(**self._query, page=page, page_size=self._size)

    def read(self, response: Response, page: int) -> Reading:
        self.were_read = True
        return reading(response, *rows().read(response, page), page, self._size)


def reading(response: Response, found: list[Row], problems: list[Problem], page: int, size: int) -> Reading[Row]:
    """The rows of a page, with what its headers say of those before and behind it."""
    said = set(response.every("x-result-count"))
    count = said.pop().strip() if len(said) == 1 else ""
    total = int(count) if count.isascii() and count.isdigit() and len(count) < 16 else None
    link = following(response, page)
    # A proxy may drop the header. Page sizes are unreliable: the service lowers them.
    return Reading(found, problems, total, link.page, None if link.is_said else size)


def _order(value: object) -> list[str]:
    several = cast("Sequence[object]", value) if isinstance(value, Sequence) else ()
    fields = [value] if isinstance(value, str) else list(several)
    words = [field for field in fields if isinstance(field, str) and field]
    if not words or len(words) < len(fields):
        raise errors.InvalidArgumentError("the native filter o takes the name of a field, or several")
    return words


def _holds(said: str, wanted: str) -> bool:
    return wanted.casefold() in said.casefold()


def _is(said: str, wanted: str) -> bool:
    return said.lower() == wanted.lower()


def _text(name: str, fits: Callable[[str, str], bool], wanted: str) -> Check:
    def check(row: Invitation) -> bool | None:
        said = getattr(wire_of(row), name)
        return None if said is None else fits(said, wanted)

    return check


_NATIVE_FILTERS: Mapping[str, Callable[[str], Check]] = {
    "civil_number": partial(_text, "civil_number", _is),
    "email_exact": check_email,
    "scope_description": partial(_text, "scope_description", _holds),
    "scope_name": partial(_text, "scope_name", _holds),
    "scope_type": partial(_text, "scope_type", _is),
}


def query_of(ctx: Context, filters: Filters) -> tuple[dict[str, object] | None, dict[str, Check]]:
    """What to ask the service, and what to check on every row. No query at all where no row could ever fit."""
    query: dict[str, object] = {}
    checks = filters.checks()
    if filters.statuses is not None:
        states = sorted(STATE[status] for status in filters.statuses if status in STATE)
        if Status.UNKNOWN not in filters.statuses:
            if not states:
                return None, checks
            query["state"] = states
    if filters.email is not None:
        query["email"] = common_part(filters.email)
    if filters.role is not None:
        query["role_uuid" if is_uuid(filters.role) else "role_name"] = filters.role
    if filters.organization is not None:
        query["customer_uuid"] = uuid_of("organization", "customer", filters.organization)
    if filters.scope is not None:
        if isinstance(filters.scope, Scope) and filters.scope.type not in PATHS:
            kind: str | None = filters.scope.type
            query["scope_type"], scope_id = kind, require_uuid("Scope id", filters.scope.id)
        else:
            query["scope"] = url = scope_url(ctx, filters.scope)
            kind, scope_id = scope_key(url)
        checks["scope"] = check_scope(kind, scope_id)
    for name, value in filters.native.items():
        if name == "o":
            query["o"] = _order(value)
        elif name not in _NATIVE_FILTERS:
            raise errors.InvalidArgumentError(
                f"Waldur has no native filter {shown(name)} beside the unified ones; there are "
                f"{', '.join(sorted((*_NATIVE_FILTERS, 'o')))}"
            )
        elif not isinstance(value, str) or not value:
            raise errors.InvalidArgumentError(f"the native filter {name} takes text")
        else:
            query[name] = value
            checks[name] = _NATIVE_FILTERS[name](value)
    return query, checks
