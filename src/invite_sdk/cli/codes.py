"""How the command can end: the one table, from which `--help` and docs/cli.md are drawn."""

from __future__ import annotations

from enum import IntEnum
from typing import Self


class Code(IntEnum):
    """An exit code."""

    meaning: str

    def __new__(cls, number: int, meaning: str) -> Self:
        """A code, and what it means."""
        made = int.__new__(cls, number)
        made._value_ = number
        made.meaning = meaning
        return made

    DONE = 0, "done"
    FAILED = 1, "refused or failed, or some rows did; a condition was not met"
    USAGE = 2, "the command line, an argument or a list cannot be right, or the service cannot do this"
    CONFIGURATION = 3, "a setting is missing or wrong"
    CREDENTIALS = 4, "the credentials are wrong or not enough"
    NOT_FOUND = 5, "there is none, or you may not see it"
    CONFLICT = 6, "already invited, already a member, or in the wrong state"
    UNAVAILABLE = 7, "the network or the server failed: try later"
    UNKNOWN = 8, "it was sent, and nobody can tell whether it took effect"
    INTERRUPTED = 130, "interrupted"
    TERMINATED = 143, "terminated"
