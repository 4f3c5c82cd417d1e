"""The ways into the SDK."""

from invite_sdk.testing.suite.fixtures import way, ways

__all__ = ["way", "ways"]
