"""list_pending_invitations: its request, and how its answer is read."""

from functools import cache

from ...._runtime import Call, Response, json_request, query, segment
from ...._wire import ADAPTER_CONFIG, TypeAdapter
from ...models.list_pending_invitations_invitation_source import ListPendingInvitationsInvitationSource
from ...models.list_pending_invitations_role import ListPendingInvitationsRole
from ...models.organization_invitation import OrganizationInvitation


@cache
def _adapter() -> TypeAdapter[list[OrganizationInvitation]]:
    return TypeAdapter(list[OrganizationInvitation], config=ADAPTER_CONFIG)


def read(response: Response) -> list[OrganizationInvitation]:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return _adapter().validate_json(response.body)


def list_pending_invitations(
    org: str,
    *,
    role: ListPendingInvitationsRole | str | None = None,
    invitation_source: ListPendingInvitationsInvitationSource | str | None = None,
    per_page: int | None = None,
    page: int | None = None,
) -> Call[list[OrganizationInvitation]]:
    """List the invitations that wait for an answer.

    Args:
        org: the organization's login, in any case.
        role: only invitations with this role.
        invitation_source: only invitations of members, or of the identity provider.
        per_page: rows a page, 30 by default and 100 at the most.
        page: the page, counted from 1. A page past the end is empty.

    Returns:
        a call whose result is `list[OrganizationInvitation]`: one page.

    Raises:
        ValueError: `org` could not be one segment of a path.
    """
    return Call(
        service="github",
        operation="list_pending_invitations",
        request=json_request(
            "GET",
            f"/orgs/{segment('org', org)}/invitations",
            query=query({"role": role, "invitation_source": invitation_source, "per_page": per_page, "page": page}),
            headers=query({"X-GitHub-Api-Version": "2022-11-28"}),
        ),
        success=frozenset({200}),
        public=False,
        repeat="safe",
        reader=read,
    )
