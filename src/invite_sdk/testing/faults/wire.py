"""How an answer travels where a fault touches it on its way: pure data that each way into a fake carries out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

BLOCK = 65_536


@dataclass(frozen=True, slots=True)
class Wire:
    """What happens to an answer between the service and its caller. The default: it arrives whole and at once."""

    refused: bool = False
    """No connection is made. A server knows the request only after that, so it breaks the connection instead."""
    lost: bool = False
    """The connection ends before the first byte of the answer."""
    reset: bool = False
    """A lost connection ends with a reset, not with an orderly close."""
    wait: float = 0.0
    """Seconds before the status line."""
    body_wait: float = 0.0
    """Seconds between the headers and the body."""
    piece: int = BLOCK
    """How many bytes of the body go out at a time."""
    interval: float = 0.0
    """Seconds between two pieces."""
    cut: bool = False
    """The connection ends within the body."""
    keep: int | None = None
    """How many bytes of a cut body arrive; half of them when `None`."""
    stale: bool = False
    """The connection is closed after the answer, in silence: the next request on it is lost."""
    chunked: bool = False
    """The body comes in chunks, without a `Content-Length`."""

    def pieces(self, body: bytes) -> Iterator[tuple[float, bytes]]:
        """What goes out of a body: seconds to wait, then bytes to send."""
        end = self.kept(body)
        for start in range(0, end, self.piece):
            yield self.interval if start else self.body_wait, body[start : min(start + self.piece, end)]

    def kept(self, body: bytes) -> int:
        """How many bytes of a body go out."""
        if not self.cut:
            return len(body)
        return len(body) // 2 if self.keep is None else min(self.keep, max(len(body) - 1, 0))

    def shows(self, body: bytes) -> bool:
        """Whether a caller can notice anything, given the body of the answer."""
        if self.refused or self.lost or self.stale or self.wait:
            return True
        slow = self.body_wait > 0 or (self.interval > 0 and len(body) > self.piece)
        return bool(body) and (slow or self.cut or self.chunked)


PLAIN = Wire()
