from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.packaging import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DEPENDENCIES = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = {
    name: [Requirement(line) for line in lines if not line.startswith("invite-sdk[")]
    for name, lines in PROJECT["optional-dependencies"].items()
}
DIRECT = [*DEPENDENCIES, *(requirement for lines in EXTRAS.values() for requirement in lines)]
OURS = {"invite_sdk", "invite_clients"}


def pins(name: str) -> dict[str, set[Version]]:
    """The versions that a requirements file pins, by package; universal files may pin several."""
    found: dict[str, set[Version]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / "scripts" / name).read_text(), re.MULTILINE):
        found.setdefault(package, set()).add(Version(version))
    return found


def lower_bound(requirement: Requirement) -> Version:
    [bound] = [Version(specifier.version) for specifier in requirement.specifier if specifier.operator == ">="]
    return bound


# The generator, which needs a newer pydantic than the SDK; `scripts/lock` leaves it out of the lowest versions.
GENERATOR = {"openapi-python-client", "ruff"}
IMPORTED_AS = {"pyyaml": "yaml"}
BROUGHT = {
    "pluggy",  # pytest's
    "respx",  # named in annotations only: the caller brings the router
    "h11",  # uvicorn's, and loaded with it
    "idna",  # httpx's
    "pydantic_core",  # pydantic's
    "typing_extensions",  # pydantic's: before Python 3.12 it takes no other TypedDict
}


def imported(folder: Path) -> set[str]:
    """The top-level names that the modules below a folder import, at any depth of their code."""
    names: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names


def test_the_direct_dependencies_are_few_and_bounded_on_both_sides() -> None:
    assert [requirement.name for requirement in DEPENDENCIES] == ["anyio", "httpx", "pydantic"]
    for requirement in DEPENDENCIES:
        assert {specifier.operator for specifier in requirement.specifier} == {">=", "<"}


def test_every_import_of_the_shipped_code_is_declared() -> None:
    outside = (imported(ROOT / "src") | imported(ROOT / "generated")) - sys.stdlib_module_names - OURS
    assert outside - BROUGHT <= {
        IMPORTED_AS.get(requirement.name, requirement.name.replace("-", "_")) for requirement in DIRECT
    }


def test_every_declared_dependency_is_imported() -> None:
    names = imported(ROOT / "src") | imported(ROOT / "generated")
    assert {requirement.name for requirement in DEPENDENCIES} <= names


@pytest.mark.parametrize("requirement", [one for one in DIRECT if one.name not in GENERATOR], ids=str)
def test_the_lowest_environment_has_the_lower_bound(requirement: Requirement) -> None:
    assert pins("requirements-lowest.txt")[requirement.name] == {lower_bound(requirement)}


@pytest.mark.parametrize("requirement", DIRECT, ids=str)
def test_the_pinned_environment_keeps_the_bounds(requirement: Requirement) -> None:
    for version in pins("requirements.txt")[requirement.name]:
        assert requirement.specifier.contains(version)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-lowest.txt"])
def test_every_pin_has_hashes_and_names_no_host(name: str) -> None:
    text = (ROOT / "scripts" / name).read_text()
    entries = re.split(r"\n(?=[\w.-]+==)", text)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert not re.search(r"^--|/tmp|/home|/root", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["requirements.in", "requirements-test.in"])
def test_the_pins_are_those_that_were_asked_for(name: str) -> None:
    locked = pins("requirements.txt")
    asked = pins(name)
    assert asked
    assert {package: locked[package] for package in asked} == asked
