"""The notebooks run, and show what was committed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.docs import ROOT
from tests.docs.notebooks import FOLDER, lines, notebooks


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: what speaks with a kernel has warnings and event loops of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tests.docs.notebooks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def showing(**output: Any) -> list[str]:
    """The lines of a notebook of one cell with one output."""
    made: Any = new_output(**output)  # type: ignore[no-untyped-call]
    cell: Any = new_code_cell("1", outputs=[made])  # type: ignore[no-untyped-call]
    return [*lines(new_notebook(cells=[cell]))]  # type: ignore[no-untyped-call]


def test_there_are_three_to_begin_with() -> None:
    assert [path.stem for path in notebooks()] == ["chasing_and_offboarding", "first_look", "what_became_of_them"]


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_a_notebook_shows_what_was_committed(path: Path) -> None:
    done = run("--check", path.stem)
    assert (done.returncode, done.stdout) == (0, f"{path.name}: as committed\n"), (
        f"if this is meant, run python -m tests.docs.notebooks\n{done.stdout}{done.stderr}"
    )


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_a_notebook_is_explained_and_shows_no_error_no_warning_and_no_secret(path: Path) -> None:
    cells = read(path).cells
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    outputs = [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
    assert outputs
    assert [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"] == []
    text = path.read_text(encoding="utf-8")
    for secret in ("api_key", "token=", "invitation/", "Bearer"):
        assert secret not in text
    assert str(ROOT) not in text


def test_the_pictures_are_there() -> None:
    counted = {
        path.stem: sum(
            "image/png" in output.get("data", {})
            for cell in read(path).cells
            if cell.cell_type == "code"
            for output in cell.outputs
        )
        for path in notebooks()
    }
    assert counted == {"chasing_and_offboarding": 0, "first_look": 1, "what_became_of_them": 7}


def test_texts_are_compared_and_pictures_only_missed() -> None:
    def shown(**data: str) -> list[str]:
        return showing(output_type="display_data", data={kind.replace("_", "/"): text for kind, text in data.items()})

    assert shown(text_plain="<A at 0x7f00deadbeef>") == shown(text_plain="<A at 0x7f00deadbee0>")
    assert shown(text_plain="3 rows") != shown(text_plain="4 rows")
    assert shown(text_html="<b>3</b>") != shown(text_html="<i>3</i>")
    assert shown(image_png="aGVsbG8=") == shown(image_png="d29ybGQ=")
    assert shown(image_png="aGVsbG8=", text_plain="A") != shown(text_plain="A")
    assert showing(output_type="stream", text="a") != showing(output_type="stream", text="b")


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_what_a_notebook_names_beside_it_is_there(path: Path) -> None:
    for cell in read(path).cells:
        for name in re.findall(r"`(\w+\.ipynb)`", cell.source):
            assert (FOLDER / name).is_file()
