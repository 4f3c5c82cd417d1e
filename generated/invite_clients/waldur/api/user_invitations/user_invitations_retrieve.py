"""user_invitations_retrieve: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.invitation import Invitation


def read(response: Response) -> Invitation:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return Invitation.model_validate_json(response.body)


def user_invitations_retrieve(uuid: str) -> Call[Invitation]:
    """Get an invitation.

    One invitation by its id. What the caller may not see is answered as missing.

    Args:
        uuid: the id of the invitation, with or without dashes.

    Returns:
        a call whose result is `Invitation`: the invitation.

    Raises:
        ValueError: `uuid` could not be one segment of a path.
    """
    return Call(
        service="waldur",
        operation="user_invitations_retrieve",
        request=json_request("GET", f"/api/user-invitations/{segment('uuid', uuid)}/"),
        success=frozenset({200}),
        public=False,
        repeat="safe",
        reader=read,
    )
