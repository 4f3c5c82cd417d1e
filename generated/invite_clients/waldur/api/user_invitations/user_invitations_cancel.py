"""user_invitations_cancel: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.detail import Detail


def read(response: Response) -> Detail | None:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    if not response.body.strip():
        return None
    return Detail.model_validate_json(response.body)


def user_invitations_cancel(uuid: str) -> Call[Detail | None]:
    """Cancel an invitation.

    Withdraw an invitation that is pending or waits for its project; any other state is refused.

    Args:
        uuid: the id of the invitation, with or without dashes.

    Returns:
        a call whose result is `Detail | None`: done, with a message for people.

    Raises:
        ValueError: `uuid` could not be one segment of a path.
    """
    return Call(
        service="waldur",
        operation="user_invitations_cancel",
        request=json_request("POST", f"/api/user-invitations/{segment('uuid', uuid)}/cancel/"),
        success=frozenset({200}),
        public=False,
        repeat="idempotent",
        reader=read,
    )
