"""The dataclasses that are quick to make do as those of the standard library."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from typing import Any

import pytest

from invite_clients._values import frozen_class, value_class


@dataclass(frozen=True, slots=True)
class Standard:
    name: str
    secret: str = field(default="", repr=False)
    note: object = field(default=None, compare=False)


@value_class
class Value:
    name: str
    secret: str = field(default="", repr=False)
    note: object = field(default=None, compare=False)


@frozen_class
class Frozen:
    name: str
    secret: str = field(default="", repr=False)
    note: object = field(default=None, compare=False)


@frozen_class
class More(Frozen):
    more: int = 0


@frozen_class
class Spoken:
    name: str

    def __repr__(self) -> str:
        return f"<{self.name}>"


OURS = pytest.mark.parametrize("kind", [Value, Frozen])


@OURS
def test_they_compare_hash_and_show_as_any_dataclass(kind: Any) -> None:
    for one, other in (("a", "a"), ("a", "b")):
        assert (kind(one, "s", 1) == kind(other, "s", 2)) == (Standard(one, "s", 1) == Standard(other, "s", 2))
    assert kind("a") != kind("a", "s")
    assert kind("a") != Standard("a")
    assert hash(kind("a", "s", [])) == hash(Standard("a", "s", []))
    assert repr(kind("a", "s")) == repr(Standard("a", "s")).replace("Standard", kind.__name__)
    assert [one.name for one in fields(kind)] == [one.name for one in fields(Standard)]
    assert asdict(kind("a")) == asdict(Standard("a"))
    assert kind.__match_args__ == Standard.__match_args__
    assert not hasattr(kind("a"), "__dict__")


@OURS
def test_they_are_copied_and_pickled(kind: Any) -> None:
    one = kind("a", "s", [1])
    for other in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one)), replace(one, note=2)):
        assert other == one
        assert other is not one


@pytest.mark.parametrize("name", ["name", "note", "more"])
def test_what_is_handed_out_cannot_be_changed(name: str) -> None:
    one = More("a", more=1)
    with pytest.raises(FrozenInstanceError, match=name):
        setattr(one, name, 2)
    with pytest.raises(FrozenInstanceError, match=name):
        delattr(one, name)
    with pytest.raises(AttributeError, match="other"):
        one.other = 2  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue]
    assert one == More("a", more=1)


def test_a_class_of_another_kind_is_not_equal_and_one_with_a_repr_of_its_own_keeps_it() -> None:
    assert More("a") != Frozen("a")
    assert repr(Spoken("a")) == "<a>"
