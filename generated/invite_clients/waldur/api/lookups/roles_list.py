"""roles_list: its request, and how its answer is read."""

from collections.abc import Sequence
from functools import cache

from ...._runtime import Call, Response, json_request, query
from ...._wire import ADAPTER_CONFIG, TypeAdapter
from ...models.role import Role


@cache
def _adapter() -> TypeAdapter[list[Role]]:
    return TypeAdapter(list[Role], config=ADAPTER_CONFIG)


def read(response: Response) -> list[Role]:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return _adapter().validate_json(response.body)


def roles_list(
    *,
    field: str | Sequence[str] | None = None,
    is_active: bool | None = None,
    name: str | None = None,
    page: int | None = None,
    page_size: int | None = None,
) -> Call[list[Role]]:
    """List roles.

    One page of the roles, by name. Servers of 2024 ignore every filter but `is_active`, and `field`.

    Args:
        field: only these fields of each row.
        is_active: only roles that can be granted, or only those that cannot.
        name: only those whose name contains this text, in any case.
        page: the page, counted from 1. A page past the end is answered 404.
        page_size: rows a page, 10 by default. More than 300 is quietly taken as 300.

    Returns:
        a call whose result is `list[Role]`: one page, as a bare array.
    """
    return Call(
        service="waldur",
        operation="roles_list",
        request=json_request(
            "GET",
            "/api/roles/",
            query=query({"field": field, "is_active": is_active, "name": name, "page": page, "page_size": page_size}),
        ),
        success=frozenset({200}),
        public=False,
        repeat="safe",
        reader=read,
    )
