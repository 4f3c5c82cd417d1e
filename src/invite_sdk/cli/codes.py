"""How the command can end: the one table, from which `--help` and docs/cli.md are drawn."""

from __future__ import annotations

from collections.abc import Iterable
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
    FAILED = 1, "refused or failed, or some rows did; a condition was not met; a journal is of another list or account"
    USAGE = 2, "the command line, an argument or a list cannot be right, or the service cannot do this"
    CONFIGURATION = 3, "a setting is missing or wrong, or an extra is not installed"
    CREDENTIALS = 4, "the credentials are wrong or not enough"
    NOT_FOUND = 5, "there is none, or you may not see it"
    CONFLICT = 6, "already invited, already a member, or in the wrong state"
    UNAVAILABLE = 7, "the network or the server failed, or another run has the journal: try later"
    UNKNOWN = 8, "it was sent, and nobody can tell whether it took effect"
    INTERRUPTED = 130, "interrupted"
    TERMINATED = 143, "terminated"


def together(codes: Iterable[Code]) -> Code:
    """The code of several parts: what nobody knows comes first, then what all have ended with, else some have failed.

    Args:
        codes: those of the parts, in any order.
    """
    different = set(codes)
    if Code.UNKNOWN in different:
        return Code.UNKNOWN
    if len(different) == 1:
        return different.pop()
    return Code.FAILED if different else Code.DONE
