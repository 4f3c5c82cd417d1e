"""The worlds that the suite runs over, and what picks for each test those that it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from invite_sdk.services.registry import capabilities
from invite_sdk.testing.suite.watching import DOCUMENTS, EXCUSES, Excuse

if TYPE_CHECKING:
    from pathlib import Path

    from invite_sdk import Capabilities
    from invite_sdk.testing.suite.world import World

WORLDS: dict[str, Callable[[], World[Any]]] = {}
"""Every world by its name."""


def run_over(
    worlds: Mapping[str, Callable[[], World[Any]]],
    *,
    documents: Mapping[str, Path] | None = None,
    excuses: Sequence[Excuse] = (),
) -> None:
    """Has the suite run over these worlds, beside those that were named before.

    To be called from a `conftest.py` at the place where pytest is started, or in a folder `test…` there, so that the
    worlds are known before the tests are collected. Then `pytest --pyargs invite_sdk.testing.suite` runs the suite.

    Args:
        worlds: what makes each world anew for a test, by a name: the service's, which a dash and words of one's own may
            follow where there are several, such as `waldur-2025`. The newest of a service comes first; what does not
            depend on the age of a service is tried on that one only.
        documents: the OpenAPI document of a service, as YAML or JSON, by the service's name. Every answer of its fake
            is held against it: operation, status, headers, content type and body.
        excuses: the answers that may differ from a document all the same.
    """
    WORLDS.update(worlds)
    DOCUMENTS.update(documents or {})
    EXCUSES.extend(excuses)


def newest_worlds() -> list[str]:
    """The newest world of each service."""
    return list({service_of(name): name for name in reversed(WORLDS)}.values())[::-1]


def service_of(name: str) -> str:
    """The service of a world."""
    return name.partition("-")[0]


def declared(name: str) -> Capabilities:
    """What the service of a world declares."""
    return capabilities(service_of(name))


def start(name: str) -> World:
    """A world at its start, to draw a test's parameters from."""
    return WORLDS[name]()


def having(*cells: str, **said: object) -> pytest.MarkDecorator:
    """Runs a test on every world whose service has all of these: operations such as `list`, or `list.page_size`.

    Args:
        cells: the operations and parameters.
        said: what the world must say of itself, such as `tells_totals=True`.
    """
    return among(_having(WORLDS, cells, said))


def newest(*cells: str, **said: object) -> pytest.MarkDecorator:
    """As `having`, on the newest world of each service only: for what is slow, or does not depend on the age."""
    return among(_having(newest_worlds(), cells, said))


def cells(
    operations: Iterable[str], *, only_newest: bool = False, supported: bool = True, **said: object
) -> list[tuple[str, str]]:
    """The worlds with each of these operations, or `operation.parameter`, that their service has, or has not."""
    names = _having(newest_worlds() if only_newest else WORLDS, (), said)
    return [(name, op) for name in names for op in operations if has(name, op) == supported]


def over(found: Iterable[tuple[str, str]], argument: str = "operation") -> pytest.MarkDecorator:
    """Runs a test on worlds, each with one word more: an operation unless said otherwise."""
    parameters = [pytest.param(WORLDS[name], word, id=f"{name}-{word}") for name, word in found]
    return pytest.mark.parametrize(("world", argument), parameters, indirect=["world"])


def among(names: Iterable[str]) -> pytest.MarkDecorator:
    """Runs a test on worlds by their names."""
    return pytest.mark.parametrize("world", [pytest.param(WORLDS[name], id=name) for name in names], indirect=True)


def has(name: str, cell: str) -> bool:
    """Whether the service of a world has an operation such as `list`, or a parameter such as `list.page_size`."""
    operation, _, parameter = cell.partition(".")
    return declared(name).supports(operation, parameter or None)


def _having(names: Iterable[str], cells: Iterable[str], said: Mapping[str, object]) -> list[str]:
    wanted = tuple(cells)
    able = (name for name in names if all(has(name, cell) for cell in wanted))
    return [name for name in able if all(getattr(start(name), key) == value for key, value in said.items())]
