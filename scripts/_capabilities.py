"""Writes what the code declares into the pages: what each service can do, and what the command line has.

It rewrites what stands between `<!-- capabilities: WHAT -->` or `<!-- command line: WHAT -->` and `<!-- end -->`; with
--check it only tells what is stale.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typer.main import get_command

from invite_sdk._model.installed import BUILT_IN
from invite_sdk.cli.app import SECTIONS, app
from invite_sdk.cli.codes import Code
from invite_sdk.services import registry
from invite_sdk.services.capabilities import OPERATIONS, Capabilities, OperationSupport

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
BLOCK = re.compile(r"(<!-- (?:capabilities|command line): (?P<what>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
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
    made = {"all": overview, "commands": commands, "options": options, "codes": codes}.get(what)
    return service(registry.capabilities(what)) if made is None else made()


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


def commands() -> str:
    """The commands, each with the first example of its help."""
    loaded = commands_of_app()
    lines: list[str] = []
    for title, entries in SECTIONS.items():
        rows = [[f"`{name}`", entry.help, example(loaded[name])] for name, entry in entries.items()]
        lines.append(table([title, "", "for example"], rows))
    return "\n".join(lines)


def commands_of_app() -> Mapping[str, Any]:
    group: Any = get_command(app)
    found: Mapping[str, Any] = group.commands
    return found


def example(command: Any) -> str:
    """The first example of a command's help; of one that has commands of its own, of the first of those."""
    one = next(iter(command.commands.values())) if hasattr(command, "commands") else command
    return f"`{one.epilog.splitlines()[2].strip()}`"


def options() -> str:
    """The options of every command that asks a service, which doctor has and no other."""
    rows = [[", ".join(f"`{name}`" for name in one.opts), one.help] for one in commands_of_app()["doctor"].params]
    return table(["option", ""], rows)


def codes() -> str:
    return table(["code", "means"], [[str(code.value), code.meaning] for code in Code])


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
