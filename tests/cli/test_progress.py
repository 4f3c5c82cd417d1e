"""How far long work is: plain lines now and then, a bar on a terminal, nothing when told to be quiet."""

from __future__ import annotations

import sys

import pytest

from invite_sdk.cli.progress import Progress
from invite_sdk.cli.running import Common, Run


class Clock:
    """Seconds that go on by as many at each look."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def test_lines_come_every_few_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Run(Common()), "canceled", 4, clock=Clock(2.0)) as progress:
        for failed in (False, True, False, False):
            progress.add(failed=failed)

    assert capsys.readouterr().err.splitlines() == ["3 canceled, 1 failed, 1 left, 0.5 a second"]


def test_what_is_quick_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Run(Common()), "read", clock=Clock(0.1)) as progress:
        assert list(progress.counted("abc")) == ["a", "b", "c"]

    assert capsys.readouterr().err == ""


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Run(Common(quiet=True)), "read", clock=Clock(60)) as progress:
        progress.add()

    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")

    with Progress(Run(Common(no_color=True)), "read", 3, clock=Clock(2.0)) as progress:
        progress.add()
        progress.add()

    assert "2 read, 1 left" in capsys.readouterr().err
