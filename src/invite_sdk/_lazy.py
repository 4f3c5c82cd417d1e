"""Packages whose names load when they are first used."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from invite_sdk._forks import attend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType


def lazy(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """The `__getattr__` and the `__dir__` of a package, of whose public names each module in `homes` has some."""
    home_of = {name: module for module, names in homes.items() for name in names.split()}

    def find(name: str) -> object:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        import_module("logging")
        attend()
        value: object = getattr(import_module(home_of[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return _names_of(home_of, vars(sys.modules[package]))

    return find, names


def _names_of(public: Mapping[str, str], loaded: Mapping[str, object]) -> list[str]:
    """What `dir` tells of a lazy package: to people every public name, to whoever walks all modules the loaded ones.

    A walker asks for each name that it is told, which would load everything. People ask at a prompt, where Python and
    notebooks have set `sys.ps1`, or through what completes names and writes documentation for them.
    """
    if hasattr(sys, "ps1") or _FOR_PEOPLE & set(_asking()):
        return sorted(public)
    return sorted(loaded.keys() & public.keys())


_FOR_PEOPLE = {"pydoc", "rlcompleter", "sphinx"}


def _asking() -> Iterator[str]:
    """The packages of the innermost callers; `inspect` is between some of them and `dir`."""
    frame: FrameType | None = sys._getframe()  # pyright: ignore[reportPrivateUsage]
    for _ in range(8):
        if frame is None:
            return
        yield str(frame.f_globals.get("__name__")).partition(".")[0]
        frame = frame.f_back
