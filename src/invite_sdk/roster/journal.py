"""What a run has done: an intent before each write and its outcome after it, so that nothing is sent twice."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

from invite_sdk import InvalidArgumentError
from invite_sdk.roster import journal_file
from invite_sdk.roster.journal_file import UNCHANGED, Changed, JournalError

__all__ = ["Entry", "Journal", "JournalError", "State"]

State = Literal["sent", "done", "failed", "unknown"]

_END = 253_402_300_800.0
"""The end of the year 9999, in seconds since 1970."""

_READ = "SELECT key, action, state, at, id, error, mailed_at, plan FROM entries ORDER BY rowid"
_WRITE = """
INSERT INTO entries (key, action, state, at, id, error, mailed_at, plan) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET
    action = excluded.action, state = excluded.state, at = excluded.at, id = excluded.id, error = excluded.error,
    mailed_at = coalesce(excluded.mailed_at, mailed_at), plan = excluded.plan
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a journal knows of one row of a list.

    Attributes:
        key: the row's key.
        action: what was done: create, resend, update or cancel.
        state: how it went; `sent` is an intent without an outcome.
        at: when, in seconds since 1970 UTC.
        id: the invitation's id, where it is known. It may be an invite key, so it is not shown.
        error: the class and the message of a failure.
        mailed_at: when the person was last mailed through this journal, in seconds since 1970 UTC. In what is written
            `None` leaves it as it was.
        plan: the id of the plan by which it was done.
    """

    key: str
    action: str
    state: State
    at: float
    id: str | None = field(default=None, repr=False)
    error: str | None = None
    mailed_at: float | None = None
    plan: str = ""


class Journal:
    """One file that says what a run has done. One run at a time has it; when its process ends it is free again.

    To be used by one thread at a time, as a context manager or with `close`.
    """

    __slots__ = ("_connection", "_name", "_process")

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._name = name
        self._process = os.getpid()
        self._connection: sqlite3.Connection | None = connection
        # A connection that is closed in a forked process takes the log away from the one that is writing it, and the
        # interpreter would close it when it ends. So it refers to itself where no collector looks, until `close`.
        connection.create_function("itself", 0, lambda: id(connection))

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str] | None,
        *,
        roster: str,
        clients: Mapping[str, str],
        changed: Changed = UNCHANGED,
    ) -> Self:
        """Opens a journal, or begins one where there is no file; a new file is readable by its owner only.

        Args:
            path: the file; `None` keeps the journal in memory.
            roster: the fingerprint of the list.
            clients: by the name of each client what it is of, for example `waldur https://waldur.example.org`.
            changed: what may differ from what it was begun with; from now on it is of what is given here.

        Returns:
            The journal, which no other run can open until it is closed or this process ends.

        Raises:
            JournalError: another run has it, it belongs to another list or other clients, it is damaged or no journal
                at all, or it cannot be read and written. The file is as it was.
        """
        name = journal_file.called(path)
        with journal_file.told(name, "opened"):
            if path is None:
                return cls(journal_file.in_memory(roster, clients), name)
            place = journal_file.resolved(path)
            if not journal_file.is_there(place):
                journal_file.create(place, roster, clients)
            connection = journal_file.take(place, roster, clients, changed)
            journal = cls(connection, name)
            if changed != UNCHANGED:
                journal_file.belong_to(connection, roster, clients)
            return journal

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        *,
        roster: str,
        clients: Mapping[str, str],
        changed: Changed = UNCHANGED,
    ) -> dict[str, Entry]:
        """Reads what a journal knows, and lets it go again.

        Args:
            path: the file.
            roster: as for `open`.
            clients: as for `open`.
            changed: what may differ from what it was begun with, which stays in it.

        Returns:
            As `entries`; nothing where there is no file, and none is made.

        Raises:
            JournalError: as for `open`.
        """
        name = journal_file.called(path)
        with journal_file.told(name, "opened"):
            place = journal_file.resolved(path)
            if not journal_file.is_there(place):
                return {}
            journal = cls(journal_file.take(place, roster, clients, changed), name)
        with journal:
            return journal.entries()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._name}>"

    def close(self) -> None:
        """Lets other runs have it. Does nothing where it is closed, and in a process that was forked meanwhile."""
        connection = self._connection
        if connection is not None and self._process == os.getpid():
            self._connection = None
            connection.close()

    def entries(self) -> dict[str, Entry]:
        """Reads what it knows.

        Returns:
            The latest entry of each key, in the order in which the keys first came.

        Raises:
            JournalError: it is closed or cannot be read, or somebody has changed it to what no run writes.
        """
        connection = self._usable()
        with journal_file.told(self._name, "read"):
            rows = connection.execute(_READ).fetchall()
        if not all(map(_is_whole, rows)):
            raise JournalError(
                f"{self._name} cannot be read: it holds what no run has written; put a copy of it back, or name "
                "another file, which knows nothing of what was sent before"
            )
        return {row[0]: Entry(*row) for row in rows}

    def write(self, entries: Iterable[Entry]) -> None:
        """Writes entries, all or none: when it returns they are on the disk.

        Args:
            entries: what is to be known; a later entry of a key replaces an earlier one, but for `mailed_at`.

        Raises:
            InvalidArgumentError: a key or an action that is no whole text.
            JournalError: it is closed, the disk is full or fails, or this process was forked from the one that has it.
                What was written before stays.
        """
        connection = self._usable()
        rows = [_row(entry) for entry in entries]
        if not rows:
            return
        with journal_file.told(self._name, "written"), connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_WRITE, rows)

    def _usable(self) -> sqlite3.Connection:
        if self._process != os.getpid():
            raise JournalError(
                f"{self._name} was opened before this process was forked, and belongs to the one that opened it"
            )
        if self._connection is None:
            raise JournalError(f"{self._name} is closed; open it again")
        return self._connection


def _is_whole(row: tuple[object, ...]) -> bool:
    """Whether a line of the file has the kinds of values that a run writes, and times that there are."""
    key, action, state, at, *texts, mailed_at, plan = row
    return (
        all(isinstance(text, str) for text in (key, action, state, plan))
        and all(text is None or isinstance(text, str) for text in texts)
        and all(
            isinstance(time, int | float) and 0 <= time < _END for time in (at, at if mailed_at is None else mailed_at)
        )
    )


def _row(entry: Entry) -> tuple[str, str, str, float, str | None, str | None, float | None, str]:
    for text in (entry.key, entry.action):
        if text != journal_file.plain(text):
            # Changed, it would not be found again, and the row would be sent anew.
            raise InvalidArgumentError(f"{text!a} has half a character and cannot be kept; write it in ASCII")
    return (
        entry.key,
        entry.action,
        entry.state,
        entry.at,
        None if entry.id is None else journal_file.plain(entry.id),
        None if entry.error is None else journal_file.plain(entry.error),
        entry.mailed_at,
        journal_file.plain(entry.plan),
    )
