"""A plan is made true: each write once, noted before and after, and stopped early where it would fail for all."""

from __future__ import annotations

import functools
import json
from collections import Counter
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import time_machine

from invite_sdk import AsyncInviteClient, InvalidArgumentError, InviteClient, InviteError, Status
from invite_sdk.roster import AsyncRoster, Journal, JournalError, Plan, Policy, Report, Roster, RowEvent
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur, Fault
from invite_sdk.testing.suite.ways import Way
from tests.roster.people import Meddled, People, asked, client_of, in_apollo, people
from tests.support import programs

pytestmark = pytest.mark.usefixtures("time_stands")

DAY = timedelta(days=1)


def viewer(email: str, **more: object) -> dict[str, object]:
    return {"email": email, "role": "VIEWER", **more}


def enhanced(email: str) -> dict[str, object]:
    return {"email": email, "role": "SiteAccess", "name": "Ann"}


def kinds(report: Report) -> dict[str, str]:
    """What became of each address."""
    return {outcome.planned.row.email: outcome.kind for outcome in report}


def states(fake: FakeWaldur) -> dict[str, list[tuple[str, str]]]:
    """The state and the role of each address's invitations, oldest first."""
    names = {role.uuid: name for name, role in fake.roles.items()}
    found: dict[str, list[tuple[str, str]]] = {}
    for row in fake.invitations:
        found.setdefault(row.email, []).append((row.state, names[row.role]))
    return found


# What is done.


def test_everybody_who_is_missing_is_invited_once_and_nothing_is_left_to_do(way: Way) -> None:
    fake = FakeWaldur()
    list_ = People(way, fake, people(50))
    report = list_.apply(list_.plan())

    assert report.counts == {"done": 50}
    assert report.ok
    assert Counter(mail.to for mail in fake.outbox) == {f"p{place}@example.org": 1 for place in range(50)}
    assert list_.plan().is_empty
    assert list_.apply(list_.plan()).counts == {"nothing": 50}
    assert fake.effects["created"] == 50


def test_each_action_does_what_it_says(way: Way, now: Any) -> None:
    fake = FakeWaldur()
    old = now - 9 * DAY
    fake.invite("expired@example.org", state="expired", created=old)
    fake.invite("overdue@example.org", created=old)
    fake.invite("admin@example.org", role="PROJECT.ADMIN")
    fake.invite("canceled@example.org", state="canceled")
    fake.invite("pruned@example.org")
    names = ("new", "expired", "overdue", "admin", "canceled")
    list_ = People(way, fake, [in_apollo(f"{name}@example.org") for name in names])
    report = list_.apply(list_.plan(prune=True, max_prune=1))

    assert report.counts == {"done": 5, "skip": 1}
    assert states(fake) == {
        "new@example.org": [("pending", "PROJECT.MEMBER")],
        "expired@example.org": [("pending", "PROJECT.MEMBER")],
        "overdue@example.org": [("pending", "PROJECT.MEMBER")],
        "admin@example.org": [("pending", "PROJECT.MEMBER")],
        "canceled@example.org": [("canceled", "PROJECT.MEMBER")],
        "pruned@example.org": [("canceled", "PROJECT.MEMBER")],
    }
    assert sorted(mail.to for mail in fake.outbox) == ["expired@example.org", "new@example.org", "overdue@example.org"]


def test_a_replacement_cancels_and_invites_anew(way: Way) -> None:
    fake = FakeWaldur()
    fake.invite("p0@example.org", role="PROJECT.ADMIN")
    list_ = People(way, fake, people(1))
    report = list_.apply(list_.plan(Policy(other_role="replace")))

    assert report.counts == {"done": 1}
    assert states(fake) == {"p0@example.org": [("canceled", "PROJECT.ADMIN"), ("pending", "PROJECT.MEMBER")]}
    assert list_.plan(Policy(other_role="replace")).is_empty


def test_on_cloudtruth_a_replacement_deletes_and_invites_anew(way: Way) -> None:
    fake = FakeCloudTruth()
    fake.invite("p0@example.org", role="ADMIN")
    list_ = People(way, fake, people(1, viewer))
    assert list_.apply(list_.plan(Policy(other_role="replace"))).counts == {"done": 1}
    assert [(row.email, row.role) for row in fake.invitations] == [("p0@example.org", "VIEWER")]


def test_an_overdue_one_that_was_mailed_again_is_not_due_anew_where_the_journal_is_known(
    tmp_path: Path, now: Any
) -> None:
    """Waldur mails one that is open again, and leaves its end as it was."""
    fake, path = FakeWaldur(), tmp_path / "run.journal"
    fake.invite("p0@example.org", created=now - 9 * DAY)
    client, roster = client_of(fake), Roster(people(1))
    assert roster.apply(roster.plan(client, journal=path), journal=path).counts == {"done": 1}

    assert roster.plan(client, journal=path).counts == {"nothing": 1}
    assert len(fake.outbox) == 1


def test_who_is_chased_is_chased_once_in_that_time(
    tmp_path: Path, time_stands: time_machine.Traveller, now: Any
) -> None:
    fake, path = FakeWaldur(), tmp_path / "run.journal"
    fake.configure(lifetime=60 * DAY)
    fake.invite("p0@example.org", created=now - 4 * DAY)
    client, roster, policy = client_of(fake), Roster(people(1)), Policy(chase_after=3 * DAY)
    mails = []
    for _ in range(7):
        roster.apply(roster.plan(client, policy, journal=path), journal=path)
        mails.append(len(fake.outbox))
        time_stands.shift(DAY)

    assert mails == [1, 1, 1, 2, 2, 2, 3]


def test_a_mail_that_was_refused_is_tried_again_by_the_next_run(tmp_path: Path, now: Any) -> None:
    fake, path = FakeWaldur(), tmp_path / "run.journal"
    fake.invite("p0@example.org", created=now - 9 * DAY)
    client, roster = client_of(fake), Roster(people(1))
    fake.faults.plan(Fault.status(409), on="user_invitations_send")
    first = roster.apply(roster.plan(client, journal=path), journal=path)
    assert not first.ok
    assert not fake.outbox

    assert roster.apply(roster.plan(client, journal=path), journal=path).counts == {"done": 1}
    assert len(fake.outbox) == 1


# What has changed since the plan.


def test_what_changed_since_the_plan_is_left_alone_and_said(way: Way, now: Any) -> None:
    fake = FakeWaldur()
    admin = fake.invite("admin@example.org", role="PROJECT.ADMIN")
    expired = fake.invite("expired@example.org", state="expired", created=now - 9 * DAY)
    pruned = fake.invite("pruned@example.org")
    list_ = People(way, fake, [in_apollo(f"{name}@example.org") for name in ("admin", "expired", "new")])
    plan = list_.plan(prune=True, max_prune=1)
    fake.set_state(admin, "accepted")
    fake.set_state(expired, "canceled")
    fake.set_state(pruned, "accepted")
    fake.invite("new@example.org", role="PROJECT.ADMIN")
    before = states(fake)
    report = list_.apply(plan)

    assert kinds(report) == {
        "admin@example.org": "cannot",
        "expired@example.org": "skip",
        "new@example.org": "stale",
        "pruned@example.org": "nothing",
    }
    assert "plan again" in report.outcomes[2].reason
    assert states(fake) == before


def test_who_is_invited_by_somebody_else_at_the_last_moment_is_found() -> None:
    """CloudTruth refuses a second invitation, and the SDK finds the one that is there."""
    fake = FakeCloudTruth()

    def meddle(request: httpx.Request) -> None:
        if request.method == "POST" and not fake.invitations:
            fake.invite("p0@example.org")

    client = InviteClient(fake.connection(), transport=Meddled(fake, meddle))
    roster = Roster(people(1, viewer))
    assert roster.apply(roster.plan(client)).counts == {"nothing": 1}
    assert len(fake.invitations) == 1


def test_a_member_is_not_invited(way: Way, tmp_path: Path) -> None:
    fake = FakeEnhance()
    list_ = People(way, fake, [enhanced("olivia@acme.example")], connection=fake.connection("acme"))
    report = list_.apply(list_.plan(), journal=tmp_path / "run.journal")

    assert report.counts == {"nothing": 1}
    assert report.outcomes[0].reason == "a member already"


# What fails for everybody.


@pytest.mark.parametrize(
    "fault",
    [
        Fault.status(401),
        Fault.status(402),
        Fault.status(403),
        Fault.redirect(),
        Fault.refuse_connection(),
        Fault.status(429, headers={"Retry-After": "100000"}),
    ],
    ids=str,
)
def test_what_would_fail_for_every_row_stops_the_run_early_and_leaves_the_rest(way: Way, fault: Fault) -> None:
    fake = FakeCloudTruth()
    list_ = People(way, fake, people(100, viewer))
    plan = list_.plan()
    fake.faults.plan(fault, on="invitations_create", times=None)
    report = list_.apply(plan)

    # Those that were under way, of which there are four in the beginning.
    assert sum(one.operation == "invitations_create" for one in fake.faults.injected) <= 4
    assert report.counts["left"] >= 96
    assert not report.ok
    assert report.stopped
    # Nothing is lost: the next run goes on.
    fake.faults.clear()
    assert People(way, fake, people(100, viewer)).apply(plan).counts == {"done": 100}
    assert fake.effects["created"] == 100


def test_ten_failures_in_a_row_stop_the_run(way: Way) -> None:
    fake = FakeCloudTruth()
    list_ = People(way, fake, people(100, viewer))
    plan = list_.plan()
    fake.faults.plan(Fault.status(400, body={"detail": "no"}), on="invitations_create", times=3)
    fake.faults.plan(Fault.status(503), on="invitations_create", times=None)
    report = list_.apply(plan, max_concurrency=1)

    assert report.counts == {"left": 87, "unknown": 10, "failed": 3}
    assert "10 failures in a row" in report.stopped


def test_a_row_waits_no_longer_for_a_service_that_throttles_than_it_may(way: Way) -> None:
    fake = FakeCloudTruth()
    list_ = People(way, fake, people(20, viewer))
    plan = list_.plan()
    fake.faults.plan(Fault.status(429, headers={"Retry-After": "2"}), on="invitations_create", times=None)
    report = list_.apply(plan, max_wait=1.9)

    assert report.counts == {"left": 20}
    assert "429" in report.stopped
    assert len(fake.faults.injected) <= 4


def test_refusals_that_are_about_the_rows_stop_nobody_else(way: Way) -> None:
    fake = FakeCloudTruth()
    list_ = People(way, fake, people(40, viewer))
    plan = list_.plan()
    fake.faults.plan(Fault.status(400, body={"email": ["no"]}), on="invitations_create", times=30)
    report = list_.apply(plan)

    assert report.counts == {"failed": 30, "done": 10}
    assert report.stopped == ""


def test_a_missing_right_stops_the_rows_of_its_scope_only() -> None:
    """A manager of Apollo has no right in Beta."""
    fake = FakeWaldur()
    rows = [*people(20), *(in_apollo(f"b{place}@example.org", scope="Beta") for place in range(20))]
    roster, manager = Roster(rows), client_of(fake, "manager")
    plan = Roster(rows).plan(client_of(fake, "owner"))
    report = roster.apply(plan, manager)

    assert {kinds(report)[f"p{place}@example.org"] for place in range(20)} == {"done"}
    assert not any(kinds(report)[f"b{place}@example.org"] == "done" for place in range(20))
    assert report.counts["left"] >= 15


def test_where_nothing_can_be_read_before_the_writes_nothing_is_written(way: Way) -> None:
    fake = FakeCloudTruth()
    list_ = People(way, fake, people(3, viewer))
    plan = list_.plan()
    fake.faults.plan(Fault.expired_token(), times=None)
    with pytest.raises(InviteError):
        list_.apply(plan)
    assert fake.effects["created"] == 0


def test_what_an_old_server_does_not_have_cannot_be_done_and_is_tried_once() -> None:
    fake = FakeWaldur(version="7.0.7")
    for place in range(20):
        fake.invite(f"p{place}@example.org", role="PROJECT.ADMIN")
    rows = [*people(20), in_apollo("new@example.org")]
    roster, client = Roster(rows), client_of(fake)
    report = roster.apply(roster.plan(client), max_concurrency=1)

    assert report.counts == {"cannot": 20, "done": 1}
    assert sum("update" in operation for operation in asked(fake)) <= 1
    assert not report.ok


# What is throttled, and what nobody can tell.


def test_a_wait_that_the_service_names_is_kept_and_the_row_is_done_then(way: Way) -> None:
    fake = FakeCloudTruth()
    list_ = People(way, fake, people(6, viewer))
    plan = list_.plan()
    fake.faults.plan(Fault.retry_after(0.02), on="invitations_create", times=3)
    report = list_.apply(plan, max_concurrency=2)

    assert report.counts == {"done": 6}
    assert fake.effects["created"] == 6


@pytest.mark.parametrize(
    "fault", [Fault.drop_reply(), Fault.drop_request(reset=True), Fault.status(502, after_effect=True)], ids=str
)
def test_a_lost_answer_is_found_out_by_the_sdk_or_by_the_next_run(way: Way, tmp_path: Path, fault: Fault) -> None:
    fake, path = FakeCloudTruth(), tmp_path / "run.journal"
    list_ = People(way, fake, people(4, viewer))
    plan = list_.plan()
    fake.faults.plan(fault, on="invitations_create", times=2)
    first = list_.apply(plan, journal=path)
    assert set(first.counts) <= {"done", "unknown", "failed"}

    assert list_.apply(plan, journal=path, settle=0).ok
    assert Counter(row.email for row in fake.invitations) == {f"p{place}@example.org": 1 for place in range(4)}
    assert fake.effects["created"] == 4


def test_where_nobody_can_look_a_lost_answer_is_unknown_and_never_repeated_unless_told(
    way: Way, tmp_path: Path
) -> None:
    fake, path = FakeEnhance(), tmp_path / "run.journal"
    list_ = People(way, fake, people(3, enhanced))
    plan = list_.plan()
    fake.faults.plan(Fault.drop_reply(), on="create_invite", nth=1)
    assert list_.apply(plan, journal=path).counts == {"done": 2, "unknown": 1}
    made = len(fake.invitations)

    for _ in range(2):
        assert list_.apply(plan, journal=path).counts == {"nothing": 2, "unknown": 1}
    assert list_.plan(journal=path).counts == {"nothing": 2, "cannot": 1}
    assert len(fake.invitations) == made == 3
    assert list_.apply(plan, journal=path, repeat_unknown=True).counts == {"nothing": 2, "done": 1}
    assert list_.plan(journal=path).counts == {"nothing": 3}


def test_a_service_that_lists_nothing_needs_a_journal(way: Way) -> None:
    fake = FakeEnhance()
    list_ = People(way, fake, people(3, enhanced))
    with pytest.raises(InvalidArgumentError, match="give journal="):
        list_.apply(list_.plan())
    assert fake.effects["created"] == 0


def test_half_a_replacement_is_ended_by_the_next_run_and_its_plan_says_so(tmp_path: Path) -> None:
    fake, path = FakeWaldur(), tmp_path / "run.journal"
    fake.invite("p0@example.org", role="PROJECT.ADMIN")
    client, roster, policy = client_of(fake), Roster(people(1)), Policy(other_role="replace")
    fake.faults.plan(Fault.status(400, body={"detail": "no"}), on="user_invitations_create")
    assert roster.apply(roster.plan(client, policy, journal=path), journal=path).counts == {"failed": 1}
    assert states(fake) == {"p0@example.org": [("canceled", "PROJECT.ADMIN")]}

    plan = roster.plan(client, policy, journal=path)
    assert (plan.rows[0].action, plan.rows[0].reason) == ("create", "its invitation was canceled to be replaced")
    assert roster.apply(plan, journal=path).counts == {"done": 1}
    assert states(fake)["p0@example.org"][-1] == ("pending", "PROJECT.MEMBER")


# The journal.


def test_a_journal_of_another_list_or_server_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    fake, path = FakeCloudTruth(), tmp_path / "run.journal"
    client, roster = client_of(fake), Roster(people(2, viewer))
    roster.apply(roster.plan(client), journal=path)
    sent = len(fake.requests)
    other = Roster(people(3, viewer))
    plan = other.plan(client)
    with pytest.raises(JournalError):
        other.apply(plan, journal=path)
    with pytest.raises(JournalError):
        other.plan(client, journal=path)
    elsewhere = FakeCloudTruth(base_url="https://other.example")
    with pytest.raises(JournalError):
        roster.plan(client_of(elsewhere), journal=path)
    assert fake.effects["created"] == 2
    assert asked(elsewhere) == {}
    assert len(fake.requests) == sent + 1


def test_an_intent_is_on_the_disk_before_its_request_leaves(tmp_path: Path) -> None:
    fake, path = FakeCloudTruth(), tmp_path / "run.journal"
    written: list[str] = []
    noted: list[bool] = []

    class Watched(Journal):
        __slots__ = ()

        def write(self, entries: Any) -> None:
            given = list(entries)
            super().write(given)
            written.extend(f"{entry.state} {entry.key}" for entry in given)

    def look(request: httpx.Request) -> None:
        if request.method == "POST":
            email = json.loads(request.content)["email"]
            noted.append(
                any(f'sent [null, "{email}"' in one or (one.startswith("sent") and email in one) for one in written)
            )

    client = InviteClient(fake.connection(), transport=Meddled(fake, look))
    roster = Roster(people(20, viewer))
    plan = roster.plan(client)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("invite_sdk.roster.running.Journal", Watched)
        roster.apply(plan, journal=path)

    assert noted == [True] * 20
    assert sum(one.startswith("done") for one in written) == 20


def test_the_same_plan_again_asks_nobody_and_a_new_one_asks_whatever_the_clock_says(
    tmp_path: Path, time_stands: time_machine.Traveller
) -> None:
    """The journal may have been written by a machine whose clock is ahead."""
    fake, path = FakeWaldur(), tmp_path / "run.journal"
    client, roster = client_of(fake), Roster(people(3))
    time_stands.shift(timedelta(minutes=5))
    plan = roster.plan(client)
    roster.apply(plan, client, journal=path)
    before = len(fake.requests)
    assert roster.apply(Plan.from_json(plan.to_json()), client, journal=path).counts == {"nothing": 3}
    assert len(fake.requests) == before

    time_stands.shift(timedelta(minutes=-5))
    for invitation in client.list():
        client.cancel(invitation)
    again = roster.plan(client, Policy(again=frozenset({Status.CANCELED})), journal=path)
    assert roster.apply(again, client, journal=path).counts == {"done": 3}
    assert fake.effects["created"] == 6


def test_a_full_disk_stops_the_run_before_the_next_write_and_loses_nothing(way: Way, tmp_path: Path) -> None:
    fake, path = FakeCloudTruth(), tmp_path / "run.journal"
    list_ = People(way, fake, people(400, viewer))
    plan = list_.plan()
    opened: list[Journal] = []

    class Small(Journal):
        __slots__ = ()

        @classmethod
        def open(cls, *given: Any, **named: Any) -> Any:
            journal = super().open(*given, **named)
            connection = journal._usable()
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 1}")
            opened.append(journal)
            return journal

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("invite_sdk.roster.running.Journal", Small)
        with pytest.raises(JournalError, match="the disk is full") as caught:
            list_.apply(plan, journal=path)

    assert opened
    report = caught.value.report
    assert report is not None
    assert len(report) == 400
    assert report.counts["left"] > 0
    sent = fake.effects["created"]
    assert 0 < sent < 400
    # Whatever was sent has its intent on the disk; with room for it, the next run does the rest.
    assert list_.apply(plan, journal=path, settle=0).ok
    assert Counter(row.email for row in fake.invitations) == {f"p{place}@example.org": 1 for place in range(400)}
    assert fake.effects["created"] == 400


# What is told meanwhile, and in the end.


def test_each_row_is_told_of_as_it_happens(way: Way) -> None:
    fake = FakeCloudTruth()
    fake.invite("p0@example.org")
    list_ = People(way, fake, people(3, viewer))
    events: list[RowEvent] = []
    report = list_.apply(list_.plan(), on_event=events.append)

    told: dict[str, list[str]] = {}
    for event in events:
        told.setdefault(event.planned.row.email, []).append(event.kind)
    assert told == {
        "p0@example.org": ["nothing"],
        "p1@example.org": ["planned", "sent", "done"],
        "p2@example.org": ["planned", "sent", "done"],
    }
    assert {event.outcome for event in events if event.outcome is not None} == set(report)


def test_a_watcher_that_fails_loses_no_outcome(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    fake = FakeCloudTruth()
    list_ = People(way, fake, people(3, viewer))

    def fail(event: RowEvent) -> None:
        raise RuntimeError(event.planned.row.email)

    assert list_.apply(list_.plan(), on_event=fail).counts == {"done": 3}
    assert "a watcher of a run failed with RuntimeError" in caplog.text
    assert "p0@example.org" not in caplog.text


def test_a_report_has_an_entry_for_each_line_of_the_input_and_for_what_was_pruned(tmp_path: Path) -> None:
    fake = FakeCloudTruth()
    fake.invite("gone@example.org")
    rows = [viewer("p0@example.org"), viewer("P0@example.org"), viewer("=cmd@example.org"), viewer("p0@example.org")]
    roster, client = Roster(rows), client_of(fake)
    report = roster.apply(roster.plan(client, prune=True, max_prune=1))
    told = report.to_dicts()

    assert [(row["line"], row["outcome"]) for row in told] == [
        (1, "done"),
        (2, "done"),
        (3, "done"),
        (4, "done"),
        (None, "done"),
    ]
    assert told[1]["reason"] == told[3]["reason"] == "the same as line 1"
    report.to_json_lines(tmp_path / "report.jsonl")
    lines = (tmp_path / "report.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == told
    report.to_csv(tmp_path / "report.csv")
    said = (tmp_path / "report.csv").read_text(encoding="utf-8").splitlines()
    assert said[0] == "line,client,email,role,where,action,outcome,id,reason,error"
    assert len(said) == 6
    assert said[3].startswith("3,cloudtruth,'=cmd@example.org,VIEWER")


def test_what_went_wrong_is_raised_where_that_is_wanted() -> None:
    fake = FakeCloudTruth()
    client, roster = client_of(fake), Roster(people(3, viewer))
    roster.apply(roster.plan(client)).raise_for_failures()
    fake.faults.plan(Fault.status(400, body={"email": ["no"]}), on="invitations_create", nth=1)
    other = Roster([viewer(f"q{place}@example.org") for place in range(3)])
    with pytest.raises(ExceptionGroup) as caught:
        other.apply(other.plan(client), max_concurrency=1).raise_for_failures()

    assert caught.value.message == "1 of 3 rows are not as the list wants them"
    (error,) = caught.value.exceptions
    assert isinstance(error, InviteError)
    assert error.__notes__[-1] == "line 1: q0@example.org (cloudtruth), to create"


def test_a_report_shows_no_invite_key(tmp_path: Path) -> None:
    fake = FakeEnhance()
    roster, client = Roster(people(1, enhanced)), client_of(fake)
    report = roster.apply(roster.plan(client), journal=tmp_path / "run.journal")
    key = report.outcomes[0].id

    assert key
    assert all(key not in shown for shown in (repr(report), report._repr_html_(), repr(report.outcomes)))
    assert report.to_dicts()[0]["id"] == key


def test_a_report_prints_what_is_not_as_it_should_be() -> None:
    fake = FakeCloudTruth()
    roster = Roster(people(2, viewer))
    plan = roster.plan(client_of(fake))
    fake.faults.plan(Fault.status(401), on="invitations_create", times=None)
    said = str(roster.apply(plan, max_concurrency=1)).splitlines()

    assert said[0].startswith("Report: 1 failed, 1 left; stopped: ")
    assert said[1].startswith("  failed   p0@example.org (cloudtruth, line 1): AuthenticationError: ")
    assert said[2].startswith(
        "  left     p1@example.org (cloudtruth, line 2): not tried after a failure that it would share: "
    )


# What ends a run.


@pytest.mark.anyio
async def test_a_cancellation_waits_for_what_is_on_the_wire_and_notes_it(tmp_path: Path) -> None:
    fake, path = FakeCloudTruth(), tmp_path / "run.journal"
    held, go_on = anyio.Event(), anyio.Event()

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "POST":
                held.set()
                await go_on.wait()
            return await fake.transport().handle_async_request(request)

    roster = AsyncRoster(people(50, viewer))
    async with AsyncInviteClient(fake.connection(), transport=Slow()) as client:
        plan = await roster.plan(client)
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: roster.apply(plan, journal=path))
            await held.wait()
            group.cancel_scope.cancel()
            go_on.set()
        made = fake.effects["created"]
        assert 0 < made <= 4
        entries = Journal.read(path, roster=plan.roster, clients=plan.clients)
        # What was noted ahead of its turn and not sent is noted as not done.
        states = Counter(entry.state for entry in entries.values())
        assert states["done"] == made
        assert set(states) <= {"done", "failed"}

        assert (await roster.apply(plan, journal=path)).counts == {"done": 50 - made, "nothing": made}
    assert fake.effects["created"] == 50


@pytest.mark.anyio
async def test_a_cancellation_does_not_wait_for_a_wait_that_the_service_named(tmp_path: Path) -> None:
    fake, path = FakeCloudTruth(), tmp_path / "run.journal"
    fake.faults.plan(Fault.retry_after(600), on="invitations_create", times=None)
    roster = AsyncRoster(people(5, viewer))
    async with AsyncInviteClient(fake.connection(), transport=fake.transport()) as client:
        plan = await roster.plan(client)
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: roster.apply(plan, journal=path))
            with anyio.fail_after(5):
                while not fake.faults.injected:
                    await anyio.wait_all_tasks_blocked()
                group.cancel_scope.cancel()
    fake.faults.clear()
    async with AsyncInviteClient(fake.connection(), transport=fake.transport()) as client:
        assert (await roster.apply(plan, client, journal=path)).counts == {"done": 5}


INTERRUPTED = """
    import os, signal, sys, threading
    import httpx
    from invite_sdk import InviteClient
    from invite_sdk.roster import Journal, Roster
    from invite_sdk.testing import FakeCloudTruth

    number, path = int(sys.argv[1]), sys.argv[2]
    fake, first, go_on = FakeCloudTruth(), threading.Lock(), threading.Event()

    class Interrupting(httpx.BaseTransport):
        def handle_request(self, request):
            if request.method == "POST" and first.acquire(blocking=False):
                os.kill(os.getpid(), number)
            if request.method == "POST":
                go_on.wait(0.2)  # so that the interrupt comes first
            return fake.transport().handle_request(request)

    roster = Roster([{"email": f"p{n}@example.org", "role": "VIEWER"} for n in range(500)])
    with InviteClient(fake.connection(), transport=Interrupting()) as client:
        plan = roster.plan(client)
        try:
            roster.apply(plan, journal=path)
        except (KeyboardInterrupt, SystemExit) as error:
            print(type(error).__name__, getattr(error, "code", None))
        go_on.set()
        made = {row.email for row in fake.invitations}
        states = {entry.state for entry in Journal.read(path, roster=plan.roster, clients=plan.clients).values()}
        # What was noted ahead of its turn and not sent is noted as not done.
        print(0 < len(made) < 500, "done" in states, states <= {"done", "failed"})
        print(roster.apply(plan, journal=path).ok, fake.effects["created"])
        print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)
"""


@pytest.mark.parametrize(("number", "said"), [(2, "KeyboardInterrupt None"), (15, "SystemExit 143")])
def test_an_interrupt_ends_what_is_on_the_wire_and_the_next_run_goes_on(number: int, said: str, tmp_path: Path) -> None:
    printed = programs.run(INTERRUPTED, str(number), str(tmp_path / "run.journal")).splitlines()

    assert printed == [said, "True True True", "True 500", "True"]


# What apply takes.


def test_a_plan_can_be_applied_where_an_event_loop_runs() -> None:
    fake = FakeCloudTruth()

    async def notebook() -> Report:
        roster, client = Roster(people(3, viewer)), client_of(fake)
        return roster.apply(roster.plan(client))

    assert anyio.run(notebook).counts == {"done": 3}


async def watching(event: RowEvent) -> None:
    raise AssertionError(event)


class Watcher:
    async def __call__(self, event: RowEvent) -> None:
        raise AssertionError(event)


def wrong_ones(name: str, *values: object) -> list[dict[str, object]]:
    return [{name: value} for value in values]


WRONG: list[dict[str, Any]] = [
    {"max_concurrency": 0},
    {"max_rate": 0},
    {"max_rate": float("nan")},
    {"max_wait": -1},
    {"max_wait": float("inf")},
    *wrong_ones("settle", -1, float("nan"), float("inf"), True, "5", None),
    *wrong_ones("repeat_unknown", "false", 0, 1, None),
    *wrong_ones("on_event", "print", 0, [], watching, functools.partial(watching), Watcher()),
    *wrong_ones("changed_list", "yes", 1, None),
    *wrong_ones("same_accounts", "cloud", 1, None, [1]),
    *wrong_ones("journal", "", " ", 0, True, b"run.journal", []),
]


@pytest.mark.parametrize("wrong", WRONG, ids=count())
def test_settings_that_cannot_be_right_are_refused(way: Way, wrong: dict[str, Any]) -> None:
    fake = FakeCloudTruth()
    list_ = People(way, fake, people(1, viewer))
    plan = list_.plan()
    before = len(fake.requests)
    with pytest.raises(InvalidArgumentError, match=next(iter(wrong))):
        list_.apply(plan, **wrong)
    assert len(fake.requests) == before


def test_only_a_plan_is_applied() -> None:
    with pytest.raises(InvalidArgumentError, match="apply takes a Plan"):
        Roster(people(1, viewer)).apply({}, client_of(FakeCloudTruth()))  # type: ignore[arg-type]


def test_a_list_that_made_no_plan_needs_the_client() -> None:
    fake = FakeCloudTruth()
    plan = Plan.from_json(Roster(people(1, viewer)).plan(client_of(fake)).to_json())
    with pytest.raises(InvalidArgumentError, match="apply needs the client"):
        Roster(people(1, viewer)).apply(plan)


def test_nothing_is_asked_where_there_is_nothing_to_do() -> None:
    fake = FakeCloudTruth()
    fake.invite("p0@example.org")
    roster, client = Roster(people(1, viewer)), client_of(fake)
    plan = roster.plan(client)
    fake.requests.clear()
    assert roster.apply(plan).counts == {"nothing": 1}
    assert fake.requests == []


@pytest.mark.parametrize("fake", [FakeCloudTruth(), FakeEnhance()], ids=["cloudtruth", "enhance"])
def test_a_list_that_has_changed_goes_on_with_its_journal_where_that_is_said(fake: Any, tmp_path: Path) -> None:
    is_seen = isinstance(fake, FakeCloudTruth)
    given = {"role": "VIEWER"} if is_seen else {"role": "SuperAdmin", "name": "P", "organization": fake.org_id("Acme")}
    before = [{"email": f"p{place}@example.org", **given} for place in range(3)]
    path = tmp_path / "run.journal"
    with InviteClient(fake.connection(), transport=fake.transport()) as client:
        first = Roster(before)
        first.apply(first.plan(client), journal=path)
        second = Roster([*before[1:], {**before[0], "email": "new@example.org"}])

        with pytest.raises(JournalError, match="changed_list=True"):
            second.plan(client, journal=path)
        with pytest.raises(JournalError, match="changed_list=True"):
            second.apply(second.plan(client), journal=path)
        plan = second.plan(client, journal=path, changed_list=True)
        assert plan.counts == {"nothing": 2, "create": 1}
        assert second.apply(plan, journal=path, changed_list=True).counts == {"nothing": 2, "done": 1}
        # From now on it is the journal of the new list.
        assert second.plan(client, journal=path).counts == {"nothing": 3}
    assert fake.effects["created"] == 4
