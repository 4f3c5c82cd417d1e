"""Faults as JSON, for the control paths: what is planned and what went wrong, and planning more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from invite_sdk.testing.faults.kinds import Fault
from invite_sdk.testing.faults.plans import Faults, Injected, Plan


def shown(faults: Faults) -> dict[str, object]:
    """Every plan, those that are unused, and what went wrong."""
    return {
        "planned": [_plan(plan) for plan in faults.planned],
        "unused": [_plan(plan) for plan in faults.unused],
        "injected": [_injected(injected) for injected in faults.injected],
    }


def order(faults: Faults, wanted: Mapping[str, object]) -> dict[str, object] | None:
    """Plans a fault, or lets requests go wrong at random where there is a `rate`.

    Raises:
        ValueError: an unknown fault, operation or key, or a value that does not fit.
    """
    keys = {"on", "times", *(("faults", "seed", "rate") if "rate" in wanted else ("fault", "nth"))}
    unknown = set(wanted) - keys
    if unknown:
        msg = f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(sorted(keys))}"
        raise ValueError(msg)
    on = _names(wanted.get("on"))
    if "rate" in wanted:
        kinds = [_fault("faults", value) for value in _list(wanted.get("faults"))]
        times = None if wanted.get("times") is None else _number("times", wanted["times"])
        seed = _number("seed", wanted.get("seed", 0))
        faults.random(seed=seed, rate=_rate(wanted["rate"]), faults=kinds, on=on, times=times)
        return None
    nth = None if wanted.get("nth") is None else [_number("nth", value) for value in _list(wanted["nth"])]
    times = None if wanted.get("times", 1) is None else _number("times", wanted.get("times", 1))
    return _plan(faults.plan(_fault("fault", wanted.get("fault")), on=on, nth=nth, times=times))


def _plan(plan: Plan) -> dict[str, object]:
    return {
        "fault": plan.fault.to_dict(),
        "on": list(plan.on),
        "nth": list(plan.nth),
        "times": plan.times,
        "seen": plan.seen,
        "met": plan.met,
    }


def _injected(injected: Injected) -> dict[str, object]:
    return {
        "fault": injected.fault.to_dict(),
        "effect": injected.fault.effect,
        "operation": injected.operation,
        "method": injected.request.method,
        "target": injected.request.target,
        "arrived": injected.exchange is not None,
        "visible": injected.visible,
    }


def _fault(name: str, value: object) -> Fault:
    if isinstance(value, str):
        return Fault.from_dict({"kind": value})
    if isinstance(value, dict):
        return Fault.from_dict(cast("dict[str, object]", value))
    msg = f"{name}: a fault is an object with its kind and settings, or the kind alone"
    raise ValueError(msg)


def _list(value: object) -> Sequence[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _names(value: object) -> list[str] | None:
    if value is None:
        return None
    names: list[str] = []
    for name in _list(value):
        if not isinstance(name, str):
            msg = f"on: not the name of an operation: {name!r:.40}"
            raise ValueError(msg)
        names.append(name)
    return names


def _number(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        msg = f"{name}: not a whole number: {value!r:.40}"
        raise ValueError(msg)
    return value


def _rate(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        msg = f"rate: not a number from 0 to 1: {value!r:.40}"
        raise ValueError(msg)
    return float(value)
