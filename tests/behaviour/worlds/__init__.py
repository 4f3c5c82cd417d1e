"""The services as the suite sees them, one object each; a fifth one joins by joining `WORLDS`.

Each name in `WORLDS` is a service at one age or with one choice of answers; every test of the suite runs over all that
have the capabilities which it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import pytest

from invite_sdk import Capabilities
from invite_sdk.services.registry import capabilities
from invite_sdk.testing.suite.world import Case, Filtered, NativeCase, Sample, World
from tests.behaviour.worlds.cloudtruth import CloudTruthWorld
from tests.behaviour.worlds.enhance import EnhanceWorld
from tests.behaviour.worlds.waldur import WaldurWorld
from tests.behaviour.worlds.zenml import ZenMLWorld

__all__ = [
    "NEWEST",
    "WORLDS",
    "Case",
    "Filtered",
    "NativeCase",
    "Sample",
    "World",
    "cells",
    "declared",
    "having",
    "newest",
    "of",
    "over",
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
"""Every world by its name, which starts with the service's; the newest of a service comes first."""


NEWEST = tuple({name.partition("-")[0]: name for name in reversed(WORLDS)}.values())
"""The newest world of each service."""


def declared(name: str) -> Capabilities:
    """What the service of a world declares."""
    return capabilities(name.partition("-")[0])


def having(*cells: str) -> pytest.MarkDecorator:
    """Runs a test on every world whose service has all of these: operations such as `list`, or `list.page_size`."""
    return _over([name for name in WORLDS if all(_has(name, cell) for cell in cells)])


def newest(*cells: str) -> pytest.MarkDecorator:
    """As `having`, on the newest world of each service only: for what is slow, or does not depend on the age."""
    return _over([name for name in NEWEST if all(_has(name, cell) for cell in cells)])


def of(*prefixes: str) -> pytest.MarkDecorator:
    """Runs a test on these worlds: `waldur` for all of its ages, `waldur-2026` for one."""
    found = [name for name in WORLDS if name.startswith(prefixes)]
    assert found
    return _over(found)


def cells(operations: Iterable[str], *, only_newest: bool = False, supported: bool = True) -> list[tuple[str, str]]:
    """The worlds with each of these operations that their service has, or has not."""
    names = NEWEST if only_newest else tuple(WORLDS)
    return [(name, op) for name in names for op in operations if declared(name).supports(op) == supported]


def over(found: Iterable[tuple[str, str]], argument: str = "operation") -> pytest.MarkDecorator:
    """Runs a test on worlds, each with one word more: an operation unless said otherwise."""
    parameters = [pytest.param(WORLDS[name], word, id=f"{name}-{word}") for name, word in found]
    return pytest.mark.parametrize(("world", argument), parameters, indirect=["world"])


def start(name: str) -> World:
    """A world at its start, to draw a test's parameters from."""
    return WORLDS[name]()


def _has(name: str, cell: str) -> bool:
    operation, _, parameter = cell.partition(".")
    return declared(name).supports(operation, parameter or None)


def _over(names: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("world", [pytest.param(WORLDS[name], id=name) for name in names], indirect=True)
