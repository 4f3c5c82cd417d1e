"""The rows that tell what was written, or in a dry run what would be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from invite_sdk.cli.reading import EVERYTHING, INVITATION

if TYPE_CHECKING:
    from invite_sdk import Invitation, InviteClient
    from invite_sdk.cli.running import Run

WRITTEN = ("outcome", *INVITATION, "detail")
"""What is shown of a write unless asked otherwise."""
ALL_WRITTEN = ("outcome", *EVERYTHING, "detail")

KEYS_MASKED = (
    "invite keys are masked, and the service tells them only once; they are in the mails as well. --show-keys, from "
    "the start, shows them"
)
_IN_PART = "the service confirmed it, and the record could not be read in full"
_FINAL_ALREADY = "it is {status} already, and the service would refuse this"
_NOT_FROM_ID = "the service cannot mail it again from its id: 'create' for the same address does, with a new key"


def confirmed(run: Run, outcome: str, invitation: Invitation, detail: str = "") -> dict[str, object]:
    """What became of an invitation.

    Args:
        run: the run.
        outcome: what was done.
        invitation: as it is now.
        detail: what else there is to say.
    """
    detail = detail or (_IN_PART if invitation.partial else "")
    return {"outcome": outcome, **run.row(invitation), "detail": detail or None}


def hint_at_key(run: Run, client: InviteClient, made: Invitation, columns: Sequence[str]) -> None:
    """Says that a new key was masked where nobody can ask for it again.

    Args:
        run: the run.
        client: which made it.
        made: the invitation as it came, unmasked.
        columns: what is shown of it.
    """
    if client.supports("list") or not {"id", "url"} & set(columns):
        return
    if run.key(client.service, made.id) != made.id:
        run.say(KEYS_MASKED)


def hint_at_nothing(run: Run, client: InviteClient, made: Invitation, email: str) -> None:
    """Says how to look where a service confirmed an invitation and sent nothing about it.

    Args:
        run: the run.
        client: which made it.
        made: the invitation as it came.
        email: whom it is for.
    """
    if made.id is None and made.partial:
        look = f"by 'invite list --email {email}'" if client.supports("list", "email") else "in the service itself"
        run.say(f"the service confirmed it, and sent nothing about it: look {look} whether it is there")


def planned(run: Run, operation: str, invitation: Invitation) -> dict[str, object]:
    """What would become of one in a dry run; `refused` is in the outcome where it is known to be in the wrong state."""
    if operation == "resend":
        fits = invitation.is_resendable
    else:
        fits = operation == "delete" or not invitation.is_final
    refused = _NOT_FROM_ID if invitation.status == "pending" else _FINAL_ALREADY.format(status=invitation.status)
    detail = "" if fits else refused
    return confirmed(run, f"would {operation}" if fits else "would be refused", invitation, detail)


def refuse_unsupported(client: InviteClient, operation: str, invitation_id: str) -> None:
    """Has the SDK refuse in its own words, unsent, what the service cannot do: for a dry run, which does not ask it.

    Raises:
        UnsupportedOperationError: the service has no such operation.
    """
    if not client.supports(operation):
        getattr(client, operation)(invitation_id)
