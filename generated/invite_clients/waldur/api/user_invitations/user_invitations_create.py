"""user_invitations_create: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request
from ...models.invitation import Invitation
from ...models.invitation_request import InvitationRequest


def read(response: Response) -> Invitation:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return Invitation.model_validate_json(response.body)


def user_invitations_create(*, body: InvitationRequest) -> Call[Invitation]:
    """Create an invitation.

    Invite an email address to a role in a scope; the mail is queued. The new invitation is pending, requested where
    only staff may invite, or project where the project starts later. Servers before 2026 make a second invitation for
    the same email, role and scope.

    Args:
        body: an invitation to create. Null is refused in every field.

    Returns:
        a call whose result is `Invitation`: the new invitation.
    """
    return Call(
        service="waldur",
        operation="user_invitations_create",
        request=json_request("POST", "/api/user-invitations/", body=body),
        success=frozenset({201}),
        public=False,
        repeat="once",
        reader=read,
    )
