"""user_invitations_delete: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.detail import Detail


def read(response: Response) -> Detail | None:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    if not response.body.strip():
        return None
    return Detail.model_validate_json(response.body)


def user_invitations_delete(uuid: str) -> Call[Detail | None]:
    """Delete an invitation as staff.

    Remove an invitation whatever its state. Only staff may.

    Args:
        uuid: the id of the invitation, with or without dashes.

    Returns:
        a call whose result is `Detail | None`: done, with a message for people.

    Raises:
        ValueError: `uuid` could not be one segment of a path.
    """
    return Call(
        service="waldur",
        operation="user_invitations_delete",
        request=json_request("POST", f"/api/user-invitations/{segment('uuid', uuid)}/delete/"),
        success=frozenset({200}),
        public=False,
        repeat="idempotent",
        reader=read,
    )
