"""invitations_list: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, query
from ...models.invitation_state import InvitationState
from ...models.paginated_invitation_list import PaginatedInvitationList
from ...models.role_enum import RoleEnum


def read(response: Response) -> PaginatedInvitationList:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return PaginatedInvitationList.model_validate_json(response.body)


def invitations_list(
    *,
    email: str | None = None,
    ordering: str | None = None,
    page: int | None = None,
    page_size: int | None = None,
    role: RoleEnum | str | None = None,
    state: InvitationState | str | None = None,
) -> Call[PaginatedInvitationList]:
    """List invitations.

    One page of the organization's invitations.

    Args:
        email: only invitations to this email.
        ordering: the field to sort by.
        page: the page, counted from 1.
        page_size: rows a page; the service chooses where it is not given.
        role: only invitations to this role.
        state: only invitations in this state.

    Returns:
        a call whose result is `PaginatedInvitationList`: one page in an envelope.
    """
    return Call(
        service="cloudtruth",
        operation="invitations_list",
        request=json_request(
            "GET",
            "/api/v1/invitations/",
            query=query(
                {
                    "email": email,
                    "ordering": ordering,
                    "page": page,
                    "page_size": page_size,
                    "role": role,
                    "state": state,
                }
            ),
        ),
        success=frozenset({200}),
        public=False,
        repeat="safe",
        reader=read,
    )
