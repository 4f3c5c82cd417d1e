"""The page about a service of one's own is followed to the letter: its blocks become files, and they work together."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from invite_sdk import services, testing
from invite_sdk._model import installed
from invite_sdk.testing.__main__ import main
from invite_sdk.testing.installed import fake_class
from invite_sdk.testing.suite import World
from tests.docs import ROOT
from tests.docs.blocks import blocks

PAGE = ROOT / "docs" / "adding-a-service.md"
BLOCKS = [block for kind in ("yaml", "py", "toml") for block in blocks(PAGE, kind)]
FILES = {block.name: block for block in BLOCKS if block.name}
(PROOF,) = (block for block in BLOCKS if not block.name)


@pytest.fixture
def doorman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Every file of the page in a folder, the client generated, all of it as if it were installed."""
    from invite_sdk.generate.making import generate

    for name, block in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(block.text, encoding="utf-8")
    generate(tmp_path / "openapi", tmp_path / "generated", "doorman_clients")

    project = tomllib.loads(FILES["pyproject.toml"].text)["project"]
    points = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in named.items())
        for group, named in project["entry-points"].items()
    ]
    metadata = tmp_path / "src" / "invite_doorman-1.0.dist-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text("".join(points), encoding="utf-8")
    (metadata / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8")
    for folder in ("generated", "src"):
        monkeypatch.syspath_prepend(str(tmp_path / folder))
    forget()
    yield tmp_path
    for name in [name for name in sys.modules if "doorman" in name]:
        del sys.modules[name]
    forget()


def forget() -> None:
    """Lets the services be looked for anew."""
    installed._others.cache_clear()
    installed.connection_class.cache_clear()


# The client is generated, with a development tool.
@pytest.mark.tools
@pytest.mark.usefixtures("doorman")
def test_the_service_of_the_page_works(capsys: pytest.CaptureFixture[str]) -> None:
    exec(PROOF.code(), {"__name__": "proof"})

    said = capsys.readouterr().out
    assert said.startswith("doorman resend: Doorman has no resend (")
    assert said.endswith("; the nearest here is create\n")
    assert "doorman" in installed.service_names()
    fake = fake_class("doorman")()
    left = fake.dump()
    fake.load(left)
    assert fake.dump() == left
    assert main(["serve", "doorman"], wait=lambda: None) == 0
    assert re.search(r"\nexport INVITE_DOORMAN_URL=\S+ INVITE_DOORMAN_TOKEN=\w+\n\nPaste", capsys.readouterr().out)


@pytest.mark.tools
def test_the_behaviour_suite_passes_over_the_service_of_the_page(doorman: Path) -> None:
    """As the page says to run it: in the folder, with the distribution on the path."""
    paths = [str(doorman / "src"), str(doorman / "generated"), *filter(None, sys.path)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs", "invite_sdk.testing.suite"],
        cwd=doorman,
        env=kept | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) > 200


def test_the_page_names_each_of_its_files_in_its_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(FILES) == 7
    assert [name for name in FILES if f"| `{name}` |" not in text] == []


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".py")])
def test_the_files_of_the_page_import_by_public_names_only(name: str) -> None:
    found = [node.module or "" for node in ast.walk(ast.parse(FILES[name].text)) if isinstance(node, ast.ImportFrom)]

    assert [module for module in found if "._" in module or module.startswith("invite_clients")] == []


def test_the_hooks_and_helpers_that_the_page_tells_of_are_there() -> None:
    rows = re.findall(r"^\| (`.*?) \| ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    names = {name for row in rows for name in re.findall(r"`([\w.]+)`", row) if "/" not in name}

    assert len(names) > 30
    known = {*services.__all__, *dir(services.Adapter), *dir(World), "then", *FILES}
    for name in names - known:
        holder, _, member = name.partition(".")
        assert hasattr(getattr(services, holder), member), name


def test_what_is_public_is_what_it_says() -> None:
    for module in (services, testing):
        homes = {name for names in vars(module)["_HOMES"].values() for name in names.split()}
        assert homes == set(module.__all__)
        assert [name for name in module.__all__ if not hasattr(module, name)] == []
