"""user_invitations_update: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.invitation_update import InvitationUpdate
from ...models.invitation_update_request import InvitationUpdateRequest


def read(response: Response) -> InvitationUpdate:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return InvitationUpdate.model_validate_json(response.body)


def user_invitations_update(uuid: str, *, body: InvitationUpdateRequest) -> Call[InvitationUpdate]:
    """Replace email and role.

    Set the email, and the role within the same scope, of an open invitation. Since release 7.9.2.

    Args:
        uuid: the id of the invitation, with or without dashes.
        body: new email and role of an invitation.

    Returns:
        a call whose result is `InvitationUpdate`: the two fields that can change, not the invitation.

    Raises:
        ValueError: `uuid` could not be one segment of a path.
    """
    return Call(
        service="waldur",
        operation="user_invitations_update",
        request=json_request("PUT", f"/api/user-invitations/{segment('uuid', uuid)}/", body=body),
        success=frozenset({200}),
        public=False,
        repeat="idempotent",
        reader=read,
    )
