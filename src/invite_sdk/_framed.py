"""What turns into frames of pandas and polars and into Arrow. Each is an extra and loaded where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow  # pyright: ignore[reportMissingTypeStubs]

    from invite_sdk._frames import Columns, Rows


class Framed:
    """Rows whose columns have the same names and types in every frame library, for no rows and for many."""

    __slots__ = ()

    def _table(self, *, mask: bool) -> tuple[Columns, Rows]:
        """The columns with what each holds, and the rows."""
        raise NotImplementedError

    def _cells(self, *, mask: bool) -> tuple[Columns, Rows]:
        """The same, masked also where a text, such as that of an error, holds an invite link."""
        from invite_sdk._privacy.masking import mask_in_row

        columns, rows = self._table(mask=mask)
        return columns, [mask_in_row(row) for row in rows] if mask else rows

    def to_pandas(self, *, mask: bool = True) -> pandas.DataFrame:
        """A pandas DataFrame of `to_dicts()`, with the same columns and types for no rows and for many.

        Statuses, services and outcomes are categories, times are in UTC, and several roles are one text, joined by
        ", ". Every cell is one that databases and files take: `to_sql`, `to_csv`.

        Args:
            mask: Invite keys, which are ids and links of Enhance, are masked, also within texts, since frames are there
                to be shown; `mask=False` leaves them whole.

        Raises:
            ImportError: pandas is not installed; `pip install 'invite-sdk[pandas]'` brings it.
        """
        from invite_sdk._frames import to_pandas

        return to_pandas(*self._cells(mask=mask))

    def to_polars(self, *, mask: bool = True) -> polars.DataFrame:
        """A polars DataFrame of the same rows, columns and categories as `to_pandas()`.

        Args:
            mask: Invite keys are masked; `mask=False` leaves them whole.

        Raises:
            ImportError: polars is not installed; `pip install 'invite-sdk[polars]'` brings it.
        """
        from invite_sdk._frames import to_polars

        return to_polars(*self._cells(mask=mask))

    def to_arrow(self, *, mask: bool = True) -> pyarrow.Table:  # pyright: ignore[reportUnknownParameterType, reportUnknownMemberType]
        """An Arrow table of the same rows and columns as `to_pandas()`; its categories are dictionaries.

        Args:
            mask: Invite keys are masked; `mask=False` leaves them whole.

        Raises:
            ImportError: pyarrow is not installed; `pip install 'invite-sdk[arrow]'` brings it.
        """
        from invite_sdk._frames import to_arrow

        return to_arrow(*self._cells(mask=mask))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow PyCapsule interface, by which polars, DuckDB and others read this: `to_arrow()`, masked.

        pandas does not ask for it and would take the objects themselves, keys included: use `to_pandas()` there.

        Args:
            requested_schema: A capsule with the types that the reader would rather have.

        Raises:
            ImportError: pyarrow is not installed; `pip install 'invite-sdk[arrow]'` brings it.
        """
        from invite_sdk._frames import to_arrow

        return to_arrow(*self._cells(mask=True), "reading this through Arrow").__arrow_c_stream__(requested_schema)
