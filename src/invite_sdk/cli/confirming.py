"""The rows that tell what was written, or in a dry run what would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invite_sdk.cli.reading import EVERYTHING, INVITATION

if TYPE_CHECKING:
    from invite_sdk import Invitation, InviteClient
    from invite_sdk.cli.running import Run

WRITTEN = ("outcome", *INVITATION, "detail")
"""What is shown of a write unless asked otherwise."""
ALL_WRITTEN = ("outcome", *EVERYTHING, "detail")

_IN_PART = "the service confirmed it, and the record could not be read in full"
_FINAL_ALREADY = "it is {status} already, and the service would refuse this"


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


def planned(run: Run, operation: str, invitation: Invitation) -> dict[str, object]:
    """What would become of one in a dry run; `refused` is in the outcome where it is known to be in the wrong state."""
    if operation == "resend":
        fits = invitation.is_resendable
    else:
        fits = operation == "delete" or not invitation.is_final
    detail = "" if fits else _FINAL_ALREADY.format(status=invitation.status)
    return confirmed(run, f"would {operation}" if fits else "would be refused", invitation, detail)


def refuse_unsupported(client: InviteClient, operation: str, invitation_id: str) -> None:
    """Has the SDK refuse in its own words, unsent, what the service cannot do: for a dry run, which does not ask it.

    Raises:
        UnsupportedOperationError: the service has no such operation.
    """
    if not client.supports(operation):
        getattr(client, operation)(invitation_id)
