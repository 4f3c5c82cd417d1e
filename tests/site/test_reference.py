"""The reference has every public name, and every public name has a docstring."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from sphinx.pycode import ModuleAnalyzer

from tests.site.conftest import ROOT

PACKAGES = (
    "invite_sdk",
    "invite_sdk.hub",
    "invite_sdk.plots",
    "invite_sdk.roster",
    "invite_sdk.services",
    "invite_sdk.testing",
)
NAMES = [(package, name) for package in PACKAGES for name in importlib.import_module(package).__all__]
TOLD = [
    (package, name)
    for page in sorted((ROOT / "docs" / "reference").glob("*.rst"))
    for package, name in re.findall(r"^\.\. auto\w+:: (\S+)\.(\w+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
]


def value_of(package: str, name: str) -> Any:
    return getattr(importlib.import_module(package), name)


@pytest.mark.parametrize(("package", "name"), NAMES)
def test_a_public_name_is_on_the_reference_once(package: str, name: str) -> None:
    value = value_of(package, name)
    assert [each for each in TOLD if each[1] == name and value_of(*each) is value] in (
        [(package, name)],
        [("invite_sdk", name)],
    )


def test_the_reference_tells_of_public_names_only() -> None:
    assert set(TOLD) - set(NAMES) == set()


@pytest.mark.parametrize(("package", "name"), NAMES)
def test_a_public_name_has_a_docstring(package: str, name: str) -> None:
    if name == "__version__":
        return
    value = value_of(package, name)
    if isinstance(value, type) or inspect.isroutine(value):
        said = vars(value)["__doc__"] if isinstance(value, type) else value.__doc__
        # A dataclass without one gets its signature.
        assert said
        assert not said.startswith(f"{name}(")
    else:
        home = next(home for home, names in homes(package) if name in names.split())
        assert ("", name) in ModuleAnalyzer.for_module(home).find_attr_docs()


def homes(package: str) -> Iterator[tuple[str, str]]:
    module: ModuleType = importlib.import_module(package)
    yield from module._HOMES.items()


@pytest.mark.parametrize(("package", "name"), [each for each in NAMES if isinstance(value_of(*each), type)])
def test_a_public_method_has_a_docstring(package: str, name: str) -> None:
    cls = value_of(package, name)
    ours = [each for each in cls.__mro__ if each.__module__.startswith("invite_sdk")]
    methods = {
        method
        for each in ours
        for method, value in vars(each).items()
        if not method.startswith("_") and (inspect.isroutine(value) or isinstance(value, property))
    }
    assert [method for method in methods if not inspect.getdoc(getattr(cls, method))] == []
