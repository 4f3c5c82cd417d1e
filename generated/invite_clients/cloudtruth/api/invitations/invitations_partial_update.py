"""invitations_partial_update: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.invitation import Invitation
from ...models.patched_invitation import PatchedInvitation


def read(response: Response) -> Invitation:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return Invitation.model_validate_json(response.body)


def invitations_partial_update(id: str, *, body: PatchedInvitation | None = None) -> Call[Invitation]:
    """Change an invitation.

    Change the email or role of an invitation.

    Args:
        id: the id of the invitation.
        body: what to change of an invitation; only email and role count.

    Returns:
        a call whose result is `Invitation`: the invitation as it is now.

    Raises:
        ValueError: `id` could not be one segment of a path.
    """
    return Call(
        service="cloudtruth",
        operation="invitations_partial_update",
        request=json_request("PATCH", f"/api/v1/invitations/{segment('id', id)}/", body=body),
        success=frozenset({200}),
        public=False,
        repeat="idempotent",
        reader=read,
    )
