"""invitations_destroy: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment


def read(response: Response) -> None:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return None


def invitations_destroy(id: str) -> Call[None]:
    """Delete an invitation.

    Remove an invitation, which also withdraws it.

    Args:
        id: the id of the invitation.

    Returns:
        a call whose result is `None`: deleted.

    Raises:
        ValueError: `id` could not be one segment of a path.
    """
    return Call(
        service="cloudtruth",
        operation="invitations_destroy",
        request=json_request("DELETE", f"/api/v1/invitations/{segment('id', id)}/"),
        success=frozenset({204}),
        public=False,
        repeat="idempotent",
        reader=read,
    )
