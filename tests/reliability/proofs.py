"""The proofs by name: each runs, and gives its figures as a table or a list in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from tests.behaviour.worlds import NEWEST, WORLDS
from tests.reliability import answers, canary, interrupts, kills, matrix, stateful
from tests.reliability.cells import operations
from tests.reliability.echoes import ECHOES
from tests.reliability.hostile import SUBJECTS
from tests.reliability.hostile import Tally as Fought
from tests.reliability.matrix import Tally, carry_out, faults, lasting, pairs, single
from tests.reliability.skirmishes import SKIRMISHES, WAYS
from tests.reliability.subjects import subjects

Row: TypeAlias = list[Any]
Proof: TypeAlias = Callable[[bool], tuple[list[str], list[str]]]
"""Runs, in full or as in the tests; returns lines of Markdown, and what did not hold."""

UNTOLD = frozenset({("enhance-text", "create"), ("enhance-text", "resend")})
"""Old panels answer these with a bare text: half of one is a text too, and nobody can tell."""


def table(names: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """A table in Markdown, numbers to the right."""
    named = list(names)
    shown = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    rule = ["---", *("---:" for _ in named[1:])]
    return [f"| {' | '.join(row)} |" for row in (named, rule, *shown)]


def summed(rows: list[Row]) -> list[Row]:
    """Rows of figures, and one for all of them."""
    _, *columns = zip(*rows, strict=True)
    return [*rows, ["all", *map(sum, columns)]]


def fault_matrix(full: bool) -> tuple[list[str], list[str]]:
    """Cells by service."""
    found: dict[str, Tally] = {}
    for world in WORLDS if full else NEWEST:
        tally = found.setdefault(world.partition("-")[0], Tally())
        for operation in operations(world):
            if (world, operation) not in UNTOLD:
                _cells(world, operation, tally, full=full)
    rows: list[Row] = [
        [
            service,
            tally.cells,
            tally.invisible,
            tally.outcomes["result"],
            tally.cells - tally.outcomes["result"] - tally.outcomes["unknown"],
            tally.outcomes["unknown"],
            tally.unknown_taken,
            len(tally.wrong),
        ]
        for service, tally in sorted(found.items())
    ]
    seconds = max(tally.slowest for tally in found.values())
    several = f"{len(faults(NEWEST[0]))} faults on {sum(len(operations(world)) for world in NEWEST)} operations"
    kinds = sorted({kind for tally in found.values() for kind in tally.outcomes} - {"result", "unknown"})
    told = (
        f"{several}; the longest operation took {seconds:g} seconds on the moved clock, the deadline being 60. "
        f"Errors: {', '.join(f'`{kind}`' for kind in kinds)}."
    )
    return [
        *table(
            (
                "service",
                "cells",
                "of these invisible",
                "true results",
                "errors",
                "unknown outcomes",
                "of these had taken effect",
                "wrong",
            ),
            summed(rows),
        ),
        "",
        told,
    ], [wrong for tally in found.values() for wrong in tally.wrong]


def _cells(world: str, operation: str, tally: Tally, *, full: bool) -> None:
    for way in matrix.WAYS:
        carry_out(single(world, operation), way, tally)
        every, offset = (1, 0) if full else (matrix.EVERY, 3 * (way != "sync"))
        carry_out(pairs(world, operation, every, offset), way, tally)
    carry_out(lasting(world, operation), "sync", tally)


def canaries(full: bool) -> tuple[list[str], list[str]]:
    """Calls and searches by kind of credential."""
    rows: list[Row] = []
    wrong: list[str] = []
    for subject in subjects():
        tally = canary.Tally()
        for number, echo in enumerate(ECHOES):
            canary.listen(subject, echo, "sync", tally)
            if full or number % 4 == 0:
                canary.listen(subject, echo, "asyncio", tally)
            if "zenml" in subject.kind:
                canary.listen(subject, echo, "sync", tally, lets_in=False)
        rows.append([subject.kind, tally.calls, tally.searched, len(tally.leaks)])
        wrong += tally.leaks + tally.escaped
    return table(("credential of the connection", "calls", "texts searched", "secrets found"), summed(rows)), wrong


def hostile(full: bool) -> tuple[list[str], list[str]]:
    """Attacks by kind."""
    rows: list[Row] = []
    wrong: list[str] = []
    for name, skirmish in SKIRMISHES.items():
        fought = Fought()
        for service in SUBJECTS:
            for way in WAYS:
                fought.add(skirmish(service, way) or Fought())
        rows.append([name, fought.attacks, fought.refused, fought.contained, fought.requests, len(fought.wrong)])
        wrong += fought.wrong
    names = ("what is hostile", "attacks", "refused unsent", "stayed in their endpoint", "requests recorded", "strayed")
    return table(names, summed(rows)), wrong


def killed_runs(full: bool) -> tuple[list[str], list[str]]:
    """Kills by service."""
    found = {world: kills.run(world, 250 if full else 50) for world in kills.WORLDS}
    rows: list[Row] = [
        [
            world.replace("-", " "),
            one.kills,
            one.journals,
            one.lines,
            one.writes,
            one.unknown,
            one.taken,
            one.twice,
            len(one.wrong),
        ]
        for world, one in found.items()
    ]
    names = ("service", "kills", "journals", "people", "writes", "unknown in the end", "of these had taken effect")
    wrong = [wrong for one in found.values() for wrong in one.wrong]
    return table((*names, "mailed twice", "wrong"), summed(rows)), wrong


def counted(run: Callable[[int], Any], few: int, many: int) -> Proof:
    """A proof whose figures are a list of numbers: so many rounds in the tests, and so many in full."""

    def proof(full: bool) -> tuple[list[str], list[str]]:
        figures = run(many if full else few)
        shown = [(name, value) for name, value in figures.as_dict().items() if isinstance(value, int)]
        return table(("what", "how many"), shown), list(figures.wrong)

    return proof


PROOFS: Mapping[str, Proof] = {
    "matrix": fault_matrix,
    "schedules": counted(lambda count: stateful.run(range(count)), 2_000, 20_000),
    "answers": counted(answers.run, 12_000, 100_000),
    "hostile": hostile,
    "canary": canaries,
    "interrupts": counted(interrupts.run, 20_000, 100_000),
    "kills": killed_runs,
}
"""Every proof, by the name that the page has for its figures."""
