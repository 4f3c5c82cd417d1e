"""Listings page by page: lazily, to the end, and never in a circle, whatever a server says about its pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from invite_sdk import NO_RETRIES, InviteClient, ResponseParseError
from invite_sdk.testing import FakeRequest, FakeResponse
from invite_sdk.testing.suite.calling import call, fill, prepared
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddling import pages_changed, rows_changed, with_param
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import cells, having, newest, over

ERRORS = (b"{}", b'{"detail": "Not for you."}', b'{"message": "Not for you."}', b'{"errors": ["Not for you."]}')


def pages_asked(world: World) -> int:
    """How many pages of a listing were answered."""
    return sum(world.is_listing(one.request, one.response) for one in world.fake.requests)


def page_of(world: World, request: FakeRequest) -> int:
    """The number of the page that is asked for."""
    return int(request.param(world.page_key) or 1)


def page_url(world: World, number: int) -> str:
    """The URL of a page."""
    return f"{world.listing_url}?{world.page_key}={number}"


def ids(client: InviteClient, **named: Any) -> list[str]:
    return [row.id or "" for row in client.list(**named)]


@having("list.page_size")
@pytest.mark.parametrize(("rows", "size"), [(0, 5), (1, 5), (5, 5), (6, 5), (24, 5), (25, 5), (61, 2)])
def test_every_row_comes_once_whatever_the_size_of_a_page(
    world: World, rows: int, size: int, client: InviteClient
) -> None:
    wanted = fill(world, rows)

    assert sorted(ids(client, page_size=size)) == wanted


@having("list.page_size")
def test_a_page_size_is_asked_for(world: World, client: InviteClient) -> None:
    fill(world, 12)

    ids(client, page_size=7)

    assert {one.request.param(world.size_key) for one in world.asked()} == {"7"}


@having("list")
def test_a_limit_is_kept(world: World, client: InviteClient) -> None:
    fill(world, 4)

    assert ids(client, limit=0) == []
    assert world.fake.requests == []
    assert [len(ids(client, limit=limit)) for limit in (1, 3, 4, 100)] == [1, 3, 4, 4]


@having("list.page_size")
def test_a_limit_asks_for_no_page_too_many(world: World, client: InviteClient) -> None:
    fill(world, 40)

    assert len(ids(client, limit=10, page_size=10)) == 10
    assert pages_asked(world) == 1


@having("list")
def test_nothing_is_asked_before_the_first_row_is_wanted(world: World, client: InviteClient) -> None:
    world.invite()

    pager = client.list()

    assert world.fake.requests == []
    assert len(pager.all()) == 1


@having("list.page_size")
def test_the_first_row_costs_one_request(world: World, client: InviteClient) -> None:
    fill(world, 40)

    assert client.list(page_size=5).first() is not None
    assert pages_asked(world) == 1
    assert next(iter(client.list(page_size=5))) is not None
    assert pages_asked(world) == 2


@having("list")
def test_an_empty_list_has_no_first_row(client: InviteClient) -> None:
    assert client.list().first() is None
    assert client.list().all() == []


@having("list")
def test_iterating_again_starts_again(world: World, client: InviteClient) -> None:
    pager = client.list()
    fill(world, 3)
    before = [row.id for row in pager]
    fill(world, 1, turn=1)

    assert len(before) == 3
    assert len([row.id for row in pager]) == 4
    assert len(pager.all()) == 4


@having("list.page_size")
def test_two_iterations_of_one_pager_do_not_disturb_each_other(world: World, client: InviteClient) -> None:
    wanted = fill(world, 12)
    pager = client.list(page_size=5)

    pairs = list(zip(pager, pager, strict=True))

    assert sorted(one.id or "" for one, _ in pairs) == wanted
    assert [one.id for one, _ in pairs] == [two.id for _, two in pairs]


@having("list.page_size")
def test_pages_tell_their_number_rows_and_the_total(world: World, connect: Connect) -> None:
    fill(world, 12)

    pages = list(connect().list(page_size=5, status="pending").pages())

    total = 12 if world.tells_totals else None
    assert [(page.number, len(page.invitations), page.total) for page in pages] == [
        (1, 5, total),
        (2, 5, total),
        (3, 2, total),
    ] or [len(page.invitations) for page in pages] == [10, 2]  # servers that ignore the page size


@having("list.page_size")
def test_a_next_link_to_another_host_is_never_followed(world: World, connect: Connect) -> None:
    wanted = fill(world, 23)

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        if (following := world.next_of(response)) is None:
            return response
        return world.with_next(response, following.replace(world.fake.base_url, "https://evil.example"))

    assert sorted(ids(connect(after=after), page_size=5)) == wanted
    assert pages_asked(world) > 2
    assert {one.request.header("Host") for one in world.fake.requests} == {world.fake.base_url.partition("//")[2]}


@having("list.page_size")
@pytest.mark.parametrize("number", [1, 2, None, 0])
def test_a_next_link_that_leads_back_is_refused(world: World, number: int | None, connect: Connect) -> None:
    fill(world, 23)

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        if page_of(world, request) < 2:
            return response
        return world.with_next(response, page_url(world, 1 if number is None else number))

    with pytest.raises(ResponseParseError, match="end"):
        ids(connect(after=after), page_size=5)

    assert len(world.fake.requests) < 10


@having("list.page_size")
@pytest.mark.parametrize(("rows", "most"), [(5, 10), (0, 100)], ids=["full", "empty"])
def test_a_server_that_gives_the_same_page_for_ever_is_refused(
    world: World, rows: int, most: int, connect: Connect
) -> None:
    fill(world, rows)

    def before(request: FakeRequest) -> FakeRequest:
        return with_param(request, world.page_key, 1)

    def after(request: FakeRequest, response: FakeResponse) -> FakeResponse:
        return world.with_next(response, page_url(world, page_of(world, request) + 1))

    with pytest.raises(ResponseParseError, match="end"):
        ids(connect(before=before, after=after), page_size=5)

    assert len(world.fake.requests) < most


@having("list.page_size", tells_totals=True)
@pytest.mark.parametrize("total", [0, 1, 7, 1_000_000])
def test_a_total_that_lies_loses_no_row(world: World, total: int, connect: Connect) -> None:
    wanted = fill(world, 37)

    lying = pages_changed(world, lambda page: world.with_total(page, total))

    assert sorted(ids(connect(after=lying), page_size=3)) == wanted


@having("list.page_size", tells_totals=True)
def test_totals_that_jump_about_lose_no_row_without_a_word(world: World, connect: Connect) -> None:
    wanted = fill(world, 37)
    totals = iter([37, 500, 2, 0, 37, 36, 9, 1000] * 100)
    client = connect(after=pages_changed(world, lambda page: world.with_total(page, next(totals))))
    found: list[str] = []
    with suppress(ResponseParseError):
        found = ids(client, page_size=3)

    assert sorted(found) in (wanted, [])
    assert len(world.fake.requests) < 1_000


@having("list.page_size", tells_totals=True)
def test_no_total_at_all_loses_no_row(world: World, connect: Connect) -> None:
    wanted = fill(world, 37)

    assert sorted(ids(connect(after=pages_changed(world, world.without_total)), page_size=3)) == wanted


@newest("list.page_size")
def test_whatever_becomes_of_what_a_page_says_of_the_others_every_row_comes_once(
    world: World, connect: Connect
) -> None:
    wanted: list[str] = []
    for turn, rows in enumerate((0, 4, 1, 5, 1, 4)):  # up to a page, two and three, and one beyond each
        wanted = sorted([*wanted, *fill(world, rows, turn)])
        for name, change in world.unclear().items():
            world.fake.requests.clear()

            assert sorted(ids(connect(after=pages_changed(world, change)), page_size=5)) == wanted, name
            assert len(world.fake.requests) <= len(wanted) // 5 + 3, name


@having("list.page_size")
@pytest.mark.parametrize("real", [2, 4, 9])
def test_a_page_that_lies_about_its_size_loses_no_row(world: World, real: int, connect: Connect) -> None:
    wanted = fill(world, 37)

    def before(request: FakeRequest) -> FakeRequest:
        return with_param(request, world.size_key, real)

    assert sorted(ids(connect(before=before), page_size=6)) == wanted


@having("list.page_size")
def test_rows_that_appear_while_listing_come_once(world: World, client: InviteClient) -> None:
    fill(world, 30)
    found: list[str] = []
    for row in client.list(page_size=4):
        found.append(row.id or "")
        if len(found) in (2, 9, 20):
            world.invite(f"late{len(found)}@example.org")

    assert max(Counter(found).values()) == 1
    assert len(found) >= 30


BAD_ROWS: dict[str, Callable[[dict[str, Any], str], object]] = {
    "a null id": lambda row, key: {**row, key: None},
    "no id": lambda row, key: {name: value for name, value in row.items() if name != key},
    "an id of the wrong type": lambda row, key: {**row, key: ["x"]},
    "no object": lambda row, key: "oops",
    "null": lambda row, key: 0,
}


@newest("list")
@pytest.mark.parametrize("kind", BAD_ROWS)
def test_one_bad_row_loses_no_page_and_is_a_problem(world: World, kind: str, connect: Connect) -> None:
    wanted = fill(world, 3)
    bad = wanted[1]

    def change(row: dict[str, Any]) -> object:
        return BAD_ROWS[kind](row, world.id_key) if world.id_of(row) == bad else None

    pager = connect(after=rows_changed(world, change)).list(status="pending")

    assert sorted(row.id or "" for row in pager) == [wanted[0], wanted[2]]
    (problem,) = pager.problems
    assert (problem.page, problem.row is None, "p0-0001" in problem.reason) == (1, False, False)
    assert [page.problems for page in pager.pages()] == [(problem,)]


@having("list")
def test_an_answer_that_is_no_list_is_an_error_that_keeps_its_bytes(world: World, connect: Connect) -> None:
    bodies = [b"", b"null", b'"rows"', b"<html>Sign in</html>", b"[1, 2", b"\xff\xfe", b'{"results": 5, "next": {}}']
    for body in (*bodies, b'{"results": null}', *ERRORS):
        client = connect(after=pages_changed(world, partial(replace, body=body)), retry=NO_RETRIES)
        with pytest.raises(ResponseParseError) as caught:
            client.list().all()

        assert caught.value.status == 200
        assert (caught.value.service, caught.value.operation) == (world.service, "list")
        assert caught.value.body == body or b"\xff" in body


@over(cells(("count", "get", "check", "preview"), only_newest=True))
def test_an_error_that_is_told_with_success_is_no_result(world: World, operation: str, connect: Connect) -> None:
    case, _ = prepared(world, operation, connect)
    for body in (b"null", b'""', b'"Not for you."', *ERRORS):
        said = FakeResponse(200, (("Content-Type", "application/json"),), body)

        def after(asked: FakeRequest, real: FakeResponse, said: FakeResponse = said) -> FakeResponse:
            return real if world.is_login(asked) else said

        client = connect(case.user, after=after)
        with pytest.raises(ResponseParseError):
            call(client, operation, case)


@having("list.page_size", "cancel")
def test_pages_that_disappear_while_listing_are_no_error(world: World, connect: Connect) -> None:
    fill(world, 12)
    client, other = connect(), connect()
    seen: list[str] = []
    for row in client.list(**world.only_open, page_size=5):
        seen.append(row.id or "")
        if len(seen) == 5:
            # Another client, whose writes this one does not see.
            for invitation in other.list(**world.only_open):
                other.cancel(invitation)

    assert 5 <= len(seen) <= 12
    assert len(set(seen)) == len(seen)
