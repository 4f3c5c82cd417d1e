"""Runs the proofs and writes their figures into docs/reliability.md: `python -m tests.reliability [PROOF...]`.

It rewrites what stands between `<!-- figures: PROOF -->` and `<!-- end -->`.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path

from tests import conftest  # noqa: F401 - the clocks of the fakes start where its tests expect them
from tests.reliability.proofs import PROOFS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"


def main(arguments: list[str] | None = None) -> int:
    """The command; 1 when something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("proof", nargs="*", help=f"only these: {', '.join(PROOFS)}")
    parser.add_argument("--full", action="store_true", help="every pair of faults, every age of server; many minutes")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.proof if name not in PROOFS]:
        parser.error(f"there is no proof {', '.join(unknown)}; there are {', '.join(PROOFS)}")
    page = PAGE.read_text(encoding="utf-8")
    failed = 0
    for name in given.proof or PROOFS:
        began = time.monotonic()
        lines, wrong = PROOFS[name](given.full)
        page = rewritten(page, name, [*lines, *(["", "Run in full."] if given.full else [])])
        sys.stdout.write(f"{name}: {len(wrong)} wrong ({time.monotonic() - began:.0f} s)\n")
        sys.stdout.writelines(f"  {one[:300]}\n" for one in wrong[:20])
        failed += bool(wrong)
    PAGE.write_text(page, encoding="utf-8")
    return 1 if failed else 0


def rewritten(page: str, name: str, lines: list[str]) -> str:
    """The page with other figures for a proof."""
    block = re.compile(rf"(<!-- figures: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not block.search(page):
        raise SystemExit(f"{PAGE.name} has no place for the figures of {name}")
    return block.sub(lambda found: found[1] + "\n" + "\n".join(lines).strip() + "\n\n" + found[2], page)


if __name__ == "__main__":
    raise SystemExit(main())
