"""Programs that run in a process of their own, where nothing is loaded yet and forking is allowed."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap


def run(program: str, *arguments: str) -> str:
    """What a program prints that ends well and quietly, in a fresh interpreter in which every warning is an error."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout
