"""What is installed as `invite`."""

from __future__ import annotations

import codecs
import json
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from invite_sdk.cli.codes import Code

_NOT_INSTALLED = "error: the command line is an extra of its own: install 'invite-sdk[cli]'"


def main() -> NoReturn:
    """Runs the command with the arguments of the process, and ends it with a code of `Code`."""
    signal.signal(signal.SIGTERM, _terminated)
    _open_closed()
    if os.environ.get("_INVITE_COMPLETE", "").startswith("complete_"):
        # Whatever fails at a tab, the line that is typed stays as it is.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    codecs.register_error("invite-json", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            # A service's text may be in any script, and a terminal may know ASCII only.
            reconfigure(errors="invite-json")
    try:
        _run()
    except KeyboardInterrupt:
        code: int | str | None = Code.INTERRUPTED
    except SystemExit as end:
        code = end.code
    sys.exit(_flushed(code))


def _run() -> NoReturn:
    try:
        from invite_sdk.cli.app import app
    except ModuleNotFoundError as error:
        if error.name != "typer":
            raise
        print(_NOT_INSTALLED, file=sys.stderr)
        sys.exit(Code.CONFIGURATION)
    app(prog_name="invite")
    sys.exit(Code.DONE)


def _open_closed() -> None:
    """Makes empty streams of those that were closed: nothing comes in, and what goes out is lost."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - for the whole process


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """What a stream cannot encode, as JSON escapes it: so JSON remains JSON."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def _flushed(code: int | str | None) -> int | str | None:
    """The code, when all that was said has gone out, or its reader has; on a full disk it failed."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            # Else the interpreter tries once more while it ends, and complains.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            if not isinstance(error, BrokenPipeError) and not code:
                print(f"error: stdout cannot be written: {error.strerror or error}", file=sys.stderr)
                code = Code.FAILED
    return code


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(Code.TERMINATED)
