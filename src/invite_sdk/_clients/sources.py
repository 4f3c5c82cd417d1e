"""Where the values of a profile's settings come from: variables, the keyring, commands and files."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from typing import IO, Final, Literal, TypeAlias, cast, get_args

from invite_clients._values import frozen_class
from invite_sdk._errors.tree import ConfigurationError
from invite_sdk._privacy.texts import shown

Kind: TypeAlias = Literal["keyring", "env", "command", "file"]

WAYS: Final = '{ keyring = true }, { env = "VARIABLE" }, { command = "..." } or { file = "PATH" }'
KEYRING: Final = "invite-sdk"
"""The keyring's service, whose users are settings of profiles, such as `acme:token`."""

_COMMAND_SECONDS = 60
_MOST_BYTES = 65_536
"""Of a secret: no credential is as long, and what never ends would take all memory."""
_TOO_LONG = f"is longer than {_MOST_BYTES // 1024} KiB: is it the secret alone?"
_OPEN_TO_OTHERS = 0o077


@frozen_class
class Source:
    """From where a setting is read each time that a client is made. It holds no value."""

    kind: Kind
    place: str
    """The variable, the command or the file; for the keyring the entry's user."""

    def __str__(self) -> str:
        if self.kind == "keyring":
            return self.kind
        # What follows the name of a command may hold what it should not.
        return f"{self.kind} {self.place.split()[0] if self.kind == 'command' else self.place}"

    def __repr__(self) -> str:
        return f"<Source {self}>"


def source_of(table: dict[str, object], entry: str, folder: Path) -> Source:
    """The source that a table of a profile names.

    Args:
        table: what the file says.
        entry: the user of the entry that the keyring has.
        folder: where relative paths begin.

    Raises:
        ConfigurationError: it is none.
    """
    kind, value = next(iter(table.items())) if len(table) == 1 else ("", None)
    if kind not in get_args(Kind):
        raise ConfigurationError(f"must say one thing, where it is: {WAYS}")
    if kind == "keyring":
        if value is not True:
            raise ConfigurationError(f"must say where it is: {WAYS}")
        return Source("keyring", entry)
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ConfigurationError(f"must name its {kind} as text without control characters")
    if kind == "file":
        try:
            value = str(folder / Path(value).expanduser())
        except RuntimeError:
            raise ConfigurationError(f"names a file in a home folder that nobody knows: {shown(value)}") from None
    return Source(cast("Kind", kind), value)


def read(source: Source) -> str:
    """The value, without line breaks at its end.

    Raises:
        ConfigurationError: there is none, or it cannot be read. The message shows nothing of it, nor of a command.
    """
    value = _READERS[source.kind](source.place).rstrip("\r\n")
    if not value:
        raise ConfigurationError(f"is empty, read from its {source.kind}")
    return value


def _from_env(name: str) -> str:
    value = os.environ.get(name, "")
    if not value.strip():
        raise ConfigurationError(f"needs the variable {shown(name)}, which is not set or empty: set it")
    return value


def _from_keyring(user: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ConfigurationError(
            "needs the system's keyring: pip install 'invite-sdk[cli]', or name the secret in another way"
        ) from None
    try:
        value = keyring.get_password(KEYRING, user)
    except (KeyringError, OSError) as error:
        raise ConfigurationError(
            f"needs the system's keyring, which is locked or cannot be used ({type(error).__name__}): "
            "unlock it, or name the secret in another way"
        ) from None
    if value is None:
        raise ConfigurationError(
            f"is not in the system's keyring: put it there as the password of {shown(user)} at the service {KEYRING}"
        )
    return value


def _from_command(line: str) -> str:
    try:
        printed, code = _run(line if sys.platform == "win32" else shlex.split(line))
    except subprocess.TimeoutExpired:
        reason = f"was not done within {_COMMAND_SECONDS} s"
    except (OSError, ValueError) as error:
        reason = f"cannot be run ({getattr(error, 'strerror', None) or 'it is no command line'})"
    else:
        if code == 0 or len(printed) > _MOST_BYTES:
            return _text(printed)
        reason = f"ended with {code}"
    raise ConfigurationError(f"needs its command, which {reason}: run it yourself to see why")


def _run(command: str | list[str]) -> tuple[bytes, int | None]:
    """What a command prints, or the first of it where that is too much, and its code, if it has ended."""
    end = time.monotonic() + _COMMAND_SECONDS
    # What it asks, it asks the user: only its output is taken, unbuffered, so that nobody waits for who reads it.
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as process:  # noqa: S603 - the user's own file says what is run
        found = bytearray()
        reader = Thread(target=_read_into, args=(found, process.stdout), daemon=True)
        try:
            reader.start()
            reader.join(_COMMAND_SECONDS)
            if len(found) <= _MOST_BYTES:
                process.wait(0 if reader.is_alive() else max(end - time.monotonic(), 0))
        finally:
            process.kill()
        return bytes(found), process.returncode


def _read_into(found: bytearray, pipe: IO[bytes]) -> None:
    while len(found) <= _MOST_BYTES and (piece := pipe.read(_MOST_BYTES)):
        found += piece


def _from_file(name: str) -> str:
    path = Path(name)
    try:
        # Nobody writes into a pipe that nobody knows of.
        if not path.is_file():
            raise ConfigurationError(f"needs the file {shown(name)}, which is not there, or is none")
        with path.open("rb") as file:
            refuse_open(path, os.fstat(file.fileno()))
            return _text(file.read(_MOST_BYTES + 1))
    except OSError as error:
        raise ConfigurationError(f"needs the file {shown(name)}, which cannot be read: {error.strerror}") from None


def refuse_open(path: Path, status: os.stat_result) -> None:
    """Refuses a file with a secret that others may use.

    Raises:
        ConfigurationError: it is such a file; the message says what to do.
    """
    mode = stat.S_IMODE(status.st_mode)
    if os.name == "posix" and mode & _OPEN_TO_OTHERS:
        raise ConfigurationError(
            f"is in a file that others may use ({mode:04o}): chmod 600 {shlex.quote(str(path.resolve()))}"
        )


def _text(value: bytes) -> str:
    if len(value) > _MOST_BYTES:
        raise ConfigurationError(_TOO_LONG)
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise ConfigurationError("is no text in UTF-8") from None


_READERS: Final = {"env": _from_env, "keyring": _from_keyring, "command": _from_command, "file": _from_file}
