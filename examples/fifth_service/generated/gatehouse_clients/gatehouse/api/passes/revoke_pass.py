"""revoke_pass: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment


def read(response: Response) -> None:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return None


def revoke_pass(pass_id: str) -> Call[None]:
    """Revoke a pass.

    Take back a pass that was not used yet.

    Args:
        pass_id: the id of the pass.

    Returns:
        a call whose result is `None`: revoked.

    Raises:
        ValueError: `pass_id` could not be one segment of a path.
    """
    return Call(
        service="gatehouse",
        operation="revoke_pass",
        request=json_request("POST", f"/v2/passes/{segment('pass_id', pass_id)}/revoke"),
        success=frozenset({204}),
        public=False,
        repeat="idempotent",
        reader=read,
    )
