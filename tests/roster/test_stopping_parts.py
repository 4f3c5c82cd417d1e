"""What interrupts a run with an executor stops its parts between two rows, also where only the parent hears of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import programs

STOPPED = """
    import multiprocessing, os, signal, sys, threading
    from concurrent.futures import ProcessPoolExecutor
    from invite_sdk import InviteClient
    from invite_sdk.roster import Roster
    from invite_sdk.testing import FakeCloudTruth

    number, folder = int(sys.argv[1]), sys.argv[2]
    some = threading.Event()

    class Watched(FakeCloudTruth):
        def handle(self, request):
            answer = super().handle(request)
            if self.effects["created"] >= 5:
                some.set()
            return answer

    def end():
        some.wait()
        os.kill(os.getpid(), number)

    fake = Watched()
    roster = Roster([{"email": f"p{n}@example.org", "role": "VIEWER"} for n in range(200)])
    with fake.serve() as url:
        os.environ["INVITE_CLOUDTRUTH_URL"] = url
        account = fake.users.first()
        os.environ["INVITE_CLOUDTRUTH_" + ("API_KEY" if account.api_key else "JWT")] = account.api_key or account.jwt
        with InviteClient.from_env("cloudtruth") as client:
            plan = roster.plan(client)
        more = {"journal": folder, "shards": 2}
        threading.Thread(target=end).start()
        try:
            with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
                roster.apply(plan, executor=pool, max_rate=25, **more)
        except (KeyboardInterrupt, SystemExit) as error:
            print(type(error).__name__, getattr(error, "code", None))
        print(5 <= fake.effects["created"] < 100, signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
            print(roster.apply(plan, executor=pool, **more).ok, fake.effects["created"])
"""


@pytest.mark.parametrize(("number", "said"), [(2, "KeyboardInterrupt None"), (15, "SystemExit 143")])
def test_what_ends_the_parent_alone_stops_its_parts_and_the_next_run_goes_on(
    number: int, said: str, tmp_path: Path
) -> None:
    printed = programs.run(STOPPED, str(number), str(tmp_path / "journals")).splitlines()

    assert printed == [said, "True True", "True 200"]
