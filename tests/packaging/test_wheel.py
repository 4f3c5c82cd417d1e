from __future__ import annotations

import re
import subprocess
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from invite_sdk._model.installed import BUILT_IN
from tests.packaging import ROOT

PACKAGES = {"invite_sdk": ROOT / "src" / "invite_sdk", "invite_clients": ROOT / "generated" / "invite_clients"}
# What authors of a service run: the behaviour suite, and the generator with its templates.
KIT = ("invite_sdk/testing/suite/", "invite_sdk/generate/templates/")
# All that `pip install invite-sdk` brings: httpx and pydantic, and what those two bring themselves.
RUNTIME = {
    "annotated-types",
    "anyio",
    "certifi",
    "h11",
    "httpcore",
    "httpx",
    "idna",
    "pydantic",
    "pydantic-core",
    "sniffio",
    "typing-extensions",
    "typing-inspection",
}


@pytest.fixture(scope="session")
def metadata(wheel: Path, wheel_names: set[str]) -> dict[str, list[str]]:
    [name] = [name for name in wheel_names if name.endswith(".dist-info/METADATA")]
    with zipfile.ZipFile(wheel) as archive:
        message = Parser().parsestr(archive.read(name).decode())
    return {key: [str(value) for value in message.get_all(key, [])] for key in set(message.keys())}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_holds_every_module_of_both_packages(package: str, wheel_names: set[str]) -> None:
    source = PACKAGES[package]
    modules = {f"{package}/{path.relative_to(source)}" for path in source.rglob("*.py")}
    assert modules
    assert modules <= wheel_names


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_says_that_both_packages_are_typed(package: str, wheel_names: set[str]) -> None:
    assert f"{package}/py.typed" in wheel_names


def test_the_wheel_holds_nothing_but_the_two_packages_the_plugin_and_its_metadata(wheel_names: set[str]) -> None:
    assert {name.partition("/")[0] for name in wheel_names} == {
        *PACKAGES,
        "pytest_invite_sdk.py",
        "invite_sdk-0.1.0.dist-info",
    }
    kept = {name for name in wheel_names if not name.startswith(KIT)}
    assert not [name for name in wheel_names if "__pycache__" in name or name.endswith(".pyc")]
    assert not [name for name in kept if "/tests/" in name or "/test_" in name or "conftest" in name]
    assert not [name for name in kept if name.endswith(".jinja")]


def test_the_wheel_carries_its_license(wheel_names: set[str], metadata: dict[str, list[str]]) -> None:
    assert "invite_sdk-0.1.0.dist-info/licenses/LICENSE" in wheel_names
    assert metadata["License-Expression"] == ["MIT"]


def test_the_metadata_names_the_project(metadata: dict[str, list[str]]) -> None:
    assert metadata["Name"] == ["invite-sdk"]
    assert metadata["Version"] == ["0.1.0"]
    assert metadata["Requires-Python"] == [">=3.11"]
    assert metadata["Description-Content-Type"] == ["text/markdown"]
    assert set(metadata["Provides-Extra"]) == {
        "all",
        "arrow",
        "authors",
        "cli",
        "pandas",
        "plots",
        "polars",
        "progress",
        "testing",
    }


def test_the_version_is_the_newest_release_in_the_changelog(metadata: dict[str, list[str]]) -> None:
    releases = re.findall(r"^## \[(\d[^]]*)]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert releases[0] == metadata["Version"][0]


def test_the_sdist_holds_what_a_packager_needs_to_test_it(sdist_names: set[str]) -> None:
    wanted = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "scripts/test", "tests/conftest.py"}
    wanted |= {"CONTRIBUTING.md", "SECURITY.md", "docs/overview.md", "docs/terminal.svg", "examples/demo.py"}
    wanted |= {"benchmarks/__main__.py"}  # tests/performance measures by it
    wanted |= {f"openapi/{name}.yaml" for name in BUILT_IN}
    assert wanted <= sdist_names
    assert not [name for name in sdist_names if name.startswith((".venv", ".ci", "build/")) or "__pycache__" in name]


def test_an_install_brings_little(installed: Path) -> None:
    program = "from importlib.metadata import distributions; print(*(each.name for each in distributions()))"
    listing = subprocess.run([installed, "-I", "-c", program], capture_output=True, text=True, check=True)
    brought = {name.lower().replace("_", "-") for name in listing.stdout.split()}
    assert brought - {"pip", "setuptools"} - RUNTIME == {"invite-sdk"}
    assert {"httpx", "pydantic"} <= brought


def test_the_installed_wheel_carries_an_invitation_through_its_life(installed: Path, tmp_path: Path) -> None:
    # -I keeps the checkout and the environment's variables out of sys.path; -W makes warnings errors.
    done = subprocess.run(
        [installed, "-I", "-W", "error", ROOT / "tests" / "packaging" / "smoke.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
