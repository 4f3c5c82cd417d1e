"""A journal that somebody has edited is refused where it holds what no run writes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from invite_sdk.roster.journal import Entry, Journal, JournalError


@pytest.mark.parametrize("column", ["at", "mailed_at"])
@pytest.mark.parametrize("value", ["abc", 1e300, -1.0, b"1", float("inf")], ids=str)
def test_a_time_that_is_none_is_refused(column: str, value: object, tmp_path: Path) -> None:
    _is_refused(tmp_path / "run.journal", column, value)


@pytest.mark.parametrize("column", ["key", "action", "id", "error"])
def test_bytes_for_a_text_are_refused(column: str, tmp_path: Path) -> None:
    _is_refused(tmp_path / "run.journal", column, b"\xff")


def _is_refused(path: Path, column: str, value: object) -> None:
    with Journal.open(path, roster="5f3a", clients={}) as journal:
        journal.write([Entry("ann", "create", "done", 10.0, mailed_at=10.0)])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE entries SET {column} = ?", (value,))

    with pytest.raises(JournalError, match="it holds what no run has written"):
        Journal.read(path, roster="5f3a", clients={})
