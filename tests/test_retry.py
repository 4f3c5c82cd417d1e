"""What is tried again and after how long: a table by hand, and the numbers around it."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invite_clients._runtime import Repeat, Response
from invite_sdk import ConfigurationError
from invite_sdk._flows.effects import Kind, Outcome, Sent, TransportFailure
from invite_sdk._flows.retry import (
    MAX_PAUSE,
    NO_RETRIES,
    Pause,
    RetryBudget,
    RetryPolicy,
    Stop,
    Verdict,
    Wait,
    is_repeatable,
    named_wait,
    next_step,
    rest,
    verdict,
)
from tests.support import programs
from tests.support.flows import answer
from tests.support.threads import together

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
    share: float = 1.0,
    named: int = 0,
) -> Wait | Stop | None:
    found = verdict(outcome, SUCCESS)
    return next_step(
        policy or RetryPolicy(),
        outcome,
        found,
        repeat,
        asked=named_wait(outcome, found, UNIX),
        attempt=attempt,
        remaining=remaining,
        luck=luck,
        share=share,
        named=named,
    )


def seconds(step: Wait | Stop | None) -> float:
    assert isinstance(step, Wait)
    return step.seconds


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
    "no connection, for good": (replace(failure("no", "connect"), is_final=True), False, False, False),
    "broken, for good": (replace(failure("maybe", "broken"), is_final=True), False, False, False),
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

    assert isinstance(decide(outcome, repeat), Wait) is expected
    assert isinstance(decide(outcome, repeat, attempt=3), Wait) is expected
    # What is not tried again is so for itself, or for a reason that is told.
    over = getattr(outcome, "kind", None) == "deadline" and is_repeatable(verdict(outcome, SUCCESS), repeat)
    assert decide(outcome, repeat, attempt=4) == ("attempts" if expected else "deadline" if over else None)
    assert decide(outcome, repeat, remaining=0.0) == ("deadline" if expected or over else None)
    assert decide(outcome, repeat, policy=NO_RETRIES) == ("attempts" if expected else "deadline" if over else None)


@pytest.mark.parametrize(("attempt", "most"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (6, 8.0), (4000, 8.0)])
def test_a_pause_is_drawn_from_nothing_to_twice_the_last_up_to_the_cap(attempt: int, most: float) -> None:
    policy = RetryPolicy(attempts=9999)

    assert policy.pause(attempt, 0.0) == 0.0
    assert policy.pause(attempt, 0.25) == pytest.approx(most / 4)
    assert policy.pause(attempt, 1.0) == most
    assert decide(answer(500), policy=policy, attempt=attempt, luck=0.5) == Wait(most / 2, 10)


def test_a_policy_of_ones_own_has_its_own_base_and_cap() -> None:
    policy = RetryPolicy(attempts=3, base=10, cap=15)

    assert decide(answer(500), policy=policy, attempt=1) == Wait(10, 10)
    assert decide(answer(500), policy=policy, attempt=2) == Wait(15, 10)
    assert decide(answer(500), policy=policy, attempt=3) == "attempts"
    assert decide(answer(500), policy=RetryPolicy(base=0)) == Wait(0.0, 10)


@pytest.mark.parametrize("status", [429, 425, 503, 500, 408])
@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("2.5", 2.5),
        (format_datetime(datetime.fromtimestamp(UNIX + 30, UTC), usegmt=True), 30.0),
        (format_datetime(datetime.fromtimestamp(UNIX - 30, UTC), usegmt=True), 0.0),
    ],
)
def test_retry_after_is_honoured_in_both_forms_and_never_shortened(status: int, said: str, asked: float) -> None:
    refusal = Response(status, (("Retry-After", said),))

    # The service's word, and up to a second on top. It costs nothing of the budget.
    assert decide(refusal, luck=0.0) == Wait(asked, 0, asked > 0)
    assert decide(refusal, luck=1.0) == Wait(asked + 1.0, 0, asked > 0)
    assert decide(refusal, luck=1.0, attempt=3) == Wait(asked + 1.0, 0, asked > 0)
    # The policy's cap is for its own pauses, and bounds what is on top.
    assert decide(refusal, luck=1.0, policy=RetryPolicy(cap=0.125)) == Wait(asked + 0.125, 0, asked > 0)
    assert decide(refusal, luck=1.0, policy=RetryPolicy(base=0)) == Wait(asked, 0, asked > 0)


@pytest.mark.parametrize("said", ["soon", "-5", "", "Thu, 99 Foo 2026"])
def test_what_retry_after_says_wrong_is_not_heard(said: str) -> None:
    assert decide(Response(429, (("Retry-After", said),)), luck=1.0) == Wait(0.5, 2)


@pytest.mark.parametrize("status", [200, 201, 202, 301, 307, 400, 403, 404, 409])
def test_what_is_no_failure_names_no_wait(status: int) -> None:
    outcome = answer(status, retry_after="30")

    assert named_wait(outcome, verdict(outcome, SUCCESS), UNIX) is None
    assert decide(outcome) is None


@pytest.mark.parametrize("status", [503, 500, 408])
def test_a_write_that_may_have_taken_is_not_repeated_because_a_wait_was_named(status: int) -> None:
    assert decide(answer(status, retry_after="1"), "once") is None
    assert seconds(decide(answer(429, retry_after="1"), "once", luck=0.0)) == 1.0


def test_a_named_wait_is_no_attempt_and_one_of_no_time_is() -> None:
    asked = answer(429, retry_after="1")

    assert isinstance(decide(asked, attempt=50, named=49), Wait)
    assert isinstance(decide(asked, attempt=4, named=0), Wait)
    assert isinstance(decide(answer(503), attempt=50, named=47), Wait)
    assert decide(answer(503), attempt=50, named=46) == "attempts"
    assert decide(answer(429, retry_after="0"), attempt=4) == "attempts"
    assert isinstance(decide(answer(429, retry_after="0.001"), attempt=4), Wait)
    assert decide(asked, policy=NO_RETRIES) == "attempts"


def test_pauses_grow_by_what_failed_and_not_by_what_was_asked_for() -> None:
    assert decide(answer(503), attempt=9, named=8) == Wait(0.5, 10)
    assert decide(answer(503), attempt=10, named=8) == Wait(1.0, 10)


@pytest.mark.parametrize(("remaining", "again"), [(30.1, True), (30.0, False), (29.9, False), (0.0, False)])
def test_a_pause_that_would_not_end_before_the_deadline_is_not_begun(remaining: float, again: bool) -> None:
    # What is on top never makes a wait too long that fits.
    for luck in (0.0, 0.5, 1.0):
        found = decide(answer(429, retry_after="30"), luck=luck, remaining=remaining)
        assert found == "deadline" if not again else 30.0 <= seconds(found) <= 30.05


def test_who_has_little_time_left_comes_back_first() -> None:
    waits = [seconds(decide(answer(429, retry_after="1"), share=share)) for share in (1.0, 0.9, 0.5, 0.1, 0.0)]

    assert waits == sorted(waits, reverse=True)
    assert (waits[0], waits[-1]) == (2.0, 1.0)


# The client's pause.


def test_a_pause_is_rested_out_with_a_little_on_top() -> None:
    assert rest(RetryPolicy(), 5.0, remaining=60.0, luck=0.0) == 5.0
    assert rest(RetryPolicy(), 5.0, remaining=60.0, luck=1.0) == 6.0
    assert rest(RetryPolicy(), 5.0, remaining=60.0, luck=1.0, share=0.5) == 5.0625
    assert rest(NO_RETRIES, 5.0, remaining=60.0, luck=1.0) == 6.0
    assert rest(RetryPolicy(base=0), 5.0, remaining=60.0, luck=1.0) == 5.0
    assert rest(RetryPolicy(), 5.0, remaining=5.5, luck=1.0) == 5.25
    assert rest(RetryPolicy(), 5.0, remaining=5.0, luck=0.0) is None
    assert rest(RetryPolicy(base=0), 1e-9, remaining=5.0, luck=0.0) == 0.001


def test_a_pause_lasts_until_the_latest_moment_that_was_named() -> None:
    pause = Pause()
    assert pause.left(100.0) == 0.0

    pause.ask(429, 5.0, 100.0)
    pause.ask(503, 2.0, 101.0)
    assert (pause.until, pause.left(102.0), pause.status) == (105.0, 3.0, 429)
    pause.ask(503, 9.0, 102.0)
    assert (pause.until, pause.left(102.0), pause.status) == (111.0, 9.0, 503)
    assert pause.left(111.0) == 0.0


def test_an_absurd_wait_holds_the_others_back_for_two_minutes_only() -> None:
    pause = Pause()
    pause.ask(429, 1e9, 100.0)

    assert MAX_PAUSE == 120.0
    assert (pause.until, pause.left(101.0)) == (220.0, 1e9 - 1.0)
    assert pause.left(220.0) == 0.0
    # It is forgotten then: the next one is what the service says then.
    pause.ask(503, 3.0, 230.0)
    assert (pause.until, pause.left(231.0), pause.status) == (233.0, 2.0, 503)


# The budget.


def test_a_budget_pays_for_repetitions_and_is_earned_by_successes() -> None:
    budget = RetryBudget()

    assert [budget.spend(10, 3.0) for _ in range(5)] == [True, True, True, False, False]
    for _ in range(9):
        budget.give_back(1)
    assert not budget.spend(10, 3.0)
    budget.give_back(1)
    budget.give_back(1)
    assert budget.spend(10, 3.0)
    assert not budget.spend(10, 3.0)
    for _ in range(1000):
        budget.give_back(1)
    assert budget.spent == 0


@pytest.mark.parametrize(
    ("outcome", "most"), [(answer(503), 20), (failure("no", "connect"), 20), (answer(429), 100), (answer(425), 100)]
)
def test_a_budget_bears_twenty_repetitions_and_five_times_as_many_where_the_service_refuses_for_now(
    outcome: Outcome, most: int
) -> None:
    step = decide(outcome)
    assert isinstance(step, Wait)
    budget = RetryBudget()

    assert sum(budget.spend(step.cost, RetryPolicy().budget) for _ in range(1000)) == most


def test_without_a_limit_nothing_is_counted_and_with_none_nothing_is_repeated() -> None:
    assert decide(answer(503), policy=RetryPolicy(budget=math.inf)) == Wait(0.5, 0)
    assert not RetryBudget().spend(2, 0)
    assert not RetryBudget().spend(10, 0.9)


def test_a_forked_process_finds_the_lock_free() -> None:
    program = """
import os, signal
from invite_sdk._flows import retry as _retry
budget, pause = _retry.RetryBudget(), _retry.Pause()
with _retry._lock:
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        pause.ask(429, 1.0, 0.0)
        os._exit(0 if budget.spend(10, 20.0) and pause.left(0.5) == 0.5 else 1)
_, status = os.waitpid(child, 0)
raise SystemExit(os.waitstatus_to_exitcode(status))
"""
    assert programs.run(program) == ""


def test_many_threads_leave_a_budget_as_it_was() -> None:
    budget = RetryBudget()
    got: list[int] = []

    def work(_: int) -> None:
        for _ in range(2000):
            if budget.spend(10, 20.0):
                got.append(budget.spent)
                budget.give_back(10)

    together(8, work)

    assert len(got) >= 2000
    assert budget.spent == 0
    assert max(got) <= 200


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("spend"), st.sampled_from([2, 10]), st.sampled_from([0.0, 0.3, 5.0, 20.0])),
            st.tuples(st.just("back"), st.integers(0, 300), st.just(0.0)),
        )
    )
)
def test_a_budget_is_never_overdrawn_and_never_overpaid(steps: list[tuple[str, int, float]]) -> None:
    budget = RetryBudget()
    for kind, cost, most in steps:
        before = budget.spent
        if kind == "back":
            budget.give_back(cost)
            assert budget.spent == max(0, before - cost)
        elif budget.spend(cost, most):
            assert budget.spent == before + cost <= most * 10
        else:
            assert budget.spent == before
        assert 0 <= budget.spent <= 200


@pytest.mark.parametrize("budget", [0, 0.5, 20, 1e9, math.inf])
def test_a_policy_keeps_its_budget_when_it_is_shown_and_pickled(budget: float) -> None:
    policy = RetryPolicy(budget=budget)

    assert pickle.loads(pickle.dumps(policy)) == policy
    assert f"budget={budget!r}" in repr(policy)


WRONG = (-0.1, math.nan, True, "1", None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("attempts", value) for value in (0, -1, 1.5, *WRONG)],
        *[("base", value) for value in (math.inf, *WRONG)],
        *[("cap", value) for value in (math.inf, *WRONG)],
        *[("budget", value) for value in (-math.inf, *WRONG)],
    ],
)
def test_what_no_policy_can_have_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        RetryPolicy(**{name: value})


def test_no_retries_makes_one_attempt() -> None:
    assert RetryPolicy(attempts=1) == NO_RETRIES
    assert RetryPolicy() == RetryPolicy(attempts=4, base=0.5, cap=8.0, budget=20.0)


@pytest.mark.parametrize("named", [{"base": 10**400}, {"cap": 10**400}, {"base": 2.0**63}], ids=str)
def test_a_pause_that_no_clock_can_wait_for_is_refused(named: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="must be a finite number of seconds"):
        RetryPolicy(**named)
