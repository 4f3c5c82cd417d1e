"""A journal keeps what was written through every end of a process, for one run at a time, and never another's file."""

from __future__ import annotations

import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, Final, TypedDict

import pytest

from invite_sdk import InvalidArgumentError, InviteError
from invite_sdk.roster import journal_file
from invite_sdk.roster.journal import Entry, Journal, JournalError
from tests.support import programs


class Owner(TypedDict):
    roster: str
    clients: dict[str, str]


OWNER: Final[Owner] = {
    "roster": "5f3a",
    "clients": {"main": "waldur https://a.example", "lab": "enhance https://b.example"},
}
ANN: Final = Entry("ann", "create", "sent", 10.0)
BOB: Final = Entry("bob", "create", "sent", 11.0)

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.journal"


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder for a test that runs as somebody whom the permissions of files bind."""
    folder = Path(mkdtemp())
    user = os.geteuid()
    if not user:
        os.chown(folder, 65534, -1)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        os.seteuid(user)
        folder.chmod(0o700)
        shutil.rmtree(folder)


def opened(path: Path) -> Journal:
    return Journal.open(path, **OWNER)


def begun(path: Path, *entries: Entry) -> None:
    with opened(path) as journal:
        journal.write(entries)


def known(path: Path) -> set[str]:
    return set(Journal.read(path, **OWNER))


def refusal(act: Callable[[], object]) -> str:
    """What a refusal says, in one line of ASCII."""
    with pytest.raises(JournalError) as caught:
        act()
    said = str(caught.value)
    assert said.isascii()
    assert "\n" not in said
    return said


def test_a_new_journal_knows_nothing(path: Path) -> None:
    with opened(path) as journal:
        assert journal.entries() == {}


@pytest.mark.parametrize("on_disk", [True, False])
def test_the_latest_entry_of_a_key_counts(path: Path, on_disk: bool) -> None:
    done = Entry("ann", "create", "done", 12.5, id="7", mailed_at=12.0, plan="a plan")
    with Journal.open(path if on_disk else None, **OWNER) as journal:
        journal.write([ANN, BOB])
        journal.write(iter([done]))
        assert journal.entries() == {"ann": done, "bob": BOB}
        assert list(journal.entries()) == ["ann", "bob"]


def test_when_somebody_was_mailed_is_kept_until_they_are_mailed_again(path: Path) -> None:
    with opened(path) as journal:
        journal.write([Entry("ann", "create", "done", 1.0, id="7", mailed_at=1.0)])
        journal.write([Entry("ann", "update", "failed", 2.0, error="ServerError: no")])
        assert journal.entries() == {
            "ann": Entry("ann", "update", "failed", 2.0, error="ServerError: no", mailed_at=1.0)
        }
        journal.write([Entry("ann", "resend", "done", 3.0, mailed_at=3.0)])
        assert journal.entries()["ann"].mailed_at == 3.0


def test_entries_outlive_the_journal(path: Path) -> None:
    every = [
        Entry("1", "cancel", "unknown", 1 / 7, "i", "two\0\nlines, é and 😀", 0.1),
        Entry('{"email": "ann@example.org"}', "update", "failed", 2e9),
    ]
    begun(path, *every)
    assert list(Journal.read(path, **OWNER).values()) == every
    with opened(path) as journal:
        assert list(journal.entries().values()) == every


def test_nothing_to_write_is_no_mistake(path: Path) -> None:
    with opened(path) as journal:
        journal.write([])
        assert journal.entries() == {}


def test_halves_of_characters_are_written_out_where_they_only_tell(path: Path) -> None:
    begun(path, Entry("ann", "create", "failed", 1.0, id="\ud800", error="ServerError: \udfff!"))
    ann = Journal.read(path, **OWNER)["ann"]
    assert (ann.id, ann.error) == (r"\ud800", r"ServerError: \udfff!")


def test_a_key_that_could_not_be_found_again_is_refused(path: Path) -> None:
    with opened(path) as journal, pytest.raises(InvalidArgumentError, match="cannot be kept"):
        journal.write([ANN, Entry("\ud800", "create", "sent", 1.0)])
    assert known(path) == set()


def test_an_id_is_not_shown() -> None:
    assert "secret" not in repr(Entry("ann", "create", "done", 1.0, id="secret"))


def test_the_error_travels() -> None:
    error = pickle.loads(pickle.dumps(JournalError("no")))
    assert isinstance(error, InviteError)
    assert (type(error), str(error)) == (JournalError, "no")


# The file


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_only_its_owner_may_read_it(path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        with opened(path) as journal:
            journal.write([ANN])
            modes = {file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {0o600}


def test_a_closed_journal_is_one_file(path: Path) -> None:
    begun(path, ANN)
    assert list(path.parent.iterdir()) == [path]


def test_a_link_to_a_journal_is_followed(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    begun(link, ANN)
    assert link.is_symlink()
    assert known(path) == {"ann"}


@pytest.mark.parametrize("name", ["a b?mode=memory#%41", "Zoë", "-", "x" * 200])
def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    begun(tmp_path / name, ANN)
    assert known(tmp_path / name) == {"ann"}
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_reading_makes_no_file(path: Path) -> None:
    assert Journal.read(path, **OWNER) == {}
    assert Journal.read(path.parent / "nowhere" / "run.journal", **OWNER) == {}
    assert list(path.parent.iterdir()) == []


def test_who_is_stopped_while_making_it_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(journal_file, "_move", stop)
    with pytest.raises(KeyboardInterrupt):
        opened(path)
    assert list(path.parent.iterdir()) == []


def test_a_journal_that_another_run_made_meanwhile_is_taken_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(path, ANN)
    monkeypatch.setattr(journal_file, "is_there", lambda _: False)
    with opened(path) as journal:
        assert list(journal.entries()) == ["ann"]
    assert list(path.parent.iterdir()) == [path]


def test_a_file_system_without_hard_links_will_do(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    begun(path, ANN)
    assert known(path) == {"ann"}
    assert list(path.parent.iterdir()) == [path]


# Whose it is


@pytest.mark.parametrize("act", [Journal.open, Journal.read])
@pytest.mark.parametrize(
    ("owner", "words"),
    [
        ({**OWNER, "roster": "77"}, ("another list", "changed_list=True")),
        ({**OWNER, "clients": {**OWNER["clients"], "lab": "enhance https://c"}}, ("https://b.example", "https://c")),
        ({**OWNER, "clients": {"main": "waldur https://a.example"}}, ("other clients", "'lab'")),
        ({**OWNER, "clients": {}}, ("other clients", "none")),
        ({**OWNER, "clients": {**OWNER["clients"], "more": "x"}}, ("other clients", "'more'")),
    ],
)
def test_the_journal_of_another_list_or_client_is_refused(
    path: Path, act: Callable[..., object], owner: dict[str, object], words: tuple[str, ...]
) -> None:
    begun(path, ANN)
    before = path.read_bytes()
    said = refusal(lambda: act(path, **owner))
    assert all(word in said for word in words)
    assert path.read_bytes() == before
    assert known(path) == {"ann"}


def test_the_order_of_clients_is_nothing(path: Path) -> None:
    begun(path, ANN)
    clients = dict(reversed(OWNER["clients"].items()))
    assert set(Journal.read(path, roster=OWNER["roster"], clients=clients)) == {"ann"}


def test_a_journal_of_another_version_is_refused(path: Path) -> None:
    begun(path, ANN)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9")
    said = refusal(lambda: opened(path))
    assert "format 9" in said
    assert "format 1" in said


def text(path: Path) -> None:
    path.write_text("email,role\nann@example.org,admin\n" * 200)


def short(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0")


def empty(path: Path) -> None:
    path.touch()


def database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (one)")


def database_in_use(path: Path) -> None:
    """One whose last writer was killed, and left in the log what it had written."""
    program = """
        import os, sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE theirs (one)")
        os._exit(0)
    """
    programs.run(program, str(path))
    assert path.with_name(f"{path.name}-wal").stat().st_size


@pytest.mark.parametrize("make", [text, short, empty, database, database_in_use])
@pytest.mark.parametrize("act", [Journal.open, Journal.read])
def test_another_file_is_refused_and_left_as_it_is(
    path: Path, act: Callable[..., object], make: Callable[[Path], None]
) -> None:
    make(path)
    before = {file: file.read_bytes() for file in path.parent.iterdir()}
    said = refusal(lambda: act(path, **OWNER))
    assert ("it is empty" if make is empty else "is not a journal") in said
    assert {file: file.read_bytes() for file in path.parent.iterdir()} == before


@pytest.mark.parametrize("kept", [100, 600, 4096, 6000, 8192, -4096, -1])
def test_a_journal_that_was_cut_is_refused_and_left_as_it_is(path: Path, kept: int) -> None:
    begun(path, *(Entry(f"row {at}", "create", "failed", 1.0, error="x" * 100) for at in range(200)))
    cut = path.read_bytes()[:kept]
    path.write_bytes(cut)
    assert "damaged" in refusal(lambda: opened(path))
    assert path.read_bytes() == cut


@pytest.mark.parametrize("rest", ["-wal", "-journal"])
@pytest.mark.parametrize("act", [Journal.open, Journal.read])
def test_what_is_left_of_a_journal_is_not_taken_for_none(path: Path, rest: str, act: Callable[..., object]) -> None:
    path.with_name(f"{path.name}{rest}").write_bytes(b"what was written last")
    assert f"run.journal{rest}" in refusal(lambda: act(path, **OWNER))
    assert not path.exists()


def folder(path: Path) -> None:
    path.mkdir()


def loop(path: Path) -> None:
    path.symlink_to(path)


def below_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.touch()


def no_folder(path: Path) -> None:
    path.parent.rmdir()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (folder, "no ordinary file"),
        (loop, "symbolic links"),
        (below_a_file, "Not a directory"),
        (no_folder, "folder is missing"),
    ],
)
def test_what_cannot_be_a_journal_is_told(tmp_path: Path, make: Callable[[Path], None], words: str) -> None:
    path = tmp_path / "inner" / "run.journal"
    path.parent.mkdir()
    make(path)
    said = refusal(lambda: opened(path))
    assert words in said
    assert "run.journal" in said


def test_a_name_that_no_file_can_have_is_told() -> None:
    assert "null" in refusal(lambda: Journal.open("a\0b", **OWNER))


# Permissions and disks


def test_a_folder_that_may_not_be_written_is_told(unprivileged: Path) -> None:
    path = unprivileged / "run.journal"
    unprivileged.chmod(0o500)
    assert "may not be written" in refusal(lambda: opened(path))
    unprivileged.chmod(0o700)
    begun(path, ANN)
    unprivileged.chmod(0o500)
    assert "may not be written" in refusal(lambda: opened(path))


@pytest.mark.parametrize("mode", [0o000, 0o400])
def test_a_file_that_may_not_be_written_is_told(unprivileged: Path, mode: int) -> None:
    path = unprivileged / "run.journal"
    begun(path, ANN)
    path.chmod(mode)
    assert "may not be written" in refusal(lambda: opened(path))
    path.chmod(0o600)
    assert known(path) == {"ann"}


def test_a_full_disk_takes_a_group_back_whole(path: Path) -> None:
    big = [Entry(f"row {at}", "create", "failed", 1.0, error="x" * 1000) for at in range(100)]
    with opened(path) as journal:
        journal.write([ANN])
        connection = journal._usable()
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        said = refusal(lambda: journal.write([BOB, *big]))
        assert "full" in said
        assert str(path) in said
        assert list(journal.entries()) == ["ann"]
        journal.write([BOB])
        connection.execute("PRAGMA max_page_count = 100000")
        journal.write(big)
        assert len(journal.entries()) == 102
    assert known(path) == {"ann", "bob", *(entry.key for entry in big)}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_a_disk_that_fails_takes_a_group_back_whole(path: Path) -> None:
    program = """
        import os, resource, sys
        from pathlib import Path
        from invite_sdk.roster.journal import Entry, Journal, JournalError

        with Journal.open(sys.argv[1], roster="5f3a", clients={}) as journal:
            journal.write([Entry("ann", "create", "sent", 1.0)])
            most = Path(sys.argv[1] + "-wal").stat().st_size + 20_000
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
            try:
                journal.write(Entry(str(at), "create", "failed", 1.0, error="x" * 1000) for at in range(100))
            except JournalError as error:
                print(error)
            print(*journal.entries())
            journal.write([Entry("bob", "create", "sent", 1.0)])
            sys.stdout.flush()
            os._exit(0)
    """
    said, left = programs.run(program, str(path)).splitlines()
    assert "the disk or its file system failed" in said
    assert left == "ann"
    assert set(Journal.read(path, roster="5f3a", clients={})) == {"ann", "bob"}


def test_a_list_that_breaks_off_is_not_written(path: Path) -> None:
    def broken() -> Iterator[Entry]:
        yield ANN
        raise LookupError

    with opened(path) as journal:
        with pytest.raises(LookupError):
            journal.write(broken())
        journal.write([BOB])
    assert known(path) == {"bob"}


def test_every_write_waits_for_the_disk(path: Path) -> None:
    with opened(path) as journal:
        assert journal._usable().execute("PRAGMA synchronous").fetchone() == (2,)


# One run at a time


def test_a_second_one_is_refused_at_once(path: Path) -> None:
    with opened(path) as journal:
        journal.write([ANN])
        assert "another run" in refusal(lambda: opened(path))
        assert "another run" in refusal(lambda: Journal.read(path, **OWNER))
        journal.write([BOB])
    assert known(path) == {"ann", "bob"}


TRY: Final = """
    import sys
    from invite_sdk.roster.journal import Journal, JournalError
    try:
        Journal.read(sys.argv[1], roster="5f3a", clients={"main": "waldur https://a.example", "lab": "enhance https://b.example"})
    except JournalError as error:
        print(error)
"""


def test_another_process_is_refused_also_after_one_was_refused_here(path: Path) -> None:
    with opened(path):
        assert "another run" in programs.run(TRY, str(path))
        refusal(lambda: opened(path))
        assert "another run" in programs.run(TRY, str(path))
    assert programs.run(TRY, str(path)) == ""


def test_one_that_is_dropped_without_being_closed_is_free(path: Path) -> None:
    journal = opened(path)
    journal.write([ANN])
    del journal
    assert known(path) == {"ann"}


@pytest.mark.parametrize("act", [Journal.entries, lambda journal: journal.write([ANN])])
def test_a_closed_one_says_so(path: Path, act: Callable[[Journal], object]) -> None:
    with opened(path) as journal:
        journal.close()
    assert "is closed" in refusal(lambda: act(journal))


# Ends of processes

WRITE: Final = """
import itertools, sys
from invite_sdk.roster import journal_file
from invite_sdk.roster.journal import Entry, Journal

journal_file._LOG = sys.argv[2]
clients = {"main": "waldur https://a.example", "lab": "enhance https://b.example"}
with Journal.open(sys.argv[1], roster="5f3a", clients=clients) as journal:
    for group in itertools.count():
        journal.write(Entry(f"{group}:{at}", "create", "sent", 1.0, error="x" * 100) for at in range(10))
        print(group, flush=True)
"""


def lines(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


@pytest.mark.parametrize("log", ["WAL", "DELETE"])
@pytest.mark.parametrize("at", [1, 2, 30, 400])
def test_what_was_written_outlives_a_kill(path: Path, at: int, log: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "_LOG", log)
    with subprocess.Popen([sys.executable, "-c", WRITE, path, log], stdout=subprocess.PIPE, text=True) as process:
        said = [lines(process.stdout).readline() for _ in range(at)]
        assert "another run" in refusal(lambda: opened(path))
        process.kill()
        said += lines(process.stdout).read().splitlines(keepends=True)

    groups = [int(line) for line in said if line.endswith("\n")]
    assert len(groups) >= at
    with opened(path) as journal:
        keys = list(journal.entries())
        journal.write([ANN])
    assert len(keys) // 10 in (len(groups), len(groups) + 1)
    assert keys == [f"{group}:{row}" for group in range(len(keys) // 10) for row in range(10)]
    assert known(path) == {*keys, "ann"}


def test_a_kill_while_the_log_was_moved_into_the_file_loses_nothing(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITE, path, "WAL"], stdout=subprocess.PIPE, text=True) as process:
        for _ in range(20):
            lines(process.stdout).readline()
        process.kill()
    whole = path.with_name("whole")
    shutil.copy(path, whole)
    shutil.copy(path.with_name(f"{path.name}-wal"), whole.with_name(f"{whole.name}-wal"))
    keys = known(whole)
    assert len(keys) >= 200

    before = path.read_bytes()
    assert len(before) < whole.stat().st_size
    path.write_bytes(whole.read_bytes()[:4096] + before[4096:])  # the first page tells of pages that are not there yet

    assert known(path) == keys


@needs_fork
@pytest.mark.parametrize("end", ["sys.exit(0)", "os._exit(0)", "journal.close(); del journal; sys.exit(0)"])
def test_a_forked_process_takes_nothing_away(path: Path, end: str) -> None:
    program = f"""
        import os, sys
        from invite_sdk.roster.journal import Entry, Journal, JournalError

        clients = {{"main": "waldur https://a.example", "lab": "enhance https://b.example"}}
        with Journal.open(sys.argv[1], roster="5f3a", clients=clients) as journal:
            journal.write([Entry("before", "create", "sent", 1.0)])
            child = os.fork()
            if not child:
                for act in (journal.entries, lambda: journal.write([Entry("child", "create", "sent", 1.0)])):
                    try:
                        act()
                    except JournalError as error:
                        assert "forked" in str(error)
                    else:
                        os._exit(1)
                del act
                {end}
            assert os.waitpid(child, 0)[1] == 0
            assert os.path.getsize(sys.argv[1] + "-wal")
            journal.write([Entry("after", "create", "sent", 1.0)])
            try:
                Journal.read(sys.argv[1], roster="5f3a", clients=clients)
            except JournalError:
                os._exit(0)
    """
    assert programs.run(program, str(path)) == ""
    assert known(path) == {"before", "after"}


def test_a_run_that_ends_without_closing_loses_nothing(path: Path) -> None:
    program = """
        import sys
        from invite_sdk.roster.journal import Entry, Journal
        kept = Journal.open(sys.argv[1], roster="5f3a", clients={})
        kept.write([Entry("ann", "create", "sent", 1.0)])
    """
    assert programs.run(program, str(path)) == ""
    assert set(Journal.read(path, roster="5f3a", clients={})) == {"ann"}
