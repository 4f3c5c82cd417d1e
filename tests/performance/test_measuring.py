"""The benchmarks' runner: sides in turn, several rounds or none, and ratios that mean what they say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from benchmarks.__main__ import put_into
from benchmarks._measure import Bench, Side, measure, summarize


def bench(sides: dict[str, Callable[[], float]], rounds: int = 3) -> Bench:
    return Bench("b", "B", "ms", tuple(Side(name, sample) for name, sample in sides.items()), rounds)


def test_the_sides_take_turns_and_each_round_starts_with_another() -> None:
    order: list[str] = []

    def noting(name: str) -> Callable[[], float]:
        return lambda: float(len(order.append(name) or order))  # type: ignore[func-returns-value]

    measure(bench({"a": noting("a"), "b": noting("b")}, rounds=4))

    assert order == ["a", "b", "b", "a", "a", "b", "b", "a"]


@pytest.mark.parametrize("rounds", [0, 1, 2])
def test_too_few_rounds_are_refused(rounds: int) -> None:
    with pytest.raises(ValueError, match="at least 3"):
        measure(bench({"a": lambda: 1.0}), rounds)


def test_figures_follow_from_the_samples() -> None:
    sides = (Side("bare", float), Side("unit", float), Side("ours", float, "unit"))
    found = summarize(
        Bench("b", "B", "ms", sides, 3, net_of="bare"),
        {"bare": [10.0, 10.0, 11.0], "unit": [20.0, 40.0, 21.0], "ours": [25.0, 70.0, 16.0]},
    )
    ours = found[2]

    assert (ours.minimum, ours.median, ours.maximum) == (16.0, 25.0, 70.0)
    # The rounds say 15 to 10, 60 to 30 and 5 to 10; the medians of the sides would say 15 to 11.
    assert ours.ratio == 1.5
    assert ours.ratio_of_minima == (16 - 10) / (20 - 10)
    assert ours.added == 5
    assert found[1].ratio is None


def test_a_bench_that_is_new_since_the_last_whole_run_brings_its_versions() -> None:
    machine = {"system": "s", "processor": "p", "cores": 2, "python": "3", "load": None}
    run = {"machine": machine, "versions": {"httpx": "1"}, "benches": [{"name": "a", "at": 1}, {"name": "b", "at": 1}]}
    again = {
        "machine": machine,
        "versions": {"httpx": "1", "typer": "2"},
        "benches": [{"name": "cli", "at": 2}, {"name": "a", "at": 2}],
    }

    together = put_into(run, again)

    assert together["versions"] == {"httpx": "1", "typer": "2"}
    assert together["benches"] == [{"name": "a", "at": 2}, {"name": "b", "at": 1}, {"name": "cli", "at": 2}]
    with pytest.raises(SystemExit, match="other versions"):
        put_into(run | {"versions": {"httpx": "0"}}, again)
