"""What all commands have in common: their options, their way to a client, and how they end."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, TextIO

import typer
from typer.core import TyperCommand

from invite_sdk.cli.cells import cell, json_line, safe
from invite_sdk.cli.codes import Code
from invite_sdk.cli.completing import profiles, services
from invite_sdk.cli.failing import code_of, described, page_of, plain, say, tell
from invite_sdk.cli.given import require_file
from invite_sdk.cli.output import Output
from invite_sdk.cli.wording import told

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from invite_sdk import AttemptEvent, CallOptions, Hub, Invitation, InviteClient, InviteError
    from invite_sdk.cli.several import Several

P = ParamSpec("P")

_READING = frozenset({"list", "count", "get", "check", "preview", "roles", "scopes"})


@dataclass(frozen=True, slots=True)
class Common:
    """The options of every command that asks a service."""

    profile: Annotated[
        list[str] | None,
        typer.Option(
            "--profile",
            "-p",
            metavar="NAME",
            autocompletion=profiles,
            help="The profile to use, else that in INVITE_PROFILE, else the default one. Some commands take several.",
        ),
    ] = None
    service: Annotated[
        list[str] | None,
        typer.Option(
            "--service",
            metavar="SERVICE",
            autocompletion=services,
            help="The service to ask instead, with the settings in INVITE_<SERVICE>_*.",
        ),
    ] = None
    allow_http: Annotated[
        bool, typer.Option("--allow-http", help="Allow plain http to another machine, which shows the credentials.")
    ] = False
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", metavar="SECONDS", min=0.001, help="Seconds for each single wait on the network."),
    ] = None
    deadline: Annotated[
        float | None,
        typer.Option(
            "--deadline", metavar="SECONDS", min=0.001, help="Seconds for an operation, or a page of a listing."
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Write a JSON array; errors as JSON too.")] = False
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Write a JSON object a line; errors as JSON too.")] = False
    csv: Annotated[bool, typer.Option("--csv", help="Write CSV with a header.")] = False
    fields: Annotated[
        str | None, typer.Option("--fields", metavar="A,B", help="Which fields, in this order; all for every one.")
    ] = None
    show_keys: Annotated[
        bool, typer.Option("--show-keys", help="Show invite keys and links whole (Enhance). They are secrets.")
    ] = False
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR says the same.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but rows and errors.")] = False
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every attempt on stderr.")] = False
    log_json: Annotated[
        str | None,
        typer.Option("--log-json", metavar="FILE", help="Add every attempt to a file, a JSON object a line."),
    ] = None


class Command(TyperCommand):
    """A command whose usage has its arguments as everybody writes them, without braces."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words of the usage."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]


class Run:
    """One run of a command.

    Args:
        common: the options of every command.
    """

    def __init__(self, common: Common) -> None:
        self.common = common
        forms = [form for form in ("json", "jsonl", "csv") if getattr(common, form)]
        if len(forms) > 1:
            raise typer.BadParameter("give only one of --json, --jsonl and --csv")
        if common.log_json is not None:
            require_file(common.log_json, "--log-json")
        wanted = tuple(name.strip() for name in (common.fields or "").split(",") if name.strip())
        self.out = Output(forms[0] if forms else None, wanted, color=not common.no_color)  # type: ignore[arg-type]
        self.tells_itself = False
        """Whether the command tells what was under way when it was interrupted."""
        self.log_failure: OSError | None = None
        """Why the log has no more lines."""
        self._has_sent_write = False
        self._log: TextIO | None = None

    @property
    def is_json(self) -> bool:
        """Whether machines read what is said of errors."""
        return self.common.json or self.common.jsonl

    @property
    def call(self) -> CallOptions:
        """The options of each call."""
        call: CallOptions = {}
        if self.common.timeout is not None:
            call["timeout"] = self.common.timeout
        if self.common.deadline is not None:
            call["deadline"] = self.common.deadline
        return call

    def client(self) -> InviteClient:
        """The client of the one service that is meant, to be used in a `with`.

        Raises:
            ConfigurationError: none is meant, or a setting is missing or wrong.
        """
        from invite_sdk.cli.choosing import client

        return client(self.common, self.hooks())

    def several(self) -> Several:
        """The clients of all services that are meant, to be used in a `with`.

        Raises:
            ConfigurationError: none is meant, or one is named that is not there.
        """
        from invite_sdk.cli.several import several

        return several(self.common, self.hooks())

    def hub(self, clients: Sequence[str]) -> AbstractContextManager[Hub]:
        """A hub for a list of people, to be used in a `with`.

        Args:
            clients: those that its rows name, without which the one is meant that `client` takes.

        Raises:
            ConfigurationError: none is meant, or a setting is missing or wrong.
        """
        from invite_sdk.cli.choosing import hub_for

        return hub_for(self.common, self.hooks(), clients)

    def hooks(self) -> list[Callable[[AttemptEvent], object]]:
        """What hears of every attempt: --verbose, --log-json, and what an interrupt has to say."""
        hooks: list[Callable[[AttemptEvent], object]] = [self._noted]
        if self.common.verbose:
            hooks.append(_told)
        if self.common.log_json is not None:
            hooks.append(self._logged)
            self._open_log()
        return hooks

    def log(self, kind: str, said: dict[str, object]) -> None:
        """Adds a line to the log for machines, if there is one."""
        if self._log is None and self.common.log_json is not None:
            self._open_log()
        if self._log is not None:
            from invite_clients._times import utc_now

            if self.log_failure is not None:
                return
            try:
                self._log.write(json_line({"at": utc_now(), "kind": kind, **said}) + "\n")
                self._log.flush()
            except OSError as error:
                # What is under way goes on: it is told by its rows.
                self.log_failure = error

    def row(self, invitation: Invitation) -> dict[str, object]:
        """An invitation as a row, with its key and link masked unless they are asked for."""
        return invitation.to_dict(mask=not self.common.show_keys)

    def key(self, service: str, key: str | None) -> str | None:
        """An id as it may be shown: those of a service whose ids are invite keys are masked unless asked for."""
        if key is None or self.common.show_keys:
            return key
        from invite_sdk import Invitation, Status

        masked = Invitation(service=service, id=key, status=Status.UNKNOWN).to_dict(mask=True)["id"]
        return None if masked is None else str(masked)

    def say(self, text: str) -> None:
        """A line for people, on stderr."""
        if not self.common.quiet:
            say(safe(text))

    def fail(self, error: InviteError) -> Code:
        """Tells an error, and the code that it ends with."""
        tell(error, as_json=self.is_json)
        if self.common.verbose and not self.is_json:
            say(f"More about it, in the pages of the project: {page_of(error)}")
        code = code_of(error)
        with suppress(OSError):  # the log may be what cannot be written
            self.log("error", {"class": type(error).__name__, "message": told(error), "exit_code": int(code)})
        return code

    def lost(self, failure: OSError) -> Code:
        """Tells on stderr what was done and stdout did not take, and the code that this ends with."""
        message = f"stdout cannot be written ({failure.strerror or failure}); what was done stands here"
        rows = [{name: value for name, value in row.items() if value is not None} for row in self.out.untold]
        if self.is_json:
            say(json_line({**plain(type(failure).__name__, message, Code.FAILED), "rows": rows}))
        else:
            said = (", ".join(f"{name}={cell(value)}" for name, value in row.items()) for row in rows)
            say("\n  ".join((f"error: {message}", *said)))
        return Code.FAILED

    def tell_machines(self, error: InviteError, **about: object) -> None:
        """Tells an error that has a row on stderr as well, as an object where machines read."""
        if self.is_json:
            say(json_line({**about, **described(error)}))

    def cut_off(self, code: Code) -> Code:
        """Tells that a signal has ended it, and that a write may have been carried out where that is so."""
        message = "interrupted"
        if self._has_sent_write and not self.tells_itself:
            message += ": the request may have been carried out; look before doing it again"
        said = plain("Interrupted", message, code)
        say(json_line(said) if self.is_json else message)
        return code

    def close(self) -> None:
        """Ends the log."""
        if self._log is not None:
            with suppress(OSError):  # of which was told when it was written
                self._log.close()

    def _open_log(self) -> None:
        if self._log is None and self.common.log_json is not None:
            self._log = open(self.common.log_json, "a", encoding="utf-8")  # noqa: PTH123, SIM115 - closed by close

    def _noted(self, event: AttemptEvent) -> None:
        self._has_sent_write |= event.operation not in _READING

    def _logged(self, event: AttemptEvent) -> None:
        self.log("attempt", {field.name: getattr(event, field.name) for field in fields(event)})


def command(
    *examples: str, asks: bool = True
) -> Callable[[Callable[Concatenate[Run, P], int | None]], Callable[..., None]]:
    """Makes a command of a function: with the options of every command, examples in its help, and a code at its end.

    Args:
        *examples: for the help, a line each.
        asks: whether it asks a service; else it has the options of output only.
    """
    common = {name: one for name, one in _COMMON.items() if asks or name in _OF_OUTPUT}

    def made(function: Callable[Concatenate[Run, P], int | None]) -> Callable[..., None]:
        @functools.wraps(function)
        def wrapper(**given: object) -> None:
            options = Common(**{name: given.pop(name) for name in common})  # type: ignore[arg-type]
            raise typer.Exit(_ended(function, options, given))

        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        keywords = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (*own, *common.values())]
        wrapper.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]
        wrapper.epilog = "\n".join(["\b", "Examples:", *(f"  {line}" for line in examples)])  # type: ignore[attr-defined]
        return wrapper

    return made


def _ended(function: Callable[..., int | None], common: Common, given: dict[str, object]) -> int:
    run = Run(common)
    try:
        return _told_whole(run, _code(function, run, given))
    finally:
        run.close()


def _told_whole(run: Run, code: int) -> int:
    """The code, unless something could not be told that should have been."""
    if run.log_failure is not None:
        why = run.log_failure.strerror or run.log_failure
        failed = _refused(run, run.log_failure, f"{run.common.log_json}: {why}; the log is not whole", Code.FAILED)
        code = code or failed
    if run.out.failure is not None:
        failed = run.lost(run.out.failure)
        code = code or failed
    return code


def _code(function: Callable[..., int | None], run: Run, given: dict[str, object]) -> int:
    from invite_sdk import InviteError

    try:
        return function(run, **given) or Code.DONE
    except InviteError as error:
        return run.fail(error)
    except UnicodeDecodeError as error:
        return _refused(run, error, f"what was given on stdin is no text in {error.encoding}", Code.USAGE)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _refused(run, error, f"{where}{error.strerror or error}", Code.FAILED)
    except KeyboardInterrupt:
        return run.cut_off(Code.INTERRUPTED)
    except SystemExit as end:
        if end.code != int(Code.TERMINATED):
            raise
        return run.cut_off(Code.TERMINATED)


def _refused(run: Run, error: Exception, message: str, code: Code) -> Code:
    """Tells an error that is none of the SDK's."""
    said = plain(type(error).__name__, message, code)
    say(json_line(said) if run.is_json else f"error: {safe(message)}")
    return code


def _told(event: AttemptEvent) -> None:
    if event.phase == "before":
        return
    said = f"status {event.status}" if event.failure is None else event.failure
    again = f", again in {event.retry_in:.1f} s" if event.retry_in is not None else ""
    gave_up = f", given up: {event.stopped_by}" if event.stopped_by is not None else ""
    where = f"{event.service} {event.operation}: {event.method} {event.path}"
    say(safe(f"{where}, attempt {event.attempt}: {said} after {event.seconds or 0:.2f} s{again}{gave_up}"))


_COMMON = dict(inspect.signature(Common, eval_str=True).parameters)
_OF_OUTPUT = ("json", "jsonl", "csv", "fields", "no_color", "quiet")
