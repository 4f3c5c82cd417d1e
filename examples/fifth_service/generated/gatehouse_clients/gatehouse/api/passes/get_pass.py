"""get_pass: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.pass_ import Pass


def read(response: Response) -> Pass:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return Pass.model_validate_json(response.body)


def get_pass(pass_id: str) -> Call[Pass]:
    """Get a pass.

    One pass by its id.

    Args:
        pass_id: the id of the pass.

    Returns:
        a call whose result is `Pass`: the pass.

    Raises:
        ValueError: `pass_id` could not be one segment of a path.
    """
    return Call(
        service="gatehouse",
        operation="get_pass",
        request=json_request("GET", f"/v2/passes/{segment('pass_id', pass_id)}"),
        success=frozenset({200}),
        public=False,
        repeat="safe",
        reader=read,
    )
