"""Writes what a run notes to its journal, many at once, and says when it is on the disk."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
from anyio import CancelScope, create_task_group, to_thread

from invite_sdk.roster.journal import Entry, Journal, JournalError


class Notes:
    """What is written to the journal, grouped: all that came while the last group was being written is the next one."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: list[Entry] = []
        self._written = anyio.Event()
        self._more = anyio.Event()
        self._is_over = False
        self.error: JournalError | None = None

    def add(self, entry: Entry) -> anyio.Event:
        """Has an entry written; returns what is set when it is on the disk, or cannot be written."""
        self._waiting.append(entry)
        self._more.set()
        return self._written

    async def add_and_wait(self, entry: Entry) -> None:
        """Returns when the entry is on the disk.

        Raises:
            JournalError: it cannot be written.
        """
        await self.add(entry).wait()
        if self.error is not None:
            raise self.error

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """Writes as long as this lasts, and to the end whatever ends it."""
        async with create_task_group() as group:
            group.start_soon(self._write)
            try:
                yield
            finally:
                self._is_over = True
                self._more.set()

    async def _write(self) -> None:
        with CancelScope(shield=True):
            while not self._is_over or self._waiting:
                await self._more.wait()
                self._more = anyio.Event()
                group, self._waiting = self._waiting, []
                written, self._written = self._written, anyio.Event()
                if group and self.error is None:
                    try:
                        await to_thread.run_sync(self._journal.write, group)
                    except JournalError as error:
                        self.error = error
                written.set()
