"""What the drivers read the time from and wait with, looked up whenever it is used: test tools replace it meanwhile."""

from __future__ import annotations

import time as _time

if hasattr(_time, "clock_gettime"):

    def monotonic() -> float:
        """Seconds, for time limits. Of the clocks that only go forward, the one that goes on while time is frozen."""
        return _time.clock_gettime(_time.CLOCK_MONOTONIC)

else:

    def monotonic() -> float:
        """Seconds, for time limits."""
        return _time.monotonic()


def time() -> float:
    """Seconds since 1970, as everybody in this process is told."""
    return _time.time()


def sleep(seconds: float) -> None:
    """Waits."""
    _time.sleep(seconds)
