"""`python -m invite_sdk.testing serve waldur`: fake services on loopback, for programs in any language."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import cast

from invite_sdk.testing._fake import FakeService

SERVICES = ("waldur", "cloudtruth", "zenml", "enhance")

_SETTINGS = {
    "token": "TOKEN",
    "session": "SESSION",
    "api_key": "API_KEY",
    "jwt": "JWT",
    "org": "ORGANIZATION",
}
"""What a fake's user has that the SDK reads from a variable, with the end of its name."""

_NAMED = {"customers": "organization", "projects": "project", "roles": "role"}
"""What a fake's invitations name by UUID, and what that is called here."""

_LAST_WORDS = """
Paste an export line to let InviteClient.from_env(...) act as that service's first user.
Below /_fake/: credentials, state, reset, requests, outbox, effects, faults, clock. Ctrl-C stops."""


def main(arguments: Sequence[str] | None = None, *, wait: Callable[[], object] | None = None) -> int:
    """Runs the command until interrupted.

    Args:
        arguments: those of the process when left out.
        wait: returns when the servers should stop; on Ctrl-C when left out.

    Returns:
        The exit status.
    """
    options = _parser().parse_args(arguments)
    names = SERVICES if options.service == "all" else (options.service,)
    try:
        with ExitStack() as stack:
            for place, name in enumerate(names):
                fake = _build(name, options)
                port = options.port + place if options.port else 0
                url = stack.enter_context(fake.serve(port=port))
                print(_welcome(fake, url), flush=True)  # noqa: T201
            print(_LAST_WORDS, flush=True)  # noqa: T201
            (wait or threading.Event().wait)()
    except KeyboardInterrupt:
        return 0
    except (ImportError, OSError, ValueError) as error:
        print(f"cannot serve: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m invite_sdk.testing", description="Fake services to test against.")
    commands = parser.add_subparsers(required=True, metavar="command")
    serve = commands.add_parser("serve", help="serve one fake, or all four on four ports, on 127.0.0.1")
    serve.add_argument("service", choices=[*SERVICES, "all"])
    serve.add_argument("--port", type=int, default=0, help="the first port; free ones when left out")
    serve.add_argument("--seed", type=int, default=0, help="every id and credential follows from it")
    serve.add_argument(
        "--state", type=Path, help="a JSON file to start from, as GET /_fake/state gives it; by service name for all"
    )
    serve.add_argument("--waldur-version", choices=["7.0.7", "2025", "2026"], help="which Waldur")
    serve.add_argument("--cloudtruth-era", choices=["2021", "2025"], help="which CloudTruth")
    return parser


def _build(name: str, options: argparse.Namespace) -> FakeService:
    from invite_sdk import testing

    kinds = {
        "waldur": ("FakeWaldur", "version", options.waldur_version),
        "cloudtruth": ("FakeCloudTruth", "era", options.cloudtruth_era),
        "zenml": ("FakeZenML", "", None),
        "enhance": ("FakeEnhance", "", None),
    }
    kind, setting, value = kinds[name]
    build = cast("Callable[..., FakeService]", getattr(testing, kind))
    fake = build(seed=options.seed, **({setting: value} if value else {}))
    if options.state:
        state = json.loads(options.state.read_text(encoding="utf-8"))
        fake.load(state.get(name, state) if options.service == "all" else state)
        if value and getattr(fake, setting) != value:
            raise ValueError(f"the state is one of {name} {getattr(fake, setting)}: leave --{name}-{setting} out")
    return fake


def _welcome(fake: FakeService, url: str) -> str:
    lines = [f"{fake.service}  {url}"]
    width = max(map(len, fake.credentials), default=0)
    lines += [f"  {name:{width}}  {header}" for name, header in fake.credentials.items()]
    for attribute, word in _NAMED.items():
        records = cast("Mapping[str, object]", getattr(fake, attribute, {}))
        lines += [f"  {word} {key}  {getattr(record, 'uuid', '')}" for key, record in records.items()]
    users = cast("Mapping[str, object]", getattr(fake, "users", {}))
    if users:
        lines.append(_export(fake.service, url, next(iter(users.values()))))
    return "\n".join(lines)


def _export(service: str, url: str, user: object) -> str:
    """The variables with which `from_env` reaches a fake as one of its users, for a shell."""
    given = {"URL": url, **{name: getattr(user, field, None) for field, name in _SETTINGS.items()}}
    said = [f"INVITE_{service.upper()}_{name}={shlex.quote(value)}" for name, value in given.items() if value]
    return f"export {' '.join(said)}"


if __name__ == "__main__":
    sys.exit(main())
