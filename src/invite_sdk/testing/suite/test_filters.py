"""Filters: each alone and several at once; whatever a server does with them, no row comes that does not fit."""

from __future__ import annotations

from typing import Any

from invite_sdk import InviteClient, Status
from invite_sdk.services.capabilities import FILTERS
from invite_sdk.testing.suite.fixtures import Connect
from invite_sdk.testing.suite.meddling import rows_changed, without_filters
from invite_sdk.testing.suite.world import World
from invite_sdk.testing.suite.worlds import cells, declared, has, having, newest_worlds, over, start

CASES = [(name, case) for name, _ in cells(["list"]) for case in start(name).filters()]
COUNTED = [(name, case) for name, case in CASES if has(name, "count")]
NEWEST = newest_worlds()
every_filter = over(CASES, "filters")
every_filter_of_today = over([(name, case) for name, case in CASES if name in NEWEST], "filters")


def listed(client: InviteClient, rows: dict[str, str], **named: Any) -> list[str]:
    """The names of the rows that a listing yields, sorted; every one of them must be known."""
    names = {id_: name for name, id_ in rows.items()}
    return sorted(names[row.id or ""] for row in client.list(**named))


@every_filter
def test_a_filter_yields_the_rows_that_fit(world: World, filters: str, client: InviteClient) -> None:
    rows = world.populate()
    case = world.filters()[filters]

    assert listed(client, rows, **case.named) == sorted(case.fitting)


@every_filter_of_today
def test_a_server_that_ignores_filters_never_yields_other_rows(world: World, filters: str, connect: Connect) -> None:
    rows = world.populate()
    case = world.filters()[filters]

    assert listed(connect(before=without_filters(world)), rows, **case.named) == sorted(case.fitting)


@over(COUNTED, "filters")
def test_a_count_is_the_number_of_rows_listed_and_trusts_a_server_only_where_it_may(
    world: World, filters: str, client: InviteClient
) -> None:
    world.populate()
    case = world.filters()[filters]

    assert client.count(**case.named) == len(case.fitting)

    # One row is asked for where the number of all comes with it.
    listings = [one.request for one in world.fake.requests if world.is_listing(one.request, one.response)]
    rows_read = [request for request in listings if request.param(world.size_key) != "1"]
    assert not (case.counted_by_server and rows_read)
    # Where no row could ever fit, nobody is asked at all.
    assert case.counted_by_server or rows_read or not case.fitting


@having("list", "count")
def test_a_count_without_a_word_from_the_server_is_a_listing(world: World, connect: Connect) -> None:
    rows = world.populate()
    if world.tells_totals:
        client = connect(after=lambda request, response: world.without_total(response))
    else:
        client = connect()

    assert client.count() == len(rows)


@having("list")
def test_a_status_that_nobody_knows_is_listed_as_unknown_and_as_nothing_else(world: World, connect: Connect) -> None:
    rows = world.populate()
    strange = next(iter(rows.values()))
    before = {row.id: (row.status, row.native_status) for row in connect().list()}

    def change(row: dict[str, Any]) -> None:
        if world.id_of(row) == strange:
            world.with_state(row, "archived")

    client = connect(before=without_filters(world), after=rows_changed(world, change))

    found = client.list().all()
    (row,) = [row for row in found if row.id == strange]
    if not world.tells_states:
        # A service without a word for it: nothing that a row says changes what its being listed means.
        assert (row.status, row.native_status) == before[strange]
        return
    assert (row.status, row.native_status) == (Status.UNKNOWN, "archived")
    assert (row.is_open, row.is_final) == (False, False)
    if world.capabilities.supports("list", "status"):
        assert strange in [row.id for row in client.list(status="unknown")]
        known = [status for status in Status if status is not Status.UNKNOWN]
        assert strange not in [row.id for row in client.list(status=known)]


LACKED = [
    (name, parameter)
    for name, _ in cells(["list"])
    for parameter in FILTERS
    if declared(name).supports("list", parameter) and start(name).lacking(parameter) is not None
]


@over(LACKED, "parameter")
def test_a_row_that_lacks_what_a_filter_asks_for_is_a_problem_and_no_result(
    world: World, parameter: str, connect: Connect
) -> None:
    rows = world.populate()
    case = world.filters()[parameter]
    blank = min(case.fitting)
    lacking = world.lacking(parameter)
    assert lacking is not None

    def change(row: dict[str, Any]) -> None:
        if world.id_of(row) == rows[blank]:
            row.update(lacking)

    client = connect(after=rows_changed(world, change))
    pager = client.list(**case.named)

    assert sorted(row.id or "" for row in pager) == sorted(rows[name] for name in case.fitting - {blank})
    (problem,) = pager.problems
    assert parameter in problem.reason
    assert problem.page == 1
    assert getattr(problem.row, "id", None) == rows[blank]
    assert rows[blank] in {row.id for row in client.list()}


@having("list")
def test_what_a_list_shows_is_what_is_declared(world: World) -> None:
    # `view` speaks of the newest servers; older ones may show less, never more.
    view = world.capabilities["list"].view

    assert world.inbox <= (view in ("received", "both"))
    assert world.outbox == (view in ("sent", "both"))
