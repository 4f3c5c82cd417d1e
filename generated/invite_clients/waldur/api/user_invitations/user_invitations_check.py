"""user_invitations_check: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.invitation_check import InvitationCheck


def read(response: Response) -> InvitationCheck:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return InvitationCheck.model_validate_json(response.body)


def user_invitations_check(uuid: str) -> Call[InvitationCheck]:
    """Check an invitation.

    Tell whether an invitation is pending, and for which email. Needs no login; nothing is changed.

    Args:
        uuid: the id of the invitation, with or without dashes.

    Returns:
        a call whose result is `InvitationCheck`: the invitation is pending.

    Raises:
        ValueError: `uuid` could not be one segment of a path.
    """
    return Call(
        service="waldur",
        operation="user_invitations_check",
        request=json_request("POST", f"/api/user-invitations/{segment('uuid', uuid)}/check/"),
        success=frozenset({200}),
        public=True,
        repeat="safe",
        reader=read,
    )
