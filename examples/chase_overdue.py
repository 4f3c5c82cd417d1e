"""Sends overdue invitations again, and tells whose mail could not be delivered.

    python examples/chase_overdue.py waldur

Run it once, by hand: services do not say when they mailed last, so each run mails everybody again who is overdue.
For every night take a list with a journal, which knows it: examples/roster.py.

The connection comes from `INVITE_<SERVICE>_*` variables.
"""

from __future__ import annotations

import sys

from invite_sdk import Delivery, InvalidStateError, InviteClient


def main(service: str) -> None:
    with InviteClient.from_env(service) as client:
        # Writing while the list is being read is fine: every invitation is met once.
        for invitation in client.list(status="pending"):
            if invitation.delivery is Delivery.FAILED:
                print(f"{invitation.email}: not delivered: {invitation.delivery_detail}")
            elif invitation.is_overdue:
                try:
                    client.resend(invitation)
                except InvalidStateError:
                    print(f"{invitation.email}: answered in the meantime")
                else:
                    print(f"{invitation.email}: sent again")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("usage: python examples/chase_overdue.py SERVICE", file=sys.stderr)
        sys.exit(2)
    main(*sys.argv[1:])
