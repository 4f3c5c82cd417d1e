"""Small bodies that become large ones."""

from __future__ import annotations

import gzip
import zlib

MEGABYTE = 1024 * 1024


def gzipped(data: bytes) -> bytes:
    """`data` as gzip, always the same bytes."""
    return gzip.compress(data, mtime=0)


_LARGE = b" " * (64 * MEGABYTE)

BOMBS = {
    "gzip": (gzipped(_LARGE), "gzip"),
    "deflate": (zlib.compress(_LARGE), "deflate"),
    "raw deflate": (zlib.compress(_LARGE)[2:-4], "deflate"),
    "gzip in gzip": (gzipped(gzipped(_LARGE)), "gzip, gzip"),
}
"""The body and its Content-Encoding: 64 MB of spaces."""
