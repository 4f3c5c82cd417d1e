"""What every test may use, and what is checked in every test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from invite_sdk.testing import messages
from invite_sdk.testing.suite.fixtures import answers_as_specified, anyio_backend, watch, ways
from invite_sdk.testing.suite.ways import WAYS, Way
from tests.behaviour import worlds
from tests.reliability.doors import Door
from tests.support.net import Net

__all__ = ["answers_as_specified", "anyio_backend", "watch", "ways", "worlds"]

# What the fakes answer is compared as it stands, times included.
messages._this_moment = lambda: datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, ways: dict[str, Way]) -> Iterator[Door]:
    """Runs a test synchronously, on asyncio and on trio, with clients on the clocks of their fakes."""
    with ExitStack() as closing:
        yield Door(ways[request.param], closing)


@pytest.fixture(params=WAYS)
def net(request: pytest.FixtureRequest, ways: dict[str, Way]) -> Net:
    """Runs a test synchronously, on asyncio and on trio, over real connections or a transport of its own."""
    return Net(ways[request.param])
