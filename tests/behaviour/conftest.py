"""The fixtures of the suite, for what it asks of one service only."""

from invite_sdk.testing.suite.fixtures import client, connect, way, ways, world

__all__ = ["client", "connect", "way", "ways", "world"]
