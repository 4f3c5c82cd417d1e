"""Listings over numbered pages, driven by hand with made-up pages: what is asked for, what comes out, when it ends."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from invite_clients._runtime import Call, Request, Response
from invite_sdk import Invitation, NotFoundError, ResponseParseError, Status
from invite_sdk._flows import paging
from invite_sdk._flows import walk as walk_module
from invite_sdk._flows.effects import Emit, Outcome, Outgoing, Page
from invite_sdk._flows.filters import Check, check_email, check_status
from invite_sdk._flows.paging import decoded, following, listing, next_link, page_in, read_rows
from invite_sdk._flows.walk import Reading, Walk
from invite_sdk._flows.writes import Writes
from invite_sdk._model.records import Problem
from invite_sdk.services.common import ArrayPages
from tests.support.flows import Hand, answer, context


def row(number: int, *, email: str | None = "nina@example.org", status: Status = Status.PENDING) -> Invitation:
    return Invitation.from_fields("postbox", None, {"id": f"id-{number}", "email": email, "status": status})


@dataclass
class Shelf:
    """A service with rows on numbered pages; `says_*` make it lie."""

    rows: list[Invitation]
    size: int = 2
    says_total: Callable[[int], int | None] = lambda total: total
    says_next: Callable[[int, int | None], int | None] = lambda page, following: following
    problems: dict[int, list[Problem]] = field(default_factory=dict[int, list[Problem]])
    path: str = "/letters"
    asked: int | None = None
    past: Callable[[int], int | None] = lambda _: None
    """Which page it shows in place of one past the end; 0 for an empty one, `None` for a refusal."""

    def call(self, page: int) -> Call[object]:
        request = Request("GET", self.path, (("page", str(page)),))
        return Call("postbox", "letters", request, frozenset({200}), False, "safe", lambda _: None)

    def respond(self, sent: Outgoing) -> Outcome:
        page = int(sent.url.rpartition("=")[2])
        chosen = self.rows[(page - 1) * self.size : page * self.size]
        if page > 1 and not chosen:
            instead = self.past(-(-len(self.rows) // self.size))
            if instead is None:
                return answer(404, {"detail": "Invalid page."})
            chosen = self.rows[(instead - 1) * self.size : instead * self.size] if instead else []
        more = page + 1 if page * self.size < len(self.rows) else None
        ids = [invitation.id for invitation in chosen]
        return answer(200, {"ids": ids, "total": self.says_total(len(self.rows)), "next": self.says_next(page, more)})

    def read(self, response: Response, page: int) -> Reading:
        said = json.loads(response.body)
        by_id = {invitation.id: invitation for invitation in self.known}
        rows = [by_id[wanted] for wanted in said["ids"]]
        return Reading(rows, list(self.problems.get(page, [])), said["total"], said["next"], self.asked)

    def __post_init__(self) -> None:
        self.known = list(self.rows)


@dataclass
class Listed:
    pages: list[Page]
    asked: list[list[int]]

    @property
    def ids(self) -> list[str | None]:
        return [invitation.id for page in self.pages for invitation in page.invitations]

    @property
    def problems(self) -> list[Problem]:
        return [problem for page in self.pages for problem in page.problems]


def walk(
    shelf: Shelf,
    checks: dict[str, Check] | None = None,
    *,
    limit: int | None = None,
    max_window: int = paging.MAX_WINDOW,
    writes: Writes | None = None,
    each: Callable[[Page], object] = lambda _: None,
) -> Listed:
    hand = Hand(shelf.respond)
    ctx = context(operation="list", writes=writes)
    pages = hand.pages(listing(ctx, shelf, checks or {}, limit, max_window), each)
    return Listed(pages, [[int(sent.url.rpartition("=")[2]) for sent in step] for step in hand.sent])


def ids(numbers: Sequence[int]) -> list[str]:
    return [f"id-{number}" for number in numbers]


def rows(count: int) -> list[Invitation]:
    return [row(number) for number in range(count)]


def wrote(writes: Writes, invitation: Invitation) -> None:
    """A write to a row that began and ended between two pages."""
    request = Request("DELETE", f"/letters/{invitation.id}")
    writes.end(writes.begin("delete", request, None, 0.0), "done", earlier=False)


def taking(
    shelf: Shelf, writes: Writes, *, which: Callable[[Invitation], bool] = lambda _: True
) -> Callable[[Page], object]:
    """What a loop does that takes its rows away, one after the other."""

    def take(page: Page) -> None:
        for invitation in filter(which, page.invitations):
            shelf.rows.remove(invitation)
            wrote(writes, invitation)

    return take


# What is asked for


@pytest.mark.parametrize(
    ("count", "asked"),
    [
        (0, [[1]]),
        (1, [[1]]),
        (2, [[1]]),
        (3, [[1], [2]]),
        (6, [[1], [2, 3]]),
        (9, [[1], [2, 3], [4, 5]]),
        (50, [[1], [2, 3], [4, 5, 6, 7], [8, 9, 10, 11, 12, 13, 14, 15], [16, 17, 18, 19, 20, 21, 22, 23], [24, 25]]),
    ],
)
def test_windows_grow_and_end_where_the_total_says(count: int, asked: list[list[int]]) -> None:
    listed = walk(Shelf(rows(count)))

    assert listed.ids == ids(range(count))
    assert listed.asked == asked
    assert [page.number for page in listed.pages] == [number for step in asked for number in step]
    assert {page.total for page in listed.pages} == {count}


def test_lists_that_follow_one_another_are_one() -> None:
    moved = rows(4)
    first, second = Shelf(rows(4), size=3), Shelf([*moved[2:], row(7), row(8)], size=3, path="/later")
    second.problems[1] = [Problem("it is nothing", "nothing", 1)]
    hand = Hand(lambda sent: (second if "/later" in sent.url else first).respond(sent))
    found = hand.pages(listing(context(operation="list"), first, {}, 5, then=[second]))

    assert [(page.number, [one.id for one in page.invitations]) for page in found] == [
        (1, ids([0, 1, 2])),
        (2, ids([3])),
        (3, ids([7])),
    ]
    assert [problem.page for page in found for problem in page.problems] == [3]


def test_the_first_row_costs_one_request() -> None:
    flow = listing(context(), Shelf(rows(1000)), {}, None)
    hand = Hand(Shelf(rows(1000)).respond)
    effect = next(flow)
    while not isinstance(effect, Emit):
        effect = flow.send(hand.effect(effect))
    flow.close()

    assert [len(step) for step in hand.sent] == [1]


def test_a_window_is_never_wider_than_allowed() -> None:
    assert walk(Shelf(rows(20)), max_window=1).asked == [[number] for number in range(1, 11)]
    assert max(len(step) for step in walk(Shelf(rows(200)), max_window=3).asked) == 3


def test_without_a_total_pages_come_one_at_a_time() -> None:
    listed = walk(Shelf(rows(7), says_total=lambda _: None))

    assert listed.ids == ids(range(7))
    assert listed.asked == [[1], [2], [3], [4]]


@pytest.mark.parametrize(
    ("limit", "asked"),
    [(0, []), (1, [[1]]), (2, [[1]]), (3, [[1], [2]]), (5, [[1], [2, 3]]), (6, [[1], [2, 3]]), (99, None)],
)
def test_a_limit_asks_for_no_more_than_it_needs(limit: int, asked: list[list[int]] | None) -> None:
    listed = walk(Shelf(rows(10)), limit=limit)

    assert listed.ids == ids(range(min(limit, 10)))
    assert asked is None or listed.asked == asked


def test_a_limit_counts_the_rows_that_fit() -> None:
    shelf = Shelf([row(n, email="ben@example.org" if n % 3 else "nina@example.org") for n in range(30)])
    listed = walk(shelf, {"email": check_email("NINA@example.org")}, limit=4)

    assert listed.ids == ids([0, 3, 6, 9])


def test_each_window_has_a_deadline_of_its_own() -> None:
    shelf = Shelf(rows(4))
    hand = Hand(shelf.respond)

    def later(_: Page) -> None:
        hand.moment += 500

    hand.pages(listing(context(operation="list"), shelf, {}, None), later)

    assert [step[0].deadline for step in hand.sent] == [1060.0, 1560.0]


# Where it ends


def test_an_empty_page_in_the_middle_is_no_end() -> None:
    class Gappy(Shelf):
        def read(self, response: Response, page: int) -> Reading:
            reading = super().read(response, page)
            return Reading([], [], reading.total, reading.next_page) if page == 2 else reading

    listed = walk(Gappy(rows(7)))

    assert listed.ids == ids([0, 1, 4, 5, 6])


@pytest.mark.parametrize("lie", [0, 1, 2, 5, 1000])
def test_a_total_that_lies_loses_nothing_and_ends(lie: int) -> None:
    listed = walk(Shelf(rows(9), says_total=lambda _: lie))

    assert listed.ids == ids(range(9))
    assert sum(map(len, listed.asked)) <= 9 + 5


def test_a_total_that_promises_pages_which_are_not_there_is_not_trusted_again() -> None:
    listed = walk(Shelf(rows(21), says_total=lambda _: 1000))

    assert listed.ids == ids(range(21))
    assert listed.asked[:4] == [[1], [2, 3], [4, 5, 6, 7], [8, 9, 10, 11, 12, 13, 14, 15]]
    assert listed.asked[4:] == [[8], [9], [10], [11]]


@pytest.mark.parametrize("named", [1, 2, 3])
def test_a_page_that_names_itself_or_an_earlier_one_as_next_is_a_circle(named: int) -> None:
    shelf = Shelf(rows(20), says_next=lambda page, following: named if page == 3 else following)

    with pytest.raises(ResponseParseError, match=f"page 3 names page {named} as the next"):
        walk(shelf)


@pytest.mark.parametrize(
    ("shown", "said"),
    [(["id-0", "id-1"], "repeated what was there already"), ([], "were empty and named another")],
    ids=["the page is ignored", "empty pages"],
)
def test_pages_without_end_that_bring_nothing_new_are_a_circle(shown: list[str], said: str) -> None:
    class Endless(Shelf):
        def respond(self, sent: Outgoing) -> Outcome:
            page = int(sent.url.rpartition("=")[2])
            return answer(200, {"ids": shown, "total": None, "next": page + 1})

    with pytest.raises(ResponseParseError, match=said):
        walk(Endless(rows(len(shown))))


@pytest.mark.parametrize("total", [None, 0, 1])
@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1, 0, 0, 0)])
def test_empty_pages_between_repeated_ones_are_a_circle_too(order: tuple[int, ...], total: int | None) -> None:
    class Endless(Shelf):
        def respond(self, sent: Outgoing) -> Outcome:
            page = int(sent.url.rpartition("=")[2])
            assert page < 100
            return answer(200, {"ids": ids(range(order[page % len(order)])), "total": total, "next": page + 1})

    with pytest.raises(ResponseParseError, match="repeated what was there already"):
        walk(Endless(rows(1)))


@pytest.mark.parametrize("count", [6, 9, 10, 12, 13, 30])
@pytest.mark.parametrize("is_named", [True, False])
def test_pages_that_begin_again_are_a_circle_however_many_there_were(
    count: int, is_named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk_module, "_REMEMBERED", 9)

    class Round(Shelf):
        def respond(self, sent: Outgoing) -> Outcome:
            page = int(sent.url.rpartition("=")[2])
            assert page < 100
            start = (page - 1) % -(-count // 3) * 3
            found = [one.id for one in self.rows[start : start + 3]]
            return answer(200, {"ids": found, "total": None, "next": page + 1 if is_named else None})

    met: list[str | None] = []
    shelf = Round(rows(count), asked=None if is_named else 3)
    may_end = not is_named and count <= 9  # then every row is known again
    with suppress(ResponseParseError) if may_end else pytest.raises(ResponseParseError, match="come to an end"):
        walk(shelf, each=lambda page: met.extend(one.id for one in page.invitations))

    assert met == ids(range(count))


def test_a_next_page_that_is_never_there_is_a_circle() -> None:
    shelf = Shelf(rows(4), says_next=lambda page, _: page + 1)

    with pytest.raises(ResponseParseError, match="changes faster than it can be read"):
        walk(shelf)


def test_a_missing_first_page_is_the_services_refusal() -> None:
    class Gone(Shelf):
        def respond(self, sent: Outgoing) -> Outcome:
            return answer(404, {"detail": "Not found."})

    with pytest.raises(NotFoundError):
        walk(Gone([]))


# Where nothing says that it ends


def silent(count: int, size: int, **said: Any) -> Shelf:
    """A service whose pages do not say whether there are others."""
    shelf = Shelf(rows(count), size, **{"says_total": lambda _: None, "asked": size, **said})
    shelf.says_next = lambda page, following: None
    return shelf


PAST: dict[str, Callable[[int], int | None]] = {
    "a refusal": lambda last: None,
    "an empty page": lambda last: 0,
    "the last page again": lambda last: last,
}


@pytest.mark.parametrize("past", PAST)
def test_pages_that_say_nothing_of_others_are_followed_to_the_end(past: str) -> None:
    for count in range(12):
        for size in (1, 3, 5):
            pages = max(1, -(-count // size))
            # Asked for more than the service gives, for as many, for who knows how many.
            for asked in (7, size, 0):
                shelf = silent(count, size, asked=asked, past=PAST[past])
                if past == "the last page again" and pages == 1 and count and asked in (0, count):
                    # It may be the first of many that are never shown.
                    with pytest.raises(ResponseParseError, match="repeated what was there already"):
                        walk(shelf)
                    continue
                listed = walk(shelf)

                assert listed.ids == ids(range(count))
                repeated = 4 if past == "the last page again" else 1
                assert listed.asked == [[number] for number in range(1, pages + (repeated if count else 0) + 1)]


class Miscounting(Shelf):
    """A service that takes the rows of each page for all."""

    def respond(self, sent: Outgoing) -> Outcome:
        self.says_total = lambda _: held
        page = int(sent.url.rpartition("=")[2])
        held = len(self.rows[(page - 1) * self.size : page * self.size]) or len(self.rows)
        return super().respond(sent)


@pytest.mark.parametrize("past", PAST)
@pytest.mark.parametrize("asked", [None, 4], ids=["names the next page", "says nothing"])
@pytest.mark.parametrize("count", [0, 1, 4, 8, 9, 21])
def test_a_total_that_counts_the_rows_of_each_page_is_none(count: int, asked: int | None, past: str) -> None:
    shelf = Miscounting(rows(count), 4, asked=asked, past=PAST[past])
    if asked is not None:
        shelf.says_next = lambda page, following: None
    listed = walk(shelf)

    assert listed.ids == ids(range(count))
    assert {page.total for page in listed.pages[1:]} <= ({None} if count > 4 else {count})


@pytest.mark.parametrize("past", PAST)
def test_a_full_first_page_that_says_nothing_is_followed_once_although_its_total_ends_with_it(past: str) -> None:
    for count, asked in ((4, [1, 2]), (8, [1, 2]), (3, [1])):
        listed = walk(silent(count, 4, says_total=lambda total: total, past=PAST[past]))

        assert listed.ids == ids(range(count))
        assert listed.asked == [[number] for number in asked]


TOTALS: dict[str, Callable[[int], int | None]] = {
    "true": lambda total: total,
    "none": lambda total: None,
    "0": lambda total: 0,
    "low": lambda total: total - 2,
    "high": lambda total: total + 2,
    "1000": lambda total: 1000,
}


@pytest.mark.parametrize("total", TOTALS)
@pytest.mark.parametrize("past", PAST)
@pytest.mark.parametrize("asked", [None, 4], ids=["says that it ends", "says nothing"])
def test_no_row_is_left_out_without_a_word_whatever_the_total(asked: int | None, past: str, total: str) -> None:
    for count in (0, 1, 3, 4, 5, 8, 9, 21):
        shelf = silent(count, 4, asked=asked, past=PAST[past], says_total=TOTALS[total])
        if asked is None:
            shelf.says_next = lambda page, following: following
        with suppress(ResponseParseError):
            assert walk(shelf).ids == ids(range(count))


@pytest.mark.parametrize("count", [5, 8, 9, 21])
def test_a_page_that_calls_itself_the_last_is_not_where_the_total_says_more(count: int) -> None:
    listed = walk(silent(count, 4, asked=None, says_total=lambda total: total))

    assert listed.ids == ids(range(count))
    assert listed.asked == [[number] for number in range(1, -(-count // 4) + 1)]


@pytest.mark.parametrize("asked", [None, 2])
def test_an_empty_first_page_is_not_all_where_the_total_says_more(asked: int | None) -> None:
    class Late(Shelf):
        def read(self, response: Response, page: int) -> Reading:
            reading = super().read(response, page)
            return replace(reading, rows=[] if page == 1 else reading.rows)

    shelf = Late(rows(4), asked=asked)
    shelf.says_next = lambda page, following: None

    assert walk(shelf).ids == ids([2, 3])


@pytest.mark.parametrize("says_total", [True, False])
def test_a_next_page_that_is_further_on_passes_none_over(says_total: bool) -> None:
    shelf = Shelf(rows(9), says_total=lambda total: total if says_total else None)
    shelf.says_next = lambda page, following: following and following + 2

    assert walk(shelf).ids == ids(range(9))


@pytest.mark.parametrize("past", ["a refusal", "an empty page"])
def test_a_total_that_says_too_much_costs_one_request(past: str) -> None:
    shelf = silent(7, 4, asked=None, says_total=lambda total: total + 3, past=PAST[past])

    assert walk(shelf).asked == [[1], [2], [3]]


def test_a_total_ends_where_nothing_else_does() -> None:
    listed = walk(silent(21, 4, asked=300, says_total=lambda total: total))

    assert listed.asked == [[1], [2, 3], [4, 5, 6]]


def test_the_only_page_of_a_service_that_knows_no_pages_ends() -> None:
    class Whole(Shelf):
        def respond(self, sent: Outgoing) -> Outcome:
            return super().respond(replace(sent, url=sent.url.rpartition("=")[0] + "=1"))

    for count in (1, 3, 9):
        shelf = Whole(rows(count), 9, says_total=lambda _: None, says_next=lambda page, following: None, asked=4)

        assert walk(shelf).ids == ids(range(count))
    # Four are as many as were asked for, and two of five are fewer than there are.
    for shelf in (
        Whole(rows(9), 4, says_total=lambda _: None, says_next=lambda page, following: None, asked=4),
        Whole(rows(5), 2, says_next=lambda page, following: None, asked=4),
    ):
        with pytest.raises(ResponseParseError, match="repeated what was there already"):
            walk(shelf)


@pytest.mark.parametrize("remembered", [0, 20_000])
def test_rows_that_cannot_be_told_apart_are_not_read_for_ever(remembered: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_module, "_REMEMBERED", remembered)

    class Nameless(Shelf):
        def read(self, response: Response, page: int) -> Reading:
            reading = super().read(response, page)
            nameless = [one.model_copy(update={"id": None}) for one in reading.rows]
            return replace(reading, rows=reading.rows if remembered == 0 else nameless)

    shelf = Nameless(rows(3), 3, says_total=lambda _: None, says_next=lambda page, following: None, asked=9)
    shelf.past = lambda last: 1

    with pytest.raises(ResponseParseError, match="cannot be told apart"):
        walk(shelf)


def test_pages_that_say_nothing_and_hold_nothing_that_can_be_read_come_to_an_end() -> None:
    class Babbling(Shelf):
        def respond(self, sent: Outgoing) -> Outcome:
            return answer(200, {"ids": [], "total": None, "next": None})

        def read(self, response: Response, page: int) -> Reading:
            return Reading([], [Problem("no", {"said": page}, page)], None, None, 2)

    shelf = Babbling([])
    with pytest.raises(ResponseParseError, match="4 pages in a row held no row that can be read"):
        walk(shelf)


def test_a_page_that_was_promised_and_is_gone_lets_look_at_the_one_before_again() -> None:
    shelf = silent(12, 4, says_total=lambda total: total)

    def take(page: Page) -> None:
        if page.number == 2 and len(shelf.rows) == 12:
            del shelf.rows[:4]  # somebody else

    listed = walk(shelf, each=take, max_window=1)

    assert listed.ids == ids(range(12))
    assert listed.asked == [[1], [2], [3], [2]]


def test_pages_that_say_nothing_lose_no_row_while_rows_are_taken_away() -> None:
    for size in (1, 3, 4):
        for total in (lambda total: total), (lambda _: None):
            shelf, writes = silent(30, size, says_total=total), Writes()
            shelf.past = lambda last: 0
            listed = walk(shelf, writes=writes, each=taking(shelf, writes))

            assert sorted(listed.ids, key=str) == sorted(ids(range(30)))


# Rows that shift


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("count", [1, 2, 5, 30, 101])
def test_whoever_takes_every_row_away_within_the_loop_meets_every_row_once(size: int, count: int) -> None:
    shelf, writes = Shelf(rows(count), size), Writes()
    listed = walk(shelf, writes=writes, each=taking(shelf, writes))

    assert sorted(listed.ids, key=str) == sorted(ids(range(count)))
    assert shelf.rows == []


@pytest.mark.parametrize("every", [2, 3, 5])
@pytest.mark.parametrize("says_total", [True, False])
def test_so_does_whoever_takes_some_of_them(every: int, says_total: bool) -> None:
    shelf, writes = Shelf(rows(60), 4), Writes()
    shelf.says_total = (lambda total: total) if says_total else (lambda _: None)
    listed = walk(shelf, writes=writes, each=taking(shelf, writes, which=lambda one: int(str(one.id)[3:]) % every == 0))

    assert sorted(listed.ids, key=str) == sorted(ids(range(60)))


def test_writes_that_shift_nothing_repeat_no_row() -> None:
    shelf, writes = Shelf(rows(40), 4), Writes()

    def write(page: Page) -> None:
        for invitation in page.invitations:
            wrote(writes, invitation)

    assert walk(shelf, writes=writes, each=write).ids == ids(range(40))


@pytest.mark.parametrize("gone", [1, 3, 4, 9])
def test_rows_that_somebody_else_takes_away_shift_nothing_out_of_sight(gone: int) -> None:
    shelf = Shelf(rows(40), 4)
    before = list(shelf.rows)

    def take(page: Page) -> None:
        if page.number == 3 and len(shelf.rows) == 40:
            del shelf.rows[:gone]

    listed = walk(shelf, each=take)

    met = set(listed.ids)
    assert len(listed.ids) == len(met)
    assert {invitation.id for invitation in before[12:]} <= met


def test_a_list_that_shrinks_below_the_next_page_ends_well() -> None:
    shelf = Shelf(rows(12), 4)

    def take(page: Page) -> None:
        if page.number == 1:
            del shelf.rows[3:]

    assert walk(shelf, each=take, max_window=1).ids == ids([0, 1, 2, 3])


def test_new_rows_at_the_front_repeat_none() -> None:
    shelf = Shelf(rows(20), 4)
    new = [row(number) for number in range(100, 103)]
    shelf.known += new

    def add(page: Page) -> None:
        if page.number == 2 and len(shelf.rows) == 20:
            shelf.rows[:0] = new

    listed = walk(shelf, each=add, max_window=1)

    assert listed.ids == ids(range(20))


def test_rows_without_an_id_are_never_taken_for_one_another() -> None:
    class Nameless(Shelf):
        def read(self, response: Response, page: int) -> Reading:
            reading = super().read(response, page)
            reading.rows[:] = [one.model_copy(update={"id": None}) for one in reading.rows]
            return reading

    assert len(walk(Nameless(rows(9))).ids) == 9


@pytest.mark.parametrize("order", [(0, 1, 0, 2), (0, 0, 1, 2), (1, 0, 2, 2), (0, 0, 0)])
def test_an_id_that_stands_on_a_page_twice_is_met_once_and_no_other_is_lost(order: tuple[int, ...]) -> None:
    said = [row(number) for number in order]
    walker = Walk(Writes().watch(), 60.0)

    assert walker.unseen([*said]) == list(dict.fromkeys(said))
    assert walker.unseen([*said, row(3)]) == [row(3)]
    assert sorted(walker.watch.met) == sorted(walker.order) == ids(sorted({*order, 3}))


@pytest.mark.parametrize("blank", ["", " "])
def test_rows_with_a_blank_id_are_never_taken_for_one_another(blank: str) -> None:
    class Blank(Shelf):
        def read(self, response: Response, page: int) -> Reading:
            reading = super().read(response, page)
            reading.rows[:] = [one.model_copy(update={"id": blank}) for one in reading.rows]
            return reading

    listed = walk(Blank(rows(9)))
    assert listed.ids == [blank] * 9


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_module, "_REMEMBERED", 10)
    walker = Walk(Writes().watch(), 60.0)
    for start in range(0, 100, 5):
        assert len(walker.unseen([row(start + offset) for offset in range(5)])) == 5

    assert len(walker.watch.met) == len(walker.order) == 10
    assert walker.unseen([row(90), row(99), row(3)]) == [row(3)]


# Rows that cannot be used


def test_bad_rows_are_reported_and_lose_no_page() -> None:
    bad = Problem("email: Field required", {"id": 5}, 2)
    listed = walk(Shelf(rows(6), problems={2: [bad]}))

    assert listed.ids == ids(range(6))
    assert listed.problems == [bad]


def test_pages_of_nothing_but_bad_rows_are_no_circle_and_no_end() -> None:
    class Bad(Shelf):
        def read(self, response: Response, page: int) -> Reading:
            reading = super().read(response, page)
            if page == 40:
                return reading
            bad = [Problem("no", {"id": one.id}, page) for one in reading.rows]
            return Reading([], bad, reading.total, reading.next_page)

    listed = walk(Bad(rows(80)), max_window=1)

    assert listed.ids == ids([78, 79])
    assert len(listed.problems) == 78


def test_a_bad_row_is_reported_once_however_often_its_page_is_read() -> None:
    bad = Problem("no", {"id": "bad"}, 1)
    shelf, writes = Shelf(rows(12), 4, problems={1: [bad], 2: [bad]}), Writes()

    assert walk(shelf, writes=writes, each=taking(shelf, writes)).problems == [bad]


def test_rows_that_do_not_fit_are_dropped_and_those_that_do_not_say_are_reported() -> None:
    shelf = Shelf([row(0), row(1, status=Status.ACCEPTED), row(2, email=None), row(3)])
    checks = {"email": check_email("nina@example.org"), "status": check_status(frozenset({Status.PENDING}))}
    listed = walk(shelf, checks)

    assert listed.ids == ids([0, 3])
    (problem,) = listed.problems
    assert (problem.row, problem.page) == (row(2, email=None), 2)
    assert problem.reason == "the row does not say its email, which the filter asks for"


# Links


@pytest.mark.parametrize(
    ("link", "page"),
    [
        (None, None),
        ("", None),
        ("https://w.example/api/user-invitations/?page=3&page_size=2", 3),
        ("https://evil.example/elsewhere?page=4", 4),
        ("?state=pending&page=12", 12),
        ("https://w.example/api/user-invitations/", 8),
        ("https://w.example/?page=", 8),
        ("https://w.example/?page=abc", 8),
        ("https://w.example/?page=-1", 8),
        ("https://w.example/?page=²", 8),
        ("https://w.example/?page=12345678901", 8),
        ("https://w.example/?cursor=xyz", 8),
    ],
)
def test_a_link_gives_a_page_number_and_nothing_else(link: str | None, page: int | None) -> None:
    assert page_in(link, 7) == page


RELATED = '<https://docs.example/?page=9>; rel="deprecation"'


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('</?page=2>; title="the next"; rel="next"', "/?page=2"),
        ('<?page=2>;rel="item next last"', "?page=2"),
        ("<?page=2>; REL=Next; type=text", "?page=2"),
        ("<?page=2> ;\trel\t=\t next ", "?page=2"),
        ("<?page=2>; rel=next; rel=prev", "?page=2"),
        ("<?page=2>; rel=prev; rel=next", None),
        ("<?page=2>; rel=next; anchor='#x'", None),
        ('<?page=2>; rel=next; anchor=""', "?page=2"),
        ('<?page=2>; rel="nextish"', None),
        ("<?page=2>; rel", None),
        ("<?page=2>; rel*=UTF-8''next", None),
        ("<?page=2>; title*=UTF-8'en'n%e2%82%ac; rel=next;", "?page=2"),
        ('<?page=9>; rel=prev; title="a, <?page=8>; rel=next; \\", <b>", <?page=2>; rel=next', "?page=2"),
        ('<?page=9>; title=", <?page=8>; rel=\\"next\\""; rel=up', None),
        (f"{RELATED}, ,<?page=2>; rel=next", "?page=2"),
        (f'{RELATED}; title="unclosed, <?page=2>; rel=next', "?page=2"),
        ("nonsense, <?page=2>; rel=next", "?page=2"),
        ("<?page=2>; rel=next nonsense", "?page=2"),
        ('<?page=2; rel="next"', None),
        ('<https://w.example/?page=2>; rel="next"', "https://w.example/?page=2"),
        (
            (
                '<https://w.example/?page=1>; rel="first", <https://w.example/?page=3>; rel="next", '
                '<https://w.example/?page=9>; rel="last"'
            ),
            "https://w.example/?page=3",
        ),
        (
            '<https://w.example/?o=a,b&page=1>; rel="prev", <https://w.example/?o=a,b&page=3>; rel="next"',
            "https://w.example/?o=a,b&page=3",
        ),
        ('<https://w.example/?q=>; rel="prev", <https://w.example/?page=1>; rel="first"', None),
        ("<https://w.example/?page=2>; rel=next", "https://w.example/?page=2"),
        ("", None),
        ("nonsense", None),
    ],
)
def test_the_next_target_of_a_link_header_is_found(header: str, target: str | None) -> None:
    assert next_link(Response(200, (("Link", header),))) == target


def test_each_of_several_link_headers_counts() -> None:
    headers = (("link", RELATED), ("Link", '<?page=3; rel="next'), ("LINK", "<?page=4>; rel=next"))

    assert following(Response(200, headers), 3) == (4, True, False)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ([], (None, False, True)),
        ([RELATED], (None, False, True)),
        (['<?page=1>; rel="first"', '<?page=3>; rel="last"'], (None, True, True)),
        (["<?page=2>; rel=prev, <?page=1>; rel=first"], (None, True, True)),
        (["<?page=2>; rel=prev, <?page=2>; rel=previous"], (None, False, True)),
        (['<?page=1>; rel="first", <?page=9>; rel="last", <?page=2>; rel="last"'], (None, False, True)),
        (['<?page=1>; rel="first", <?page=2>; rel="last", <?page=9>; rel="last"'], (None, True, True)),
        (['<?page=1>; rel="first", <?page=3>; rel="last", '], (None, True, True)),
        (["<https://cdn.example/a>; rel=prev"], (None, False, True)),
        (["<?page=1>; rel=first"], (None, False, True)),
        (["<https://cdn.example/a>; rel=last"], (None, False, True)),
        (["<?page=1>; rel=first; anchor=x"], (None, False, True)),
        (["<?page=1>; rel=first, <?page=4>; rel=last"], (None, False, True)),
        (["<?page=1>; rel=first, <?page="], (None, False, False)),
        (["<?page=1>; rel=first", '<x>; rel="y'], (None, False, False)),
        (["<?cursor=x>; rel=next"], (4, True, True)),
        (["<>; rel=next"], (4, True, True)),
    ],
)
def test_links_to_pages_without_a_next_one_say_that_there_is_none(headers: list[str], said: object) -> None:
    assert following(Response(200, tuple(("Link", value) for value in headers)), 3) == said


# What RFC 8288 allows, written from its grammar.

URLS = ("?page=2", "https://w.example/?o=a,b;c&page=3", "/x?q='rel=next'", "")
RELATIONS = ("next", "Next", "prev", "first", "last", "up", "nexts", "https://x.example/next")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _some(luck: Random, letters: str, least: int = 0) -> str:
    return "".join(luck.choices(letters, k=luck.randint(least, 9)))


def _link(luck: Random) -> tuple[str, str | None]:
    """A link, and its target where it is one to the next page."""
    url, relations = luck.choice(URLS), luck.choices(RELATIONS, k=luck.randint(0, 3))
    parameters = [
        ("title", _quoted(_some(luck, 'next<>;,="\\ abp?rl'))),
        (_some(luck, "x-_*!'", 1), _some(luck, "abnext")),
    ]
    anchor = luck.choice((None, None, None, "", "#elsewhere"))
    if anchor is not None:
        parameters.append(("anchor", _quoted(anchor)))
    luck.shuffle(parameters)
    if relations:
        bare = relations[0] if len(relations) == 1 else None
        said = bare if bare and luck.random() < 0.5 else _quoted(luck.choice((" ", "  ")).join(relations))
        place = luck.randint(0, len(parameters))
        parameters.insert(place, (luck.choice(("rel", "REL", "Rel")), said))
        if luck.random() < 0.5:
            parameters.insert(luck.randint(place + 1, len(parameters)), ("rel", luck.choice(RELATIONS)))
    spaces = ("", "", " ", "\t", "  ")
    text = f"<{url}>"
    for name, value in parameters:
        before, after, between, behind = luck.choices(spaces, k=4)
        text += f"{before};{after}{name}{between}={behind}{value}"
    is_next = not anchor and any(relation.lower() == "next" for relation in relations)
    return text + luck.choice(("", ";", " ;")), url if is_next else None


def test_links_are_read_as_they_are_written() -> None:
    for seed in range(3_000):
        luck = Random(seed)
        fields = [[_link(luck) for _ in range(luck.randint(1, 3))] for _ in range(luck.randint(0, 3))]
        commas = (",", ", ", " ,\t", ",,", " , ,")
        written = [luck.choice(("", ",")) + luck.choice(commas).join(text for text, _ in links) for links in fields]
        response = Response(200, tuple(("Link", value) for value in written))
        wanted = [url for links in fields for _, url in links if url is not None]
        found = next_link(response)
        said = following(response, 1)

        assert (found in wanted) if wanted else found is None, written
        assert said.is_whole, written
        assert said.is_said or not wanted, written


@given(st.text('<>;,="\\ \tnextrlp', max_size=40))
def test_links_that_are_none_are_no_end_and_no_failure(header: str) -> None:
    said = following(Response(200, (("Link", f'<?page=1>; rel="first last", {header}'),)), 1)

    assert said.page is not None or said.is_said is said.is_whole


@pytest.mark.parametrize("piece", ["<", ", <", "<a>;", '<a>; t="', "\\", ' ;a="\\"', ",\t", "<a>; rel=next x,"])
def test_a_long_link_header_takes_no_long_time(piece: str) -> None:
    started = time.perf_counter()
    following(Response(200, (("Link", piece * (60_000 // len(piece))),)), 1)

    assert time.perf_counter() - started < 1


# Bare arrays


class Letter(BaseModel):
    sender: str


def letters(query: Callable[[int], tuple[tuple[str, str], ...]], size: int | None) -> ArrayPages[Letter]:
    def ask(page: int) -> Call[list[Letter]]:
        request = Request("GET", "/letters", query(page))
        read = TypeAdapter(list[Letter]).validate_json
        return Call("postbox", "letters", request, frozenset({200}), False, "safe", lambda said: read(said.body))

    return ArrayPages(ask, Letter, lambda letter: row(int(letter.sender)), size)


ENDS, NEXT = '<?page=1>; rel="first last"', "<?page=4>; rel=next"


@pytest.mark.parametrize(
    ("link", "page", "size", "said"),
    [
        (None, 1, None, (None, None, 0)),
        (None, 1, 3, (None, 2, None)),
        (None, 1, 2, (None, None, 2)),
        (None, 3, 2, (None, None, 2)),
        (None, 3, 3, (None, None, None)),
        (ENDS, 1, 2, (None, 2, None)),
        (ENDS, 3, 2, (None, None, None)),
        ("<https://cdn.example/a>; rel=prev", 1, 2, (None, None, 2)),
        (NEXT, 3, 2, (4, None, None)),
        (NEXT, 1, 9, (4, None, None)),
        (RELATED, 1, 9, (None, 2, None)),
        (RELATED, 1, 2, (None, None, 2)),
        (f"{ENDS}, <", 1, 9, (None, None, 9)),
    ],
)
def test_bare_arrays_end_where_they_say_so_or_are_shorter_than_they_could_be(
    link: str | None, page: int, size: int | None, said: object
) -> None:
    response = answer(200, [{"sender": "1"}, {"sender": "2"}], **({} if link is None else {"Link": link}))
    reading = letters(lambda page: (("page", str(page)),), size).read(response, page)

    assert (reading.next_page, reading.total, reading.asked) == said


def test_bare_arrays_that_are_asked_for_without_a_page_are_all_there_is() -> None:
    reading = letters(lambda page: (), None).read(answer(200, [{"sender": "1"}, {"sender": "x"}]), 1)

    assert (len(reading.rows), len(reading.problems)) == (1, 1)
    assert (reading.next_page, reading.total, reading.asked) == (None, 2, None)


# Rows one by one


def test_rows_are_read_one_by_one_when_the_page_does_not_read_as_a_whole() -> None:
    found: tuple[list[Letter], list[Problem]] = read_rows(
        answer(200), [{"sender": "a"}, {"sender": 5}, "x", {"sender": "b"}], Letter, 3
    )

    assert [letter.sender for letter in found[0]] == ["a", "b"]
    assert [(problem.row, problem.page) for problem in found[1]] == [({"sender": 5}, 3), ("x", 3)]
    assert found[1][0].reason.startswith("sender: ")
    assert found[1][1].reason.startswith("row: ")


@pytest.mark.parametrize("said", [{"results": []}, None, "x", 5])
def test_a_page_that_is_no_array_is_an_error(said: object) -> None:
    with pytest.raises(ResponseParseError, match="expected an array of rows"):
        read_rows(answer(200, said), said, Letter, 1)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1,", b"[" * 100_000, b"\xff"])
def test_a_page_that_is_no_json_is_an_error(body: bytes) -> None:
    with pytest.raises(ResponseParseError, match="expected JSON"):
        decoded(Response(200, (), body))


def test_a_page_that_is_json_is_decoded() -> None:
    assert decoded(Response(200, (), b'[{"a": 1}]')) == [{"a": 1}]
