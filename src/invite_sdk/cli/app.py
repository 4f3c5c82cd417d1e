"""The table of commands, and the app that loads each when it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator, MutableMapping, Sequence
from importlib import import_module
from typing import Annotated, Any, NamedTuple, NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_command

from invite_sdk.cli.codes import Code
from invite_sdk.cli.failing import say, tell_usage


class Entry(NamedTuple):
    """Where a command is, and what its line in the help says."""

    home: str
    """`module:function`, or `module:app` where it has commands of its own."""
    help: str


SECTIONS = {
    "Invitations": {
        "list": Entry("reading:list_invitations", "List the invitations that fit."),
        "count": Entry("reading:count", "Count them."),
        "get": Entry("reading:get", "Show one."),
        "create": Entry("inviting:create", "Invite somebody."),
        "ensure": Entry("inviting:ensure", "Invite somebody, unless that was done."),
        "update": Entry("writing:update", "Change the address, the role, or both."),
        "delete": Entry("writing:delete", "Remove the record of one."),
        "cancel": Entry("many:cancel", "Take back one, several, or all that fit."),
        "resend": Entry("many:resend", "Mail one, several, or all that fit again."),
        "accept": Entry("answering:accept", "Accept one, as its invitee."),
        "decline": Entry("answering:decline", "Decline one, as its invitee."),
        "approve": Entry("answering:approve", "Approve a requested one."),
        "reject": Entry("answering:reject", "Reject a requested one."),
        "check": Entry("reading:check", "Tell whether one can be accepted now."),
        "preview": Entry("reading:preview", "Show one as its invitee may see it."),
        "roles": Entry("reading:roles", "List what an invitation may grant."),
        "scopes": Entry("reading:scopes", "List where one may invite."),
    },
    "Several services": {
        "find": Entry("hubs:find", "Find everything for one address."),
        "offboard": Entry("hubs:offboard", "Take back what is open for one address."),
        "overview": Entry("hubs:overview", "Show what is open where."),
    },
    "Lists of people": {
        "plan": Entry("rosters:plan", "Show what a list would change."),
        "apply": Entry("rosters:apply", "Make a list true."),
    },
    "Setting up": {
        "profile": Entry("profile:app", "Add, list, show, check and remove profiles."),
        "doctor": Entry("doctor:doctor", "Look for what is wrong between here and a service."),
        "capabilities": Entry("services:capabilities", "Show what each service can do."),
        "serve-fakes": Entry("serving:serve_fakes", "Serve fakes of the services, to try things on."),
    },
}
COMMANDS = {name: entry for section in SECTIONS.values() for name, entry in section.items()}
EXIT_CODES = "\n".join(["\b", "Exit codes:", *(f"  {code.value:>3}  {code.meaning}" for code in Code)])


class _Loaded(MutableMapping[str, Any]):
    """The commands by name, each loaded when it is taken."""

    def __init__(self) -> None:
        self._found: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._found:
            self._found[name] = _load(name, COMMANDS[name])
        return self._found[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._found[name] = command

    def __delitem__(self, name: str) -> None:
        del self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Group(TyperGroup):
    """The commands of the table."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        self.commands = _Loaded()

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002 - it always ends the process
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Runs a command line, and ends with its code."""
        given = sys.argv[1:] if args is None else list(args)
        if given[:1] == ["help"]:
            args = [*given[1:], "--help"]
        try:
            code: object = super().main(
                args, prog_name, complete_var, standalone_mode=False, windows_expand_args=windows_expand_args, **extra
            )
        except typer.TyperException as error:
            tell_usage(error, given)
            code = error.exit_code
        except typer.Abort:
            code = Code.INTERRUPTED
        except OSError as error:
            say(f"error: stdout cannot be written: {error.strerror or error}")
            code = Code.FAILED
        except SystemExit as end:
            # For typer it has failed where a reader of --help has gone.
            code = Code.DONE if isinstance(end.__context__, BrokenPipeError) else end.code
        sys.exit(code if isinstance(code, int) else Code.DONE)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as the class has it
        """Their names, in the order of the table."""
        return list(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as the class has it
        """Writes what the table says of them, without loading any."""
        for title, entries in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, entry.help) for name, entry in entries.items()])


def _load(name: str, entry: Entry) -> Any:
    from invite_sdk.cli.running import Command

    module, _, attribute = entry.home.partition(":")
    found = getattr(import_module(f"invite_sdk.cli.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        one = typer.Typer(add_completion=False, rich_markup_mode=None)
        one.command(name, cls=Command, epilog=getattr(found, "epilog", None), short_help=entry.help)(found)
        found = one
    command = get_command(found)
    command.name = name
    return command


def _version(wanted: bool) -> None:
    if wanted:
        from invite_sdk import __version__

        print(f"invite {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def invite(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Invitations of Waldur, CloudTruth, ZenML Pro and Enhance, from a shell.

    Which service is asked, and as whom, a profile says (--profile, INVITE_PROFILE), or the variables
    INVITE_<SERVICE>_*. 'invite COMMAND --help' has examples, and 'invite
    capabilities' what each service can do.
    """
