"""Invites everybody in a CSV file who is not invited yet.

    python examples/invite_csv.py waldur people.csv

The file's first line names its columns: `email` and `role`, and where the service takes them `organization` and `name`.
The connection comes from `INVITE_<SERVICE>_*` variables. Running it again invites nobody twice.

It exits with 0 when everybody is invited, and with 1 when a row failed. It stops with 2 where no other row can work:
wrong arguments or columns, wrong credentials, or a server that cannot be reached.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from invite_sdk import AuthenticationError, ConnectError, InviteClient, InviteError

USAGE = "usage: python examples/invite_csv.py SERVICE FILE.csv"


def main(service: str, path: str) -> int:
    failed = 0
    with InviteClient.from_env(service) as client, Path(path).open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        missing = {"email", "role"} - set(rows.fieldnames or ())
        if missing:
            print(f"{path} has no column {' and no column '.join(sorted(missing))}; {USAGE}", file=sys.stderr)
            return 2
        for row in rows:
            try:
                result = client.ensure(
                    row["email"],
                    role=row["role"],
                    organization=row.get("organization") or None,
                    name=row.get("name") or None,
                )
            except (AuthenticationError, ConnectError) as error:
                # Every other row would fail in the same way.
                print(f"stopped at {row['email']}: {error}", file=sys.stderr)
                return 2
            except InviteError as error:
                failed += 1
                print(f"{row['email']}: {error}", file=sys.stderr)
            else:
                print(f"{row['email']}: {'invited' if result.created else 'was invited already'}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(USAGE, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
