"""Figures of invitations: the numbers in them, what they say about what is missing, and that they show."""

from __future__ import annotations

import asyncio
import gc
import json
import pickle
import sys
import warnings
import weakref
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from importlib import import_module
from io import BytesIO
from typing import Any, Final

import httpx
import pandas
import pytest
from matplotlib import rc_context, rcParams, style
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from invite_sdk import (
    AsyncHub,
    AsyncInviteClient,
    Hub,
    InvalidArgumentError,
    Invitation,
    InvitationList,
    InviteClient,
    Status,
)
from invite_sdk.hub import ClientResult, HubResult
from invite_sdk.plots import funnel, overview, time_to_accept, timeline
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur
from tests.support import programs

MONDAY: Final = datetime(2026, 11, 2, tzinfo=UTC)
HOSTILE: Final = "$\\frac{$ \\x\n\x1b[31m\u202e\x00_ ${}^% <b>\ud800"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invite_sdk.plots.weeks.utc_now", lambda: MONDAY + timedelta(days=30))


def made(status: str = "pending", service: str = "waldur", **fields: Any) -> Invitation:
    return Invitation.model_validate({"service": service, "id": "1" * 32, "status": status, **fields})


def some(**counts: int) -> list[Invitation]:
    return [made(status) for status, count in counts.items() for _ in range(count)]


def bars(figure: Figure) -> dict[str, dict[float, float]]:
    """The lengths of all bars by what they count and where they are: the middle of one that lies, else the left."""
    found: dict[str, dict[float, float]] = {}
    for container in figure.axes[0].containers:
        assert isinstance(container, BarContainer)
        lies = container.orientation == "horizontal"
        found[str(container.get_label())] = {
            round(bar.get_y() + bar.get_height() / 2 if lies else bar.get_x() + bar.get_width() / 2, 6): (
                bar.get_width() if lies else bar.get_height()
            )
            for bar in container
        }
    return found


def names(figure: Figure) -> list[str]:
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def ends(figure: Figure) -> list[str]:
    return [
        text.get_text() for text in figure.axes[0].texts if text.get_text() and text.get_horizontalalignment() == "left"
    ]


def title(figure: Figure) -> str:
    return figure.axes[0].get_title(loc="left")


def notes(figure: Figure) -> str:
    return figure.get_supxlabel().replace("\n", " ")


def png(figure: Figure) -> bytes:
    written = BytesIO()
    figure.savefig(written, format="png")
    return written.getvalue()


def test_a_funnel_tells_how_many_were_sent_and_what_became_of_them() -> None:
    figure = funnel(some(accepted=6, pending=3, canceled=1, expired=2, requested=4, rejected=1, unknown=1))

    assert title(figure) == "What became of 18 invitations"
    assert names(figure) == [
        "all",
        "sent",
        "accepted",
        "pending",
        "requested",
        "rejected",
        "canceled",
        "expired",
        "unknown",
    ]
    assert bars(figure) == {
        name: {place: count}
        for place, (name, count) in enumerate(zip(names(figure), [18, 12, 6, 3, 4, 1, 1, 2, 1], strict=True))
    }
    assert ends(figure) == [
        "18",
        "12",
        "6 (50% of sent)",
        "3 (25% of sent)",
        "4",
        "1",
        "1 (8% of sent)",
        "2 (17% of sent)",
        "1",
    ]
    assert figure.axes[0].get_xlabel() == "invitations"
    assert notes(figure) == ""


def test_a_funnel_has_a_bar_for_each_service_and_the_largest_first() -> None:
    rows = [made("accepted", "zenml"), *some(accepted=1, pending=2), made("requested", "cloudtruth")]
    figure = funnel(rows, by="service")

    assert title(figure) == "What became of 5 invitations, by service"
    assert names(figure) == ["waldur", "cloudtruth", "zenml"]
    assert bars(figure) == {"accepted": {0: 1, 2: 1}, "pending": {0: 2}, "requested": {1: 1}}
    assert ends(figure) == ["3 (33% accepted)", "1 (none accepted)", "1 (100% accepted)"]
    assert figure.axes[0].get_ylabel() == "service"


def test_roles_are_told_apart_by_name_and_those_without_one_are_together() -> None:
    rows = [made(role="VIEWER"), made(roles=("Owner", "Support")), made(), made(role="VIEWER"), made()]
    figure = funnel([*rows, made(role="VIEWER")], by="role")
    assert (names(figure), bars(figure)) == (
        ["VIEWER", "(not said)", "Owner, Support"],
        {"pending": {0: 3, 1: 2, 2: 1}},
    )


def test_organizations_of_one_name_are_not_one_organization() -> None:
    rows = [
        *[made(organization_id="1", organization_name="Acme")] * 4,
        made(organization_id="1"),
        *[made(organization_id="2", organization_name="Acme")] * 3,
        *[made(service="zenml", organization_id="1", organization_name="Acme")] * 2,
        made(organization_id="3"),
    ]
    figure = funnel(rows, by="organization")
    assert names(figure) == ["Acme (waldur) [1]", "Acme (waldur) [2]", "Acme (zenml)", "3"]
    assert bars(figure) == {"pending": {0: 5, 1: 3, 2: 2, 3: 1}}


def test_scopes_have_a_bar_each_also_two_of_one_name() -> None:
    rows = [
        *[made(scope_type="project", scope_id="1", scope_name="Apollo", organization_name="Acme")] * 3,
        *[made(scope_type="project", scope_id="2", scope_name="Apollo", organization_name="Globex")] * 2,
        made(organization_id="1", organization_name="Acme"),
    ]
    figure = funnel(rows, by="scope")
    assert names(figure) == ["Apollo (waldur) [1]", "Apollo (waldur) [2]", "(not said)"]
    assert bars(figure) == {"pending": {0: 3, 1: 2, 2: 1}}


def test_many_groups_are_the_largest_and_one_for_the_others() -> None:
    rows = [made(role=f"r{size:02}") for size in range(1, 16) for _ in range(size)]
    figure = funnel(rows, by="role")
    assert names(figure) == [*(f"r{size:02}" for size in range(15, 3, -1)), "(3 others)"]
    assert bars(figure) == {"pending": {**{15 - size: size for size in range(15, 3, -1)}, 12: 6}}


def test_every_status_has_a_colour_of_its_own_and_a_pattern_for_those_who_do_not_see_it() -> None:
    statuses = [status.value for status in Status]
    looks = {
        str(container.get_label()): (container[0].get_facecolor(), container[0].get_hatch())
        for container in funnel(some(**dict.fromkeys(statuses, 1))).axes[0].containers
        if isinstance(container, BarContainer)
    }
    assert set(looks) == {"all", "sent", *statuses}
    assert len({looks[status][0] for status in statuses}) == len(statuses)
    # Two have no pattern, and one of these is black.
    assert [status for status in statuses if not looks[status][1]] == ["accepted", "rejected"]
    assert looks["rejected"][0] == (0, 0, 0, 1)
    assert len({looks[status][1] for status in statuses}) == len(statuses) - 1


def test_a_long_name_is_cut_and_says_by_how_much() -> None:
    figure = funnel([made(role="r" * 28), made(role="s" * 29)], by="role")
    assert sorted(names(figure)) == ["r" * 28, "s" * 28 + "... (1 more)"]


def test_weeks_begin_on_monday_in_utc() -> None:
    rows = [
        made(created_at=MONDAY),
        made("accepted", created_at=MONDAY + timedelta(days=6, hours=23)),
        # Monday by its own clock, and Sunday in UTC.
        made("accepted", created_at=(MONDAY + timedelta(days=21)).replace(tzinfo=timezone(timedelta(hours=2)))),
    ]
    figure = timeline(rows)

    assert title(figure) == "Invitations by the week of their creation: 3"
    assert bars(figure) == {"accepted": {0: 1, 2: 1}, "pending": {0: 1}}
    assert [bar.get_y() for bar in figure.axes[0].patches if isinstance(bar, Rectangle)] == [0, 0, 1]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [
        "2026-11-02",
        "2026-11-09",
        "2026-11-16",
    ]
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("week from Monday (UTC)", "invitations")


def test_a_timeline_tells_whose_dates_are_unknown() -> None:
    figure = timeline([made(created_at=MONDAY), made(), *[made(service="zenml")] * 2])
    assert notes(figure) == "Not shown: 3 without a date of creation (zenml 2, waldur 1)."
    assert bars(figure) == {"pending": {0: 1}}


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])
def test_a_date_that_means_none_hides_no_other(zone: timezone) -> None:
    first = datetime(1, 1, 1, tzinfo=zone)
    figure = timeline([made(created_at=first), made(created_at=MONDAY), made(created_at=MONDAY)])
    assert bars(figure) == {"pending": {155: 2}}
    assert title(figure) == "Invitations by the week of their creation: 2"
    assert notes(figure) == "Not shown: 1 created before 2023-11-13."


def test_a_date_in_the_future_hides_no_other() -> None:
    dates = [MONDAY, MONDAY + timedelta(days=37), datetime(9999, 12, 31, tzinfo=UTC)]
    figure = timeline([made(created_at=created) for created in dates])
    assert bars(figure) == {"pending": {0: 1, 5: 1}}
    assert notes(figure) == "Not shown: 1 with a date of creation in the future."


def test_a_date_without_an_offset_is_one_of_utc() -> None:
    row = made(created_at=MONDAY).model_copy(update={"created_at": MONDAY.replace(tzinfo=None)})
    assert timeline([row]).axes[0].get_xticklabels()[0].get_text() == "2026-11-02"
    assert title(time_to_accept([row.model_copy(update={"status": Status.ACCEPTED})], lambda _: MONDAY)) == (
        "Time to accept: 1 invitation, within 0.0 minutes"
    )


def test_no_service_says_when_an_invitation_was_accepted_and_the_figure_says_so() -> None:
    figure = time_to_accept(some(accepted=2, pending=1))
    assert title(figure) == "Time to accept: not known for 2 accepted invitations"
    assert [text.get_text() for text in figure.axes[0].texts] == [
        "No service says when an invitation was accepted.\naccepted_at= takes the times from you."
    ]
    assert bars(figure) == {}


def test_times_that_the_caller_knows_are_shown_in_days() -> None:
    took = {"ana": 1.5, "ben": 1.9, "cleo": 45, "dina": -1, "emil": None}
    rows = [made("accepted", name=name, created_at=MONDAY) for name in took]
    asked: list[str] = []

    def when(one: Invitation) -> datetime | None:
        asked.append(one.name or "")
        days = took.get(one.name or "")
        return None if days is None else (MONDAY + timedelta(days=days)).replace(tzinfo=None)

    figure = time_to_accept([*rows, made(name="finn", created_at=MONDAY), made("accepted", name="gina")], when)

    assert asked == ["ana", "ben", "cleo", "dina", "emil", "gina"]
    assert title(figure) == "Time to accept: 3 invitations, half of them within 1.9 days"
    # Bars of three days each: from 0 and from 45.
    assert list(bars(figure).values()) == [{1.5: 2, 46.5: 1}]
    assert notes(figure) == (
        "Not shown: 2 without a time of creation or of acceptance. Not shown: 1 accepted before the time of creation."
    )


@pytest.mark.parametrize("rows", [some(accepted=1), []])
def test_times_that_are_no_function_are_refused_also_where_nobody_has_accepted(rows: list[Invitation]) -> None:
    with pytest.raises(
        InvalidArgumentError, match=r"^accepted_at must be a function .* type dict; .*times\.get"
    ) as refused:
        time_to_accept(rows, {"ana@example.com": MONDAY})  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    assert "ana" not in str(refused.value)


def test_short_times_are_shown_in_hours() -> None:
    row = made("accepted", created_at=MONDAY)
    figure = time_to_accept([row], lambda one: MONDAY + timedelta(hours=2.5))
    assert title(figure) == "Time to accept: 1 invitation, within 2.5 hours"
    assert list(bars(figure).values()) == [{2.5: 1}]
    assert figure.axes[0].get_xlabel() == "hours from creation to acceptance"


def test_very_short_times_are_shown_in_minutes() -> None:
    figure = time_to_accept([made("accepted", created_at=MONDAY)] * 2, lambda one: MONDAY + timedelta(seconds=30))
    assert title(figure) == "Time to accept: 2 invitations, half of them within 0.5 minutes"
    assert list(bars(figure).values()) == [{0.5: 2}]


def test_one_that_took_for_ever_leaves_the_others_apart() -> None:
    took = iter([*range(9), 24 * 300_000])
    rows = [made("accepted", created_at=MONDAY)] * 10
    figure = time_to_accept(rows, lambda one: MONDAY + timedelta(hours=next(took)))
    assert title(figure) == "Time to accept: 10 invitations, half of them within 4.5 hours"
    assert list(bars(figure).values()) == [{place + 0.5: 1 for place in range(10)}]
    assert [text.get_text() for text in figure.axes[0].texts] == ["1"] * 9 + ["1 and longer"]
    assert notes(figure) == "The last bar has 1 that took 9 hours or longer, up to 300,000.0 days."


@pytest.mark.parametrize("then", [date(2026, 11, 3), "2026-11-03T00:00:00Z", 1.5])
def test_what_is_no_time_of_acceptance_is_refused(then: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^accepted_at must give a datetime or None, not an object of the "):
        time_to_accept([made("accepted", created_at=MONDAY)], lambda one: then)


def test_a_time_that_pandas_does_not_know_is_not_known() -> None:
    missing: Any = pandas.NaT
    figure = time_to_accept([made("accepted", created_at=MONDAY)], lambda one: missing)
    assert notes(figure) == "Not shown: 1 without a time of creation or of acceptance."


RESULT: Final = HubResult(
    (
        ClientResult("campus", "waldur", "found", InvitationList(some(accepted=2, pending=1)), count=3),
        ClientResult("zen", "zenml", "unsupported"),
        ClientResult("cloud", "waldur", "found", count=5),
        ClientResult("half", "cloudtruth", "failed", InvitationList(some(pending=1))),
    )
)


@pytest.mark.parametrize("given", [RESULT, list(RESULT), iter(RESULT)])
def test_an_overview_has_every_client_also_those_that_did_not_answer(given: Any) -> None:
    figure = overview(given)
    assert title(figure) == "9 invitations at 4 clients, by status"
    assert names(figure) == ["campus", "zen (unsupported)", "cloud", "half (failed)"]
    assert bars(figure) == {"accepted": {0: 2}, "pending": {0: 1, 3: 1}, "counted": {2: 5}}
    assert ends(figure) == ["3", "not known", "5", "at least 1"]
    assert notes(figure) == "Not counted, or not all of it: zen (unsupported); half (failed)."


def test_a_client_that_failed_is_told_also_among_the_others() -> None:
    good = [ClientResult(f"c{place}", "waldur", "found", InvitationList(some(pending=3))) for place in range(14)]
    figure = overview([*good, ClientResult("bad", "waldur", "failed")])
    assert names(figure)[12:] == ["(3 others, 1 failed)"]
    assert ends(figure) == ["3"] * 12 + ["at least 6"]


def test_clients_whose_names_look_the_same_are_told_apart() -> None:
    known = InvitationList(some(pending=1))
    long = [ClientResult("a" * 28 + end, "waldur", "found", known) for end in "bc"]
    figure = overview(
        [*long, ClientResult("x (failed)", "waldur", "found", known), ClientResult("x", "zenml", "failed")]
    )
    assert names(figure) == [f"{'a' * 28}... (1 more) [{n}]" for n in (1, 2)] + [f"x (failed) [{n}]" for n in (1, 2)]
    assert ends(figure) == ["1", "1", "1", "not known"]


@pytest.mark.parametrize("draw", [funnel, timeline, time_to_accept, overview])
def test_what_stands_below_a_figure_ends_and_has_room(draw: Callable[[Any], Figure]) -> None:
    figure = draw(HubResult(tuple(ClientResult(f"client {place}", "waldur", "failed") for place in range(60))))
    png(figure)
    assert notes(figure).endswith("client 9 (failed); ... and 50 more.")
    below = figure.findobj(lambda one: isinstance(one, Text) and one.get_text() == figure.get_supxlabel())
    assert below[0].get_window_extent().y1 <= figure.axes[0].get_tightbbox().y0  # type: ignore[union-attr]


def test_an_overview_asks_a_hub_for_all_that_its_clients_have() -> None:
    waldur, cloudtruth, enhance = FakeWaldur(), FakeCloudTruth(), FakeEnhance()
    waldur.invite("ana@example.com")
    waldur.invite("ben@example.com", state="canceled")
    cloudtruth.invite("ana@example.com")
    hub = Hub({f.service: InviteClient(f.connection(), transport=f.transport()) for f in (waldur, cloudtruth, enhance)})

    figure = overview(hub)

    assert names(figure) == ["waldur", "cloudtruth", "enhance (unsupported)"]
    assert bars(figure) == {"pending": {0: 1, 1: 1}, "canceled": {0: 1}}


def test_what_a_hub_answered_can_be_drawn_as_any_list_and_tells_who_is_missing() -> None:
    for given in (RESULT, RESULT["campus"], RESULT.invitations):
        assert bars(funnel(given))["accepted"] == {2: 2}
    assert notes(funnel(RESULT)) == "Not counted, or not all of it: zen (unsupported); half (failed)."
    assert notes(timeline(RESULT[3])).endswith("Not shown: 1 without a date of creation (waldur 1).")


def test_a_pager_is_read_to_its_end_and_rows_that_cannot_be_read_are_told() -> None:
    fake = FakeWaldur()
    for number in range(3):
        fake.invite(f"ana{number}@example.com")
    leads = fake.transport()

    def spoil(request: httpx.Request) -> httpx.Response:
        answer = leads.handle_request(request)
        rows = json.loads(answer.read())
        rows[1]["email"] = 7
        return httpx.Response(200, json=rows, headers={"X-Result-Count": "3", "Link": answer.headers["Link"]})

    with InviteClient(fake.connection(), transport=httpx.MockTransport(spoil)) as client:
        figure = funnel(client.list())
    assert bars(figure)["pending"] == {3: 2}
    assert notes(figure) == "Not counted: 1 row of the listing that could not be read."


async def use_without_awaiting() -> HubResult:
    fake = FakeWaldur()
    async with AsyncInviteClient(fake.connection(), transport=fake.transport()) as client:
        with pytest.raises(TypeError, match=r"await pager\.all\(\)"):
            funnel(client.list())  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
        with pytest.raises(InvalidArgumentError, match=r"type AsyncHub\. Of an AsyncHub: await hub\.list\(\)"):
            overview(AsyncHub({"waldur": client}))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
        return await AsyncHub({"waldur": client}).list()


def test_what_is_not_awaited_is_refused_with_what_to_do() -> None:
    assert names(overview(asyncio.run(use_without_awaiting()))) == ["waldur"]


@pytest.mark.parametrize("draw", [funnel, timeline, time_to_accept, overview])
@pytest.mark.parametrize("given", [None, 5, "", b"", {}, ["ana@example.com"], [{"status": "pending"}]])
def test_anything_else_is_refused_and_not_shown(draw: Callable[[Any], Figure], given: object) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        draw(given)
    assert "ana" not in str(refused.value)


def test_another_word_for_the_groups_is_refused() -> None:
    with pytest.raises(
        InvalidArgumentError, match=r'^by must be "service", "organization", "role" or "scope", or left out$'
    ):
        funnel([], by="email")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (funnel, "What became of 0 invitations"),
        (lambda rows: funnel(rows, by="role"), "What became of 0 invitations"),
        (timeline, "Invitations by the week of their creation: 0"),
        (time_to_accept, "Time to accept: not known for 0 accepted invitations"),
        (lambda rows: time_to_accept(rows, lambda one: MONDAY), "Time to accept: 0 invitations"),
        (overview, "0 invitations at 0 clients, by status"),
    ],
)
def test_nothing_is_drawn_as_nothing(draw: Callable[[Any], Figure], said: str) -> None:
    figure = draw([])
    assert (title(figure), bars(figure)) == (said, {})
    assert [text.get_text() for text in figure.axes[0].texts] != []
    assert png(figure).startswith(b"\x89PNG")


def test_what_a_service_said_is_drawn_as_it_stands() -> None:
    row = made("accepted", HOSTILE, role=HOSTILE, organization_id=HOSTILE, created_at=MONDAY)
    undated = made("accepted", HOSTILE, organization_name=HOSTILE)
    client = ClientResult("$\\frac{$", HOSTILE, "found", InvitationList([row]))
    drawn = [
        *(funnel([row, undated], by=by) for by in ("service", "organization", "role")),
        timeline([row, undated]),
        time_to_accept([row, undated], lambda one: MONDAY),
        overview([client]),
    ]
    for figure in drawn:
        assert png(figure).startswith(b"\x89PNG")
        texts = [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)]
        assert all(text.replace("\n", "").isprintable() for text in texts)
    assert names(drawn[0]) == ["$\\frac{$ \\x [31m _ ${}^% <b>"]
    assert names(drawn[5]) == ["$\\frac{$"]


def test_no_key_and_no_link_is_on_a_figure() -> None:
    key, link = "k" * 40, "https://panel.example.org/invite/"
    row = made("pending", "enhance", url=link + key, email="ana@example.com", native_status="pending")
    row = row.model_copy(update={"id": key, "previous_id": key})
    client = ClientResult("panel", "enhance", "found", InvitationList([row]))
    drawn = [*(funnel([row], by=by) for by in (None, "organization", "role")), timeline([row]), overview([client])]
    texts = [text.get_text() for figure in drawn for text in figure.findobj(Text) if isinstance(text, Text)]
    assert [text for text in texts if "kkkk" in text or "panel.example" in text or "ana" in text] == []


def test_ten_thousand_invitations_fit_on_a_figure() -> None:
    statuses = ["accepted", "pending", "expired", "canceled"]
    rows = [
        made(statuses[place % 4], role=f"role {place % 500}", created_at=MONDAY - timedelta(hours=place))
        for place in range(10_000)
    ]
    assert ends(funnel(rows))[:3] == ["10,000", "10,000", "2,500 (25% of sent)"]
    assert len(names(funnel(rows, by="role"))) == 13
    assert sum(sum(counts.values()) for counts in bars(timeline(rows)).values()) == 10_000


def test_a_figure_is_its_callers_alone_and_goes_with_it() -> None:
    figure = funnel(some(accepted=1))
    assert png(figure) == png(funnel(some(accepted=1)))
    gone = weakref.ref(figure)
    del figure
    gc.collect()
    assert gone() is None


DRAWN: Final[dict[str, Callable[[], Figure]]] = {
    "funnel": lambda: funnel(some(accepted=6, pending=3), by="service"),
    "timeline": lambda: timeline([made(created_at=MONDAY), made()]),
    "time_to_accept": lambda: time_to_accept([made("accepted", created_at=MONDAY)], lambda one: MONDAY),
    "overview": lambda: overview(RESULT),
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
@pytest.mark.parametrize("set_style", ["dark_background", {"text.usetex": True, "figure.autolayout": True}], ids=str)
def test_a_figure_looks_the_same_in_every_style(draw: Callable[[], Figure], set_style: Any) -> None:
    plain = png(draw())
    with style.context(set_style):
        before = dict(rcParams)
        assert png(draw()) == plain
        assert dict(rcParams) == before


def test_the_fonts_are_the_callers() -> None:
    with rc_context({"font.family": ["monospace"]}):
        assert funnel([]).axes[0].title.get_fontfamily() == ["monospace"]


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_a_figure_pickles(draw: Callable[[], Figure]) -> None:
    assert png(pickle.loads(pickle.dumps(draw()))) == png(draw())


@pytest.mark.parametrize("name", ["\u6f22\u5b57", "\U0001f600", "\u0e44\u0e17\u0e22"])
def test_a_sign_that_no_font_has_is_no_warning(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert png(funnel([made(role=name)], by="role")).startswith(b"\x89PNG")


SHOWN = """
import sys
from IPython.core.interactiveshell import InteractiveShell
from invite_sdk.plots import funnel
shell = InteractiveShell.instance()
figure = funnel([])
assert "matplotlib.pyplot" not in sys.modules
data, _ = shell.display_formatter.format(figure)
print(sorted(data), data["image/png"][:4])
"""


@pytest.mark.tools
def test_a_notebook_shows_a_figure_that_is_the_value_of_a_cell() -> None:
    assert programs.run(SHOWN).strip() == "['image/png', 'text/plain'] b'\\x89PNG'"


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch, "invite_sdk.plots.", "matplotlib.figure")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"^invite_sdk\.plots needs matplotlib: pip install 'invite-sdk\[plots\]'$"):
        import_module("invite_sdk.plots.weeks")


def test_a_matplotlib_that_does_not_load_says_why_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch, "invite_sdk.plots.")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ModuleNotFoundError, match=r"^import of matplotlib\.figure halted"):
        import_module("invite_sdk.plots.weeks")


def forget(monkeypatch: pytest.MonkeyPatch, *beginnings: str) -> None:
    for name in [name for name in sys.modules if name.startswith(beginnings)]:
        monkeypatch.delitem(sys.modules, name)
