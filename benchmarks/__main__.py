"""Runs the benches, each in a process of its own, and tells. A whole run also writes results, tables and plot."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import import_module
from time import monotonic
from typing import Any

from benchmarks import _machine as about
from benchmarks._data import ROOT
from benchmarks._measure import MIN_ROUNDS, Bench, measure
from benchmarks._plot import draw
from benchmarks._report import Report, put_between_markers, targets_table, whole, write

BENCHES = (
    "list_page",
    "peer_pages",
    "small_call",
    "imports",
    "cli",
    "listing",
    "writing",
    "first_request",
    "memory",
    "fakes",
    "canceling",
    "planning",
    "planning_memory",
    "applying",
    "journal",
    "resuming",
)
LATEST = ROOT / "benchmarks" / "results" / "latest.json"
PAGE = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "performance.svg"


def run_here(name: str, rounds: int | None) -> Report:
    """Measures one bench in this process."""
    started = monotonic()
    with ExitStack() as stack:
        bench: Bench = import_module(f"benchmarks.{name}").prepare(stack)
        sides = measure(bench, rounds)
    seconds = round(monotonic() - started, 1)
    return Report(bench.name, bench.title, bench.unit, bench.net_of, bench.notes, bench.targets, tuple(sides), seconds)


def run_apart(name: str, rounds: int | None) -> Report:
    """Measures one bench in a process of its own: what another one imported or left behind does not disturb it."""
    command = [sys.executable, "-m", "benchmarks", "--json", name]
    if rounds is not None:
        command += ["--rounds", str(rounds)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise SystemExit(f"{name} failed; what it said stands above")
    return Report.from_json(json.loads(done.stdout))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("bench", nargs="*", metavar="BENCH", help=f"run only these of {', '.join(BENCHES)}")
    parser.add_argument("--rounds", type=int, help=f"rounds for each bench, at least {MIN_ROUNDS}; by default its own")
    parser.add_argument("--json", action="store_true", help="measure one bench in this process and print JSON")
    parser.add_argument(
        "--again", action="store_true", help="put the named ones into the results of the last whole run"
    )
    parser.add_argument("--draw", action="store_true", help="measure nothing: write page and plot from the results")
    given = parser.parse_args(arguments)
    if unknown := set(given.bench) - set(BENCHES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    if given.rounds is not None and given.rounds < MIN_ROUNDS:
        parser.error(f"fewer than {MIN_ROUNDS} rounds cannot tell noise from difference")
    if given.json:
        if len(given.bench) != 1:
            parser.error("--json takes one bench")
        sys.stdout.write(json.dumps(run_here(given.bench[0], given.rounds).to_json()))
        return 0
    if given.draw:
        publish(json.loads(LATEST.read_text(encoding="utf-8")))
        return 0

    results = measured([name for name in BENCHES if name in given.bench or not given.bench], given.rounds)
    reports = [Report.from_json(one) for one in results["benches"]]
    say(targets_table(reports))
    if given.bench and not given.again:
        say("Nothing was written: only a whole run is, or what is measured --again.")
    else:
        if given.again:
            results = put_into(json.loads(LATEST.read_text(encoding="utf-8")), results)
        write(LATEST, results)
        publish(results)
        say(f"Wrote {', '.join(str(path.relative_to(ROOT)) for path in (LATEST, PAGE, PLOT))}.")
    return int(any(verdict == "FAILED" for report in reports for *_, verdict in report.verdicts()))


def measured(names: Sequence[str], rounds: int | None) -> dict[str, Any]:
    """Measures these one after another and shows each as it comes."""
    machine, versions = about.machine(), about.versions()
    say(json.dumps(machine, ensure_ascii=False))
    say(", ".join(f"{name} {number}" for name, number in versions.items()) + "\n")
    reports: list[Report] = []
    for name in names:
        reports.append(run_apart(name, rounds))
        say(f"{reports[-1].text()}({reports[-1].seconds:.0f} s)\n")
    return {
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": machine,
        "versions": versions,
        "benches": [report.to_json() for report in reports],
    }


def put_into(whole_run: dict[str, Any], again: dict[str, Any]) -> dict[str, Any]:
    """The results of a whole run, with those measured again since, on the same machine and with the same versions."""
    named = {key: whole_run["machine"][key] for key in ("system", "processor", "cores", "python")}
    # What takes part only in benches that are new since is no other version.
    same = whole_run["versions"].items() <= again["versions"].items()
    if not same or not named.items() <= again["machine"].items():
        raise SystemExit("the last whole run was on another machine or with other versions: make a whole run")
    new = {one["name"]: one for one in again["benches"]}
    benches = [new.pop(one["name"], one) for one in whole_run["benches"]]
    return whole_run | {"versions": again["versions"], "benches": [*benches, *new.values()]}


def publish(results: dict[str, Any]) -> None:
    """Writes the page's tables and the plot."""
    reports = [Report.from_json(one) for one in results["benches"]]
    put_between_markers(PAGE, whole(reports, results["machine"], results["versions"]))
    PLOT.write_text(draw(reports), encoding="utf-8")


def say(text: str) -> None:
    """Prints at once: a run takes minutes."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
