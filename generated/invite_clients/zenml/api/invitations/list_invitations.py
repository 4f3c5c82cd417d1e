"""list_invitations: its request, and how its answer is read."""

from functools import cache

from ...._runtime import Call, Response, json_request
from ...._wire import ADAPTER_CONFIG, TypeAdapter
from ...models.invitation import Invitation


@cache
def _adapter() -> TypeAdapter[list[Invitation]]:
    return TypeAdapter(list[Invitation], config=ADAPTER_CONFIG)


def read(response: Response) -> list[Invitation]:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return _adapter().validate_json(response.body)


def list_invitations() -> Call[list[Invitation]]:
    """List one's own pending invitations.

    All pending invitations to the caller, on one page. Those to others never show.

    Returns:
        a call whose result is `list[Invitation]`: the invitations, as a bare array.
    """
    return Call(
        service="zenml",
        operation="list_invitations",
        request=json_request("GET", "/invitations"),
        success=frozenset({200}),
        public=False,
        repeat="safe",
        reader=read,
    )
