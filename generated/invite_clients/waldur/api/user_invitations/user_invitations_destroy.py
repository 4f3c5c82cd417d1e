"""user_invitations_destroy: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.detail import Detail


def read(response: Response) -> Detail | None:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    if response.status == 204:
        return None
    if not response.body.strip():
        return None
    return Detail.model_validate_json(response.body)


def user_invitations_destroy(uuid: str) -> Call[Detail | None]:
    """Delete an invitation.

    Remove an invitation whatever its state, also an accepted one. On 7.0.7 only staff may.

    Args:
        uuid: the id of the invitation, with or without dashes.

    Returns:
        a call whose result is `Detail | None`: done, with a message for people.

    Raises:
        ValueError: `uuid` could not be one segment of a path.
    """
    return Call(
        service="waldur",
        operation="user_invitations_destroy",
        request=json_request("DELETE", f"/api/user-invitations/{segment('uuid', uuid)}/"),
        success=frozenset({200, 204}),
        public=False,
        repeat="idempotent",
        reader=read,
    )
