"""The bar of `.all(progress=True)`: what it counts, that it closes, and that nothing depends on it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from types import ModuleType
from typing import Any, Final

import pytest

from invite_sdk import NO_RETRIES, AsyncInviteClient, AttemptEvent, InviteClient, ServerError
from invite_sdk.testing import FakeCloudTruth, FakeService, FakeWaldur, Fault
from tests.support import programs

ROWS: Final = 250
"""Of three pages."""


class Bar:
    """What stands for tqdm's bar, and notes what it is told."""

    made: Final[list[Bar]] = []

    def __init__(self, *, desc: str | None, total: int | None, initial: int, unit: str) -> None:
        self.desc, self.n = desc, initial
        self.totals = [total]
        self.counts = [initial]
        self.is_open = True
        self.made.append(self)

    def close(self) -> None:
        self.is_open = False

    @property
    def total(self) -> int | None:
        return self.totals[-1]

    @total.setter
    def total(self, total: int) -> None:
        self.totals.append(total)

    def update(self, count: int) -> None:
        self.n += count
        self.counts.append(self.n)

    def refresh(self) -> None:
        assert self.is_open


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Bar]]:
    module: Any = ModuleType("tqdm.auto")
    module.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    yield Bar.made
    Bar.made.clear()


@pytest.fixture
def fake() -> FakeWaldur:
    made = FakeWaldur()
    for number in range(ROWS):
        made.invite(f"invitee{number}@example.org")
    return made


def read(fake: FakeService, *, progress: bool = True, **filters: Any) -> list[Any]:
    client = InviteClient(fake.connection(), transport=fake.transport(), retry=NO_RETRIES)
    return client.list(**filters).all(progress=progress)


def read_async(fake: FakeService, *, progress: bool = True, **filters: Any) -> list[Any]:
    async def main() -> list[Any]:
        async with AsyncInviteClient(fake.connection(), transport=fake.transport(), retry=NO_RETRIES) as client:
            return await client.list(**filters).all(progress=progress)

    return asyncio.run(main())


def read_in_a_running_loop(fake: FakeService, *, progress: bool = True, **filters: Any) -> list[Any]:
    async def main() -> list[Any]:
        return read(fake, progress=progress, **filters)

    return asyncio.run(main())


READERS: Final = pytest.mark.parametrize("read", [read, read_async, read_in_a_running_loop])
Read = Callable[..., list[Any]]


@READERS
def test_the_bar_counts_the_rows_of_each_page_up_to_the_total_that_the_service_says(
    read: Read, fake: FakeWaldur, bars: list[Bar]
) -> None:
    assert len(read(fake, page_size=100)) == ROWS

    [bar] = bars
    assert bar.desc == "waldur"
    assert bar.counts == [100, 200, 250]
    assert bar.totals == [250, 250]
    assert not bar.is_open


@READERS
@pytest.mark.parametrize("filters", [{"limit": 3}, {"email": "invitee7@example.org"}, {"email": "nobody@example.org"}])
def test_the_bar_ends_full_where_fewer_rows_come_than_the_service_has(
    filters: dict[str, Any], read: Read, fake: FakeWaldur, bars: list[Bar]
) -> None:
    found = read(fake, **filters)

    [bar] = bars
    assert bar.n == bar.total == len(found) < ROWS


def test_where_the_service_says_no_total_the_bar_has_none(bars: list[Bar]) -> None:
    fake = FakeCloudTruth()
    with InviteClient(fake.connection(), transport=fake.transport()) as client:
        roles = client.roles().all(progress=True)

    [bar] = bars
    assert bar.totals == [None, len(roles)]


@READERS
def test_the_bar_closes_when_the_listing_fails(read: Read, fake: FakeWaldur, bars: list[Bar]) -> None:
    fake.faults.plan(Fault.status(500), on="user_invitations_list", nth=2)

    with pytest.raises(ServerError):
        read(fake, page_size=100)

    [bar] = bars
    assert bar.counts == [100]
    assert not bar.is_open


def test_the_bar_closes_when_the_task_is_canceled(fake: FakeWaldur, bars: list[Bar]) -> None:
    def cancel(_event: AttemptEvent) -> None:
        task = asyncio.current_task()
        assert task is not None
        if bars:
            task.cancel()

    async def main() -> None:
        async with AsyncInviteClient(fake.connection(), transport=fake.transport(), hooks=[cancel]) as client:
            await client.list(page_size=100).all(progress=True)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    [bar] = bars
    assert bar.counts == [100]
    assert not bar.is_open


def test_roles_have_a_bar_too(fake: FakeWaldur, bars: list[Bar]) -> None:
    with InviteClient(fake.connection(), transport=fake.transport()) as client:
        roles = client.roles().all(progress=True)

    async def main() -> list[Any]:
        async with AsyncInviteClient(fake.connection(), transport=fake.transport()) as client:
            return list(await client.roles().all(progress=True))

    assert asyncio.run(main()) == roles
    assert [(bar.n, bar.is_open) for bar in bars] == [(len(roles), False)] * 2


@READERS
def test_without_tqdm_the_rows_come_and_nothing_is_shown(
    read: Read, fake: FakeWaldur, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)

    assert len(read(fake)) == ROWS
    assert capfd.readouterr() == ("", "")


def test_without_tqdm_an_error_has_no_other_cause(fake: FakeWaldur, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    fake.faults.plan(Fault.status(500), on="user_invitations_list")

    with pytest.raises(ServerError) as failed:
        read(fake)
    assert failed.value.__context__ is None


class BrokenPipe(StringIO):
    def write(self, _text: str, /) -> int:
        raise BrokenPipeError


def closed() -> StringIO:
    made = StringIO()
    made.close()
    return made


@pytest.mark.tools
@READERS
@pytest.mark.parametrize("stderr", [None, BrokenPipe(), closed()], ids=["none", "broken", "closed"])
def test_where_no_bar_can_be_shown_the_rows_come(
    read: Read, stderr: StringIO | None, fake: FakeWaldur, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stderr)
    assert len(read(fake, page_size=100)) == ROWS


@READERS
def test_no_bar_is_made_where_none_is_asked_for(read: Read, fake: FakeWaldur, bars: list[Bar]) -> None:
    assert len(read(fake, progress=False)) == ROWS
    assert bars == []


def test_nothing_of_it_is_loaded_where_none_is_asked_for() -> None:
    program = """
import sys
from invite_sdk import InviteClient
from invite_sdk.testing import FakeWaldur
fake = FakeWaldur()
InviteClient(fake.connection(), transport=fake.transport()).list().all()
print(*(name for name in sys.modules if name.startswith("tqdm") or name.endswith("_clients.progress")))
"""
    assert programs.run(program).strip() == ""


@pytest.mark.tools
def test_tqdm_draws_it(fake: FakeWaldur, capsys: pytest.CaptureFixture[str]) -> None:
    read(fake, page_size=100)
    drawn = capsys.readouterr().err
    assert "waldur: 100%" in drawn
    assert "250/250" in drawn
