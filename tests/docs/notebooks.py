"""Runs the notebooks: `python -m tests.docs.notebooks` writes their outputs anew, `--check` compares them.

Each runs as if on 2 March 2026, so that the dates in it stay. Texts and HTML must be the same but for addresses in
memory. Of a picture there must be one: how a font is drawn is not ours. What is written has no times, no paths and no
counts of runs, so that only what changed shows in a diff.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import matplotlib.font_manager  # noqa: F401 - has what it knows of fonts written, which kernels would tell of
import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from tests.docs import ROOT

FOLDER: Final = ROOT / "examples" / "notebooks"
_SECONDS: Final = 120
_ON_THE_DAY: Final = """
import time_machine
time_machine.travel("2026-03-02 09:00+00:00").start()
"""
_ADDRESS: Final = re.compile(r"\b0x[0-9a-f]{6,}\b")


def notebooks() -> list[Path]:
    """All of them."""
    return sorted(FOLDER.glob("*.ipynb"))


def run(path: Path) -> Any:
    """A notebook as it is after all its cells were run in a new kernel, from the folder that it is in.

    Raises:
        CellExecutionError: a cell ended in an error.
    """
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: os.environ.get(name) for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
        os.environ |= dict.fromkeys(kept, folder)
        try:
            resources = {"metadata": {"path": str(path.parent)}}
            notebook.cells.insert(0, new_code_cell(_ON_THE_DAY))  # type: ignore[no-untyped-call]
            NotebookClient(
                notebook,
                timeout=_SECONDS,
                kernel_name="python3",
                resources=resources,
                record_timing=False,
            ).execute()
            del notebook.cells[0]
        finally:
            for name, value in kept.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value
    # Numbered as if that cell had not been there.
    for place, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
        cell.execution_count = place
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = place
    return notebook


def write(path: Path) -> None:
    """Runs a notebook and keeps its outputs, and nothing of the machine."""
    notebook = run(path)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    path.write_text(
        json.dumps(json.loads(nbformat.writes(notebook)), indent=1, ensure_ascii=False, sort_keys=True) + "\n",  # type: ignore[no-untyped-call]
        encoding="utf-8",
    )


def lines(notebook: Any) -> Iterator[str]:
    """What a notebook shows, line by line, a picture as its type."""
    for place, cell in enumerate(notebook.cells):
        yield f"cell {place}: {cell.cell_type}"
        if cell.cell_type != "code":
            continue
        yield from cell.source.splitlines()
        for output in cell.outputs:
            yield f"output: {output.output_type}"
            shown = {"text": output.text} if "text" in output else output.get("data", {})
            for kind, value in sorted(shown.items()):
                yield f"{kind}:"
                if not kind.startswith("image/"):
                    yield from _ADDRESS.sub("0x...", value).splitlines()


def differences(path: Path) -> str:
    """How what a notebook shows when it is run differs from what was committed; nothing where it does not."""
    committed: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return "\n".join(difflib.unified_diff([*lines(committed)], [*lines(run(path))], "committed", "now", lineterm=""))


def main() -> int:
    """Writes or compares the notebooks that are named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.docs.notebooks", description=__doc__)
    parser.add_argument("names", nargs="*", help="such as first_look; all of them when left out")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    options = parser.parse_args()
    chosen = [path for path in notebooks() if not options.names or path.stem in options.names]
    different = 0
    for path in chosen:
        if options.check:
            found = differences(path)
            different += bool(found)
            sys.stdout.write(f"{path.name}: {found or 'as committed'}\n")
        else:
            write(path)
            sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
