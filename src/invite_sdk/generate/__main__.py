"""`python -m invite_sdk.generate`: makes clients from OpenAPI documents, or says what of them is stale or edited.

Each document needs a file of the same name in the folder `config` beside it, with what openapi-python-client is to be
told, at least `package_name_override: NAME`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """Runs the command. Returns its exit status: 1 where a check found differences or nothing could be generated."""
    parser = argparse.ArgumentParser(prog="python -m invite_sdk.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; name what is stale and exit with 1")
    parser.add_argument("--openapi", type=Path, required=True, metavar="DIR", help="where the documents are")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="where the package of clients goes")
    parser.add_argument("--package", required=True, metavar="NAME", help="the name of the package")
    arguments = parser.parse_args()
    try:
        from invite_sdk.generate import document, making, output
    except ModuleNotFoundError as error:
        print(f"{error.name} is missing; the extra brings it: pip install 'invite-sdk[authors]'", file=sys.stderr)
        return 1
    try:
        with tempfile.TemporaryDirectory() as scratch:
            fresh = Path(scratch) / "generated"
            making.generate(arguments.openapi, fresh, arguments.package)
            if not arguments.check:
                output.put(fresh, arguments.output)
                return 0
            found = output.differences(fresh, arguments.output)
    except (document.SpecificationError, output.OutputError) as error:
        print(f"cannot generate: {error}", file=sys.stderr)
        return 1
    for line in found:
        print(line)
    if found:
        told = f"{arguments.output} is not what {arguments.openapi} makes; generate it again, without --check"
        print(told, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
