"""respond_to_invitation: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, query, read_text, segment


def read(response: Response) -> str | None:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return read_text(response)


def respond_to_invitation(invitation_id: str, *, accept: bool) -> Call[str | None]:
    """Accept or decline an invitation.

    Answer a pending invitation to the caller. Once answered it is gone; with trusted domains a login may also have
    answered it already.

    Args:
        invitation_id: the id of the invitation.
        accept: true to accept, false to decline.

    Returns:
        a call whose result is `str | None`: the id of the organization joined, or null where the invitation was
            declined.

    Raises:
        ValueError: `invitation_id` could not be one segment of a path.
    """
    return Call(
        service="zenml",
        operation="respond_to_invitation",
        request=json_request(
            "POST", f"/invitations/{segment('invitation_id', invitation_id)}", query=query({"accept": accept})
        ),
        success=frozenset({200}),
        public=False,
        repeat="once",
        reader=read,
    )
