"""The file of a journal: made whole or not at all, locked for one run, and never another one's.

SQLite keeps it. Its lock is one of the operating system's, which goes with the process that has it, however that ends.
No file that is there is ever opened but by SQLite: to close it would take the lock away from whoever has it in this
process.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from stat import S_ISREG
from tempfile import mkstemp
from typing import TYPE_CHECKING, NamedTuple

from invite_sdk import InviteError

if TYPE_CHECKING:
    from invite_sdk.roster.report import Report

APPLICATION = 0x496E764A
"""What the header says of whose file it is: `InvJ`."""
FORMAT = 1
_PAGE = 4096
_LOG = "WAL"
"""How SQLite keeps a change whole: of all ways the one with the fewest waits for the disk. Where the file system cannot
have it the file's own stays, `DELETE`, which is as safe."""

_LAYOUT = f"""
PRAGMA page_size = {_PAGE};
BEGIN;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {FORMAT};
CREATE TABLE list (fingerprint TEXT NOT NULL);
CREATE TABLE clients (name TEXT PRIMARY KEY, identity TEXT NOT NULL);
CREATE TABLE entries (
    key TEXT PRIMARY KEY,
    action TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sent', 'done', 'failed', 'unknown')),
    at REAL NOT NULL,
    id TEXT,
    error TEXT,
    mailed_at REAL,
    plan TEXT NOT NULL
);
"""

_MAY_NOT = "it or its folder may not be written; give this process the right to, or have the journal in another folder"
_DAMAGED = "it is damaged; put a copy of it back, or name another file, which knows nothing of what was sent before"
_REASONS = {
    sqlite3.SQLITE_BUSY: "another run or program uses it; wait until that has ended",
    sqlite3.SQLITE_FULL: "the disk is full; make room, and run it again",
    sqlite3.SQLITE_READONLY: _MAY_NOT,
    sqlite3.SQLITE_CANTOPEN: _MAY_NOT,
    sqlite3.SQLITE_PERM: _MAY_NOT,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}


_MAILED_AGAIN = (
    "where the service cannot list its invitations, such as Enhance, another file would have everybody in this one "
    "mailed again"
)


class Changed(NamedTuple):
    """What may differ from what a journal was begun with, since its user says that it is the same still."""

    list: bool = False
    """The list, which has other rows."""
    accounts: frozenset[str] = frozenset()
    """These clients, which ask the same account by another key or URL."""


UNCHANGED = Changed()


class JournalError(InviteError):
    """The journal cannot be used or written: nothing more is sent.

    Attributes:
        is_in_use: whether another run or program uses it, so that it can be had later.
        report: what became of each row, where it could not be written any more while a plan was applied.
    """

    is_in_use: bool = False
    report: Report | None = None


@contextmanager
def told(name: str, done: str) -> Generator[None]:
    """Says of what goes wrong that the journal cannot be opened, read or written, and why."""
    try:
        yield
    except sqlite3.Error as error:
        code: int = getattr(error, "sqlite_errorcode", 0)
        words = ascii(str(error))[1:-1]
        if code & 0xFF == sqlite3.SQLITE_IOERR:
            why = f"the disk or its file system failed ({words}); see to it, and run it again"
        else:
            why = _REASONS.get(code & 0xFF, words)  # the bits above say more than matters
        failed = JournalError(f"{name} cannot be {done}: {why}")
        failed.is_in_use = code & 0xFF == sqlite3.SQLITE_BUSY
        raise failed from error
    except FileNotFoundError as error:
        raise JournalError(f"{name} cannot be {done}: its folder is missing; make it first") from error
    except PermissionError as error:
        raise JournalError(f"{name} cannot be {done}: {_MAY_NOT}") from error
    except (OSError, ValueError) as error:
        words = ascii(getattr(error, "strerror", None) or str(error))[1:-1]
        raise JournalError(f"{name} cannot be {done}: {words}; name another file") from error


def called(path: str | os.PathLike[str] | None) -> str:
    """How messages call a journal."""
    return "the journal in memory" if path is None else f"the journal {os.fspath(path)!a}"


def resolved(path: str | os.PathLike[str]) -> Path:
    """The file itself, behind every symbolic link."""
    return Path(os.path.realpath(path))


def is_there(place: Path) -> bool:
    """Whether there is a file, which then is no folder, device or empty file."""
    try:
        status = place.stat()
    except FileNotFoundError:
        for rest in (_beside(place, "-wal"), _beside(place, "-journal")):
            if rest.exists():
                # SQLite would take it for a part of the new file.
                raise JournalError(
                    f"{called(place)} is missing, and what was last written to it is in {rest.name!a} beside it; "
                    "put it back there, or move that file away if nothing of that run matters"
                ) from None
        return False
    if not S_ISREG(status.st_mode):
        raise JournalError(f"{called(place)} cannot be opened: it is no ordinary file; name another one")
    if not status.st_size:
        raise JournalError(
            f"{called(place)} cannot be opened: it is empty, and a journal never is; delete it if nothing was sent "
            "with it, or name another file"
        )
    return True


def _beside(place: Path, ending: str) -> Path:
    return place.with_name(f"{place.name}{ending}")


def create(place: Path, roster: str, clients: Mapping[str, str]) -> None:
    """Puts a new journal in its place in one step, unless something is there: whoever finds one finds a whole one."""
    descriptor, name = mkstemp(dir=place.parent, prefix=f"{place.name}-", suffix=".new")
    os.close(descriptor)
    beside = Path(name)
    try:
        with closing(_connect(name)) as connection:
            connection.execute("PRAGMA journal_mode = MEMORY")  # no file more that a kill could leave behind
            _lay_out(connection, roster, clients)
        _move(beside, place)
    finally:
        beside.unlink(missing_ok=True)


def _move(beside: Path, place: Path) -> None:
    """Gives a file another name, unless that is taken. The first write has the folder on the disk too."""
    try:
        place.hardlink_to(beside)
    except FileExistsError:
        return  # another run was quicker, and has the lock as well
    except OSError:  # no hard links in this file system
        place.touch(mode=0o600, exist_ok=False)
        beside.replace(place)


def in_memory(roster: str, clients: Mapping[str, str]) -> sqlite3.Connection:
    """A journal that goes with its connection."""
    connection = _connect(":memory:")
    _lay_out(connection, roster, clients)
    return connection


def _lay_out(connection: sqlite3.Connection, roster: str, clients: Mapping[str, str]) -> None:
    """Makes the tables, for one list and its clients."""
    connection.executescript(_LAYOUT)
    connection.execute("INSERT INTO list VALUES (?)", (plain(roster),))
    connection.executemany("INSERT INTO clients VALUES (?, ?)", _plain_items(clients))
    connection.commit()


def take(place: Path, roster: str, clients: Mapping[str, str], changed: Changed) -> sqlite3.Connection:
    """A connection to a journal that is there, which nobody else can read or write until it is closed."""
    _check_kind(place)
    if place.stat().st_size % _PAGE and not _beside(place, "-wal").exists():
        # SQLite would read zeros where something was.
        raise JournalError(f"{called(place)} cannot be opened: {_DAMAGED}")
    if not os.access(place, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise PermissionError  # SQLite would open it for reading, and fail to lock it
    connection = _connect(f"{place.as_uri()}?mode=rw", uri=True)
    try:
        _lock(connection)
        if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
            raise JournalError(f"{called(place)} cannot be opened: {_DAMAGED}")
        _check_owner(connection, place, roster, clients, changed)
    except BaseException:
        connection.close()
        raise
    return connection


def _lock(connection: sqlite3.Connection) -> None:
    # First, since it spares the log the memory that processes share: no file more, and it works over a network.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute(f"PRAGMA journal_mode = {_LOG}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # where fsync alone does not reach the disk, as on macOS
    connection.execute("BEGIN EXCLUSIVE")
    connection.commit()


def _check_kind(place: Path) -> None:
    """Refuses what is no journal by its header, without a lock, a log, or a change of anything."""
    with closing(_connect(f"{place.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        # A header that tells of more pages than there are is no damage: whoever writes them may have them in the log.
        connection.execute("PRAGMA writable_schema = ON")
        try:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
                raise
            application = None
        if application != APPLICATION:
            raise JournalError(
                f"{called(place)} cannot be opened: that file is not a journal, and was left as it is; name another one"
            )
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version != FORMAT:
            raise JournalError(
                f"{called(place)} cannot be opened: it has format {version}, and this version of invite-sdk knows "
                f"format {FORMAT}; use the version that wrote it"
            )


def belong_to(connection: sqlite3.Connection, roster: str, clients: Mapping[str, str]) -> None:
    """Makes a journal one of this list and these clients, which have come of those that it was begun with."""
    connection.execute("BEGIN")
    with connection:
        connection.execute("UPDATE list SET fingerprint = ?", (plain(roster),))
        items = [(text, name) for name, text in _plain_items(clients)]
        connection.executemany("UPDATE clients SET identity = ? WHERE name = ?", items)


def _check_owner(
    connection: sqlite3.Connection, place: Path, roster: str, clients: Mapping[str, str], changed: Changed
) -> None:
    """Refuses a journal of another list or of other clients, as far as that is not what they were before."""
    ((fingerprint,),) = connection.execute("SELECT fingerprint FROM list").fetchall()
    if not changed.list and fingerprint != plain(roster):
        raise JournalError(
            f"{called(place)} belongs to another list; "
            "take the list that it was begun with, or name another file. If this is that list, changed since, say "
            f"changed_list=True: {_MAILED_AGAIN}"
        )
    before: dict[str, str] = dict(connection.execute("SELECT name, identity FROM clients").fetchall())
    now = dict(_plain_items(clients))
    others = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    moved = {name for name in others & before.keys() & now.keys() if _service(before[name]) == _service(now[name])}
    if others - (moved & changed.accounts):
        same = f". If it is the same account still, by a new key or URL, say same_accounts={sorted(moved)!a}"
        raise JournalError(
            f"{called(place)} belongs to other clients ({_listed(before)}, and these are {_listed(now)}); "
            f"take those that it was begun with, or name another file{same if moved == others else ''}: {_MAILED_AGAIN}"
        )


def _service(identity: str) -> str:
    return identity.partition(" ")[0]


def _listed(clients: Mapping[str, str]) -> str:
    return ", ".join(f"{name!a}: {identity!a}" for name, identity in sorted(clients.items())) or "none"


def plain(text: str) -> str:
    """A text as SQLite can keep it: halves of a character, which broken JSON may have, are written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _plain_items(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(plain(name), plain(text)) for name, text in texts.items()]


def _connect(name: str, *, uri: bool = False) -> sqlite3.Connection:
    """A connection that waits for nobody, begins no transaction by itself, and may change from thread to thread."""
    return sqlite3.connect(name, timeout=0, isolation_level=None, check_same_thread=False, uri=uri)
