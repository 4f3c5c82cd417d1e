"""The commands for profiles: add, list, show, check, remove and default.

A secret is never an argument, since every process of the machine can read those, and never stands in the file.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from invite_sdk.cli import given
from invite_sdk.cli.codes import Code, together
from invite_sdk.cli.completing import profiles as profile_names
from invite_sdk.cli.completing import services
from invite_sdk.cli.failing import code_of
from invite_sdk.cli.options import Yes
from invite_sdk.cli.running import Command, Run, command
from invite_sdk.cli.wording import in_words, told

if TYPE_CHECKING:
    from invite_sdk import Profiles
    from invite_sdk.services import Connection

Name = Annotated[str, typer.Argument(metavar="NAME", autocompletion=profile_names, help="The profile's name.")]
OptionalName = Annotated[
    str | None,
    typer.Argument(metavar="[NAME]", autocompletion=profile_names, help="The profile; the default one unless given."),
]

_LISTED = ("name", "service", "default", "problem")
_SHOWN = ("setting", "value", "source")
_CHECKED = ("name", "service", "outcome", "detail")
_WRITTEN = ("outcome", "name", "path")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Add, list, show, check and remove profiles.",
)


@command("invite profile list", "invite profile list --json", asks=False)
def list_profiles(run: Run) -> None:
    """List the profiles of the file."""
    from invite_sdk import Profiles

    columns = run.out.columns(_LISTED)
    profiles = Profiles.read()
    run.say(str(profiles.path))
    run.out.write(_listed(profiles), columns)


@command("invite profile show", "invite profile show acme --json", asks=False)
def show(run: Run, name: OptionalName = None) -> None:
    """Show a profile's settings. Of a secret it shows where it is, and never what."""
    from invite_sdk import Profiles

    columns = run.out.columns(_SHOWN)
    profile = Profiles.read().get(name)
    run.say(f"{profile.name} in {profile.path}")
    rows = [
        ("service", profile.service, "file"),
        *((key, *_said(key, value)) for key, value in profile.settings.items()),
    ]
    run.out.write([dict(zip(_SHOWN, row, strict=True)) for row in rows], columns)


@command("invite profile check", "invite profile check acme other", asks=False)
def check(
    run: Run,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", autocompletion=profile_names, help="Profiles; all unless given."),
    ] = None,
    allow_http: Annotated[bool, typer.Option("--allow-http", help="Allow plain http to another machine.")] = False,
    deadline: Annotated[
        float, typer.Option("--deadline", metavar="SECONDS", min=0.001, help="Seconds for each.")
    ] = 20.0,
) -> int:
    """Ask each profile's service for something small: whether it answers, and takes the credential."""
    from invite_sdk import Profiles

    columns = run.out.columns(_CHECKED)
    profiles = Profiles.read()
    codes: list[Code] = []
    run.out.write(_checked(run, profiles, names or profiles.names, codes, allow_http, deadline), columns, whole=False)
    return together(codes)


@command(
    "invite profile add acme --service waldur --url https://waldur.example.org",
    "pass show acme | invite profile add acme --service waldur --url https://waldur.example.org",
    "invite profile add ci --service zenml --from-env ZENML_KEY",
    "invite profile add panel --service enhance --url https://panel.example.org "
    "--set organization=ORG_ID --from-command 'pass show panel'",
    asks=False,
)
def add(
    run: Run,
    name: Name,
    service: Annotated[
        str,
        typer.Option(
            "--service",
            metavar="SERVICE",
            autocompletion=services,
            help="The service: waldur, cloudtruth, zenml or enhance.",
        ),
    ],
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="The server's address; waldur and enhance need one.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A further setting that is no secret, such as organization."),
    ] = None,
    credential: Annotated[
        str | None,
        typer.Option(
            "--credential", metavar="SETTING", help="Which secret it has, such as bearer; else the usual one."
        ),
    ] = None,
    from_env: Annotated[
        str | None, typer.Option("--from-env", metavar="VARIABLE", help="Read the secret from a variable.")
    ] = None,
    from_command: Annotated[
        str | None, typer.Option("--from-command", metavar="COMMAND", help="Read it from what a command prints.")
    ] = None,
    from_file: Annotated[
        str | None, typer.Option("--from-file", metavar="PATH", help="Read it from a file that only you may read.")
    ] = None,
    default: Annotated[bool, typer.Option("--default", help="Make it the default; the first one is.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of one that has the name.")] = False,
    allow_http: Annotated[bool, typer.Option("--allow-http", help="Allow plain http to another machine.")] = False,
) -> None:
    """Add a profile. Its secret is kept in the system's keyring.

    It is typed, without being shown, or read from stdin, or from INVITE_<SERVICE>_<SETTING> where that is set. With an
    option --from... the file of profiles names where the secret is, and it is read from there each time.
    """
    from invite_sdk.cli import profile_file

    columns = run.out.columns(_WRITTEN)
    kind = given.service_class(service, "--service")
    plain = {key: str(value) for key, value in (given.pairs(settings, "--set") or {}).items()}
    if url is not None and "url" in plain:
        raise typer.BadParameter("give the address once: by --url", param_hint="--set")
    if url is not None:
        plain["url"] = url
    chosen = credential or kind.secrets[0]
    if secret := next((key for key in plain if key in kind.secrets), None):
        raise typer.BadParameter(f"{secret} is a secret and no argument: it is asked for", param_hint="--set")
    if unknown := next((key for key in (*plain, chosen) if key not in kind.settings), None):
        raise typer.BadParameter(f"{service} has no setting {unknown!r}; there are {', '.join(kind.settings)}")
    parameters = inspect.signature(kind).parameters.values()
    needed = [one.name for one in parameters if one.default is one.empty and one.name in kind.settings]
    if missing := next((key for key in needed if key not in (*plain, chosen)), None):
        how = "--url" if missing == "url" else f"--set {missing}=..."
        raise typer.BadParameter(f"{service} needs its {missing}: give {how}")
    if from_env is not None and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", from_env) is None:
        # It is not repeated: it may be the secret itself.
        raise typer.BadParameter("must be the name of a variable, not its value", param_hint="--from-env")
    # What the file says begins at the file's folder, what is typed here.
    file = None if from_file is None else from_file if from_file.startswith("~") else str(Path(from_file).absolute())
    ways: dict[str, str | None] = {"env": from_env, "command": from_command, "file": file}
    places = {way: place for way, place in ways.items() if place is not None}
    if len(places) > 1:
        raise typer.BadParameter("give only one of --from-env, --from-command and --from-file")
    draft = profile_file.Draft()
    is_there, old = draft.has(name), draft.in_keyring(name)
    if is_there and not replace:
        raise typer.BadParameter(f"there is a profile {name!r} already: give another name, or --replace")
    # What is wrong is told now, and not when it is first used; all but the secret before anybody types that.
    _made(kind, {**plain, chosen: "a-secret"}, allow_http=allow_http)
    if not places and profile_file.is_kept(name, chosen) and chosen not in old and not replace:
        raise typer.BadParameter(
            f"the keyring has a {chosen} of a profile {name!r} already, of another file or of one that was removed by "
            "hand: give another name, or --replace"
        )
    typed = None if places else given.secret(chosen, f"INVITE_{service.upper()}_{chosen.upper()}")
    if typed is not None:
        _made(kind, {**plain, chosen: typed}, allow_http=allow_http)
    draft.put(name, {"service": service, **plain}, chosen, places or {"keyring": True})
    if default or not draft.others(name):
        draft.set_default(name)
    draft.check(name)
    with profile_file.kept(name, chosen, typed) if typed is not None else nullcontext():
        draft.write()
    for setting in old - ({chosen} if typed is not None else set()):
        profile_file.forget(name, setting)
    run.out.write([{"outcome": "replaced" if is_there else "added", "name": name, "path": str(draft.path)}], columns)
    if from_env is not None and not os.environ.get(from_env, "").strip():
        run.say(f"the variable {from_env} is not set here: set it where the profile is used")
    if file is not None and not Path(file).expanduser().is_file():
        run.say(f"there is no file {file} yet: put the secret there, for you only")


@command("invite profile remove acme", "invite profile remove acme --yes", asks=False)
def remove(run: Run, name: Name, yes: Yes = False) -> int:
    """Remove a profile, and its secrets from the system's keyring."""
    from invite_sdk import Profiles
    from invite_sdk.cli import profile_file

    columns = run.out.columns(_WRITTEN)
    chosen = Profiles.read().chosen(name)
    if not given.is_sure(f"Remove the profile {chosen}?", yes=yes):
        return given.declined()
    draft = profile_file.Draft()
    in_keyring = draft.in_keyring(chosen)
    draft.remove(chosen)
    draft.write()
    for setting in in_keyring:
        profile_file.forget(chosen, setting)
    run.out.write([{"outcome": "removed", "name": chosen, "path": str(draft.path)}], columns)
    return Code.DONE


@command("invite profile default", "invite profile default acme", asks=False)
def default(run: Run, name: OptionalName = None) -> None:
    """Say which profile is meant where none is named, or make another the one."""
    from invite_sdk import Profiles
    from invite_sdk.cli import profile_file

    columns = run.out.columns(_WRITTEN)
    profiles = Profiles.read()
    chosen = profiles.chosen(name)
    if name is not None:
        draft = profile_file.Draft()
        draft.set_default(chosen)
        draft.write()
    run.out.write([{"outcome": "default", "name": chosen, "path": str(profiles.path)}], columns)


for _name, _function in {
    "add": add,
    "list": list_profiles,
    "show": show,
    "check": check,
    "remove": remove,
    "default": default,
}.items():
    app.command(_name, cls=Command, epilog=vars(_function)["epilog"])(_function)


def _listed(profiles: Profiles) -> Iterator[dict[str, object]]:
    from invite_sdk import ConfigurationError

    for name in profiles.names:
        row: dict[str, object] = {"name": name, "default": name == profiles.default}
        try:
            profile = profiles.get(name)
            row["service"] = profile.service
            if any(_said(key, value)[0] not in (None, value) for key, value in profile.settings.items()):
                row["problem"] = "url must not hold credentials: they have settings of their own"
        except ConfigurationError as error:
            row["problem"] = in_words(error.message)
        yield row


def _checked(
    run: Run, profiles: Profiles, names: Sequence[str], codes: list[Code], allow_http: bool, deadline: float
) -> Iterator[dict[str, object]]:
    from invite_sdk import InviteClient, InviteError
    from invite_sdk.cli.probing import probe

    for name in names:
        row: dict[str, object] = {"name": name}
        try:
            row["service"] = profiles.get(name).service
            with InviteClient.from_profile(name, allow_http=allow_http) as client:
                read = probe(client, {"deadline": deadline})
            row["outcome"] = "ok" if read else "unknown"
            row["detail"] = None if read else "it answered; nothing there can be read with the credential"
            codes.append(Code.DONE)
        except InviteError as error:
            codes.append(code_of(error))
            run.tell_machines(error, name=name)
            row |= {"outcome": "failed", "detail": told(error)}
        yield row


def _said(key: str, value: object) -> tuple[str | None, str]:
    if not isinstance(value, str):
        return None, str(value)
    # A password may stand there that should not, with any signs in it.
    return (re.sub(r"^(\w+://)?.*@", r"\1***@", value) if key == "url" else value), "file"


def _made(kind: type[Connection], settings: dict[str, str], *, allow_http: bool) -> None:
    options: dict[str, Any] = {**settings, **({"allow_http": True} if allow_http else {})}
    kind(**options)
