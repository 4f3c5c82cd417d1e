"""Attempts by hand: what is sent again and when, what the budget and the deadline stop, and what is told of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invite_clients._runtime import Call, Repeat, Response
from invite_sdk import (
    APIError,
    ConnectError,
    InviteError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    ServerError,
)
from invite_sdk import (
    TimeoutError as InviteTimeoutError,
)
from invite_sdk._flows.auth import LoginAuth, NewToken
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import (
    Clock,
    Effect,
    Notify,
    Outcome,
    Outgoing,
    Send,
    Sleep,
    TransportFailure,
)
from invite_sdk._flows.exchange import attempts, exchange, exchange_all
from invite_sdk._flows.options import Options
from invite_sdk._flows.retry import NO_RETRIES, Pause, RetryBudget, RetryPolicy
from tests.support.flows import Hand, answer, call, outgoing
from tests.support.flows import context as context_of

LOST = TransportFailure("maybe", "broken", "the connection broke")
LATE = TransportFailure("maybe", "timeout", "no answer came in time")
REFUSED = TransportFailure("no", "connect", "no connection was made")
OVER = TransportFailure("no", "deadline", "the deadline passed")


@dataclass
class Timed(Hand):
    """A hand whose pauses move its clock. Each request takes `takes` seconds."""

    seen: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    brought: dict[int, Outcome] = field(default_factory=dict)
    takes: float = 0.0
    hook: float = 0.0
    """What a hook takes, in seconds."""
    meanwhile: Callable[[], object] = lambda: None
    """Happens at the end of each pause."""

    def effect(self, effect: Effect) -> object:
        self.seen.append(type(effect).__name__)
        found = super().effect(effect)
        if isinstance(effect, Sleep):
            self.slept.append(effect.seconds)
            self.meanwhile()
        if isinstance(effect, Notify):
            self.moment += self.hook
        if isinstance(effect, Send):
            self.brought[id(effect.requests)] = cast("tuple[Outcome, ...]", found)[0]
            self.moment += self.takes
        # One clock for both readings, so that a date and a pause mean the same.
        return Clock(found.monotonic, 1_800_000_000.0 + self.moment - 1000.0) if isinstance(found, Clock) else found


context = partial(context_of, options=Options())
"""One that tries again, as clients do unless told otherwise."""


def hand(outcomes: Iterable[Outcome], **named: float) -> Timed:
    left = iter(outcomes)
    return Timed(lambda _: next(left), **named)  # type: ignore[arg-type]


def caught(ctx: Context, by: Timed, repeat: Repeat, *, method: str = "POST") -> InviteError:
    with pytest.raises(InviteError) as found:
        by.run(exchange(ctx, call(method, repeat=repeat)))
    return found.value


def test_a_read_is_asked_again_until_it_is_answered() -> None:
    by = hand([answer(503), LOST, REFUSED, answer(200, [])])

    found = by.run(exchange(ctx := context(), call()))

    assert (found.status, ctx.attempts, len(by.sent)) == (200, 4, 4)
    assert by.slept == [0.25, 0.5, 1.0]


def test_the_last_outcome_stands_when_the_attempts_are_used_up() -> None:
    by = hand([LOST, answer(500), answer(503), answer(502), answer(200)])

    error = caught(context(), by, "safe", method="GET")

    assert isinstance(error, ServerError)
    assert (error.status, error.attempts, len(by.sent)) == (502, 4, 4)


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (LOST, OutcomeUnknownError),
        (LATE, OutcomeUnknownError),
        (answer(500), OutcomeUnknownError),
        (answer(408), OutcomeUnknownError),
        (answer(520), OutcomeUnknownError),
        (answer(404), NotFoundError),
    ],
)
def test_what_must_happen_once_is_sent_once(outcome: Outcome, kind: type[InviteError]) -> None:
    by = hand([outcome])

    error = caught(context(), by, "once")

    assert type(error) is kind
    assert (len(by.sent), by.slept, error.attempts) == (1, [], 1)


@pytest.mark.parametrize("outcome", [REFUSED, answer(429), answer(425), answer(429, retry_after="3")])
def test_what_provably_did_nothing_is_sent_again_whatever_it_is(outcome: Outcome) -> None:
    by = hand([outcome, outcome, answer(201, {})])

    assert by.run(exchange(context(), call("POST", repeat="once"))).status == 201
    assert len(by.sent) == 3


def test_after_a_refused_connection_a_lost_answer_ends_it() -> None:
    by = hand([REFUSED, LOST])

    error = caught(context(), by, "once")

    assert isinstance(error, OutcomeUnknownError)
    assert (error.attempts, error.status, error.known) == (2, None, "the connection broke")
    assert "before trying again" in error.advice


@pytest.mark.parametrize("last", [REFUSED, OVER, answer(429), answer(425), answer(503), LATE])
def test_no_last_failure_hides_that_an_earlier_attempt_may_have_taken(last: Outcome) -> None:
    ctx = context(options=Options(retry=RetryPolicy(attempts=2)))

    error = caught(ctx, hand([LOST, last]), "idempotent", method="DELETE")

    assert isinstance(error, OutcomeUnknownError)
    assert error.attempts == 2


def test_a_plain_refusal_after_a_lost_answer_is_told_and_marked() -> None:
    ctx = context()

    error = caught(ctx, hand([LOST, answer(404)]), "idempotent", method="DELETE")

    # Whoever reads the state back decides what it means.
    assert isinstance(error, NotFoundError)
    assert ctx.may_have_taken


@pytest.mark.parametrize(
    ("outcomes", "repeat", "marked"),
    [
        ([REFUSED, answer(200)], "idempotent", False),
        ([answer(429), answer(200)], "idempotent", False),
        ([LOST, answer(200)], "idempotent", True),
        ([answer(500), answer(200)], "idempotent", True),
        ([LOST, answer(200)], "safe", False),
    ],
)
def test_only_a_write_that_may_have_arrived_is_marked(
    outcomes: Sequence[Outcome], repeat: Repeat, marked: bool
) -> None:
    ctx = context()
    hand(outcomes).run(exchange(ctx, call("DELETE", repeat=repeat)))

    assert ctx.may_have_taken is marked


def test_each_write_begins_unmarked_and_what_is_read_after_it_leaves_the_mark() -> None:
    ctx = context()
    hand([LOST, answer(200)]).run(exchange(ctx, call("DELETE", repeat="idempotent")))
    hand([answer(200)]).run(exchange(ctx, call()))

    assert ctx.may_have_taken

    hand([answer(200)]).run(exchange(ctx, call("DELETE", repeat="idempotent")))

    assert not ctx.may_have_taken


def test_pauses_are_counted_against_the_deadline() -> None:
    ctx = context(options=Options(deadline=20.0, retry=RetryPolicy(attempts=99, base=8, cap=8)))
    by = hand([answer(503)] * 99, takes=1.0)

    error = caught(ctx, by, "safe", method="GET")

    # Four seconds are half of eight: 1 + 4 + 1 + 4 + 1 + 4 + 1 = 16, and four more would reach the twentieth.
    assert (error.attempts, by.slept, by.moment) == (4, [4.0, 4.0, 4.0], 1016.0)


def test_what_the_service_asks_beyond_the_deadline_is_raised_at_once() -> None:
    by = hand([answer(429, retry_after="61")])

    error = caught(context(), by, "once")

    assert isinstance(error, RateLimitedError)
    assert (error.retry_after, error.attempts, by.slept) == (61.0, 1, [])


def test_what_the_service_asks_in_time_is_waited_for_and_never_shortened() -> None:
    by = hand([answer(429, retry_after="59"), answer(201)])

    by.run(exchange(context(), call("POST", repeat="once")))

    assert by.slept == [pytest.approx(59.5)]


def test_a_date_beyond_the_deadline_is_told_in_seconds_from_the_refusal() -> None:
    """1,800,000,000 seconds after 1970 is 08:00:00 on the 15th of January 2027."""
    by = hand([answer(429, retry_after="Fri, 15 Jan 2027 08:10:00 GMT")], takes=10.0)

    error = caught(context(), by, "safe", method="GET")

    assert isinstance(error, APIError)
    assert error.retry_after == pytest.approx(590.0)


def test_a_spent_budget_makes_the_first_outcome_stand() -> None:
    ctx = context()
    ctx.budget = RetryBudget(spent=190)
    by = hand([answer(503), answer(502), answer(200)])

    error = caught(ctx, by, "safe", method="GET")

    assert isinstance(error, ServerError)
    assert (error.status, error.attempts, ctx.budget.spent) == (502, 2, 200)
    assert str(error).endswith(" after 2 attempts; the client's retry budget is used up, see RetryPolicy.budget")


def test_successes_earn_a_tenth() -> None:
    ctx = context()
    ctx.budget = RetryBudget(spent=200)
    hand([answer(200)] * 10).run(exchange_all(ctx, [call()] * 10))

    assert ctx.budget.spent == 190


def test_what_is_not_tried_again_costs_nothing() -> None:
    ctx = context()
    caught(ctx, hand([LOST]), "once")
    caught(ctx, hand([answer(400)]), "safe", method="GET")

    assert ctx.budget.spent == 0


@pytest.mark.parametrize(
    ("outcome", "method", "kind"),
    [
        (answer(503), "GET", ServerError),
        (answer(429), "GET", RateLimitedError),
        (REFUSED, "GET", ConnectError),
        (LATE, "GET", InviteTimeoutError),
        (answer(503), "DELETE", OutcomeUnknownError),
    ],
)
def test_an_error_says_that_the_budget_ended_the_attempts(
    outcome: Outcome, method: str, kind: type[InviteError]
) -> None:
    options = Options(retry=RetryPolicy(budget=0))
    repeat: Repeat = "safe" if method == "GET" else "idempotent"
    by = hand([outcome])
    error = caught(context(options=options), by, repeat, method=method)

    assert isinstance(error, kind)
    assert (error.attempts, by.slept) == (1, [])
    assert "the client's retry budget is used up, see RetryPolicy.budget" in str(error)
    assert [(event.retry_in, event.stopped_by) for event in by.events] == [(None, "budget")]


def test_what_the_policy_ends_is_not_said_to_be_the_budget() -> None:
    for options in (Options(retry=NO_RETRIES), Options(retry=RetryPolicy(attempts=2)), Options(deadline=0.1)):
        assert "budget" not in str(caught(context(options=options), hand([LOST, LOST]), "safe", method="GET"))


def test_of_several_requests_only_the_one_that_the_budget_ended_says_so() -> None:
    ctx = context(options=Options(retry=RetryPolicy(budget=0)))
    by = Timed(lambda request: answer(404) if request.url.endswith("0") else answer(503))
    with pytest.raises(NotFoundError) as found:
        by.run(exchange_all(ctx, [call(path=f"/letters/{number}") for number in range(2)]))

    assert "budget" not in str(found.value)


@pytest.mark.parametrize(
    ("outcomes", "before", "after"),
    [
        # Found and left, in tenths: what a call's repetitions cost comes back with the answer.
        ([answer(200)], 100, 99),
        ([answer(404)], 100, 100),
        ([answer(503), answer(200)], 100, 100),
        ([answer(503), LOST, REFUSED, answer(200)], 100, 100),
        ([answer(503), answer(404)], 100, 100),
        ([answer(429), answer(425), answer(200)], 100, 100),
        ([answer(429, retry_after="1"), answer(200)], 100, 99),
        ([answer(503, retry_after="1"), answer(500, retry_after="1"), answer(200)], 100, 99),
        # And stays gone where there is none.
        ([answer(503)] * 4, 100, 130),
        ([answer(429)] * 4, 100, 106),
        ([answer(503), answer(429, retry_after="99")], 100, 110),
    ],
)
def test_the_answer_gives_back_what_the_repetitions_cost(outcomes: Sequence[Outcome], before: int, after: int) -> None:
    ctx = context()
    ctx.budget = RetryBudget(spent=before)
    with suppress(InviteError):
        hand(outcomes).run(exchange(ctx, call()))

    assert ctx.budget.spent == after


def test_named_waits_are_waited_for_whatever_the_budget_and_however_many() -> None:
    ctx = context()
    ctx.budget = RetryBudget(spent=1000)
    by = hand([answer(429, retry_after="1")] * 20 + [answer(201)])

    assert by.run(exchange(ctx, call("POST", repeat="once"))).status == 201
    assert (ctx.attempts, len(by.slept)) == (21, 20)
    assert all(1.0 <= seconds <= 1.5 for seconds in by.slept)


def test_many_named_waits_end_at_the_deadline() -> None:
    by = hand([answer(429, retry_after="10")] * 20)
    error = caught(context(), by, "once")

    assert isinstance(error, RateLimitedError)
    assert (error.retry_after, error.attempts) == (10.0, 6)
    assert by.moment < 1060.0


def test_a_pause_that_is_broken_off_costs_nothing() -> None:
    ctx = context()
    by = hand([answer(503)])
    flow = exchange(ctx, call())
    effect = next(flow)
    while not isinstance(effect, Sleep):
        effect = flow.send(by.effect(effect))
    assert ctx.budget.spent == 10
    flow.close()

    assert ctx.budget.spent == 0


@given(
    outcomes=st.lists(
        st.sampled_from(
            [answer(200), answer(404), answer(429), answer(500), answer(503), LOST, REFUSED]
            + [answer(status, retry_after=said) for status in (429, 500, 503) for said in ("0", "1", "20")]
        ),
        min_size=1,
        max_size=60,
    ),
    spent=st.integers(0, 200),
    budget=st.sampled_from([0.0, 1.0, 20.0, math.inf]),
)
def test_whatever_happens_costly_repetitions_stay_within_the_budget_and_named_waits_are_free(
    outcomes: list[Outcome], spent: int, budget: float
) -> None:
    shared, pause = RetryBudget(spent=spent), Pause()
    left = iter(outcomes)
    by = Timed(lambda _: next(left, answer(200)))
    for _ in range(5):
        ctx = context(options=Options(retry=RetryPolicy(budget=budget)))
        ctx.is_watched, ctx.budget, ctx.pause = True, shared, pause
        before, told, sent = shared.spent, len(by.events), len(by.sent)
        try:
            by.run(exchange(ctx, call()))
            answered = True
        except InviteError as error:
            answered = isinstance(error, NotFoundError)
        ended = [event for event in by.events[told:] if event.phase == "after"]
        assert 0 <= shared.spent <= max(before, budget * 10)
        if answered:
            assert before - 1 <= shared.spent <= before
        for event, requests in zip(ended, by.sent[sent:], strict=True):
            outcome = by.brought[id(requests)]
            if isinstance(outcome, Response) and outcome.header("retry-after") is not None:
                assert event.stopped_by != "budget"
            elif budget == 0:
                assert event.retry_in is None


# The service's wait holds for the client's other calls.


def paused(seconds: float, *, status: int = 429) -> Context:
    ctx = context()
    ctx.pause.ask(status, seconds, 1000.0)
    return ctx


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("policy", [RetryPolicy(), NO_RETRIES])
def test_a_call_waits_for_what_the_service_asked_after_another(status: int, policy: RetryPolicy) -> None:
    by = hand([answer(status, retry_after="5"), answer(200)])
    first, second = context(options=Options(retry=NO_RETRIES)), context(options=Options(retry=policy))
    second.pause = first.pause
    caught(first, by, "safe", method="GET")
    by.run(exchange(second, call()))

    assert by.slept == [5.5]
    assert second.attempts == 1


@pytest.mark.parametrize("outcome", [answer(s, retry_after="5") for s in (200, 202, 307, 403, 404, 408, 425, 500, 504)])
def test_a_wait_that_is_about_one_request_holds_nobody_else_back(outcome: Response) -> None:
    by = hand([outcome, answer(200)])
    first, second = context(options=Options(retry=NO_RETRIES)), context()
    second.pause = first.pause
    with suppress(InviteError):
        by.run(exchange(first, call()))
    by.run(exchange(second, call()))

    assert by.slept == []


def test_a_lost_write_that_is_not_repeated_holds_the_others_back_too() -> None:
    ctx = context()
    caught(ctx, hand([answer(503, retry_after="5")]), "once")

    assert ctx.pause.left(1000.0) == 5.0


@pytest.mark.parametrize("status", [429, 503])
def test_a_call_whose_deadline_comes_first_is_not_sent(status: int) -> None:
    ctx = paused(90.0, status=status)
    by = hand([])
    error = caught(ctx, by, "once")

    assert isinstance(error, RateLimitedError)
    assert (error.status, error.retry_after, error.attempts, by.sent, by.slept) == (status, 90.0, 0, [], [])
    assert "asked this client to wait, for 90 s more" in str(error)
    assert "nothing was sent" in str(error)


def test_an_absurd_wait_is_told_in_full_and_soon_tried_again() -> None:
    ctx = paused(1e8)
    by = hand([answer(200)])
    error = caught(ctx, by, "once")
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == 1e8

    by.moment += 120.0
    ctx.deadline_at = None
    assert by.run(exchange(ctx, call())).status == 200
    assert by.slept == []


def test_a_pause_that_grows_meanwhile_is_waited_for_too() -> None:
    ctx = paused(5.0)
    by = hand([answer(200)])

    def once() -> None:
        if len(by.slept) == 1:
            ctx.pause.ask(429, 3.0, by.moment)

    by.meanwhile = once
    by.run(exchange(ctx, call()))

    assert by.slept[0] == 5.5
    assert 3.0 < by.slept[1] < 3.5
    assert len(by.sent) == 1


def test_what_is_left_to_wait_is_told_by_the_time_when_the_call_gave_up() -> None:
    ctx = paused(5.0)
    by = hand([])
    by.meanwhile = lambda: ctx.pause.ask(503, 70.0, by.moment)
    error = caught(ctx, by, "once")

    assert isinstance(error, RateLimitedError)
    assert (error.retry_after, error.status, by.slept, by.sent) == (70.0, 503, [5.5], [])


def test_nothing_asked_for_is_nothing_held_back() -> None:
    assert hand([]).run(exchange_all(paused(90.0), [])) == []


def test_a_repetition_that_a_longer_wait_prevents_leaves_the_first_outcome() -> None:
    def meanwhile(outcome: Outcome, repeat: Repeat) -> tuple[InviteError, Context]:
        def respond(_: Outgoing) -> Outcome:
            ctx.pause.ask(429, 90.0, by.moment)
            return outcome

        ctx = context()
        by = Timed(respond)
        return caught(ctx, by, repeat, method="DELETE"), ctx

    limited, ctx = meanwhile(answer(429, retry_after="1"), "idempotent")
    assert isinstance(limited, RateLimitedError)
    # Not sooner than the service wants to see this client again.
    assert limited.retry_after == pytest.approx(88.5)
    assert limited.attempts == 1
    unknown, ctx = meanwhile(LOST, "idempotent")
    assert isinstance(unknown, OutcomeUnknownError)
    assert ctx.budget.spent == 0


def test_a_login_is_not_begun_while_the_service_asks_to_wait() -> None:
    ctx = context(auth=LoginAuth(_no_login))
    ctx.pause.ask(429, 90.0, 1000.0)
    by = hand([])

    assert isinstance(caught(ctx, by, "once"), RateLimitedError)
    assert (by.refused, by.sent) == ([], [])


def test_a_write_that_may_have_taken_is_unknown_when_a_wait_keeps_its_next_attempt_back() -> None:
    def respond(_: Outgoing) -> Outcome:
        found = next(outcomes)
        if found.__class__ is Response:
            ctx.pause.ask(429, 90.0, by.moment)
        return found

    outcomes: Iterator[Outcome] = iter([LOST, answer(401)])
    ctx = context(auth=LoginAuth(_no_login))
    by = Timed(respond)
    by.tokens = ["one", "two"]
    error = caught(ctx, by, "idempotent", method="DELETE")

    assert isinstance(error, OutcomeUnknownError)
    assert "asked this client to wait" in error.known


def test_without_a_pause_nobody_asks_for_the_time_more_often() -> None:
    by = hand([answer(200)])
    by.run(exchange(context(), call()))

    assert by.seen == ["Now", "Send"]


def test_of_several_requests_only_the_failed_ones_are_sent_again() -> None:
    def respond(request: Outgoing) -> Outcome:
        tries[request.url] = tries.get(request.url, 0) + 1
        number = int(request.url[-1])
        return answer(200, number) if tries[request.url] > number else answer(503)

    tries: dict[str, int] = {}
    by = Timed(respond)
    found = by.run(exchange_all(context(), [call(path=f"/letters/{number}") for number in range(4)]))

    assert [response.body for response in found] == [b"0", b"1", b"2", b"3"]
    assert [len(requests) for requests in by.sent] == [4, 3, 2, 1]
    assert by.slept == [0.25, 0.5, 1.0]


def test_each_round_waits_for_the_slowest() -> None:
    by = hand([answer(429, retry_after="5"), answer(429, retry_after="9"), answer(200, 1), answer(200, 2)])

    by.run(exchange_all(context(), [call(), call()]))

    assert by.slept == [pytest.approx(9.5)]


def test_a_write_counts_once_however_often_it_is_attempted() -> None:
    ctx = context()
    hand([LOST, answer(200)]).run(exchange(ctx, call("DELETE", repeat="idempotent")))
    hand([answer(200)]).run(exchange(ctx, call()))

    assert ctx.writes.count == 1


def test_a_renewed_token_gets_attempts_of_its_own() -> None:
    ctx = context(auth=LoginAuth(_no_login))
    by = hand([answer(503), answer(401), answer(503), answer(200)])
    by.tokens = ["one", "two"]

    assert by.run(exchange(ctx, call())).status == 200
    assert (by.refused, len(by.sent)) == ([None, "one"], 4)


def test_without_anybody_watching_only_repetitions_are_told() -> None:
    by = hand([answer(503), answer(200)])
    by.run(exchange(context(), call()))

    (event,) = by.events
    assert (event.phase, event.attempt, event.status, event.retry_in) == ("after", 1, 503, 0.25)


def test_who_watches_is_told_before_and_after_each_attempt() -> None:
    ctx = context(operation="count")
    ctx.is_watched = True
    by = hand([LOST, answer(404)], takes=2.0)
    caught(ctx, by, "safe", method="GET")

    assert [(e.phase, e.attempt, e.status, e.failure, e.seconds, e.retry_in) for e in by.events] == [
        ("before", 1, None, None, None, None),
        ("after", 1, None, "the connection broke", 2.0, 0.25),
        ("before", 2, None, None, None, None),
        ("after", 2, 404, None, 2.0, None),
    ]
    assert {(e.service, e.operation, e.native_operation, e.method, e.path) for e in by.events} == {
        ("postbox", "count", "letters", "GET", "/v1/letters")
    }


def test_what_a_hook_takes_is_not_the_time_of_an_attempt() -> None:
    ctx = context()
    ctx.is_watched = True
    by = hand([answer(200)], takes=2.0)
    by.hook = 30.0
    by.run(exchange(ctx, call()))

    assert [event.seconds for event in by.events] == [None, 2.0]


def test_outcomes_come_back_in_the_order_of_the_calls() -> None:
    calls = [call(path=f"/letters/{number}") for number in range(3)]
    requests = [outgoing(f"https://postbox.example{one.request.path}") for one in calls]
    outcomes: list[Outcome] = [LOST, answer(200, "b"), answer(404), answer(200, "a")]

    found = hand(outcomes).run(attempts(context(), calls, requests, Clock(0.0, 0.0, 0.5)))

    assert [one.status if isinstance(one, Response) else one for one in found] == [200, 200, 404]


def _no_login() -> Call[NewToken]:
    raise AssertionError("the hand gives the tokens")
