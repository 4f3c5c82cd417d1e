"""Names in the place of ids: what a role, an organization or a scope is called becomes the id that the service takes.

A wrong guess invites somebody into the wrong place, so nothing is guessed: a name must mean exactly one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, TypeVar, cast

from invite_sdk._errors.tree import (
    APIError,
    ConflictError,
    InvalidArgumentError,
    InviteError,
    ResponseParseError,
)
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Alone, Emit, Flow
from invite_sdk._flows.exchange import now
from invite_sdk._flows.filters import Filters
from invite_sdk._flows.lookups import Lookup
from invite_sdk._model.ids import IdKind
from invite_sdk._model.lookups import RoleInfo, ScopeInfo
from invite_sdk._model.records import Problem, Scope
from invite_sdk._privacy.texts import shown
from invite_sdk.services import settling
from invite_sdk.services.adapter import Adapter, NewInvitation

if TYPE_CHECKING:
    from invite_sdk._model.invitation import EnsureResult, Invitation

T = TypeVar("T")
Given = TypeVar("Given")
Found: TypeAlias = "RoleInfo | ScopeInfo"

_REMEMBERED = 1_000
_NEAREST = 3
_SEARCHED = 1_000
"""How many names are read, at the most, to tell which come nearest to one that is not there."""
_SHOWN = 10
_NOTHING: Mapping[IdKind, str] = {"uuid": "0" * 32, "integer": "0", "opaque": "-"}


class Name(NamedTuple):
    """What is looked up: a role, or a scope of a type, perhaps within an organization."""

    kind: Literal["role", "scope"]
    name: str
    type: str | None = None
    organization: str | None = None


class Names:
    """What names were found to mean, for a client and its children."""

    __slots__ = ("_ids",)

    def __init__(self, ids: dict[object, str]) -> None:
        self._ids = ids

    def get(self, name: Name) -> str | None:
        """The id, where it is known."""
        return self._ids.get(name)

    def keep(self, name: Name, found: str) -> None:
        """Remembers an id, and forgets the oldest where there are too many."""
        self._ids[name] = found
        with suppress(StopIteration, RuntimeError):  # another thread does the same
            while len(self._ids) > _REMEMBERED:
                self._ids.pop(next(iter(self._ids)), None)

    def forget(self, names: Iterable[Name]) -> None:
        """Has these looked up again."""
        for name in names:
            self._ids.pop(name, None)

    @property
    def key(self) -> int:
        """Tells the memory of one client from that of another."""
        return id(self._ids)


@dataclass(slots=True)
class Resolver:
    """The names of one call."""

    adapter: Adapter
    ctx: Context
    names: Names
    used: list[Name] = field(default_factory=list[Name])
    """The names that this call holds."""
    was_remembered: bool = False
    """Whether any of them was looked up by an earlier call."""

    def new(self, given: NewInvitation) -> Flow[NewInvitation]:
        """A new invitation with ids only. What is wrong with the rest of it is refused before anything is looked up."""
        settling.refused_at_once(self.adapter.create(self.ctx, self._nameless(given)))
        organization, scope = yield from self._place(given.organization, given.scope)
        roles: tuple[str, ...] = ()
        for role in given.roles:
            roles += ((yield from self.role(role)),)
        return replace(given, roles=roles, organization=organization, scope=scope)

    def _nameless(self, given: NewInvitation) -> NewInvitation:
        """The same with an id of nothing in the place of each name."""
        nothing = _NOTHING[self.adapter.id_kind]

        def instead(parameter: str, name: str) -> str:
            return nothing if self.adapter.is_name(parameter, name) else name

        scope = given.scope
        return replace(
            given,
            roles=tuple(instead("role", role) for role in given.roles),
            organization=None if given.organization is None else instead("organization", given.organization),
            scope=Scope(scope.type, instead("scope", scope.id)) if isinstance(scope, Scope) else scope,
        )

    def filters(self, given: Filters) -> Flow[Filters]:
        """Filters with ids only."""
        organization, scope = yield from self._place(given.organization, given.scope)
        role = given.role
        if role is not None:
            role = yield from self.role(role, to_grant=False)
        return replace(given, role=role, organization=organization, scope=scope)

    def role(self, given: str, *, to_grant: bool = True) -> Flow[str]:
        """The id of a role. One that is switched off is refused where it is to be granted."""
        if not self.adapter.is_name("role", given):
            return given

        def look() -> Flow[str]:
            rows, problems = yield from looked_up(self.adapter.roles(self.ctx, Lookup(), None, None))
            found = _meant(given, cast("list[RoleInfo]", rows))
            _refuse_unread(given, "role", problems)
            role = _only("role", given, found, lambda: [row.name for row in cast("list[RoleInfo]", rows)])
            if to_grant and role.is_active is False:
                raise InvalidArgumentError(f"the role {shown(given)} is switched off, so nobody can be invited to it")
            return role.id

        return (yield from self._meaning(Name("role", given), look))

    def _place(
        self, organization: str | None, scope: Scope | str | None
    ) -> Flow[tuple[str | None, Scope | str | None]]:
        if organization is not None:
            organization = yield from self._scope_id("organization", self.adapter.organization_type, organization, None)
        if isinstance(scope, Scope):
            within = None
            if scope.organization is not None and self.adapter.is_name("scope", scope.id):
                within = yield from self._scope_id(
                    "organization", self.adapter.organization_type, scope.organization, None
                )
            scope = Scope(scope.type, (yield from self._scope_id("scope", scope.type, scope.id, within)))
        return organization, scope

    def _scope_id(self, parameter: str, kind: str, given: str, within: str | None) -> Flow[str]:
        if not self.adapter.is_name(parameter, given):
            return given

        def look() -> Flow[str]:
            rows: list[Found] = []
            # A server's own filter may miss the name, for example with other letters than English ones.
            for wanted, limit in ((Lookup(given, kind, within), None), (Lookup(None, kind, within), _SEARCHED)):
                rows, problems = yield from looked_up(self.adapter.scopes(self.ctx, wanted, limit, None))
                _refuse_unread(given, kind, problems)
                found = _meant(given, cast("list[ScopeInfo]", rows))
                if found and (limit is None or len(rows) < limit):
                    return _only(kind, given, found, list).id
            return _only(kind, given, [], lambda: [row.name for row in rows if row.name]).id

        return (yield from self._meaning(Name("scope", given, kind, within), look))

    def _meaning(self, name: Name, look: Callable[[], Flow[str]]) -> Flow[str]:
        """The id of a name, read once however many ask for it at the same time."""
        self.used.append(name)

        def remembered_or_read() -> Flow[str]:
            known = self.names.get(name)
            if known is None:
                known = yield from look()
                self.names.keep(name, known)
            return known

        found = self.names.get(name)
        if found is not None:
            self.was_remembered = True
            return found
        moment = (yield from now()).monotonic
        if self.ctx.deadline_at is None:
            self.ctx.deadline_at = moment + self.ctx.options.deadline
        alone = Alone((self.names.key, name), self.ctx.time_left(moment), remembered_or_read())
        return cast("str", (yield alone))


def create(resolver: Resolver, given: NewInvitation) -> Flow[Invitation]:
    """The new invitation, by names."""
    found = yield from _by_name(
        resolver, lambda: resolver.new(given), lambda meant: settling.create(resolver.adapter, resolver.ctx, meant)
    )
    yield from _check(resolver, given, found, is_new=True)
    return found


def ensure(resolver: Resolver, given: NewInvitation) -> Flow[EnsureResult]:
    """The invitation that fits, or a new one, by names."""
    found = yield from _by_name(
        resolver, lambda: resolver.new(given), lambda meant: settling.ensure(resolver.adapter, resolver.ctx, meant)
    )
    yield from _check(resolver, given, found.invitation, is_new=found.created)
    return found


def update(
    resolver: Resolver, invitation_id: str, known: Invitation | None, email: str | None, role: str, refetch: bool
) -> Flow[Invitation]:
    """The changed invitation, its role by name."""
    adapter, ctx = resolver.adapter, resolver.ctx
    return (
        yield from _by_name(
            resolver,
            lambda: resolver.role(role),
            lambda meant: settling.update(adapter, ctx, invitation_id, known, email, meant, refetch),
        )
    )


def _by_name(resolver: Resolver, resolve: Callable[[], Flow[Given]], work: Callable[[Given], Flow[T]]) -> Flow[T]:
    """The result of a write whose names were looked up; once more where what they meant is gone since then.

    Only a refusal is followed by another attempt: the service has made nothing then.
    """
    meant = yield from resolve()
    try:
        return (yield from work(meant))
    except APIError as refused:
        if not resolver.adapter.names_are_stale(refused):
            raise
        resolver.names.forget(resolver.used)
        if not resolver.was_remembered:
            raise
        again = yield from resolve()
        if again == meant:
            raise
        return (yield from work(again))


def _check(resolver: Resolver, given: NewInvitation, found: Invitation, *, is_new: bool) -> Flow[None]:
    """Raises where an invitation was made for something that the names do not mean any more.

    A name may be given to something else between the look and the write. Then the new invitation is canceled.

    Raises:
        ConflictError: so it was; the message says what became of the invitation.
    """
    said = _says_otherwise(found, given, resolver.used)
    if said is None:
        return
    resolver.names.forget(resolver.used)
    try:
        meant = yield from resolver.new(given)
    except InvalidArgumentError:
        meant = None
    if meant is not None and resolver.adapter.fits(resolver.ctx, found, meant):
        return  # the service has another way to write the same name
    words = f"{said}, so this is not what was asked for"
    if is_new and found.id is not None:
        try:
            yield from settling.cancel(resolver.adapter, resolver.ctx, found.id, found, refetch=False)
        except InviteError as error:
            words += f"; the invitation {found.id} was made and could not be canceled ({type(error).__name__})"
        else:
            words += f"; the invitation {found.id} was made, and canceled at once"
    raise ConflictError(words, status=409)


def _says_otherwise(found: Invitation, given: NewInvitation, used: Sequence[Name]) -> str | None:
    """What an invitation says instead of a name that was given."""
    organizations = {given.organization, given.scope.organization if isinstance(given.scope, Scope) else None}
    for name in used:
        if name.kind == "role":
            said = found.role
        elif name.name in organizations:
            said = found.organization_name
        else:
            said = found.scope_name
        if said is not None and not _same(said, name.name):
            return f"what was called {shown(name.name)} is called {shown(said)} now"
    return None


def looked_up(flow: Flow[None]) -> Flow[tuple[list[Found], list[Problem]]]:
    """Everything that a lookup emits."""
    rows: list[Found] = []
    problems: list[Problem] = []
    try:
        effect = next(flow)
        while True:
            if isinstance(effect, Emit):
                rows.extend(cast("list[Found]", effect.page.rows))
                problems.extend(effect.page.problems)
                effect = flow.send(None)
            else:
                effect = flow.send((yield effect))
    except StopIteration:
        return rows, problems
    finally:
        flow.close()


Info = TypeVar("Info", RoleInfo, ScopeInfo)


def _meant(given: str, rows: list[Info]) -> list[Info]:
    """The rows of this name: exactly so, or else without regard to case."""
    exact = [row for row in rows if row.name == given]
    found = exact or [row for row in rows if row.name is not None and _same(row.name, given)]
    # The same row may come twice where somebody writes meanwhile.
    return list({row.id: row for row in found}.values())


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _only(kind: str, given: str, found: list[Info], names: Callable[[], list[str]]) -> Info:
    if len(found) == 1:
        return found[0]
    if found:
        several = [_described(row) for row in found[:_SHOWN]]
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise InvalidArgumentError(
            f"{len(found)} have the name {shown(given)} ({kind}): {'; '.join(several)}{more}. Give the id of one"
        )
    there = {name.casefold(): name for name in names() if not _same(name, given)}
    nearest = [shown(there[name]) for name in get_close_matches(given.casefold(), there, _NEAREST, 0.5)]
    words = f"; the nearest: {', '.join(nearest)}" if nearest else "" if there else "; you can see none at all"
    raise InvalidArgumentError(f"there is no {kind} {shown(given)} that you can see{words}")


def _described(row: RoleInfo | ScopeInfo) -> str:
    if isinstance(row, RoleInfo):
        return f"{shown(row.name)} in a {row.scope_type or 'scope'}, id {row.id}"
    of = f" of {shown(row.organization_name)}" if row.organization_name and row.organization_id != row.id else ""
    return f"{shown(row.name or '')}{of}, id {row.id}"


def _refuse_unread(given: str, kind: str, problems: list[Problem]) -> None:
    """A row that could not be read may have the same name: whoever takes another one may take the wrong one."""
    for problem in problems:
        said = cast("dict[str, object]", problem.row).get("name") if isinstance(problem.row, dict) else None
        if not isinstance(said, str) or _same(said, given):
            raise ResponseParseError(
                f"the {kind} {shown(given)} may be in a row that could not be read ({problem.reason})", status=200
            )
