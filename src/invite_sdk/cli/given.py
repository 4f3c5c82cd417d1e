"""What was typed, as the SDK takes it."""

from __future__ import annotations

import json
import os
import string
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, cast

import typer

from invite_sdk.cli.codes import Code
from invite_sdk.cli.failing import say

if TYPE_CHECKING:
    from invite_sdk import Scope, Status
    from invite_sdk.services import Connection

_MARK = "-"
_BLANKS = f"{string.whitespace}\ufeff"
"""What is no part of a line: some programs write a mark before the first one."""


def statuses(words: Sequence[str] | None) -> frozenset[Status] | None:
    """The statuses of a filter; `open` and `final` stand for all such.

    Raises:
        typer.BadParameter: a word is no status.
    """
    from invite_sdk import FINAL_STATUSES, OPEN_STATUSES, Status

    found: set[Status] = set()
    for word in words or ():
        several = {"open": OPEN_STATUSES, "final": FINAL_STATUSES}.get(word.lower())
        if several is not None:
            found |= several
        elif word.lower() in list(Status):
            found.add(Status(word.lower()))
        else:
            raise typer.BadParameter(
                f"{word!r} is no status; there are {', '.join(Status)}, and open and final", param_hint="--status"
            )
    return frozenset(found) or None


def place(organization: str | None, scope: str | None, scope_type: str | None) -> tuple[str | None, Scope | str | None]:
    """The organization and the scope. With a typed scope the organization says where that is.

    Raises:
        typer.BadParameter: a type without a scope, or a scope that is neither a URL nor has a type.
    """
    if scope is None:
        if scope_type is not None:
            raise typer.BadParameter("give --scope as well", param_hint="--scope-type")
        return organization, None
    if scope_type is not None:
        from invite_sdk import Scope

        return None, Scope(scope_type, scope, organization)
    if "://" not in scope:
        raise typer.BadParameter("give --scope-type as well, such as project, or a URL", param_hint="--scope")
    return organization, scope


def pairs(texts: Sequence[str] | None, option: str) -> dict[str, object] | None:
    """`KEY=VALUE` as text, `KEY:=VALUE` as JSON.

    Raises:
        typer.BadParameter: one is neither.
    """
    found: dict[str, object] = {}
    for text in texts or ():
        key, mark, value = text.partition("=")
        is_json = key.endswith(":")
        key = key.removesuffix(":")
        if not mark or not key:
            raise typer.BadParameter("must be KEY=VALUE, or KEY:=VALUE with JSON", param_hint=option)
        try:
            found[key] = cast("object", json.loads(value)) if is_json else value
        except ValueError:
            raise typer.BadParameter(f"{key}:= takes JSON, such as {key}:=true", param_hint=option) from None
    return found or None


def one_id(given: str, *, secrets: bool = False) -> str:
    """An id, or where `-` stands for it the only line of stdin; the first one where secrets may be on those after it.

    Args:
        given: the id, or `-`.
        secrets: whether stdin may have more.

    Raises:
        typer.BadParameter: there is none, or several.
    """
    if given != _MARK:
        return given
    lines = [line] if secrets and (line := sys.stdin.readline().strip(_BLANKS)) else [] if secrets else list(_lines())
    if len(lines) != 1:
        raise typer.BadParameter(f"stdin must hold one id on one line; there are {len(lines)}")
    return lines[0]


def ids(given: Iterable[str]) -> list[str]:
    """Ids, each once, with those on stdin in the place of a `-`."""
    found = (each for text in given for each in (_lines() if text == _MARK else (text,)))
    return list(dict.fromkeys(found))


def service_class(service: str, option: str) -> type[Connection]:
    """The connection of a service that was named.

    Raises:
        typer.BadParameter: there is none of that name.
    """
    from invite_sdk import ConfigurationError
    from invite_sdk.services import connection_class

    try:
        return connection_class(service)
    except ConfigurationError as error:
        raise typer.BadParameter(error.message, param_hint=option) from None


def secret(name: str, variable: str) -> str:
    """A secret: from a variable, else from stdin, where a terminal does not show it. Never an argument, which all see.

    Args:
        name: what it is called.
        variable: the variable that may have it.

    Raises:
        typer.BadParameter: there is none.
    """
    if value := os.environ.get(variable, "").strip():
        return value
    if sys.stdin.isatty():
        import getpass

        with suppress(EOFError):
            value = getpass.getpass(f"{name}: ").strip()
    else:
        value = sys.stdin.readline().strip(_BLANKS)
    if not value:
        raise typer.BadParameter(f"the {name} is missing: give it on stdin, or in {variable}")
    return value


def require_file(path: str, option: str) -> None:
    """Refuses the mark for stdin where a file is written, which would be called that.

    Raises:
        typer.BadParameter: it is the mark.
    """
    if path == _MARK:
        raise typer.BadParameter("must name a file: rows alone go to stdout", param_hint=option)


def is_sure(question: str, *, yes: bool) -> bool:
    """Whether to go on: by `--yes`, or by an answer on a terminal.

    Raises:
        typer.BadParameter: there is no terminal to ask on.
    """
    if yes:
        return True
    require_terminal(question)
    try:
        return typer.confirm(question, err=True)
    except typer.Abort as error:
        if isinstance(error.__context__, EOFError):
            return False  # Ctrl-D is no answer, and no answer is no
        raise KeyboardInterrupt from None


def declined() -> Code:
    """Says that nothing was done, and the code of a question that was answered with no."""
    say("nothing was done")
    return Code.FAILED


def require_terminal(question: str) -> None:
    """Refuses to ask where nobody can answer.

    Raises:
        typer.BadParameter: there is no terminal.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise typer.BadParameter(f"{question} There is no terminal to ask on: give --yes")


def _lines() -> Iterator[str]:
    return (line for text in sys.stdin if (line := text.strip(_BLANKS)))
