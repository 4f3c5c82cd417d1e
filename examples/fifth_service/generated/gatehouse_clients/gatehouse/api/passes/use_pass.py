"""use_pass: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, segment
from ...models.pass_ import Pass


def read(response: Response) -> Pass:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return Pass.model_validate_json(response.body)


def use_pass(pass_id: str) -> Call[Pass]:
    """Use a pass.

    Enter with a pass, as its guest. One that cannot be used is answered as missing.

    Args:
        pass_id: the id of the pass.

    Returns:
        a call whose result is `Pass`: the pass, used.

    Raises:
        ValueError: `pass_id` could not be one segment of a path.
    """
    return Call(
        service="gatehouse",
        operation="use_pass",
        request=json_request("POST", f"/v2/passes/{segment('pass_id', pass_id)}/use"),
        success=frozenset({200}),
        public=False,
        repeat="once",
        reader=read,
    )
