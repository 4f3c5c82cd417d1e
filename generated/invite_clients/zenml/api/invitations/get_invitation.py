"""get_invitation: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.invitation import Invitation


def read(response: Response) -> Invitation:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return Invitation.model_validate_json(response.body)


def get_invitation(invitation_id: str) -> Call[Invitation]:
    """Get a pending invitation.

    One pending invitation to the caller.

    Args:
        invitation_id: the id of the invitation.

    Returns:
        a call whose result is `Invitation`: the invitation.

    Raises:
        ValueError: `invitation_id` could not be one segment of a path.
    """
    return Call(
        service="zenml",
        operation="get_invitation",
        request=json_request("GET", f"/invitations/{segment('invitation_id', invitation_id)}"),
        success=frozenset({200}),
        public=False,
        repeat="safe",
        reader=read,
    )
