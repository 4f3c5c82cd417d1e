"""list_passes: its request, and how its answer is read."""

from ...._runtime import Call, Response, json_request, query
from ...models.pass_page import PassPage
from ...models.pass_state import PassState


def read(response: Response) -> PassPage:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return PassPage.model_validate_json(response.body)


def list_passes(
    *, state: PassState | str | None = None, page: int | None = None, page_size: int | None = None
) -> Call[PassPage]:
    """List passes.

    One page of the passes that the caller issued, oldest first.

    Args:
        state: only passes in this state.
        page: the page, counted from 1. A page past the end is empty.
        page_size: rows a page, 20 by default and 100 at the most.

    Returns:
        a call whose result is `PassPage`: one page in an envelope.
    """
    return Call(
        service="gatehouse",
        operation="list_passes",
        request=json_request("GET", "/v2/passes", query=query({"state": state, "page": page, "page_size": page_size})),
        success=frozenset({200}),
        public=False,
        repeat="safe",
        reader=read,
    )
