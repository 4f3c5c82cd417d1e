"""Writes what each service can do, from the declarations in the code, into the README and docs/services.md.

It rewrites what stands between `<!-- capabilities: WHAT -->` and `<!-- end -->`; with --check it tells what is stale.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from invite_sdk._model.installed import BUILT_IN
from invite_sdk.services import registry
from invite_sdk.services.capabilities import OPERATIONS, Capabilities, OperationSupport

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", ROOT / "docs" / "services.md")
BLOCK = re.compile(r"(<!-- capabilities: (?P<what>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
WORDS = {"native": "yes", "emulated": "emulated", "partial": "in part", "unsupported": "–"}


def main() -> int:
    stale = [page for page in PAGES if page.read_text(encoding="utf-8") != rewritten(page)]
    if "--check" in sys.argv[1:]:
        for page in stale:
            print(f"{page.relative_to(ROOT)} is stale: run scripts/capabilities")
        return 1 if stale else 0
    for page in stale:
        page.write_text(rewritten(page), encoding="utf-8")
    print("Wrote " + ", ".join(str(page.relative_to(ROOT)) for page in stale) if stale else "Nothing to do.")
    return 0


def rewritten(page: Path) -> str:
    return BLOCK.sub(lambda found: found[1] + block(found["what"]) + found[3], page.read_text(encoding="utf-8"))


def block(what: str) -> str:
    return overview() if what == "all" else service(registry.capabilities(what))


def overview() -> str:
    declared = [registry.capabilities(name) for name in BUILT_IN]
    rows = [[f"`{name}`", *(how(one[name]) for one in declared)] for name in OPERATIONS]
    return table(["operation", *(one.title for one in declared)], rows)


def service(declared: Capabilities) -> str:
    rows = [[f"`{name}`", how(declared[name]), remark(declared[name])] for name in OPERATIONS]
    return "\n".join([table(["operation", "has it", "note"], rows), *parameters(declared)]) + "\n"


def parameters(declared: Capabilities) -> list[str]:
    """What each operation takes, said once for operations that take the same."""
    groups: dict[str, list[str]] = {}
    for name in OPERATIONS:
        taken = [
            f"  - `{parameter}`{': ' + support.note if support.note else ''}"
            for parameter, support in declared[name].parameters.items()
            if support.is_supported
        ]
        if taken:
            groups.setdefault("\n".join(taken), []).append(name)
    return [
        f"- {' and '.join(f'`{name}`' for name in names)} take{'' if len(names) > 1 else 's'}\n{taken}"
        for taken, names in groups.items()
    ]


def how(support: OperationSupport) -> str:
    return WORDS[support.level] + (f", from {support.since}" if support.since else "")


def remark(support: OperationSupport) -> str:
    nearest = f"The nearest is `{support.nearest}`." if support.nearest else ""
    return " ".join(filter(None, (support.note, nearest)))


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
