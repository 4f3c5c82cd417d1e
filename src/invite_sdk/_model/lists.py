"""Lists of invitations, which show as a table and turn into rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, SupportsIndex, overload

from invite_sdk._model.records import ROW_FIELDS

if TYPE_CHECKING:
    import pandas

    from invite_sdk._model.invitation import Invitation

_MAX_SHOWN = 20
_BETWEEN = ",\n "


class InvitationList(list["Invitation"]):
    """A list of invitations that shows as a table in a notebook and turns into rows or a DataFrame."""

    def __repr__(self) -> str:
        """One a line, the first twenty of them."""
        rows = [repr(invitation) for invitation in self[:_MAX_SHOWN]]
        if len(self) > _MAX_SHOWN:
            rows.append(f"… and {len(self) - _MAX_SHOWN} more")
        return f"[{_BETWEEN.join(rows)}]"

    def to_dicts(self, *, mask: bool = False) -> list[dict[str, object]]:
        """A row for each invitation: the unified fields, without `native`. `mask=True` masks keys and links."""
        return [invitation.to_dict(mask=mask) for invitation in self]

    def to_pandas(self, *, mask: bool = False) -> pandas.DataFrame:
        """A DataFrame with a column for each unified field, times as UTC.

        Raises:
            ImportError: pandas is not installed; `pip install invite-sdk[pandas]` brings it.
        """
        from invite_sdk._model.frames import to_frame

        return to_frame(self.to_dicts(mask=mask), ROW_FIELDS)

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Invitation: ...
    @overload
    def __getitem__(self, index: slice, /) -> InvitationList: ...
    def __getitem__(self, index: SupportsIndex | slice, /) -> Invitation | InvitationList:
        """One invitation, or a slice as another `InvitationList`."""
        found = super().__getitem__(index)
        return InvitationList(found) if isinstance(found, list) else found

    def _repr_html_(self) -> str:
        from invite_sdk._model.html import MAX_ROWS, table_html

        return table_html([invitation.to_dict(mask=True) for invitation in self[:MAX_ROWS]], len(self))
