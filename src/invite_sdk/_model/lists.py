"""Lists of invitations, which show as a table and turn into rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, SupportsIndex, overload

from invite_sdk._framed import Framed

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

    from invite_sdk._frames import Columns, Rows
    from invite_sdk._model.invitation import Invitation

_MAX_SHOWN = 20
_BETWEEN = ",\n "


class InvitationList(Framed, list["Invitation"]):
    """A list of invitations that shows as a table in a notebook and turns into rows, DataFrames and Arrow."""

    def __repr__(self) -> str:
        """One a line, the first twenty of them."""
        rows = [repr(invitation) for invitation in self[:_MAX_SHOWN]]
        if len(self) > _MAX_SHOWN:
            rows.append(f"... and {len(self) - _MAX_SHOWN} more")
        return f"[{_BETWEEN.join(rows)}]"

    def to_dicts(self, *, mask: bool = False) -> list[dict[str, object]]:
        """A row for each invitation: the unified fields, without `native`. `mask=True` masks keys and links."""
        return [invitation.to_dict(mask=mask) for invitation in self]

    def _table(self, *, mask: bool) -> tuple[Columns, Rows]:
        from invite_sdk._model.frames import columns

        return columns(), self.to_dicts(mask=mask)

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Invitation: ...
    @overload
    def __getitem__(self, index: slice, /) -> InvitationList: ...
    def __getitem__(self, index: SupportsIndex | slice, /) -> Invitation | InvitationList:
        """One invitation, or a slice as another `InvitationList`."""
        found = super().__getitem__(index)
        return InvitationList(found) if isinstance(found, list) else found

    def copy(self) -> InvitationList:
        """Another `InvitationList` of the same invitations."""
        return InvitationList(self)

    if not TYPE_CHECKING:
        # As a list says it, and for lists that join this one.

        def __add__(self, other):
            return _joined([*self, *other]) if isinstance(other, list) else NotImplemented

        def __radd__(self, other):
            return _joined([*other, *self]) if isinstance(other, list) else NotImplemented

        def __mul__(self, times):
            return InvitationList(super().__mul__(times))

        __rmul__ = __mul__

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: Any) -> CoreSchema:
        """A list of invitations, where it is a field of a model."""
        from pydantic_core import core_schema

        from invite_sdk._model.invitation import Invitation

        return core_schema.no_info_after_validator_function(cls, handler.generate_schema(list[Invitation]))

    def _repr_html_(self) -> str:
        from invite_sdk._html import MAX_ROWS, counted, html_table, in_brief

        rows = [in_brief(invitation.to_dict(mask=True)) for invitation in self[:MAX_ROWS]]
        return html_table(counted(len(self), "invitation"), rows, len(self), "slice the list, or take .to_pandas()")


def _joined(rows: list[Any]) -> list[Any]:
    """A list of invitations where nothing else is in it."""
    from invite_sdk._model.invitation import Invitation

    return InvitationList(rows) if all(isinstance(row, Invitation) for row in rows) else rows
