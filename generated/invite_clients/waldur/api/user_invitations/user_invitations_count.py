"""user_invitations_count: its request, and how its answer is read."""

from collections.abc import Sequence

from ...._runtime import Call, Response, comma, json_request, query, read_count
from ...models.invitation_order import InvitationOrder
from ...models.invitation_state import InvitationState
from ...models.scope_type import ScopeType


def read(response: Response) -> int | None:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return read_count(response, "X-Result-Count")


def user_invitations_count(
    *,
    civil_number: str | None = None,
    customer_uuid: str | None = None,
    email: str | None = None,
    email_exact: str | None = None,
    o: InvitationOrder | str | Sequence[InvitationOrder | str] | None = None,
    page: int | None = None,
    page_size: int | None = None,
    role_name: str | None = None,
    role_uuid: str | None = None,
    scope: str | None = None,
    scope_description: str | None = None,
    scope_name: str | None = None,
    scope_type: ScopeType | str | None = None,
    state: InvitationState | str | Sequence[InvitationState | str] | None = None,
) -> Call[int | None]:
    """Count invitations.

    The headers of the list without its rows; X-Result-Count holds the number of matching invitations.

    Args:
        civil_number: only invitations for this civil number.
        customer_uuid: only invitations into this organization and what belongs to it.
        email: only invitations whose email contains this text, in any case.
        email_exact: only invitations to exactly this email, in any case. Older servers ignore it.
        o: sort by these fields in turn, a minus sign for descending; several are joined with commas.
        page: the page, counted from 1. A page past the end is answered 404.
        page_size: rows a page, 10 by default. More than 300 is quietly taken as 300.
        role_name: only invitations to the role of exactly this name, such as PROJECT.ADMIN.
        role_uuid: only invitations to this role.
        scope: only invitations into the scope with this API URL.
        scope_description: only invitations whose scope's description contains this text, in any case. Older servers
            ignore it.
        scope_name: only invitations whose scope's name contains this text, in any case. Older servers ignore it.
        scope_type: only invitations into scopes of this type. A word that the server does not know is answered 500.
        state: only invitations in one of these states; the key is repeated.

    Returns:
        a call whose result is `int | None`: the count, in a header.
    """
    return Call(
        service="waldur",
        operation="user_invitations_count",
        request=json_request(
            "HEAD",
            "/api/user-invitations/",
            query=query(
                {
                    "civil_number": civil_number,
                    "customer_uuid": customer_uuid,
                    "email": email,
                    "email_exact": email_exact,
                    "o": comma(o),
                    "page": page,
                    "page_size": page_size,
                    "role_name": role_name,
                    "role_uuid": role_uuid,
                    "scope": scope,
                    "scope_description": scope_description,
                    "scope_name": scope_name,
                    "scope_type": scope_type,
                    "state": state,
                }
            ),
        ),
        success=frozenset({200}),
        public=False,
        repeat="safe",
        reader=read,
    )
