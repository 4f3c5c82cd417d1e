"""Takes back what is open for somebody who leaves, on several services at once, and tells what is left to do by hand.

    python examples/offboard.py waldur cloudtruth ana@example.com
    python examples/offboard.py waldur cloudtruth ana@example.com --yes

Without `--yes` nothing is written: it shows what would be taken back. The connections come from `INVITE_<SERVICE>_*`
variables. It exits with 0 when nothing is open any more, or would be, and with 1 when a service did not answer as
asked, whose part has to be seen to. Whoever has accepted is a member, which no invitation can undo.
"""

from __future__ import annotations

import sys

from invite_sdk import Hub, InviteError

USAGE = "usage: python examples/offboard.py SERVICE... EMAIL [--yes]"


def main(services: list[str], email: str, *, dry_run: bool) -> int:
    try:
        with Hub.from_env(*services) as hub:
            result = hub.offboard(email, dry_run=dry_run)
    except InviteError as error:
        print(error, file=sys.stderr)
        return 2
    print(result)
    for invitation in result.invitations:
        print("would be taken back:" if dry_run else "taken back:", invitation)
    for invitation in result.left:
        print("see to it by hand:", invitation)
    return 0 if result.ok else 1


if __name__ == "__main__":
    *services, email = [argument for argument in sys.argv[1:] if argument != "--yes"] or [""]
    if not services:
        print(USAGE, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(services, email, dry_run="--yes" not in sys.argv))
