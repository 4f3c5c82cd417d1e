"""What every test may use, and what is checked in every test."""

from __future__ import annotations

from datetime import UTC, datetime

from invite_sdk.testing import messages
from invite_sdk.testing.suite.fixtures import answers_as_specified, anyio_backend, watch
from tests.behaviour import worlds

__all__ = ["answers_as_specified", "anyio_backend", "watch", "worlds"]

# What the fakes answer is compared as it stands, times included.
messages._this_moment = lambda: datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
