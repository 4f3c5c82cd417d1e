"""Builds the site into build/site, where every warning is an error, and may serve it on loopback then."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# All pages are read anew each time, since a page that was read before gives no warning again.
SPHINX = "-m sphinx -E -W --keep-going -n -q -j 2 -d build/doctrees docs build/site"
SERVER = "-m http.server --bind 127.0.0.1 --directory build/site"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/docs", description=__doc__, usage="scripts/docs [--serve [PORT]]")
    parser.add_argument("--serve", nargs="?", const=8000, type=port, metavar="PORT", help="8000 when left out")
    served: int | None = parser.parse_args().serve
    os.chdir(ROOT)
    if built := subprocess.run([sys.executable, *SPHINX.split()], check=False).returncode:
        return built
    print("The site is in build/site: open build/site/index.html.", flush=True)
    if served is not None:
        os.execv(sys.executable, [sys.executable, *SERVER.split(), str(served)])
    return 0


def port(text: str) -> int:
    """A port that a server can have: it is looked for before the build, which takes minutes."""
    if not (text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"a port is a number up to 65535, not {text!r}")
    try:
        socket.create_server(("127.0.0.1", int(text))).close()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"port {text} cannot be served: {error.strerror}") from None
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
