"""What the tests of the fakes share."""

from __future__ import annotations

from invite_sdk.testing.suite.fixtures import ways

__all__ = ["ways"]
