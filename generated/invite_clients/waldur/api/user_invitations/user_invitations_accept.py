"""user_invitations_accept: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.detail import Detail


def read(response: Response) -> Detail | None:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    if not response.body.strip():
        return None
    return Detail.model_validate_json(response.body)


def user_invitations_accept(uuid: str) -> Call[Detail | None]:
    """Accept an invitation.

    Give the caller the role of a pending invitation. An invitation in any other state is answered as missing, and so is
    one for another civil number.

    Args:
        uuid: the id of the invitation, with or without dashes.

    Returns:
        a call whose result is `Detail | None`: done, with a message for people.

    Raises:
        ValueError: `uuid` could not be one segment of a path.
    """
    return Call(
        service="waldur",
        operation="user_invitations_accept",
        request=json_request("POST", f"/api/user-invitations/{segment('uuid', uuid)}/accept/"),
        success=frozenset({200}),
        public=False,
        repeat="once",
        reader=read,
    )
