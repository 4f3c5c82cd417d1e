"""list_failed_invitations: its request, and how its answer is read."""

from functools import cache

from ...._runtime import Call, Response, json_request, query, segment
from ...._wire import ADAPTER_CONFIG, TypeAdapter
from ...models.organization_invitation import OrganizationInvitation


@cache
def _adapter() -> TypeAdapter[list[OrganizationInvitation]]:
    return TypeAdapter(list[OrganizationInvitation], config=ADAPTER_CONFIG)


def read(response: Response) -> list[OrganizationInvitation]:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return _adapter().validate_json(response.body)


def list_failed_invitations(
    org: str, *, per_page: int | None = None, page: int | None = None
) -> Call[list[OrganizationInvitation]]:
    """List the invitations that failed.

    Args:
        org: the organization's login, in any case.
        per_page: rows a page, 30 by default and 100 at the most.
        page: the page, counted from 1. A page past the end is empty.

    Returns:
        a call whose result is `list[OrganizationInvitation]`: one page.

    Raises:
        ValueError: `org` could not be one segment of a path.
    """
    return Call(
        service="github",
        operation="list_failed_invitations",
        request=json_request(
            "GET",
            f"/orgs/{segment('org', org)}/failed_invitations",
            query=query({"per_page": per_page, "page": page}),
            headers=query({"X-GitHub-Api-Version": "2022-11-28"}),
        ),
        success=frozenset({200}),
        public=False,
        repeat="safe",
        reader=read,
    )
