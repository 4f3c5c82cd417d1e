"""What `scripts/docs` says to its arguments, before it builds anything."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def docs(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "_docs.py", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_help_says_what_it_does() -> None:
    status, said, wrong = docs("--help")
    assert (status, wrong) == (0, "")
    assert "Builds the site into build/site" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--serve", "many"], "argument --serve: a port is a number up to 65535, not 'many'"),
        (["--serve", "65536"], "argument --serve: a port is a number up to 65535, not '65536'"),
        (["--open"], "unrecognized arguments: --open"),
    ],
)
def test_a_wrong_argument_is_told_before_the_build(arguments: list[str], said: str) -> None:
    assert docs(*arguments) == (2, "", f"usage: scripts/docs [--serve [PORT]]\nscripts/docs: error: {said}\n")


def test_a_port_that_is_in_use_is_told_before_the_build() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        status, said, wrong = docs("--serve", str(port))
    assert (status, said) == (2, "")
    assert f"argument --serve: port {port} cannot be served: " in wrong
