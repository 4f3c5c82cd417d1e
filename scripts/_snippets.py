"""Writes every Python block of the README and docs/ to a file of its own, so that type checkers read them.

A block keeps the line numbers that it has in its page.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```python[^\n]*\n(?P<code>.*?)^```\s*$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def snippets(page: Path) -> Iterator[tuple[int, str]]:
    """The blocks of a page, each with the number of its first line, and its text moved down to that line."""
    text = page.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        lines_before = text.count("\n", 0, block.start("code"))
        yield lines_before + 1, "\n" * lines_before + block["code"]


def main() -> int:
    target = ROOT / sys.argv[1]
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    (target / "__init__.py").touch()
    for page in pages():
        stem = re.sub(r"\W", "_", str(page.relative_to(ROOT).with_suffix("")))
        for line, code in snippets(page):
            (target / f"{stem}_{line}.py").write_text(code, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
