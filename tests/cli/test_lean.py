"""What is not needed is not loaded: help and version are as quick as typer."""

from __future__ import annotations

import pytest

from invite_sdk.cli.app import COMMANDS
from invite_sdk.cli.reading import EVERYTHING
from invite_sdk.services import OPERATIONS
from tests.performance.test_imports import below, loaded_after

HEAVY = (
    "anyio",
    "httpx",
    "invite_clients",
    "invite_sdk._clients",
    "invite_sdk._flows",
    "invite_sdk._http",
    "invite_sdk._model",
    "invite_sdk.hub",
    "invite_sdk.roster",
    "invite_sdk.services",
    "invite_sdk.testing",
    "keyring",
    "platformdirs",
    "pydantic",
    "rich",
    "tomlkit",
)


BARE = """
import contextlib, io, sys, typer
app = typer.Typer(add_completion=False, rich_markup_mode=None)
@app.callback()
def group(version: bool = False) -> None: ...
@app.command()
def one() -> None: ...
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    app(["one", "--help"])
"""
"""The help of a command that does nothing: newer versions of typer load pydantic for it, and none for a group's."""


@pytest.fixture(scope="module")
def typers() -> dict[bool, frozenset[str]]:
    """What typer loads by itself: for nothing, and for a command."""
    return {False: loaded_after("import typer"), True: loaded_after(BARE)}


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["list", "--help"], ["apply", "--help"], ["nope"]])
def test_what_asks_no_service_loads_neither_a_client_nor_rich(
    arguments: list[str], typers: dict[bool, frozenset[str]]
) -> None:
    loaded = loaded_after(
        "import contextlib, io, sys\n"
        f"sys.argv = ['invite', *{arguments!r}]\n"
        "from invite_sdk.cli.main import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n    main()"
    )

    assert "invite_sdk.cli.app" in loaded
    assert below(loaded - typers["-" not in arguments[0]], HEAVY) == set()


def test_the_help_of_all_commands_loads_none_of_them() -> None:
    loaded = loaded_after(
        "import contextlib, io, sys\n"
        "sys.argv = ['invite', '--help']\n"
        "from invite_sdk.cli.main import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n    main()"
    )

    assert not loaded & {f"invite_sdk.cli.{entry.home.partition(':')[0]}" for entry in COMMANDS.values()}


def test_every_operation_of_the_sdk_is_a_command() -> None:
    assert set(OPERATIONS) <= set(COMMANDS)


def test_the_fields_are_those_of_an_invitation() -> None:
    from invite_sdk import Invitation, Status

    assert tuple(Invitation(service="waldur", id="1", status=Status.PENDING).to_dict()) == EVERYTHING
