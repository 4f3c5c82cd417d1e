"""Makes a list of people true: invites who is not invited, mails again who has expired, and changes roles.

    python examples/roster.py SERVICE people.csv [--apply]

Without `--apply` it only says what it would do. The columns of the file are told in docs/roster.md. The connection
comes from `INVITE_<SERVICE>_*` variables. Beside the list it keeps people.csv.journal, so that it can run every night,
and be killed at any moment: nobody is invited twice. What became of each line is in people.csv.report.csv.

It exits with 0 when everybody is as the list says, with 1 when some are not, and with 2 where nothing could be done:
wrong arguments, a list with mistakes, wrong credentials.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from invite_sdk import InviteClient, InviteError, Policy, Roster

USAGE = "usage: python examples/roster.py SERVICE FILE [--apply]"


def main(service: str, path: str, *, apply: bool) -> int:
    journal = f"{path}.journal"
    try:
        roster = Roster.read(path)
        with InviteClient.from_env(service) as client:
            # The list may have been changed since the last night; what the journal knows of people holds all the same.
            plan = roster.plan(client, Policy(chase_after=timedelta(days=7)), journal=journal, changed_list=True)
            print(plan)
            if not apply:
                return 0
            report = roster.apply(plan, journal=journal, changed_list=True)
    except InviteError as error:
        print(error, file=sys.stderr)
        return 2
    report.to_csv(f"{path}.report.csv")
    print(report)
    return 0 if report.ok else 1


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or sys.argv[3:] not in ([], ["--apply"]):
        print(USAGE, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:3], apply=sys.argv[3:] == ["--apply"]))
