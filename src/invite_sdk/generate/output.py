"""Generated files: formatting them, comparing them with what is there, and putting them in place."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

RUFF = "0.17"
"""Its formatting is the same for all releases that begin so."""
# Isolated, so that the output depends on nothing but this file.
COMMON = ("--isolated", "--no-cache", "--quiet", "--line-length=120", "--target-version=py311")


class OutputError(Exception):
    """The generated files could not be finished."""


def tidy(root: Path) -> None:
    """Sorts imports, drops unused ones and formats everything under `root`.

    Raises:
        OutputError: ruff is missing, is not the pinned version, or finds what it cannot mend.
    """
    version = _ruff(root, "--version").strip()
    if not version.startswith(f"ruff {RUFF}."):
        raise OutputError(f"ruff {RUFF} is needed to format the generated code, found {version!r}")
    _ruff(
        root,
        "check",
        "--fix",
        "--select=E4,E7,E9,F,I,UP",
        "--config=lint.isort.split-on-trailing-comma=false",
        *COMMON,
        ".",
    )
    _ruff(root, "format", "--config=format.skip-magic-trailing-comma=true", *COMMON, ".")


def _ruff(root: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "ruff", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OutputError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def files(root: Path) -> dict[str, bytes]:
    """The files under `root` by their relative paths, but for compiled ones."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def differences(fresh: Path, present: Path) -> list[str]:
    """One line for each file of `present` that is missing, extra, or not as in `fresh`."""
    wanted, found = files(fresh), files(present)
    lines = [f"missing: {name}" for name in wanted if name not in found]
    lines += [f"extra: {name}" for name in found if name not in wanted]
    lines += [f"stale or edited: {name}" for name in wanted if name in found and wanted[name] != found[name]]
    return sorted(lines, key=lambda line: line.partition(": ")[2])


def put(fresh: Path, present: Path) -> None:
    """Makes `present` equal to `fresh`, leaving alone what already is: running programs import from there."""
    wanted, found = files(fresh), files(present)
    for name, content in wanted.items():
        if found.get(name) != content:
            target = present / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    for name in found.keys() - wanted.keys():
        (present / name).unlink()
    for folder in sorted((path for path in present.rglob("*") if path.is_dir()), reverse=True):
        if folder.name != "__pycache__" and not files(folder):
            shutil.rmtree(folder)
