"""validate_invite: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.invite_validation import InviteValidation


def read(response: Response) -> InviteValidation:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return InviteValidation.model_validate_json(response.body)


def validate_invite(invite_id: str) -> Call[InviteValidation]:
    """Validate an invite.

    Tell whether an invite is valid, and what it is for. Needs no session; nothing is changed.

    Args:
        invite_id: the key of the invite, the last part of the path of its link.

    Returns:
        a call whose result is `InviteValidation`: whether the invite is valid. An invalid one is a 200 too.

    Raises:
        ValueError: `invite_id` could not be one segment of a path.
    """
    return Call(
        service="enhance",
        operation="validate_invite",
        request=json_request("POST", f"/invites/{segment('invite_id', invite_id)}/validate"),
        success=frozenset({200}),
        public=True,
        repeat="safe",
        reader=read,
    )
