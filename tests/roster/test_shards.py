"""An executor applies a list in parts: nobody twice, nobody lost, whichever worker dies; no credential leaves."""

from __future__ import annotations

import multiprocessing
import pickle
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from invite_sdk import (
    AuthenticationError,
    ConfigurationError,
    InvalidArgumentError,
    InviteClient,
    InviteError,
    Scope,
)
from invite_sdk.hub import Hub
from invite_sdk.roster.journal import JournalError
from invite_sdk.roster.plan import Plan
from invite_sdk.roster.policy import Policy
from invite_sdk.roster.report import Report, RowEvent
from invite_sdk.roster.roster import Roster
from invite_sdk.roster.rows import Row
from invite_sdk.roster.shards import shard_of
from invite_sdk.testing import FakeEnhance, FakeWaldur
from tests.roster import factories
from tests.support import programs

# From Python 3.12 on a fork beside threads, such as those of the served fakes, is warned of.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")

PEOPLE = [f"p{number}@example.com" for number in range(12)]
SHARDS = 4


@contextmanager
def dask() -> Generator[Executor]:
    """Dask's executor, over two workers in processes of their own."""
    distributed: Any = import_module("distributed")

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=60
        ) as cluster,
        distributed.Client(cluster) as client,
        client.get_executor() as executor,
    ):
        yield executor


def processes(method: str, number: int = 2) -> Callable[[], Executor]:
    return lambda: ProcessPoolExecutor(number, multiprocessing.get_context(method))


MORTALS = 2 if sys.version_info < (3, 12) else 1
"""How many processes there are where one dies: as its pool is left, Python 3.12 and 3.13 may wait without end for a
second one that it was starting meanwhile."""


EXECUTORS = [
    pytest.param(processes("spawn"), id="spawn"),
    pytest.param(
        processes("fork"),
        id="fork",
        marks=pytest.mark.skipif(
            "fork" not in multiprocessing.get_all_start_methods(), reason="this system has no fork"
        ),
    ),
    pytest.param(lambda: ThreadPoolExecutor(2), id="threads"),
    pytest.param(dask, id="dask", marks=pytest.mark.tools),
]
MORTAL = [
    pytest.param(processes(str(param.id), MORTALS), id=param.id, marks=param.marks)
    if param.id in ("spawn", "fork")
    else param
    for param in EXECUTORS
    if param.id != "threads"
]
"""Those whose workers can die alone."""


class Spy(Executor):
    """Hands everything over as bytes, as to another process, and keeps these."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.came: list[bytes] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.sent.append(pickle.dumps((fn, args, kwargs)))
        work, given, named = pickle.loads(self.sent[-1])
        future = Future[Any]()
        try:
            result = work(*given, **named)
        except Exception as error:  # noqa: BLE001 - carried over as an executor does
            self.came.append(pickle.dumps(error))
            future.set_exception(pickle.loads(self.came[-1]))
        else:
            self.came.append(pickle.dumps(result))
            future.set_result(pickle.loads(self.came[-1]))
        return future


class Refusing(Executor):
    """Takes one piece of work, which it never does, and no more."""

    taken = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.taken += 1
        if self.taken > 1:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future = Future[Any]()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


@pytest.fixture
def waldur(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWaldur]:
    """A served Waldur, of which the environment knows."""
    fake = FakeWaldur()
    with fake.serve() as url:
        monkeypatch.setenv("INVITE_WALDUR_URL", url)
        monkeypatch.setenv("INVITE_WALDUR_TOKEN", fake.users["staff"].token)
        yield fake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journals"


def people(*emails: str) -> Roster:
    return Roster([Row(email, "CUSTOMER.MANAGER", "Acme Org") for email in emails or PEOPLE])


def planned(roster: Roster, **options: Any) -> Plan:
    with InviteClient.from_env("waldur") as client:
        return roster.plan(client, **options)


def applied(roster: Roster, plan: Plan, executor: Executor, folder: Path, **options: Any) -> Report:
    chosen: dict[str, Any] = {"shards": SHARDS, "settle": 0.0, **options}
    return roster.apply(plan, journal=folder, executor=executor, **chosen)


def mailed(fake: FakeWaldur | FakeEnhance) -> Counter[str]:
    return Counter(mail.to for mail in fake.outbox)


def creates(fake: FakeWaldur) -> int:
    return sum(exchange.request.method == "POST" for exchange in fake.requests)


@pytest.mark.parametrize("make", EXECUTORS)
def test_everybody_is_invited_once_and_told_in_the_order_of_the_plan(
    make: Callable[[], Executor], waldur: FakeWaldur, folder: Path
) -> None:
    roster = people()
    plan = planned(roster)
    events: list[RowEvent] = []

    with make() as executor:
        report = applied(roster, plan, executor, folder, on_event=events.append)
        again = applied(roster, plan, executor, folder)

    assert report.counts == {"done": len(PEOPLE)}
    assert [outcome.planned.row.email for outcome in report] == PEOPLE
    assert {outcome.id for outcome in report} == {invitation.uuid for invitation in waldur.invitations}
    assert sorted(event.planned.row.email for event in events) == sorted(PEOPLE)
    assert again.counts == {"nothing": len(PEOPLE)}
    assert mailed(waldur) == dict.fromkeys(PEOPLE, 1)


@pytest.mark.parametrize("make", MORTAL)
def test_nobody_is_lost_or_invited_twice_when_a_worker_dies(
    make: Callable[[], Executor], waldur: FakeWaldur, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(factories.MARK, str(tmp_path / "died"))
    roster = people()
    plan = planned(roster)
    once = {"make_client": factories.dying, "max_concurrency": 1}

    with make() as executor:
        first = applied(roster, plan, executor, folder, **once)
    with make() as executor:
        second = applied(roster, plan, executor, folder, **once)

    assert (tmp_path / "died").exists()
    assert set(first.counts) <= {"done", "left", "nothing"}
    assert set(second.counts) <= {"done", "nothing"}
    assert mailed(waldur) == dict.fromkeys(PEOPLE, 1)


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_the_rows_of_a_dead_worker_are_left(
    method: str, waldur: FakeWaldur, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip("this system has no such processes")
    monkeypatch.setenv(factories.MARK, str(tmp_path / "died"))
    roster = people()

    with processes(method, MORTALS)() as executor:
        report = applied(
            roster, planned(roster), executor, folder, shards=1, make_client=factories.dying, max_concurrency=1
        )

    assert report.counts == {"left": len(PEOPLE)}
    assert "BrokenProcessPool" in report.stopped
    assert "run again" in report.stopped


def test_the_rows_are_left_that_an_executor_does_not_take(waldur: FakeWaldur, folder: Path) -> None:
    roster = people()
    report = applied(roster, planned(roster), Refusing(), folder)

    assert report.counts == {"left": len(PEOPLE)}
    reasons = {outcome.reason.partition(";")[0] for outcome in report}
    assert reasons == {
        "the worker of this part was canceled",
        "the worker of this part ended with RuntimeError",
    }


def test_no_credential_is_in_what_is_handed_over(waldur: FakeWaldur, folder: Path) -> None:
    roster, spy = people(), Spy()
    report = applied(roster, planned(roster), spy, folder)

    assert report.counts == {"done": len(PEOPLE)}
    assert len(spy.sent) == len(spy.came) == len(list(folder.glob("*.journal")))
    token = waldur.users["staff"].token.encode()
    assert not [passed for passed in spy.sent + spy.came if token in passed]


def test_a_refusal_comes_back_whole_and_without_the_credential(
    waldur: FakeWaldur, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roster, spy = people(), Spy()
    plan = planned(roster)
    monkeypatch.setenv("INVITE_WALDUR_TOKEN", "0123456789abcdef-not-known")
    report = applied(roster, plan, spy, folder)

    assert report.counts == {"left": len(PEOPLE)}
    [status] = {error.status for outcome in report if isinstance(error := outcome.error, AuthenticationError)}
    assert status == 401
    assert not [passed for passed in spy.sent + spy.came if b"0123456789abcdef" in passed]


def test_clients_of_one_service_come_from_a_factory(
    waldur: FakeWaldur, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FakeWaldur(seed=1)
    with ExitStack() as stack:
        clients: dict[str, InviteClient] = {}
        for name, fake, url in (
            ("ours", waldur, waldur.base_url),
            ("theirs", other, stack.enter_context(other.serve())),
        ):
            monkeypatch.setenv(f"{name}_URL", url)
            monkeypatch.setenv(f"{name}_TOKEN", fake.users["staff"].token)
            clients[name] = stack.enter_context(factories.by_name(name))
        roster = Roster(
            [Row(email, "CUSTOMER.MANAGER", "Acme Org", client=name) for email in PEOPLE[:3] for name in clients]
        )
        plan = roster.plan(Hub(clients))
        with pytest.raises(ConfigurationError, match="make_client must say how"):
            applied(roster, plan, Spy(), folder)
        assert not folder.exists()
        report = applied(roster, plan, Spy(), folder, make_client=factories.by_name)

    assert report.counts == {"done": 6}
    assert mailed(waldur) == mailed(other) == dict.fromkeys(PEOPLE[:3], 1)


@pytest.mark.parametrize(
    ("factory", "kind", "said"),
    [
        (
            factories.broken,
            ConfigurationError,
            "make_client failed in a worker with LookupError for the client 'waldur'",
        ),
        (factories.nothing, ConfigurationError, "make_client must return an InviteClient, and returned a NoneType"),
        (factories.elsewhere, InvalidArgumentError, "this plan is for other clients"),
    ],
)
def test_a_worker_without_the_right_client_sends_nothing(
    factory: Callable[[str], InviteClient], kind: type[InviteError], said: str, waldur: FakeWaldur, folder: Path
) -> None:
    roster = people()
    plan = planned(roster)
    before = len(waldur.requests)
    report = applied(roster, plan, Spy(), folder, make_client=factory)

    assert report.counts == {"left": len(PEOPLE)}
    assert said in report.stopped
    assert {type(outcome.error) for outcome in report} == {kind}
    assert len(waldur.requests) == before
    assert "vault" not in str(report)


def test_another_number_of_shards_is_refused(waldur: FakeWaldur, folder: Path) -> None:
    roster = people()
    plan = planned(roster)
    applied(roster, plan, Spy(), folder)
    spy = Spy()

    with pytest.raises(JournalError, match="journals of 4 shards, which say who was invited: go on with shards=4"):
        applied(roster, plan, spy, folder, shards=5)
    assert spy.sent == []


def test_a_changed_list_is_refused_before_anything_is_handed_over(waldur: FakeWaldur, folder: Path) -> None:
    roster = people()
    applied(roster, planned(roster), Spy(), folder)
    longer, spy = people(*PEOPLE, "new@example.com"), Spy()

    with pytest.raises(JournalError, match="list"):
        applied(longer, planned(longer), spy, folder)
    assert spy.sent == []


def test_a_file_is_no_folder_for_journals(waldur: FakeWaldur, folder: Path) -> None:
    folder.touch()
    roster = people()

    with pytest.raises(JournalError, match="with an executor the journal is a folder"):
        applied(roster, planned(roster), Spy(), folder)


@pytest.mark.parametrize("shards", [0, -1, 10_001, 1.5, True])
def test_a_number_of_shards_that_is_none_is_refused(shards: object, waldur: FakeWaldur, folder: Path) -> None:
    roster = people()

    with pytest.raises(InvalidArgumentError, match="shards must be a whole number from 1 to 10000"):
        applied(roster, planned(roster), Spy(), folder, shards=shards)


def test_an_executor_needs_a_journal(waldur: FakeWaldur) -> None:
    roster = people()

    with pytest.raises(InvalidArgumentError, match="there must be a journal"):
        roster.apply(planned(roster), executor=Spy())


def test_pruned_invitations_are_canceled_by_the_parts(waldur: FakeWaldur, folder: Path) -> None:
    everybody = people()
    applied(everybody, planned(everybody), Spy(), folder)
    kept = people(*PEOPLE[:4])
    plan = planned(kept, policy=Policy(expired="leave"), prune=True, max_prune=8)
    report = applied(kept, plan, Spy(), folder.with_name("others"))

    assert [outcome.planned.key for outcome in report] == [row.key for row in plan]
    assert report.counts == {"done": 8, "nothing": 4}
    states = {invitation.email: invitation.state for invitation in waldur.invitations}
    assert [states[email] for email in PEOPLE] == ["pending"] * 4 + ["canceled"] * 8


def test_a_part_reads_only_the_places_of_its_own_rows(waldur: FakeWaldur, folder: Path) -> None:
    roster = Roster(
        [
            Row(email, "PROJECT.MEMBER", scope=Scope("project", waldur.projects[project].uuid))
            for email, project in (("ann@example.com", "apollo"), ("bob@example.org", "beta"))
        ]
    )
    plan = planned(roster)
    assert [shard_of(row.row, 2) for row in plan] == [0, 1]
    before = len(waldur.requests)
    report = applied(roster, plan, Spy(), folder, shards=2)

    assert report.counts == {"done": 2}
    made = [exchange.request for exchange in waldur.requests[before:]]
    listed = [request.query for request in made if request.path == "/api/user-invitations/" and request.method == "GET"]
    assert len(listed) == 2
    assert len(set(map(str, listed))) == 2


def test_a_watcher_that_fails_loses_no_outcome(waldur: FakeWaldur, folder: Path) -> None:
    def watcher(event: RowEvent) -> None:
        raise LookupError(event.kind)

    roster = people()
    assert applied(roster, planned(roster), Spy(), folder, on_event=watcher).ok


def test_whom_the_journals_know_is_not_planned_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enhance has no list: only the journals know."""
    fake = FakeEnhance()
    with fake.serve() as url:
        token = fake.users["acme"]
        monkeypatch.setenv("INVITE_ENHANCE_URL", url)
        monkeypatch.setenv("INVITE_ENHANCE_TOKEN", token.token or "")
        monkeypatch.setenv("INVITE_ENHANCE_ORGANIZATION", fake.org_id("Acme"))
        roster = Roster([Row(email, "Support", fake.org_id("Acme"), name="Somebody") for email in PEOPLE])
        with InviteClient.from_env("enhance") as client:
            plan = roster.plan(client)
            report = applied(roster, plan, Spy(), folder)
            again = roster.plan(client, journal=folder)

    assert report.counts == {"done": len(PEOPLE)}
    assert again.counts == {"nothing": len(PEOPLE)}


def test_what_stopped_a_former_run_stops_no_other(waldur: FakeWaldur, folder: Path) -> None:
    class Enough(BaseException):
        """What a watcher may raise to end a run."""

    def watcher(event: RowEvent) -> None:
        raise Enough

    roster = people()
    plan = planned(roster)
    with pytest.raises(Enough):
        applied(roster, plan, Spy(), folder, on_event=watcher)
    assert (folder / "stop").exists()
    assert applied(roster, plan, Spy(), folder).ok
    assert not (folder / "stop").exists()


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_a_row_is_in_the_same_part_in_every_process(seed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `printf 'waldur\\nann@example.com' | sha256sum` says, whose first 64 bits count."""
    monkeypatch.setenv("PYTHONHASHSEED", seed)
    said = programs.run("""
        from invite_sdk.roster.rows import Row
        from invite_sdk.roster.shards import shard_of

        for client, email in [("waldur", "ann@example.com"), ("waldur", "ANN@Example.COM"), ("lab", "ann@example.com"),
                              ("waldur", "bob@example.org"), ("waldur", "zoë@example.com")]:
            row = Row(email, "member", client=client)
            print(*(shard_of(row, shards) for shards in (2, 8, 1000)))
    """)
    assert said.splitlines() == ["0 4 748", "0 4 748", "0 2 754", "1 1 17", "0 4 612"]
