"""invitations_accept_create: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.invitation import Invitation


def read(response: Response) -> Invitation:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return Invitation.model_validate_json(response.body)


def invitations_accept_create(id: str) -> Call[Invitation]:
    """Accept an invitation.

    Join the organization. The login's email must be the invited one, so an API key is refused. A login token knows the
    new organization only once it is issued anew.

    Args:
        id: the id of the invitation.

    Returns:
        a call whose result is `Invitation`: the invitation, accepted.

    Raises:
        ValueError: `id` could not be one segment of a path.
    """
    return Call(
        service="cloudtruth",
        operation="invitations_accept_create",
        request=json_request("POST", f"/api/v1/invitations/{segment('id', id)}/accept/"),
        success=frozenset({200}),
        public=False,
        repeat="once",
        reader=read,
    )
