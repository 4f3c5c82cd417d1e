"""user_invitations_approve: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request
from ...models.detail import Detail
from ...models.token_request import TokenRequest


def read(response: Response) -> Detail | None:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    if not response.body.strip():
        return None
    return Detail.model_validate_json(response.body)


def user_invitations_approve(*, body: TokenRequest) -> Call[Detail | None]:
    """Approve a requested invitation.

    Let a requested invitation become pending. The signed token from the mail to staff stands in for a login and works
    once.

    Args:
        body: the proof that a staff member answers a request.

    Returns:
        a call whose result is `Detail | None`: done, with a message for people.
    """
    return Call(
        service="waldur",
        operation="user_invitations_approve",
        request=json_request("POST", "/api/user-invitations/approve/", body=body),
        success=frozenset({200}),
        public=True,
        repeat="once",
        reader=read,
    )
