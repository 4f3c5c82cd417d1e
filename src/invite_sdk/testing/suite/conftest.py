"""Gives the suite its fixtures, and says so where no world was named."""

from __future__ import annotations

import pytest

from invite_sdk.testing.suite.fixtures import (
    answers_as_specified,
    anyio_backend,
    client,
    connect,
    watch,
    way,
    ways,
    world,
)
from invite_sdk.testing.suite.worlds import WORLDS

# What a helper of the tests asserts is told in full, as what they assert themselves.
pytest.register_assert_rewrite("invite_sdk.testing.suite.unhurried")

__all__ = ["answers_as_specified", "anyio_backend", "client", "connect", "watch", "way", "ways", "world"]


def pytest_collection_finish() -> None:
    """Refuses to run a suite that would prove nothing."""
    if not WORLDS:
        raise pytest.UsageError(
            "There is no world to run over. A conftest.py names one by invite_sdk.testing.suite.run_over. "
            "It is found where pytest is started, or in a folder `test...` there. "
            "In the checkout of invite-sdk, give pytest tests/conftest.py as well."
        )


def pytest_pycollect_makeitem(obj: object) -> list[pytest.Item] | None:
    """Leaves out a test that concerns none of the worlds, which pytest would call skipped."""
    marks: list[pytest.Mark] = getattr(obj, "pytestmark", [])
    concerns_none = any(mark.name == "parametrize" and not mark.args[1] for mark in marks)
    return [] if concerns_none else None
