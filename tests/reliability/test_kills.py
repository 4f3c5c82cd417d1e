"""Runs that are killed by SIGKILL, again and again, and what is true when one has come to its end."""

from __future__ import annotations

import sys

import pytest

from tests.reliability.kills import WORLDS, run

KILLS = 8


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked and killed as on POSIX")
@pytest.mark.parametrize("world", WORLDS)
def test_a_run_that_is_killed_at_any_moment_ends_with_everybody_invited_once(world: str) -> None:
    figures = run(world, KILLS)

    assert figures.wrong == []
    assert figures.kills == KILLS
    assert figures.twice == 0
    assert figures.unknown == 0 or not world.startswith("cloudtruth")
