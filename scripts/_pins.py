"""Checks that each pinned set is closed on every Python and platform that is claimed: none is missing, none is built.

Sets are installed without resolving anything, so a missing package would show only where it is imported. uv resolves
each set for one Python and platform at a time, with nothing to choose from but its pins; what it adds was missing.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETS = ("scripts/requirements.txt", "scripts/requirements-lowest.txt", "benchmarks/requirements.txt")
PLATFORMS = ("linux", "macos", "windows")
VERSION = re.compile(r"Programming Language :: Python :: (\d\.\d+)")
PIN = re.compile(r"^([\w.-]+==[^\s;\\]+)", re.MULTILINE)


def pythons() -> list[str]:
    """The versions that the project claims."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [found[1] for line in project["classifiers"] if (found := VERSION.fullmatch(line))]


def faults(name: str, python: str, platform: str) -> list[str]:
    """What is wrong with a set on one Python and platform."""
    where = f"{name}, Python {python} on {platform}"
    options = (
        "--python",
        sys.executable,
        "--python-version",
        python,
        "--python-platform",
        platform,
        "--no-header",
        "--no-annotate",
        "--only-binary",
        ":all:",
        "--quiet",
    )
    made = subprocess.run(
        (Path(sys.executable).with_name("uv"), "pip", "compile", name, *options),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        return [f"{where}: {made.stderr.strip()}"]
    pinned = set(PIN.findall((ROOT / name).read_text(encoding="utf-8")))
    return [f"{where}: {pin} is needed and not pinned" for pin in PIN.findall(made.stdout) if pin not in pinned]


def main() -> int:
    every = list(product(SETS, pythons(), PLATFORMS))
    with ThreadPoolExecutor(8) as threads:  # they wait for the network
        found = [fault for some in threads.map(faults, *zip(*every, strict=True)) for fault in some]
    print("\n".join(found) or f"{len(SETS)} sets are closed on Python {', '.join(pythons())}, {', '.join(PLATFORMS)}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
