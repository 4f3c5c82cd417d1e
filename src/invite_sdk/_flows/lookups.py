"""What `roles` and `scopes` are asked for, and what is checked on every row: servers ignore filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias, TypeVar

from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Emit, Flow, LookupPage
from invite_sdk._flows.filters import sift
from invite_sdk._flows.paging import Pages, listing
from invite_sdk._flows.writes import Writes
from invite_sdk._model.ids import same_id
from invite_sdk._model.lookups import RoleInfo, ScopeInfo
from invite_sdk._model.records import Problem

Info: TypeAlias = RoleInfo | ScopeInfo
InfoT = TypeVar("InfoT", RoleInfo, ScopeInfo)
Test: TypeAlias = Callable[[Info], bool | None]


class Lookup(NamedTuple):
    """The filters of `roles` and `scopes`."""

    name: str | None = None
    """The whole name, without regard to case."""
    type: str | None = None
    """A type of scope, in the service's word."""
    organization: str | None = None
    """The id of an organization."""

    def checks(self) -> Mapping[str, Test]:
        """What every row is checked for, by the name of the filter; `None`: the row does not tell."""
        found: dict[str, Test] = {}
        if self.name is not None:
            name = self.name.casefold()
            found["name"] = lambda row: None if row.name is None else row.name.casefold() == name
        if self.type is not None:
            kind = self.type
            found["type"] = lambda row: _is(row.scope_type if isinstance(row, RoleInfo) else row.type, kind)
        if self.organization is not None:
            organization = self.organization
            found["organization"] = lambda row: (
                isinstance(row, ScopeInfo)
                and (None if row.organization_id is None else same_id(row.organization_id, organization))
            )
        return found


def _is(said: str | None, wanted: str) -> bool | None:
    return None if said is None else said == wanted


def lookup(ctx: Context, lists: Sequence[Pages[InfoT]], wanted: Lookup, limit: int | None) -> Flow[None]:
    """Emits the pages of one list, or of several, as if they were one. Writes to invitations move nothing here."""
    first, *others = lists
    return listing(ctx, first, wanted.checks(), limit, then=others, page=LookupPage, writes=Writes())


def known(rows: Iterable[InfoT], wanted: Lookup, limit: int | None) -> Flow[None]:
    """Emits what is known without a request."""
    fitting, untold = sift(list(rows), wanted.checks())
    problems = tuple(Problem(reason, row, 1) for row, reason in untold)
    yield Emit(LookupPage(fitting[:limit], 1, None, problems))
