"""create_invite: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, read_text, segment
from ...models.new_invite import NewInvite


def read(response: Response) -> str | None:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return read_text(response)


def create_invite(org_id: str, *, body: NewInvite) -> Call[str | None]:
    """Create an invite.

    Invite an email address to roles in an organization. Inviting the same address again mails again, under a new key;
    one that is a member already is refused. Needs SuperAdmin there or in a parent organization.

    Args:
        org_id: the id of the organization.
        body: an invite to create.

    Returns:
        a call whose result is `str | None`: the invite's link, or its key.

    Raises:
        ValueError: `org_id` could not be one segment of a path.
    """
    return Call(
        service="enhance",
        operation="create_invite",
        request=json_request("POST", f"/orgs/{segment('org_id', org_id)}/invites", body=body),
        success=frozenset({201}),
        public=False,
        repeat="once",
        reader=read,
    )
