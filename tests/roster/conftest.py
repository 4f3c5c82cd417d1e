"""Time in these tests: it stands where the fakes begin, until a test moves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine

from invite_sdk.testing.suite.fixtures import way
from tests.roster.people import NOW

__all__ = ["now", "time_stands", "way"]


@pytest.fixture
def time_stands() -> Iterator[time_machine.Traveller]:
    """The wall clock stands at the moment at which fakes begin."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def now() -> datetime:
    """The moment at which fakes begin."""
    return NOW
