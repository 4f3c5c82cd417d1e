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

from invite_clients._times import utc_now
from invite_sdk.testing.base.dump import require_known
from invite_sdk.testing.fake import FakeService
from invite_sdk.testing.installed import BUILT_IN, fake_class, fake_names

SERVICES = tuple(BUILT_IN)
_AGES = {"waldur": "version", "cloudtruth": "era"}
"""What says the age of a service, where it has several."""

_NAMED = {"customers": "organization", "projects": "project", "roles": "role"}
"""What can be granted on a fake and where, and what that is called here."""

_NOT_INSTALLED = 3
"""How it ends without its extra, as `invite` ends where a setting is missing."""

_PASTE = "\nPaste an export line to let InviteClient.from_env(...) act as that service's first user."
_LAST_WORDS = """
Below /_fake/: credentials, state, reset, requests, outbox, effects, faults, clock, do. Ctrl-C stops."""


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def main(arguments: Sequence[str] | None = None, *, wait: Callable[[], object] | None = None) -> int:
    """Runs the command until interrupted.

    Args:
        arguments: those of the process when left out.
        wait: returns when the servers should stop; on Ctrl-C when left out.

    Returns:
        The exit status.
    """
    # A state may name its users in any script, and a terminal may know ASCII only.
    if (reconfigure := getattr(sys.stdout, "reconfigure", None)) is not None:
        reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    options.service = SERVICES if options.service == ["all"] else tuple(dict.fromkeys(options.service))
    names: tuple[str, ...] = options.service
    paste = False
    try:
        with ExitStack() as stack:
            for place, name in enumerate(names):
                fake = _build(name, options)
                port = options.port + place if options.port else 0
                url = stack.enter_context(fake.serve(port=port, control_hosts=options.control_host))
                print(said := _welcome(fake, url), flush=True)  # noqa: T201
                paste = paste or "\nexport " in said
            print(_PASTE * paste + _LAST_WORDS, flush=True)  # noqa: T201
            (wait or threading.Event().wait)()
    except KeyboardInterrupt:
        return 0
    except (ImportError, OSError, TypeError, ValueError) as error:
        print(f"cannot serve: {error}", file=sys.stderr)  # noqa: T201
        return _NOT_INSTALLED if isinstance(error, ImportError) else 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m invite_sdk.testing", description="Fake services to test against.")
    commands = parser.add_subparsers(required=True, metavar="command")
    serve = commands.add_parser("serve", help="serve one fake, or several on a port each, on 127.0.0.1")
    serve.add_argument(
        "service",
        nargs="+",
        metavar="NAME",
        help=f"of {', '.join(fake_names())} one or several; package.module:FakeClass; or all, which are the first four",
    )
    serve.add_argument("--port", type=_port, default=0, help="the first port; free ones when left out")
    serve.add_argument("--seed", type=int, help="every id and credential follows from it; 0 when left out")
    serve.add_argument(
        "--state", type=Path, help="a JSON file to start from, as GET /_fake/state gives it; by name for several"
    )
    serve.add_argument(
        "--now",
        action="store_true",
        help="move every time of the state, so that its clock shows the time of this machine",
    )
    serve.add_argument("--waldur-version", choices=["7.0.7", "2025", "2026"], help="which Waldur")
    serve.add_argument("--cloudtruth-era", choices=["2021", "2025"], help="which CloudTruth")
    serve.add_argument(
        "--control-host",
        action="append",
        default=[],
        metavar="HOST",
        help="a further name by which /_fake/ may be reached, beside localhost, 127.0.0.0/8 and [::1]",
    )
    return parser


def _build(name: str, options: argparse.Namespace) -> FakeService:
    build = fake_class(name)
    age = _AGES.get(name)
    chosen: object = getattr(options, f"{name}_{age}") if age else None
    given = {"seed": options.seed, **({age: chosen} if age else {})}
    fake = build(**{setting: value for setting, value in given.items() if value is not None})
    if options.state:
        fake.load(_state(options.state, name, options.service), at=utc_now() if options.now else None)
        if age and chosen and getattr(fake, age) != chosen:
            raise ValueError(f"the state is one of {name} {getattr(fake, age)}: leave --{name}-{age} out")
    return fake


def _state(path: Path, service: str, served: Sequence[str]) -> Mapping[str, object]:
    """The state in a file in any of the encodings of JSON; of several, which a file has by name, empty without one."""
    try:
        state: object = json.loads(path.read_bytes())
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON: {error}") from None
    is_one = len(served) == 1
    if isinstance(state, dict) and not is_one:
        several = cast("dict[str, object]", state)
        require_known(several, served)
        state = several.get(service, {})
    if not isinstance(state, dict):
        raise ValueError(f"{path} holds no JSON object{'' if is_one else f' for {service}'}")
    return cast("dict[str, object]", state)


def _welcome(fake: FakeService, url: str) -> str:
    lines = [f"{fake.service}  {url}"]
    width = max(map(len, fake.credentials), default=0)
    lines += [f"  {name:{width}}  {header}" for name, header in fake.credentials.items()]
    for attribute, word in _NAMED.items():
        records = cast("Mapping[str, object]", getattr(fake, attribute, {}))
        lines += [f"  {word} {getattr(record, 'name', key)}{_owner(fake, record)}" for key, record in records.items()]
    users = cast("Mapping[str, object]", getattr(fake, "users", {}))
    user = next(iter(users.values()), fake)
    settings = {name: str(value) for name in fake.connects_with if (value := getattr(user, name, None))}
    if settings:
        lines.append(_export(fake.service, {"url": url, **settings}))
    return "\n".join(lines)


def _owner(fake: FakeService, record: object) -> str:
    """Which organization a project is of: two may have the same name."""
    uuid = getattr(record, "customer", None)
    customers = cast("Mapping[str, object]", getattr(fake, "customers", {})).values()
    found = [getattr(each, "name", "") for each in customers if uuid is not None and getattr(each, "uuid", "") == uuid]
    return f" of {found[0]}" if found else ""


def _export(service: str, settings: Mapping[str, str]) -> str:
    """The variables with which `from_env` reaches a fake as the first of its users, for a shell."""
    said = [f"{f'INVITE_{service}_{name}'.upper()}={shlex.quote(value)}" for name, value in settings.items()]
    return f"export {' '.join(said)}"


if __name__ == "__main__":
    sys.exit(main())
