from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging import ROOT

NOISE = "WARNING: Location 'file:///x/simple/anyio/' is ignored: it is neither a file nor a directory.\n" * 90
FAILURES = {
    "pip": "ERROR: Could not find a version that satisfies the requirement anyio==99",
    "uv": "  × No solution found when resolving dependencies:\nerror: Failed to fetch",
    "bash": "Python 3.11 or newer is needed. Install it, or name it: INVITE_PYTHON=/path/to/python scripts/test",
    "disk": "OSError: [Errno 28] No space left on device",
    "something else": "Killed",
}


def in_setup(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command of bash with the functions of scripts/_setup, on no Python but this one."""
    return subprocess.run(
        ["bash", "-c", f". scripts/_setup && {command}"],
        cwd=ROOT,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("said", FAILURES.values(), ids=FAILURES)
def test_a_failed_set_up_says_its_reason_first_and_no_pages_of_warnings(tmp_path: Path, said: str) -> None:
    log = tmp_path / "log"
    log.write_text(f"{NOISE}Collecting anyio\n{said}\n")

    shown = in_setup(f'_reason "{log}"').stdout.splitlines()

    assert said.splitlines()[-1] in shown
    assert len(shown) <= 10
    assert not any(line.startswith("WARNING") for line in shown)


def test_a_failed_set_up_ends_with_its_reason_and_where_the_whole_of_it_is(tmp_path: Path) -> None:
    done = in_setup(
        f"ROOT={tmp_path} && mkdir {tmp_path}/scripts && echo anyio > {tmp_path}/scripts/requirements.txt && setup",
        INVITE_PYTHON=sys.executable,
        PIP_NO_INDEX="1",
        UV_NO_INDEX="1",
        PIP_FIND_LINKS=str(tmp_path),
    )

    assert done.returncode == 1
    head, *reason = done.stdout.splitlines()
    assert head == "FAILED  set up .venv"
    assert any("hash" in line.lower() for line in reason)
    assert reason[-1] == f"All of it: {tmp_path}/.venv.log"


@pytest.mark.parametrize("named", ["", sys.executable])
def test_an_environment_of_the_python_that_is_asked_for_is_kept(named: str) -> None:
    assert in_setup(f"venv={sys.prefix} && _is_of_python", INVITE_PYTHON=named).returncode == 0


def test_an_environment_of_another_python_than_asked_for_is_made_anew(tmp_path: Path) -> None:
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\necho 3.99.0\n")
    other.chmod(0o755)

    assert in_setup(f"venv={sys.prefix} && _is_of_python", INVITE_PYTHON=str(other)).returncode == 1


def test_a_python_that_is_asked_for_and_not_there_is_not_replaced_by_another(tmp_path: Path) -> None:
    done = in_setup("_find_python", INVITE_PYTHON=str(tmp_path / "python3.99"))

    assert (done.returncode, done.stdout) == (1, "")
    assert f"INVITE_PYTHON={tmp_path}/python3.99 is none" in done.stderr
