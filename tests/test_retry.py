"""What is tried again and after how long: a table by hand, and the numbers around it."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from invite_clients._runtime import Repeat, Response
from invite_sdk import ConfigurationError
from invite_sdk._flow import Kind, Outcome, Sent, TransportFailure
from invite_sdk._retry import (
    NO_RETRIES,
    RetryBudget,
    RetryPolicy,
    Verdict,
    Wait,
    is_repeatable,
    next_step,
    verdict,
)
from tests.support.flows import answer

SUCCESS = frozenset({200, 201})
UNIX = 1_800_000_000.0


def failure(sent: Sent, kind: Kind = "broken", status: int | None = None) -> TransportFailure:
    return TransportFailure(sent, kind, "it broke", status)


def decide(
    outcome: Outcome,
    repeat: Repeat = "safe",
    *,
    policy: RetryPolicy | None = None,
    attempt: int = 1,
    remaining: float = 60.0,
    luck: float = 1.0,
) -> Wait | None:
    return next_step(
        policy or RetryPolicy(),
        outcome,
        SUCCESS,
        repeat,
        attempt=attempt,
        remaining=remaining,
        unix=UNIX,
        luck=luck,
    )


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        *[(answer(status), "done") for status in (200, 201, 202, 204, 206, 226, 299)],
        *[(answer(status), "refused") for status in (100, 301, 302, 304, 307, 308)],
        *[(answer(status), "refused") for status in (400, 401, 402, 403, 404, 405, 409, 410, 415, 422, 499)],
        *[(answer(status), "untouched") for status in (425, 429)],
        *[(answer(status), "sick") for status in (408, 500, 501, 502, 503, 504, 520, 529, 599, 600, 999)],
        (failure("no", "connect"), "untouched"),
        (failure("no", "timeout"), "untouched"),
        (failure("maybe", "timeout"), "unsure"),
        (failure("maybe", "broken"), "unsure"),
        (failure("maybe", "broken", 200), "unsure"),
        (failure("maybe", "too_large", 500), "unsure"),
    ],
)
def test_an_outcome_tells_whether_the_service_did_anything(outcome: Outcome, expected: Verdict) -> None:
    assert verdict(outcome, SUCCESS) == expected


def test_a_status_that_the_specification_lists_is_success_whatever_its_number() -> None:
    assert verdict(answer(404), frozenset({404})) == "done"


@pytest.mark.parametrize(
    ("found", "safe", "idempotent", "once"),
    [
        ("done", False, False, False),
        ("refused", False, False, False),
        ("untouched", True, True, True),
        ("unsure", True, True, False),
        ("sick", True, True, False),
    ],
)
def test_what_may_be_repeated_follows_from_the_class(found: Verdict, safe: bool, idempotent: bool, once: bool) -> None:
    assert is_repeatable(found, "safe") is safe
    assert is_repeatable(found, "idempotent") is idempotent
    assert is_repeatable(found, "once") is once


AGAIN: dict[str, tuple[Outcome, bool, bool, bool]] = {
    # The outcome, then whether a safe, an idempotent and a once-only call is tried again.
    "refused connection": (failure("no", "connect"), True, True, True),
    "no free connection": (failure("no", "timeout"), True, True, True),
    "rate limit": (answer(429), True, True, True),
    "too early": (answer(425), True, True, True),
    "lost answer": (failure("maybe", "broken"), True, True, False),
    "late answer": (failure("maybe", "timeout"), True, True, False),
    "truncated success": (failure("maybe", "broken", 201), True, True, False),
    "request timeout": (answer(408), True, True, False),
    "500": (answer(500), True, True, False),
    "501": (answer(501), True, True, False),
    "503": (answer(503), True, True, False),
    "520": (answer(520), True, True, False),
    "deadline before sending": (failure("no", "deadline"), False, False, False),
    "deadline after sending": (failure("maybe", "deadline"), False, False, False),
    "too large": (failure("maybe", "too_large", 200), False, False, False),
    "200": (answer(200), False, False, False),
    "204": (answer(204), False, False, False),
    "307": (answer(307), False, False, False),
    "400": (answer(400), False, False, False),
    "401": (answer(401), False, False, False),
    "404": (answer(404), False, False, False),
    "409": (answer(409), False, False, False),
}
CLASSES: tuple[Repeat, ...] = ("safe", "idempotent", "once")


@pytest.mark.parametrize("repeat", CLASSES)
@pytest.mark.parametrize("name", AGAIN)
def test_each_outcome_of_each_class_is_tried_again_or_stands(name: str, repeat: Repeat) -> None:
    outcome, *again = AGAIN[name]
    expected = again[CLASSES.index(repeat)]

    assert (decide(outcome, repeat) is not None) is expected
    assert (decide(outcome, repeat, attempt=3) is not None) is expected
    assert decide(outcome, repeat, attempt=4) is None
    assert decide(outcome, repeat, remaining=0.0) is None
    assert decide(outcome, repeat, policy=NO_RETRIES) is None


@pytest.mark.parametrize(("attempt", "most"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (6, 8.0), (4000, 8.0)])
def test_a_pause_is_drawn_from_nothing_to_twice_the_last_up_to_the_cap(attempt: int, most: float) -> None:
    policy = RetryPolicy(attempts=9999)

    assert policy.pause(attempt, 0.0) == 0.0
    assert policy.pause(attempt, 0.25) == pytest.approx(most / 4)
    assert policy.pause(attempt, 1.0) == most
    assert decide(answer(500), policy=policy, attempt=attempt, luck=0.5) == Wait(most / 2)


def test_a_policy_of_ones_own_has_its_own_base_and_cap() -> None:
    policy = RetryPolicy(attempts=3, base=10, cap=15)

    assert decide(answer(500), policy=policy, attempt=1) == Wait(10)
    assert decide(answer(500), policy=policy, attempt=2) == Wait(15)
    assert decide(answer(500), policy=policy, attempt=3) is None
    assert decide(answer(500), policy=RetryPolicy(base=0)) == Wait(0.0)


@pytest.mark.parametrize("status", [429, 425, 503, 500, 408])
@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("2.5", 2.5),
        (format_datetime(datetime.fromtimestamp(UNIX + 30, UTC), usegmt=True), 30.0),
        (format_datetime(datetime.fromtimestamp(UNIX - 30, UTC), usegmt=True), 0.0),
    ],
)
def test_retry_after_is_honoured_in_both_forms_and_never_shortened(status: int, said: str, seconds: float) -> None:
    refusal = Response(status, (("Retry-After", said),))

    # The service's word, and a little jitter on top: never more than a second, never less than nothing.
    assert decide(refusal, luck=0.0) == Wait(seconds)
    assert decide(refusal, luck=1.0) == Wait(seconds + 0.5)
    assert decide(refusal, luck=1.0, attempt=3) == Wait(seconds + 1.0)
    # The policy's cap is for its own pauses only.
    assert decide(refusal, luck=0.0, policy=RetryPolicy(cap=0.001)) == Wait(seconds)


def test_what_retry_after_says_wrong_is_not_heard() -> None:
    for said in ("soon", "-5", "", "Thu, 99 Foo 2026"):
        assert decide(Response(429, (("Retry-After", said),)), luck=1.0) == Wait(0.5)


@pytest.mark.parametrize(("remaining", "again"), [(30.1, True), (30.0, False), (29.9, False), (0.0, False)])
def test_a_pause_that_would_not_end_before_the_deadline_is_not_begun(remaining: float, again: bool) -> None:
    found = decide(answer(429, retry_after="30"), luck=0.0, remaining=remaining)

    assert found == (Wait(30.0) if again else None)


def test_a_budget_pays_for_repetitions_and_is_earned_by_successes() -> None:
    budget = RetryBudget(most=3.0, left=3.0)

    assert [budget.spend() for _ in range(5)] == [True, True, True, False, False]
    for _ in range(9):
        budget.earn()
    assert not budget.spend()
    budget.earn()
    budget.earn()
    assert budget.spend()
    assert not budget.spend()
    for _ in range(1000):
        budget.earn()
    assert budget.left == 3.0


def test_a_budget_begins_with_twenty_repetitions() -> None:
    budget = RetryBudget()

    assert sum(budget.spend() for _ in range(100)) == 20


@pytest.mark.parametrize("attempts", [0, -1, 1.5, True, "3", None])
def test_attempts_are_a_whole_number_of_at_least_one(attempts: object) -> None:
    with pytest.raises(ConfigurationError, match="attempts"):
        RetryPolicy(attempts=attempts)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["base", "cap"])
@pytest.mark.parametrize("value", [-0.1, math.inf, math.nan, True, "1", None])
def test_seconds_are_finite_and_not_negative(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=name):
        RetryPolicy(**{name: value})  # type: ignore[arg-type]


def test_no_retries_makes_one_attempt() -> None:
    assert RetryPolicy(attempts=1) == NO_RETRIES
    assert RetryPolicy() == RetryPolicy(attempts=4, base=0.5, cap=8.0)
