"""The body of an answer as it comes in: decompressed a piece at a time, so that no bomb goes off."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from invite_sdk._errors.bodies import ASKED_FOR, codings

_PIECE = 64 * 1024
_MEMBER = b"\x1f"
"""How a gzip member begins."""
_MAX_MEMBERS = 10_000
_MAX_BEGUN = 64 * 1024
"""Nobody reads more of a body that broke off."""
_MAX_BELOW = 1
"""How many codings there may be below the last."""

ACCEPT_ENCODING = "gzip, deflate"
"""What `Body` can read."""


class BodyError(Exception):
    """The body cannot be taken in; the text says why."""


class TooLargeError(BodyError):
    """It has more bytes than were allowed."""


class TakenError(BodyError):
    """Somebody else has used it up."""


class Body:
    """Collects a body within a limit.

    Args:
        limit: how many bytes it may have, as sent and after decompression.
        encoding: the Content-Encoding header. What was not asked for is left as it is: whoever reads it says so.
    """

    __slots__ = ("_data", "_inflating", "_inner", "_limit", "_mislabeled", "_taken")

    def __init__(self, limit: int, encoding: str | None = None) -> None:
        self._data: bytes | bytearray = b""
        self._limit = limit
        self._mislabeled = b""
        """What came of a text that is not compressed as its header says."""
        self._taken = 0
        self._inflating: _Inflating | None = None
        self._inner: Body | None = None
        """What was compressed twice. The limit holds for what is between, too."""
        *others, last = codings(encoding) or [""]
        if last in ASKED_FOR and len(others) <= _MAX_BELOW:
            self._inflating = _Inflating(last)
            self._inner = Body(limit, ",".join(others)) if others else None

    def add(self, chunk: bytes) -> None:
        """Takes the next bytes from the network.

        Raises:
            BodyError: there are too many now, or they are not what the header promised.
        """
        room = self._limit - self._taken
        self._taken += len(chunk)
        if self._taken > self._limit:
            if self._inflating is None and room > 0:
                self._keep(chunk[:room])
            raise self._too_large()
        if self._inflating is None:
            self._keep(chunk)
            return
        try:
            for piece in self._inflating.pieces(chunk):
                self._keep(piece)
                if len(self._data) > self._limit:
                    raise self._too_large()
        except BodyError:
            if not self._data and _is_text(chunk):
                self._mislabeled = chunk[:_MAX_BEGUN]
            raise

    def _keep(self, piece: bytes) -> None:
        """Keeps a body that came in one piece as it is: most do."""
        if self._inner is not None:
            self._inner.add(piece)
            return
        if not self._data:
            self._data = piece if type(piece) is bytes else bytes(piece)
            return
        if not isinstance(self._data, bytearray):
            self._data = bytearray(self._data)
        self._data += piece

    def whole(self) -> bytes:
        """The body, once all of it came.

        Raises:
            BodyError: it ends in the middle of what was compressed.
        """
        if self._inflating is not None and self._taken and not self._inflating.is_at_end:
            raise BodyError("the compressed body ends too early")
        return bytes(self._data) if self._inner is None else self._inner.whole()

    def begun(self) -> bytes:
        """The beginning of a body that broke off, or of one that cannot be taken in, as far as it could be read."""
        kept = bytes(self._data[: min(self._limit, _MAX_BEGUN)]) if self._inner is None else self._inner.begun()
        return kept or self._mislabeled

    def _too_large(self) -> TooLargeError:
        return TooLargeError(f"the answer has more than {self._limit} bytes")


def _is_text(chunk: bytes) -> bool:
    try:
        chunk.decode()
    except UnicodeError:
        return False
    return True


class _Inflating:
    """gzip or deflate, at most `_PIECE` bytes at a time."""

    __slots__ = ("_is_first", "_kind", "_members", "_zlib")

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._is_first = True
        self._members = 1
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS if kind == "deflate" else zlib.MAX_WBITS | 16)

    @property
    def is_at_end(self) -> bool:
        return self._zlib.eof

    def pieces(self, data: bytes) -> Iterator[bytes]:
        # What is left over is copied each time: a little at once keeps that cheap.
        for start in range(0, len(data), _PIECE):
            rest = data[start : start + _PIECE]
            while rest:
                if self._zlib.eof and not self._goes_on(rest):
                    return
                yield from self._of_member(rest)
                rest = self._zlib.unused_data if self._zlib.eof else b""

    def _goes_on(self, data: bytes) -> bool:
        """Whether another gzip member begins here; anything else behind the end is left alone."""
        if self._kind == "deflate" or data[:1] != _MEMBER:
            return False
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise BodyError("the body was compressed in too many parts")
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 16)
        return True

    def _of_member(self, data: bytes) -> Iterator[bytes]:
        while True:
            piece = self._inflate(data)
            if piece:
                yield piece
            data = self._zlib.unconsumed_tail
            # A full piece may have left more inside, even when all the input is used. Behind the end, zlib hands the
            # same input back for ever.
            if self._zlib.eof or (not data and len(piece) < _PIECE):
                return

    def _inflate(self, data: bytes) -> bytes:
        is_first, self._is_first = self._is_first, False
        try:
            return self._zlib.decompress(data, _PIECE)
        except zlib.error:
            if not (is_first and self._kind == "deflate"):
                raise BodyError("the body is not compressed as its header says") from None
            # Some servers send deflate without the header that belongs to it.
            self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._inflate(data)
