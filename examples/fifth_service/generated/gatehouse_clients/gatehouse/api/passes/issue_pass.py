"""issue_pass: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request
from ...models.new_pass import NewPass
from ...models.pass_ import Pass


def read(response: Response) -> Pass:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return Pass.model_validate_json(response.body)


def issue_pass(*, body: NewPass) -> Call[Pass]:
    """Issue a pass.

    Mail a guest a new pass. A second one for the same guest is another pass.

    Args:
        body: a pass to issue.

    Returns:
        a call whose result is `Pass`: the new pass.
    """
    return Call(
        service="gatehouse",
        operation="issue_pass",
        request=json_request("POST", "/v2/passes", body=body),
        success=frozenset({201}),
        public=False,
        repeat="once",
        reader=read,
    )
