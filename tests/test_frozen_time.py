"""Time that stands still or is elsewhere: the SDK works in it, also when it is used for the first time there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.support import programs

ROOT: Final = Path(__file__).resolve().parents[1]

# What was loaded before time was frozen.
BEFORE: Final = {
    "nothing": "",
    "the package": "import invite_sdk, invite_sdk.testing",
    "pydantic": "from pydantic import BaseModel",
    "the models": "from invite_sdk import Invitation",
    "a service and its client": "from invite_sdk import InviteClient, Waldur; import invite_clients.waldur",
    "everything": "live()",
}
FREEZES: Final = {
    "ticking": "freeze_time('2020-01-01', tick=True)",
    "ticking by itself": "freeze_time('2020-01-01', auto_tick_seconds=15)",
    "elsewhere": "freeze_time('2020-01-01', tz_offset=5)",
    "without us": "freeze_time('2020-01-01', ignore=['invite_sdk', 'invite_clients'])",
    "moved": "time_machine.travel('2020-01-01T00:00:00Z', tick=False)",
}


def run(program: str) -> str:
    """What a program prints that has what freezes time at hand."""
    head = "import datetime, sys\nfrom freezegun import freeze_time\nimport time_machine\n"
    return programs.run(f"{head}from tests.frozen_time import OURS, left, live\n{program}")


AFTERWARDS: Final = """
assert left() == []
assert live() == first
from pydantic import BaseModel
class Theirs(BaseModel):
    at: datetime.datetime
    on: datetime.date
print(first)
"""


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_the_first_use_works_within_frozen_time_and_leaves_nothing_of_it(before: str) -> None:
    printed = run(f"{before}\nwith freeze_time('2020-01-01'):\n    first = live()\n{AFTERWARDS}")

    assert "FakeWaldur list" in printed


@pytest.mark.parametrize("freeze", FREEZES.values(), ids=FREEZES)
def test_it_works_in_every_kind_of_frozen_time(freeze: str) -> None:
    printed = run(f"with {freeze}:\n    first = live()\n{AFTERWARDS}")

    assert "FakeWaldur list" in printed


def test_it_works_in_nested_frozen_time() -> None:
    printed = run(
        "with freeze_time('2020-01-01'):\n"
        "    from invite_sdk import Invitation\n"
        "    with freeze_time('2021-01-01'):\n        first = live()\n"
        f"    assert live() == first\n{AFTERWARDS}"
    )

    assert "FakeWaldur list" in printed


@pytest.mark.parametrize(
    "module", ["invite_sdk._model.invitation", "invite_sdk._flows.rows", "invite_sdk.testing.base.dump"]
)
@pytest.mark.parametrize("generated", [False, True])
def test_whichever_module_loads_pydantic_others_can_use_it_afterwards(module: str, generated: bool) -> None:
    loading = "from invite_clients import waldur; waldur.user_invitations_list" if generated else f"import {module}"
    printed = run(
        f"with freeze_time('2020-01-01'):\n    {loading}\n"
        "from pydantic import BaseModel\n"
        "class Theirs(BaseModel):\n    at: datetime.datetime\n"
        "print(Theirs(at='2020-01-01').at.year)"
    )

    assert printed == "2020\n"


def test_a_clock_and_is_overdue_go_by_the_time_that_everybody_sees() -> None:
    printed = run(
        """
from invite_sdk import Invitation
from invite_sdk.testing import FakeClock, FakeWaldur
due = Invitation(service="waldur", id="1", status="pending", expires_at="2020-01-02T00:00:00Z")
with freeze_time("2020-01-01") as frozen:
    clock = FakeClock()
    print(due.is_overdue, clock.now(), type(clock.now()) is not type(datetime.datetime.now()))
    frozen.tick(86400)
    print(due.is_overdue, clock.now(), FakeClock().now() == datetime.datetime.now(datetime.UTC))
with time_machine.travel("2020-01-01T12:00:00Z", tick=False):
    print(due.is_overdue, FakeClock().now() == datetime.datetime.now(datetime.UTC))
print(due.is_overdue)
"""
    )

    assert printed.splitlines() == [
        "False 2020-01-01 00:00:00+00:00 True",
        "True 2020-01-01 00:00:00+00:00 True",
        "False True",
        "True",
    ]


def test_time_limits_go_on_while_time_is_frozen() -> None:
    printed = run(
        """
import httpx
from invite_sdk import DeadlineExceededError, InviteClient, Waldur
from invite_sdk.testing import FakeWaldur
from invite_sdk._flows.clocks import monotonic
def slowly():
    yield b"["
    start = monotonic()
    while monotonic() < start + 0.02:
        pass
    yield b"]"
for made_in in (False, True):
    def make():
        transport = httpx.MockTransport(lambda request: httpx.Response(200, content=slowly()))
        return InviteClient(Waldur("https://waldur.example", token="t"), transport=transport, deadline=0.01)
    client = None if made_in else make()
    with freeze_time("2020-01-01"):
        client = client or make()
        try:
            client.list().all()
        except DeadlineExceededError as error:
            print(type(error).__name__)
"""
    )

    assert printed.split() == ["DeadlineExceededError"] * 2


def test_a_served_fake_answers_and_ends_within_frozen_time_and_after_it() -> None:
    printed = run(
        """
import urllib.error, urllib.request
from invite_sdk.testing import FakeWaldur
def ask(url):
    try:
        urllib.request.urlopen(f"{url}/api/user-invitations/")
    except urllib.error.HTTPError as error:
        with error:
            print(error.code)
freeze = freeze_time("2020-01-01")
freeze.start()
with FakeWaldur().serve() as url:
    ask(url)
with FakeWaldur().serve() as url:
    ask(url)
    freeze.stop()
    ask(url)
"""
    )

    assert printed.split() == ["401"] * 3


def test_no_module_of_ours_takes_a_class_that_is_replaced_from_the_standard_library() -> None:
    taking = [
        str(path.relative_to(ROOT))
        for folder in ("src", "generated")
        for path in (ROOT / folder).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("import datetime")
        or (line.strip().startswith("from datetime import") and "date" in line.removeprefix("from datetime"))
    ]

    assert sorted(set(taking)) == ["generated/invite_clients/_times.py"]
