"""Our services as the suite sees them, one object each.

Each name in `WORLDS` is a service at one age or with one choice of answers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from invite_sdk.testing.suite import Case, World, run_over
from invite_sdk.testing.suite.worlds import among, declared, newest_worlds, start
from tests.behaviour.worlds.cloudtruth import CloudTruthWorld
from tests.behaviour.worlds.enhance import EnhanceWorld
from tests.behaviour.worlds.waldur import WaldurWorld
from tests.behaviour.worlds.zenml import ZenMLWorld
from tests.specified import DOCUMENTS, EXCUSES

__all__ = [
    "NEWEST",
    "WORLDS",
    "Case",
    "CloudTruthWorld",
    "EnhanceWorld",
    "WaldurWorld",
    "World",
    "ZenMLWorld",
    "declared",
    "of",
    "start",
]

WORLDS: dict[str, Callable[[], World]] = {
    "waldur-2026": partial(WaldurWorld, "2026"),
    "waldur-2025": partial(WaldurWorld, "2025"),
    "waldur-7.0.7": partial(WaldurWorld, "7.0.7"),
    "cloudtruth-2025": partial(CloudTruthWorld, "2025"),
    "cloudtruth-2021": partial(CloudTruthWorld, "2021"),
    "zenml-offset": partial(ZenMLWorld, naive_dates=False),
    "zenml-naive": partial(ZenMLWorld, naive_dates=True),
    "enhance-url": partial(EnhanceWorld, "url"),
    "enhance-key": partial(EnhanceWorld, "key"),
    "enhance-text": partial(EnhanceWorld, "text"),
    "enhance-empty": partial(EnhanceWorld, "empty"),
}
"""Every world of ours by its name; the newest of a service comes first."""

run_over(WORLDS, documents=DOCUMENTS, excuses=EXCUSES)

NEWEST = tuple(name for name in newest_worlds() if name in WORLDS)
"""The newest world of each service."""


def of(*prefixes: str) -> pytest.MarkDecorator:
    """Runs a test on these worlds: `waldur` for all of its ages, `waldur-2026` for one."""
    found = [name for name in WORLDS if name.startswith(prefixes)]
    assert found
    return among(found)
