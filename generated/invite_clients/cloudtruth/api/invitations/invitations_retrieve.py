"""invitations_retrieve: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.invitation import Invitation


def read(response: Response) -> Invitation:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return Invitation.model_validate_json(response.body)


def invitations_retrieve(id: str) -> Call[Invitation]:
    """Get an invitation.

    One invitation by its id.

    Args:
        id: the id of the invitation.

    Returns:
        a call whose result is `Invitation`: the invitation.

    Raises:
        ValueError: `id` could not be one segment of a path.
    """
    return Call(
        service="cloudtruth",
        operation="invitations_retrieve",
        request=json_request("GET", f"/api/v1/invitations/{segment('id', id)}/"),
        success=frozenset({200}),
        public=False,
        repeat="safe",
        reader=read,
    )
