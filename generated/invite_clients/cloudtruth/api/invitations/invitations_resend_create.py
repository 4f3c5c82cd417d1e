"""invitations_resend_create: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.invitation import Invitation


def read(response: Response) -> Invitation:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return Invitation.model_validate_json(response.body)


def invitations_resend_create(id: str) -> Call[Invitation]:
    """Resend an invitation.

    Mail an invitation again; its state goes back to pending until the mail is on its way.

    Args:
        id: the id of the invitation.

    Returns:
        a call whose result is `Invitation`: the invitation, queued again.

    Raises:
        ValueError: `id` could not be one segment of a path.
    """
    return Call(
        service="cloudtruth",
        operation="invitations_resend_create",
        request=json_request("POST", f"/api/v1/invitations/{segment('id', id)}/resend/"),
        success=frozenset({200}),
        public=False,
        repeat="once",
        reader=read,
    )
