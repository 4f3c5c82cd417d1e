"""The invitation list of a fake Waldur: filters and their gaps, ordering, pages and their links."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from invite_sdk.testing.base import drf
from invite_sdk.testing.messages import FakeRequest, Headers
from invite_sdk.testing.waldur.model import STATES, Era, WaldurInvitation, WaldurProject, WaldurUser
from invite_sdk.testing.waldur.wire import Crash, Problem
from invite_sdk.testing.waldur.world import World, hex_of

Test = Callable[[WaldurInvitation], bool]

PAGE_SIZE: Final = 10
MAX_PAGE_SIZE: Final = 300
INBOX_STATES: Final = ("pending", "project")
_KEPT_RESULTS: Final = 16


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing."""

    rows: Sequence[WaldurInvitation]
    headers: Headers


def sees(world: World, era: Era, user: WaldurUser) -> Test | None:
    """Which invitations a user may list and read; `None` for all."""
    scopes = world.listed_scopes(user, by_permission=era.list_permission)
    if scopes is None:
        return None
    email = user.email.lower()

    def test(row: WaldurInvitation) -> bool:
        if row.scope in scopes:
            return True
        return era.inbox and bool(email) and row.state in INBOX_STATES and row.email.lower() == email

    return test


class Listing:
    """Answers list requests. Results are kept until the world changes, so walking pages costs no more than one."""

    def __init__(self, world: World, era: Era) -> None:
        self._world = world
        self._era = era
        self._kept: OrderedDict[tuple[str, str], list[WaldurInvitation]] = OrderedDict()
        self._revision = -1

    def page(self, request: FakeRequest, user: WaldurUser, origin: str, *, shuffle: bool) -> Page:
        """The page that a request asks for.

        Raises:
            Problem: 400 for a filter or ordering that the server refuses, 404 for a page that is not there.
            Crash: 500 for an unknown `scope_type`.
        """
        tests = self._filters(request, user)
        keys = self._ordering(request)
        mine = sees(self._world, self._era, user)
        if mine is not None:
            tests.append(mine)
        size = drf.page_size(request, PAGE_SIZE, MAX_PAGE_SIZE)
        store = self._world.invitations
        plain = not tests and keys in ([], ["-created"])
        rows = [] if plain else self._select(request, user, tests, keys)
        total = len(store) if plain else len(rows)
        number, pages = drf.page_window(request, total, size)
        start = (number - 1) * size
        if plain:
            chosen = store.newest(start, start + size)
        else:
            if shuffle and keys and not self._era.tie_break and number % 2 == 0:
                rows = _ordered(rows[::-1], keys, self._world)
            chosen = rows[start : start + size]
        linked = links(origin, request, number, pages)
        return Page(chosen, (("X-Result-Count", str(total)), ("Link", linked)))

    def _select(
        self, request: FakeRequest, user: WaldurUser, tests: list[Test], keys: list[str]
    ) -> list[WaldurInvitation]:
        if self._revision != self._world.revision:
            self._kept.clear()
            self._revision = self._world.revision
        query = urlencode([pair for pair in request.query if pair[0] not in ("page", "page_size")])
        name = (user.uuid, query)
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        store = self._world.invitations
        source = store if self._era.tie_break and keys else reversed(store)
        rows = _ordered([row for row in source if all(test(row) for test in tests)], keys, self._world)
        self._kept[name] = rows
        if len(self._kept) > _KEPT_RESULTS:
            self._kept.popitem(last=False)
        return rows

    def _ordering(self, request: FakeRequest) -> list[str]:
        choices = ["created", "email", "state"] + (["created_by"] if self._era.new_filters else [])
        keys = [part.strip() for part in (request.param("o") or "").split(",") if part.strip()]
        for key in keys:
            if key.removeprefix("-") not in choices:
                raise Problem(400, {"o": [not_a_choice(key)]})
        return keys

    def _filters(self, request: FakeRequest, user: WaldurUser) -> list[Test]:
        errors: dict[str, list[str]] = {}
        tests: list[Test] = []
        self._text_filters(request, tests, errors)
        self._reference_filters(request, tests, errors)
        states = request.params("state")
        if wrong := next((state for state in states if state not in STATES), None):
            errors["state"] = [not_a_choice(wrong)]
        elif "" in states:
            errors["state"] = [not_a_choice("")]
        elif states:
            tests.append(lambda row: row.state in states)
        if errors:
            raise Problem(400, errors)
        if kind := request.param("scope_type"):
            if kind not in self._era.scope_types:
                raise Crash
            tests.append(lambda row: row.scope_type == kind)
        if url := request.param("scope"):
            try:
                wanted = self._world.resolve(url, user).uuid
            except ValueError as error:
                raise Problem(400, [str(error)]) from None
            tests.append(lambda row: row.scope == wanted)
        return tests

    def _text_filters(self, request: FakeRequest, tests: list[Test], errors: dict[str, list[str]]) -> None:
        known: dict[str, Callable[[str], Test]] = {
            "email": lambda text: lambda row: text.lower() in row.email.lower(),
            "civil_number": lambda text: lambda row: row.civil_number == text,
            "role_name": lambda text: lambda row: self._role_name(row) == text,
        }
        if self._era.new_filters:
            known["email_exact"] = lambda text: lambda row: row.email.lower() == text.lower()
            known["scope_name"] = lambda text: lambda row: text.casefold() in self._scope_texts(row)[0]
            known["scope_description"] = lambda text: lambda row: text.casefold() in self._scope_texts(row)[1]
        for name, make in known.items():
            text = (request.param(name) or "").strip()
            if "\x00" in text:
                errors[name] = ["Null characters are not allowed."]
            elif text:
                tests.append(make(text))

    def _reference_filters(self, request: FakeRequest, tests: list[Test], errors: dict[str, list[str]]) -> None:
        known: dict[str, Callable[[str], Test]] = {
            "customer_uuid": lambda uuid: lambda row: row.customer == uuid,
            "role_uuid": lambda uuid: lambda row: row.role == uuid,
        }
        for name, make in known.items():
            text = (request.param(name) or "").strip()
            if not text:
                continue
            uuid = hex_of(text)
            if uuid is None:
                errors[name] = ["Enter a valid UUID."]
            else:
                tests.append(make(uuid))

    def _role_name(self, row: WaldurInvitation) -> str | None:
        role = self._world.roles.get(row.role)
        return role.name if role else None

    def _scope_texts(self, row: WaldurInvitation) -> tuple[str, str]:
        scope = self._world.scope_of(row)
        if scope is None:
            return "", ""
        description = scope.description if isinstance(scope, WaldurProject) else ""
        return scope.name.casefold(), description.casefold()


def not_a_choice(value: str) -> str:
    """The words for a value that is none of the choices."""
    return f"Select a valid choice. {value} is not one of the available choices."


def _ordered(rows: list[WaldurInvitation], keys: list[str], world: World) -> list[WaldurInvitation]:
    """Sorts by several keys, stably: what comes in first stays first among equals."""

    def creator(row: WaldurInvitation) -> str:
        user = world.users.get(row.created_by)
        return user.full_name if user else ""

    readers: dict[str, Callable[[WaldurInvitation], str]] = {
        "created": lambda row: row.created.isoformat(timespec="microseconds"),
        "email": lambda row: row.email,
        "state": lambda row: row.state,
        "created_by": creator,
    }
    for key in reversed(keys):
        rows = sorted(rows, key=readers[key.removeprefix("-")], reverse=key.startswith("-"))
    return rows


def links(origin: str, request: FakeRequest, number: int, pages: int) -> str:
    """The Link header."""
    relations = {"first": 1, "prev": number - 1, "next": number + 1, "last": pages}
    return ", ".join(
        f'<{drf.page_link(origin, request, page)}>; rel="{rel}"'
        for rel, page in relations.items()
        if 1 <= page <= pages
    )
