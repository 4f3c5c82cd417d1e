"""When an attempt is made again, and after how long: decisions without I/O, clock or luck of their own.

What may be repeated follows from what a repetition could do. Nothing that could create, mail or accept twice is
repeated once a byte of it may have reached the service; `once` calls are repeated only where the service provably
did nothing.

A service that names its wait is throttling, not down. So a named wait takes nothing from the budget, which protects a
service that is down, and does not count among the attempts; the deadline ends those. The other calls wait along.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from threading import Lock
from typing import Literal, NamedTuple

from invite_clients._runtime import Repeat, Response
from invite_clients._values import frozen_class
from invite_sdk._errors.bodies import is_page, retry_after
from invite_sdk._errors.tree import ConfigurationError
from invite_sdk._flows.effects import Outcome, Refused, Throttled, TransportFailure
from invite_sdk._privacy.texts import shown

Verdict = Literal["done", "refused", "untouched", "unsure", "sick"]
"""What an outcome tells about the service.

done: it answered with success. refused: it answered, and repeating changes nothing. untouched: the request provably had
no effect and may be made again. unsure: it may have had its effect. sick: the service or a proxy failed; a write may
have had its effect.
"""

Stop = Literal["attempts", "deadline", "budget"]
"""Why an outcome stands although it could be tried again."""

MAX_PAUSE = 120.0
"""Seconds for which one answer can hold back a client's other calls, at the most: then one of them asks again."""

THROTTLED = frozenset({429, 503})
"""The statuses whose named wait is for all calls of a client: with any other it is about the one request."""

_UNTOUCHED = frozenset({425, 429})
_MOST = 2.0**63
"""Above every number of seconds that anybody means."""
_MAX_SPREAD = 1.0
_URGENCY = 4
"""How soon waiting makes a call come back before others: without it, luck lets some wait until their deadline."""
_WHOLE = 10
"""The budget is counted in tenths, as whole numbers: sums of those do not drift."""
_FIFTH = 2


@frozen_class
class RetryPolicy:
    """How often and how patiently a client tries again.

    Args:
        attempts: how many attempts at the most, the first included; 1 never repeats. Attempts after which the service
            named a wait are not counted: the deadline ends those.
        base: seconds that the first pause may last; the next may last twice as long, and so on. Each pause is drawn
            evenly between nothing and that (full jitter).
        cap: seconds that a pause may last at the most. A service's own Retry-After is never shortened.
        budget: how many repetitions a client and its children may have unpaid together. Named waits cost nothing.
            `math.inf`: no limit, 0: none that costs.

    Raises:
        ConfigurationError: a value cannot be right.
    """

    attempts: int = 4
    base: float = 0.5
    cap: float = 8.0
    budget: float = 20.0

    def __post_init__(self) -> None:
        if isinstance(self.attempts, bool) or not isinstance(self.attempts, int) or self.attempts < 1:
            raise ConfigurationError("attempts must be a whole number of at least 1")
        for name in ("base", "cap"):
            value: object = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < _MOST:
                raise ConfigurationError(f"{name} must be a finite number of seconds, not {shown(value)}")
        most: object = self.budget
        if isinstance(most, bool) or not isinstance(most, (int, float)) or not most >= 0:
            raise ConfigurationError(f"budget must be a number of at least 0, or math.inf, not {most!r}")

    def pause(self, attempt: int, luck: float) -> float:
        """Seconds to wait after an attempt, numbered from 1; `luck` is drawn from 0 to 1."""
        return min(self.cap, self.base * 2.0 ** min(attempt - 1, 30)) * luck


NO_RETRIES = RetryPolicy(attempts=1)
"""The policy that tries nothing again."""


# One for all: it is held for a moment at a time. A forked process begins with a free one.
_lock = Lock()


def _in_the_child() -> None:
    global _lock  # noqa: PLW0603 - the old one may be held by a thread that is not there
    _lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_the_child)


@dataclass(slots=True, eq=False, repr=False)
class RetryBudget:
    """What the repetitions of a client and its children have cost, so that they do not hammer a service that is down.

    A repetition costs one; after a 425 or 429, which a service that is down does not answer, a fifth. The call whose
    repetition is answered gives back all that its repetitions cost. Any other success pays off a tenth.
    """

    spent: int = 0
    """In tenths, and not paid back yet: never below nothing, never above the largest budget that drew on it."""

    def spend(self, cost: int, most: float) -> bool:
        """Takes so many tenths, if then no more than `most` repetitions are unpaid."""
        with _lock:
            if self.spent + cost > most * _WHOLE:
                return False
            self.spent += cost
            return True

    def give_back(self, cost: int) -> None:
        """Gives so many tenths back."""
        if self.spent:
            with _lock:
                self.spent = max(0, self.spent - cost)


@dataclass(slots=True, eq=False, repr=False)
class Pause:
    """Until when the service asked a client to wait. It holds for the client's children, too."""

    until: float = -math.inf
    """The moment, on the driver's monotonic clock, before which no call of theirs is sent."""
    asked: float = -math.inf
    """The moment that the service named, which may be later than `MAX_PAUSE` allows to `until`."""
    status: int = 429
    """With which status it did."""

    def ask(self, status: int, seconds: float, now: float) -> None:
        """Notes a wait that the service named. It never ends a longer one."""
        with _lock:
            if now >= self.until or now + seconds > self.asked:
                self.asked, self.status = now + seconds, status
            self.until = max(self.until, now + min(seconds, MAX_PAUSE))

    def left(self, now: float) -> float:
        """Seconds that the service asked to wait from now; 0 where no pause holds."""
        return max(0.0, self.asked - now) if now < self.until else 0.0


def verdict(outcome: Outcome, success: frozenset[int]) -> Verdict:
    """What an outcome tells about the service."""
    if isinstance(outcome, TransportFailure):
        return "untouched" if outcome.sent == "no" else "unsure"
    if isinstance(outcome, Throttled):
        return "untouched"
    if isinstance(outcome, Refused):
        return "refused"
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
    cost: int = 0
    """What it takes from the budget, in tenths."""
    is_named: bool = False
    """Whether the service named it: then the attempt before it does not count."""


def named_wait(outcome: Outcome, found: Verdict, unix: float) -> float | None:
    """Seconds that the service asked to wait, where it failed or refused for now; `None` where it named none.

    Success with Retry-After is success. So is a redirect or a refusal with it no promise that asking again would help.
    """
    if isinstance(outcome, Throttled):
        return outcome.wait or None
    if isinstance(outcome, Response) and found in ("untouched", "sick"):
        return retry_after(outcome, unix)
    return None


def next_step(
    policy: RetryPolicy,
    outcome: Outcome,
    found: Verdict,
    repeat: Repeat,
    *,
    asked: float | None,
    attempt: int,
    remaining: float,
    luck: float,
    share: float = 1.0,
    named: int = 0,
) -> Wait | Stop | None:
    """The pause before the next attempt, or why there is none; `None` when nothing could be tried again.

    Args:
        policy: the client's or the call's.
        outcome: what the attempt brought.
        found: its verdict.
        repeat: the call's class.
        asked: the wait that the service named.
        attempt: the attempt's number, from 1.
        remaining: seconds until the deadline.
        luck: a number drawn evenly from 0 to 1.
        share: what part of the call's time is left, from 0 to 1.
        named: after how many earlier attempts the service named a wait.
    """
    if not is_repeatable(found, repeat):
        return None
    if isinstance(outcome, TransportFailure) and (outcome.is_final or outcome.kind in ("deadline", "too_large")):
        return "deadline" if outcome.kind == "deadline" else None
    # A wait of no time counts: else nothing but the deadline would end a quick succession of them.
    is_named = bool(asked)
    counted = attempt - named
    if policy.attempts == 1 or (counted >= policy.attempts and not is_named):
        return "attempts"
    seconds = policy.pause(counted, luck)
    if asked is not None:
        seconds = asked + _spread(policy, luck, share, remaining - asked)
    if seconds >= remaining:
        return "deadline"
    cost = 0 if asked is not None or policy.budget == math.inf else _cost(outcome)
    return Wait(seconds, cost, is_named)


def rest(policy: RetryPolicy, left: float, *, remaining: float, luck: float, share: float = 1.0) -> float | None:
    """Seconds to wait for the end of a client's pause, or `None` when it does not come before the deadline.

    Args:
        policy: the client's or the call's.
        left: seconds until the end.
        remaining: seconds until the deadline.
        luck: a number drawn evenly from 0 to 1.
        share: what part of the call's time is left, from 0 to 1.
    """
    if left >= remaining:
        return None
    # At least a millisecond: a clock that counts in larger steps than is left would never get there.
    return max(0.001, left + _spread(policy, luck, share, remaining - left))


def _cost(outcome: Outcome) -> int:
    is_limit = isinstance(outcome, Response) and (outcome.status in _UNTOUCHED or isinstance(outcome, Throttled))
    return _FIFTH if is_limit else _WHOLE


def _spread(policy: RetryPolicy, luck: float, share: float, spare: float) -> float:
    """Seconds on top of a named wait: so that not all come back at once, and who has waited long before the others."""
    return max(0.0, min(policy.pause(2, luck), _MAX_SPREAD, spare / 2)) * share**_URGENCY
