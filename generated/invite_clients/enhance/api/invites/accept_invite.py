"""accept_invite: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.accept_invite_body import AcceptInviteBody


def read(response: Response) -> None:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return None


def accept_invite(invite_id: str, *, body: AcceptInviteBody | None = None) -> Call[None]:
    """Accept an invite.

    Join the organization. A new user sets a password, a known one proves theirs, and the invitee's own session needs
    neither. The session of anyone else is refused.

    Args:
        invite_id: the key of the invite, the last part of the path of its link.
        body: how an invitee without a session accepts.

    Returns:
        a call whose result is `None`: accepted, without a body.

    Raises:
        ValueError: `invite_id` could not be one segment of a path.
    """
    return Call(
        service="enhance",
        operation="accept_invite",
        request=json_request("POST", f"/invites/{segment('invite_id', invite_id)}", body=body),
        success=frozenset({200}),
        public=True,
        repeat="once",
        reader=read,
    )
