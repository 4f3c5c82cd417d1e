"""What is said when something fails, and with which code the command ends then."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from invite_sdk.cli.cells import json_line, safe
from invite_sdk.cli.codes import Code
from invite_sdk.cli.wording import told

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
    if getattr(error, "is_in_use", False):
        return Code.UNAVAILABLE
    if getattr(error, "is_url_doubtful", False):
        return Code.CONFIGURATION
    above = {kind.__name__ for kind in type(error).__mro__ if kind.__module__.startswith("invite_sdk.")}
    return next((code for names, code in _CODES if above & set(names.split())), Code.FAILED)


def tell(error: InviteError, *, as_json: bool) -> None:
    """Says on stderr what failed: in one or two lines, or as a JSON object on one."""
    if as_json:
        say(json_line(described(error)))
    else:
        # Only a list has several problems, which are told in words of ours.
        lines = told(error).split("\n") if getattr(error, "problems", ()) else [told(error)]
        say("error: " + "\n".join(map(safe, lines)))


def page_of(error: InviteError) -> str:
    """Where the pages tell of an error: there is a heading for each class."""
    ours = next(kind.__name__ for kind in type(error).__mro__ if kind.__module__.startswith("invite_sdk."))
    return f"docs/errors.md#{ours.lower()}"


def described(error: InviteError) -> dict[str, object]:
    """An error as an object for machines."""
    where = " ".join(word for word in (error.service, error.operation) if word)
    existing: Invitation | None = getattr(error, "existing", None)
    return {
        **plain(type(error).__name__, told(error).removeprefix(f"{where}: "), code_of(error)),
        "service": error.service,
        "operation": error.operation,
        "status": getattr(error, "status", None) or None,
        "request_id": error.request_id,
        "attempts": error.attempts,
        "existing": None if existing is None else existing.to_dict(mask=True)["id"],
        "retry_after": getattr(error, "retry_after", None),
    }


def plain(kind: str, message: str, code: int) -> dict[str, object]:
    """What is no error of the SDK's as an object for machines, with the fields of one.

    Args:
        kind: what kind it is.
        message: what it says.
        code: with which code the command ends.
    """
    of_a_request = dict.fromkeys(("service", "operation", "status"))
    of_its_answer = {"request_id": None, "attempts": 0, "existing": None, "retry_after": None}
    return {"class": kind, **of_a_request, "message": message, **of_its_answer, "exit_code": int(code)}


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
        say(json_line(plain("UsageError", message, error.exit_code)))
        return
    hint = "" if context is None else f"\nSee '{context.command_path} --help'."
    say(f"error: {message}{hint}")


def say(text: str) -> None:
    """A line on stderr, which may have been closed."""
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)
