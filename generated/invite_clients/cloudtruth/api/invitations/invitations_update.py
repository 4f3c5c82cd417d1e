"""invitations_update: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.invitation import Invitation
from ...models.invitation_request import InvitationRequest


def read(response: Response) -> Invitation:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return Invitation.model_validate_json(response.body)


def invitations_update(id: str, *, body: InvitationRequest) -> Call[Invitation]:
    """Replace an invitation.

    Set the email and role of an invitation. A whole record may be sent back; all else in it is ignored.

    Args:
        id: the id of the invitation.
        body: an invitation to put in place of another; only email and role count.

    Returns:
        a call whose result is `Invitation`: the invitation as it is now.

    Raises:
        ValueError: `id` could not be one segment of a path.
    """
    return Call(
        service="cloudtruth",
        operation="invitations_update",
        request=json_request("PUT", f"/api/v1/invitations/{segment('id', id)}/", body=body),
        success=frozenset({200}),
        public=False,
        repeat="idempotent",
        reader=read,
    )
