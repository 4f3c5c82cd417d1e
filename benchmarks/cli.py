"""The command line: processes timed from outside, beside what they cannot do without."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks._data import TOKEN, WaldurPages
from benchmarks._measure import Bench, Side, Target, once
from benchmarks._server import answering
from invite_sdk.cli.reading import INVITATION

ROWS = 100
BARE = "import typer"
SCRIPT = "ten lines of Python with the SDK"
COMMAND = str(Path(sys.executable).with_name("invite"))
LISTING = f"""
import json
from invite_sdk import InviteClient

FIELDS = {INVITATION}
with InviteClient.from_env("waldur") as client:
    for invitation in client.list():
        row = {{name: getattr(invitation, name) for name in FIELDS}}
        print(json.dumps(row, default=str))
"""


def prepare(stack: ExitStack) -> Bench:
    """The sides; each ran once before, so that its bytecode is there, and both listings have every row."""
    body, headers = WaldurPages(ROWS).page(1, ROWS)
    url = stack.enter_context(answering(body, headers))
    # Nor what says whether bytecode is written: as the scripts that run with -I do not hear of it.
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("INVITE_", "PYTHON"))}
    settings |= {"INVITE_WALDUR_URL": url, "INVITE_WALDUR_TOKEN": TOKEN}
    commands: dict[str, tuple[list[str], str | None]] = {
        BARE: ([sys.executable, "-I", "-c", "import typer"], None),
        "invite --version": ([COMMAND, "--version"], BARE),
        "invite --help": ([COMMAND, "--help"], BARE),
        SCRIPT: ([sys.executable, "-I", "-c", LISTING], None),
        "invite list --jsonl": ([COMMAND, "list", "--jsonl"], SCRIPT),
    }
    said = {name: _run(command, settings).splitlines() for name, (command, _) in commands.items()}
    if not ROWS == len(said[SCRIPT]) == len(said["invite list --jsonl"]):
        raise AssertionError("the listings have not all the rows")
    sides = (
        Side(name, once(partial(_run, command, settings), "ms"), base) for name, (command, base) in commands.items()
    )
    return Bench(
        "cli",
        "The command line, whole processes",
        "ms",
        tuple(sides),
        rounds=15,
        targets=(
            *(Target(f"at most 1.5 of `{BARE}`", side, "ratio", 1.5) for side in ("invite --version", "invite --help")),
            Target(f"at most 1.25 of {SCRIPT}", "invite list --jsonl", "ratio", 1.25),
        ),
        notes=(f"Ratios are of whole processes. The listings read a page of {ROWS} rows from a server on loopback.",),
    )


def _run(command: Sequence[str], settings: Mapping[str, str]) -> str:
    done = subprocess.run(  # noqa: S603 - ours
        command, env=settings, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    return done.stdout
