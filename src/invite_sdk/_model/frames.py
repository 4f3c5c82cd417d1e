"""Invitations as a pandas DataFrame. pandas is an extra and imported here only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, cast

from invite_clients._times import datetime, real_classes

if TYPE_CHECKING:
    import pandas

_DTYPES = {
    "organization_member_count": "Int64",
    "created_at": "datetime64[us, UTC]",
    "expires_at": "datetime64[us, UTC]",
    "partial": "bool",
}
"""The columns that are not text. Named one by one, so that no row and many rows give the same frame."""


_MOST = 2**63 - 1
"""What a column of whole numbers holds at most."""


def to_frame(rows: Sequence[dict[str, object]], columns: Sequence[str]) -> pandas.DataFrame:
    """A DataFrame with these columns, also when there are no rows: times in UTC, statuses as text.

    Raises:
        ImportError: pandas is not installed.
    """
    try:
        with real_classes():
            import pandas
    except ImportError:
        raise ImportError("to_pandas needs pandas: pip install 'invite-sdk[pandas]'") from None
    return pandas.DataFrame(
        {
            name: pandas.Series([_plain(row[name]) for row in rows], dtype=_DTYPES.get(name, "string"))
            for name in columns
        }
    )


def _plain(value: object) -> object:
    """What the columns hold; `None`, which shows as missing, for what does not fit into them, and for no roles."""
    if isinstance(value, tuple):
        # No database and no file format takes a tuple.
        return ", ".join(cast("tuple[str, ...]", value)) or None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        try:
            return value.astimezone(UTC)
        except (OverflowError, ValueError):
            return None
    if isinstance(value, int) and not -_MOST - 1 <= value <= _MOST:
        return None
    return value
