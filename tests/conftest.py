"""What every test may use, and what is checked in every test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from invite_sdk.testing import messages, suite
from invite_sdk.testing.suite.fixtures import answers_as_specified, anyio_backend, watch, ways
from invite_sdk.testing.suite.ways import WAYS, Way
from tests.behaviour import worlds
from tests.reliability.doors import Door
from tests.support.net import Net

__all__ = ["answers_as_specified", "anyio_backend", "watch", "ways", "worlds"]

SUITE = Path(suite.__path__[0])
PROOFS = [
    Path(__file__).parent / name
    for name in (
        *("reliability", "behaviour/test_throttling.py", "cli/test_canary.py"),
        *("test_walk.py", "testing/test_schemathesis.py"),
    )
]

# What the fakes answer is compared as it stands, times included.
messages._this_moment = lambda: datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Takes tests out of what is measured that go over lines which others meet: measuring makes them twice as long.

    They come last, since what runs in the threads of the ways is not measured any more once measuring has paused.
    """
    again = [item for item in items if _goes_over_the_same_again(item)]
    for item in again:
        item.add_marker("no_cover")
    items.sort(key=lambda item: item.get_closest_marker("no_cover") is not None)


def _goes_over_the_same_again(item: pytest.Item) -> bool:
    way = item.callspec.params.get("way") if isinstance(item, pytest.Function) and hasattr(item, "callspec") else None
    is_proof = any(item.path.is_relative_to(path) for path in PROOFS)
    return is_proof or (item.path.is_relative_to(SUITE) and way in ("asyncio", "trio"))


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, ways: dict[str, Way]) -> Iterator[Door]:
    """Runs a test synchronously, on asyncio and on trio, with clients on the clocks of their fakes."""
    with ExitStack() as closing:
        yield Door(ways[request.param], closing)


@pytest.fixture(params=WAYS)
def net(request: pytest.FixtureRequest, ways: dict[str, Way]) -> Net:
    """Runs a test synchronously, on asyncio and on trio, over real connections or a transport of its own."""
    return Net(ways[request.param])
