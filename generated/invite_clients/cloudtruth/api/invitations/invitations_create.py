"""invitations_create: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request
from ...models.invitation import Invitation
from ...models.invitation_create import InvitationCreate


def read(response: Response) -> Invitation:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return Invitation.model_validate_json(response.body)


def invitations_create(*, body: InvitationCreate) -> Call[Invitation]:
    """Create an invitation.

    Invite an email address to a role in the organization; the mail is queued.

    Args:
        body: an invitation to create.

    Returns:
        a call whose result is `Invitation`: the new invitation.
    """
    return Call(
        service="cloudtruth",
        operation="invitations_create",
        request=json_request("POST", "/api/v1/invitations/", body=body),
        success=frozenset({201}),
        public=False,
        repeat="once",
        reader=read,
    )
