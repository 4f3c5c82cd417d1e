"""When an attempt is made again, and after how long: decisions without I/O, clock or luck of their own.

What may be repeated follows from what a repetition could do. Nothing that could create, mail or accept twice is
repeated once a byte of it may have reached the service; `once` calls are repeated only where the service provably
did nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal, NamedTuple

from invite_clients._runtime import Repeat, Response
from invite_sdk._error_bodies import is_page, retry_after
from invite_sdk._errors import ConfigurationError
from invite_sdk._flow import Outcome, TransportFailure

Verdict = Literal["done", "refused", "untouched", "unsure", "sick"]
"""What an outcome tells about the service.

done: it answered with success. refused: it answered, and repeating changes nothing. untouched: the request provably had
no effect and may be made again. unsure: it may have had its effect. sick: the service or a proxy failed; a write may
have had its effect.
"""

_PASSING = frozenset({408, 425, 429})
_UNTOUCHED = frozenset({425, 429})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently a client tries again.

    Args:
        attempts: how many attempts at the most, the first included; 1 never repeats.
        base: seconds that the first pause may last; the next may last twice as long, and so on. Each pause is drawn
            evenly between nothing and that (full jitter).
        cap: seconds that a pause may last at the most. A service's own Retry-After is never shortened.

    Raises:
        ConfigurationError: a value cannot be right.
    """

    attempts: int = 4
    base: float = 0.5
    cap: float = 8.0

    def __post_init__(self) -> None:
        if isinstance(self.attempts, bool) or not isinstance(self.attempts, int) or self.attempts < 1:
            raise ConfigurationError("attempts must be a whole number of at least 1")
        for name in ("base", "cap"):
            value: object = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
                raise ConfigurationError(f"{name} must be a finite number of seconds, not {value!r}")

    def pause(self, attempt: int, luck: float) -> float:
        """Seconds to wait after an attempt, numbered from 1; `luck` is drawn from 0 to 1."""
        return min(self.cap, self.base * 2.0 ** min(attempt - 1, 30)) * luck


NO_RETRIES = RetryPolicy(attempts=1)


@dataclass(slots=True)
class RetryBudget:
    """What many calls of one client may spend on repetitions together, so that they do not hammer a sick service.

    Every repetition costs one; every success earns a tenth back, up to the most.
    """

    most: float = 20.0
    left: float = 20.0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def spend(self) -> bool:
        """Takes one, if there is one."""
        with self._lock:
            if self.left < 1:
                return False
            self.left -= 1
            return True

    def earn(self) -> None:
        """Gives a tenth back after a success."""
        if self.left < self.most:
            with self._lock:
                self.left = min(self.most, self.left + 0.1)


def verdict(outcome: Outcome, success: frozenset[int]) -> Verdict:
    """What an outcome tells about the service."""
    if isinstance(outcome, TransportFailure):
        return "untouched" if outcome.sent == "no" else "unsure"
    status = outcome.status
    if status in success or 200 <= status < 300:
        # A login page, or a proxy's apology: whoever wrote it, the service has not spoken.
        return "sick" if is_page(outcome) else "done"
    if status in _UNTOUCHED:
        return "untouched"
    return "sick" if status == 408 or status >= 500 else "refused"


def is_repeatable(found: Verdict, repeat: Repeat) -> bool:
    """Whether a call of this class may be made again after such an outcome."""
    if found == "untouched":
        return True
    return found in ("unsure", "sick") and repeat != "once"


class Wait(NamedTuple):
    """Try again after so many seconds."""

    seconds: float


def next_step(
    policy: RetryPolicy,
    outcome: Outcome,
    success: frozenset[int],
    repeat: Repeat,
    *,
    attempt: int,
    remaining: float,
    unix: float,
    luck: float,
) -> Wait | None:
    """The pause before the next attempt, or `None` when this outcome stands.

    Args:
        policy: the client's or the call's.
        outcome: what the attempt brought.
        success: the statuses that carry a result.
        repeat: the call's class.
        attempt: its number, from 1.
        remaining: seconds until the deadline.
        unix: the time, for a Retry-After date.
        luck: a number drawn evenly from 0 to 1.
    """
    found = verdict(outcome, success)
    if found in ("done", "refused") or attempt >= policy.attempts or not is_repeatable(found, repeat):
        return None
    if isinstance(outcome, TransportFailure) and outcome.kind in ("deadline", "too_large"):
        return None
    asked = retry_after(outcome, unix) if isinstance(outcome, Response) else None
    pause = policy.pause(attempt, luck)
    seconds = pause if asked is None else asked + min(pause, 1.0)
    return Wait(seconds) if seconds < remaining else None
