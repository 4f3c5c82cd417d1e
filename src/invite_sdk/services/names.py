"""Names in the place of ids: what a role, an organization or a scope is called becomes the id that the service takes.

A wrong guess invites somebody into the wrong place, so nothing is guessed: a name must mean exactly one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar, cast

from invite_sdk._errors.tree import (
    APIError,
    ConflictError,
    InvalidArgumentError,
    InviteError,
    OutcomeUnknownError,
    ResponseParseError,
)
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Alone, Flow
from invite_sdk._flows.exchange import now
from invite_sdk._flows.filters import Filters
from invite_sdk._flows.lookups import Lookup
from invite_sdk._model.ids import IdKind
from invite_sdk._model.lookups import RoleInfo, ScopeInfo
from invite_sdk._model.records import Problem, Scope
from invite_sdk._privacy.texts import shown
from invite_sdk.services import common, settling
from invite_sdk.services.adapter import Adapter, NewInvitation

if TYPE_CHECKING:
    from invite_sdk._model.invitation import EnsureResult, Invitation

T = TypeVar("T")
Given = TypeVar("Given")

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


class Meaning(NamedTuple):
    """What a name was found to mean."""

    id: str
    spelling: str
    """How the service writes it, in a letter's case of its own perhaps."""


class Names:
    """What names were found to mean, for a client and its children."""

    __slots__ = ("_meanings",)

    def __init__(self, meanings: dict[object, Meaning]) -> None:
        self._meanings = meanings

    def get(self, name: Name) -> Meaning | None:
        """The meaning, where it is known."""
        return self._meanings.get(name)

    def keep(self, name: Name, found: Meaning) -> None:
        """Remembers a meaning, and forgets the oldest where there are too many."""
        self._meanings[name] = found
        with suppress(StopIteration, RuntimeError):  # another thread does the same
            while len(self._meanings) > _REMEMBERED:
                self._meanings.pop(next(iter(self._meanings)), None)

    def forget(self, names: Iterable[Name]) -> None:
        """Has these looked up again."""
        for name in list(names):
            self._meanings.pop(name, None)

    @property
    def key(self) -> int:
        """Tells the memory of one client from that of another."""
        return id(self._meanings)


@dataclass(slots=True, eq=False, repr=False)
class Resolver:
    """The names of one call."""

    adapter: Adapter
    ctx: Context
    names: Names
    is_fresh: bool = False
    """Whether nothing is taken from memory: what a listing shows by an old meaning is of something else, or nothing."""
    used: dict[Name, Meaning] = field(default_factory=dict[Name, Meaning])
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

        def look() -> Flow[Meaning]:
            found, problems = yield from common.collected(self.adapter.roles(self.ctx, Lookup(), None, None))
            rows = cast("list[RoleInfo]", found)
            _refuse_unread(given, "role", problems)
            role = _only("role", given, _meant(given, rows), lambda: [row.name for row in rows])
            if to_grant and role.is_active is False:
                raise InvalidArgumentError(f"the role {shown(given)} is switched off, so nobody can be invited to it")
            return Meaning(role.id, role.name)

        return (yield from self._meaning(Name("role", given), look))

    def _place(
        self, organization: str | None, scope: Scope | str | None
    ) -> Flow[tuple[str | None, Scope | str | None]]:
        if organization is not None:
            organization = yield from self._organization(organization)
        if isinstance(scope, Scope):
            within = None
            if scope.organization is not None and self.adapter.is_name("scope", scope.id):
                within = yield from self._organization(scope.organization)
            try:
                found = yield from self._scope_id("scope", scope.type, scope.id, within)
            except (InvalidArgumentError, APIError):
                if scope.organization is None or not self.was_remembered:
                    raise
                # Another organization may have that name by now.
                self.names.forget([self._organization_name(scope.organization)])
                again = yield from self._organization(scope.organization)
                if again == within:
                    raise
                found = yield from self._scope_id("scope", scope.type, scope.id, again)
            scope = Scope(scope.type, found)
        return organization, scope

    def _organization(self, given: str) -> Flow[str]:
        return self._scope_id("organization", self.adapter.organization_type, given, None)

    def _organization_name(self, given: str) -> Name:
        return Name("scope", given, self.adapter.organization_type)

    def _scope_id(self, parameter: str, kind: str, given: str, within: str | None) -> Flow[str]:
        if not self.adapter.is_name(parameter, given):
            return given

        def look() -> Flow[Meaning]:
            rows: list[ScopeInfo] = []
            # A server's own filter may miss the name, for example with other letters than English ones.
            for wanted, limit in ((Lookup(given, kind, within), None), (Lookup(None, kind, within), _SEARCHED)):
                listed, problems = yield from common.collected(self.adapter.scopes(self.ctx, wanted, limit, None))
                rows = cast("list[ScopeInfo]", listed)
                _refuse_unread(given, kind, problems)
                found = _meant(given, rows)
                if found and (limit is None or len(rows) < limit):
                    only = _only(kind, given, found, list)
                    return Meaning(only.id, only.name or given)
            raise _none(kind, given, [row.name for row in rows if row.name], within)

        return (yield from self._meaning(Name("scope", given, kind, within), look))

    def _meaning(self, name: Name, look: Callable[[], Flow[Meaning]]) -> Flow[str]:
        """The id of a name, read once however many ask for it at the same time."""

        def remembered() -> Meaning | None:
            return None if self.is_fresh else self.names.get(name)

        def remembered_or_read() -> Flow[Meaning]:
            known = remembered()
            if known is None:
                known = yield from look()
                self.names.keep(name, known)
            return known

        found = remembered()
        if found is not None:
            self.was_remembered = True
        else:
            moment = (yield from now()).monotonic
            if self.ctx.deadline_at is None:
                self.ctx.deadline_at = moment + self.ctx.options.deadline
            if self.is_fresh:
                found = yield from remembered_or_read()
            else:
                alone = Alone((self.names.key, name), self.ctx.time_left(moment), remembered_or_read)
                found = cast("Meaning", (yield alone))
        self.used[name] = found
        return found.id

    def look_afresh(self) -> None:
        """Has what this call holds looked up again, by itself: what others remember may have been read before."""
        self.names.forget(self.used)
        self.is_fresh = True

    @property
    def ids(self) -> dict[Name, str]:
        """What the names of this call mean."""
        return {name: meaning.id for name, meaning in self.used.items()}

    def said(self, found: Invitation) -> dict[Name, str | None]:
        """What an invitation calls that which the names of this call mean; `None` where it does not say."""
        told: dict[Name, str | None] = {}
        for name in self.used:
            if name.kind == "role":
                told[name] = found.role
            elif name.type == self.adapter.organization_type:
                told[name] = found.organization_name
            else:
                told[name] = found.scope_name
        return told

    def otherwise(self, found: Invitation) -> str:
        """That an invitation says otherwise than a name was spelled when it was looked up, or nothing."""
        for name, said in self.said(found).items():
            if said is not None and said != self.used[name].spelling:
                return f"what was called {shown(name.name)} is called {shown(said)} now"
        return ""


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
    """The changed invitation, its role by name.

    Raises:
        ConflictError: the name was given to another role between the look and the write, and what the invitation has
            now could not be mended.
    """

    def work(meant: str) -> Flow[Invitation]:
        return settling.update(resolver.adapter, resolver.ctx, invitation_id, known, email, meant, refetch)

    found = yield from _by_name(resolver, lambda: resolver.role(role), work)
    words = resolver.otherwise(found)
    if not words:
        return found
    before = resolver.ids
    resolver.look_afresh()
    try:
        again = yield from resolver.role(role)
        return found if resolver.ids == before else (yield from work(again))
    except InviteError as error:
        raise _conflict(f"{words}, and the invitation has that role now", found) from error


def _by_name(resolver: Resolver, resolve: Callable[[], Flow[Given]], work: Callable[[Given], Flow[T]]) -> Flow[T]:
    """The result of a write whose names were looked up; once more where what they meant is gone since then.

    Only a refusal is followed by another attempt: the service has made nothing then.
    """
    meant = yield from resolve()
    try:
        return (yield from work(meant))
    except APIError as refused:
        existing = refused.existing if isinstance(refused, ConflictError) else None
        is_other = existing is not None and resolver.otherwise(existing) != ""
        if resolver.ctx.may_have_taken or not (is_other or resolver.adapter.names_are_stale(refused)):
            raise
        resolver.look_afresh()
        if not resolver.was_remembered:
            raise
        again = yield from resolve()
        if again == meant:
            raise
        return (yield from work(again))


def _check(resolver: Resolver, given: NewInvitation, found: Invitation, *, is_new: bool) -> Flow[None]:
    """Raises where an invitation was made for something that the names do not mean any more.

    A name may be given to something else between the look and the write. Then the new invitation is canceled, unless
    it was found after a lost answer: that may be an older one.

    Raises:
        ConflictError: so it was; the message says what became of the invitation.
        OutcomeUnknownError: so it was, and the invitation may be open.
    """
    words = resolver.otherwise(found)
    if not words and None not in resolver.said(found).values():
        return
    before = resolver.ids
    resolver.look_afresh()
    words = f"{words or 'a name means something else now'}, so this is not what was asked for"
    try:
        yield from resolver.new(given)
        if before == {name: resolver.ids[name] for name in before}:
            return  # the service has another way to write the same name, or its answer was cut short
    except InvalidArgumentError:
        pass  # none has the name any more, or several have
    except InviteError as error:
        words = f"whether the names still mean the same could not be looked up ({type(error).__name__})"
    if not is_new:
        raise _conflict(words, found)
    if found.id is None:
        raise OutcomeUnknownError(words, known="the service confirmed a new invitation", advice="list the open ones")
    if resolver.ctx.was_looked_up:
        raise OutcomeUnknownError(
            words,
            known=f"the answer was lost; the invitation {found.id} is open, and may have been made by this call",
            advice=f"look at the invitation {found.id}, and cancel it if it is not wanted",
        )
    try:
        yield from settling.cancel(resolver.adapter, resolver.ctx, found.id, found, refetch=False)
    except InviteError as error:
        raise OutcomeUnknownError(
            f"{words}; the invitation {found.id} was made and could not be canceled ({type(error).__name__})",
            known=f"the invitation {found.id} was made",
            advice=f"cancel the invitation {found.id}",
        ) from error
    raise _conflict(f"{words}; the invitation {found.id} was made, and canceled at once", found)


def _conflict(words: str, existing: Invitation) -> ConflictError:
    made = ConflictError(words, status=409)
    made.existing = existing
    return made


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
    if not found:
        raise _none(kind, given, names())
    several = [_described(row) for row in found[:_SHOWN]]
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    tells_apart = any(isinstance(row, ScopeInfo) and row.organization_id != row.id for row in found)
    way_out = ", or its organization: Scope(type, name, organization=...)" if tells_apart else ""
    raise InvalidArgumentError(
        f"{len(found)} have the name {shown(given)} ({kind}): {'; '.join(several)}{more}. Give the id of one{way_out}"
    )


def _none(kind: str, given: str, names: list[str], within: str | None = None) -> InvalidArgumentError:
    """The refusal of a name that nothing has, with the nearest names, or else with some that there are."""
    there = {name.casefold(): name for name in names if not _same(name, given)}
    nearest = [shown(there[name]) for name in get_close_matches(given.casefold(), there, _NEAREST, 0.5)]
    some = [shown(name) for name in sorted(there.values())[:_NEAREST]]
    if nearest:
        words = f"the nearest: {', '.join(nearest)}"
    elif some:
        words = f"there are {', '.join(some)}" + (
            f" and {len(there) - len(some)} more" if len(there) > len(some) else ""
        )
    else:
        words = "you can see none at all"
    where = " in that organization" if within is not None else ""
    return InvalidArgumentError(f"there is no {kind} {shown(given)} that you can see{where}; {words}")


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
