"""The command that serves fakes of the services on this machine: serve-fakes."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Literal

import typer

from invite_sdk.cli.running import Run, command


@command(
    "invite serve-fakes waldur",
    "invite serve-fakes waldur cloudtruth",
    "invite serve-fakes --port 8000 --seed 7",
    asks=False,
)
def serve_fakes(
    run: Run,  # noqa: ARG001 - as every command
    services: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SERVICE]...", help="Services, package.module:FakeClass, or all for our four; all unless given."
        ),
    ] = None,
    port: Annotated[
        int,
        typer.Option(
            "--port",
            metavar="PORT",
            min=0,
            max=65_535,
            show_default=False,
            help="The first port; free ones unless given.",
        ),
    ] = 0,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="NUMBER", help="Every id and credential follows from it; 0 unless given."),
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(
            "--state", metavar="FILE", help="A JSON file to start from, as /_fake/state gives it; by name for several."
        ),
    ] = None,
    now: Annotated[
        bool,
        typer.Option("--now", help="Move every time of the state, so that its clock shows the time of this machine."),
    ] = False,
    waldur_version: Annotated[
        Literal["7.0.7", "2025", "2026"] | None,
        typer.Option("--waldur-version", metavar="7.0.7|2025|2026", help="Which Waldur."),
    ] = None,
    cloudtruth_era: Annotated[
        Literal["2021", "2025"] | None, typer.Option("--cloudtruth-era", metavar="2021|2025", help="Which CloudTruth.")
    ] = None,
    control_host: Annotated[
        list[str] | None,
        typer.Option("--control-host", metavar="HOST", help="A further name by which /_fake/ may be reached."),
    ] = None,
) -> int:
    """Serve fakes of the services on this machine, to try things on, until Ctrl-C.

    It prints the variables that make 'invite' use them: paste such a line into another shell. It needs an extra:

    pip install 'invite-sdk[testing]'
    """
    named = {
        "--port": str(port),
        "--seed": None if seed is None else str(seed),
        "--state": state,
        "--waldur-version": waldur_version,
        "--cloudtruth-era": cloudtruth_era,
    }
    options = [word for name, value in named.items() if value is not None for word in (name, value)]
    options += ["--now"] * now
    hosts = [word for host in control_host or () for word in ("--control-host", host)]
    # By its name: nothing that is shipped for users may need the fakes.
    serving = import_module("invite_sdk.testing.__main__")
    known = ("all", *serving.fake_names())
    if unknown := next((name for name in services or () if name not in known and ":" not in name), None):
        raise typer.BadParameter(f"there is no fake {unknown!r}; there are {', '.join(known)}", param_hint="SERVICE")
    return int(serving.main(["serve", *options, *hosts, "--", *(services or ["all"])]))
