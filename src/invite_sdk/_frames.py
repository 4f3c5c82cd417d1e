"""Rows as frames of pandas, polars and Arrow: here it is said which type of each library a column has."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from invite_clients._times import datetime, real_classes

if TYPE_CHECKING:
    import pandas
    import polars

Kind: TypeAlias = "Literal['text', 'number', 'time', 'flag', 'answer'] | tuple[str, ...]"
"""What a column holds; an answer is a flag that may be missing. A tuple: one of these words, as a category, or a word
that nobody knew of."""
Columns: TypeAlias = Mapping[str, Kind]
Rows: TypeAlias = Sequence[Mapping[str, object]]

_MOST = 2**63 - 1
"""What a column of whole numbers holds at most."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_pandas(columns: Columns, rows: Rows) -> pandas.DataFrame:
    """A DataFrame with these columns.

    Raises:
        ImportError: pandas is not installed.
    """
    with _loading("pandas", "to_pandas", "pandas"):
        import pandas
    types = {
        "text": "string",
        "number": "Int64",
        "time": "datetime64[us, UTC]",
        "flag": "bool",
        "answer": "boolean",
    }
    made: dict[str, pandas.Series] = {}
    for name, kind, cells in _filled(columns, rows):
        if isinstance(kind, tuple):
            made[name] = pandas.Series(pandas.Categorical(cells, _words(kind, cells)))
        else:
            made[name] = pandas.Series(cells, dtype=types[kind])
    return pandas.DataFrame(made)


def to_polars(columns: Columns, rows: Rows) -> polars.DataFrame:
    """A DataFrame with these columns.

    Raises:
        ImportError: polars is not installed.
    """
    with _loading("polars", "to_polars", "polars"):
        import polars
    types: dict[str, polars.DataType] = {
        "text": polars.String(),
        "number": polars.Int64(),
        "time": polars.Datetime("us", "UTC"),
        "flag": polars.Boolean(),
        "answer": polars.Boolean(),
    }
    made: list[polars.Series] = []
    for name, kind, cells in _filled(columns, rows):
        if isinstance(kind, tuple):
            # With all words in it, so that polars 1 need not rewrite the categories of two frames that are joined.
            words = _words(kind, cells)
            made.append(polars.Series(name, [*words, *cells], polars.Categorical())[len(words) :])
        else:
            made.append(polars.Series(name, _as_numbers(cells) if kind == "time" else cells, types[kind]))
    return polars.DataFrame(made)


def to_arrow(columns: Columns, rows: Rows, asked_for: str = "to_arrow") -> Any:
    """A pyarrow.Table with these columns. pyarrow has no types.

    Raises:
        ImportError: pyarrow is not installed.
    """
    with _loading("pyarrow", asked_for, "arrow"):
        pa: Any = import_module("pyarrow")
        # The first array loads pandas, where that is installed: it must find the real classes, too.
        pa.array([], pa.int64())
    types = {
        "text": pa.string(),
        "number": pa.int64(),
        "time": pa.timestamp("us", "UTC"),
        "flag": pa.bool_(),
        "answer": pa.bool_(),
    }
    made: dict[str, object] = {}
    for name, kind, cells in _filled(columns, rows):
        if isinstance(kind, tuple):
            words = _words(kind, cells)
            at = {word: place for place, word in enumerate(words)}
            places = pa.array([at.get(cast("str", cell)) for cell in cells], pa.int32())
            made[name] = pa.DictionaryArray.from_arrays(places, pa.array(words, pa.string()))
        else:
            made[name] = pa.array(_as_numbers(cells) if kind == "time" else cells, types[kind])
    return pa.table(made)


@contextmanager
def _loading(library: str, asked_for: str, extra: str) -> Generator[None]:
    """Loads a library with the real classes of times, and says how it is installed where it is not there."""
    try:
        with real_classes():
            yield
    except ModuleNotFoundError as error:
        # One that is there and does not load says why by itself.
        if error.name != library:
            raise
        raise ImportError(f"{asked_for} needs {library}: pip install 'invite-sdk[{extra}]'") from None


def _filled(columns: Columns, rows: Rows) -> Iterator[tuple[str, Kind, list[Any]]]:
    for name, kind in columns.items():
        yield name, kind, [_plain(row[name]) for row in rows]


def _words(known: Sequence[str], cells: Sequence[object]) -> list[str]:
    """The words of a category: those that are known, in their order, and then those that nobody knew of."""
    return [*known, *sorted({cell for cell in cells if isinstance(cell, str)}.difference(known))]


def _as_numbers(times: Sequence[object]) -> list[int | None]:
    """Microseconds since 1970: libraries know by name only those classes of times that they found when loaded."""
    return [(time - _EPOCH) // _MICROSECOND if isinstance(time, datetime) else None for time in times]


def _plain(value: object) -> object:
    """What the columns hold; `None`, which shows as missing, for what does not fit into them, and for no roles."""
    if isinstance(value, tuple):
        # No database and no file format takes a tuple.
        return _plain(", ".join(cast("tuple[str, ...]", value))) or None
    if isinstance(value, str):
        # Half of a character, which JSON may hold, is no text to Arrow.
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, datetime):
        try:
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        except (OverflowError, ValueError):
            return None
    if isinstance(value, int) and not -_MOST - 1 <= value <= _MOST:
        return None
    return value
