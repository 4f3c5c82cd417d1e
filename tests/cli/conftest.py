"""The command as a process, in a pipe and in a terminal, and in this process, against fakes that are served."""

from __future__ import annotations

import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path
from select import select
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import pytest
from typer.testing import CliRunner

from invite_sdk.cli.app import app
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeService, FakeWaldur, FakeZenML

COMMAND = [sys.executable, "-m", "invite_sdk.cli"]
FAKES: dict[str, type[FakeService]] = {
    "waldur": FakeWaldur,
    "cloudtruth": FakeCloudTruth,
    "zenml": FakeZenML,
    "enhance": FakeEnhance,
}


class Done(NamedTuple):
    """How a command has ended, and what it said."""

    code: int
    out: str
    err: str


@dataclass
class Ground:
    """Fakes that are served, and commands that are run against them."""

    home: Path
    fakes: dict[str, Any]
    variables: dict[str, str]

    def __getitem__(self, service: str) -> Any:
        return self.fakes[service]

    def run(self, *arguments: str, stdin: str = "", variables: Mapping[str, str] | None = None) -> Done:
        """In this process, into a pipe: quick, where a process adds nothing."""
        environment = {name: None for name in os.environ if name.startswith("INVITE_")}
        done = CliRunner().invoke(
            app,
            list(arguments),
            input=stdin,
            env={**environment, **self.environment(variables)},
            prog_name="invite",
        )
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    def process(self, *arguments: str, stdin: str = "", variables: Mapping[str, str] | None = None) -> Done:
        """As a process, in a pipe."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            env=self.environment(variables),
            timeout=60,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A process that still runs, in pipes."""
        pipe = subprocess.PIPE
        with subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            encoding="utf-8",
            env=self.environment(),
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def terminal(
        self, *arguments: str, typed: str = "", columns: int = 200, variables: Mapping[str, str] | None = None
    ) -> Done:
        """As a process in a terminal, which shows both what is said and what is typed."""
        ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={"TERM": "xterm-256color", "COLUMNS": str(columns), **self.environment(variables)},
            start_new_session=True,
        )
        os.close(theirs)
        said = b""
        with os.fdopen(ours, "r+b", buffering=0) as screen:
            while select([screen], [], [], 60)[0]:
                try:
                    piece = screen.read(65_536)
                except OSError:  # nobody has the terminal any more
                    break
                if not piece:
                    break
                said += piece
                if typed and said.endswith(b": "):
                    # Only now: who asks for a secret forgets what was typed before.
                    screen.write(typed.encode())
                    typed = ""
            else:
                process.kill()
        return Done(process.wait(60), said.decode().replace("\r\n", "\n"), "")

    def environment(self, variables: Mapping[str, str] | None = None) -> dict[str, str]:
        settings = self.variables if variables is None else {**self.variables, **variables}
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "PYTHONDONTWRITEBYTECODE": "1",
            **{name: value for name, value in settings.items() if value},
        }


def post(url: str) -> None:
    with urlopen(Request(url, method="POST")):
        pass


def settings_of(fake: FakeService, url: str) -> dict[str, str]:
    """The variables by which a fake is reached as its first user."""
    user = next(iter(getattr(fake, "users", {}).values()), fake)
    settings = {name: value for name in fake.connects_with if (value := getattr(user, name, None))}
    return {f"INVITE_{fake.service}_{name}".upper(): str(value) for name, value in {"url": url, **settings}.items()}


@pytest.fixture(scope="session")
def served() -> Iterator[dict[str, tuple[Any, dict[str, str]]]]:
    """All four fakes, each with the variables that lead to it."""
    with ExitStack() as stack:
        fakes = {service: kind() for service, kind in FAKES.items()}
        yield {name: (fake, settings_of(fake, stack.enter_context(fake.serve()))) for name, fake in fakes.items()}


@pytest.fixture
def ground(request: pytest.FixtureRequest, served: dict[str, tuple[Any, dict[str, str]]], tmp_path: Path) -> Ground:
    """Waldur, or the services that a test names by `@pytest.mark.parametrize("ground", [...], indirect=True)`."""
    services: tuple[str, ...] = getattr(request, "param", ("waldur",))
    for service in services:
        post(served[service][1][f"INVITE_{service.upper()}_URL"] + "/_fake/reset")
    variables = {name: value for service in services for name, value in served[service][1].items()}
    return Ground(tmp_path, {service: served[service][0] for service in services}, variables)
