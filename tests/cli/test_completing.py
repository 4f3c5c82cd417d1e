"""What a shell completes: quick, quiet, and without running what the user did not."""

from __future__ import annotations

import pytest

from invite_sdk.testing import Fault
from tests.cli.conftest import Done, Ground

SHELLS = ("bash", "zsh", "fish")


def completed(ground: Ground, line: str, shell: str = "bash", **variables: str) -> Done:
    """What is offered for the last word of a line."""
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    others = {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    return ground.process(variables={"_INVITE_COMPLETE": f"complete_{shell}", **words, **others, **variables})


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("invite lis", "list"),
        ("invite list --status pe", "pending"),
        ("invite list --service wal", "waldur"),
        ("invite create ana@example.com --role PROJECT.A", "PROJECT.ADMIN"),
        ("invite create ana@example.com --scope-type project --scope Ap", "Apollo"),
        ("invite create ana@example.com --scope-type cu", "customer"),
    ],
)
def test_each_shell_completes(shell: str, line: str, offered: str, ground: Ground) -> None:
    done = completed(ground, line, shell)

    assert (done.code, done.err) == (0, "")
    assert offered in done.out


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script(shell: str, ground: Ground) -> None:
    done = ground.process(variables={"_INVITE_COMPLETE": f"source_{shell}"})

    assert (done.code, done.err) == (0, "")
    assert f"_INVITE_COMPLETE=complete_{shell}" in done.out


def test_a_service_that_fails_is_passed_over_in_silence(ground: Ground) -> None:
    ground["waldur"].faults.plan(Fault.status(503), times=None)

    done = completed(ground, "invite list --role P")

    assert (done.out.strip(), done.err) == ("", "")
    assert len(ground["waldur"].requests) == 1


@pytest.mark.parametrize("line", ["invite list --role P", "invite list --scope-type project --scope A"])
def test_a_command_for_a_secret_is_not_run_at_a_tab(line: str, ground: Ground) -> None:
    ran, file = ground.home / "ran", ground.home / "config.toml"
    url = ground.variables["INVITE_WALDUR_URL"]
    file.touch(mode=0o600)
    file.write_text(
        f"default = 'acme'\n[profiles.acme]\nservice = 'waldur'\nurl = '{url}'\ntoken = {{ command = 'touch {ran}' }}\n"
        "[profiles.wrong]\nservice = 'nothing'\n"
    )

    ground.variables = {"INVITE_CONFIG": str(file)}
    for more in ("", " --profile acme", " --profile wrong", " --profile nowhere"):
        words = line.split(" ")
        done = completed(ground, " ".join((*words[:2], *more.split(), *words[2:])))
        assert (done.out.strip(), done.err) == ("", "")
    assert not ran.exists()
    assert not ground["waldur"].requests
    assert completed(ground, "invite list --profile ac").out.split() == ["acme"]
