from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site, which is built where it is missing."""
    folder = ROOT / "build" / "site"
    if not (folder / "llms-full.txt").exists():
        subprocess.run(["bash", ROOT / "scripts" / "docs"], check=True, stdout=subprocess.DEVNULL)
    return folder
