"""What every test may use, and what is checked in every test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from invite_sdk.testing import messages
from invite_sdk.testing.suite.watching import Watch

# What the fakes answer is compared as it stands, times included.
messages._this_moment = lambda: datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Runs each test that is marked `anyio` on both event loops."""
    backend: str = request.param
    return backend


@pytest.fixture(scope="session")
def watch() -> Iterator[Watch]:
    """Holds every answer of every fake against the service's specification, in the whole run."""
    made = Watch()
    with made.over_fakes():
        yield made


@pytest.fixture(autouse=True)
def answers_as_specified(watch: Watch) -> Iterator[None]:
    """Fails the test in which a fake answered what its specification does not describe."""
    yield
    if found := watch.take():
        pytest.fail("\n".join(found[:5]), pytrace=False)
