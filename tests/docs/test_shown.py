"""What the pages show beside their code: what it prints, what the demo says, and two SDKs at the same task."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs import ROOT
from tests.docs.blocks import Block, blocks
from tests.docs.conftest import Hosts
from tests.docs.test_cli import shows

QUICKSTART = ROOT / "docs" / "quickstart.md"
COMING_FROM = ROOT / "docs" / "coming-from"
SHOWN = blocks(QUICKSTART, "text")


def above(shown: Block) -> Block:
    """The block of code that stands before what is shown."""
    return [block for block in blocks(QUICKSTART, "python") if block.line < shown.line][-1]


@pytest.mark.parametrize("shown", SHOWN, ids=str)
def test_the_quick_start_shows_what_its_blocks_print(
    shown: Block, hosts: Hosts, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(above(shown).code(), {"__name__": "__main__"})

    assert capsys.readouterr().out == shown.text


def test_the_shell_part_of_the_quick_start_runs_as_it_stands(tmp_path: Path, hosts: Hosts) -> None:
    [block] = blocks(QUICKSTART, "sh")
    command = tmp_path / "bin" / "invite"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m invite_sdk.cli "$@"\n')
    command.chmod(0o755)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        cwd=tmp_path,
        # No variables of ours: those of the fake are the only ones.
        env={"PATH": f"{command.parent}:/usr/bin:/bin", "HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    # They were invited at once, so either may be the first.
    assert sorted(row for row in rows if row[1:] == ["PROJECT.MEMBER", "Apollo"]) == [
        ["dina@example.com", "PROJECT.MEMBER", "Apollo"],
        ["emil@example.com", "PROJECT.MEMBER", "Apollo"],
    ]


def test_the_home_page_shows_a_part_of_what_the_demo_says() -> None:
    [shown] = blocks(ROOT / "docs" / "index.md", "text")

    done = subprocess.run(
        [sys.executable, "-m", "examples.demo"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )

    assert shows(done.stdout, f"...\n{shown.text}...\n")


@pytest.mark.parametrize("page", ["requests", "waldur-api-client"])
def test_what_one_way_has_invited_the_other_finds(page: str, hosts: Hosts) -> None:
    theirs, ours, *_ = blocks(COMING_FROM / f"{page}.md", "python")
    people = 2 if page == "requests" else 1
    before = len(hosts.waldur.invitations)

    exec(theirs.code(), {"__name__": "__main__"})
    exec(ours.code(), {"__name__": "__main__"})
    exec(theirs.code(), {"__name__": "__main__"})

    assert len(hosts.waldur.invitations) == before + people


def test_the_code_for_another_service_is_python() -> None:
    [block] = blocks(COMING_FROM / "workos.md", "py")
    assert {"WorkOSClient", "send_invitation", "list_invitations", "revoke_invitation"} <= set(block.code().co_names)
