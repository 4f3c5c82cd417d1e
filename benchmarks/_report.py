"""What a run says: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks._measure import Summary, Target

START, END = "<!-- measured: scripts/bench writes what follows -->", "<!-- measured: end -->"


@dataclass(frozen=True, slots=True)
class Report:
    """One bench, measured."""

    name: str
    title: str
    unit: str
    net_of: str | None
    notes: tuple[str, ...]
    targets: tuple[Target, ...]
    sides: tuple[Summary, ...]
    seconds: float

    def side(self, name: str) -> Summary:
        """The side of that name."""
        return next(side for side in self.sides if side.side == name)

    def to_json(self) -> dict[str, Any]:
        """As JSON types, with what follows from the samples."""
        sides = [
            {
                **asdict(side),
                "rounds": len(side.samples),
                "minimum": side.minimum,
                "median": side.median,
                "maximum": side.maximum,
            }
            for side in self.sides
        ]
        checked = [{**asdict(target), "reached": reached, "met": met} for target, reached, met in self.verdicts()]
        return {**asdict(self), "sides": sides, "targets": checked}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Report:
        """The inverse, of what `to_json` gave."""
        sides = tuple(
            Summary(
                one["side"],
                one["base"],
                tuple(one["samples"]),
                one["ratio"],
                one["ratio_of_minima"],
                one["added"],
            )
            for one in data["sides"]
        )
        names = ("text", "side", "figure", "at_most", "fails_over")
        targets = tuple(Target(**{name: one.get(name) for name in names}) for one in data["targets"])
        return cls(
            data["name"],
            data["title"],
            data["unit"],
            data["net_of"],
            tuple(data["notes"]),
            targets,
            sides,
            data["seconds"],
        )

    def verdicts(self) -> Iterable[tuple[Target, float, str]]:
        """Each target with what was reached: met, missed or failed."""
        for target in self.targets:
            side = self.side(target.side)
            reached = {"ratio": side.ratio, "added": self.added_of_minima(side), "value": side.median}[target.figure]
            if reached is None:
                raise ValueError(f"{self.name}: {target.side} is compared with nothing")
            failed = target.fails_over is not None and reached > target.fails_over
            yield target, reached, "met" if reached <= target.at_most else "FAILED" if failed else "missed"

    def added_of_minima(self, side: Summary) -> float | None:
        """The minimum less the base's: a time means little while something else disturbs the machine."""
        return None if side.base is None else side.minimum - self.side(side.base).minimum

    def table(self) -> str:
        """The sides, as a Markdown table."""
        net = f", net of {self.net_of}" if self.net_of else ""
        rows = [
            ("side", f"minimum, {self.unit}", "median", "maximum", f"ratio{net}", "of minima", "added", "of minima"),
            ("---", "---:", "---:", "---:", "---:", "---:", "---:", "---:"),
        ]
        for side in self.sides:
            ratios = (_short(side.ratio), _short(side.ratio_of_minima))
            added = (_short(side.added), _short(self.added_of_minima(side)))
            rows.append((side.side, _short(side.minimum), _short(side.median), _short(side.maximum), *ratios, *added))
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def text(self) -> str:
        """Title, table and notes, as Markdown."""
        rounds = min(len(side.samples) for side in self.sides)
        notes = [*self.notes, f"{rounds} rounds."]
        return f"### {self.title}\n\n{self.table()}\n\n{' '.join(notes)}\n"


def targets_table(reports: Iterable[Report]) -> str:
    """Every target with what was reached, as a Markdown table."""
    rows = [("what", "target", "reached", "verdict"), ("---", "---", "---:", "---")]
    rows += [
        (f"{report.name}: {target.side}", target.text, f"{_short(reached)}{_unit(target, report.unit)}", verdict)
        for report in reports
        for target, reached, verdict in report.verdicts()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def whole(reports: Iterable[Report], machine: Mapping[str, object], versions: Mapping[str, str]) -> str:
    """Everything, as Markdown."""
    reports = list(reports)
    load = machine.get("load")
    where = f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, {machine['python']}"
    what = ", ".join(f"{name} {number}" for name, number in versions.items())
    head = f"Measured on {where}; load at the start {load}.\n\n{what}.\n\n{targets_table(reports)}\n"
    return "\n".join([head, *(report.text() for report in reports)])


def write(path: Path, data: Mapping[str, Any]) -> None:
    """Writes results as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def put_between_markers(path: Path, text: str) -> None:
    """Replaces what stands between the page's two markers.

    Raises:
        ValueError: the page has no markers.
    """
    page = path.read_text(encoding="utf-8")
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"{path} has no markers")
    path.write_text(f"{before}{START}\n\n{text}\n{END}{after}", encoding="utf-8")


def _unit(target: Target, unit: str) -> str:
    return "" if target.figure == "ratio" else f" {unit}"


def _short(value: float | None) -> str:
    """Three digits that count."""
    if value is None:
        return ""
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"
