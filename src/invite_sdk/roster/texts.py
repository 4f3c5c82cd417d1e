"""The text of a list, from a file or a stream. Its encoding is told, never guessed."""

from __future__ import annotations

import codecs
import os
from pathlib import Path
from typing import NamedTuple, TextIO

from invite_sdk import InvalidArgumentError
from invite_sdk.roster.rows import RosterError, RowProblem, refused
from invite_sdk.services import shown

_MOST_OF_PATH = 100
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TELL_UTF_16 = 'if it is UTF-16, give encoding="utf-16"'
_TELL_ENCODING = 'tell the right encoding, such as encoding="cp1252" for what Excel writes on Windows'


class Text(NamedTuple):
    """A list as text, without a byte order mark, and with its line ends as they are."""

    text: str
    name: str
    """What the list is called in an error."""


def text_of(source: str | os.PathLike[str] | TextIO, encoding: str) -> Text:
    """What a file or a stream holds.

    Args:
        source: a path, or a stream that was opened as text.
        encoding: of a file. A stream has its own.

    Raises:
        RosterError: it cannot be read, is empty, or is no text in that encoding.
        InvalidArgumentError: the source is neither, or the encoding is no text.
    """
    told: object = encoding
    if not isinstance(told, str):
        raise InvalidArgumentError(f"encoding must be the name of one, such as 'utf-8', not {type(told).__name__}")
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        name = f"the list {path[-_MOST_OF_PATH:]!a}"
        text = _decoded(_bytes_of(path, name), encoding, name)
    elif hasattr(source, "read"):
        name = "the list"
        text = _streamed(source, name)
    else:
        raise InvalidArgumentError(f"a list is read from a path or a stream of text, not {type(source).__name__}")
    text = text.removeprefix("\ufeff")
    nul = text.find("\0")
    if nul >= 0:
        raise _refused(f"holds a NUL character; {_TELL_UTF_16}", name, text.count("\n", 0, nul) + 1)
    if not text.strip():
        raise _refused("empty; give at least one row", name)
    return Text(text, name)


def _bytes_of(path: str, name: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        hint = "; a list itself is given in an io.StringIO" if "\n" in path else ""
        raise _refused(f"cannot be read: {error.strerror or type(error).__name__}{hint}", name) from error
    except ValueError as error:  # a NUL, or half a character, in the path
        raise _refused("cannot be read: this is no path", name) from error


def _decoded(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if data.startswith(_UTF_16_MARKS):
            raise _refused(f"begins with the mark of UTF-16; {_TELL_UTF_16}", name, 1) from None
        line = data[: error.start].decode(encoding, "replace").count("\n") + 1
        raise _refused(_undecoded(error, encoding), name, line) from None
    except (LookupError, ValueError) as error:
        raise _refused(f"cannot be read: {shown(encoding)} is no encoding of text that Python knows", name) from error


def _streamed(stream: TextIO, name: str) -> str:
    try:
        text: object = stream.read()
    except UnicodeDecodeError as error:
        raise _refused(_undecoded(error, error.encoding), name) from None
    except (OSError, ValueError) as error:
        raise _refused(f"cannot be read: {error}", name) from error
    if not isinstance(text, str):
        raise _refused("a stream of bytes; open it as text, with newline='' and its encoding", name)
    return text


def _undecoded(error: UnicodeDecodeError, encoding: str) -> str:
    return f"byte 0x{error.object[error.start]:02X} is no {encoding.upper()}, as which it was read; {_TELL_ENCODING}"


def _refused(reason: str, name: str, line: int = 0) -> RosterError:
    return refused([RowProblem(line, None, reason)], name)
