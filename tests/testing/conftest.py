"""What the tests of the fakes share."""

from __future__ import annotations

import pytest

from invite_sdk.testing.suite.fixtures import ways
from tests.testing.waldur_driver import VERSIONS, Driver, driver

__all__ = ["call", "newest", "ways"]


@pytest.fixture(params=VERSIONS)
def call(request: pytest.FixtureRequest) -> Driver:
    """Asks a Waldur of each version."""
    return driver(request.param)


@pytest.fixture
def newest() -> Driver:
    """Asks a Waldur of the newest version."""
    return driver()
