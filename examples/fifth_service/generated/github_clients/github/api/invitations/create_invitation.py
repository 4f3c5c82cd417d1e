"""create_invitation: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, query, segment
from ...models.new_invitation import NewInvitation
from ...models.organization_invitation import OrganizationInvitation


def read(response: Response) -> OrganizationInvitation:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return OrganizationInvitation.model_validate_json(response.body)


def create_invitation(org: str, *, body: NewInvitation) -> Call[OrganizationInvitation]:
    """Invite somebody.

    By address or as a user of GitHub. The invitation fails when nobody accepts it within seven days.

    Args:
        org: the organization's login, in any case.
        body: whom to invite, by one of address and id.

    Returns:
        a call whose result is `OrganizationInvitation`: the invitation.

    Raises:
        ValueError: `org` could not be one segment of a path.
    """
    return Call(
        service="github",
        operation="create_invitation",
        request=json_request(
            "POST",
            f"/orgs/{segment('org', org)}/invitations",
            headers=query({"X-GitHub-Api-Version": "2022-11-28"}),
            body=body,
        ),
        success=frozenset({201}),
        public=False,
        repeat="once",
        reader=read,
    )
