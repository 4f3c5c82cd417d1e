"""Invites everybody in a CSV file who is not invited yet and has not accepted an invitation.

    python examples/invite_csv.py waldur people.csv

The file's first line names its columns: `email` and `role`, and where the service takes them `organization`, `project`
and `name`. On Waldur roles, organizations and projects are written as they are called there, such as PROJECT.ADMIN and
Apollo; where two projects have the same name, `organization` tells which is meant. A name that means none or several is
refused, and nobody is invited by that row. The file is in UTF-8, as Excel saves "CSV UTF-8", with commas or semicolons.
The connection comes from `INVITE_<SERVICE>_*` variables. It can run every night: whoever was invited, or has accepted
since, is not invited again. Whose invitation was canceled or rejected, or has expired, is.

It exits with 0 when everybody is invited or has accepted, and with 1 when a row failed. It stops with 2 where no other
row can work: wrong arguments, a file that cannot be read, wrong credentials, or a server that cannot be reached.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from invite_sdk import AuthenticationError, ConnectError, EnsureResult, InviteClient, InviteError, Scope, Status

USAGE = "usage: python examples/invite_csv.py SERVICE FILE.csv"


def read(path: str) -> list[dict[str, str]]:
    """The rows, by the names of their columns in small letters.

    Raises:
        ValueError: the file cannot be used; the text says why.
    """
    try:
        # Excel begins its files with a byte order mark.
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f'{path} is not in UTF-8; in Excel, save it as "CSV UTF-8"') from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    first = text.partition("\n")[0]
    try:
        table = list(csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ","))
    except csv.Error as error:
        raise ValueError(f"{path} is no CSV file: {error}") from None
    header = [name.strip().lower() for name in table[0]] if table else []
    if missing := {"email", "role"} - set(header):
        raise ValueError(f"{path} has no column {' and no column '.join(sorted(missing))}; {USAGE}")
    return [dict(zip(header, [cell.strip() for cell in row], strict=False)) for row in table[1:] if any(row)]


def said(result: EnsureResult) -> str:
    """What became of one row."""
    if result.created:
        return "invited"
    return "has accepted already" if result.invitation.status is Status.ACCEPTED else "was invited already"


def main(service: str, path: str) -> int:
    try:
        rows = read(path)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    failed = 0
    with InviteClient.from_env(service) as client:
        for row in rows:
            email, organization, project = row["email"], row.get("organization") or None, row.get("project")
            try:
                result = client.ensure(
                    email,
                    role=row.get("role", ""),
                    organization=None if project else organization,
                    scope=Scope("project", project, organization) if project else None,
                    name=row.get("name") or None,
                )
            except (AuthenticationError, ConnectError) as error:
                # Every other row would fail in the same way.
                print(f"stopped at {email}: {error}", file=sys.stderr)
                return 2
            except InviteError as error:
                failed += 1
                print(f"{email}: {error}", file=sys.stderr)
            else:
                print(f"{email}: {said(result)}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(USAGE, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
