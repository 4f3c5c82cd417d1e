"""The page about the command line: its recipes run, and its session is what a terminal shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from invite_sdk.testing import FakeCloudTruth, FakeWaldur
from tests.cli.conftest import Ground, settings_of
from tests.docs import ROOT
from tests.docs.blocks import Block, blocks
from tests.docs.picture import PROFILES
from tests.support.rings import BACKEND

PAGE = ROOT / "docs" / "cli.md"


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Ground]:
    """A folder with the page's list and profiles, the command on the PATH, and invitations of all kinds."""
    waldur, cloudtruth, another = FakeWaldur(), FakeCloudTruth(), FakeWaldur(seed=1)
    waldur.invite("ana@example.com", created=datetime.now(UTC) - timedelta(days=30))
    waldur.invite("eve@example.com")
    with waldur.serve() as campus, cloudtruth.serve() as cloud, another.serve() as lab:
        [people] = blocks(PAGE, "csv")
        (tmp_path / "people.csv").write_text(people.text)
        (tmp_path / "config.toml").write_text(PROFILES.format(waldur=campus, cloudtruth=cloud))
        token = settings_of(waldur, campus)["INVITE_WALDUR_TOKEN"]
        (tmp_path / "token.txt").write_text(settings_of(another, lab)["INVITE_WALDUR_TOKEN"])
        command = tmp_path / "bin" / "invite"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -m invite_sdk.cli "$@"\n')
        command.chmod(0o755)
        variables = {
            "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
            "INVITE_CONFIG": str(tmp_path / "config.toml"),
            "CAMPUS_TOKEN": token,
            "CLOUD_KEY": settings_of(cloudtruth, cloud)["INVITE_CLOUDTRUTH_API_KEY"],
            "WALDUR_URL": lab,
            "RING": str(tmp_path / "ring.json"),
            **BACKEND,
        }
        yield Ground(tmp_path, {"waldur": waldur, "cloudtruth": cloudtruth}, variables)


SAID = {
    "serve-fakes": "created\t",
    "profile add lab": "lab\twaldur\tok",
    "profile add night": "night\twaldur\tok",
    "bin:$PATH": "",
    "apply people.csv --changed-list --yes --quiet": "",
    "apply people.csv --changed-list --chase-after 7d --yes": "ana@example.com\tPROJECT.ADMIN",
    "plan people.csv": "cloud\tcleo@example.com",
    "count --profile campus": "none has expired",
    "resend -": "resent\t",
    "offboard": "taken back\tcampus\t",
    "--prune --max-prune 5 --yes\n": "eve@example.com",
    "--report": "cleo@example.com",
    "--same-account": "cleo@example.com",
    "overview": "campus\twaldur\tfound\t2\t",
}
"""What shows that a recipe did what it is for, by a part of its text."""
RECIPES = blocks(PAGE, "sh")


def test_every_recipe_has_a_word_that_shows_that_it_worked() -> None:
    assert [sum(part in recipe.text for part in SAID) for recipe in RECIPES] == [1] * 14


def ran(recipe: Block, shell: Ground) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", recipe.text],
        cwd=shell.home,
        env=shell.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_a_recipe_runs_as_it_stands(recipe: Block, shell: Ground) -> None:
    [said] = [said for part, said in SAID.items() if part in recipe.text]

    done = ran(recipe, shell)

    assert done.returncode == 0, done.stdout + done.stderr
    assert said in done.stdout
    assert "Traceback" not in done.stderr


def test_the_recipes_run_one_after_the_other_while_the_list_changes(shell: Ground) -> None:
    """Each finds what the ones before it have left: profiles, the journal, and a list that was another one then."""
    people = shell.home / "people.csv"
    for number, recipe in enumerate(RECIPES):
        done = ran(recipe, shell)
        assert done.returncode == 0, f"{recipe}\n{done.stdout}{done.stderr}"
        with people.open("a") as file:
            file.write(f"campus,new{number}@example.com,PROJECT.MEMBER,project,Apollo\n")

    invited = [row.email for fake in shell.fakes.values() for row in fake.invitations]
    assert sorted(invited) == sorted(set(invited))


CONSOLES = blocks(PAGE, "console")
_SAME = [
    (r"\b[0-9a-f]{40}\b", "TOKEN"),
    (r"\b[0-9a-f]{32}\b", "ID" * 16),
    (r"(?<=127\.0\.0\.1:)\d+", "PORT"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-01-01T00:00:00Z"),
    (r"\d+(\.\d+)+(?= s\b|, )|(?<=httpx )[\d.]+", "N"),
]
"""What differs from run to run, and what stands for it."""


def steps(block: Block) -> list[tuple[str, str]]:
    """The command lines of a session, each with what it shows."""
    parts = re.split(r"^\$ (.*)\n", block.text, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def shows(text: str, told: str) -> bool:
    """Whether a text is what the page tells, in which a line of three dots stands for any lines."""
    lines = [r"(?:.*\n)*?" if line == "..." else re.escape(line + "\n") for line in even(told).splitlines()]
    return re.fullmatch("".join(lines), even(text)) is not None


def even(text: str) -> str:
    """A text without what differs from run to run."""
    for pattern, word in _SAME:
        text = re.sub(pattern, word, text)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def test_the_session_is_what_a_terminal_shows_from_nothing_to_the_first_invitation(tmp_path: Path) -> None:
    ground = Ground(tmp_path, {}, {"NO_COLOR": "1"})
    (help_line, help_told), (serving, welcome) = steps(CONSOLES[0])
    assert shows(ground.terminal(*shlex.split(help_line)[1:], columns=80).out, help_told)

    with ground.started(*shlex.split(serving)[1:]) as fakes:
        assert fakes.stdout is not None
        said = ""
        while "Below /_fake/" not in said:
            said += (line := fakes.stdout.readline())
            assert line
        assert shows(said, welcome), said
        for line, told in steps(CONSOLES[1]):
            if line.startswith("export "):
                assert line == "export INVITE_WALDUR_URL=... INVITE_WALDUR_TOKEN=..."
                [pasted] = re.findall("^export (.*)$", said, re.MULTILINE)
                ground.variables |= dict(word.split("=", 1) for word in shlex.split(pasted))
                continue
            shown = ground.terminal(*shlex.split(line)[1:], columns=160)
            assert shown.code == 0, shown.out
            assert shows(shown.out, told), f"{line}\n{shown.out}"
