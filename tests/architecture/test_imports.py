"""The import rules in pyproject.toml hold (scripts/test runs them); here, that they would notice a breach."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"invite_sdk": ROOT / "src", "invite_clients": ROOT / "generated"}
SERVICES = sorted(path.stem for path in (ROOT / "openapi").glob("*.yaml"))

# The smallest tree that keeps the rules: every module that they name.
MODULES = {
    "invite_sdk/__init__.py": "import invite_sdk.roster",
    "invite_sdk/cli/__init__.py": "",
    "invite_sdk/plots/__init__.py": "",
    "invite_sdk/roster/__init__.py": "",
    "invite_sdk/hub/__init__.py": "from invite_sdk import services",
    "invite_sdk/_clients/__init__.py": "",
    "invite_sdk/_clients/sync.py": "from invite_sdk._http import sync",
    "invite_sdk/services/__init__.py": "",
    "invite_sdk/services/registry.py": "",
    "invite_sdk/services/waldur.py": "import invite_clients.waldur\nfrom invite_sdk._flows import effects",
    "invite_sdk/_http/__init__.py": "",
    "invite_sdk/_http/sync.py": "import httpx",
    "invite_sdk/_flows/__init__.py": "",
    "invite_sdk/_flows/effects.py": "from invite_sdk import _model",
    "invite_sdk/_errors/__init__.py": "",
    "invite_sdk/_errors/tree.py": "",
    "invite_sdk/_model/__init__.py": "",
    "invite_sdk/_privacy/__init__.py": "",
    "invite_sdk/testing/__init__.py": "from invite_sdk.testing.ways import transport",
    "invite_sdk/testing/__main__.py": "",
    "invite_sdk/testing/installed.py": "",
    "invite_sdk/testing/waldur.py": "",
    "invite_sdk/testing/cloudtruth.py": "",
    "invite_sdk/testing/zenml.py": "",
    "invite_sdk/testing/enhance.py": "",
    "invite_sdk/testing/fake.py": "",
    "invite_sdk/testing/ways/__init__.py": "",
    "invite_sdk/testing/ways/transport.py": "import httpx",
    "invite_sdk/testing/base.py": "",
    "invite_sdk/testing/faults.py": "",
    "invite_sdk/testing/messages.py": "",
    "invite_sdk/testing/suite/__init__.py": "",
    "invite_sdk/testing/suite/world.py": "import httpx\nfrom invite_sdk.services import registry",
    "invite_sdk/generate/__init__.py": "",
    "invite_clients/__init__.py": "",
    "invite_clients/waldur/__init__.py": "import pydantic",
    "invite_clients/zenml.py": "",
    "invite_sdk/services/zenml.py": "",
    "invite_clients/enhance.py": "",
    "invite_sdk/services/enhance.py": "",
    "invite_clients/cloudtruth.py": "",
    "invite_sdk/services/cloudtruth.py": "",
}
BREACHES = [
    ("invite_clients/waldur/__init__.py", "import httpx", "generated"),
    ("invite_clients/waldur/__init__.py", "import invite_sdk._flows.effects", "generated"),
    ("invite_sdk/services/waldur.py", "import httpx", "io"),
    ("invite_sdk/services/waldur.py", "from invite_sdk._http import sync", "rooms"),
    ("invite_sdk/services/waldur.py", "from invite_sdk._clients import sync", "rooms"),
    ("invite_sdk/_http/sync.py", "from invite_sdk.services import waldur", "rooms"),
    ("invite_sdk/_flows/effects.py", "from invite_sdk.services import waldur", "rooms"),
    ("invite_sdk/_flows/effects.py", "if False:\n    from invite_sdk._http import sync", "rooms"),
    (
        "invite_sdk/_flows/effects.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import invite_sdk._clients",
        "rooms",
    ),
    ("invite_sdk/_errors/__init__.py", "def late():\n    from invite_sdk._flows import effects", "rooms"),
    ("invite_sdk/_model/__init__.py", "import invite_sdk._errors", "rooms"),
    ("invite_sdk/_privacy/__init__.py", "import invite_sdk._model", "rooms"),
    ("invite_sdk/_clients/sync.py", "import invite_sdk.hub", "rooms"),
    ("invite_sdk/hub/__init__.py", "import invite_sdk.roster", "rooms"),
    ("invite_sdk/hub/__init__.py", "from invite_sdk._errors import tree", "floors"),
    ("invite_sdk/hub/__init__.py", "from invite_sdk.services import registry", "floors"),
    ("invite_sdk/roster/__init__.py", "from invite_sdk._errors import tree", "floors"),
    ("invite_sdk/roster/__init__.py", "import invite_sdk.cli", "rooms"),
    ("invite_sdk/cli/__init__.py", "from invite_sdk._errors import tree", "floors"),
    ("invite_sdk/plots/__init__.py", "from invite_sdk._errors import tree", "floors"),
    ("invite_sdk/plots/__init__.py", "import invite_sdk.cli", "rooms"),
    ("invite_sdk/roster/__init__.py", "import invite_sdk.plots", "rooms"),
    ("invite_sdk/_flows/effects.py", "import asyncio", "io"),
    ("invite_sdk/_clients/sync.py", "import httpx", "httpx"),
    ("invite_sdk/_flows/effects.py", "from httpx import URL", "httpx"),
    ("invite_sdk/testing/__init__.py", "import httpx", "httpx"),
    ("invite_sdk/_clients/sync.py", "from invite_sdk import testing", "testing"),
    ("invite_sdk/services/waldur.py", "import invite_sdk.testing.ways.transport", "testing"),
    ("invite_sdk/testing/waldur.py", "import invite_sdk.testing.zenml", "fakes"),
    ("invite_sdk/testing/base.py", "import invite_sdk.testing.waldur", "fakes"),
    ("invite_sdk/testing/ways/transport.py", "import invite_sdk.testing.fake", "fakes"),
    ("invite_sdk/testing/faults.py", "import invite_sdk.testing.base", "fakes"),
    ("invite_sdk/testing/fake.py", "import invite_sdk.testing.suite.world", "fakes"),
    ("invite_sdk/testing/suite/world.py", "import invite_sdk.testing.waldur", "suite"),
    ("invite_sdk/testing/suite/world.py", "from invite_sdk.services import waldur", "suite"),
    ("invite_sdk/testing/suite/world.py", "import invite_clients.waldur", "suite"),
    ("invite_sdk/generate/__init__.py", "from invite_sdk._errors import tree", "generate"),
    ("invite_sdk/_clients/sync.py", "import invite_sdk.generate", "generator"),
]


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "pyproject.toml", tree)
    program = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-P", "-c", program, "--no-cache"],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def write(tree: Path, modules: dict[str, str]) -> None:
    for name, text in modules.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")


def broken(output: str) -> list[str]:
    return [line.partition(" BROKEN")[0] for line in output.splitlines() if " BROKEN" in line]


def contract_names() -> dict[str, str]:
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return {table["id"]: table["name"] for table in tables}


def test_the_smallest_tree_keeps_every_rule(tmp_path: Path) -> None:
    write(tmp_path, MODULES)
    done = lint(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("module", "line", "rule"), BREACHES)
def test_a_breach_is_noticed(module: str, line: str, rule: str, tmp_path: Path) -> None:
    write(tmp_path, MODULES | {module: f"{MODULES[module]}\n{line}"})
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert contract_names()[rule] in broken(done.stdout)


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def service_of(module: str) -> str | None:
    """The service that a module is about: the one that a part of its name is, an underscore aside."""
    parts = {part.strip("_") for part in module.split(".")}
    found = [name for name in SERVICES if name in parts]
    return found[0] if found else None


def test_there_are_modules_of_every_service_in_each_of_the_three_layers(graph: grimp.ImportGraph) -> None:
    for layer in ("invite_clients", "invite_sdk.services", "invite_sdk.testing"):
        below = {service_of(module) for module in graph.modules if module.startswith(f"{layer}.")}
        assert below >= set(SERVICES), layer


def test_no_module_leads_back_to_itself(graph: grimp.ImportGraph) -> None:
    """Neither by what is imported late nor by what only a type checker sees."""
    inside = {name for name in graph.modules if name.startswith("invite_sdk.")}
    below: dict[str, set[str]] = {name: graph.find_modules_directly_imported_by(name) & inside for name in inside}
    while free := {name for name, found in below.items() if not found}:
        below = {name: found - free for name, found in below.items() if name not in free}

    assert below == {}


def test_no_module_of_a_service_imports_one_of_another(graph: grimp.ImportGraph) -> None:
    crossings = [
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if None is not service_of(importer) != service_of(imported) is not None
    ]
    assert crossings == []
