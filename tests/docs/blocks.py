"""The fenced blocks of the pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from tests.docs import ROOT

_FENCE = re.compile(r"^```(?P<kind>\w*)(?: (?P<name>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: what kind, the file that it says it is, and its text."""

    page: Path
    line: int
    kind: str
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    def code(self) -> CodeType:
        """The block compiled so that a traceback names the page and its line."""
        return compile("\n" * (self.line - 1) + self.text, str(self.page), "exec")


def pages() -> list[Path]:
    """Every page."""
    return [
        *(ROOT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING", "SECURITY")),
        *sorted((ROOT / "docs").rglob("*.md")),
    ]


def blocks(page: Path, kind: str) -> list[Block]:
    """A page's blocks of one kind, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text.count("\n", 0, found.start("text")) + 1, found["kind"], found["name"] or "", found["text"])
        for found in _FENCE.finditer(text)
        if found["kind"] == kind
    ]
