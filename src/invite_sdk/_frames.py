"""Invitations as a pandas DataFrame. pandas is an extra and imported here only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas

_TIMES = ("created_at", "expires_at")


def to_frame(rows: Sequence[dict[str, object]], columns: Sequence[str]) -> pandas.DataFrame:
    """A DataFrame with these columns, also when there are no rows; times are UTC, statuses are text.

    Raises:
        ImportError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise ImportError("to_pandas needs pandas: pip install 'invite-sdk[pandas]'") from None
    plain = [{name: _plain(value) for name, value in row.items()} for row in rows]
    frame = pandas.DataFrame(plain, columns=list(columns))
    for name in _TIMES:
        frame[name] = pandas.to_datetime(frame[name], utc=True)
    return frame


def _plain(value: object) -> object:
    return str(value) if isinstance(value, str) else value
