"""cancel_invitation: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, query, segment


def read(response: Response) -> None:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return None


def cancel_invitation(org: str, invitation_id: int) -> Call[None]:
    """Take an invitation back.

    Args:
        org: the organization's login, in any case.
        invitation_id: the invitation's id.

    Returns:
        a call whose result is `None`: there is no such invitation any more.

    Raises:
        ValueError: `org` or `invitation_id` could not be one segment of a path.
    """
    return Call(
        service="github",
        operation="cancel_invitation",
        request=json_request(
            "DELETE",
            f"/orgs/{segment('org', org)}/invitations/{segment('invitation_id', str(invitation_id))}",
            headers=query({"X-GitHub-Api-Version": "2022-11-28"}),
        ),
        success=frozenset({204}),
        public=False,
        repeat="idempotent",
        reader=read,
    )
