"""What is said when something fails, and with which code the command ends then."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from invite_sdk.cli.cells import json_line, safe
from invite_sdk.cli.codes import Code

if TYPE_CHECKING:
    import typer

    from invite_sdk import Invitation, InviteError

_CODES = (
    ("ConfigurationError RedirectError", Code.CONFIGURATION),
    (
        "InvalidArgumentError UnsupportedOperationError UnsupportedParameterError UnsupportedByServerError",
        Code.USAGE,
    ),
    ("AuthenticationError PermissionDeniedError", Code.CREDENTIALS),
    ("NotFoundError", Code.NOT_FOUND),
    ("ConflictError", Code.CONFLICT),
    ("TransportError RateLimitedError ServerError ResponseParseError", Code.UNAVAILABLE),
    ("OutcomeUnknownError", Code.UNKNOWN),
)
"""The code of each class of errors and of what is below it; whatever is not here has failed."""


def code_of(error: InviteError) -> Code:
    """The code with which the command ends after an error."""
    above = {kind.__name__ for kind in type(error).__mro__ if kind.__module__.startswith("invite_sdk.")}
    return next((code for names, code in _CODES if above & set(names.split())), Code.FAILED)


def tell(error: InviteError, *, as_json: bool) -> None:
    """Says on stderr what failed: in one or two lines, or as a JSON object on one."""
    if as_json:
        say(json_line(described(error)))
    else:
        # Only a list has several problems, which are told in words of ours.
        lines = str(error).split("\n") if getattr(error, "problems", ()) else [str(error)]
        say("error: " + "\n".join(safe(as_options(line)) for line in lines))


def page_of(error: InviteError) -> str:
    """Where the pages tell of an error: there is a heading for each class."""
    ours = next(kind.__name__ for kind in type(error).__mro__ if kind.__module__.startswith("invite_sdk."))
    return f"docs/errors.md#{ours.lower()}"


_ARGUMENT = re.compile(r"\bPolicy\((\w+)=[^)]*\)|\b(changed_list|repeat_unknown)=True\b")


def as_options(text: str) -> str:
    """A sentence of the SDK's with the options of the command where Python has arguments."""
    return _ARGUMENT.sub(lambda found: f"--{(found[1] or found[2]).replace('_', '-')}", text)


def described(error: InviteError) -> dict[str, object]:
    """An error as an object for machines."""
    where = " ".join(word for word in (error.service, error.operation) if word)
    existing: Invitation | None = getattr(error, "existing", None)
    return {
        "class": type(error).__name__,
        "service": error.service,
        "operation": error.operation,
        "status": getattr(error, "status", None) or None,
        "message": str(error).removeprefix(f"{where}: "),
        "request_id": error.request_id,
        "attempts": error.attempts,
        "existing": None if existing is None else existing.to_dict(mask=True)["id"],
        "exit_code": int(code_of(error)),
    }


def tell_usage(error: typer.TyperException, arguments: Sequence[str]) -> None:
    """Says on stderr what is wrong with the command line."""
    context = getattr(error, "ctx", None)
    if context is not None and type(error).__name__ == "NoArgsIsHelpError":
        say(context.get_help())
        return
    message = safe(error.format_message().removeprefix("Invalid value: "))
    if "unexpected extra argument" in message:
        # It may be a secret that was meant for stdin.
        message = "there is an unexpected extra argument"
    if {"--json", "--jsonl"} & set(arguments):
        # The options were not read to their end.
        say(json_line({"class": "UsageError", "message": message, "exit_code": error.exit_code}))
        return
    hint = "" if context is None else f"\nSee '{context.command_path} --help'."
    say(f"error: {message}{hint}")


def say(text: str) -> None:
    """A line on stderr, which may have been closed."""
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)
