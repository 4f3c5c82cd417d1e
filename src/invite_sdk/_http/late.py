"""What the HTTP library and the event loops load with the first request."""

from __future__ import annotations

import sys
from importlib import import_module

from invite_sdk._http.environment import no_tls

_LATE = ("asyncio", "concurrent.futures.thread", "encodings.idna", "httpcore", "anyio", "anyio._backends._asyncio")


def load() -> None:
    """Loads it, for both kinds of client; what trio needs only where it is loaded."""
    for name in (*_LATE, *(("anyio._backends._trio",) if "trio" in sys.modules else ())):
        import_module(name)
    # OpenSSL gets ready with the first.
    no_tls()
    # It looks for its file, and loads what that takes.
    import_module("certifi").where()
