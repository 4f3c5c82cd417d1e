"""The public API as text: names, signatures, fields and the error tree.

`python -m tests.public_api` rewrites public_api.txt, which a test compares. Read the difference before it is committed.
"""

from __future__ import annotations

import enum
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, is_typeddict

from pydantic import BaseModel

import invite_sdk
from invite_sdk import InviteError

SNAPSHOT: Final = Path(__file__).with_name("public_api.txt")
PROTOCOLS: Final = frozenset(
    {
        "__aenter__",
        "__aexit__",
        "__aiter__",
        "__enter__",
        "__exit__",
        "__getitem__",
        "__iter__",
        "_repr_html_",
    }
)


def render() -> str:
    """The whole API, one name after the other."""
    return "\n".join(line for name in invite_sdk.__all__ for line in (*_about(name), "")) + _tree(InviteError)


def _about(name: str) -> Iterator[str]:
    value: Any = getattr(invite_sdk, name)
    if name in ("FINAL_STATUSES", "OPEN_STATUSES"):
        yield f"{name}: {', '.join(sorted(value))}"
    elif inspect.isfunction(value):
        yield f"{name}{_signature(value)}"
    elif not isinstance(value, type):
        yield f"{name}: {type(value).__name__}"
    elif is_typeddict(value):
        yield f"class {name}(TypedDict)"
        yield from (f"    {key}: {_text(hint)}" for key, hint in value.__annotations__.items())
    elif issubclass(value, enum.Enum):
        yield f"class {name}({value.__bases__[0].__name__})"
        yield from (f"    {member.name} = {member.value!r}" for member in value)
        yield from _members(getattr(invite_sdk, name))
    elif issubclass(value, BaseModel):
        yield f"class {name}(BaseModel)"
        yield from (
            f"    {field}: {_text(inspect.get_annotations(value)[field])}"
            + ("" if info.is_required() else f" = {info.default!r}")
            for field, info in value.model_fields.items()
        )
        yield from _members(getattr(invite_sdk, name))
    else:
        cls: type[object] = getattr(invite_sdk, name)
        bases = ", ".join(base.__name__ for base in cls.__bases__ if base is not object)
        yield f"class {name}{f'({bases})' if bases else ''}"
        if "__init__" in vars(cls):
            yield f"    {name}{_signature(cls)}"
        yield from _members(cls)


def _members(cls: Any) -> Iterator[str]:
    fields: set[str] = {*getattr(cls, "__dataclass_fields__", ()), *getattr(cls, "model_fields", ())}
    ours: list[type[object]] = [base for base in cls.__mro__ if base.__module__.split(".")[0] == "invite_sdk"]
    if issubclass(cls, InviteError):
        ours = [cls]
        fields = set(inspect.get_annotations(cls))
        yield from (f"    {name}: {_text(hint)}" for name, hint in inspect.get_annotations(cls).items())
    seen: set[str] = {name for base in ours for name in vars(base)}
    shown = {name for name in seen if not name.startswith("_") or name in PROTOCOLS}
    for name in sorted(shown - fields - {"model_computed_fields", "model_config", "model_fields"}):
        found = inspect.getattr_static(cls, name)
        if isinstance(found, enum.Enum):
            continue
        if isinstance(found, property):
            returned = inspect.signature(found.fget).return_annotation if found.fget else ""
            yield f"    {name} -> {_text(returned)}"
        elif isinstance(found, (classmethod, staticmethod)) or callable(found):
            call = getattr(cls, name)
            if name in PROTOCOLS and not inspect.get_annotations(call):
                continue  # it only refuses, and type checkers do not know it
            kind = "async " if inspect.iscoroutinefunction(call) else ""
            yield f"    {kind}{name}{_signature(call)}"
        elif not inspect.isdatadescriptor(found) and not name.startswith("__"):
            yield f"    {name} = {found!r}"


class _Written:
    """An annotation that shows as it is written."""

    def __init__(self, annotation: Any) -> None:
        self._text = _text(annotation)

    def __repr__(self) -> str:
        return self._text


def _signature(call: Any) -> str:
    found = inspect.signature(call)
    parameters = [
        one if one.annotation is one.empty else one.replace(annotation=_Written(one.annotation))
        for one in found.parameters.values()
    ]
    returned = found.return_annotation
    return str(
        found.replace(
            parameters=parameters,
            return_annotation=returned if returned is inspect.Signature.empty else _Written(returned),
        )
    )


def _text(annotation: Any) -> str:
    written = getattr(annotation, "__forward_arg__", annotation)
    return written if isinstance(written, str) else getattr(written, "__name__", repr(written))


def _tree(cls: type[InviteError], depth: int = 0) -> str:
    below = {child.__name__: child for child in cls.__subclasses__() if child.__name__ in invite_sdk.__all__}
    return f"{'    ' * depth}{cls.__name__}\n" + "".join(_tree(below[name], depth + 1) for name in sorted(below))


if __name__ == "__main__":
    SNAPSHOT.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"wrote {SNAPSHOT}\n")
