"""How far long work is: a bar on a terminal, plain lines every few seconds elsewhere, nothing when told to be quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from invite_sdk.cli.running import Run

T = TypeVar("T")

_EVERY = 5.0
"""Seconds between two lines."""
_FIRST = 1.0
"""Seconds before there is a bar: what is quick needs none."""


class Progress:
    """How far something is, on stderr.

    Args:
        run: the run.
        verb: what is done, such as read or canceled.
        total: how many there are to do, where that is known.
        clock: seconds that go on.
    """

    def __init__(
        self, run: Run, verb: str, total: int | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._run = run
        self._verb = verb
        self._total = total
        self._clock = clock
        self._began = self._told = clock()
        self._done = self._failed = 0
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._on_terminal = sys.stderr.isatty()

    def counted(self, items: Iterable[T]) -> Iterator[T]:
        """The items, counted as they come."""
        for item in items:
            yield item
            self.add()

    def add(self, *, failed: bool = False) -> None:
        """Counts one more."""
        self._done += 1
        self._failed += failed
        if self._run.common.quiet:
            return
        now = self._clock()
        if self._on_terminal:
            self._draw(now)
        elif now - self._told >= _EVERY:
            self._told = now
            self._run.say(self._said(now))

    def _said(self, now: float) -> str:
        rate = self._done / max(now - self._began, 0.001)
        words = [f"{self._done} {self._verb}"]
        if self._failed:
            words.append(f"{self._failed} failed")
        if self._total is not None:
            words.append(f"{self._total - self._done} left")
        return f"{', '.join(words)}, {rate:.1f} a second"

    def _draw(self, now: float) -> None:
        if self._bar is None:
            if now - self._began < _FIRST:
                return
            self._start()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done, description=self._said(now))

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        # The rows may be on the same terminal, so it takes itself away in the end.
        console = Console(stderr=True, no_color=self._run.common.no_color or None)
        self._bar = Bar(TextColumn("{task.description}", markup=False), BarColumn(), console=console, transient=True)
        self._task = self._bar.add_task("", total=self._total)
        self._bar.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
