"""Calls of a fake's own methods by name, with arguments as JSON: what a test does to a fake, from outside of Python."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC
from types import GenericAlias, UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from invite_clients._times import datetime
from invite_sdk.testing.base.fake import Fake


def methods_of(fake: Fake) -> dict[str, Callable[..., object]]:
    """What a fake adds to those methods that every fake has, by name: `invite`, `expire_due` and so on."""
    kind = type(fake)
    names = [name for name in dir(kind) if not name.startswith("_") and name not in kind.shared_names]
    return {name: getattr(fake, name) for name in names if inspect.isroutine(getattr(kind, name))}


def described(fake: Fake) -> dict[str, str]:
    """Each of these methods, as it is called from Python, and what it does."""
    return {
        name + str(inspect.signature(method)).replace("'", ""): (inspect.getdoc(method) or "").partition("\n")[0]
        for name, method in methods_of(fake).items()
    }


def perform(fake: Fake, name: str, given: Mapping[str, object]) -> object:
    """Calls a method of a fake and returns what it gives back, as JSON types.

    Raises:
        KeyError: there is no such method.
        ValueError: an argument is missing, unknown, or not of its type; the text says which.
        NotImplementedError: the method takes what JSON cannot say.
    """
    methods = methods_of(fake)
    if name not in methods:
        raise KeyError(f"no {name!r}; there are {', '.join(methods) or 'none'}")
    return to_json(call(methods[name], given))


def call(method: Callable[..., object], given: Mapping[str, object]) -> object:
    """Calls something with arguments of JSON types, each read as its hint says. A time without an offset is in UTC.

    Raises:
        ValueError: an argument is missing, unknown, or not of its type; the text says which.
        NotImplementedError: it takes what JSON cannot say.
    """
    hints, needed = arguments_of(method)
    if unknown := sorted(set(given) - set(hints)):
        raise ValueError(f"unknown: {', '.join(unknown)}; there are: {', '.join(hints) or 'none'}")
    if missing := [name for name in needed if name not in given]:
        raise ValueError(f"missing: {', '.join(missing)}")
    return method(**{name: _read(name, hints[name], value) for name, value in given.items()})


def to_json(value: object) -> object:
    """A value as JSON types. What has no such form is given as its text: what was done is done."""
    from pydantic_core import to_jsonable_python

    try:
        return cast("object", to_jsonable_python(value, inf_nan_mode="strings", fallback=repr))
    except ValueError:
        return repr(value)


def arguments_of(method: Callable[..., object]) -> tuple[dict[str, object], list[str]]:
    """The hint of each argument by name, and the names of those that must be given."""
    try:
        hints = cast("dict[str, object]", get_type_hints(method))
    except NameError as error:
        msg = f"a hint cannot be read: {error}; import it outside of `if TYPE_CHECKING`"
        raise NotImplementedError(msg) from None
    found: dict[str, object] = {}
    needed: list[str] = []
    for argument in inspect.signature(method).parameters.values():
        hint = hints.get(argument.name, object)
        if argument.kind is argument.VAR_KEYWORD:
            # Unpack[…] of a TypedDict.
            for fields in get_args(hint):
                found |= get_type_hints(fields)
        elif argument.kind not in (argument.VAR_POSITIONAL, argument.POSITIONAL_ONLY):
            found[argument.name] = hint
            if argument.default is argument.empty:
                needed.append(argument.name)
    return found, needed


def _read(name: str, hint: Any, value: object) -> object:
    from pydantic import TypeAdapter, ValidationError
    from pydantic.errors import PydanticUserError

    from invite_sdk.testing.base.dump import first_problem

    try:
        adapter: TypeAdapter[object] = TypeAdapter(_listed(hint))
        # As JSON, in which a time is a text and a truth no number.
        read = adapter.validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        raise ValueError(f"{name}: {first_problem(error)}") from None
    except PydanticUserError:
        msg = f"{name} cannot be given as JSON"
        raise NotImplementedError(msg) from None
    return read.replace(tzinfo=UTC) if isinstance(read, datetime) and read.tzinfo is None else read


def _listed(hint: Any) -> Any:
    """The hint with lists in place of anything that can be iterated over, as text can."""
    if get_origin(hint) is Iterable:
        return GenericAlias(Sequence, get_args(hint))
    if get_origin(hint) in (Union, UnionType):
        return Union[tuple(map(_listed, get_args(hint)))]  # noqa: UP007 - made when it runs
    return hint
