"""Runs the project's checks, two at a time, and prints one line for each; the output only of those that fail."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CORES = 2
PARALLEL = ("-n", str(CORES), "--dist=worksteal")
LIMIT_SECONDS = 1_800
SUITE = "src/invite_sdk/testing/suite"
# What the run with the lowest versions leaves out: what shows no behaviour of the SDK that its other tests do not, what
# takes long, and what needs newer tools.
NOT_AT_LOWEST = (
    f"{SUITE}/test_writing_while_listing.py",
    "tests/architecture",
    "tests/behaviour/test_throttling.py",
    "tests/cli/test_canary.py",
    "tests/cli/test_commands.py",
    "tests/cli/test_completing.py",
    "tests/cli/test_full_disk.py",
    "tests/cli/test_manners.py",
    "tests/docs",
    "tests/packaging",
    "tests/performance",
    "tests/reliability",
    "tests/roster/test_shards.py",
    "tests/roster/test_stopping_parts.py",
    "tests/roster/test_truth.py",
    "tests/site",
    "tests/specifications",
    "tests/test_fifth_service.py",
    "tests/test_walk.py",
    "tests/test_walkers.py",
    "tests/testing",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One step: what to run, in the order of `commands`, until one fails."""

    name: str
    commands: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check ended."""

    check: Check
    failed: bool
    seconds: float
    output: str

    @property
    def counts(self) -> str:
        """Pytest's closing line, or nothing."""
        lines = re.findall(r"^.*\b\d+ passed\b.* in [\d.]+s.*$", self.output, re.MULTILINE)
        return lines[-1] if lines else ""


def python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


def pytest(*arguments: str) -> tuple[str, ...]:
    return python("-m", "pytest", "-p", "no:cacheprovider", *arguments)


def checks() -> Iterator[Check]:
    """Every check, the longest first, so that both cores are busy to the end."""
    typed = [name for name in ("src", "generated", "tests", "scripts", "examples") if any((ROOT / name).rglob("*.py"))]
    specifications = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "openapi").glob("*.yaml"))
    # What counts objects and modules would count those of other tests, and what stops at every instruction does not
    # go with coverage, which has Python 3.12.1 crash now and then.
    separate = [
        f"tests/{name}" for name in ("architecture", "packaging", "performance", "reliability/test_interrupts.py")
    ]
    # Those of the site need it built.
    ignored = [f"--ignore={path}" for path in (*separate, "tests/site")]

    yield Check("tests", (pytest(*PARALLEL, "--cov", "--cov-report=term", *ignored),))
    yield Check("lowest versions", (("bash", "-c", lowest()),))
    yield Check(
        "types (mypy)",
        (python("scripts/_snippets.py", "build/snippets"), python("-m", "mypy", *typed, "build/snippets")),
    )
    yield Check("types (pyright)", (("basedpyright", "--pythonpath", sys.executable),))
    yield Check("wheel, rules, memory and interrupts", (pytest(*separate),))
    yield Check("site", (("bash", "scripts/docs"), pytest("tests/site")))
    yield Check("generated code", ((str(ROOT / "scripts" / "generate"), "--check"),))
    yield Check("pinned sets", (python("scripts/_pins.py"),))
    yield Check("specifications", (("openapi-spec-validator", *specifications),))
    yield Check("imports", (("lint-imports", "--no-cache"),))
    yield Check("lint", (("ruff", "check", "--output-format=concise", "."),))
    yield Check("format", (("ruff", "format", "--check", "."),))


def lowest() -> str:
    ignored = " ".join(f"--ignore={path}" for path in NOT_AT_LOWEST)
    # asyncio goes through all of anyio that trio does, and trio's own versions are no promise of ours.
    options = f'-p no:cacheprovider -m "not tools" -k "not trio" {" ".join(PARALLEL)} {ignored}'
    return f'. scripts/_setup && setup lowest && "$PYTHON" -m pytest {options} tests {SUITE}'


def run(check: Check) -> Outcome:
    """Runs one check; whatever goes wrong, also a missing program, is its outcome."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHON": sys.executable, "NO_COLOR": "1", "COLUMNS": "160"}
    started = time.monotonic()
    output: list[str] = []
    failed = False
    for command in check.commands:
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=LIMIT_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            output.append(f"{error}\n")
            failed = True
        else:
            output.append(done.stdout)
            failed = done.returncode != 0
        if failed:
            break
    return Outcome(check, failed, time.monotonic() - started, "".join(output))


def main() -> int:
    # A shell starts what runs in its background with interrupts ignored, and some tests interrupt what they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    every = {check.name: check for check in checks()}
    parser = argparse.ArgumentParser(prog="scripts/test", description=__doc__)
    parser.add_argument("check", nargs="*", help="run only these")
    parser.add_argument("--list", action="store_true", help="name the checks")
    options = parser.parse_args()
    if options.list:
        print(*every, sep="\n")
        return 0
    if unknown := [name for name in options.check if name not in every]:
        parser.error(f"no check is called {', '.join(unknown)}; there are: {', '.join(every)}")

    chosen = [check for name, check in every.items() if not options.check or name in options.check]
    printing = threading.Lock()
    started = time.monotonic()

    def run_and_tell(check: Check) -> Outcome:
        outcome = run(check)
        with printing:
            print(f"{'FAILED' if outcome.failed else 'ok':<7} {check.name} ({outcome.seconds:.0f} s)", flush=True)
            if outcome.failed:
                print(outcome.output.rstrip(), flush=True)
        return outcome

    with ThreadPoolExecutor(CORES) as pool:
        outcomes = list(pool.map(run_and_tell, chosen))
    seconds = time.monotonic() - started
    took = f"on Python {'.'.join(map(str, sys.version_info[:3]))} in {seconds:.0f} s"

    for outcome in outcomes:
        if outcome.counts and outcome.check.name == "tests":
            print(outcome.counts)
    if failures := [outcome.check.name for outcome in outcomes if outcome.failed]:
        print(f"{len(failures)} of {len(outcomes)} checks failed {took}: {', '.join(failures)}.")
        print(f"Run one again: scripts/test {' '.join(repr(name) for name in failures)}")
        return 1
    print(f"Passed {took}: {', '.join(outcome.check.name for outcome in outcomes)}.")
    print("Next: scripts/demo shows the SDK at work; .venv/bin/pytest -k WORD runs some of the tests.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
