"""What ends a run: signals, once and again, and a watcher. What is on the wire is noted, and the next run goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from invite_sdk import AsyncInviteClient, InviteClient
from invite_sdk.roster import AsyncRoster, Journal, Plan, Roster, RowEvent
from invite_sdk.testing import FakeCloudTruth
from tests.support import programs

FIRST = """
    import os, signal, sys, threading, time
    import anyio, httpx
    from invite_sdk import AsyncInviteClient, InviteClient
    from invite_sdk.roster import AsyncRoster, Journal, Roster
    from invite_sdk.testing import FakeCloudTruth

    path = sys.argv[1]
    fake, rows = FakeCloudTruth(), [{"email": f"p{n}@example.org", "role": "VIEWER"} for n in range(300)]

    def look(plan):
        made = {row.email for row in fake.invitations}
        states = {entry.state for entry in Journal.read(path, roster=plan.roster, clients=plan.clients).values()}
        print(0 < len(made) < 300, "done" in states, states <= {"done", "failed"})
"""

TWICE = """
    first, go_on, second = threading.Lock(), threading.Event(), threading.Event()

    class Slow(httpx.BaseTransport):
        def handle_request(self, request):
            if request.method == "POST":
                if first.acquire(blocking=False):
                    os.kill(os.getpid(), signal.SIGINT)
                    threading.Thread(target=again).start()
                go_on.wait()
            return fake.transport().handle_request(request)

    def again():
        # After the first one has been heard, since a second one before it is the same one.
        heard.wait()
        os.kill(os.getpid(), signal.SIGINT)
        second.wait()
        go_on.set()

    heard = threading.Event()

    def interrupt(*_):
        (second if heard.is_set() else heard).set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    roster = Roster(rows)
    with InviteClient(fake.connection(), transport=Slow()) as client:
        plan = roster.plan(client)
        try:
            roster.apply(plan, journal=path)
        except KeyboardInterrupt:
            print("interrupted", second.is_set(), go_on.is_set())
        look(plan)
"""

AWAITED = """
    async def main():
        is_sent, go_on = False, anyio.Event()

        class Slow(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request):
                nonlocal is_sent
                if request.method == "POST" and not is_sent:
                    is_sent = True
                    os.kill(os.getpid(), signal.SIGTERM)
                return await fake.transport().handle_async_request(request)

        roster = AsyncRoster(rows)
        async with AsyncInviteClient(fake.connection(), transport=Slow()) as client:
            plan = await roster.plan(client)
            try:
                await roster.apply(plan, journal=path)
            except SystemExit as error:
                print("ended with", error.code)
            look(plan)
            print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)

    anyio.run(main, backend=sys.argv[2])
"""


def test_a_second_interrupt_waits_too_for_what_is_on_the_wire(tmp_path: Path) -> None:
    printed = programs.run(FIRST + TWICE, str(tmp_path / "run.journal")).splitlines()

    assert printed == ["interrupted True True", "True True True"]


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_sigterm_ends_an_awaited_run_in_order(loop: str, tmp_path: Path) -> None:
    printed = programs.run(FIRST + AWAITED, str(tmp_path / "run.journal"), loop).splitlines()

    assert printed == ["ended with 143", "True True True", "True"]


class Enough(BaseException):
    """What a watcher may raise to end a run."""


ROWS = [{"email": f"p{place}@example.org", "role": "VIEWER"} for place in range(60)]
ENDS = [(kind, error) for kind in ("planned", "sent", "done") for error in (KeyboardInterrupt, SystemExit, Enough)]


def ending(kind: str, error: type[BaseException]) -> Callable[[RowEvent], None]:
    def watcher(event: RowEvent) -> None:
        if event.kind == kind:
            raise error

    return watcher


def check(fake: FakeCloudTruth, plan: Plan, path: Path, kind: str) -> None:
    """What was sent when a watcher ended the run is noted, and no more was sent."""
    made = fake.effects["created"]
    assert made == 0 if kind == "planned" else 0 < made < len(ROWS)
    entries = Journal.read(path, roster=plan.roster, clients=plan.clients)
    states = Counter(entry.state for entry in entries.values())
    assert states["done"] == made
    assert set(states) <= {"done", "failed"}


@pytest.mark.parametrize(("kind", "error"), ENDS)
def test_a_watcher_ends_a_run_in_order(tmp_path: Path, kind: str, error: type[BaseException]) -> None:
    fake, path, roster = FakeCloudTruth(), tmp_path / "run.journal", Roster(ROWS)
    with InviteClient(fake.connection(), transport=fake.transport()) as client:
        plan = roster.plan(client)
        with pytest.raises(error):
            roster.apply(plan, journal=path, on_event=ending(kind, error))
        check(fake, plan, path, kind)
        assert roster.apply(plan, journal=path).ok
    assert fake.effects["created"] == len(ROWS)


@pytest.mark.anyio
@pytest.mark.parametrize(("kind", "error"), ENDS)
async def test_a_watcher_ends_an_awaited_run_in_order(tmp_path: Path, kind: str, error: type[BaseException]) -> None:
    fake, path, roster = FakeCloudTruth(), tmp_path / "run.journal", AsyncRoster(ROWS)
    async with AsyncInviteClient(fake.connection(), transport=fake.transport()) as client:
        plan = await roster.plan(client)
        with pytest.raises(error):
            await roster.apply(plan, journal=path, on_event=ending(kind, error))
        check(fake, plan, path, kind)
        assert (await roster.apply(plan, journal=path)).ok
    assert fake.effects["created"] == len(ROWS)
