"""What a stranger with a service of his own has from the wheel and its extra, in a folder with nothing of ours."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging import ROOT

DOCUMENT = """
openapi: 3.0.3
info: {title: Fifth, version: "1"}
paths:
  /things:
    get:
      operationId: list_things
      tags: [things]
      responses:
        '200':
          description: All things.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}
components:
  schemas:
    Thing: {type: object, required: [id], properties: {id: {type: integer}}}
"""
USE = "from fifth_clients.fifth import list_things; print(list_things().request.path)"
WORLD = """
from functools import partial
from pathlib import Path

from invite_sdk.testing.suite import run_over
from world import ZenMLWorld

HERE = Path(__file__).parent
run_over({"zenml": partial(ZenMLWorld, naive_dates=False)}, documents={"zenml": HERE / "zenml.yaml"})
"""


def run(python: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def test_the_generator_makes_a_client_that_stands_on_the_installed_one(
    installed_for_authors: Path, tmp_path: Path
) -> None:
    (tmp_path / "openapi" / "config").mkdir(parents=True)
    (tmp_path / "openapi" / "fifth.yaml").write_text(DOCUMENT)
    (tmp_path / "openapi" / "config" / "fifth.yaml").write_text("package_name_override: fifth\n")
    command = ("-m", "invite_sdk.generate", "--openapi", "openapi", "--output", ".", "--package", "fifth_clients")

    made = run(installed_for_authors, *command, cwd=tmp_path)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    assert run(installed_for_authors, "-c", USE, cwd=tmp_path).stdout == "/things\n"


def test_without_the_extra_the_suite_says_what_is_missing(tmp_path: Path) -> None:
    program = "import sys; sys.modules['jsonschema'] = None; import invite_sdk.testing.suite"
    done = run(Path(sys.executable), "-c", program, cwd=tmp_path)

    assert done.returncode == 1
    assert done.stderr.endswith("jsonschema is missing; the extra brings it: pip install 'invite-sdk[authors]'\n")


def test_without_the_extra_the_generator_says_what_is_missing(installed: Path, tmp_path: Path) -> None:
    done = run(
        installed, "-m", "invite_sdk.generate", "--openapi", ".", "--output", ".", "--package", "x", cwd=tmp_path
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "openapi_python_client is missing; the extra brings it: pip install 'invite-sdk[authors]'\n"


@pytest.fixture
def strangers(tmp_path: Path) -> Path:
    """A folder with a world, a conftest.py that names it, and a specification."""
    shutil.copy(ROOT / "tests" / "behaviour" / "worlds" / "zenml.py", tmp_path / "world.py")
    shutil.copy(ROOT / "openapi" / "zenml.yaml", tmp_path)
    (tmp_path / "conftest.py").write_text(WORLD)
    return tmp_path


def test_the_suite_runs_over_a_world_from_outside(installed_for_authors: Path, strangers: Path) -> None:
    options = ("-q", "-W", "error", "-p", "no:cacheprovider", "--strict-markers")
    done = run(installed_for_authors, "-m", "pytest", *options, "--pyargs", "invite_sdk.testing.suite", cwd=strangers)

    assert done.returncode == 0, done.stdout[-4000:]
    # A test that does not concern this world is left out, not skipped.
    told = re.search(r"^(\d+) passed in", done.stdout, re.MULTILINE)
    assert told is not None, done.stdout[-4000:]
    assert int(told[1]) > 300


def test_a_failure_in_the_suite_shows_what_was_compared(installed_for_authors: Path, strangers: Path) -> None:
    with (strangers / "world.py").open("a") as world:
        world.write("\n\nZenMLWorld.case_count = lambda self, client: Case(expected=lambda: 3)\n")
    tests = "invite_sdk.testing.suite.test_operations"
    done = run(
        installed_for_authors, "-m", "pytest", "-q", "-k", "works_and and count", "--pyargs", tests, cwd=strangers
    )

    assert done.returncode == 1
    assert "assert 0 == 3" in done.stdout


def test_an_answer_that_is_not_in_the_document_fails_the_suite(installed_for_authors: Path, strangers: Path) -> None:
    document = strangers / "zenml.yaml"
    document.write_text(document.read_text().replace("required: [id]", "required: [id, colour]"))
    tests = "invite_sdk.testing.suite.test_operations"
    done = run(installed_for_authors, "-m", "pytest", "-q", "-k", "works_and and get", "--pyargs", tests, cwd=strangers)

    assert done.returncode == 1
    assert "'colour' is a required property" in done.stdout


def test_a_suite_without_a_world_says_so(installed_for_authors: Path, tmp_path: Path) -> None:
    done = run(installed_for_authors, "-m", "pytest", "-q", "--pyargs", "invite_sdk.testing.suite", cwd=tmp_path)

    assert done.returncode == 4
    assert "There is no world to run over." in done.stderr
