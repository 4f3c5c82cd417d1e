"""user_invitations_details_retrieve: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.visible_invitation_details import VisibleInvitationDetails


def read(response: Response) -> VisibleInvitationDetails:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return VisibleInvitationDetails.model_validate_json(response.body)


def user_invitations_details_retrieve(uuid: str) -> Call[VisibleInvitationDetails]:
    """Show an invitation to its invitee.

    What an invitee may see before accepting. A login is needed. Answered as missing where the civil number is not the
    caller's, and for a stranger on some servers once the invitation is settled.

    Args:
        uuid: the id of the invitation, with or without dashes.

    Returns:
        a call whose result is `VisibleInvitationDetails`: the visible part of the invitation.

    Raises:
        ValueError: `uuid` could not be one segment of a path.
    """
    return Call(
        service="waldur",
        operation="user_invitations_details_retrieve",
        request=json_request("GET", f"/api/user-invitations/{segment('uuid', uuid)}/details/"),
        success=frozenset({200}),
        public=False,
        repeat="safe",
        reader=read,
    )
