"""Listings while others write, step by step: whatever comes between whatever, every row is met, and met once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from invite_clients._runtime import Request
from invite_sdk import OPEN_STATUSES, InviteClient, ResponseParseError, Waldur
from invite_sdk._clients.facade import Wanted
from invite_sdk._flows import writes as writes_module
from invite_sdk._flows.paging import listing
from invite_sdk._flows.writes import Writes
from invite_sdk.services.adapter import ADVICE
from tests.support.tasks import WRITES, Letters, Task, Tasks, letter_id

SEEDS = range(25)
MIXED = ("create", "delete", "cancel", "resend", "update")
KINDS: dict[str, tuple[str, ...]] = {**{write: (write,) for write in WRITES}, "mixed": MIXED}


def letters_of(luck: Random) -> Letters:
    """A service with a few pages of rows, which says their number or not."""
    return Letters(
        luck.choice((5, 9, 20, 31)),
        luck.choice((1, 2, 3, 5)),
        has_total=luck.random() < 0.4,
        only_open=luck.random() < 0.6,
        is_silent=luck.random() < 0.3,
    )


def settled(tasks: Tasks) -> None:
    """Every row that was there all the time was met, and no row twice."""
    assert tasks.letters.owed - set(tasks.met) == set()
    assert len(set(tasks.met)) == len(tasks.met)


def writing(tasks: Tasks, kind: str = "delete") -> Callable[[str], list[Task]]:
    """What a loop does that begins a task for each of its rows, and waits for none."""

    def each(key: str) -> list[Task]:
        tasks.write(kind, key)
        return []

    return each


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("lost", "waits"), [(0.0, False), (0.2, False), (0.0, True)])
def test_writes_to_the_rows_of_the_loop_make_it_miss_none(kind: str, lost: float, waits: bool) -> None:
    """Whether the loop waits for each write or has begun a task for it."""
    for seed in SEEDS:
        luck = Random(f"{kind} {seed}")
        tasks = Tasks(letters_of(luck), seed, lost=lost)

        def each(key: str, tasks: Tasks = tasks, luck: Random = luck) -> list[Task]:
            written = [tasks.write(luck.choice(KINDS[kind]), key)] if luck.random() < 0.8 else []
            return written if waits else []

        tasks.list(each, window=luck.choice((1, 8)))
        settled(tasks)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lost", [0.0, 0.2])
def test_writes_to_any_row_beside_a_listing_make_it_miss_none(kind: str, lost: float) -> None:
    for seed in SEEDS:
        luck = Random(f"{kind} {seed}")
        tasks = Tasks(letters_of(luck), seed, lost=lost)
        left = luck.choice((5, 20, 60))

        def beside(tasks: Tasks = tasks, luck: Random = luck) -> None:
            nonlocal left
            if left and luck.random() < 0.15 and tasks.letters.rows:
                left -= 1
                tasks.write(luck.choice(KINDS[kind]), luck.choice(list(tasks.letters.rows)))

        tasks.list(beside=beside, window=luck.choice((1, 8)))
        settled(tasks)


@pytest.mark.parametrize("kind", ["delete", "cancel", "mixed"])
def test_writes_that_are_broken_off_may_take_effect_later_all_the_same(kind: str) -> None:
    for seed in SEEDS:
        luck = Random(f"{kind} {seed}")
        tasks = Tasks(letters_of(luck), seed)
        begun: list[Task] = []

        def each(key: str, tasks: Tasks = tasks, luck: Random = luck, begun: list[Task] = begun) -> list[Task]:
            begun.append(tasks.write(luck.choice(KINDS[kind]), key))
            return []

        def beside(tasks: Tasks = tasks, luck: Random = luck, begun: list[Task] = begun) -> None:
            if begun and luck.random() < 0.1:
                tasks.cancel(begun.pop(luck.randrange(len(begun))))

        tasks.list(each, beside=beside, window=luck.choice((1, 8)))
        settled(tasks)


@pytest.mark.parametrize("kind", ["delete", "cancel", "create"])
def test_writes_without_end_do_not_hold_a_listing_up(kind: str) -> None:
    """Somebody removes rows, or adds some, as long as the listing runs: it gets through, a few requests a page."""
    for seed in SEEDS:
        tasks = Tasks(Letters(200, 5, only_open=True), seed)
        running: list[Task] = []

        def beside(tasks: Tasks = tasks, running: list[Task] = running) -> None:
            running[:] = [one for one in running if not one.is_over]
            while len(running) < 3 and tasks.letters.listed:
                running.append(tasks.write(kind, tasks.luck.choice(tasks.letters.listed)))

        tasks.list(beside=beside)
        settled(tasks)
        assert len(tasks.asked) < 40 * (20 if kind == "create" else 5)


def test_two_listings_at_once_whose_rows_are_removed_meet_every_row_between_them() -> None:
    for seed in SEEDS:
        letters = Letters(40, 4)
        tasks = Tasks(letters, seed)
        everything = set(letters.rows)
        walks = [tasks.begin(listing(tasks.context("list"), letters, {}, None)) for _ in range(2)]
        tasks.each = writing(tasks)
        while not all(walk.is_over for walk in walks):
            tasks.step()

        assert set(tasks.met) == everything


# What it costs.


@pytest.mark.parametrize("has_total", [False, True])
@pytest.mark.parametrize("kind", ["resend", "update", "create"])
def test_writes_that_take_nothing_out_cost_no_request(kind: str, has_total: bool) -> None:
    for seed in SEEDS:
        tasks = Tasks(Letters(40, 4, has_total=has_total), seed)
        tasks.list(writing(tasks, kind), window=1)

        settled(tasks)
        assert tasks.asked == list(range(1, tasks.asked[-1] + 1))


def test_removing_each_row_in_a_task_costs_a_few_requests_more_than_there_are_pages() -> None:
    for seed in SEEDS:
        tasks = Tasks(Letters(200, 20), seed)
        tasks.list(writing(tasks))

        settled(tasks)
        assert len(tasks.asked) <= 30


def test_writes_to_rows_that_are_not_listed_cost_no_request() -> None:
    elsewhere = [letter_id(number) for number in range(1_000, 1_100)]
    for seed in SEEDS:
        tasks = Tasks(Letters(40, 4), seed)
        others = deque(elsewhere)

        def beside(tasks: Tasks = tasks, others: deque[str] = others) -> None:
            if others and tasks.luck.random() < 0.3:
                tasks.write("delete", others.popleft())

        tasks.list(beside=beside)
        settled(tasks)
        assert tasks.asked == list(range(1, 11))


@pytest.mark.parametrize("status", [404, 429])
def test_writes_that_had_no_effect_cost_no_request(status: int) -> None:
    """A refused one, and one that was never taken: the rows stayed where they were."""
    letters = Letters(40, 4)
    letters.refuses = status
    tasks = Tasks(letters, 1)
    tasks.list(lambda key: [tasks.write("delete", key)])

    settled(tasks)
    assert tasks.asked == list(range(1, 11))


def test_a_write_whose_answer_was_lost_counts_until_its_deadline() -> None:
    writes = Writes()
    lost = writes.begin("delete", Request("DELETE", f"/letters/{letter_id(1)}"), 1_060.0, 1_000.0)
    writes.end(lost, "unsure", earlier=False)
    watch = writes.watch()
    watch.met.add(letter_id(1))

    before = watch.tick()
    watch.look(1_059.0)
    assert watch.pulls(watch.since(before)) == 1
    watch.look(1_060.0)
    assert watch.since(watch.tick()) == []


@pytest.mark.parametrize(
    ("asked", "gains", "narrows"),
    [
        ({}, False, False),
        ({"status": "pending"}, False, False),
        ({"status": OPEN_STATUSES}, False, False),
        ({"status": "canceled"}, True, False),
        ({"status": ["pending", "expired"]}, True, False),
        ({"status": "pending", "role": "PROJECT.ADMIN"}, False, True),
        ({"email": "nina@example.org"}, False, True),
        ({"native_filters": {"o": "email"}}, True, False),
    ],
)
def test_what_a_write_can_do_follows_from_what_was_asked_for(asked: dict[str, Any], gains: bool, narrows: bool) -> None:
    facade = InviteClient(Waldur("https://waldur.example", token="t"))._facade
    ctx = facade.context("list", {})
    facade.list(ctx, Wanted(**asked), None, None)

    assert (ctx.gains, ctx.narrows) == (gains, narrows)


@pytest.mark.parametrize(
    ("operation", "method", "plain", "narrow", "gaining"),
    [
        # how many rows it pulls, whether it pushes
        ("create", "POST", (0, True), (0, True), (0, True)),
        ("ensure", "POST", (0, True), (0, True), (0, True)),
        ("ensure", "PATCH", (1, True), (1, True), (1, True)),
        ("delete", "DELETE", (1, False), (1, False), (1, True)),
        ("cancel", "POST", (1, False), (1, False), (1, True)),
        ("accept", "POST", (1, False), (1, False), (1, True)),
        ("resend", "POST", (0, True), (1, True), (1, True)),
        ("update", "PATCH", (0, True), (1, True), (1, True)),
        ("approve", "POST", (1, True), (1, True), (1, True)),
        ("user_invitations_send", "POST", (1, True), (1, True), (1, True)),
        ("user_invitations_destroy", "DELETE", (1, False), (1, False), (1, True)),
    ],
)
def test_what_each_operation_can_do_to_a_listing(
    operation: str, method: str, plain: tuple[int, bool], narrow: tuple[int, bool], gaining: tuple[int, bool]
) -> None:
    for wanted, narrows, gains in ((plain, False, False), (narrow, True, False), (gaining, False, True)):
        writes = Writes()
        watch = writes.watch()
        watch.narrows, watch.gains = narrows, gains
        watch.met.add(letter_id(1))
        one = writes.begin(operation, Request(method, f"/letters/{letter_id(1)}"), None, 0.0)
        watch.look(0.0)

        assert (watch.pulls([one]), watch.pushes([one])) == wanted


def test_every_write_is_known_by_what_it_can_do_to_a_listing() -> None:
    assert set(writes_module._KINDS) == set(ADVICE)


def test_writes_are_forgotten_when_they_are_over() -> None:
    writes = Writes()
    for number in range(1_000):
        one = writes.begin("delete", Request("DELETE", f"/letters/{letter_id(number)}"), 1_060.0 + number, 1_000.0)
        writes.end(one, "done" if number % 2 else "unsure", earlier=False)
    assert len(writes._open) == 500

    writes.begin("delete", Request("DELETE", "/letters/1"), 5_000.0, 4_000.0)
    assert len(writes._open) == 1


def test_a_listing_that_is_left_hears_of_no_more_writes() -> None:
    tasks = Tasks(Letters(9, 3), 1)
    flow = listing(tasks.context("list"), tasks.letters, {}, None)
    next(flow)
    assert len(tasks.writes._watches) == 1

    flow.close()
    assert tasks.writes._watches == []


def test_more_writes_between_two_pages_than_are_kept_in_mind_lose_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes_module, "MAX_KEPT", 4)
    for seed in SEEDS:
        tasks = Tasks(Letters(40, 4), seed)
        tasks.list(writing(tasks))

        settled(tasks)


# Where nothing can be done.


def test_rows_that_come_and_go_beside_a_listing_without_end_do_not_end_it() -> None:
    """New rows push and their removals pull: one page that holds a row of the page before shows that none was lost."""
    for seed in SEEDS:
        tasks = Tasks(Letters(60, 5, has_total=seed % 2 == 0), seed)
        running: list[Task] = []

        def beside(tasks: Tasks = tasks, running: list[Task] = running) -> None:
            if all(one.is_over for one in running):
                newest = next(iter(tasks.letters.rows))
                is_new = newest not in tasks.letters.owed
                running[:] = [tasks.write("delete", newest) if is_new else tasks.write("create")]

        tasks.list(beside=beside)
        settled(tasks)


def test_where_nobody_can_tell_whether_rows_were_passed_by_it_is_an_error_in_the_end() -> None:
    """Writes that may do anything to any row, without a pause."""
    tasks = Tasks(Letters(30, 3), 5)
    running: list[Task] = []

    def beside() -> None:
        running[:] = [one for one in running if not one.is_over]
        while len(running) < 2:
            running.append(tasks.write("approve"))

    began = tasks.moment
    with pytest.raises(ResponseParseError, match="the client's own writes move rows as fast as they are read"):
        tasks.list(beside=beside)

    assert 60 < tasks.moment - began < 300
    assert len(tasks.asked) < 500
