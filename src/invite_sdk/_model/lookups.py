"""What can be granted and where: the results of `roles` and `scopes`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, TypeVar

from invite_sdk._framed import Framed

if TYPE_CHECKING:
    from invite_sdk._frames import Columns, Rows


@dataclass(frozen=True, slots=True)
class RoleInfo:
    """A role that an invitation may grant."""

    id: str
    """What the service knows it by; where roles have no ids it is the name."""
    name: str
    """What people call it, such as PROJECT.ADMIN."""
    description: str | None = None
    scope_type: str | None = None
    """The type of scope that it is granted in, in the service's word, such as project; `None` where it says none."""
    is_active: bool | None = None
    """Whether it can be granted; `None` where the service does not say."""
    native: object = field(default=None, repr=False, compare=False)
    """The service's own record, with whatever else it says; `None` where no request was needed."""


@dataclass(frozen=True, slots=True)
class ScopeInfo:
    """Something that one can be invited into: an organization, a project."""

    type: str
    """In the service's word: an organization is a `customer` on Waldur."""
    id: str
    name: str | None = None
    url: str | None = None
    """Its API URL, where the service has one."""
    organization_id: str | None = None
    """The organization that it belongs to; its own id where it is one."""
    organization_name: str | None = None
    native: object = field(default=None, repr=False, compare=False)
    """The service's own record, with whatever else it says; `None` where no request was needed."""


Row = TypeVar("Row", bound=RoleInfo | ScopeInfo)


class LookupList(Framed, list[Row]):
    """A list of roles or scopes that shows as a table in a notebook and turns into rows, DataFrames and Arrow."""

    def __init__(self, kind: type[Row], rows: Iterable[Row] = ()) -> None:
        super().__init__(rows)
        self._kind = kind

    def to_dicts(self) -> list[dict[str, object]]:
        """A row for each: its fields, without `native`."""
        return [{name: getattr(row, name) for name in self._names()} for row in self]

    def _names(self) -> list[str]:
        return [each.name for each in fields(self._kind) if each.name != "native"]

    def _table(self, *, mask: bool) -> tuple[Columns, Rows]:
        del mask  # There are no invite keys among roles and scopes.
        return {name: "answer" if name == "is_active" else "text" for name in self._names()}, self.to_dicts()

    def _repr_html_(self) -> str:
        from invite_sdk._html import counted, html_table, in_words

        what = "role" if self._kind is RoleInfo else "scope"
        return html_table(counted(len(self), what), [in_words(row) for row in self.to_dicts()], None, ".to_pandas()")
